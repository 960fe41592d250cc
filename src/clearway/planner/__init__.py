"""Who leaves when, by which way, to which bed; and what no plan can beat."""

from clearway.planner.parameters import PlanParameters, Progress
from clearway.planner.plan import make_plan

__all__ = ["PlanParameters", "Progress", "make_plan"]
