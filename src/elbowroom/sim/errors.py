"""What can go wrong in a simulated dressing."""

from __future__ import annotations


class SimulationError(RuntimeError):
    """The simulation cannot go on: its state is no longer finite, or the scene was closed."""


class UnreachableError(SimulationError):
    """The robot cannot reach the start of this dressing; draw another motion or person."""
