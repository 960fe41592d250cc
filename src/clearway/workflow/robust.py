"""A plan chosen by what becomes of people in many futures."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clearway.errors import UsageError
from clearway.model.network import FloatArray
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.workflow import REPORT, load_scenario, refuse_unsearched
from clearway.workflow.folders import load_both, refuse_other
from clearway.workflow.replan import put

if TYPE_CHECKING:
    from clearway.model.uncertainty import Uncertainty
    from clearway.planner import PlanParameters
    from clearway.stress.robust import Candidate

INDEX, FUTURES, SCENARIO = "robust.json", "futures.csv", "scenario"
LEAST_FUTURES = 20
QUICK_LIMIT_S = 20.0
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Choice:
    """
    How to choose: ``measure`` "expected" or "cvar" (of the worst share ``alpha``) of persons safe, over half of
    ``n_futures`` futures drawn by ``seed``; the other half tells how much is gained. ``n_workers`` processes drive.
    """

    n_futures: int = 400
    measure: str = "cvar"
    alpha: float = 0.05
    seed: int = 0
    n_workers: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Robust:
    """What was written."""

    document: dict[str, Any]
    sentences: tuple[str, ...]
    folder: Path
    is_ok: bool


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """A candidate's plan, and persons safe with it in each future driven."""

    candidate: Candidate
    plan: Plan
    chosen_on: FloatArray


def choose_plan(
    folder: Path,
    out: Path,
    choice: Choice,
    params: PlanParameters,
    nominal_folder: Path | None = None,
    told: Told = lambda _: None,
) -> Robust:
    """
    Plan in several ways, drive all on the same futures, and write the plan that does best: robust.json, plan, report.

    ``nominal_folder``: a plan that is there already. UsageError where nothing is uncertain, or too few futures are
    asked for; InputError for faulty folders.
    """
    from clearway.check import check_plan
    from clearway.ingest.closed_folder import copy_with_all_capacity
    from clearway.ingest.plan_folder import read_plan
    from clearway.ingest.uncertainty import read_uncertainty
    from clearway.publish.plan_folder import write_file, write_plan
    from clearway.publish.report import render_report
    from clearway.publish.robust import robust_page, robust_sentences

    if choice.n_futures < LEAST_FUTURES:
        raise UsageError(f"--futures takes at least {LEAST_FUTURES}, not {choice.n_futures}")
    told("reading")
    scenario = load_scenario(folder)
    uncertainty = read_uncertainty(folder, scenario)
    if uncertainty.is_empty:
        raise UsageError(f"{folder} says of nothing that it is uncertain; state it in [uncertainty] of scenario.toml")
    refuse_other(out, {INDEX, FUTURES, REPORT, SCENARIO, "plan"})
    if out.resolve() in (folder.resolve(), (nominal_folder or folder).resolve()):
        raise UsageError(f"the plan needs a folder of its own: {out} is taken")
    if nominal_folder is not None:
        nominal = load_both(folder, nominal_folder)[1]
    else:
        from clearway import planner

        told("the nominal plan")
        nominal = planner.make_plan(scenario, params)
        refuse_unsearched(nominal, params)
    if not len(nominal.movements):
        raise UsageError("the plan moves nobody: there is nothing to choose among")
    half = choice.n_futures // 2
    tried, aside = try_all(scenario, uncertainty, nominal, choice, params, told)
    from clearway.stress.robust import best

    place = best([each.chosen_on for each in tried], choice.measure, choice.alpha)
    judged = [
        drive(
            scenario, each.plan, uncertainty, choice, (half, choice.n_futures), f"judging {each.candidate.name}", told
        )
        for each in ([tried[0]] if place == 0 else [tried[0], tried[place]])
    ]
    told("writing")
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary) / "new"
        made.mkdir()
        chosen, judge = tried[place].plan, scenario
        if tried[place].candidate.uses_reserve:
            copy_with_all_capacity(folder, made / SCENARIO)
            judge = load_scenario(made / SCENARIO)
            chosen = replace(chosen, scenario_hash=judge.content_hash)
        write_plan(chosen, judge, made / "plan", {REPORT: render_report(chosen, judge)})
        faults = [str(fault) for fault in check_plan(judge, read_plan(made / "plan", judge)).faults]
        document = robust_document(scenario, choice, tried, place, judged, aside)
        document["check"] = {"ok": not faults, "faults": faults}
        write_file(made / INDEX, json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
        write_file(made / FUTURES, futures_csv(tried, place, judged))
        write_file(made / REPORT, robust_page(document, scenario))
        put(made, out)
    return Robust(document, tuple(robust_sentences(document, str(out / SCENARIO))), out, not faults)


def try_all(
    scenario: Scenario, uncertainty: Uncertainty, nominal: Plan, choice: Choice, params: PlanParameters, told: Told
) -> tuple[list[Tried], list[dict[str, str]]]:
    """Every candidate planned and driven on the first half of the futures; and those left aside, with the reason."""
    from clearway import planner
    from clearway.planner.hedge import plan_in_stages, plan_of
    from clearway.planner.outcome import QUICK
    from clearway.stress.futures import draw, future_of
    from clearway.stress.robust import candidates, fragile_targets

    half = choice.n_futures // 2
    futures = [future_of(uncertainty, draw(uncertainty, choice.seed, k)) for k in range(half)]
    ways = candidates(scenario, nominal, fragile_targets(uncertainty, futures))
    quick = replace(QUICK, time_limit_s=min(params.time_limit_s, QUICK_LIMIT_S))
    tried, aside = [], []
    for number, way in enumerate(ways, start=1):
        head = f"{number} of {len(ways)}, {way.name}"
        told(f"{head}: planning")
        plan: Plan | None = nominal
        if way.uses_reserve:
            plan = planner.make_plan(replace(scenario, capacity_factor=1.0), params)
            plan = plan if plan.persons_planned >= nominal.persons_planned - 0.5 else None
        elif way.stages:
            plan = plan_of(scenario, nominal, plan_in_stages(scenario, way.stages, quick), params)
        if plan is None:
            reason = "it would plan fewer people than the nominal plan"
            aside.append({"name": way.name, "words": way.words, "reason": reason})
            continue
        tried.append(Tried(way, plan, drive(scenario, plan, uncertainty, choice, (0, half), head, told)))
    return tried, aside


def drive(
    scenario: Scenario,
    plan: Plan,
    uncertainty: Uncertainty,
    choice: Choice,
    numbers: tuple[int, int],
    head: str,
    told: Told,
) -> FloatArray:
    """float64[n]: persons safe in the futures of some numbers; the same futures for every plan."""
    import numpy as np

    from clearway.simulator import SimulationParameters
    from clearway.stress import Case, Here, Job, Processes, draw

    jobs = [Job(str(k), draw(uncertainty, choice.seed, k)) for k in range(*numbers)]
    case = Case(scenario, plan, uncertainty, SimulationParameters(platoon_vehicles=5.0, record_links=False))
    safe = np.full(len(jobs), np.nan)
    n_done = 0

    def done(key: str, record: dict[str, Any]) -> None:
        nonlocal n_done
        n_done += 1
        safe[int(key) - numbers[0]] = record["safe"]
        if n_done % 10 == 0 or n_done == len(jobs):
            told(f"{head}: {n_done} of {len(jobs)} futures")

    (Processes(choice.n_workers) if choice.n_workers > 1 else Here()).do(case, jobs, done)
    return safe


def robust_document(
    scenario: Scenario,
    choice: Choice,
    tried: Sequence[Tried],
    place: int,
    judged: Sequence[FloatArray],
    aside: Sequence[dict[str, str]],
) -> dict[str, Any]:
    """What robust.json says. ``judged``: persons safe with the nominal plan, then with the chosen one if another."""
    from clearway.stress.robust import Difference, cvar, paired_difference

    def figures(safe: FloatArray) -> dict[str, float]:
        return {
            "expected": float(safe.mean()),
            "cvar": cvar(safe, choice.alpha),
            "fewest": float(safe.min()),
        }

    def told(difference: Difference) -> dict[str, float]:
        return {"value": difference.value, "low": difference.low, "high": difference.high}

    nominal, chosen = tried[0].plan, tried[place].plan
    base, other = judged[0], judged[-1]
    gains = {by: paired_difference(other, base, by, choice.alpha) for by in ("expected", "cvar")}
    more = chosen.clearance_time_s - nominal.clearance_time_s
    return {
        "scenario_hash": scenario.content_hash,
        "measure": choice.measure,
        "alpha": choice.alpha,
        "seed": choice.seed,
        "futures": {"choosing": len(tried[0].chosen_on), "judging": len(base)},
        "chosen": tried[place].candidate.name,
        "words": tried[place].candidate.words,
        "scenario": SCENARIO if tried[place].candidate.uses_reserve else None,
        "is_better": gains[choice.measure].low > 0,
        "judged": {
            "nominal": figures(base),
            "chosen": figures(other),
            "difference": {by: told(gain) for by, gain in gains.items()},
            "futures_better": int((other > base + 0.5).sum()),
            "futures_worse": int((other < base - 0.5).sum()),
        },
        "price": {
            "clearance_time_s": more,
            "clearance_share": more / nominal.clearance_time_s,
            "gap_nominal": nominal.gap,
            "gap_chosen": chosen.gap,
            "expected_persons": float(base.mean() - other.mean()),
        },
        "candidates": [
            {
                "name": each.candidate.name,
                "words": each.candidate.words,
                "persons_planned": each.plan.persons_planned,
                "clearance_time_s": each.plan.clearance_time_s,
                "choosing": figures(each.chosen_on),
            }
            for each in tried
        ],
        "left_aside": list(aside),
    }


def futures_csv(tried: Sequence[Tried], place: int, judged: Sequence[FloatArray]) -> str:
    """Persons safe in each future by each plan; empty where a plan was not driven in it."""
    from clearway.publish.robust import futures_rows

    half = len(tried[0].chosen_on)
    rows: list[list[object]] = [[k, *(float(each.chosen_on[k]) for each in tried)] for k in range(half)]
    column = {0: judged[0], place: judged[-1]}
    for k in range(len(judged[0])):
        rows.append([half + k, *(float(column[i][k]) if i in column else "" for i in range(len(tried)))])
    return futures_rows([each.candidate.name for each in tried], rows)
