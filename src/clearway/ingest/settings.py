"""scenario.toml: the settings of a scenario and the names of its tables."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from clearway.ingest.faults import FaultLog, did_you_mean, nearest, show
from clearway.ingest.tables import CONTROL_CHARACTER, decode, fault_bad_lines

FILE = "scenario.toml"
TABLES = {  # key in [files] -> default name, whether a scenario needs it
    "nodes": ("node.csv", True),
    "links": ("link.csv", True),
    "crossings": ("crossing.csv", False),
    "zones": ("zone.csv", True),
    "sites": ("site.csv", True),
    "availability": ("availability.csv", False),
    "hazards": ("hazard.geojson", False),
    "directions": ("direction.csv", False),
    "evidence": ("evidence.csv", False),
}
KEYS = (
    "name",
    "start",
    "horizon_h",
    "length_unit",
    "speed_unit",
    "capacity_factor",
    "objective",
    "crs",
    "assumptions",
    "credits",
    "contraflow",
    "reserve",
    "files",
)
IGNORED_KEYS = ("uncertainty",)  # other parts of Clearway read these
OBJECTIVES = ("persons_then_clearance",)
CRS = ("EPSG:4326", "local")
DEFAULT_CAPACITY_FACTOR = 0.9  # docs/design.md section 4
CONTRAFLOW_KEYS = ("crews", "lead_h", "kept_share")
LONGEST_HORIZON_H = 8784.0  # a leap year: beyond it a horizon is a mistake
FIRST_YEAR, LAST_YEAR = 1900, 2199

# Exact: international yard and pound agreement of 1959 (foot, mile), nautical mile of 1929 (knot).
LENGTH_UNITS_M = {
    "m": Fraction(1),
    "meter": Fraction(1),
    "meters": Fraction(1),
    "metre": Fraction(1),
    "metres": Fraction(1),
    "km": Fraction(1000),
    "kilometer": Fraction(1000),
    "kilometers": Fraction(1000),
    "kilometre": Fraction(1000),
    "kilometres": Fraction(1000),
    "mi": Fraction("1609.344"),
    "mile": Fraction("1609.344"),
    "miles": Fraction("1609.344"),
    "ft": Fraction("0.3048"),
    "foot": Fraction("0.3048"),
    "feet": Fraction("0.3048"),
}
SPEED_UNITS_M_PER_S = {
    "km/h": Fraction(1000, 3600),
    "kmh": Fraction(1000, 3600),
    "kph": Fraction(1000, 3600),
    "m/s": Fraction(1),
    "mps": Fraction(1),
    "mph": Fraction("1609.344") / 3600,
    "mi/h": Fraction("1609.344") / 3600,
    "ft/s": Fraction("0.3048"),
    "knot": Fraction(1852, 3600),
    "knots": Fraction(1852, 3600),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What scenario.toml says. ``files``: key of `TABLES` -> path as written and its line, where it names one."""

    name: str
    start: datetime
    horizon_s: float
    metres_per_unit: Fraction
    m_per_s_per_unit: Fraction
    capacity_factor: float
    objective: str
    crs: str
    assumptions: tuple[str, ...]
    credits: tuple[str, ...]
    files: dict[str, tuple[str, int | None]]
    as_written: tuple[tuple[str, str], ...]
    has_known_files: bool  # False where the file could not be read, so that it may name other tables

    @property
    def is_local(self) -> bool:
        return self.crs == "local"


def read_settings(raw: bytes | None, log: FaultLog) -> Settings:
    """Settings from the bytes of scenario.toml (None: no such file); placeholders stand where faults were noted."""
    if raw is None:
        return Document({}, "", log, is_read=False).settings()
    text, is_clean = decode(raw, FILE, log)
    if not is_clean:
        fault_bad_lines(text, FILE, log)
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        line = re.search(r"\(at line (\d+),", str(error))
        log.add(FILE, f"not valid TOML: {str(error)[:200]}", row=int(line[1]) if line else None)
        return Document({}, text, log, is_read=False).settings()
    return Document(values, text, log, is_read=len(log) == 0).settings()


@dataclass(slots=True)
class Document:
    """A parsed scenario.toml. Where it could not be read (``is_read`` False) what lacks is no further fault."""

    values: dict[str, Any]
    text: str
    log: FaultLog
    is_read: bool = True

    def settings(self) -> Settings:
        """Check every key; note faults and warnings."""
        self.warn_unknown(self.values, (*KEYS, *IGNORED_KEYS), "")
        files = self.files()
        return Settings(
            name=self.name(),
            start=self.start(),
            horizon_s=self.number("horizon_h", LONGEST_HORIZON_H, None) * 3600.0,
            metres_per_unit=self.unit("length_unit", LENGTH_UNITS_M),
            m_per_s_per_unit=self.unit("speed_unit", SPEED_UNITS_M_PER_S),
            capacity_factor=self.number("capacity_factor", 1.0, DEFAULT_CAPACITY_FACTOR),
            objective=self.choice("objective", OBJECTIVES),
            crs=self.crs(),
            assumptions=self.assumptions(),
            credits=self.sentences("credits"),
            files=files,
            as_written=self.as_written(),
            has_known_files=self.is_read or not self.text,
        )

    def as_written(self) -> tuple[tuple[str, str], ...]:
        """The plain settings as the file has them."""
        written = []
        for key in KEYS:
            value = self.values.get(key)
            if isinstance(value, datetime):
                written.append((key, value.isoformat()))
            elif key != "name" and isinstance(value, str | int | float):
                written.append((key, value if isinstance(value, str) else show(value)))
        return (*written, *self.contraflow(), *self.reserves())

    def contraflow(self) -> list[tuple[str, str]]:
        """[contraflow]: what may be reversed where nothing else is asked for (docs/forms.md)."""
        table = self.values.get("contraflow", {})
        if not isinstance(table, dict):
            self.fault("contraflow", f"found {show(table)}, expected a table [contraflow]")
            return []
        self.warn_unknown(table, CONTRAFLOW_KEYS, "[contraflow] ")
        limits = {"crews": (1.0, 10_000.0), "lead_h": (0.0, LONGEST_HORIZON_H), "kept_share": (0.0, 0.999)}
        written = []
        for key, (least, most) in limits.items():
            value = table.get(key)
            if value is None:
                continue
            is_number = is_finite(value) and least <= value <= most and (key != "crews" or isinstance(value, int))
            if is_number:
                written.append((f"contraflow.{key}", f"{value:g}"))
            else:
                kind = "a whole number" if key == "crews" else "a number"
                self.fault(f"contraflow.{key}", f"found {show(value)}, expected {kind} from {least:g} to {most:g}")
        return written

    def reserves(self) -> list[tuple[str, str]]:
        """[reserve]: capacity kept free for inbound traffic, per crossing or link (docs/forms.md)."""
        table = self.values.get("reserve", {})
        if not isinstance(table, dict):
            self.fault("reserve", f"found {show(table)}, expected a table [reserve]")
            return []
        written = []
        for target, amount in table.items():
            place = f"reserve.{target}"
            if target.partition(":")[0] not in ("link", "crossing") or not target.partition(":")[2]:
                self.fault(place, 'expected a key such as "crossing:old-bridge" or "link:12"')
            elif isinstance(amount, str) or is_finite(amount):
                written.append((place, amount if isinstance(amount, str) else f"{amount:g}"))
            else:
                self.fault(place, f'found {show(amount)}, expected a share such as 0.25 or "100 veh/h"')
        return written

    def fault(self, key: str, message: str) -> None:
        """Note a fault of a key, on the line that sets it."""
        self.log.add(FILE, message, self.line_of(key), key)

    def line_of(self, key: str) -> int | None:
        """The line that sets a key, None where it is not plain to see."""
        name = re.escape(key.rpartition(".")[2])
        place = re.search(rf"""^[ \t]*(?:files\.)?["']?{name}["']?[ \t]*=""", self.text, re.MULTILINE)
        return self.text.count("\n", 0, place.start()) + 1 if place else None

    def lacks(self, key: str, expected: str) -> None:
        """Note a required key that is not there."""
        if self.is_read:
            slips = [name for name in self.values if name not in KEYS and nearest(name, (key,))]
            hint = f"; rename {show(slips[0])}, if that is it" if slips else ""
            self.log.add(FILE, f"missing, expected {expected}{hint}", field=key)

    def warn_unknown(self, values: dict[str, Any], known: tuple[str, ...], where: str) -> None:
        """Warn of keys that nobody reads."""
        for key in [key for key in values if key not in known][:100]:
            self.log.warn(f"{FILE}: {where}{show(key)} is not read{did_you_mean(key, known)}")

    def name(self) -> str:
        value = self.values.get("name")
        if value is None:
            self.lacks("name", "a name for the scenario")
        elif not isinstance(value, str) or not value.strip() or CONTROL_CHARACTER.search(value):
            self.fault("name", f"found {show(value)}, expected a name in one line of text")
        else:
            return value.strip()
        return ""

    def start(self) -> datetime:
        """The scenario's start; times of the tables are checked against a placeholder where it is faulty."""
        placeholder, value = datetime(2000, 1, 1, tzinfo=UTC), self.values.get("start")
        expected = "a time with offset such as 2022-10-18T06:00:00+03:00"
        if value is None:
            self.lacks("start", expected)
            return placeholder
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value.strip())
            except ValueError:
                self.fault("start", f"found {show(value)}, expected {expected}")
                return placeholder
        if not isinstance(value, datetime):
            found = value.isoformat() if isinstance(value, date) else show(value)
            self.fault("start", f"found {found}, expected {expected}")
        elif value.tzinfo is None:
            self.fault("start", f"found {value.isoformat()}, a time without offset; expected {expected}")
        elif not FIRST_YEAR <= value.year <= LAST_YEAR:
            self.fault("start", f"found the year {value.year}, expected one from {FIRST_YEAR} to {LAST_YEAR}")
        else:
            return value
        return placeholder

    def number(self, key: str, most: float, default: float | None) -> float:
        """A number in (0, ``most``]; ``default`` where the key is absent (None: a fault)."""
        value = self.values.get(key, default)
        expected = f"a number greater than 0, up to {most:g}"
        if value is None:
            self.lacks(key, expected)
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            self.fault(key, f"found {show(value)}, expected {expected}")
        else:
            return float(value)
        return 1.0

    def unit(self, key: str, known: dict[str, Fraction]) -> Fraction:
        """What one of the unit is in SI."""
        value = self.values.get(key)
        if value is None:
            self.lacks(key, f"one of {', '.join(known)}")
        elif not isinstance(value, str) or value.strip().lower() not in known:
            self.fault(key, f"found {show(value)}, expected one of {', '.join(known)}")
        else:
            return known[value.strip().lower()]
        return Fraction(1)

    def choice(self, key: str, known: tuple[str, ...], fallback: str = "") -> str:
        """One of a few words, the first where the key is absent, ``fallback`` where it is faulty."""
        value = self.values.get(key, known[0])
        for word in known:
            if isinstance(value, str) and value.strip().lower() == word.lower():
                return word
        self.fault(key, f"found {show(value)}, expected one of {', '.join(known)}")
        return fallback

    def crs(self) -> str:
        """Degrees or planar; planar where the file does not tell, as that checks less."""
        return self.choice("crs", CRS, fallback="local") if self.is_read else "local"

    def sentences(self, key: str) -> tuple[str, ...]:
        """A list of sentences for the report."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fault(key, f'found {show(value)}, expected a list of sentences such as ["..."]')
            return ()
        return tuple(" ".join(item.split()) for item in value if item.strip())

    def assumptions(self) -> tuple[str, ...]:
        """What is assumed: what the file says, and the default it leaves in place."""
        said = self.sentences("assumptions")
        if "capacity_factor" in self.values:
            return said
        share = f"{DEFAULT_CAPACITY_FACTOR:.0%}"
        return (*said, f"A plan uses at most {share} of each road's capacity (capacity_factor is not set).")

    def files(self) -> dict[str, tuple[str, int | None]]:
        """Paths of the tables that [files] names, and the lines that do."""
        value = self.values.get("files", {})
        if not isinstance(value, dict):
            self.fault("files", f"found {show(value)}, expected a table [files]")
            return {}
        self.warn_unknown(value, tuple(TABLES), "[files] ")
        named = {}
        for key in TABLES:
            path = value.get(key)
            if isinstance(path, str) and path.strip():
                named[key] = (path, self.line_of(key))
            elif path is not None:
                self.fault(f"files.{key}", f"found {show(path)}, expected the path of a file in the folder")
        return named


def seconds_per_length_unit(settings: Settings) -> float:
    """Seconds that one length unit takes at one speed unit, the nearest double of the exact value (km, km/h: 3600)."""
    return float(settings.metres_per_unit / settings.m_per_s_per_unit)


def is_finite(value: object) -> bool:
    """Whether a value read from JSON or TOML is a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False
