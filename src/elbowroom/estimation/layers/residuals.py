"""Physical and statistical consistency of what the elbow network says, one row a grid step.

A network's layers say that an input is unusual; these say that something does not add up: torque
against force at a fixed lever, force against the way of pulling and against the arm, members of
the ensemble against each other, the set against what the motion model lets the older sets become.
All are invariant to turning the whole scene about the vertical and of the order of 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elbowroom.models.elbow.heads import DIRECTION, FORWARD, UNIT, Prediction, lag_slices
from elbowroom.models.features.causal import NAMES

Array = NDArray[np.float64]

RESIDUALS: tuple[str, ...] = (
    "force_fast",
    "force_slow",
    "force_long",
    "force_change",
    "force_drift",
    "torque",
    "lever",
    "twist",
    "lever_along",
    "lever_side",
    "force_along_pull",
    "force_along_arm",
    "force_up",
    "power",
    "gripper_speed",
    "shoulder_speed",
    "shoulder_moved",
    "members_direction",
    "members_forward",
    "members_lag_short",
    "members_lag_long",
    "spread",
    "radial",
    "spread_lag_short",
    "spread_lag_long",
    "forward",
    "jump",
    "turned",
    "reach",
    "arm_gap",
    "narrowed",
)
"""Names of the columns."""

_SMALL = 1e-3


@dataclass(frozen=True)
class Sets:
    """The sets of the filter, relative to the anchor.

    Attributes:
        axes: (..., 3, 3); lower, upper: (..., 3) along them [m].
        old: centre of the set one short lag before, (..., 3) [m]; NaN where there is none.
    """

    axes: Array
    lower: Array
    upper: Array
    old: Array

    @property
    def centre(self) -> Array:
        """Middle of the box, (..., 3) [m]."""
        middle = 0.5 * (self.lower + self.upper)
        return np.asarray(np.einsum("...ij,...j->...i", self.axes, middle))


def residuals(features: Array, raw: NDArray[np.floating], p: Prediction, sets: Sets) -> Array:
    """Every residual, shape (..., len(RESIDUALS)).

    Args:
        features: (..., WIDTH).
        raw: outputs of the members, (M, ..., OUTPUTS).
        p: scaled prediction made of them.
        sets: of the filter.
    """
    f = np.asarray(features, float)
    columns = [*_wrench(f, p), *_motion(f), *_members(raw), *_spreads(p), *_sets(f, p, sets)]
    return np.stack(np.broadcast_arrays(*columns), axis=-1)


def _wrench(f: Array, p: Prediction) -> list[Array]:
    fast, slow, long = (_vector(f, f"force_{n}") for n in ("50ms", "200ms", "1s"))
    torque, axis, side = (_vector(f, n) for n in ("torque_50ms", "gripper_axis", "gripper_side"))
    speed, size = _vector(f, "gripper_speed"), _length(fast)
    # About the flange the cloth pulls at the fingers: r x f with r along the gripper's axis.
    across = np.cross(axis, fast)
    lever = np.sum(torque * across, -1) / (np.sum(across**2, -1) + 0.05)
    left = torque - lever[..., None] * across
    unit = fast / (size + 0.2)[..., None]
    back = p.direction * p.radius[..., None] - _vector(f, "gripper_from_anchor")
    return [
        _log(size, 0.2),
        _log(_length(slow), 0.2),
        _log(_length(long), 0.2),
        _log(_length(fast - slow), 0.05),
        _log(_length(slow - long), 0.05),
        _log(_length(torque), 0.01),
        np.clip(lever / 0.1, -5, 5),
        _log(_length(left), 0.005),
        np.sum(left * axis, -1) / (0.02 + 0.05 * size),
        np.sum(left * side, -1) / (0.02 + 0.05 * size),
        np.sum(unit * speed, -1) / (_length(speed) + 0.02),
        np.sum(unit * back, -1) / (_length(back) + 0.02),
        unit[..., 2],
        np.arcsinh(np.sum(fast * speed, -1) / 0.1),
    ]


def _motion(f: Array) -> list[Array]:
    return [
        _length(_vector(f, "gripper_speed")) / 0.1,
        _log(_length(_vector(f, "anchor_speed")), 0.02),
        _log(_length(_vector(f, "anchor_from_start")), 0.01),
    ]


def _members(raw: NDArray[np.floating]) -> list[Array]:
    short, long = (lag_slices(i)[0] for i in range(2))
    return [_log(_scatter(raw[..., part]), 0.05) for part in (DIRECTION, FORWARD, short, long)]


def _spreads(p: Prediction) -> list[Array]:
    trace = np.trace(p.spread, axis1=-2, axis2=-1)
    lags = np.trace(p.lag_spread, axis1=-2, axis2=-1)
    return [
        0.5 * np.log(trace / UNIT**2),
        np.log(p.radial / UNIT),
        0.5 * np.log(lags[..., 0] / UNIT**2),
        0.5 * np.log(lags[..., 1] / UNIT**2),
        _log(_length(p.forward), 0.001),
    ]


def _sets(f: Array, p: Prediction, sets: Sets) -> list[Array]:
    here = p.direction * p.radius[..., None]
    moved = sets.centre - sets.old - p.lag_mean[..., 0, :]
    deviation = np.sqrt(np.einsum("...ii->...i", p.lag_spread[..., 0, :, :]) + 1e-6)
    ratio = np.nan_to_num(_length(moved / deviation))
    guess = _vector(f, "sighting_from_anchor0")
    cosine = np.sum(here * guess, -1) / (_length(here) * _length(guess) + _SMALL)
    grip = _vector(f, "gripper_from_anchor")
    sides = np.maximum(sets.upper - sets.lower, _SMALL)
    free = np.sqrt(np.einsum("...ji,...jk,...ki->...i", sets.axes, p.spread, sets.axes))
    narrowed = np.log(sides[..., 1:] / np.maximum(free[..., 1:], _SMALL)).min(-1)
    return [
        _log(ratio, 0.1),
        np.arccos(np.clip(cosine, -1.0, 1.0)),
        (_length(grip - here) - f[..., NAMES.index("forearm")]) / 0.05,
        _gap(grip, here) / 0.05,
        narrowed,
    ]


def _gap(point: Array, elbow: Array) -> Array:
    """Distance of a point from the segment between shoulder (origin) and elbow [m]."""
    share = np.sum(point * elbow, -1) / np.maximum(np.sum(elbow**2, -1), _SMALL)
    return _length(point - np.clip(share, 0, 1)[..., None] * elbow)


def _scatter(values: NDArray[np.floating]) -> Array:
    return np.asarray(np.sqrt(values.astype(float).var(axis=0).sum(-1)))


def _vector(f: Array, name: str) -> Array:
    start = NAMES.index(f"{name}_x")
    return f[..., start : start + 3]


def _length(vectors: Array) -> Array:
    return np.asarray(np.linalg.norm(vectors, axis=-1))


def _log(size: Array, least: float) -> Array:
    return np.asarray(np.log(size + least))
