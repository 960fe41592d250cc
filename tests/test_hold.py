"""Plans that hold: room, rounds, price, proofs; from the command to the folder and back."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from tests.ingest.conftest import Tiny
from tests.planner.test_partings import parted
from tests.simulator.small import scenario
from tests.test_cli import call, listing, refused
from tests.tiny_plan import statement, tiny_plan, tiny_scenario

from clearway.check import check_plan
from clearway.errors import InputError, UsageError
from clearway.ingest.plan_folder import read_plan
from clearway.model.form import Form, Reserve
from clearway.model.margin import Held, Margin, Round, under_margin
from clearway.model.plan import BoundKind
from clearway.model.scenario import Scenario
from clearway.planner import PlanParameters, make_plan
from clearway.planner.margin import on_all_roads, with_last_starts
from clearway.planner.parameters import silent
from clearway.publish.hold import hold_sentences
from clearway.publish.plan_folder import write_plan
from clearway.publish.schema import plan_schema
from clearway.workflow.hold import Hold, HoldParameters, driven, half_way, made_to_hold

HELD = Held(
    Margin(0.98, ((2, 0.95), (4, 0.9)), 120.0),
    (Round(1.0, 0, 0.0, 1600.0, 1350.0, 2000.0, 12.0, False), Round(0.98, 2, 120.0, 1680.0, 1350.0, 1690.0, 0.0, True)),
    1, 0.05, (4.0, 2.0), 0.95,
)  # fmt: skip
PARAMS = PlanParameters(time_limit_s=20.0, leeway_s=0.0)


def one_road(people: int = 1000) -> Scenario:
    """a - 100 s, 1 veh/s - b - 100 s, 0.5 veh/s - s: no plan clears sooner than people / 0.5 + 200 s."""
    roads = [("a", "A", "B", 1000.0, 10.0, 1.0), ("b", "B", "S", 1000.0, 10.0, 0.5)]
    return scenario(roads, [("A", people)], [("S", 1e9)])


def test_room_is_taken_off_roads_and_off_the_time_before_closures() -> None:
    full = tiny_scenario()
    left = under_margin(full, Margin(0.9, ((2, 0.5), (4, 0.95)), 600.0))
    share = left.network.capacity_veh_per_s / full.network.capacity_veh_per_s
    assert share.tolist() == pytest.approx([0.9, 0.9, 0.5, 0.9, 0.9, 0.9, 0.9])  # never more than that of all
    assert [(s.from_s, s.until_s) for s in left.availabilities] == [(4800.0, 7200.0), (6600.0, math.inf)]
    assert [site.open_windows for site in left.sites] == [((0.0, 8400.0),), ((0.0, math.inf),)]
    assert left.horizon_s == 10_200.0
    assert under_margin(full, Margin()) is full


def test_roads_that_part_keep_the_room_once_found_necessary() -> None:
    """0.15 vehicles a second of 1 pass by chance; 5 % less is left for them, in this margin and every later one."""
    case, full = parted(800.0, 800.0)
    search = Hold(case, lambda _: full, lambda _: (), HoldParameters())
    search.look_at_partings(full)
    search.look_at_partings(parted(100.0, 100.0)[1])
    for margin in (Margin(0.98, ((1, 0.95),)), Margin(0.99, ((0, 0.6), (1, 0.95)))):
        assert dict(search.parted(margin).link_shares) == {0: pytest.approx(0.1425, rel=0.01), 1: 0.95}
    assert search.parted(Margin(0.98, ((0, 0.1),))).link_shares == ((0, 0.1),)


def test_half_of_the_room_is_half_way_in_every_respect() -> None:
    between = half_way(Margin(1.0, ((1, 0.81),), 0.0), Margin(0.81, ((1, 0.49), (3, 0.49)), 240.0))
    assert between.share == pytest.approx(0.9)
    assert dict(between.link_shares) == pytest.approx({1: 0.63, 3: 0.7})
    assert between.lead_s == 120.0


@pytest.mark.parametrize("wrong", [{"share": 0.0}, {"share": 1.1}, {"lead_s": -1.0}, {"link_shares": ((0, 2.0),)}])
def test_a_margin_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"margin|negative"):
        Margin(**wrong)  # type: ignore[arg-type]


def test_a_plan_that_holds_is_left_as_it_is() -> None:
    plan = made_to_hold(one_road(), PARAMS, HoldParameters(), silent)
    assert plan.held is not None
    assert (len(plan.held.rounds), plan.held.chosen, plan.held.margin) == (1, 0, Margin())
    assert plan.clearance_time_s == pytest.approx(2200.0, rel=0.006)
    assert len(plan.held.platoons) == 2  # what holds is driven again


def test_roads_that_carry_less_than_planned_get_room_until_the_plan_holds() -> None:
    """
    Roads carry 92 % when driven: 1,000 vehicles through 0.46 a second take 2,174 + 200 s, 1.079 x the 2,200 s planned.

    A plan on a share x takes 2,000 / x + 200 s; the drive is at most 1.05 of that from x = 0.969 on.
    """
    case = one_road()
    plan = made_to_hold(case, PARAMS, HoldParameters(capacity_share=0.92), silent)
    assert plan.held is not None
    free, result = plan.held.free, plan.held.result
    assert not free.holds
    assert free.ratio == pytest.approx(2374 / 2200, abs=0.01)
    assert result.holds
    assert result.ratio <= 1.05
    share = dict(plan.held.margin.link_shares).get(1, plan.held.margin.share)
    assert 0.91 < share < 0.975
    assert plan.clearance_time_s == pytest.approx(2000 / share + 200, rel=0.006)
    # the bound is that of the roads without room: the gap states the price
    assert plan.clearance_lower_bound_s == pytest.approx(2200.0, rel=0.001)
    assert plan.gap == pytest.approx(plan.clearance_time_s / plan.clearance_lower_bound_s - 1)
    assert plan.status == "feasible"
    assert check_plan(case, plan).faults == ()
    assert "The price: it clears" in hold_sentences(plan)[2]
    lie = replace(plan.held.margin, share=share * 0.98, link_shares=())
    more = check_plan(case, replace(plan, held=replace(plan.held, margin=lie)))
    assert more.codes == ("hold",)
    assert "the room that it states" in more.faults[0].message


def test_what_cannot_hold_is_said_not_to() -> None:
    plan = made_to_hold(one_road(300), PARAMS, HoldParameters(rounds=2, capacity_share=0.5), silent)
    assert plan.held is not None
    assert not plan.held.result.holds
    assert len(plan.held.rounds) == 2
    assert "does NOT hold on roads that carry 50%, the best of 2 plans: the last arrived at" in hold_sentences(plan)[0]


def test_nobody_is_on_a_road_when_it_closes() -> None:
    """All that fits over b until it closes at 1,500 s: the last of a queue would be on it then."""
    roads = [("a", "A", "B", 1000.0, 10.0, 0.5), ("c", "C", "B", 1000.0, 10.0, 0.5), ("b", "B", "S", 1000.0, 10.0, 0.5)]
    case = scenario(roads, [("A", 500), ("C", 500)], [("S", 1e9)], closures=[("b", 1500.0, math.inf, 0.0)])
    params = HoldParameters(capacity_share=0.98)
    plan = made_to_hold(case, PARAMS, params, silent)
    assert plan.held is not None
    assert plan.held.free.missing > 0
    assert not plan.held.free.holds
    assert plan.held.result.holds
    assert plan.held.result.missing == 0
    assert plan.held.margin.lead_s > 0
    lie = replace(plan.held.margin, lead_s=plan.held.margin.lead_s + 120)
    assert check_plan(case, plan).codes == ()
    assert check_plan(case, replace(plan, held=replace(plan.held, margin=lie))).codes == ("hold",)
    assert plan.certificate.kind == BoundKind.EVACUATED
    assert plan.persons_planned < plan.held.free.planned_persons
    assert plan.clearance_lower_bound_s <= plan.clearance_time_s
    assert check_plan(case, plan).faults == ()
    assert "people fewer are planned for" in hold_sentences(plan)[2]


def test_proofs_of_the_free_plan_prove_the_one_with_room() -> None:
    case = tiny_scenario(statement(1000.0, math.inf, 0.0))
    free = make_plan(case, PARAMS)
    tight = make_plan(under_margin(case, Margin(0.9, (), 120.0)), PARAMS)
    assert check_plan(case, tight).faults != ()  # its own bounds are of roads that are not there
    plan = with_last_starts(on_all_roads(tight, free, case, PARAMS), case, 2.0)
    assert check_plan(case, plan).faults == ()
    assert plan.persons_upper_bound == free.persons_upper_bound
    assert plan.persons_planned < free.persons_planned
    assert np.isfinite(plan.last_start_s).any()


def test_how_a_plan_holds_is_read_back_as_it_was(tmp_path: Path) -> None:
    plan = replace(tiny_plan(), held=HELD)
    write_plan(plan, tiny_scenario(), tmp_path / "plan")
    assert read_plan(tmp_path / "plan", tiny_scenario()).held == HELD
    document = json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, plan_schema())
    assert document["hold"]["price_s"] == 80
    with (tmp_path / "plan" / "margins.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [{"link_id": "bridge", "share": "0.95"}, {"link_id": "d1", "share": "0.9"}]
    documented = (Path(__file__).parents[1] / "docs" / "plan-format.md").read_text(encoding="utf-8")
    for name in {**document["hold"], **document["hold"]["rounds"][0]}:
        assert f"`{name}`" in documented
    write_plan(tiny_plan(), tiny_scenario(), tmp_path / "plan")  # over it: the table goes
    assert not (tmp_path / "plan" / "margins.csv").exists()


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("plan.json", '"chosen_round": 2', '"chosen_round": 7', "a way of holding that can be"),
        ("plan.json", '"tolerance": 0.05', '"tolerance": "much"', "hold.tolerance"),
        ("plan.json", '"lead_s": 120', '"lead_s": -5', "a way of holding that can be"),
        ("margins.csv", "bridge", "brigde", "link_id"),
        ("margins.csv", "0.95", "1.95", "share"),
    ],
)
def test_a_faulty_statement_is_named(tmp_path: Path, file: str, old: str, new: str, expected: str) -> None:
    write_plan(replace(tiny_plan(), held=HELD), tiny_scenario(), tmp_path / "plan")
    path = tmp_path / "plan" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match="fault") as caught:
        read_plan(tmp_path / "plan", tiny_scenario())
    assert any(expected in str(fault) for fault in caught.value.faults), caught.value


def test_the_command_from_scenario_to_page(tmp_path: Path) -> None:
    folder, out = Tiny(tmp_path / "tiny").write(), tmp_path / "plan"
    done = call("hold", folder, "--out", out, "--time-limit", 4, "--capacity-share", 0.9, "--wave-min", 10)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "The plan holds: driven in simulation on roads that carry 90%, everybody is there" in done.stdout
    assert "departures in waves of 10 minutes" in done.stdout
    assert call("check", folder, out).stdout.splitlines()[-1] == "the plan holds"
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "The plan holds: driven in simulation" in page
    (out / "report.html").unlink()
    call("report", folder, out)
    assert "The plan holds: driven in simulation" in (out / "report.html").read_text(encoding="utf-8")


def test_a_plan_that_does_not_hold_is_written_and_ends_with_1(tmp_path: Path) -> None:
    folder, out = Tiny(tmp_path / "tiny").write(), tmp_path / "plan"
    done = call("hold", folder, "--out", out, "--time-limit", 20, "--capacity-share", 0.1, "--rounds", 1, "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["hold"]["holds"]) == (1, False)
    assert (out / "plan.json").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--tolerance", -1), "--tolerance takes a share of 0 or more"),
        (("--rounds", 0), "--rounds takes a number from 1 up"),
        (("--total-time", 0), "--total-time takes seconds above 0"),
        (("--platoon", -1), "--platoon takes vehicles above 0"),
        (("--capacity-share", 0), "--capacity-share takes a number above 0"),
        (("--time-limit", 0), "--time-limit takes seconds above 0"),
        (("--gap", 1), "--gap takes a share"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(tmp_path: Path, words: tuple[object, ...], message: str) -> None:
    folder = Tiny(tmp_path / "tiny").write()
    before = listing(tmp_path)
    assert message in refused("hold", folder, "--out", tmp_path / "plan", *words)
    assert listing(tmp_path) == before


def test_parameters_name_all_that_is_wrong() -> None:
    with pytest.raises(UsageError, match=r"--tolerance.*; --rounds"):
        HoldParameters(tolerance=-1, rounds=0)


def test_what_is_kept_free_is_not_driven_on() -> None:
    small = one_road()
    plan = make_plan(small, PARAMS, silent)  # 1,000 vehicles at 0.5 a second, where half of that is to be kept free
    form = Form(reserves=(Reserve("link:b", (small.network.link_index("b"),), share=0.5),))
    free, kept = (
        driven(small, each, HoldParameters(capacity_share=1.0))[0][1].last_arrival_s
        for each in (plan, replace(plan, form=form))
    )
    assert free == pytest.approx(1000 / 0.5 + 200, rel=0.02)
    assert kept == pytest.approx(1000 / 0.25 + 200, rel=0.02)
