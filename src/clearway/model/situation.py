"""What is usable when: dated statements, and the capacity that follows for each link."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from clearway.model.demand import Intervals
from clearway.model.network import FloatArray, IntArray, read_only


@dataclass(frozen=True, slots=True)
class Availability:
    """
    A dated statement about a link, crossing, site or zone: capacity factor 0..1 in [from_s, until_s).

    ``links`` are the link indices it bears on (both directions; all of a crossing's), empty for sites and zones.
    Where several bear on one link at one time, the smallest factor holds. Sites and zones take 0 (closed) or 1 only.
    """

    target_kind: str  # link, crossing, site, zone
    target_id: str
    from_s: float
    until_s: float  # inf: until further notice
    capacity_factor: float
    links: tuple[int, ...] = ()
    report_id: str = ""
    note: str = ""
    source: str = ""

    @property
    def target(self) -> str:
        return f"{self.target_kind}:{self.target_id}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    A claim that speaks for or against what is taken as given about a target in [from_s, until_s).

    Attributes
    ----------
    taken : what is taken as given: open, limited or closed.
    p_closed : how likely the target is to be closed, by all claims together; nan where not told.
    is_contested : whether independent sources contradict each other.
    stands_for : whether this claim speaks for what is taken.
    weight : the log-odds it adds; 0 for an echo; nan where not told.
    said_s : when it was said, seconds from the start (below 0: before); nan where not told.
    """

    target: str
    from_s: float
    until_s: float
    taken: str
    p_closed: float
    is_contested: bool
    stands_for: bool
    says: str
    weight: float
    statement: str
    speaker: str
    chain: str
    grade: str
    said_s: float
    claim_id: str
    report_id: str


@dataclass(frozen=True, slots=True)
class HazardArea:
    """What lies within a hazard in [from_s, until_s): link and zone indices."""

    name: str
    from_s: float
    until_s: float
    links: tuple[int, ...]
    zones: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CapacityProfile:
    """
    Piecewise constant rate at which vehicles may ENTER each link, over all time from 0.

    Pieces of link ``l`` are ``start[l]`` to ``start[l + 1]`` (exclusive) of ``from_s`` and ``rate``; the last one
    lasts for ever. The rate is 0 from one free-flow time before a closure to its end, so that no vehicle is on a link
    when it closes.

    Attributes
    ----------
    start : int64[n_links + 1]
    from_s : float64[n_pieces]
        Seconds; the first of each link is 0.
    rate : float64[n_pieces]
        Vehicles per second.
    """

    start: IntArray
    from_s: FloatArray
    rate: FloatArray

    def __post_init__(self) -> None:
        for array in (self.start, self.from_s, self.rate):
            read_only(array)

    @property
    def is_constant(self) -> bool:
        """True where no link's capacity ever changes."""
        return len(self.from_s) == len(self.start) - 1


def subtract_intervals(windows: Intervals, closed: Iterable[tuple[float, float]]) -> Intervals:
    """What is left of ``windows`` without the ``closed`` intervals."""
    left = list(windows)
    for start, end in closed:
        pieces = []
        for a, b in left:
            if end <= a or b <= start:
                pieces.append((a, b))
                continue
            if a < start:
                pieces.append((a, start))
            if end < b:
                pieces.append((end, b))
        left = pieces
    return tuple(left)


def entry_pieces(rate: float, time_s: float, statements: list[Availability]) -> list[tuple[float, float]]:
    """
    The (from_s, rate) pieces at which one link may be entered under the statements that bear on it.

    ``rate`` is its full rate, ``time_s`` its free-flow time: a closure at c forbids entries from c - time_s on.
    """
    spans = [(s.from_s, s.until_s, s.capacity_factor) for s in statements if s.capacity_factor > 0]
    spans += [(s.from_s - time_s, s.until_s, 0.0) for s in statements if s.capacity_factor == 0]
    times = sorted({0.0} | {t for a, b, _ in spans for t in (a, b) if 0 < t < math.inf})
    pieces: list[tuple[float, float]] = []
    for t in times:
        factor = min([f for a, b, f in spans if a <= t < b], default=1.0)
        if not pieces or pieces[-1][1] != rate * factor:
            pieces.append((t, rate * factor))
    return pieces


def capacity_profile(
    rate_veh_per_s: FloatArray, free_flow_time_s: FloatArray, availabilities: Iterable[Availability]
) -> CapacityProfile:
    """Entry rates of every link over time, from full rates (float64[n_links], vehicles per second) and statements."""
    by_link: dict[int, list[Availability]] = {}
    for statement in availabilities:
        for link in statement.links:
            by_link.setdefault(link, []).append(statement)
    n_links = len(rate_veh_per_s)
    n_pieces = np.ones(n_links, dtype=np.int64)
    changed = {
        link: entry_pieces(float(rate_veh_per_s[link]), float(free_flow_time_s[link]), by_link[link])
        for link in sorted(by_link)
    }
    for link, pieces in changed.items():
        n_pieces[link] = len(pieces)
    start = np.concatenate(([0], np.cumsum(n_pieces))).astype(np.int64)
    from_s = np.zeros(int(start[-1]))
    rate = np.zeros(int(start[-1]))
    rate[start[:-1]] = rate_veh_per_s
    for link, pieces in changed.items():
        a = int(start[link])
        from_s[a : a + len(pieces)] = [t for t, _ in pieces]
        rate[a : a + len(pieces)] = [r for _, r in pieces]
    return CapacityProfile(start, from_s, rate)
