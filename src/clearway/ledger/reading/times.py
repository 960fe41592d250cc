"""Dates and hours in a text, against the day the report was published; unresolved where that is not known."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from clearway.ledger.claims import When

__all__ = ["Dated", "times_in"]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("january february march april may june july august september october november december").split()
NUMBERS = {w: i + 1 for i, w in enumerate("one two three four five six seven eight nine ten eleven twelve".split())}
MONTH = "|".join([*MONTHS, *(m[:3] + r"\.?" for m in MONTHS)])
CLOCK = (
    r"(?:(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?\s*(?P<half>[ap]\.?m\b\.?)"
    r"|(?P<hour24>\d{1,2}):(?P<minute24>\d{2})|(?P<word>noon|midnight))"
)
DAY = (
    rf"(?:(?P<which>next|last|this|coming|past)\s+)?(?P<weekday>{'|'.join(WEEKDAYS)})"
    rf"|(?P<dayname>today|tonight|yesterday|tomorrow|overnight)"
    rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<month>{MONTH})(?:,?\s+(?P<year>\d{{4}}))?"
    rf"|(?P<month2>{MONTH})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<year2>\d{{4}}))?"
)
PERIOD = (
    r"(?P<rel>last|this|next|past)\s+(?P<unit>week|month|year|weekend)"
    r"|(?:the\s+)?(?P<back>last|past)\s+(?P<count>\d+|" + "|".join(NUMBERS) + r")\s+(?P<units>hours|days|weeks|months)"
    rf"|(?P<since>{MONTH})(?!\w)(?:\s+(?P<sinceyear>\d{{4}}))?|(?P<onlyyear>(?:19|20)\d{{2}})(?!\d|,\d)"
)
LEAD = r"(?P<lead>on|by|until|till|before|from|since|after|at|in|during)"
PATTERN = re.compile(
    rf"\b(?:{LEAD}\s+)?(?:(?:{CLOCK})(?:\s+(?:on\s+)?(?P<clockday>{DAY}))?|(?P<dayonly>{DAY.replace('?P<', '?P<o_')})"
    rf"(?:\s+at\s+(?P<late>\d{{1,2}}(?:[:.]\d{{2}})?\s*(?:[ap]\.?m\b\.?)?))?|(?:{PERIOD}))(?!\w)",
    re.IGNORECASE,
)
VAGUE = re.compile(
    r"\b(?:since|until|before|after)\s+(?:the\s+)?(?:start|beginning|end|outbreak|fall)"
    r"\s+of\s+(?:the\s+)?[\w ]{3,20}?\b"
    r"(?=[,.;]|$|\s+(?:and|but|which|who)\b)"
    r"|\buntil\s+further\s+notice\b|\bearlier\b(?:\s+(?:this|in\s+the)\s+\w+)?|\blater\b|\bsoon\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Dated:
    """A time and where it stands in the text that was searched."""

    start: int
    end: int
    when: When


def times_in(text: str, published: datetime | None, zone: tzinfo | None, is_ahead: bool) -> list[Dated]:
    """
    The times a text names. A weekday is the last one at or before the day of publication, the next one where what is
    said lies ahead ("will", an order, "by", "until") or "next" stands before it.
    """
    found = [
        Dated(m.start(), m.end(), _resolve(m, published, zone, is_ahead))
        for m in PATTERN.finditer(text)
        if not _is_quantity(m)
    ]
    for match in VAGUE.finditer(text):
        if not any(d.start < match.end() and match.start() < d.end for d in found):
            found.append(Dated(match.start(), match.end(), When(text=match.group(), resolved=False, grain="event")))
    return sorted(found, key=lambda d: d.start)


def _is_quantity(match: re.Match[str]) -> bool:
    """Months that are words ("may", "march", "mar") and years that are numbers."""
    words = match.group().split()
    if match.group("since"):
        return not match.group("since")[0].isupper() or match.group("lead") is None
    return bool(match.group("onlyyear")) and match.group("lead") is None and len(words) == 1


def _resolve(match: re.Match[str], published: datetime | None, zone: tzinfo | None, is_ahead: bool) -> When:
    groups = {k: v for k, v in match.groupdict().items() if v}
    text = match.group().strip()
    lead = groups.get("lead", "").lower()
    if "onlyyear" in groups and (published is not None or zone is not None):
        tz = zone or (published.tzinfo if published else None)
        year = int(groups["onlyyear"])
        return _between(datetime(year, 1, 1, tzinfo=tz), datetime(year + 1, 1, 1, tzinfo=tz), text, "year", lead)
    if published is None:
        return When(text=text, resolved=False, grain=_grain(groups))
    now = published.astimezone(zone) if zone is not None else published
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        return _moment(groups, text, lead, now, midnight, is_ahead)
    except ValueError:  # 31 June
        return When(text=text, resolved=False, grain=_grain(groups))


def _grain(groups: dict[str, str]) -> str:
    if {"hour", "hour24", "word"} & groups.keys():
        return "hour"
    if "onlyyear" in groups:
        return "year"
    return groups.get("unit") or ("month" if "since" in groups else "period" if "units" in groups else "day")


def _moment(groups: dict[str, str], text: str, lead: str, now: datetime, midnight: datetime, is_ahead: bool) -> When:
    ahead = is_ahead or lead in {"by", "until", "till", "before"}
    if "unit" in groups or "units" in groups or "since" in groups:
        return _period(groups, text, lead, now, midnight)
    day = _day(groups, midnight, ahead)
    clock = _clock(groups)
    if clock is None and "o_dayname" not in groups and "dayname" not in groups and day is None:
        return When(text=text, resolved=False, grain="day")
    if clock is None:
        assert day is not None
        return _between(day, day + timedelta(days=1), text, "day", lead)
    at = (day or midnight) + clock
    if day is None and ahead and at < now:
        at += timedelta(days=1)
    return _between(at, at, text, "hour", lead)


def _day(groups: dict[str, str], midnight: datetime, ahead: bool) -> datetime | None:
    get = {k.removeprefix("o_"): v.lower() for k, v in groups.items()}
    if "weekday" in get:
        gap = (WEEKDAYS.index(get["weekday"]) - midnight.weekday()) % 7
        which = get.get("which", "")
        if which in {"last", "past"} or (not ahead and which not in {"next", "coming", "this"}):
            return midnight - timedelta(days=(-gap) % 7 or (7 if which == "last" else 0))
        return midnight + timedelta(days=gap or (7 if which == "next" else 0))
    if "dayname" in get:
        shift = {"yesterday": -1, "tomorrow": 1, "overnight": 0 if ahead else -1}.get(get["dayname"], 0)
        return midnight + timedelta(days=shift)
    month = get.get("month") or get.get("month2")
    if month:
        number = next(i for i, m in enumerate(MONTHS) if m.startswith(month.strip(".")[:3])) + 1
        year = get.get("year") or get.get("year2")
        day = midnight.replace(
            year=int(year) if year else midnight.year, month=number, day=int(get.get("day") or get["day2"])
        )
        if year or abs((day - midnight).days) <= 183:
            return day
        return day.replace(year=day.year + (1 if day < midnight else -1))
    return None


def _clock(groups: dict[str, str]) -> timedelta | None:
    if "word" in groups:
        return timedelta(hours=12 if groups["word"].lower() == "noon" else 24)
    if "hour24" in groups:
        return _hours(int(groups["hour24"]), int(groups["minute24"]), "")
    if "hour" in groups:
        return _hours(int(groups["hour"]), int(groups.get("minute", 0)), groups["half"].lower())
    late = re.match(r"(\d{1,2})(?:[:.](\d{2}))?\s*([ap])?", groups.get("late", "").lower())
    return None if late is None else _hours(int(late[1]), int(late[2] or 0), late[3] or "")


def _hours(hour: int, minute: int, half: str) -> timedelta:
    if hour > 24 or minute > 59:
        raise ValueError("no time of day")
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return timedelta(hours=hour, minutes=minute)


def _period(groups: dict[str, str], text: str, lead: str, now: datetime, midnight: datetime) -> When:
    if "units" in groups:
        count = NUMBERS.get(groups["count"].lower()) or int(groups["count"])
        hours = {"hours": 1, "days": 24, "weeks": 168, "months": 730}[groups["units"].lower()] * count
        return When(now - timedelta(hours=hours), now, text, True, "period")
    if "since" in groups:
        number = next(i for i, m in enumerate(MONTHS) if m.startswith(groups["since"].lower().strip(".")[:3])) + 1
        year = int(groups["sinceyear"]) if "sinceyear" in groups else midnight.year - (number > midnight.month)
        start = midnight.replace(year=year, month=number, day=1)
        return _between(start, _month_after(start), text, "month", lead)
    unit, shift = groups["unit"].lower(), {"last": -1, "past": -1, "next": 1}.get(groups["rel"].lower(), 0)
    if unit == "month":
        start = midnight.replace(day=1)
        for _ in range(abs(shift)):
            start = _month_after(start) if shift > 0 else (start - timedelta(days=1)).replace(day=1)
        return _between(start, _month_after(start), text, "month", lead)
    if unit == "year":
        start = midnight.replace(year=midnight.year + shift, month=1, day=1)
        return _between(start, start.replace(year=start.year + 1), text, "year", lead)
    start = midnight - timedelta(days=midnight.weekday()) + timedelta(weeks=shift)
    if unit == "weekend":
        start += timedelta(days=5)
    return _between(start, start + timedelta(days=2 if unit == "weekend" else 7), text, unit, lead)


def _month_after(start: datetime) -> datetime:
    return start + timedelta(days=monthrange(start.year, start.month)[1])


def _between(start: datetime, end: datetime, text: str, grain: str, lead: str) -> When:
    """Start and end as the word before it has it: "by" and "until" end, "from" and "since" begin."""
    if lead in {"by", "until", "till", "before"}:
        return When(None, start if grain == "hour" or lead == "before" else end, text, True, grain)
    if lead in {"from", "since", "after"}:
        return When(start, None, text, True, grain)
    return When(start, end if end > start else None, text, True, grain)
