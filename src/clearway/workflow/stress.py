"""From a plan to what many futures make of it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import clearway
from clearway.errors import OutputError, UsageError
from clearway.model.form import under_form
from clearway.model.plan import Plan
from clearway.model.scenario import Scenario
from clearway.model.uncertainty import Uncertainty
from clearway.workflow import REPORT
from clearway.workflow.folders import load_both, refuse_other, write_results

if TYPE_CHECKING:
    from clearway.simulator import SimulationParameters
    from clearway.stress import Engine, Job, Record

STRESS, FUTURES, RESULTS = "stress.json", "futures.csv", "futures.jsonl"
OWN_FILES = {STRESS, FUTURES, RESULTS, REPORT}
SCHEMA_VERSION = 1
N_WORST = 5
MANY_PLATOONS, LARGEST_PLATOON = 5000, 10.0
USUAL_SAMPLE, LEAST_SAMPLE = 64, 16  # of the sensitivities: where intervals narrow to some tenths; below, they do not
UPDATE_S = 900.0  # between two looks at travel times: coarser than `simulate`, as its platoons are

Step = Callable[[str, int, int], None]  # what is done, how much of it, of how much


def tell_nobody(what: str, n_done: int, n: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True, slots=True)
class StressRequest:
    """
    What is asked for.

    ``sensitivity`` is the base sample (a power of 2; 0: none; None: chosen by ``futures``, see `usual_sample`);
    ``leeway`` the number of futures (0: none) for the chances of later starts, ``delays_h`` those delays (empty:
    chosen) and ``chance`` the one wanted. ``platoon`` 0: as many vehicles as make 5,000 platoons, 1 to 10.
    """

    futures: int = 1000
    seed: int = 0
    sensitivity: int | None = None
    leeway: int = 0
    delays_h: tuple[float, ...] = ()
    chance: float = 0.95
    workers: int = 0
    cluster: str = ""
    platoon: float = 0.0
    on_closure: str = "trapped"
    at_closed_road: str = "reroute"
    is_resumed: bool = False

    def __post_init__(self) -> None:
        faults = []
        if not 1 <= self.futures <= 10_000_000:
            faults.append(f"--futures takes a whole number from 1, not {self.futures}")
        if self.seed < 0:
            faults.append(f"--seed takes a whole number from 0, not {self.seed}")
        sample = self.sensitivity or 0
        if sample < 0 or sample & (sample - 1) or sample == 1:
            faults.append(f"--sensitivity takes a power of 2 such as 64, or 0 for none, not {self.sensitivity}")
        if self.leeway < 0:
            faults.append(f"--leeway takes a number of futures, or 0 for none, not {self.leeway}")
        if not 0 < self.chance < 1:
            faults.append(f"--chance takes a share between 0 and 1, not {self.chance:g}")
        if self.workers < 0:
            faults.append(f"--workers takes a number from 1, or 0 for one a processor, not {self.workers}")
        if self.workers and self.cluster:
            faults.append("--workers and --cluster cannot both be given: a cluster has its own workers")
        if faults:
            raise UsageError("; ".join(faults))


@dataclass(frozen=True, slots=True, eq=False)
class Stressed:
    """Results that were written."""

    document: dict[str, Any]
    folder: Path
    n_run: int  # futures driven now
    n_kept: int  # results there were already


class InterruptedRunError(Exception):
    """Stopped by Ctrl-C; what is done is kept."""

    def __init__(self, n_done: int, n: int) -> None:
        super().__init__(f"interrupted; {n_done:,} of {n:,} futures are done and kept")
        self.n_done, self.n = n_done, n


def parameters(plan: Plan, request: StressRequest) -> SimulationParameters:
    """Settings of all simulations of a stress run."""
    from clearway.simulator import SimulationParameters

    vehicles = float(plan.movements.vehicles.sum())
    size = request.platoon or min(max(vehicles / MANY_PLATOONS, 1.0), LARGEST_PLATOON)
    return SimulationParameters(
        platoon_vehicles=size,
        update_s=UPDATE_S,
        record_links=False,
        on_closure=request.on_closure,
        at_closed_road=request.at_closed_road,
    )


def load_case(scenario_folder: Path, plan_folder: Path) -> tuple[Scenario, Plan, Uncertainty]:
    """A scenario, a plan made for it, and what is uncertain; InputError with all faults, UsageError if nothing is."""
    from clearway.ingest.uncertainty import read_uncertainty

    scenario, plan = load_both(scenario_folder, plan_folder)
    uncertainty = read_uncertainty(scenario_folder, scenario)
    if uncertainty.is_empty:
        raise UsageError(
            f"{scenario_folder} says of nothing that it is uncertain; state it under [[uncertainty.loss]] and the "
            "like in scenario.toml (docs/stress.md has an example of each)"
        )
    return under_form(scenario, plan.form), plan, uncertainty


def engine_for(request: StressRequest) -> Engine:
    """Where the futures are driven."""
    from clearway.stress import Cluster, Here, Processes

    if request.cluster:
        return Cluster(request.cluster)
    n_workers = request.workers or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    n_workers = request.workers or n_workers
    return Here() if n_workers == 1 else Processes(n_workers)


def drive_futures(
    scenario: Scenario, plan: Plan, uncertainty: Uncertainty, request: StressRequest, progress: Step = tell_nobody
) -> list[Record]:
    """
    What becomes of a plan in futures 0 to ``request.futures``; nothing is written.

    The same futures come to every plan of a scenario, so that plans can be compared one by one.
    """
    from clearway.stress import Case, Job, draw

    case = Case(scenario, plan, uncertainty, parameters(plan, request))
    jobs = [Job(f"f:{k}", draw(uncertainty, request.seed, k)) for k in range(request.futures)]
    found: dict[str, Record] = {}

    def done(key: str, record: Record) -> None:
        found[key] = record
        progress("futures", len(found), len(jobs))

    engine_for(request).do(case, jobs, done)
    return [found[job.key] for job in jobs]


def usual_sample(futures: int, n_groups: int) -> int:
    """
    The base sample of the sensitivities where none is asked for: the largest that drives no more futures than those
    asked for, up to 64; 0, none, where that is less than 16: indices of so few say nothing.
    """
    largest = futures // (n_groups + 2)
    sample = 1 << (largest.bit_length() - 1) if largest else 0
    return 0 if sample < LEAST_SAMPLE else min(sample, USUAL_SAMPLE)


def work_sentence(n_missing: int, jobs: Sequence[Job], request: StressRequest, n_groups: int) -> str:
    """What is going to be driven, and what for."""
    kinds = {kind: sum(job.key.startswith(kind) for job in jobs) for kind in ("f:", "s:", "l:")}
    parts = [f"{kinds['f:']:,} as asked (--futures)"]
    if kinds["s:"]:
        sample = request.sensitivity
        parts.append(f"{kinds['s:']:,} for what matters most (--sensitivity {sample}; 0 leaves it out)")
    rest = len(jobs) - kinds["f:"] - kinds["s:"]
    if rest:
        parts.append(f"{rest:,} for later starts (--leeway {request.leeway}), each several times")
    words = f"{len(jobs):,} futures are to be driven: {', '.join(parts)}"
    if n_missing < len(jobs):
        words += f"; {len(jobs) - n_missing:,} are done already"
    if not request.sensitivity:
        least = LEAST_SAMPLE * (n_groups + 2)
        words += (
            f". What matters most is left out: it takes {least:,} futures more at least (--sensitivity {LEAST_SAMPLE})"
        )
    return words + "."


def stress_plan(
    scenario_folder: Path,
    plan_folder: Path,
    out: Path,
    request: StressRequest,
    progress: Step = tell_nobody,
    announce: Callable[[str], None] = lambda _: None,
) -> Stressed:
    """
    Drive a plan through many futures and write what they say; results so far are kept whatever happens.

    ``announce`` is told once how many futures are to be driven and what for, before any is.

    Raises InputError for a faulty scenario, plan or uncertainty, UsageError where ``out`` cannot take the results or
    holds those of another run, `InterruptedRunError` on Ctrl-C.
    """
    from clearway.stress import Case
    from clearway.stress.store import ResultFile

    scenario, plan, uncertainty = load_case(scenario_folder, plan_folder)
    refuse_folder(out, (scenario_folder, plan_folder), request.is_resumed)
    params = parameters(plan, request)
    n_groups = len(uncertainty.groups)
    if request.sensitivity is None:
        request = replace(request, sensitivity=usual_sample(request.futures, n_groups))
    jobs, delays_s = jobs_of(scenario, plan, uncertainty, request)
    case = Case(scenario, plan, uncertainty, params)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out} cannot be made: {error.strerror or error}") from error
    identity = identity_of(scenario, plan, uncertainty, params, request)
    with ResultFile(out / RESULTS, identity, request.is_resumed) as results:
        missing = [job for job in jobs if job.key not in results.done]
        n_kept = len(jobs) - len(missing)

        def done(key: str, record: Record) -> None:
            results.add(key, record)
            progress("futures", n_kept + results.n_new, len(jobs))

        announce(work_sentence(len(missing), jobs, request, n_groups))
        progress("futures", n_kept, len(jobs))
        try:
            engine_for(request).do(case, missing, done)
        except KeyboardInterrupt:
            raise InterruptedRunError(n_kept + results.n_new, len(jobs)) from None
    progress("writing", len(jobs), len(jobs))
    document = document_of(scenario, plan, uncertainty, request, identity, results.done, delays_s)
    write_stress(out, document, scenario, uncertainty, request, results.done)
    return Stressed(document, out, results.n_new, n_kept)


def refuse_folder(out: Path, inputs: Sequence[Path], is_resumed: bool) -> None:
    """Refuse a folder that cannot take the results, or holds some and is not to go on from them."""
    if any(out.resolve() == folder.resolve() for folder in inputs):
        raise UsageError(f"the results need a folder of their own: {out} is the scenario's or the plan's")
    refuse_other(out, OWN_FILES)
    held = sorted({path.name for path in out.iterdir()}) if out.is_dir() else []
    if held and not is_resumed:
        raise UsageError(f"{out} holds {', '.join(held)}; go on from it with --resume, or name a new folder")


def jobs_of(
    scenario: Scenario, plan: Plan, uncertainty: Uncertainty, request: StressRequest
) -> tuple[list[Job], tuple[float, ...]]:
    """All that is to be driven, and the delays asked about."""
    from clearway.stress import Job, draw
    from clearway.stress.leeway import asked_zones, check_delays, leeway_jobs, usual_delays
    from clearway.stress.sensitivity import sensitivity_jobs

    jobs = [Job(f"f:{k}", draw(uncertainty, request.seed, k)) for k in range(request.futures)]
    if request.sensitivity:
        jobs += sensitivity_jobs(uncertainty, request.sensitivity, request.seed)
    delays_s: tuple[float, ...] = ()
    if request.leeway:
        asked = request.delays_h
        delays_s = check_delays(asked, scenario) if asked else usual_delays(scenario, plan)
        zones = asked_zones(scenario, plan)
        jobs += leeway_jobs(uncertainty, request.seed, request.leeway, zones, delays_s)
    return jobs, delays_s


def identity_of(
    scenario: Scenario, plan: Plan, uncertainty: Uncertainty, params: SimulationParameters, request: StressRequest
) -> dict[str, Any]:
    """What results depend on: only results of the same may stand in one file."""
    moves, routes = plan.movements, plan.routes
    digest = hashlib.sha256(repr(plan.left_out).encode())
    for array in (moves.zone, moves.site, moves.route, moves.depart_from_s, moves.depart_until_s, moves.vehicles):
        digest.update(array.tobytes())
    for array in (moves.persons, routes.start, routes.links):
        digest.update(array.tobytes())
    digest.update(repr(plan.form).encode())
    return {
        "clearway": clearway.__version__,
        "scenario_hash": scenario.content_hash,
        "plan_hash": digest.hexdigest(),
        "uncertainty_hash": hashlib.sha256(repr(uncertainty).encode()).hexdigest(),
        "seed": request.seed,
        "settings": {name: value for name, value in params.as_settings() if name != "seed"},
    }


def document_of(
    scenario: Scenario,
    plan: Plan,
    uncertainty: Uncertainty,
    request: StressRequest,
    identity: dict[str, Any],
    done: dict[str, Record],
    delays_s: tuple[float, ...],
) -> dict[str, Any]:
    """stress.json: nothing in it depends on where or how fast it was computed."""
    from clearway.stress.describe import uncertainties_of, worst_of
    from clearway.stress.leeway import asked_zones, leeway
    from clearway.stress.sensitivity import sensitivity
    from clearway.stress.summary import rounded, summarise

    records = [done[f"f:{k}"] for k in range(request.futures)]
    found = {
        "schema_version": SCHEMA_VERSION,
        **identity,
        "scenario": {
            "name": scenario.name,
            "start": scenario.start.isoformat(),
            "horizon_s": scenario.horizon_s,
        },
        "plan": {
            "persons_planned": plan.persons_planned,
            "clearance_time_s": rounded(plan.clearance_time_s),
            "clearance_lower_bound_s": rounded(plan.clearance_lower_bound_s),
        },
        "futures": request.futures,
        "uncertainties": uncertainties_of(uncertainty),
        "results": summarise(records),
        "most_unaccounted": max(abs(record["unaccounted"]) for record in records),
        "worst": worst_of(records, uncertainty, request.seed, N_WORST),
        "sensitivity": None,
        "leeway": None,
    }
    if request.sensitivity:
        found["sensitivity"] = sensitivity(uncertainty, request.sensitivity, done)
    if request.leeway:
        zones = asked_zones(scenario, plan)
        found["leeway"] = leeway(scenario, done, request.leeway, zones, delays_s, request.chance)
    return found


def write_stress(
    out: Path,
    document: dict[str, Any],
    scenario: Scenario,
    uncertainty: Uncertainty,
    request: StressRequest,
    done: dict[str, Record],
) -> None:
    """Write all files of the results, whole or not at all."""
    from clearway.stress.report import render_stress

    records = [done[f"f:{k}"] for k in range(request.futures)]
    write_results(
        out,
        {
            STRESS: json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
            FUTURES: futures_csv(records, uncertainty, request.seed),
            REPORT: render_stress(document, scenario, records),
            RESULTS: (out / RESULTS).read_bytes(),
        },
    )


def futures_csv(records: Sequence[Record], uncertainty: Uncertainty, seed: int) -> str:
    """A row for each future: what became of people, and what each uncertainty came to."""
    from clearway.stress.describe import future_values

    figures = [name for name in records[0] if name != "zones_not_out"]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    names = list(future_values(uncertainty, seed, 0))
    writer.writerow(["future", *figures, *names])
    for k, record in enumerate(records):
        values = future_values(uncertainty, seed, k)
        cells = [record[name] for name in figures] + [values.get(name) for name in names]
        writer.writerow(
            [k, *("" if cell is None else f"{cell:.10g}" if isinstance(cell, float) else cell for cell in cells)]
        )
    return out.getvalue()


def write_future(
    scenario_folder: Path, plan_folder: Path, out: Path, request: StressRequest, number: int
) -> dict[str, Any]:
    """Drive one future again and write its outcome folder, report included; what its uncertainties came to."""
    from clearway.publish.outcome_folder import outcome_figures, refuse_foreign_outcome, write_outcome
    from clearway.publish.report import render_report
    from clearway.stress import Case, draw, future_of
    from clearway.stress.describe import future_values

    if number < 0:
        raise UsageError(f"--future takes the number of a future, from 0, not {number}")
    scenario, plan, uncertainty = load_case(scenario_folder, plan_folder)
    if any(out.resolve() == folder.resolve() for folder in (scenario_folder, plan_folder)):
        raise UsageError(f"the outcome needs a folder of its own: {out} is the scenario's or the plan's")
    refuse_foreign_outcome(out.resolve())
    params = replace(parameters(plan, request), record_links=True)
    future = future_of(uncertainty, draw(uncertainty, request.seed, number))
    case = Case(scenario, plan, uncertainty, params)
    simulator = case.simulator(future)
    outcome = case.drive(future)
    page = render_report(simulator.plan, simulator.scenario, outcome=outcome)
    write_outcome(outcome, simulator.scenario, out, {REPORT: page})
    values = future_values(uncertainty, request.seed, number)
    return {
        "folder": str(out),
        "future": number,
        "uncertainties": values,
        "figures": outcome_figures(outcome, simulator.scenario),
    }
