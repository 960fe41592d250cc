"""[uncertainty]: what is read, and every fault in one message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.stress.conftest import EVERYTHING, TABLES

from clearway.errors import InputError
from clearway.examples import variants, write_example
from clearway.ingest.folder import read_scenario, without_uncertainty
from clearway.ingest.uncertainty import FILE, read_uncertainty
from clearway.model.uncertainty import Uncertainty

FAULTY = """
[[uncertainty.loss]]
target = "crossing:brige"
probability = 1.5
time_h = { distribution = "weibul", shape = 1, scale = 2 }

[[uncertainty.loss]]
target = "crossing:bridge"
time_h = { distribution = "uniform", low = 5, high = 1 }

[[uncertainty.capacity]]
target = "zone:town"
factor = { distribution = "normal", mean = 1, sd = 0.1 }

[[uncertainty.behaviour]]
setting = "follow_windw"
value = 1

[[uncertainty.population]]
target = "all"
factor = { distribution = "choice", values = [1, 2], weights = [1] }

[[uncertainty.correlation]]
between = ["people of every zone", "beds"]
value = 2

[uncertainty.weather]
rain = true
"""


def read(folder: Path) -> Uncertainty:
    return read_uncertainty(folder, read_scenario(folder))


def test_all_faults_in_one_message(scenario_with: Callable[[str], Path]) -> None:
    folder = scenario_with(FAULTY)
    (folder / FILE).write_text(
        '[[uncertainty.state]]\ntarget = "crossing:bridge"\nfrom = 2026-05-01T06:00:00+03:00\nopen = 0.5\n'
        "limited = 0.2\nclosed = 0.2\n"
    )
    with pytest.raises(InputError) as caught:
        read(folder)
    told = {(fault.file, fault.row, fault.field): fault.message for fault in caught.value.faults}
    lines = (folder / "scenario.toml").read_text().splitlines()

    def line(text: str) -> int:
        return next(i for i, each in enumerate(lines, 1) if each.startswith(text))

    expected = {
        ("uncertainty.loss[0].target", line('target = "crossing:brige"'), "did you mean 'bridge'"),
        ("uncertainty.loss[0].probability", line("probability"), "expected a number from 0 to 1"),
        ("uncertainty.loss[0].time_h.distribution", line("time_h"), "did you mean 'weibull'"),
        ("uncertainty.loss[1].time_h.high", line('time_h = { distribution = "uniform"'), "more than low"),
        ("uncertainty.capacity[0].target", line('target = "zone:town"'), "expected all or crossing:ID or link:ID"),
        ("uncertainty.capacity[0].factor", line('factor = { distribution = "normal"'), "set low and high"),
        ("uncertainty.behaviour[0].setting", line("setting"), "did you mean 'follow_window'"),
        ("uncertainty.population[0].factor.weights", line('factor = { distribution = "choice"'), "expected 2 numbers"),
        ("uncertainty.correlation[0].value", line("value = 2"), "from -0.999 to 0.999"),
        ("uncertainty.correlation[0].between", line("between"), "expected the name of something uncertain"),
        ("uncertainty.weather", None, "is not known, expected loss"),
    }
    for field, row, words in expected:
        assert words in told.get(("scenario.toml", row, field), ""), (field, row, told)
    assert "add up to 0.9" in told[(FILE, 4, "uncertainty.state[0].open")]
    assert len(told) == len(expected) + 1


def test_a_broken_file_is_one_fault(scenario_with: Callable[[str], Path]) -> None:
    folder = scenario_with("")
    (folder / FILE).write_text("[uncertainty\n")
    with pytest.raises(InputError, match=r"uncertainty.toml, line 1: not valid TOML"):
        read(folder)


def test_correlations_that_cannot_hold_together(scenario_with: Callable[[str], Path]) -> None:
    names = ("a", "b", "c")
    text = "".join(f'\n[[uncertainty.beds]]\nname = "{name}"\nfactor = 1\n' for name in names)
    for first, second, value in (("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9)):
        text += f'\n[[uncertainty.correlation]]\nbetween = ["{first}", "{second}"]\nvalue = {value}\n'
    with pytest.raises(InputError, match="contradict each other"):
        read(scenario_with(text))


def test_names_are_told_apart(scenario_with: Callable[[str], Path]) -> None:
    twice = '\n[[uncertainty.loss]]\ntarget = "crossing:bridge"\ntime_h = 1\n' * 2
    with pytest.raises(InputError, match="give one of them a name of its own"):
        read(scenario_with(twice))


def test_no_plan_depends_on_uncertainty(scenario_with: Callable[[str], Path]) -> None:
    bare, stated = TABLES["scenario.toml"], TABLES["scenario.toml"] + "\n# why\n" + EVERYTHING
    assert without_uncertainty(stated.encode()) == bare.encode()
    assert without_uncertainty((stated + "[files]\nnodes = 'node.csv'\n").encode()).endswith(b"'node.csv'\n")
    assert read_scenario(scenario_with(EVERYTHING)).content_hash == read_scenario(scenario_with("")).content_hash
    changed = read_scenario(scenario_with(EVERYTHING + "\n[reserve]\n")).content_hash
    assert changed != read_scenario(scenario_with("")).content_hash


@pytest.mark.parametrize("variant", sorted(variants("kherson")))
def test_the_example_states_its_uncertainty_with_a_reason_for_each(tmp_path: Path, variant: str) -> None:
    write_example("kherson", tmp_path / "k", variant)
    found = read(tmp_path / "k")
    assert all(one.reason for one in (*found.losses, *found.factors, *found.settings))
    assert len(found.losses) == 3
    assert len(found.inputs) == 14
