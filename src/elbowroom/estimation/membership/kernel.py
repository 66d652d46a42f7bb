"""Compiled kernels of the set-membership filter, shared by the online step and the batch.

Everything is about p = elbow - anchor. A set is the part of a box {R s : lower <= s <= upper}
that lies in the shells it was contracted with; R has the predicted upper-arm direction u as its
first column and the principal axes of the tangential spread as the others.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]

ROUNDING = 1e-9
"""Slack [m] added to every bound: far above the rounding of these few operations on metres."""


# Inlined into its compiled callers: a cached kernel that returns arrays cannot reliably be called
# both from Python and from other cached kernels.
@njit(cache=True, inline="always")
def frame(direction: Array, spread: Array) -> tuple[Array, Array]:
    """Axes (u, a1, a2) as columns and the standard deviations along a1, a2.

    a1, a2 diagonalise the spread on the tangent plane at u.

    Args:
        direction: unit vector u, shape (3,).
        spread: covariance [m^2], shape (3, 3).
    """
    k = np.argmin(np.abs(direction))
    a = -direction * direction[k]
    a[k] += 1.0
    a /= np.sqrt(np.sum(a * a))
    b = np.cross(direction, a)
    sa, sb = spread @ a, spread @ b
    aa, bb, ab = np.sum(a * sa), np.sum(b * sb), np.sum(a * sb)
    turn = 0.5 * np.arctan2(2 * ab, aa - bb)
    c, s = np.cos(turn), np.sin(turn)
    axes = np.empty((3, 3))
    axes[:, 0] = direction
    axes[:, 1] = c * a + s * b
    axes[:, 2] = c * b - s * a
    middle, half = 0.5 * (aa + bb), np.sqrt(0.25 * (aa - bb) ** 2 + ab * ab)
    spreads = np.sqrt(np.maximum(np.array([middle + half, middle - half]), 1e-8))
    return axes, spreads


@njit(cache=True)
def contract_shell(lower: Array, upper: Array, centre: Array, inner: float, outer: float) -> None:
    """Shrink a box to the smallest box found around its part in a shell, in place.

    Forward-backward contraction of inner <= |s - centre| <= outer (Benhamou et al. 1999, HC4):
    per axis (s_i - c_i)^2 is bounded by the shell and the other two axes' ranges. No point of
    the box in the shell is lost.

    Args:
        lower: lower corner of the box in its own axes [m], shape (3,).
        upper: upper corner.
        centre: the shell's centre in the same axes [m], shape (3,).
        inner: least distance from the centre [m].
        outer: greatest distance [m].
    """
    for i in range(3):
        least = most = 0.0
        for j in range(3):
            if j != i:
                a, b = lower[j] - centre[j], upper[j] - centre[j]
                most += max(a * a, b * b)
                if a > 0 or b < 0:
                    least += min(a * a, b * b)
        far = outer * outer - least
        if far < 0:
            lower[i], upper[i] = 1.0, -1.0
            return
        reach = np.sqrt(far) + ROUNDING
        lower[i] = max(lower[i], centre[i] - reach)
        upper[i] = min(upper[i], centre[i] + reach)
        near = inner * inner - most
        if near > 0 and inner > 0:
            gap = np.sqrt(near) - ROUNDING
            # Between the two caps there is nothing; cut only what lies on one side of the hole.
            if lower[i] > centre[i] - gap:
                lower[i] = max(lower[i], centre[i] + gap)
            if upper[i] < centre[i] + gap:
                upper[i] = min(upper[i], centre[i] - gap)


@njit(cache=True)
def measure(axes: Array, radius: float, bounds: Array) -> tuple[Array, Array]:
    """Box around what the measurement model allows.

    Args:
        axes: R, shape (3, 3).
        radius: predicted |p| [m].
        bounds: half-widths [m] of the radius and along a1 and a2, shape (3,).
    """
    outer = radius + bounds[0]
    upper = np.array([outer, bounds[1], bounds[2]])
    # The half-space behind the shoulder is let in only when the direction is all but unknown.
    behind = -outer if max(bounds[1], bounds[2]) >= 2 * radius else 0.0
    lower = np.array([behind, -bounds[1], -bounds[2]])
    contract_shell(lower, upper, np.zeros(3), max(radius - bounds[0], 0.0), outer)
    return lower - ROUNDING, upper + ROUNDING


@njit(cache=True)
def propagate(
    axes: Array,
    lower: Array,
    upper: Array,
    old_axes: Array,
    old_lower: Array,
    old_upper: Array,
    step: Array,
    spread: Array,
    scale: float,
) -> None:
    """Intersect a box, in place, with where an older set can have moved.

    Along every axis a of the new box: p_now = p_old + d with |a'(d - step)| <= scale
    sqrt(a' spread a), so a'p_now lies in the old box's range along a, moved and widened.

    Args:
        axes: of the new box, as columns.
        lower: its lower corner in these axes [m].
        upper: its upper corner.
        old_axes: of the old box.
        old_lower: its lower corner in its axes [m].
        old_upper: its upper corner.
        step: expected displacement [m], shape (3,).
        spread: its covariance [m^2], shape (3, 3).
        scale: calibrated multiplier.
    """
    middle = old_axes @ (0.5 * (old_lower + old_upper)) + step
    half = 0.5 * (old_upper - old_lower)
    for i in range(3):
        a = np.ascontiguousarray(axes[:, i])
        reach = scale * np.sqrt(np.sum(a * (spread @ a))) + ROUNDING
        for j in range(3):
            reach += np.abs(np.sum(a * old_axes[:, j])) * half[j]
        at = np.sum(a * middle)
        lower[i] = max(lower[i], at - reach)
        upper[i] = min(upper[i], at + reach)


@njit(cache=True)
def measure_ratio(axes: Array, radius: float, spreads: Array, point: Array) -> float:
    """Least scale at which the measurement's set holds a point p, given unit bounds (3,)."""
    size = np.sqrt(np.sum(point * point))
    along = np.sum(axes[:, 0] * point)
    if np.isnan(along):
        return np.inf
    worst = np.abs(size - radius) / spreads[0]
    if along < 0:
        worst = max(worst, 2 * radius / max(spreads[1], spreads[2]))
    for i in range(1, 3):
        worst = max(worst, np.abs(np.sum(axes[:, i] * point)) / spreads[i])
    return worst


@njit(cache=True)
def motion_ratio(axes: Array, spread: Array, error: Array) -> float:
    """Least scale [1] at which the motion bound holds an error [m], axis by axis, shape (3,)."""
    worst = 0.0
    for i in range(3):
        a = np.ascontiguousarray(axes[:, i])
        worst = max(worst, np.abs(np.sum(a * error)) / np.sqrt(np.sum(a * (spread @ a))))
    return worst


@njit(cache=True)
def update(
    ring_axes: Array,
    ring_lower: Array,
    ring_upper: Array,
    count: int,
    lags: NDArray[np.int64],
    axes: Array,
    radius: float,
    spreads: Array,
    lag_mean: Array,
    lag_spread: Array,
    wrist: Array,
    forearm: Array,
    scale: float,
) -> bool:
    """One set-membership update: measurement, motion over several lags, kinematics, intersected.

    The new set is written into the ring at `count` modulo its length, which is at least the
    longest lag.

    Args:
        ring_axes: axes of past sets, shape (H, 3, 3).
        ring_lower: their lower corners [m], shape (H, 3).
        ring_upper: their upper corners [m], shape (H, 3).
        count: number of earlier updates.
        lags: lags in grid steps, shape (n,).
        axes: see `frame`.
        radius: predicted |p| [m].
        spreads: unit bounds of the measurement [m], shape (3,).
        lag_mean: motion model's displacements [m], shape (n, 3).
        lag_spread: their covariances [m^2], shape (n, 3, 3).
        wrist: seen wrist minus anchor [m], shape (3,); NaN when not seen.
        forearm: measured length and unit bound [m], shape (2,).
        scale: calibrated multiplier of every bound.

    Returns:
        Whether the intersection is empty: then one of the bounds has failed.
    """
    lower, upper = measure(axes, radius, scale * spreads)
    for i in range(len(lags)):
        if count >= lags[i]:
            slot = (count - lags[i]) % len(ring_axes)
            propagate(
                axes,
                lower,
                upper,
                ring_axes[slot],
                ring_lower[slot],
                ring_upper[slot],
                lag_mean[i],
                lag_spread[i],
                scale,
            )
    for _ in range(2):
        reach = scale * spreads[0]
        contract_shell(lower, upper, np.zeros(3), max(radius - reach, 0.0), radius + reach)
        if not np.isnan(wrist[0]):
            reach = scale * forearm[1]
            centre = axes.T @ wrist
            contract_shell(lower, upper, centre, max(forearm[0] - reach, 0.0), forearm[0] + reach)
    slot = count % len(ring_axes)
    ring_axes[slot] = axes
    ring_lower[slot] = lower
    ring_upper[slot] = upper
    # Written so that NaN counts as empty.
    return not bool(np.all(lower <= upper))
