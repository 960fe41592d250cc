"""
What forms cost: each case planned in each form, judged by check, beside the free plan of the same run.

``python -m benchmarks.forms`` writes docs/benchmarks-forms.md. ``--only NAME`` (repeated) for some cases,
``--time-limit`` for the planner's seconds a plan. With ``--exact`` a mixed-integer program (HiGHS) bounds the form of
one way a zone.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.cases import Case, load
from clearway.check import check_plan
from clearway.model.form import Contraflow, Form, Reserve
from clearway.model.plan import BoundKind, Plan
from clearway.model.scenario import Scenario
from clearway.planner import PlanParameters, make_plan
from clearway.planner.forms.found import Found
from clearway.planner.forms.parties import Parties, gather_parties
from clearway.planner.parameters import silent

ROOT = Path(__file__).parents[1]
INSTANCES = ROOT.parent / "shared" / "instances"
PAGE = ROOT / "docs" / "benchmarks-forms.md"
ONE = Form(routes_per_zone=1)
SPLIT = Form(routes_per_zone=1, routes_of_zone=(("kherson", 3),))
FORMS: dict[str, Form] = {
    "one way a zone": ONE,
    "two ways a zone": Form(routes_per_zone=2),
    "three ways a zone": Form(routes_per_zone=3),
    "convergent": Form(is_convergent=True),
    "waves of 30 min": Form(wave_s=1800.0),
    "one way, waves of 30 min": Form(routes_per_zone=1, wave_s=1800.0),
    "one way, waves of 10 min, 2 windows": Form(routes_per_zone=1, wave_s=600.0, waves=2),
}
EXAMPLE_FORMS: dict[str, Form] = {
    "one way a zone, Kherson 3": SPLIT,
    "one way a zone, Kherson 3, waves of 30 min, 2 windows": Form(1, SPLIT.routes_of_zone, False, 1800.0, 2),
    "a quarter of both crossings kept free": Form(),
    "contraflow, 1 crew, lead 2 h": Form(contraflow=Contraflow(1, 7200.0)),
    "contraflow, 2 crews, lead 2 h": Form(contraflow=Contraflow(2, 7200.0)),
}
CASES = (
    (Case("kherson", example="base"), (*FORMS, *EXAMPLE_FORMS)),
    (Case("anaheim", str(INSTANCES / "anaheim")), tuple(FORMS)),
    (Case("chicagosketch-1min", str(INSTANCES / "chicagosketch-1min")), ("one way a zone", "convergent")),
    (Case("chicagoregional", str(INSTANCES / "chicagoregional")), ("one way a zone", "convergent")),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One plan of a form, judged; ``exact_bound_s`` from the mixed-integer program, nan where not asked for."""

    case: str
    form: str
    plan: Plan
    n_faults: int
    wall_s: float
    exact_bound_s: float = math.nan


def form_of(name: str, scenario: Scenario) -> Form:
    """The form of a name; what it reserves is looked up."""
    if name.startswith("a quarter"):
        crossings = [c for c in scenario.crossings if c.crossing_id in ("antonivskyi", "kakhovka-dam")]
        return Form(reserves=tuple(Reserve(f"crossing:{c.crossing_id}", c.links, share=0.25) for c in crossings))
    return FORMS.get(name) or EXAMPLE_FORMS[name]


def measure(case: Case, name: str, scenario: Scenario, time_limit_s: float) -> Row:
    """Plan, check, time."""
    begun = time.monotonic()
    plan = make_plan(scenario, PlanParameters(time_limit_s=time_limit_s, form=form_of(name, scenario)))
    wall = time.monotonic() - begun
    return Row(case.name, name, plan, len(check_plan(scenario, plan).faults), wall)


def exact_bound(scenario: Scenario, params: PlanParameters, seconds: float) -> float:
    """
    Seconds before which no plan with one way a zone clears, beds aside.

    By a horizon every link takes no more than its rate over the time from the first arrival at it to the last departure
    for the nearest site. A mixed-integer program says what share of that whole zones on one way each need at the least.
    Room shrinks at least as fast as the horizon, so below that share of the horizon they do not fit.
    """
    free = Found(scenario, params, silent)
    parties = gather_parties(scenario, free.profile, free.problems, ONE, np.arange(scenario.network.n_links), 1)
    horizon = 1.2 * free.clearance_s
    return min(1.0, least_share(parties, horizon, seconds)) * horizon


def least_share(parties: Parties, horizon_s: float, seconds: float) -> float:
    """A bound on the least share of all links' room that whole zones on one way each need."""
    import highspy

    room, _ = parties.room(horizon_s)
    links = np.flatnonzero(room > 0).tolist()
    solver = highspy.Highs()
    for option, value in (("output_flag", False), ("time_limit", seconds), ("threads", 1)):
        solver.setOptionValue(option, value)
    share = solver.addVariable(lb=0, ub=10, obj=1)
    sites = sorted({site.node for site in parties.scenario.sites})
    on = {}
    for p in range(len(parties)):
        leaving: dict[int, list[object]] = {}
        for e in links:
            on[p, e] = solver.addVariable(lb=0, ub=1, type=highspy.HighsVarType.kInteger)
            leaving.setdefault(int(parties.tail[e]), []).append(on[p, e])
            leaving.setdefault(int(parties.head[e]), []).append(-on[p, e])
        for node in sites:
            leaving.setdefault(node, []).append(solver.addVariable(lb=0, ub=1))
        for node, terms in leaving.items():
            solver.addConstr(sum(terms[1:], 1 * terms[0]) == (1 if parties.origin[p] == node else 0))
    for e in links:
        terms = [float(parties.vehicles[p]) * on[p, e] for p in range(len(parties))]
        solver.addConstr(sum(terms[1:], terms[0]) <= float(room[e]) * share)
    solver.run()
    return float(solver.getInfo().mip_dual_bound)


def line(row: Row) -> str:
    """A line of the table."""
    plan, price = row.plan, row.plan.price
    assert price is not None
    extra = plan.clearance_time_s / price.free_clearance_s - 1
    left = price.free_persons - plan.persons_planned
    floors = [plan.clearance_lower_bound_s, price.form_lower_bound_s]
    floors += [row.exact_bound_s] if math.isfinite(row.exact_bound_s) else []
    floor = max(floors)
    over = f"{100 * (plan.clearance_time_s / floor - 1):.1f}" if floor > 0 else ""
    gap = f"{100 * plan.gap:.1f}" + ("" if plan.certificate.kind == BoundKind.CLEARANCE else " (persons)")
    cells = (
        row.case, row.form, f"{plan.clearance_time_s / 60:,.1f}", f"{price.free_clearance_s / 60:,.1f}",
        f"{100 * extra:+.1f}", f"{(plan.clearance_time_s - price.free_clearance_s) / 60:+,.1f}", f"{left:,.0f}", gap,
        f"{floor / 60:,.1f}", over, f"{len(plan.routes):,}", f"{len(plan.movements):,}",
        "feasible" if row.n_faults == 0 else f"**{row.n_faults} faults**", f"{row.wall_s:.0f}",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


HEAD = """\
# What forms cost
Written by `python -m benchmarks.forms{options}`. Each plan beside the free plan found in the same run; see [forms.md](forms.md) for what the forms mean.

| case | form | clearance, min | free plan, min | price, % | price, min | left out for it, persons | gap to the certified bound, % | best bound for the form, min | over it, % | routes | movements | check | s |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
"""  # noqa: E501
FOOT = """
- **Certified bound**: the one of the free plan (with reserves and reversed lanes: on the roads as they then are). It holds for every form; no better one is certified, so the gap of a form contains the price that nobody can avoid.
- **Best bound for the form**: the highest of the certified bound, the quickest ways of single zones, and {exact}.
- Seconds are wall time with free plan, form, check aside, at most {limit:g} s asked for, on a machine whose two cores others used too.
- Where people are left out the clearance is that of those planned, and the gap is in persons.
- Waves are coarse beside `anaheim`, which clears in 75 minutes: who leaves in the third wave of 30 minutes arrives after minute 90.
"""  # noqa: E501


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--exact", action="store_true")
    chosen = parser.parse_args()
    lines = []
    for case, names in CASES:
        if (chosen.only and case.name not in chosen.only) or (case.folder and not Path(case.folder).is_dir()):
            continue
        scenario = load(case)
        exact = math.nan
        if chosen.exact and case.name == "anaheim":
            exact = exact_bound(scenario, PlanParameters(time_limit_s=chosen.time_limit), 120.0)
        for name in names:
            row = measure(case, name, scenario, chosen.time_limit)
            if name.startswith("one way"):
                row = Row(row.case, row.form, row.plan, row.n_faults, row.wall_s, exact)
            lines.append(line(row))
            print(lines[-1], flush=True)
            write(lines, chosen)


def write(lines: list[str], chosen: argparse.Namespace) -> None:
    """The page, as far as it is measured."""
    options = (" --exact" if chosen.exact else "") + "".join(f" --only {name}" for name in chosen.only)
    words = (
        "on `anaheim` a mixed-integer program (HiGHS) for whole zones on one way each" if chosen.exact else "no other"
    )
    text = HEAD.format(options=options) + "\n".join(lines) + "\n" + FOOT.format(exact=words, limit=chosen.time_limit)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
