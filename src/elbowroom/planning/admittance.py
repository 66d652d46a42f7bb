"""The gripper gives way to the cloth: v = v_ref + F / D, slowed by force."""

from __future__ import annotations

import math

import numpy as np

from elbowroom.core.types import Array
from elbowroom.planning.params import PlannerParams


def filter_force(filtered: Array, force: Array, interval: float, cutoff: float) -> Array:
    """First-order low-pass: f <- f + (1 - exp(-2 pi cutoff dt)) (F - f).

    Args:
        filtered: previous output [N], shape (3,).
        force: new measurement [N], shape (3,).
        interval: time since the previous measurement [s]; not negative.
        cutoff: [Hz].
    """
    return filtered + (1.0 - math.exp(-2.0 * math.pi * cutoff * interval)) * (force - filtered)


def slow_down(force: float, params: PlannerParams) -> float:
    """Share of the reference speed left at a force [N]: 1 up to force_slow, 0 from force_zero."""
    span = params.force_zero - params.force_slow
    return float(np.clip((params.force_zero - force) / span, 0.0, 1.0))


def give_way(force: Array, params: PlannerParams) -> Array:
    """Velocity F / D [m/s] at which the gripper follows the cloth's pull, capped in length."""
    return cap(force / params.damping, params.yield_speed)


def ramp(previous: Array, wanted: Array, interval: float, acceleration: float) -> Array:
    """The reference velocity nearest to `wanted` that the acceleration limit [m/s^2] allows."""
    return previous + cap(wanted - previous, acceleration * interval)


def cap(vector: Array, length: float) -> Array:
    """The vector, shortened to `length` where it is longer."""
    norm = float(np.linalg.norm(vector))
    return vector if norm <= length else vector * (length / norm)
