"""Many futures of a plan: drawn, driven on one machine or many, and what they say together."""

from clearway.stress.engine import Cluster, Engine, Here, Processes
from clearway.stress.futures import Future, draw, future_of
from clearway.stress.job import Job, Record, do_job
from clearway.stress.variant import Case

__all__ = [
    "Case",
    "Cluster",
    "Engine",
    "Future",
    "Here",
    "Job",
    "Processes",
    "Record",
    "do_job",
    "draw",
    "future_of",
]
