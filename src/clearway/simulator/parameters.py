"""What a simulation is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields

from clearway.errors import UsageError

Progress = Callable[[str, float, float], None]  # step, simulated seconds, persons safe


def silent(step: str, simulated_s: float, safe: float) -> None:
    """Tell nobody."""


RESPONSES = ("logistic", "rayleigh")
OTHER_WAYS = ("quickest", "shortest")
ON_CLOSURE = ("trapped", "turn-back")
AT_CLOSED_ROAD = ("reroute", "wait")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """
    What people do with the plan. Shares are 0 to 1, drawn platoon by platoon; the defaults are full compliance.

    Attributes
    ----------
    follow_window : share who leave in their window; the others leave by the response curve
    follow_route : share who take the route planned for them; the others find their own (``other_way``)
    follow_site : share who go to their site; the others to any site in the direction they chose, by their own way
    stay : share of those planned who stay at home
    shadow : share who go of those who have a vehicle and are not asked to go
    other_way : "quickest" at present, or "shortest" on empty roads; those who find a road closed take the quickest
    response : "logistic" or "rayleigh", how departures spread from the time people may leave; see `departure_quantile`
    response_half_s : seconds by which half have left
    response_spread_s : seconds; the logistic curve's 1 / slope
    """

    follow_window: float = 1.0
    follow_route: float = 1.0
    follow_site: float = 1.0
    stay: float = 0.0
    shadow: float = 0.0
    other_way: str = "quickest"
    response: str = "logistic"
    response_half_s: float = 4 * 3600.0
    response_spread_s: float = 3600.0

    def __post_init__(self) -> None:
        faults = [
            f"{name} takes a share from 0 to 1, not {getattr(self, name):g}"
            for name in ("follow_window", "follow_route", "follow_site", "stay", "shadow")
            if not 0.0 <= getattr(self, name) <= 1.0
        ]
        faults += [
            f"{name} takes one of {', '.join(known)}, not {getattr(self, name)}"
            for name, known in (("other_way", OTHER_WAYS), ("response", RESPONSES))
            if getattr(self, name) not in known
        ]
        faults += [
            f"{name} takes seconds above 0, not {getattr(self, name):g}"
            for name in ("response_half_s", "response_spread_s")
            if not 0.0 < getattr(self, name) < float("inf")
        ]
        if faults:
            raise UsageError("; ".join(faults))


@dataclass(frozen=True, slots=True)
class SimulationParameters:
    """
    Attributes
    ----------
    seed : of all random draws; the same seed gives the same outcome to the last digit
    platoon_vehicles : vehicles that drive as one; 0: as many as make 20,000 platoons, 1 to 5
    capacity_share : share of nominal capacity that roads really have (a plan's ``capacity_factor`` is its own margin)
    wave_speed_m_per_s : speed of the congestion wave where link.csv gives no jam density
    on_closure : "trapped" or "turn-back": those on a road when it closes
    at_closed_road : "reroute" or "wait": those who come to a closed road, or to a full site
    update_s : seconds between two looks at current travel times
    n_classes : people who look, look in turn: 1 / n_classes of them at each update
    interval_s : of the record of flows and queues; 0: chosen to make at most 200 intervals
    record_links : whether flows and delays are kept link by link
    """

    seed: int = 0
    platoon_vehicles: float = 0.0
    capacity_share: float = 1.0
    wave_speed_m_per_s: float = 5.0  # 18 km/h: Newell's theory is calibrated to 15 to 20 km/h (Chiabaut et al. 2009)
    on_closure: str = "trapped"
    at_closed_road: str = "reroute"
    update_s: float = 300.0
    n_classes: int = 4
    interval_s: float = 0.0
    record_links: bool = True
    behaviour: Behaviour = field(default_factory=Behaviour)

    def __post_init__(self) -> None:
        faults = []
        if not 0.0 <= self.platoon_vehicles < float("inf"):
            faults.append(f"platoon_vehicles takes vehicles above 0, or 0 to choose, not {self.platoon_vehicles:g}")
        for name in ("capacity_share", "wave_speed_m_per_s", "update_s"):
            if not 0.0 < getattr(self, name) < float("inf"):
                faults.append(f"{name} takes a number above 0, not {getattr(self, name):g}")
        if not 0.0 <= self.interval_s < float("inf"):
            faults.append(f"interval_s takes seconds above 0, or 0 to choose, not {self.interval_s:g}")
        if self.n_classes < 1:
            faults.append(f"n_classes takes a number from 1, not {self.n_classes}")
        for name, known in (("on_closure", ON_CLOSURE), ("at_closed_road", AT_CLOSED_ROAD)):
            if getattr(self, name) not in known:
                faults.append(f"{name} takes one of {', '.join(known)}, not {getattr(self, name)}")
        if faults:
            raise UsageError("; ".join(faults))

    def as_settings(self) -> tuple[tuple[str, float | int | str | bool], ...]:
        """Every setting by name, those of the behaviour too."""
        own = [(f.name, getattr(self, f.name)) for f in fields(self) if f.name != "behaviour"]
        return (*own, *((f.name, getattr(self.behaviour, f.name)) for f in fields(self.behaviour)))
