"""Walks every reachable path of a procedure through the real stepper, with a clock of its own."""

from engine.runtime.gate.simulation.survey import simulate

__all__ = ["simulate"]
