"""Made-up dressings: two layers that wander smoothly about a level of each person's own."""

from __future__ import annotations

import numpy as np

from elbowroom.models.layers.reading import Reading
from elbowroom.monitoring.dressing.dressings import DressingReadings, join_readings
from elbowroom.monitoring.watching.fit import FitParams, fit_reference
from elbowroom.monitoring.watching.reference import Reference

LAYERS = {"input": 6, "hidden": 10}
PERIOD = 1 / 24
VERSION = "abc123"
MIX = np.random.default_rng(7).normal(size=(4, 10))


def draw_readings(
    seed: int, count: int = 48, shift: float = 0.0, begin: float = 100.0
) -> list[Reading]:
    """Readings of a person; `shift` moves the first feature by so many deviations halfway."""
    rng = np.random.default_rng(seed)
    level, state, readings = 0.5 * rng.normal(size=6), rng.normal(size=6), []
    for k in range(count):
        state = 0.8 * state + 0.6 * rng.normal(size=6)
        x = level + state
        x[0] += shift * (k >= count // 2)
        hidden = np.tanh(x[:4] @ MIX) + 0.05 * rng.normal(size=10)
        layers = {"input": x.astype(np.float32), "hidden": hidden.astype(np.float32)}
        readings.append(Reading(begin + k * PERIOD, layers))
    return readings


def draw_dressing(seed: int, **how: float) -> DressingReadings:
    return join_readings(f"{seed}", draw_readings(seed, **how))  # type: ignore[arg-type]


def make_reference(people: int = 140, **how: int) -> Reference:
    dressings = [draw_dressing(seed) for seed in range(people)]
    return fit_reference(dressings, VERSION, PERIOD, FitParams(components=4, samples=200), **how)
