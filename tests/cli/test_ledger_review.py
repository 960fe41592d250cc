"""`clearway ledger review` at a real pseudo-terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.ledger.small import BRIDGE, NOON, claim, report

from clearway.ledger.claims import Span
from clearway.ledger.entries import ClaimAdded, Decided, Graded, ReportAdded
from clearway.ledger.grades import Grade
from clearway.ledger.state import follow
from clearway.ledger.store import open_store

TEXT = "Traffic news. The bridge is closed to all traffic, the mayor said. \x1b[31mMore at nine.\x1b[0m"


class Terminal:
    """A program at a pseudo-terminal: keys in, screens out."""

    def __init__(self, *words: str) -> None:
        self._master, slave = pty.openpty()
        code = "from clearway.cli import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, *words],
            stdin=slave, stdout=slave, stderr=slave, env={**os.environ, "TERM": "xterm", "COLUMNS": "110"},
            start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.screen = ""

    def expect(self, pattern: str, seconds: float = 30.0) -> str:
        """Read until a pattern is shown; what was shown up to it is used up."""
        end = time.monotonic() + seconds
        while not (found := re.search(pattern, self.screen)):
            ready, _, _ = select.select([self._master], [], [], max(end - time.monotonic(), 0))
            if not ready:
                self.stop()
                raise AssertionError(f"{pattern!r} was not shown within {seconds} s, but:\n{self.screen}")
            try:
                self.screen += os.read(self._master, 65536).decode("utf-8", "replace")
            except OSError:
                self.stop()
                raise AssertionError(f"{pattern!r} was not shown; it ended with:\n{self.screen}") from None
        shown, self.screen = self.screen[: found.end()], self.screen[found.end() :]
        return shown

    def stop(self) -> None:
        """End the program, whatever it does; nothing of it is left to be warned of in a later test."""
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def ended(self) -> int:
        code = self._process.wait(30)
        os.close(self._master)
        return code


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite"
    span = Span(14, 49, TEXT[14:49])
    with open_store(path) as store:
        acts = [ReportAdded(report(text=TEXT, outlet="Radio"))]
        acts += [ClaimAdded(claim("c1", "closed", "the mayor", span=span))]
        acts += [ClaimAdded(claim("c2", "open", "a driver"))]
        acts += [ClaimAdded(claim(f"c{i}", "closed", f"witness {i}")) for i in range(3, 61)]
        store.append(acts, "duty desk")
    return path


def test_every_act_by_one_key(ledger: Path) -> None:
    terminal = Terminal("ledger", "review", "--ledger", str(ledger), "--author", "night desk")
    first = terminal.expect("q quit")
    assert "1 of 60" in first
    assert "The bridge is closed to all traffic" in first, "the span in its context"
    assert "?[31mMore at nine.?[0m" in first, "a report cannot disturb the terminal"
    assert re.search(r"contradicts: status against status .*closed and open.*\[c2", first), first
    terminal.press("gb2")
    terminal.expect("c1 graded B2")
    terminal.press("a")
    terminal.expect("c1 accepted")
    terminal.press("r")
    terminal.expect("c2 rejected")
    terminal.press("u")
    terminal.expect("taken back: c2")
    terminal.press("s")
    terminal.expect("c2 skipped")
    terminal.press("m")
    terminal.expect("the same as which")
    terminal.press("1")
    shown = terminal.expect(r"c3 merged into c\d+")
    assert "4 of 60" in shown
    terminal.press("e")
    for label, typed in (
        ("statement", "The bridge is down\n"),
        ("about", "\n"),
        ("state", "limited\n"),
        ("force", "\n"),
    ):
        terminal.expect(rf"{label}.*\]: ")
        terminal.press(typed)
    terminal.expect("c4 corrected")
    terminal.press("z")
    terminal.expect("'z' is no key")
    terminal.press("gx9")
    terminal.expect("expected a letter A to F")
    terminal.press("q")
    terminal.expect("5 acts recorded")
    assert terminal.ended() == 0
    with open_store(ledger) as store:
        entries = list(store.entries())
    state = follow(entries)
    assert state.status(state.claims["c1"]) == "accepted"
    assert state.claims["c1"].grade == Grade("B", "2")
    assert state.status(state.claims["c2"]) == "open"
    assert state.status(state.claims["c3"]) == "merged"
    assert state.claims["c4"].claim.statement == "The bridge is down"
    assert state.claims["c4"].claim.about.state == "limited"
    assert state.claims["c4"].claim.about.targets == (BRIDGE,)
    verdicts = [e.act.verdict.value for e in entries if isinstance(e.act, Decided) and e.act.claim_id == "c2"]
    assert verdicts == ["rejected", "open"], "taking back is an entry of its own"
    assert {entry.author for entry in entries if isinstance(entry.act, Graded)} == {"night desk"}


def test_sixty_claims_by_two_keys_each(ledger: Path) -> None:
    """60 claims in 10 minutes leave 10 s for each; the program itself takes far under one."""
    terminal = Terminal("ledger", "review", "--ledger", str(ledger))
    terminal.expect("q quit")
    begun = time.monotonic()
    terminal.press("gc3a")
    terminal.expect("c1 accepted")
    for i in range(2, 61):
        terminal.press("a" if i % 3 else "r")
        terminal.expect(f"c{i} (accepted|rejected)|acts recorded")
    took = time.monotonic() - begun
    assert terminal.ended() == 0
    assert took < 60
    with open_store(ledger) as store:
        state = follow(store.entries())
        assert {state.status(record) for record in state.claims.values()} == {"accepted", "rejected"}
        assert store.bearing(NOON)


def test_control_c_leaves_what_was_decided(ledger: Path) -> None:
    terminal = Terminal("ledger", "review", "--ledger", str(ledger))
    terminal.expect("q quit")
    terminal.press("a")
    terminal.expect("c1 accepted")
    terminal.press("\x03")
    assert terminal.ended() in (0, 130)
    with open_store(ledger) as store:
        assert follow(store.entries()).claims["c1"].verdict == "accepted"


def test_without_a_terminal_it_says_what_to_do(ledger: Path) -> None:
    code = "from clearway.cli import main; main()"
    told = subprocess.run(
        [sys.executable, "-c", code, "ledger", "review", "--ledger", str(ledger)],
        input="a", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (told.returncode, told.stdout) == (2, "")
    assert "needs a terminal" in told.stderr
