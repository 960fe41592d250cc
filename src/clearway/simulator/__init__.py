"""Drives a plan: kinematic-wave traffic, junctions, closures, what people do; Plan -> Outcome."""

from clearway.simulator.parameters import Behaviour, Progress, SimulationParameters
from clearway.simulator.simulate import Simulator, simulate

__all__ = ["Behaviour", "Progress", "SimulationParameters", "Simulator", "simulate"]
