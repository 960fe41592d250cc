"""Alternatives prepared in advance: for the loss of crossings at some hours, a plan from the state at that time."""

from __future__ import annotations

import json
import math
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clearway.errors import UsageError, is_interrupt
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.workflow import REPORT
from clearway.workflow.folders import load_both, refuse_other
from clearway.workflow.replan import put, seconds_at, with_beds, write_new_plan

if TYPE_CHECKING:
    from clearway.planner import PlanParameters
    from clearway.publish.contingencies import Contingency

INDEX = "contingencies.json"
TABLE = "contingencies.csv"
TIMES = 4  # for each loss, where no times are asked for
Loss = tuple[tuple[int, ...], float]  # crossings, seconds from the start


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What to prepare for.

    Attributes
    ----------
    losses : ids of crossings, "bridge" or "bridge+dam" (lost together); empty: each that the plan uses, and those that
        one event of the scenario's [uncertainty] takes together.
    at : moments as `seconds_at` takes them; empty: a grid.
    every_h : hours between the times of the grid; None: four times from the first use of it to the last.
    keep_within : share of persons and of time that keeping the others' orders may cost.
    """

    losses: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    every_h: float | None = None
    keep_within: float = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What was written."""

    document: dict[str, Any]
    sentences: tuple[str, ...]
    folder: Path
    is_ok: bool  # `check` finds no fault with any of them
    is_interrupted: bool


def prepare_contingencies(
    scenario_folder: Path,
    plan_folder: Path,
    out: Path,
    asked: Asked,
    params: PlanParameters,
    told: Callable[[str], None] = lambda _: None,
) -> Prepared:
    """
    Prepare an alternative for each loss, judge it by `check`, and write all into ``out``, whole or not at all.

    Ctrl-C leaves those that are done by then. InputError for faulty folders; UsageError for what cannot be prepared.
    """
    told("reading")
    scenario, plan = load_both(scenario_folder, plan_folder)
    losses, idle = asked_losses(scenario, plan, asked, joint_losses(scenario_folder, scenario))
    refuse_other(out, {INDEX, TABLE, REPORT, *earlier_folders(out)})
    for folder in (scenario_folder, plan_folder):
        if out.resolve() == folder.resolve():
            raise UsageError(f"the alternatives need a folder of their own: {out} is taken")
    found: list[Contingency] = []
    is_interrupted = False
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary) / "new"
        place.mkdir()
        names = loss_names(scenario, losses)
        try:
            for number, (loss, name) in enumerate(zip(losses, names, strict=True), start=1):

                def step(words: str, head: str = f"{number} of {len(losses)}, {name}") -> None:
                    told(f"{head}: {words}")

                before = (scenario_folder, scenario, plan)
                found.append(prepare(place / name, loss, before, asked.keep_within, params, step))
        except (KeyboardInterrupt, SystemError) as error:
            if not is_interrupt(error) or not found:
                raise
            is_interrupted = True
            remove_unfinished(place, {each.name for each in found})
        document = write_index(place, found, idle, scenario, plan)
        put(place, out)
    return Prepared(
        document, tuple(each["sentence"] for each in document["contingencies"]), out,
        not any(each.faults for each in found), is_interrupted,
    )  # fmt: skip


def prepare(
    place: Path,
    loss: Loss,
    before: tuple[Path, Scenario, Plan],
    keep_within: float,
    params: PlanParameters,
    told: Callable[[str], None],
) -> Contingency:
    """One alternative in a folder of its own: the state's scenario, its plan, what changes for whom."""
    from clearway.check import check_plan
    from clearway.ingest.closed_folder import copy_closed
    from clearway.ingest.folder import read_scenario
    from clearway.ingest.plan_folder import read_plan
    from clearway.planner.replan import settle_state
    from clearway.planner.room import profile_from, scenario_from
    from clearway.planner.state import beds_now, state_at
    from clearway.publish import contingencies as publish

    folder, scenario, plan = before
    crossings, lost_s = loss
    moment = scenario.clock(lost_s).isoformat()
    note = "lost, as this alternative takes it"
    with tempfile.TemporaryDirectory() as temporary:
        changed_folder = Path(temporary) / "changed"
        copy_closed(
            folder, changed_folder, [(f"crossing:{scenario.crossings[c].crossing_id}", moment, note) for c in crossings]
        )
        changed = read_scenario(changed_folder)
        state = state_at(scenario, plan, lost_s, changed)
        begins_now = with_beds(scenario_from(changed, lost_s), beds_now(changed, state))
        state = settle_state(plan, state, changed, begins_now, profile_from(changed.capacity_profile(), lost_s))
        made = write_new_plan(place, changed_folder, changed, (plan, state), keep_within, params, told)
    told("checking")
    _, done, orders = made.made
    now = read_scenario(place / "scenario")
    new = read_plan(place / "plan", now)
    faults = [str(fault) for fault in check_plan(now, new).faults]
    old = publish.Before(plan, scenario, orders.movements, orders.routes)
    return publish.contingency(place.name, loss, old, state, (now, new, done.n_kept), faults)


def joint_losses(folder: Path, scenario: Scenario) -> list[tuple[int, ...]]:
    """Crossings that one event takes together, as the scenario's [uncertainty] states it."""
    from clearway.ingest.uncertainty import read_uncertainty

    place = {c.crossing_id: i for i, c in enumerate(scenario.crossings)}
    sets = [
        tuple(sorted(place[target.target_id] for target in loss.targets if target.kind == "crossing"))
        for loss in read_uncertainty(folder, scenario).losses
    ]
    return [each for each in dict.fromkeys(sets) if len(each) > 1]


def asked_losses(
    scenario: Scenario, plan: Plan, asked: Asked, joint: Sequence[tuple[int, ...]] = ()
) -> tuple[list[Loss], list[int]]:
    """The losses to prepare for, in the order of the crossings and of time; and the crossings the plan does not use."""
    from clearway.planner.losses import passing

    uses = [passing(scenario, plan, crossing) for crossing in scenario.crossings]
    idle = [i for i, use in enumerate(uses) if not use[0].size]
    if asked.losses:
        sets = [crossings_named(scenario, words) for words in dict.fromkeys(asked.losses)]
        unused = [words for words, s in zip(asked.losses, sets, strict=False) if all(i in idle for i in s)]
        if unused:
            raise UsageError(
                f"the plan does not use {', '.join(unused)}: it stands if that is lost; nothing is to be prepared"
            )
    else:
        sets = [(i,) for i in range(len(uses)) if i not in idle]
        sets += [each for each in joint if sum(i not in idle for i in each) > 1]
    if not sets:
        why = "the plan uses none of the crossings" if scenario.crossings else "the scenario names no crossing"
        raise UsageError(f"{why} (crossing.csv): nothing is to be prepared")
    losses: list[Loss] = []
    for each in sets:
        used = [uses[i] for i in each if i not in idle]
        first, last = min(float(u[0].min()) for u in used), max(float(u[1].max()) for u in used)
        losses += [(each, t) for t in loss_times(scenario, asked, first, last)]
    if not losses:
        raise UsageError("at all the times asked for the plan has passed what is lost; nothing is to be prepared")
    return losses, idle


def crossings_named(scenario: Scenario, words: str) -> tuple[int, ...]:
    """Crossings by their ids, joined by +; UsageError for one there is not."""
    ids = {c.crossing_id: i for i, c in enumerate(scenario.crossings)}
    wanted = [words] if words in ids else words.split("+")
    unknown = [each for each in wanted if each not in ids]
    if unknown:
        there = ", ".join(ids) if ids else "none"
        raise UsageError(f"--lose takes ids of crossings, joined by +, not {', '.join(unknown)}; there are: {there}")
    return tuple(dict.fromkeys(ids[each] for each in wanted))


def loss_times(scenario: Scenario, asked: Asked, first_s: float, last_s: float) -> list[float]:
    """Times of loss before the last use: those asked for, or a grid of whole hours (quarters where time is short)."""
    if asked.at:
        times = {seconds_at(scenario, words, "--at") for words in asked.at}
    elif asked.every_h is not None:
        step = 3600.0 * asked.every_h
        times = {step * k for k in range(math.ceil(last_s / step))}
    else:
        unit = 3600.0 if last_s - first_s >= TIMES * 3600.0 else 900.0
        times = {unit * math.floor((first_s + k * (last_s - first_s) / TIMES) / unit) for k in range(TIMES)}
    return sorted(t for t in times if t < min(last_s, scenario.horizon_s))


def loss_names(scenario: Scenario, losses: Sequence[Loss]) -> list[str]:
    """A folder's name for each: "bridge-14h", "bridge-dam-2h30"."""
    names: list[str] = []
    for crossings, lost_s in losses:
        ids = "-".join(re.sub(r"[^\w.-]+", "_", scenario.crossings[c].crossing_id).strip(".") for c in crossings)
        minutes, seconds = divmod(round(lost_s), 60)
        hour = f"{minutes // 60}h" + (f"{minutes % 60:02d}" if minutes % 60 or seconds else "")
        name = f"{ids or 'crossing'}-{hour}" + (f"{seconds:02d}s" if seconds else "")
        names.append(name if name not in names else f"{name}-{len(names) + 1}")
    return names


def earlier_folders(out: Path) -> set[str]:
    """The folders that earlier alternatives in ``out`` say are their own."""
    try:
        document = json.loads((out / INDEX).read_bytes())
        return {str(each["folder"]) for each in document["contingencies"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def remove_unfinished(place: Path, done: set[str]) -> None:
    """Take away what an interrupt left half done."""
    import shutil

    for path in place.iterdir():
        if path.name not in done:
            shutil.rmtree(path, ignore_errors=True)


def write_index(
    place: Path, found: Sequence[Contingency], idle: Sequence[int], scenario: Scenario, plan: Plan
) -> dict[str, Any]:
    """The document of all alternatives, the table and the page, into their folder."""
    from clearway.publish import contingencies as publish
    from clearway.publish.contingency_page import contingencies_page
    from clearway.publish.plan_folder import write_file

    records = [publish.contingency_record(each, plan, scenario) for each in found]
    document = {
        "scenario_hash": scenario.content_hash,
        "planned": {"persons": plan.persons_planned, "clearance_time_s": plan.clearance_time_s},
        "not_used": [scenario.crossings[i].crossing_id for i in idle],
        "contingencies": records,
    }
    write_file(place / INDEX, json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    write_file(place / TABLE, publish.contingencies_csv(records))
    write_file(place / REPORT, contingencies_page(found, idle, plan, scenario))
    return document
