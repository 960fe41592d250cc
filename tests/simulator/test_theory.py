"""The simulator against what the theory of kinematic waves says, worked by hand; within one per cent."""

from __future__ import annotations

import numpy as np
import pytest
from tests.simulator.small import Move, plan, scenario

from clearway.model.network import FloatArray
from clearway.model.outcome import Outcome
from clearway.model.scenario import Scenario
from clearway.simulator import SimulationParameters, simulate

WITHIN = 0.01


def drive(case: Scenario, routes: list[list[str]], moves: list[Move], **settings: float | str) -> Outcome:
    params = SimulationParameters(**({"platoon_vehicles": 1.0, "interval_s": 10.0} | settings))  # type: ignore[arg-type]
    outcome = simulate(case, plan(case, routes, moves), params)
    assert abs(outcome.tally.unaccounted) < 1e-9 * outcome.tally.total
    return outcome


def entered(outcome: Outcome, case: Scenario, link: str) -> FloatArray:
    """float64[n + 1]: vehicles that have entered a link by each edge of the record's intervals."""
    record = outcome.links
    assert record is not None
    row = record.link.tolist().index(case.network.link_index(link))
    return np.concatenate(([0.0], np.cumsum(record.entered[row])))


def at(outcome: Outcome, case: Scenario, link: str, seconds: float) -> float:
    """Vehicles that have entered a link by a time."""
    curve = entered(outcome, case, link)
    return float(np.interp(seconds, 10.0 * np.arange(len(curve)), curve))


def test_queue_of_a_rectangular_peak_is_a_triangle() -> None:
    """300 vehicles in 300 s reach a bottleneck of 0.5 a second after 100 s: the last is in at 700 s, 150 queue."""
    case = scenario([("a", "A", "B", 2000, 20, 1.0), ("b", "B", "C", 200, 20, 0.5)], [("A", 300)], [("C", 1000)])
    outcome = drive(case, [["a", "b"]], [(0, 0, 0, 0, 300, 300)], platoon_vehicles=0.25)
    assert at(outcome, case, "b", 400) == pytest.approx(150, rel=WITHIN)
    assert at(outcome, case, "b", 690) == pytest.approx(295, rel=WITHIN)
    assert outcome.clearance_time_s == pytest.approx(100 + 600 + 10, rel=WITHIN)
    # mean wait of a triangle 600 s long and 150 high, seen by 300 vehicles
    assert outcome.delay_s[0] == pytest.approx(0.5 * 600 * 150 / 300, rel=WITHIN)


@pytest.mark.parametrize("inflow", [0.4, 0.6, 0.8])
def test_spillback_reaches_the_upstream_junction_when_the_shock_does(inflow: float) -> None:
    """
    Inflow q on a road of 1 vehicle a second, 20 m/s and waves of 5 m/s (jam density 0.25 a metre), 0.2 get out.

    The queue has 0.25 - 0.2 / 5 = 0.21 vehicles a metre, the traffic before it q / 20: the shock moves at
    (q - 0.2) / (0.21 - q / 20), starts when the first are at the end (50 s), and then reaches the beginning of the
    road: from that time on only 0.2 a second get in.
    """
    case = scenario(
        [("a", "A", "B", 4000, 20, 1.0), ("b", "B", "C", 1000, 20, 1.0), ("c", "C", "D", 200, 20, 0.2)],
        [("A", 2000)],
        [("D", 5000)],
    )
    outcome = drive(case, [["a", "b", "c"]], [(0, 0, 0, 0, 2000, 2000 * inflow)])
    spills = 200 + 50 + 1000 / ((inflow - 0.2) / (0.21 - inflow / 20))
    by_then = inflow * (spills - 200)
    assert at(outcome, case, "b", spills) == pytest.approx(by_then, rel=WITHIN)
    for later in (300, 600):
        assert at(outcome, case, "b", spills + later) == pytest.approx(by_then + 0.2 * later, rel=WITHIN)
    before = at(outcome, case, "b", spills - 50)
    assert before == pytest.approx(by_then - 50 * inflow, rel=WITHIN)


@pytest.mark.parametrize("outflow", [0.2, 0.5, 0.8])
def test_congested_road_lies_on_the_triangular_fundamental_diagram(outflow: float) -> None:
    """Where q get out of a full road, it holds (jam density - q / wave speed) x length; q / free speed where free."""
    case = scenario(
        [("a", "A", "B", 2000, 20, 1.0), ("b", "B", "C", 400, 20, outflow), ("c", "C", "D", 400, 20, 1.0)],
        [("A", 6000)],
        [("D", 9000)],
    )
    outcome = drive(case, [["a", "b", "c"]], [(0, 0, 0, 0, 6000, 6000)])
    for time in (4000, 5000):
        assert at(outcome, case, "a", time) - at(outcome, case, "b", time) == pytest.approx(
            (0.25 - outflow / 5) * 2000, rel=WITHIN
        )
        assert at(outcome, case, "b", time) - at(outcome, case, "c", time) == pytest.approx(
            outflow / 20 * 400, rel=WITHIN, abs=1.0
        )


def test_given_jam_density_sets_the_wave_speed() -> None:
    """0.15 vehicles a metre at 1 vehicle a second and 20 m/s: waves of 1 / (0.15 - 0.05) = 10 m/s."""
    case = scenario(
        [("a", "A", "B", 2000, 20, 1.0), ("b", "B", "C", 400, 20, 0.5)],
        [("A", 6000)],
        [("C", 9000)],
        jam_density={"a": 0.15},
    )
    outcome = drive(case, [["a", "b"]], [(0, 0, 0, 0, 6000, 6000)])
    on_a = at(outcome, case, "a", 4000) - at(outcome, case, "b", 4000)
    assert on_a == pytest.approx((0.15 - 0.5 / 10) * 2000, rel=WITHIN)


def test_a_starting_wave_runs_back_at_the_wave_speed() -> None:
    """
    A road of 1,000 m is jammed behind a closure (250 vehicles). It opens at 2,000 s: the first gap is at its beginning
    1,000 / 5 = 200 s later, and not before.
    """
    case = scenario(
        [("a", "A", "B", 1000, 20, 1.0), ("b", "B", "C", 400, 20, 1.0)],
        [("A", 1500)],
        [("C", 2000)],
        closures=[("b", 0, 2000, 0.0)],
    )
    outcome = drive(case, [["a", "b"]], [(0, 0, 0, 0, 1500, 1500)], at_closed_road="wait")
    assert at(outcome, case, "a", 1990) == pytest.approx(250, abs=1.01)
    assert at(outcome, case, "a", 2190) == pytest.approx(250, abs=1.01)
    assert at(outcome, case, "a", 2300) == pytest.approx(350, rel=WITHIN)
    assert at(outcome, case, "b", 2100) == pytest.approx(100, rel=WITHIN)


MERGE = [
    ("a", "A", "M", 12_000, 20, 1.0),
    ("b", "B", "M", 12_000, 20, 2.0),
    ("c", "M", "S", 3000, 20, 1.5),
]


@pytest.mark.parametrize(
    ("demand", "share"),
    [
        ((1.0, 2.0), (0.5, 1.0)),  # both wait: in proportion to their capacities
        ((0.8, 1.9), (0.5, 1.0)),
        ((0.2, 2.0), (0.2, 1.3)),  # one wants less than its share: the other takes the rest
        ((1.0, 0.6), (0.9, 0.6)),
    ],
)
@pytest.mark.parametrize("size", [1.0, 5.0])
def test_merge_is_shared_in_proportion_to_capacity(
    demand: tuple[float, float], share: tuple[float, float], size: float
) -> None:
    case = scenario(MERGE, [("A", 6000), ("B", 12_000)], [("S", 99_999)])
    moves: list[Move] = [(0, 0, 0, 0, 6000, 6000 * demand[0]), (1, 0, 1, 0, 6000, 6000 * demand[1])]
    outcome = drive(case, [["a", "c"], ["b", "c"]], moves, platoon_vehicles=size)
    begin, end = 1000, 5000  # before anything spills back to those at home
    both = at(outcome, case, "c", end) - at(outcome, case, "c", begin)
    assert both == pytest.approx(1.5 * (end - begin), rel=WITHIN)
    safe = first_safe(case, moves, size)
    assert safe == pytest.approx(share[0] / sum(share), rel=WITHIN)


def first_safe(case: Scenario, moves: list[Move], size: float) -> float:
    """Share of zone A among those that have passed the merge from 1,000 to 5,000 s."""
    from clearway.simulator.behaviour import cut_movements
    from clearway.simulator.drive import Drive
    from clearway.simulator.parameters import silent
    from clearway.simulator.roads import build_tables

    params = SimulationParameters(platoon_vehicles=size, interval_s=10.0)
    small = plan(case, [["a", "c"], ["b", "c"]], moves)
    travellers = cut_movements(small, case, size)
    run = Drive(case, small, travellers, build_tables(case, params), params)
    run.run(silent)
    passed = run.platoons.arrived - 150.0  # entered c, which is free
    counted = (passed > 1000) & (passed <= 5000)
    of_a = counted & (travellers.zone == 0)
    return float(run.platoons.vehicles[of_a].sum() / run.platoons.vehicles[counted].sum())


def test_diverge_is_first_in_first_out() -> None:
    """Half go to a road of 0.2 a second: they hold the others back, 0.4 pass in all."""
    case = scenario(
        [("a", "A", "D", 4000, 20, 1.0), ("b", "D", "S", 400, 20, 0.2), ("c", "D", "T", 400, 20, 1.0)],
        [("A", 2000)],
        [("S", 2000), ("T", 2000)],
    )
    moves: list[Move] = [(0, 0, 0, 0, 1500, 750), (0, 1, 1, 0, 1500, 750)]
    outcome = drive(case, [["a", "b"], ["a", "c"]], moves)
    assert at(outcome, case, "b", 1200) - at(outcome, case, "b", 400) == pytest.approx(0.2 * 800, rel=WITHIN)
    assert at(outcome, case, "c", 1200) - at(outcome, case, "c", 400) == pytest.approx(0.2 * 800, rel=WITHIN)


def test_empty_roads_are_driven_in_free_flow_time() -> None:
    """The last of 100 leaves at 500 s and drives 50 + 33.3 + 10 s."""
    case = scenario(
        [("a", "A", "B", 1000, 20, 1.0), ("b", "B", "C", 500, 15, 1.0), ("c", "C", "D", 100, 10, 1.0)],
        [("A", 100)],
        [("D", 100)],
    )
    outcome = drive(case, [["a", "b", "c"]], [(0, 0, 0, 0, 500, 100)])
    assert outcome.clearance_time_s == pytest.approx(500 + 50 + 500 / 15 + 10, abs=1e-6)
    assert outcome.delay_s[3] == pytest.approx(0.0, abs=1e-6)
