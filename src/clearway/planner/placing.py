"""Schedules of a flow in slots, with those who do not fit at true travel times placed on the room left."""

from __future__ import annotations

from clearway.planner.flows import Flows
from clearway.planner.rest import Rest
from clearway.planner.schedule import Schedule, follow, join_schedules, schedule
from clearway.planner.slots import SlotFlow

FINER = 4  # slots of a flow that follows a schedule, per slot of the one before
MOST_LEFT = 0.02  # share of vehicles that do not fit: of more, another flow is not worth while
WORTH_AGAIN = 0.5  # share of those left whom a flow of their own may leave and be followed by another
FEW_LEFT = 0.003  # share of vehicles left: of more, ways without sure room are not worth while
# how much later than all others those may arrive who do not fit, of the time that takes; how many slots make one of
# the flow's before; whether they only take room that there is for sure
FURTHER = ((0.004, 4, True), (0.007, 4, True), (0.0075, 4, False), (0.008, 3, False), (0.016, 2, True))


def in_rounds(flows: Flows, flow: SlotFlow, found: Schedule) -> Schedule:
    """
    A flow's schedule with those who do not fit at true travel times.

    They get a flow of their own on the room left, or, where finer slots will place them better, arrive after.
    """
    rest = None
    for _ in range(0 if finer_parts(flows, flow) > 1 else 2):
        left = found.left.sum()
        if left == 0 or left > MOST_LEFT * flows.problem.demand or flows.is_late:
            break
        rest = rest or Rest(flows, found)
        again = rest.flow(found.left, flow.links, flow.grid)
        again.augment()
        more = schedule(again, flows.spare, 0.0, smooth=0)
        if more.left.sum() > WORTH_AGAIN * left:  # another flow would not fit either
            more = schedule(again, flows.spare, smooth=0)
        rest.take(more)
        found = join_schedules(found, more)
    if found.left.sum() > 0:
        other = schedule(flow, flows.spare)
        return other if other.sent > found.sent else found
    return found


def filled_up(flows: Flows, flow: SlotFlow, found: Schedule) -> Schedule:
    """A flow's schedule with those who do not fit, on ways that surely have room; the last of them later."""
    if found.left.sum() == 0:
        return found
    first_s = max(found.clearance_s, flow.grid.horizon_s)
    rest = Rest(flows, found)
    for further, parts, is_sure in FURTHER:
        left = found.left.sum()
        if left == 0 or flows.is_late or (not is_sure and left > FEW_LEFT * flows.problem.demand):
            break
        slot_s = flow.grid.slot_s / parts
        most_s = min(first_s * (1 + further), flows.problem.horizon_s)
        again = rest.flow(found.left, flow.links, flows.cut(slot_s, int(most_s / slot_s)), is_sure)
        again.augment(0)
        more = schedule(again, flows.spare, 0.0, smooth=0)
        rest.take(more)
        found = join_schedules(found, more)
    if found.left.sum() > 0:
        again = rest.flow(found.left, flow.links, flow.grid, True)
        found = join_schedules(found, schedule(again, flows.spare, smooth=0))
    return found


def finer_parts(flows: Flows, flow: SlotFlow) -> int:
    """How many slots of a finer flow make one of this flow's."""
    return min(FINER, round(flows.params.slot_links / (len(flow.links) * flow.grid.n_slots)))


def finer_flow(flows: Flows, flow: SlotFlow, planned: Schedule) -> SlotFlow:
    """The flow in finer slots, beginning with what was planned."""
    parts = finer_parts(flows, flow)
    grid = flows.cut(flow.grid.slot_s / parts, flow.grid.n_slots * parts)
    finer = SlotFlow(flows.problem, flow.links, grid, flows.loads, flows.params.units_per_vehicle, flow.share)
    follow(finer, planned)
    finer.augment()
    return finer
