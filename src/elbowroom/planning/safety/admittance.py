"""The gripper gives way to the cloth: v = v_ref + F / D, slowed by force."""

from __future__ import annotations

import math

from elbowroom.core.types import Array
from elbowroom.planning.params import PlannerParams
from elbowroom.planning.vectors import cap, length


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
    return min(max((params.force_zero - length(force)) / span, 0.0), 1.0)


def find_excess(quick: Array, params: PlannerParams) -> Array:
    """The part (|Q| - f)+ Q / |Q| [N] of a force Q, shape (3,), beyond f = yield_force."""
    size = length(quick)
    return quick * (max(size - params.yield_force, 0.0) / max(size, 1e-9))


def give_way(
    force: Array,
    quick: Array,
    lasting: Array,
    params: PlannerParams,
    along: Array | None = None,
) -> Array:
    """Velocity [m/s] at which the gripper follows the cloth's pull.

    v = F_t / D + Q_n / D_n + (E + g L) / D_y: F_t is the part of the low-passed force along the
    way, Q_n that of the hardly filtered one across it, E its excess (`find_excess`) and L the
    low-passed excess. The second term lets the ring centre itself on the arm and goes along with
    an arm that moves aside, the third lets go when the arm jerks. L remembers that the arm has been
    moving: an arm that goes on at a speed u meets the excess D_y u / (1 + g), not D_y u.

    Args:
        force: F [N], shape (3,).
        quick: Q [N], shape (3,).
        lasting: L [N], shape (3,).
        params: D is damping, D_n damping_across, D_y yield_damping, g persist_gain.
        along: direction of the way, unit vector, shape (3,); zeros where there is no way and all
            counts as across; None where all counts as along.
    """
    excess = find_excess(quick, params) + params.persist_gain * lasting
    soft = excess / params.yield_damping
    if along is None:
        return cap(force / params.damping + soft, params.yield_speed)
    across = quick - (quick @ along) * along
    ahead = (force @ along) * along
    stiff = ahead / params.damping + across / params.damping_across
    return cap(stiff + soft, params.yield_speed)


def ramp(previous: Array, wanted: Array, interval: float, acceleration: float) -> Array:
    """The reference velocity nearest to `wanted` that the acceleration limit [m/s^2] allows."""
    return previous + cap(wanted - previous, acceleration * interval)
