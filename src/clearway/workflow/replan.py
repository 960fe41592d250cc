"""A change of plan: the state at some moment as a scenario of its own, a plan for it, and what changes for whom."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clearway.errors import Fault, InputError, OutputError, UsageError
from clearway.model.scenario import Scenario
from clearway.workflow.folders import load_both, refuse_other

if TYPE_CHECKING:
    from clearway.planner import PlanParameters
    from clearway.planner.replan import Orders, Replanned

FILES = {"scenario", "plan", "changes.csv", "changes.json"}


@dataclass(frozen=True, slots=True)
class NewPlan:
    """What was written: the document, its sentences, and the state's scenario, its plan and the orders before."""

    document: dict[str, Any]
    sentences: tuple[str, ...]
    folder: Path
    made: tuple[Scenario, Replanned, Orders]


def change_plan(
    scenario_folder: Path,
    plan_folder: Path,
    changed_folder: Path,
    out: Path,
    now: str,
    keep_within: float,
    params: PlanParameters,
    told: Callable[[str], None] = lambda _: None,
) -> NewPlan:
    """
    Plan again from what has happened by ``now``, for a changed scenario, keeping orders within a cost.

    Writes scenario (the state), plan (for it), changes.csv and changes.json into ``out``, whole or not at all.
    InputError for faulty folders, UsageError for a time or a change that cannot be.
    """
    from clearway.ingest.folder import read_scenario
    from clearway.planner.replan import settle_state
    from clearway.planner.room import profile_from, scenario_from
    from clearway.planner.state import beds_now, state_at

    told("reading")
    scenario, plan = load_both(scenario_folder, plan_folder)
    changed = read_scenario(changed_folder)
    now_s = seconds_at(scenario, now)
    changed = aligned(scenario, changed, changed_folder)
    refuse_other(out, FILES)
    for folder in (scenario_folder, plan_folder, changed_folder):
        if out.resolve() == folder.resolve():
            raise UsageError(f"the new plan needs a folder of its own: {out} is taken")
    told("where everybody is")
    try:
        state = state_at(scenario, plan, now_s, changed)
    except ValueError as error:
        raise UsageError(f"{changed_folder} does not fit what has happened: {error}") from error
    begins_now = with_beds(scenario_from(changed, now_s), beds_now(changed, state))
    state = settle_state(plan, state, changed, begins_now, profile_from(changed.capacity_profile(), now_s))
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary) / "new"
        made = write_new_plan(place, changed_folder, changed, (plan, state), keep_within, params, told)
        put(place, out)
    return NewPlan(made.document, made.sentences, out, made.made)


def write_new_plan(
    place: Path,
    changed_folder: Path,
    changed: Scenario,
    before: tuple[Any, Any],
    keep_within: float,
    params: PlanParameters,
    told: Callable[[str], None],
) -> NewPlan:
    """The state's scenario, its plan and the changes, in a folder that is not there yet."""
    from clearway.ingest.folder import read_scenario
    from clearway.ingest.state_folder import state_files
    from clearway.planner.replan import in_whole_persons, orders_of, replan
    from clearway.planner.state import beds_now
    from clearway.publish import changes as publish
    from clearway.publish.answer import answer_sentence
    from clearway.publish.facts import Earlier, Facts
    from clearway.publish.plan_folder import write_file, write_plan
    from clearway.publish.report import render_report

    plan, state = before
    folder = place / "scenario"
    folder.mkdir(parents=True)
    for name, content in state_files(changed_folder, changed, state, beds_now(changed, state)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_file(folder / name, content)
    now = read_scenario(folder)
    done = replan(now, plan, state, len(changed.zones), keep_within, params, told)
    told("writing")
    orders = in_whole_persons(orders_of(plan, state, changed.zones, as_they_were=True), now)
    rows = publish.change_rows(now, done.plan, done.n_kept, (orders.movements, orders.routes))
    sentences = (
        publish.state_sentence(state, now),
        publish.cost_sentence(rows, len(changed.zones), done.kept_until_s, done.costs),
        *(() if done.is_in_time else (publish.cut_short_sentence(params.time_limit_s),)),
    )
    records = publish.change_records(rows, now)
    document: dict[str, Any] = {
        "scenario_hash": now.content_hash,
        "now": now.start.isoformat(),
        "persons": {
            "arrived": int(state.arrived.sum()),
            "on_road": sum(g.persons for g in state.on_road),
            "diverted": sum(g.persons for g in state.on_road if g.is_diverted and not g.has_turned),
            "turned_back": sum(g.persons for g in state.on_road if g.has_turned),
            "at_home": sum(state.home.values()),
            "at_home_with_orders": sum(state.home_planned.values()),
        },
        "orders_kept_until_s": done.kept_until_s,
        "cost_persons": done.costs[0],
        "cost_time": done.costs[1],
        "time_limit_decided": not done.is_in_time,
        "changes": records,
    }
    earlier = Earlier(int(state.arrived.sum()), len(changed.zones))
    facts = Facts(done.plan, now, earlier=earlier)
    document["persons"] |= publish.whole_figures(facts)
    report = render_report(done.plan, now, publish.changes_html(sentences, rows, now), earlier=earlier)
    write_plan(done.plan, now, place / "plan", {"report.html": report})
    write_file(place / "changes.csv", publish.changes_csv(records))
    write_file(place / "changes.json", json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    figures = {
        "persons_planned": done.plan.persons_planned,
        "clearance_time_s": done.plan.clearance_time_s,
        "clearance_lower_bound_s": done.plan.clearance_lower_bound_s,
        "status": done.plan.status,
    }
    said = (answer_sentence(facts), *sentences)
    return NewPlan({**document, "plan": figures}, said, place, (now, done, orders))


def seconds_at(scenario: Scenario, now: str, option: str = "--now") -> float:
    """A moment as seconds from the start: ISO 8601 with offset, or hours from the start; UsageError otherwise."""
    expected = f"{option} takes a time such as 2022-10-18T06:00:00+03:00, or hours from the start such as 12.5"
    try:
        seconds = float(now) * 3600
    except ValueError:
        try:
            moment = datetime.fromisoformat(now)
        except ValueError:
            raise UsageError(f"{expected}, not {now!r}") from None
        if moment.tzinfo is None:
            raise UsageError(f"{expected}; {now!r} has no offset") from None
        seconds = (moment - scenario.start).total_seconds()
    if not 0 <= seconds < scenario.horizon_s:
        last = scenario.clock(scenario.horizon_s).isoformat()
        raise UsageError(f"{option} must lie from {scenario.start.isoformat()} to before {last}, not at {now}")
    return seconds


def aligned(scenario: Scenario, changed: Scenario, folder: Path) -> Scenario:
    """The changed scenario with old zones and sites first, in their order; InputError where it is of another place."""
    from dataclasses import replace

    faults = []
    if changed.start != scenario.start:
        faults.append(
            Fault(
                "scenario.toml",
                f"found {changed.start.isoformat()}, expected the plan's, {scenario.start.isoformat()}",
                field="start",
            )
        )
    for table, old, new in (
        ("node.csv", scenario.network.node_ids, changed.network.node_ids),
        ("link.csv", scenario.network.link_ids, changed.network.link_ids),
    ):
        if old != new:
            odd = sorted(set(old) ^ set(new))[:3]
            which = f": {', '.join(odd)}" if odd else " (another order)"
            message = f"differs from the plan's{which}; expected the same rows, what is lost being closed in"
            faults.append(Fault(table, f"{message} availability.csv"))
    for table, known, found in (
        ("zone.csv", [z.zone_id for z in scenario.zones], [z.zone_id for z in changed.zones]),
        ("site.csv", [s.site_id for s in scenario.sites], [s.site_id for s in changed.sites]),
    ):
        missing = [each for each in known if each not in set(found)]
        if missing:
            message = f"lacks {', '.join(missing[:3])}, which the plan has; expected them still, with nobody or no bed"
            faults.append(Fault(table, message))
    if faults:
        raise InputError(faults, f"the changed scenario {folder}")
    zone_place = {z.zone_id: i for i, z in enumerate(scenario.zones)}
    site_place = {s.site_id: i for i, s in enumerate(scenario.sites)}
    return replace(
        changed,
        zones=tuple(sorted(changed.zones, key=lambda z: zone_place.get(z.zone_id, len(zone_place)))),
        sites=tuple(sorted(changed.sites, key=lambda s: site_place.get(s.site_id, len(site_place)))),
    )


def with_beds(scenario: Scenario, beds: Any) -> Scenario:
    """The scenario with so many beds left at its sites."""
    from dataclasses import replace

    sites = tuple(replace(s, beds=b) for s, b in zip(scenario.sites, beds.tolist(), strict=True))
    return replace(scenario, sites=sites)


def put(made: Path, out: Path) -> None:
    """Move a finished folder to its place, in one step."""
    from clearway.publish.plan_folder import put_in_place

    target = out.resolve()
    beside = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(made, beside)
        put_in_place(beside, target)
    except OSError as error:
        raise OutputError(f"could not write {out}: {error.strerror or error}; nothing was left behind") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
