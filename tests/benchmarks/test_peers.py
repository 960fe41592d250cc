"""The peers and the makers of harder cases, on networks whose answers are worked by hand beside the assertions."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from benchmarks.peers import ccrp, exact
from benchmarks.peers.task import UnsuitableError, in_order, make_task, natural_slot
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import cases, measure, page, plot
from clearway.check import check_plan
from clearway.model.demand import Site, Zone
from clearway.model.network import Network
from clearway.model.scenario import Scenario
from clearway.planner import make_plan

MINUTE = 60.0


def town(links, people, beds, n_nodes=None) -> Scenario:
    """A scenario from (tail, head, minutes, vehicles a minute), {node: people} and {node: beds}."""
    tail, head, minutes, rate = (np.array(column) for column in zip(*links, strict=True))
    n_nodes = n_nodes or int(max(tail.max(), head.max())) + 1
    names = tuple(str(i) for i in range(n_nodes))
    n = len(links)
    network = Network(
        node_ids=names,
        node_names=names,
        node_x=np.arange(n_nodes, dtype=np.float64),
        node_y=np.zeros(n_nodes),
        link_ids=tuple(f"l{i}" for i in range(n)),
        link_names=("",) * n,
        tail=tail.astype(np.int64),
        head=head.astype(np.int64),
        length_m=np.ones(n),
        free_flow_time_s=minutes * MINUTE,
        lanes=np.ones(n),
        capacity_veh_per_s=rate / MINUTE,
        allowed_uses=("",) * n,
        reverse=np.full(n, -1),
        geometry=(None,) * n,
        crs="local",
    )
    return Scenario(
        name="town",
        start=datetime(2025, 1, 1, tzinfo=UTC),
        horizon_s=500 * MINUTE,
        capacity_factor=1.0,
        network=network,
        zones=tuple(Zone(f"z{node}", "", node, count, count, 0, 1.0) for node, count in people.items()),
        sites=tuple(Site(f"s{node}", "", node, float(count)) for node, count in beds.items()),
    )


def exact_steps(scenario: Scenario, **options) -> int:
    return exact.search(make_task(scenario, MINUTE), **options).steps


def greedy_steps(scenario: Scenario, n_slots: int = 50) -> int:
    found = ccrp.plan_greedily(make_task(scenario, MINUTE), n_slots, 30.0)
    assert found.sent == found.supply
    return found.steps


ONE_ROAD = [(0, 1, 3, 2)]
# 10 people; a way of 1 minute for 1 a minute, and one of 2 + 2 minutes for 2 a minute
TWO_WAYS = [(0, 3, 1, 1), (0, 1, 2, 2), (1, 3, 2, 2)]
# West (0) can go by the short bridge 1-2 only; south (4) by the bridge in 1 minute, or round in 5. 6 people each.
GREEDY_TRAP = [(0, 1, 3, 1), (4, 1, 1, 1), (1, 2, 1, 1), (4, 2, 5, 1)]


def test_one_road_takes_turns():
    # 7 people, 2 a minute: 2, 2, 2, 1 leave at 0, 1, 2, 3; the last arrives at 3 + 3
    scenario = town(ONE_ROAD, {0: 7}, {1: 100})
    assert exact_steps(scenario) == 6
    assert greedy_steps(scenario) == 6


def test_both_ways_are_used():
    # by step T: T on the short way, 2 (T - 3) on the long one: T + 2T - 6 = 9 at T = 5, 12 at T = 6
    scenario = town(TWO_WAYS, {0: 10}, {3: 100})
    assert exact_steps(scenario) == 6
    assert greedy_steps(scenario) == 6


def test_greedy_reservation_loses_where_the_near_take_the_only_way_of_the_far():
    # best: the 6 of west over the bridge, entering it at 3..8, arriving 4..9; of south 1 over the bridge before that,
    # 5 round, leaving 0..4, arriving 5..9: T* = 9, as nobody of west can be sooner.
    # greedy: south takes the bridge at 1, 2, 3, ... as long as that beats 5 minutes; west comes later
    scenario = town(GREEDY_TRAP, {0: 6, 4: 6}, {2: 100})
    assert exact_steps(scenario) == 9
    assert greedy_steps(scenario) > 9


def test_scarce_beds_send_people_farther():
    # near site (1 minute away, any number a minute) has 4 beds; the far one is 10 minutes away, 3 a minute.
    # 10 people: 4 near, 6 far in two slots: the last at 11
    scenario = town([(0, 1, 1, 50), (0, 2, 10, 3)], {0: 10}, {1: 4, 2: 100})
    assert exact_steps(scenario) == 11
    assert greedy_steps(scenario) == 11
    assert exact_steps(scenario, is_from_cut=True) == 11


def test_a_closure_stops_the_short_way():
    # the short way of TWO_WAYS closes at minute 3, one minute long: last entry in slot 1: 2 people.
    # the other 8 take the long one at 2 a minute: slots 0..3, arriving until 3 + 4
    scenario = cases.with_closure(town(TWO_WAYS, {0: 10}, {3: 100}), 0, 3 * MINUTE)
    assert exact_steps(scenario) == 7
    assert greedy_steps(scenario) == 7


def test_people_who_are_ready_late_leave_late():
    scenario = town(ONE_ROAD, {0: 7}, {1: 100})
    late = replace(scenario.zones[0], departure_windows=((10 * MINUTE, math.inf),))
    scenario = replace(scenario, zones=(late,))
    assert exact_steps(scenario) == 16
    assert greedy_steps(scenario) == 16


def test_a_short_grid_grows():
    # 200 people, 1 a minute, 1 minute away: the last arrives at 200, far beyond the first 10 slots
    scenario = town([(0, 1, 1, 1)], {0: 200}, {1: 1000})
    assert greedy_steps(scenario, n_slots=10) == 200
    assert exact_steps(scenario) == 200


def test_the_greedy_peer_says_who_is_left():
    # nothing can be entered from minute 5 - 1 on: 4 people leave in slots 0..3
    scenario = cases.with_closure(town([(0, 1, 1, 1)], {0: 9}, {1: 100}), 0, 5 * MINUTE)
    found = ccrp.plan_greedily(make_task(scenario, MINUTE), 20, 10.0)
    assert (found.sent, found.supply) == (4, 9)


def test_the_exact_search_refuses_what_is_too_large_or_has_several_commodities():
    scenario = town(TWO_WAYS, {0: 10}, {3: 100})
    with pytest.raises(UnsuitableError, match="million arcs"):
        exact.search(make_task(scenario, MINUTE), most_arcs=3)
    west = replace(scenario.zones[0], directions=(("west", 0.5), ("east", 0.5)))
    site = replace(scenario.sites[0], direction="west")
    both = replace(scenario, zones=(west,), sites=(site, replace(site, node=1, direction="east")))
    with pytest.raises(UnsuitableError, match="commodities"):
        exact.search(make_task(both, MINUTE))
    # 5 by the short way to 3 at 1, ..., 5; 5 to node 1, 2 minutes away, 2 a minute: 2, 3, 4
    assert greedy_steps(both) == 5


@st.composite
def towns(draw):
    n_nodes = draw(st.integers(3, 6))
    backbone = [(i, i + 1, draw(st.integers(1, 4)), draw(st.integers(1, 3))) for i in range(n_nodes - 1)]
    node = st.integers(0, n_nodes - 1)
    extra = draw(st.lists(st.tuples(node, node, st.integers(1, 5), st.integers(1, 3)), max_size=8))
    links = backbone + [link for link in extra if link[0] != link[1]]
    people = draw(st.dictionaries(st.integers(0, n_nodes - 2), st.integers(1, 12), min_size=1, max_size=3))
    return town(links, people, {n_nodes - 1: 100})


@settings(max_examples=40, deadline=None, derandomize=True)
@given(towns())
def test_bounds_optimum_and_greedy_are_in_order(scenario):
    task = make_task(scenario, MINUTE)
    slots = exact.in_slots(task)
    best = exact.search(task)
    assert exact.cut_bound(slots) <= best.steps
    assert exact.static_bound(slots) <= best.steps
    assert exact.search(task, is_from_cut=True).steps == best.steps
    assert exact.most_by(slots, best.steps)[0] == slots.supply
    if best.steps > int(slots.to_site[task.zone_node].max()):
        assert exact.most_by(slots, best.steps - 1)[0] < slots.supply
    assert greedy_steps(scenario) >= best.steps


def test_natural_slots():
    whole = town(ONE_ROAD, {0: 1}, {1: 1})
    assert natural_slot(whole, 7.0) == 60.0
    odd = town([(0, 1, 1.01, 1)], {0: 1}, {1: 1})
    assert natural_slot(odd, 7.0) == 7.0


def line(n: int) -> Scenario:
    """Nodes in a row, two-way; people in the first node."""
    ways = [(i, i + 1, 1, 5) for i in range(n - 1)] + [(i + 1, i, 1, 5) for i in range(n - 1)]
    return town(ways, {0: 40}, {n - 1: 1000})


def test_scarce_beds_lie_in_the_eastern_third_unevenly_and_suffice():
    made = cases.with_scarce_beds(line(90))
    assert len(made.sites) == 20
    assert all(site.node >= 59 for site in made.sites)
    assert made.sites[0].node == 89  # the easternmost first, then the farthest from it
    assert made.sites[1].node == 60
    beds = [site.beds for site in made.sites]
    assert 1.15 * 40 <= sum(beds) <= 1.15 * 40 + 20
    assert max(beds) > 4 * min(beds)
    again = cases.with_scarce_beds(line(90))
    assert [site.node for site in again.sites] == [site.node for site in made.sites]


def test_population_and_capacity_are_scaled():
    scenario = line(5)
    assert cases.with_population(scenario, 0.3).zones[0].present == 12
    assert cases.with_population(scenario, 3.0).sites[0].beds >= 120
    assert cases.with_capacity(scenario, 2.0).network.capacity_veh_per_s[0] == pytest.approx(10 / MINUTE)


def test_the_busiest_link_is_closed_from_half_time():
    scenario = town(TWO_WAYS, {0: 100}, {3: 1000})
    plan = make_plan(scenario)
    assert check_plan(scenario, plan).is_ok
    busiest = cases.busiest_link(scenario, plan)
    assert busiest in (1, 2)  # the long way takes two thirds
    from_s = cases.half_time(plan)
    assert from_s % 60 == 0
    assert from_s <= plan.clearance_time_s / 2 < from_s + 60
    closed = cases.with_closure(scenario, busiest, from_s)
    assert exact_steps(closed) > exact_steps(scenario)


def test_a_row_of_figures_becomes_a_page_and_a_plot(tmp_path):
    plan = {
        "links": 3, "zones": 1, "vehicles": 10.0, "clearance_s": 400.0, "clearance_bound_s": 399.0, "gap": 0.0025,
        "kind": "clearance", "faults": [], "bound_s": 0.01, "plan_s": 0.2, "plan_cpu_s": 0.1, "bound_cpu_s": 0.01,
        "load_s": 0.01, "memory_mib": 200.0,
        "memory_before_mib": 180.0, "slot_s": 60.0,
    }  # fmt: skip
    found = {"steps": 6, "slot_s": 60.0, "seconds": 2.0, "cpu_s": 2.0, "arcs": 30}
    row = {
        "name": "town", "table": "instance", "plan": plan, "exact": found,
        "exact_from_cut": found | {"seconds": 4.0, "cpu_s": 4.0},
        "ccrp": found | {"sent": 10, "supply": 10, "in_time": True}, "measured_at": "2025-01-01T00:00:00+00:00",
        "time_limit_s": 100.0, "machine": measure_machine(),
    }  # fmt: skip
    page.write_page([row], tmp_path / "page.md", "plot.svg")
    plot.write_plot([row], tmp_path / "plot.svg")
    text = (tmp_path / "page.md").read_text()
    assert "| town | 3 | 1 | 10 | 6.67 | 6.65 | 0.250 | 0.5: met | ok |" in text
    assert "| town | 6.67 | 6.0 | yes | 4 | 40x | 400x | 2 | 20x | 0.00 | 6.00 | +0.0 |" in text
    assert (tmp_path / "plot.svg").read_text().count("<circle") == 4 + 4


def measure_machine() -> dict:
    return {"cpu": "c", "cores": 2, "load_average": 0.0, "system": "s", "python": "3", "packages": {}, "commit": "abc"}


def test_the_warming_network_is_planned_by_all(monkeypatch):
    monkeypatch.setattr(measure, "load", lambda _case: town(TWO_WAYS, {0: 10}, {3: 100}))
    monkeypatch.setattr(measure, "tiny", lambda: town(TWO_WAYS, {0: 10}, {3: 100}))
    case = cases.Case("town")
    figures = {task: found(measure.Job(task, case, 10.0)) for task, found in measure.MEASURES.items()}
    assert figures["plan"]["faults"] == []
    assert [figures[peer]["steps"] for peer in ("exact", "exact_from_cut", "ccrp")] == [6, 6, 6]


def test_other_orders_of_zones_are_the_same_task() -> None:
    # both are a minute from the site over one road of 1 a minute: 4 + 2 vehicles enter it in slots 1 to 6, in any order
    task = make_task(town([(0, 2, 1, 9), (1, 2, 1, 9), (2, 3, 1, 1)], {0: 4, 1: 2}, {3: 10}), MINUTE)
    other = in_order(task, np.array([1, 0]))
    assert other.zone_node.tolist() == [1, 0]
    assert other.zone_vehicles.tolist() == [2, 4]
    assert ccrp.plan_greedily(task, 20, 10.0).steps == ccrp.plan_greedily(other, 20, 10.0).steps == 7
