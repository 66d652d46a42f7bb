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


def slow_down(force: Array, reference: Array, params: PlannerParams) -> float:
    """Share of the reference speed left: 1 up to force_slow, 0 from force_zero.

    A reference that goes with the force relieves it and is not slowed.

    Args:
        force: low-passed cloth force [N], shape (3,).
        reference: [m/s], shape (3,).
        params: thresholds.
    """
    if float(force @ reference) >= 0.0:
        return 1.0
    span = params.force_zero - params.force_slow
    return float(np.clip((params.force_zero - np.linalg.norm(force)) / span, 0.0, 1.0))


def give_way(force: Array, quick: Array, params: PlannerParams) -> Array:
    """Velocity [m/s] at which the gripper follows the cloth's pull.

    v = F / D + (|Q| - f)+ Q / (|Q| D_y): F is the low-passed force, Q the one that is hardly
    filtered, f is force_slow. The second term lets go when the arm itself moves fast.

    Args:
        force: F [N], shape (3,).
        quick: Q [N], shape (3,).
        params: D is damping, D_y yield_damping.
    """
    size = float(np.linalg.norm(quick))
    excess = max(size - params.force_slow, 0.0) / params.yield_damping
    return cap(force / params.damping + quick * (excess / max(size, 1e-9)), params.yield_speed)


def ramp(previous: Array, wanted: Array, interval: float, acceleration: float) -> Array:
    """The reference velocity nearest to `wanted` that the acceleration limit [m/s^2] allows."""
    return previous + cap(wanted - previous, acceleration * interval)


def cap(vector: Array, length: float) -> Array:
    """The vector, shortened to `length` where it is longer."""
    norm = float(np.linalg.norm(vector))
    return vector if norm <= length else vector * (length / norm)
