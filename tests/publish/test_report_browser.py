"""The report in a real browser: it opens from disk, plays, fits a phone, and prints."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clearway.publish.report import render_report

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM} (Debian package chromium)")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, tmp_path):
    """Opens a case's report from disk; after the test, nothing may have gone wrong in it and nothing been asked for."""
    contexts, troubles = [], []

    def open_case(case, **options):
        path = tmp_path / "report.html"
        path.write_text(render_report(*case), encoding="utf-8")
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
        asked = path.as_uri()
        page.on("request", lambda request: request.url.startswith((asked, "data:")) or troubles.append(request.url))
        page.goto(asked)
        return page

    yield open_case
    for context in contexts:
        context.close()
    assert troubles == []


def wait_until(page, condition):
    """The page's policy forbids `eval`, and with it playwright's own waiting."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never came true: {condition}")


PIXELS = "(clearway.report.map.paint(), clearway.report.map.canvas.toDataURL())"


def test_the_slider_moves_the_flows(open_page, clearance_case):
    page = open_page(clearance_case)
    slider = page.locator("#time")
    slider.fill("700")
    first, now = page.evaluate(PIXELS), page.locator("#now").inner_text()
    assert now == "Wednesday 08:11:40"
    slider.fill("3400")
    assert page.evaluate(PIXELS) != first
    # at 700 s 0.5 veh/s enter Mill Road and have filled the bridge's first step; 0.1 veh/s have entered the dam
    flows = page.evaluate("[700, 3400].map((seconds) => clearway.flowAt(seconds))")
    assert flows[0]["roads"] == 4
    assert flows[1]["roads"] == 1  # only Camp Road, which is 600 s long and entered at 0.6 veh/s until 3,000 s
    assert flows[1]["vehicles_per_hour"] == pytest.approx(0.6 * 180 / 600 * 3600, rel=0.02)
    assert "on the road" in page.locator("#tally").inner_text()


def test_play_moves_time_and_stops(open_page, clearance_case):
    page = open_page(clearance_case)
    page.evaluate("clearway.show(0)")
    page.get_by_role("button", name="Play").click()
    wait_until(page, "clearway.report.seconds > 60")
    page.get_by_role("button", name="Pause").click()
    stopped = page.evaluate("clearway.report.seconds")
    page.wait_for_timeout(80)
    assert page.evaluate("clearway.report.seconds") == stopped


def test_a_road_under_the_pointer_tells_its_flow(open_page, clearance_case):
    page = open_page(clearance_case)
    page.locator("#time").fill("1500")
    x, y = page.evaluate("""() => {
        const map = clearway.report.map;
        const [first, last] = [map.start[1], map.start[2] - 2];
        const middle = (axis) => (map.points[2 * first + axis] + map.points[2 * last + axis]) / 2;
        return [(middle(0) - map.x) * map.scale, (middle(1) - map.y) * map.scale];
    }""")
    page.locator("#canvas").hover(position={"x": x, "y": y})
    words = page.locator("#tip").inner_text()
    assert "Blue bridge" in words
    assert "1,800 vehicles an hour now, of 1,800 it may carry" in words
    assert "limits the plan from Wednesday 08:10:00 to Wednesday 08:45:00: 90 % of the cut" in words


def test_keys_move_the_map(open_page, clearance_case):
    page = open_page(clearance_case)
    page.locator("#canvas").focus()
    before = page.evaluate("clearway.report.map.scale")
    page.keyboard.press("+")
    assert page.evaluate("clearway.report.map.scale") > before
    page.keyboard.press("0")
    assert page.evaluate("clearway.report.map.scale") == before


def test_a_lost_crossing_is_closed_on_the_map(open_page, evacuated_case):
    page = open_page(evacuated_case)
    assert page.evaluate("[1700, 1900].map((s) => clearway.report.map.factorAt(1, 0, s))") == [1, 0]


def test_a_phone_scrolls_only_down(open_page, evacuated_case):
    page = open_page(evacuated_case, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate("document.getElementById('canvas').getBoundingClientRect().width") > 280


def test_dark_is_dark_and_light_is_light(open_page, clearance_case):
    backs = []
    for scheme in ("light", "dark"):
        page = open_page(clearance_case, color_scheme=scheme)
        backs.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        corner = page.evaluate("""() => {
            clearway.report.map.paint();
            return [...clearway.report.map.context.getImageData(1, 1, 1, 1).data];
        }""")
        assert (sum(corner[:3]) > 600) == (scheme == "light")
    assert backs == ["rgb(255, 255, 255)", "rgb(16, 22, 28)"]


def test_it_prints(open_page, clearance_case):
    page = open_page(clearance_case, color_scheme="dark")
    before = page.evaluate("clearway.report.map.width")
    document = page.pdf(prefer_css_page_size=True)
    assert document.startswith(b"%PDF")
    assert len(document) > 20_000
    wait_until(page, "!clearway.report.printing")
    assert page.evaluate("clearway.report.map.width") == before


def test_it_reads_without_scripts(open_page, clearance_case):
    page = open_page(clearance_case, java_script_enabled=False)
    assert "2,340 of 2,500 people" in page.locator("h1").inner_text().replace("\xa0", " ")
    assert page.locator("svg.wide path.arrived").is_visible()
    assert page.locator("table.zones").is_visible()
    assert not page.locator("#canvas").is_visible()


def test_tables_sort(open_page, evacuated_case):
    page = open_page(evacuated_case)
    page.locator("table.zones th button").nth(1).click()
    assert page.locator("table.zones th").nth(1).get_attribute("aria-sort") == "ascending"


def test_hostile_names_run_nothing(open_page, hostile_case):
    page = open_page(hostile_case)
    assert page.locator("img").count() == 0
    assert page.locator("h1").count() == 1
    assert page.evaluate("clearway.flowAt(700).roads") > 0


OVERLAPS = """() => {
    const map = clearway.report.map, labels = map.labels, found = [];
    const meet = (a, b) => Math.min(a[2], b[2]) > Math.max(a[0], b[0]) && Math.min(a[3], b[3]) > Math.max(a[1], b[1]);
    labels.forEach((a, i) => labels.slice(i + 1).forEach((b) => meet(a.box, b.box) && found.push([a.shown, b.shown])));
    for (const sign of map.signs().filter((each) => each.cost === Infinity)) {
        for (const label of labels) if (meet(label.box, sign.box)) found.push([label.shown, "a crossing"]);
    }
    return [labels.map((label) => label.shown), found];
}"""


@pytest.mark.parametrize("width", [1280, 380])
def test_labels_lie_neither_on_each_other_nor_on_a_crossing_even_where_places_crowd(open_page, clearance_case, width):
    """Ten zones and a second site around the bridge, on a map that is much wider."""
    plan, scenario = clearance_case
    (zone,), (site,) = scenario.zones, scenario.sites
    network = scenario.network
    x, y = network.node_x.copy(), network.node_y.copy()
    x[1:3], y[1:3] = (32.01, 32.015), (46.6, 46.598)  # the bridge is beside Aville; the camp is far off
    village = replace(zone, present=90, without_vehicle=0)
    near = [replace(village, zone_id=f"z{i}", name=f"Village {i}", node=i % 3) for i in range(10)]
    scenario = replace(
        scenario,
        network=replace(network, node_x=x, node_y=y, geometry=(None,) * network.n_links),
        zones=(zone, *near),
        sites=(site, replace(site, site_id="t", name="School", node=2)),
    )
    unknown = np.full(len(scenario.zones), np.nan)
    plan = replace(plan, last_start_s=unknown, last_start_bound_s=unknown)
    page = open_page((plan, scenario), viewport={"width": width, "height": 900})
    page.evaluate("clearway.report.map.paint()")
    shown, overlapping = page.evaluate(OVERLAPS)
    assert overlapping == []
    assert {"Blue bridge", "Long dam", "Aville", "Dcamp", "School"} <= set(shown)
