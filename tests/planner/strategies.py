"""Random small scenarios for hypothesis: windows, closures, beds, several sites, directions, odd numbers."""

from __future__ import annotations

import math
import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from tests.planner.small import Closure, Place, Road, Shelter, closed, scenario, site, zone

from clearway.model.scenario import Scenario

MANY = int(os.environ.get("CLEARWAY_MANY_EXAMPLES", "0"))  # examples of each property; 0: the few of a normal run
NAMES = "abcdefg"


def examples(few: int) -> settings:
    """The same examples on each run; many where the environment asks for them."""
    return settings(
        max_examples=MANY or few,
        deadline=None,
        derandomize=not MANY,
        database=None,
        print_blob=False,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@st.composite
def whole_minutes(draw: st.DrawFn, *, steady: bool = False, directions: bool = True) -> Scenario:
    """Travel times and dates in whole minutes, for the oracle; ``steady``: nothing changes and beds are free."""
    n_nodes = draw(st.integers(2, 5))
    nodes = NAMES[:n_nodes]
    horizon = draw(st.integers(20, 45))
    minute = st.integers(0, horizon)
    roads: list[Road] = []
    for _ in range(draw(st.integers(1, 8))):
        tail = draw(st.sampled_from(nodes))
        head = draw(st.sampled_from([n for n in nodes if n != tail]))
        # 0 to 10 vehicles a minute
        rate = draw(st.sampled_from([1, 2, 3, 5, 10, 0.5, 0]))
        roads.append((tail, head, 60.0 * draw(st.integers(1, 8)), rate / 60, ""))
    with_directions = directions and not steady and draw(st.integers(0, 4)) == 0
    loads = draw(st.sampled_from([(1.0,), (2.5,), (1.0, 2.0, 4.5)]))
    zones: list[Place] = []
    for i in range(draw(st.integers(1, 3))):
        ready, leave_by = (draw(minute) // 2, math.inf) if draw(st.booleans()) else (0, math.inf)
        if not steady and draw(st.integers(0, 3)) == 0:
            leave_by = ready + draw(st.integers(1, horizon))
        shares = draw(st.sampled_from([(("east", 1.0),), (("east", 0.5), ("west", 0.5)), ()]))
        zones.append(
            zone(
                draw(st.sampled_from(nodes)),
                draw(st.integers(0, 120)),
                name=f"zone {i}",
                load=draw(st.sampled_from(loads)),
                ready=ready,
                leave_by=leave_by,
                priority=draw(st.sampled_from([1.0, 1.0, 2.0])),
                directions=shares if with_directions else (),
                never=not steady and draw(st.integers(0, 15)) == 0,
            )
        )
    sites: list[Shelter] = []
    for i in range(draw(st.integers(1, 3))):
        beds = math.inf if steady else draw(st.sampled_from([math.inf, 1000.0, 100.0, 30.0, 10.5, 0.0]))
        opens, closes = 0, math.inf
        if not steady and draw(st.integers(0, 3)) == 0:
            opens = draw(minute)
            closes = opens + draw(st.integers(1, horizon)) if draw(st.booleans()) else math.inf
        direction = draw(st.sampled_from(["east", "west", ""])) if with_directions else ""
        sites.append(
            site(draw(st.sampled_from(nodes)), beds, name=f"site {i}", opens=opens, closes=closes, direction=direction)
        )
    closures: list[Closure] = []
    if not steady:
        ids = scenario(roads, zones, sites).network.link_ids
        for _ in range(draw(st.integers(0, 3))):
            begin = draw(minute)
            until = begin + draw(st.integers(1, horizon)) if draw(st.booleans()) else math.inf
            closures.append(closed(draw(st.sampled_from(ids)), begin, until, draw(st.sampled_from([0.0, 0.0, 0.5]))))
    return scenario(roads, zones, sites, closures, horizon=horizon)


@st.composite
def odd(draw: st.DrawFn) -> Scenario:
    """Anything that the model allows: times of all sizes, off any grid."""
    nodes = NAMES[: draw(st.integers(2, 7))]
    horizon = draw(st.sampled_from([0.5, 7.0, 60.0, 333.3, 1440.0]))
    when = st.floats(0.0, 1.2 * horizon).map(lambda t: round(t, 3))
    roads: list[Road] = []
    for _ in range(draw(st.integers(0, 12))):
        tail, head = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        seconds = draw(st.one_of(st.floats(0.01, 5.0), st.floats(5.0, 600.0), st.floats(600.0, 40_000.0)))
        rate = draw(st.one_of(st.floats(0.0, 3.0), st.sampled_from([0.0, 1e-6, 1e-3, 0.5, 100.0])))
        roads.append((tail, head, seconds, rate, draw(st.sampled_from(["", "", "auto", "walk"]))))
    shares = st.sampled_from([(), (("east", 1.0),), (("east", 0.3), ("west", 0.7)), (("north", 0.5), ("east", 0.5))])
    with_directions = draw(st.integers(0, 3)) == 0
    zones: list[Place] = []
    for i in range(draw(st.integers(1, 4))):
        ready = draw(when) if draw(st.booleans()) else 0.0
        people = draw(st.one_of(st.integers(0, 50), st.integers(0, 100_000)))
        zones.append(
            zone(
                draw(st.sampled_from(nodes)),
                people,
                name=f"zone {i}",
                load=draw(st.one_of(st.sampled_from([1.0, 2.5, 50.0]), st.floats(0.5, 10.0))),
                ready=ready,
                leave_by=ready + draw(st.floats(0.01, horizon)) if draw(st.booleans()) else math.inf,
                on_foot=draw(st.integers(0, people)) if draw(st.booleans()) else 0,
                priority=draw(st.sampled_from([1.0, 1.0, 2.0, 0.5, 0.0])),
                directions=draw(shares) if with_directions else (),
                never=draw(st.integers(0, 15)) == 0,
            )
        )
    sites: list[Shelter] = []
    for i in range(draw(st.integers(1, 4))):
        opens, closes, shut = 0.0, math.inf, ()
        if draw(st.booleans()):
            opens = draw(when)
            closes = opens + draw(st.floats(0.01, horizon)) if draw(st.booleans()) else math.inf
        if draw(st.integers(0, 3)) == 0:
            begin = draw(when)
            shut = ((begin, begin + draw(st.floats(0.01, horizon))),)
        sites.append(
            site(
                draw(st.sampled_from(nodes)),
                draw(st.one_of(st.just(math.inf), st.floats(0.0, 100_000.0), st.integers(0, 100).map(float))),
                name=f"site {i}",
                opens=opens,
                closes=closes,
                direction=draw(st.sampled_from(["east", "west", ""])) if with_directions else "",
                shut=shut,
            )
        )
    closures: list[Closure] = []
    if roads:
        ids = scenario(roads, zones, sites).network.link_ids
        for _ in range(draw(st.integers(0, 4))):
            begin = draw(when)
            until = begin + draw(st.floats(0.01, horizon)) if draw(st.booleans()) else math.inf
            closures.append(
                closed(draw(st.sampled_from(ids)), begin, until, draw(st.sampled_from([0.0, 0.0, 0.5, 0.01])))
            )
    return scenario(roads, zones, sites, closures, horizon=horizon)
