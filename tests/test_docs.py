"""The documents are true: links lead somewhere, columns are those that are read, figures are recomputed."""

from __future__ import annotations

import csv
import json
import math
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from tests.tiny_plan import tiny_plan, tiny_scenario

from clearway.examples import variants, write_example
from clearway.ingest.folder import COLUMNS, read_scenario
from clearway.ingest.settings import KEYS, TABLES
from clearway.model.cut import cut_of
from clearway.model.demand import Site, Zone
from clearway.model.network import Network
from clearway.model.plan import BoundKind, Certificate, Movements, Reason
from clearway.model.scenario import Scenario
from clearway.model.situation import Availability
from clearway.publish.plan_folder import KNOWN_FILES, write_plan

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NEVER = math.inf


def text_of(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands below a heading of the second level."""
    return text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def first_cells(text: str) -> list[str]:
    """The words in backticks of the first column of all tables."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return [word for cell in cells for word in re.findall(r"`([^`]+)`", cell)]


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings get."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        other = (page.parent / name).resolve() if name else page
        assert other.exists(), f"{page.name} links to {target}"
        assert not anchor or anchor in anchors(other), f"{page.name} links to {target}"


def test_the_map_of_the_documents_names_each() -> None:
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", text_of("index.md")))
    assert linked | {"index.md"} >= {page.name for page in (ROOT / "docs").glob("*.md")}


@pytest.mark.parametrize("key", COLUMNS)
def test_the_columns_documented_are_those_that_are_read(key: str) -> None:
    table = section(text_of("scenario-format.md"), TABLES[key][0])
    assert sorted(first_cells(table)) == sorted(COLUMNS[key].required + COLUMNS[key].optional)
    for line in table.splitlines():
        if line.startswith("| `"):
            column, default = first_cells(line)[0], line.split("|")[3]
            is_required = default.strip().startswith("required") or "the column is required" in line
            assert is_required == (column in COLUMNS[key].required), column


def test_the_settings_documented_are_those_that_are_read() -> None:
    table = section(text_of("scenario-format.md"), "scenario.toml")
    assert sorted(first_cells(table)) == sorted(KEYS)
    for key, (default, _) in TABLES.items():
        assert f"`{key}` ({default})" in table


def test_the_columns_of_the_example_are_documented(tmp_path: Path) -> None:
    write_example("kherson", tmp_path / "kherson")
    for path in (tmp_path / "kherson").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            header = set(next(csv.reader(file)))
        extra = {"facility_type", "road_number"} if path.name == "link.csv" else set()  # kept from the source, not read
        assert header - extra <= set(first_cells(section(text_of("scenario-format.md"), path.name)))


def test_the_tiny_example_is_complete_and_read_without_a_warning(tmp_path: Path) -> None:
    blocks = re.findall(r"^`([\w.]+)`\n```\w+\n(.*?)^```$", text_of("scenario-format.md"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 7
    for name, content in blocks:
        (tmp_path / name).write_text(content, encoding="utf-8")
    scenario = read_scenario(tmp_path)
    assert scenario.warnings == ()
    assert [party.vehicles for party in scenario.parties()] == [600.0]
    assert scenario.network.free_flow_time_s.tolist() == [600.0, 600.0]
    assert scenario.usable_rate() == pytest.approx([1 / 3, 1 / 3])


def test_the_variants_documented_are_those_there_are() -> None:
    assert set(first_cells(section(text_of("example.md"), "Variants"))) == set(variants("kherson"))


def test_the_reasons_documented_are_those_there_are() -> None:
    plan_json = section(text_of("plan-format.md"), "plan.json")
    assert {reason.value for reason in Reason} <= set(first_cells(plan_json))


def test_the_plan_files_use_the_models_words() -> None:
    text = text_of("plan-format.md")
    fields = set(Certificate.__dataclass_fields__)
    assert set(first_cells(section(text, "certificate.json"))) >= fields
    columns = set(first_cells(section(text, "movements.csv")))
    assert {name for name in Movements.__dataclass_fields__ if name.endswith("_s") or name == "mode"} <= columns
    assert {kind.value for kind in BoundKind} <= set(re.findall(r"`(\w+)`", text))


def tables(text: str) -> list[list[str]]:
    """The words of the first columns, table by table."""
    blocks = re.split(r"\n(?!\|)", text)
    return [words for block in blocks if (words := first_cells(block))]


def test_the_fields_documented_are_those_that_are_written(tmp_path: Path) -> None:
    write_plan(tiny_plan(), tiny_scenario(), tmp_path / "plan")
    document, certificate = (
        json.loads((tmp_path / "plan" / name).read_text(encoding="utf-8")) for name in ("plan.json", "certificate.json")
    )
    text = text_of("plan-format.md")
    top, figures, zones, reasons = tables(section(text, "plan.json"))
    assert top == list(document)
    assert figures == list(document["figures"])
    assert zones == list(document["figures"]["persons"]["zones"][0])
    assert set(reasons) == {reason.value for reason in Reason}
    assert tables(section(text, "certificate.json")) == [list(certificate)]
    named = set(re.findall(r"`(\w+)`", section(text, "plan.json")))
    persons, sites = document["figures"]["persons"], document["figures"]["sites"]
    for inner in (persons, persons["zones"][0]["left_out"][0], sites[0], document["scenario"]):
        assert named >= set(inner)
    assert set(first_cells(text.split("\n## ", 1)[0])) == KNOWN_FILES
    for name in ("movements.csv", "routes.csv"):
        header = (tmp_path / "plan" / name).read_text(encoding="utf-8").splitlines()[0]
        assert first_cells(section(text, name)) == header.split(",")


def test_the_statuses_documented_are_those_of_the_schema() -> None:
    schema = json.loads((ROOT / "docs" / "schema" / "plan.schema.json").read_text(encoding="utf-8"))
    (line,) = [line for line in text_of("plan-format.md").splitlines() if line.startswith("| `status`")]
    assert set(re.findall(r"`([\w ]+)`", line)) == {"status", *schema["properties"]["status"]["enum"]}


# docs/bound.md, "Worked by hand": minutes and vehicles a minute, as written there


def small_scenario(
    links: list[tuple[int, int, float]],
    zone: tuple[float, float],
    sites: list[tuple[int, float]],
    lost: tuple[int, float] | None = None,
    horizon_min: float = 600.0,
) -> Scenario:
    """Links (tail, head, minutes) of 20 vehicles a minute; a zone (vehicles, leave by) at 1; sites (node, beds)."""
    n, n_nodes = len(links), max(max(tail, head) for tail, head, _ in links)
    network = Network(
        node_ids=tuple(str(i + 1) for i in range(n_nodes)),
        node_names=("",) * n_nodes,
        node_x=np.arange(n_nodes, dtype=np.float64),
        node_y=np.zeros(n_nodes),
        link_ids=tuple(f"{tail}-{head}" for tail, head, _ in links),
        link_names=("",) * n,
        tail=np.array([tail - 1 for tail, _, _ in links]),
        head=np.array([head - 1 for _, head, _ in links]),
        length_m=np.full(n, 1000.0),
        free_flow_time_s=np.array([60.0 * minutes for _, _, minutes in links]),
        lanes=np.ones(n),
        capacity_veh_per_s=np.full(n, 1200 / 3600),
        allowed_uses=("",) * n,
        reverse=np.full(n, -1),
        geometry=(None,) * n,
        crs="local",
    )
    persons = round(2.5 * zone[0])
    people = Zone("a", "A", 0, persons, persons, 0, 2.5, ((0.0, 60.0 * zone[1]),))
    closures = () if lost is None else (Availability("link", "", 60.0 * lost[1], math.inf, 0.0, (lost[0],)),)
    return Scenario(
        name="worked by hand",
        start=datetime(2026, 5, 1, tzinfo=UTC),
        horizon_s=60.0 * horizon_min,
        capacity_factor=1.0,
        network=network,
        zones=(people,),
        sites=tuple(Site(f"s{node}", "", node - 1, beds) for node, beds in sites),
        availabilities=closures,
    )


def cut_value(scenario: Scenario, horizon_min: float, labels_min: list[float], paid: tuple[int, ...] = ()) -> float:
    certificate = Certificate(
        kind=BoundKind.CLEARANCE,
        horizon_s=60.0 * horizon_min,
        labels_s=60.0 * np.array(labels_min),
        open_zones=(0,),
        paid_sites=paid,
        cut_vehicles=0.0,
        demand_vehicles=0.0,
    )
    return cut_of(scenario, certificate).value


@pytest.mark.parametrize(("horizon_min", "vehicles"), [(35, 500), (39, 580), (40, 600)])
def test_one_road_is_as_worked_by_hand(horizon_min: float, vehicles: float) -> None:
    one_road = small_scenario([(1, 2, 10)], (600, NEVER), [(2, NEVER)])
    assert cut_value(one_road, horizon_min, [0, NEVER]) == pytest.approx(vehicles)
    assert f"| {horizon_min} min | {vehicles} | 600 |" in text_of("bound.md")


def test_two_crossings_are_as_worked_by_hand() -> None:
    both = small_scenario([(1, 2, 10), (1, 3, 20), (3, 2, 10)], (1800, NEVER), [(2, NEVER)])
    assert cut_value(both, 65, [0, NEVER, 55]) == pytest.approx(1100 + 700)
    assert cut_value(both, 65, [0, NEVER, NEVER]) == pytest.approx(2000)
    assert cut_value(both, 60, [0, NEVER, NEVER]) == pytest.approx(1800), "which proves only 60 minutes"


def test_two_crossings_one_of_them_lost_are_as_worked_by_hand() -> None:
    one_lost = small_scenario([(1, 2, 10), (1, 3, 20), (3, 2, 10)], (1800, NEVER), [(2, NEVER)], lost=(1, 40))
    assert cut_value(one_lost, 80, [0, NEVER, NEVER]) == pytest.approx(1400 + 400)
    assert cut_value(one_lost, 79, [0, NEVER, NEVER]) < 1800


def test_beds_that_bind_are_as_worked_by_hand() -> None:
    two_sites = small_scenario([(1, 2, 10), (2, 3, 10)], (600, NEVER), [(2, 250), (3, NEVER)])
    assert cut_value(two_sites, 45, [0, 35, NEVER], paid=(0,)) == pytest.approx(500 + 100)
    assert cut_value(two_sites, 45, [0, 35, NEVER]) == pytest.approx(700)
    assert cut_value(two_sites, 40, [0, 30, NEVER]) == pytest.approx(600), "which proves only 40 minutes"


def test_a_deadline_is_as_worked_by_hand() -> None:
    deadline = small_scenario([(1, 2, 10)], (600, 20), [(2, NEVER)])
    assert [cut_value(deadline, horizon, [NEVER, NEVER]) for horizon in (30, 45, 600)] == pytest.approx([400] * 3)
    no_deadline = replace(deadline, zones=(replace(deadline.zones[0], departure_windows=((0.0, NEVER),)),))
    assert cut_value(no_deadline, 45, [NEVER, NEVER]) == pytest.approx(700)
