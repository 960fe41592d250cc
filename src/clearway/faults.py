"""What is wrong with outside data: collected while reading, raised once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from clearway.errors import Fault, InputError

DISTURBING = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # control; overrides of direction
N_LISTED = 50  # faults listed per file; the others are counted
N_KEPT = 10_000  # faults kept per file: enough to list the first ones by line, whatever the file holds
N_WARNINGS_OF_A_KIND = 20


class FaultLog:
    """
    The faults and warnings of one reading.

    A cell is faulted once: what is found wrong with it later follows from the first fault. A row faulted as a whole
    (``field`` None) is not faulted again either.
    """

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self._by_file: dict[str, list[Fault]] = {}
        self._seen: set[tuple[str, int, str | None]] = set()
        self._n_more: Counter[str] = Counter()

    def __len__(self) -> int:
        return sum(map(len, self._by_file.values())) + self._n_more.total()

    def add(self, file: str, message: str, row: int | None = None, field: str | None = None) -> None:
        """Note a fault."""
        file, message = printable(file), printable(message)
        field = None if field is None else printable(field[:100])
        kept = self._by_file.setdefault(file, [])
        if row is not None:
            if (file, row, field) in self._seen or (file, row, None) in self._seen:
                return
            if len(kept) < N_KEPT:
                self._seen.add((file, row, field))
        if len(kept) < N_KEPT:
            kept.append(Fault(file, message, row, field))
        else:
            self._n_more[file] += 1

    def warn(self, message: str) -> None:
        """Note what looks wrong but does not stop a plan."""
        self.warnings.append(printable(message))

    def warn_each(self, messages: Iterable[str], others: str) -> None:
        """Note the first messages of a kind, and how many ``others`` (a noun in the plural) there are."""
        listed = list(messages)
        self.warnings.extend(map(printable, listed[:N_WARNINGS_OF_A_KIND]))
        if len(listed) > N_WARNINGS_OF_A_KIND:
            self.warnings.append(f"and {len(listed) - N_WARNINGS_OF_A_KIND:,} more {others}")

    def raise_any(self, what: str) -> None:
        """Raise InputError with all faults, if any: by file in the order of reading, then by line."""
        faults: list[Fault] = []
        for file, kept in self._by_file.items():
            ordered = sorted(kept, key=lambda fault: fault.row or 0)
            faults += ordered[:N_LISTED]
            n_more = len(ordered[N_LISTED:]) + self._n_more[file]
            if n_more:
                faults.append(Fault(file, f"and {n_more:,} more"))
        if faults:
            raise InputError(faults, what)


def show(value: object) -> str:
    """A value found, for a message: quoted, escaped, short; ``nothing`` for a blank one."""
    try:
        text = value if isinstance(value, str) else repr(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits, lists within lists
        return f"a huge {type(value).__name__}"
    if not text:
        return "nothing"
    short = text if len(text) <= 60 else text[:57] + "..."
    return repr(short) if isinstance(value, str) else short


def printable(text: str) -> str:
    """Text that cannot disturb a terminal."""
    return DISTURBING.sub("?", text)


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """``; did you mean 'x'?`` for the known word that comes nearest to what was found, empty where none is near."""
    near = nearest(word, known)
    return f"; did you mean {near!r}?" if near else ""


def nearest(word: str, known: Sequence[str]) -> str:
    """The known word that a word found is a slip, an abbreviation or a part of; empty where there is none."""
    from difflib import get_close_matches

    plain = re.sub("[^a-z0-9]+", "_", word.lower()[:100]).strip("_")
    if not plain:
        return ""
    near = get_close_matches(word.lower()[:100], known, n=1, cutoff=0.75)
    if near:
        return near[0]
    short = [name for name in known if plain == initials(name)]
    parts = [name for name in known if set(plain.split("_")) <= set(name.split("_")) and len(plain) > 3]
    return next(iter((*short, *parts)), "")


def initials(name: str) -> str:
    """``ppv`` for persons_per_vehicle; empty for a name of one word."""
    words = name.split("_")
    return "".join(word[:1] for word in words) if len(words) > 1 else ""
