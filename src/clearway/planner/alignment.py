"""
Shifted time in which the links that a flow uses most take whole slots.

A flow in slots rounds the time that each link takes; what is rounded does not fit at true travel times. Shifted time is
free to differ from node to node by any part of a slot. Chosen so that the links of a heaviest spanning forest take
whole slots, all but some 1 to 3 % of what a flow drives is not rounded (instead of a fifth or a quarter).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearway.kernels.alignment import forest_potentials
from clearway.model.network import FloatArray
from clearway.planner.problem import Problem
from clearway.planner.slots import Grid, SlotFlow, shift_to_sites

NEARLY = 1e-6  # of a slot: so little less than a whole one is rounding, not a phase
MOST_TURNS = 32  # places of the beginning of a slot that are tried


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """
    Attributes
    ----------
    anchor_s : float64[n_nodes]
        Times that differ, along the links used most, by what these take.
    arriving : float64[n_sites]
        What a flow sends to each site: where much arrives the last slot should end with the horizon.
    """

    anchor_s: FloatArray
    arriving: FloatArray

    def grid(self, problem: Problem, slot_s: float, n_slots: int) -> Grid:
        """Slots of shifted time that is the usual one but for a part of a slot at each node."""
        usual = shift_to_sites(problem)
        ahead = self.anchor_s - usual
        at_sites = ahead[problem.site_node]
        turns = np.unique(at_sites % slot_s)
        if len(turns) > MOST_TURNS:
            turns = np.linspace(0.0, slot_s, MOST_TURNS, endpoint=False)
        lost = [float(self.arriving @ _phase(at_sites - turn, slot_s)) for turn in turns]
        turn = turns[int(np.argmin(lost))] if len(turns) else 0.0
        return Grid(slot_s, n_slots, usual + _phase(ahead - turn, slot_s))


def align(flow: SlotFlow) -> Alignment:
    """The alignment in which the links that a flow uses most take whole slots."""
    problem = flow.problem
    used = flow.net.flow.sum(axis=1)
    order = flow.links[np.argsort(-used, kind="stable")[: int(np.count_nonzero(used))]]
    anchor = forest_potentials(problem.n_nodes, problem.tail, problem.head, problem.tau, order)
    arriving = np.empty(len(problem.site))
    arriving[flow.site_order] = flow.net.arrivals.sum(axis=1)
    return Alignment(anchor, arriving)


def _phase(time_s: FloatArray, slot_s: float) -> FloatArray:
    """How far into a slot times are, seconds."""
    part = time_s / slot_s
    into: FloatArray = np.maximum(0.0, part - np.floor(part + NEARLY)) * slot_s
    return into
