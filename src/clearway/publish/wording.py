"""Numbers, times and names as people read them: units, thousands separators, weekdays, the time zone named."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape

from clearway.model.plan import Reason
from clearway.model.scenario import Scenario

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NO_BREAK = "\N{NO-BREAK SPACE}"
DAY_S = 86_400.0
WEEK_S = 6 * DAY_S  # beyond this a weekday alone could mean two days

REASON_WORDS = {
    Reason.NO_VEHICLE: ("has no vehicle", "have no vehicle"),
    Reason.NO_ROUTE: ("has no route to any open site", "have no route to any open site"),
    Reason.NO_TIME: ("cannot get out in the time there is", "cannot get out in the time there is"),
    Reason.NO_BEDS: ("finds no bed", "find no bed"),
    Reason.CANNOT_DEPART: ("may not depart in time", "may not depart in time"),
    Reason.FORM: ("finds no room in the form of plan asked for", "find no room in the form of plan asked for"),
    Reason.NOT_FOUND: ("was not placed in the time the planner had", "were not placed in the time the planner had"),
}


def text(value: object) -> str:
    """Anything as HTML text or attribute value: nothing in it can end a tag or an attribute."""
    return escape(str(value), quote=True)


def count(number: float) -> str:
    """A whole number with thousands separators; "-" where it is not finite."""
    return f"{round(number):,}" if math.isfinite(number) else "-"


def people(number: float) -> str:
    """ "1 person", "2 people"."""
    return f"{count(number)} {'person' if round(number) == 1 else 'people'}"


def vehicles(number: float) -> str:
    """ "1 vehicle", "2 vehicles"."""
    return f"{count(number)} {'vehicle' if round(number) == 1 else 'vehicles'}"


def percent(share: float, digits: int = 0) -> str:
    """A share as a percentage; a small one is not rounded to nothing."""
    if not math.isfinite(share):
        return "-"
    if 0 < share < 0.5 * 10 ** (-2 - digits):
        return f"<{NO_BREAK}{10.0**-digits:.{digits}f}{NO_BREAK}%"
    return f"{100 * share:.{digits}f}{NO_BREAK}%"


def reason_clause(persons: float, reason: Reason) -> str:
    """ "17,000 have no vehicle"."""
    one, many = REASON_WORDS[reason]
    return f"{count(persons)} {one if round(persons) == 1 else many}"


def duration(seconds: float, rounding: str = "near") -> str:
    """Hours and minutes: "38 h 40 min"; ``rounding`` as for the clock time that stands beside it."""
    if not math.isfinite(seconds):
        return "-"
    minutes = round(minute(seconds, rounding) / 60)
    if 0 < seconds < 150:
        return f"{seconds:.0f} s"
    hours, rest = divmod(minutes, 60)
    parts = ([f"{hours:,} h"] if hours else []) + ([f"{rest} min"] if rest or not hours else [])
    return " ".join(parts)


def joined(words: Iterable[str]) -> str:
    """ "a, b and c"."""
    items = list(words)
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + f" and {items[-1]}" if items else ""


def minute(seconds: float, rounding: str) -> float:
    """Seconds to a whole minute: "up" for what is promised, "down" for what is ruled out, "near" else."""
    exact = seconds / 60
    if rounding == "up":
        return 60.0 * math.ceil(exact - 1e-6)
    return 60.0 * (math.floor(exact + 1e-6) if rounding == "down" else round(exact))


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds from a scenario's start as times of day in its time zone; with the date where ``span_s`` is long."""

    scenario: Scenario
    span_s: float = 0.0

    @property
    def zone_name(self) -> str:
        """The time zone: "Europe/Kyiv (UTC+03:00)" or "UTC+03:00"."""
        start = self.scenario.start
        offset = start.strftime("%z")
        utc = f"UTC{offset[:3]}:{offset[3:5]}" if offset and offset != "+0000" else "UTC"
        key = str(getattr(start.tzinfo, "key", "") or utc)
        return key if key == utc else f"{key} ({utc})"

    def at(self, seconds: float, rounding: str = "near") -> datetime:
        return self.scenario.clock(minute(seconds, rounding))

    def long(self, seconds: float, rounding: str = "near") -> str:
        """ "Friday 18:40"; "Friday 28 Oct 18:40" where the weekday alone could mean two days."""
        if not math.isfinite(seconds):
            return "-"
        moment = self.at(seconds, rounding)
        date = f" {moment.day} {MONTHS[moment.month - 1]}" if self.span_s > WEEK_S else ""
        return f"{WEEKDAYS[moment.weekday()]}{date} {moment:%H:%M}"

    def short(self, seconds: float, rounding: str = "near") -> str:
        """ "Fri 18:40", on one line."""
        words = self.long(seconds, rounding).split(" ")
        return NO_BREAK.join([words[0][:3], *words[1:]]) if len(words) > 1 else words[0]

    def full(self, seconds: float, rounding: str = "near") -> str:
        """ "Friday 21 Oct 2022, 18:40"."""
        if not math.isfinite(seconds):
            return "-"
        moment = self.at(seconds, rounding)
        weekday, month = WEEKDAYS[moment.weekday()], MONTHS[moment.month - 1]
        return f"{weekday} {moment.day} {month} {moment.year}, {moment:%H:%M}"

    def time_after(self, reference_s: float, seconds: float, rounding: str = "near") -> str:
        """A time after another has been named: without its weekday where that is the same day."""
        first, second = self.at(reference_s, "up"), self.at(seconds, rounding)
        return f"{second:%H:%M}" if first.date() == second.date() else self.long(seconds, rounding)

    def span(self, from_s: float, until_s: float) -> str:
        """ "from Wed 02:10 to Thu 14:40"; "from Wed 02:10 on"."""
        begin = f"from {self.short(max(from_s, 0.0), 'down')}"
        return f"{begin} on" if not math.isfinite(until_s) else f"{begin} to {self.short(until_s, 'up')}"
