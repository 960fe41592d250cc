"""[uncertainty] of scenario.toml and uncertainty.toml beside it: what is not known, as stated distributions."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from clearway.errors import Fault, InputError
from clearway.ingest.distributions import read_distribution
from clearway.ingest.faults import FaultLog, did_you_mean, nearest, show
from clearway.ingest.settings import FILE as SETTINGS_FILE
from clearway.ingest.settings import LONGEST_HORIZON_H, is_finite
from clearway.ingest.tables import CONTROL_CHARACTER, decode, fault_bad_lines
from clearway.model.scenario import Scenario
from clearway.model.uncertainty import (
    CHANCE,
    BeliefState,
    Correlation,
    Distribution,
    Factor,
    Loss,
    Setting,
    StateSpan,
    Target,
    Uncertainty,
)

FILE = "uncertainty.toml"
KINDS = ("loss", "capacity", "hazard", "population", "beds", "behaviour", "state", "correlation")
TOLD_KEYS = ("at", "policy")  # `clearway ledger situation` says when and how it believed
TARGETS = {  # what each kind may bear on
    "loss": ("crossing", "link", "site"),
    "capacity": ("all", "crossing", "link"),
    "hazard": ("all", "hazard"),
    "population": ("all", "zone"),
    "beds": ("all", "site"),
    "state": ("crossing", "link", "site", "zone"),
}
KEYS = {
    "loss": ("name", "target", "targets", "probability", "time_h", "capacity_factor", "lasts_h", "each", "reason"),
    "capacity": ("name", "target", "factor", "reason"),
    "hazard": ("name", "target", "speed", "reason"),
    "population": ("name", "target", "factor", "reason"),
    "beds": ("name", "target", "factor", "reason"),
    "behaviour": ("name", "setting", "value", "reason"),
    "state": (
        "target",
        "from",
        "until",
        "open",
        "limited",
        "closed",
        "limited_capacity_factor",
        "contested",
        "reports",
    ),
    "correlation": ("between", "value", "reason"),
}
MOST_FACTOR = 10.0
SETTINGS = {  # setting -> (name in the simulation, least, most, unit in ours)
    "follow_window": ("follow_window", 0.0, 1.0, 1.0),
    "follow_route": ("follow_route", 0.0, 1.0, 1.0),
    "follow_site": ("follow_site", 0.0, 1.0, 1.0),
    "stay": ("stay", 0.0, 1.0, 1.0),
    "shadow": ("shadow", 0.0, 1.0, 1.0),
    "response_half_h": ("response_half_s", 1e-3, LONGEST_HORIZON_H, 3600.0),
    "response_spread_h": ("response_spread_s", 1e-3, LONGEST_HORIZON_H, 3600.0),
}
HALF = 0.5  # left of a limited crossing where nobody says how much (docs/ledger.md)


def read_uncertainty(folder: Path, scenario: Scenario) -> Uncertainty:
    """
    What is uncertain about the scenario of a folder: scenario.toml's [uncertainty] and uncertainty.toml's together.

    Raises InputError with every fault: file, line, key, what was found and what was expected.
    """
    log = FaultLog()
    reader = Reader(scenario, log)
    for name in (SETTINGS_FILE, FILE):
        path = Path(folder) / name
        try:
            raw = path.read_bytes() if path.exists() else None
        except OSError as error:
            raise InputError([Fault(name, f"could not be read: {error.strerror or error}")]) from error
        if raw is not None:
            reader.read_file(name, raw)
    found = reader.found()
    log.raise_any(f"the uncertainty of scenario folder {Path(folder).name or folder}")
    return found


@dataclass(slots=True)
class Entry:
    """One table of an array such as [[uncertainty.loss]]: its values, and where its faults are noted."""

    file: str
    kind: str
    number: int
    values: dict[str, Any]
    lines: dict[str, int]
    log: FaultLog

    def fault(self, key: str, message: str) -> None:
        row = self.lines.get(key.partition(".")[0], self.lines.get("", None))
        self.log.add(self.file, message, row, f"uncertainty.{self.kind}[{self.number}]{'.' if key else ''}{key}")

    def number_of(self, key: str, least: float, most: float, default: float | None = None) -> float:
        """A plain number."""
        value = self.values.get(key, default)
        if not is_finite(value) or not least <= value <= most:  # type: ignore[operator]
            found = "nothing" if value is None else show(value)
            self.fault(key, f"found {found}, expected a number from {least:g} to {most:g}")
            return least
        return float(value)  # type: ignore[arg-type]

    def distribution(
        self, key: str, least: float, most: float, unit: float = 1.0, default: float | None = None
    ) -> Distribution:
        """A distribution; a constant stands where it is faulty."""
        value = self.values.get(key, default)
        placeholder = Distribution("constant", (("value", least),))
        found = read_distribution(
            value, least, most, unit, lambda field, message: self.fault(f"{key}.{field}" if field else key, message)
        )
        return found or placeholder

    def text(self, key: str, default: str = "") -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str) or CONTROL_CHARACTER.search(value):
            self.fault(key, f"found {show(value)}, expected text in one line")
            return default
        return value.strip() or default

    def instant(self, key: str, start: datetime) -> float | None:
        """Seconds from the start (0 for earlier ones); None where there is nothing or a fault."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, datetime) or value.tzinfo is None:
            self.fault(key, f"found {show(str(value))}, expected a time with offset such as 2022-10-18T06:00:00+03:00")
            return None
        return max((value - start).total_seconds(), 0.0)


class Reader:
    """Reads the entries of both files into one `Uncertainty`."""

    def __init__(self, scenario: Scenario, log: FaultLog) -> None:
        self.scenario, self.log = scenario, log
        self.losses: list[Loss] = []
        self.factors: list[Factor] = []
        self.settings: list[Setting] = []
        self.states: dict[str, tuple[Target, list[tuple[StateSpan, Entry]]]] = {}
        self.pairs: list[tuple[Correlation, Entry]] = []
        self.names: dict[str, str] = {CHANCE: "the simulation itself"}

    # -- files and entries -----------------------------------------------------------------------------------------

    def read_file(self, file: str, raw: bytes) -> None:
        """All entries of one file."""
        text, is_clean = decode(raw, file, self.log)
        if not is_clean:
            fault_bad_lines(text, file, self.log)
            return
        try:
            document = tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            line = re.search(r"\(at line (\d+),", str(error))
            self.log.add(file, f"not valid TOML: {str(error)[:200]}", row=int(line[1]) if line else None)
            return
        table = document.get("uncertainty", {})
        if not isinstance(table, dict):
            self.log.add(file, f"found {show(table)}, expected a table [uncertainty]", field="uncertainty")
            return
        lines = entry_lines(text)
        for kind, entries in table.items():
            if kind in TOLD_KEYS:
                continue
            if kind not in KINDS:
                expected = f"expected {', '.join(KINDS)}{did_you_mean(kind, KINDS)}"
                self.log.add(file, f"is not known, {expected}", field=f"uncertainty.{kind}")
            elif not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
                self.log.add(file, f"expected tables [[uncertainty.{kind}]]", field=f"uncertainty.{kind}")
            else:
                places = lines.get(kind, [])
                for i, values in enumerate(entries):
                    place = places[i] if len(places) == len(entries) else {}
                    self.read_entry(Entry(file, kind, i, values, place, self.log))

    def read_entry(self, entry: Entry) -> None:
        known = KEYS[entry.kind]
        for key in entry.values:
            if key not in known:
                entry.fault(key, f"is not known here, expected {', '.join(known)}{did_you_mean(key, known)}")
        read = {
            "loss": self.loss,
            "behaviour": self.behaviour,
            "state": self.state,
            "correlation": self.correlation,
        }.get(entry.kind, self.factor)
        read(entry)

    def name_of(self, entry: Entry, default: str) -> str:
        """The name of an input, once in both files."""
        name = entry.text("name", default)
        if name in self.names:
            hint = "" if "name" in entry.values else "; give one of them a name of its own"
            entry.fault("name", f"found {show(name)} again (as of {self.names[name]}), expected each name once{hint}")
        self.names[name] = f"uncertainty.{entry.kind}[{entry.number}] in {entry.file}"
        return name

    def found(self) -> Uncertainty:
        """All that was read; what contradicts itself across entries is noted."""
        states = []
        for name, (target, spans) in self.states.items():
            ordered = sorted(spans, key=lambda pair: pair[0].from_s)
            for (before, _), (after, entry) in pairwise(ordered):
                if after.from_s < before.until_s:
                    entry.fault("from", f"found a time at which another state of {target} still holds")
            states.append(BeliefState(name, target, tuple(span for span, _ in ordered)))
        known = Uncertainty(tuple(self.losses), tuple(self.factors), tuple(self.settings), tuple(states))
        names = tuple(name for name in known.inputs if name != CHANCE)
        seen: set[frozenset[str]] = set()
        for pair, entry in self.pairs:
            both = frozenset((pair.first, pair.second))
            for name in sorted(both - set(names)):
                near = nearest(name, names)
                hint = f"; did you mean {near!r}?" if near else f", one of {', '.join(map(repr, names[:20]))}"
                entry.fault("between", f"found {show(name)}, expected the name of something uncertain{hint}")
            if len(both) == 1 or both in seen:
                entry.fault("between", "found a pair that is no pair, or named before; expected two names, once")
            seen.add(both)
        if len(self.log):
            return known
        whole = Uncertainty(
            known.losses, known.factors, known.settings, known.states, tuple(pair for pair, _ in self.pairs)
        )
        try:
            _ = whole.mixing
        except ValueError:
            entry = self.pairs[-1][1]
            entry.fault(
                "value", "the correlations contradict each other, expected values that can hold together; lower them"
            )
        return whole

    # -- kinds -----------------------------------------------------------------------------------------------------

    def loss(self, entry: Entry) -> None:
        several = entry.values.get("targets")
        if several is None:
            targets = [self.target(entry, "target", entry.values.get("target"))]
        elif "target" in entry.values or not isinstance(several, list) or not several:
            entry.fault("targets", f"found {show(several)}, expected a list of targets, and no target beside it")
            return
        else:
            targets = [self.target(entry, "targets", each) for each in several]
        if len(set(map(str, targets))) < len(targets):
            entry.fault("targets", "found a target twice, expected each once")
        name = self.name_of(entry, f"loss of {' and '.join(map(str, targets))}")
        lasts = entry.distribution("lasts_h", 0.0, math.inf, 3600.0) if "lasts_h" in entry.values else None
        self.losses.append(
            Loss(
                name,
                tuple(targets),
                entry.number_of("probability", 0.0, 1.0, 1.0),
                entry.distribution("time_h", 0.0, math.inf, 3600.0),
                entry.distribution("capacity_factor", 0.0, 1.0, default=0.0),
                lasts,
                entry.number_of("each", 0.0, 1.0, 1.0),
                entry.text("reason"),
            )
        )

    def factor(self, entry: Entry) -> None:
        target = self.target(entry, "target", entry.values.get("target", "all"))
        key, least = ("speed", 0.01) if entry.kind == "hazard" else ("factor", 0.0)
        words = {"capacity": "capacity of", "hazard": "speed of", "population": "people of", "beds": "beds of"}
        whom = "every " + {"capacity": "road", "hazard": "hazard", "population": "zone", "beds": "site"}[entry.kind]
        default = f"{words[entry.kind]} {whom if target.kind == 'all' else target}"
        most = 1.0 if entry.kind == "capacity" and target.kind == "all" else MOST_FACTOR
        found = entry.distribution(key, least, most)
        self.factors.append(Factor(self.name_of(entry, default), entry.kind, target, found, entry.text("reason")))

    def behaviour(self, entry: Entry) -> None:
        setting = entry.values.get("setting")
        if setting not in SETTINGS:
            hint = did_you_mean(setting, tuple(SETTINGS)) if isinstance(setting, str) else ""
            found = "nothing" if setting is None else show(setting)
            entry.fault("setting", f"found {found}, expected one of {', '.join(SETTINGS)}{hint}")
            return
        name, least, most, unit = SETTINGS[setting]
        if any(one.setting == name for one in self.settings):
            entry.fault("setting", f"found {show(setting)} again, expected each setting once")
        value = entry.distribution("value", least, most, unit)
        self.settings.append(Setting(self.name_of(entry, setting.replace("_", " ")), name, value, entry.text("reason")))

    def state(self, entry: Entry) -> None:
        target = self.target(entry, "target", entry.values.get("target"))
        shares = {key: entry.number_of(key, 0.0, 1.0) for key in ("open", "limited", "closed")}
        if abs(sum(shares.values()) - 1.0) > 1e-4:
            entry.fault("open", f"found open, limited and closed that add up to {sum(shares.values()):g}, expected 1")
        start = self.scenario.start
        from_s, until_s = entry.instant("from", start), entry.instant("until", start)
        end = math.inf if until_s is None else until_s
        factor = entry.number_of("limited_capacity_factor", 0.0, 1.0, HALF)
        if "from" not in entry.values:
            entry.fault("from", "found nothing, expected a time with offset")
        elif from_s is not None and from_s >= end > 0:
            entry.fault("until", "expected a time after from")
        if from_s is None or from_s >= end:
            return
        total = sum(shares.values()) or 1.0
        span = StateSpan(from_s, end, shares["closed"] / total, shares["limited"] / total, factor)
        self.states.setdefault(f"state of {target}", (target, []))[1].append((span, entry))

    def correlation(self, entry: Entry) -> None:
        between = entry.values.get("between")
        fits = isinstance(between, list) and len(between) == 2 and all(isinstance(name, str) for name in between)
        if not fits:
            entry.fault("between", f"found {show(between)}, expected a list of two names")
            return
        value = entry.number_of("value", -0.999, 0.999)
        self.pairs.append((Correlation(between[0], between[1], value), entry))  # type: ignore[index]

    # -- targets ---------------------------------------------------------------------------------------------------

    def target(self, entry: Entry, key: str, value: object) -> Target:
        """The target a text names; a placeholder where it is faulty."""
        allowed = TARGETS[entry.kind]
        kind, _, target_id = value.partition(":") if isinstance(value, str) else ("", "", "")
        placeholder = Target("all", str(value))
        if kind not in allowed or (kind == "all") != (not target_id):
            expected = " or ".join("all" if each == "all" else f"{each}:ID" for each in allowed)
            entry.fault(key, f"found {'nothing' if value is None else show(value)}, expected {expected}")
            return placeholder
        found = self.resolve(kind, target_id.strip())
        if found is None:
            known = self.ids_of(kind)
            table = "hazard.geojson" if kind == "hazard" else f"{kind}.csv"
            hint = did_you_mean(target_id, known)
            entry.fault(key, f"found {kind} {show(target_id)}, expected one that {table} has{hint}")
        return found or placeholder

    def ids_of(self, kind: str) -> tuple[str, ...]:
        scenario = self.scenario
        return {
            "all": (),
            "link": scenario.network.link_ids,
            "crossing": tuple(one.crossing_id for one in scenario.crossings),
            "site": tuple(one.site_id for one in scenario.sites),
            "zone": tuple(one.zone_id for one in scenario.zones),
            "hazard": tuple(area.name for area in scenario.hazard_areas),
        }[kind]

    def resolve(self, kind: str, target_id: str) -> Target | None:
        network = self.scenario.network
        if kind == "all":
            return Target("all")
        if kind == "link":
            names = (target_id.removeprefix("+"),) if target_id[:1] in "+-" else (target_id, f"-{target_id}")
            links = tuple(network.link_index(name) for name in names if network.has_link(name))
            return Target(kind, target_id, links) if links else None
        ids = self.ids_of(kind)
        if target_id not in ids:
            return None
        index = ids.index(target_id)
        links = self.scenario.crossings[index].links if kind == "crossing" else ()
        return Target(kind, target_id, links, index if kind in ("site", "zone") else -1)


def entry_lines(text: str) -> dict[str, list[dict[str, int]]]:
    """Kind -> for each of its entries the line of each key; under "" the line of the entry's header."""
    found: dict[str, list[dict[str, int]]] = {}
    current: dict[str, int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\[?\s*([^\]]*?)\s*\]", line)
        key = re.match(r"""\s*["']?([A-Za-z_]+)["']?\s*=""", line)
        if header:
            entry = re.fullmatch(r"""uncertainty\s*\.\s*["']?(\w+)["']?""", header[1])
            current = {"": number} if entry and line.lstrip().startswith("[[") else None
            if entry and current is not None:
                found.setdefault(entry[1], []).append(current)
        elif key and current is not None:
            current.setdefault(key[1], number)
    return found
