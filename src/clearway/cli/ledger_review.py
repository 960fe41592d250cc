"""`clearway ledger review`: claims one after another, one key for each act."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clearway.cli.ledger import DESK, AuthorOption, OtherLedgerOption, ledger_app
from clearway.cli.terminal import clean_exit
from clearway.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from clearway.workflow.reviewing import Review

KEYS = "a accept  r reject  g grade  G as last  e edit  m merge  s skip  b back  u undo  q quit"
CONTROL_C, ESCAPE, ENDED = "\x03", "\x1b", ""


@ledger_app.command()
def review(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario's folder.")] = Path(),
    ledger: OtherLedgerOption = "",
    author: AuthorOption = DESK,
) -> None:
    """Go through the claims that wait for a decision, at the terminal: one key for each act, each recorded at once."""
    with clean_exit():
        from rich.console import Console

        from clearway.workflow.ledger import open_ledger
        from clearway.workflow.reviewing import Review

        if not sys.stdin.isatty() or not sys.stdout.isatty():
            raise UsageError("review needs a terminal; clearway ledger list, accept and reject do without")
        with open_ledger(ledger or scenario) as store:
            going = Review(store, author)
            console = Console(highlight=False, soft_wrap=False)
            if going.is_over:
                console.print("No claim waits for a decision.")
                return
            with keyboard() as board:
                walk(going, console, board)
            tally = ", ".join(f"{n} {word}" for word, n in sorted(going.tally().items()))
            console.print(f"{going.n_acts} acts recorded; of {len(going.waiting)} claims: {tally}")


class Keyboard:
    """Reads single keys of the terminal, and whole lines where asked; nothing typed ahead is lost."""

    def __init__(self) -> None:
        import termios

        self._place = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._place)

    def by_keys(self) -> None:
        """Give each key at once, without showing it; Ctrl-C is a key like others."""
        import termios

        mode = termios.tcgetattr(self._place)
        mode[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG)
        termios.tcsetattr(self._place, termios.TCSANOW, mode)

    def by_lines(self) -> None:
        """As the terminal was."""
        import termios

        termios.tcsetattr(self._place, termios.TCSANOW, self._before)

    def key(self) -> str:
        """The next key, a character; empty where the terminal is gone."""
        raw = os.read(self._place, 1)
        while raw and raw[0] >= 0xC0 and len(raw) < 2 + (raw[0] >= 0xE0) + (raw[0] >= 0xF0):  # UTF-8
            raw += os.read(self._place, 1)
        return raw.decode("utf-8", "replace")

    def line(self) -> str:
        """The next line, shown while it is typed."""
        self.by_lines()
        try:
            return os.read(self._place, 4096).decode("utf-8", "replace").strip()
        finally:
            self.by_keys()


@contextmanager
def keyboard() -> Iterator[Keyboard]:
    """The terminal's keyboard; the terminal is as it was afterwards."""
    board = Keyboard()
    board.by_keys()
    try:
        yield board
    finally:
        board.by_lines()


def walk(going: Review, console: Console, board: Keyboard) -> None:
    """Show a claim, do what a key asks, until all are done or the user quits."""
    note = ""
    while not going.is_over:
        show(going, console, note)
        key = board.key()
        if key in ("q", CONTROL_C, ENDED):
            return
        try:
            note = act(going, key, console, board)
        except UsageError as error:
            note = str(error)
        except KeyboardInterrupt:  # while a line was typed
            note = "left as it is"


def act(going: Review, key: str, console: Console, board: Keyboard) -> str:
    """Do what a key asks; what to tell the user."""
    name = going.record.claim.claim_id
    simple = {"a": (going.accept, "accepted"), "r": (going.reject, "rejected"), "s": (going.skip, "skipped")}
    simple |= {" ": simple["s"], "b": (going.back, "left as it is")}
    asking = {
        "u": lambda: f"taken back: {going.undo()}",
        "g": lambda: ask_grade(going, console, board),
        "G": lambda: grade_as_last(going),
        "m": lambda: ask_merge(going, console, board),
        "e": lambda: ask_edit(going, console, board),
    }
    if key in simple:
        do, word = simple[key]
        do()
        return f"{name} {word}"
    return asking[key]() if key in asking else f"{key!r} is no key"


def grade_as_last(going: Review) -> str:
    """The grade that this source was given last."""
    usual = going.usual_grade()
    if usual is None:
        return "nothing of this source was graded yet"
    going.grade(usual)
    return f"{going.record.claim.claim_id} graded {usual}"


def ask_grade(going: Review, console: Console, board: Keyboard) -> str:
    """Two keys: a letter and a digit."""
    from clearway.ledger.grades import INFORMATION, SOURCE
    from clearway.workflow.entering import parse_grade

    console.print("source: " + ", ".join(f"{letter} {words}" for letter, words in SOURCE.items()))
    letter = board.key()
    if letter == ESCAPE:
        return "not graded"
    console.print(f"{letter.upper()}; information: " + ", ".join(f"{n} {words}" for n, words in INFORMATION.items()))
    grade = parse_grade(letter + board.key())
    going.grade(grade)
    return f"{going.record.claim.claim_id} graded {grade}: {grade.words}"


def ask_merge(going: Review, console: Console, board: Keyboard) -> str:
    """One key: the number of the claim that says the same."""
    related = going.related()
    if not related:
        return "no other claim is about the same thing"
    console.print(f"the same as which? 1 to {len(related)}, any other key: none")
    key = board.key()
    if not key.isdigit() or not 1 <= int(key) <= len(related):
        return "not merged"
    name, into = going.record.claim.claim_id, related[int(key) - 1].record.claim.claim_id
    going.merge(into)
    return f"{name} merged into {into}"


def ask_edit(going: Review, console: Console, board: Keyboard) -> str:
    """Lines to type; an empty one leaves as it is."""
    from clearway.ledger.bearing import STATES
    from clearway.workflow.entering import Statement

    claim = going.record.claim
    console.print("Type what it should read; Enter leaves it as it is.")
    statement = line(console, board, "statement", claim.statement)
    about = line(console, board, "about (crossing:ID ...)", " ".join(claim.about.targets))
    state = line(console, board, "state (open, limited, closed)", claim.about.state)
    if state and state not in STATES:
        raise UsageError(f"a state is open, limited or closed, not {state!r}; nothing was changed")
    force = line(console, board, "force (asserted, denied, ordered, planned ...)", claim.force.value)
    going.edit(Statement(statement=statement, about=tuple(about.split()), state=state, force=force))
    return f"{claim.claim_id} corrected" if statement or about or state or force else "nothing changed"


def line(console: Console, board: Keyboard, label: str, now: str) -> str:
    """A line typed at the terminal; empty where left as it is."""
    console.print(f"{label} [{plain(now)}]: ", end="", markup=False)
    console.file.flush()
    return board.line()


def show(going: Review, console: Console, note: str) -> None:
    """The claim under review: progress, what it says, where it stands in its report, what contradicts it."""
    from rich.text import Text

    record, report, claim = going.record, going.report, going.record.claim
    console.clear()
    done = going.position
    filled = 30 * done // len(going.waiting)
    decided = len(going.waiting) - going.tally().get("open", 0)
    console.print(
        f"[bold]{done + 1} of {len(going.waiting)}[/bold] {'█' * filled}{'░' * (30 - filled)} {decided} decided"
        f"   {plain(claim.claim_id)} ({going.status})"
    )
    console.print()
    console.print(Text(plain(claim.statement), style="bold"))
    chain = " > ".join(f"{step.name} ({step.basis.value})" for step in claim.chain)
    usual = going.usual_grade()
    facts = [
        ("who", chain),
        ("how", f"{claim.force.value}, {claim.polarity.value}, {claim.stage.value} ({claim.act})"),
        (
            "about",
            f"{claim.about.frame}: {' '.join(claim.about.targets) or '-'} {claim.about.state}{claim.about.order}",
        ),
        ("said", when(claim.said)),
        ("holds", when(claim.holds)),
        (
            "report",
            f"{report.title or report.report_id}, {report.outlet or 'no outlet'}, {report.published or 'undated'}",
        ),
        ("rule", f"{claim.rule}, confidence {claim.confidence:.0%}"),
        ("grade", f"{record.grade or 'none'}" + (f" (this source last: {usual}, key G)" if usual else "")),
    ]
    for label, words in facts:
        console.print(Text(f"{label:>7}  ", style="dim").append(plain(words), style="default"))
    before, span, after = (plain(part) for part in going.context())
    console.print()
    console.print(Text("…" + before).append(span, style="reverse").append(after + "…"))
    related = going.related()
    if related:
        console.print()
    for i, other in enumerate(related, start=1):
        style = "red" if other.relation.startswith("contradicts") else "green"
        its = other.record.claim
        console.print(
            Text(f"{i} ")
            .append(plain(other.relation), style=style)
            .append(plain(f" [{its.claim_id}, {other.record.verdict.value}] {its.speaker}: {its.statement}"))
        )
    console.print()
    console.print(Text(KEYS, style="dim"))
    if note:
        console.print(Text(plain(note), style="yellow"))


def when(time: Any) -> str:
    """A claim's time in words."""
    if time.start is None and time.end is None:
        return f"not known{f': {time.text}' if time.text else ''}"
    return f"{time.start or '…'} to {time.end or '…'}" + ("" if time.resolved else " (not resolved)")


def plain(text: str) -> str:
    """Text that cannot disturb the terminal, in one line."""
    from clearway.ingest.faults import printable

    return printable(re.sub(r"\s+", " ", text))
