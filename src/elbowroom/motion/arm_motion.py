"""The movement of one arm over time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline

Array = NDArray[np.float64]

SHOULDER = (0.0, 0.0, 1.0)
"""Nominal place of the shoulder in the world frame [m]."""

_LENGTH_TOLERANCE = 1e-6
_COAST = 0.15


class MotionError(ValueError):
    """A movement that is mangled or cannot be made."""


@dataclass(frozen=True, eq=False)
class ArmMotion:
    """Joint centres of one arm in the world frame: x ahead of the person, y left, z up.

    The shoulder moves about (0, 0, 1) m. Both segments keep their lengths at every instant.

    Attributes:
        time: [s], strictly increasing, shape (T,), T >= 4.
        shoulder, elbow, wrist: [m], shape (T, 3).
        kind: sort of movement, such as "reaching" or "still".
        source: where it comes from, such as "generator" or the name of a clip.
    """

    time: Array
    shoulder: Array
    elbow: Array
    wrist: Array
    kind: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        steps = len(self.time)
        if np.shape(self.time) != (steps,) or steps < 4:
            raise MotionError("time must have shape (T,) with T >= 4")
        for name in ("time", "shoulder", "elbow", "wrist"):
            value = getattr(self, name)
            if name != "time" and np.shape(value) != (steps, 3):
                raise MotionError(f"{name} must have shape {(steps, 3)}, got {np.shape(value)}")
            if not np.all(np.isfinite(value)):
                raise MotionError(f"{name} has values that are not finite")
        if not np.all(np.diff(self.time) > 0):
            raise MotionError("time must be strictly increasing")
        _check_length("upper arm", self.elbow - self.shoulder)
        _check_length("forearm", self.wrist - self.elbow)

    def __len__(self) -> int:
        return len(self.time)

    @property
    def duration(self) -> float:
        """Time from the first to the last row [s]."""
        return float(self.time[-1] - self.time[0])

    @property
    def upper_arm(self) -> float:
        """Shoulder to elbow [m]."""
        return float(np.linalg.norm(self.elbow[0] - self.shoulder[0]))

    @property
    def forearm(self) -> float:
        """Elbow to wrist [m]."""
        return float(np.linalg.norm(self.wrist[0] - self.elbow[0]))

    @property
    def flexion(self) -> Array:
        """Elbow flexion [rad], 0 for a straight arm, shape (T,)."""
        upper = (self.elbow - self.shoulder) / self.upper_arm
        fore = (self.wrist - self.elbow) / self.forearm
        return np.asarray(np.arccos(np.clip(np.sum(upper * fore, axis=1), -1.0, 1.0)))

    @property
    def displacement(self) -> Array:
        """Distance of the elbow from where it was at the first row [m], shape (T,)."""
        return np.asarray(np.linalg.norm(self.elbow - self.elbow[0], axis=1))

    def interpolate(self, time: ArrayLike) -> tuple[Array, Array, Array]:
        """Shoulder, elbow and wrist at any instant.

        Cubic splines through the shoulder and both segments' directions, the directions
        normalised: twice differentiable inside, and lengths are exact. Outside the recorded time
        the arm coasts to rest, x(t_end) + x'(t_end) tau (1 - exp(-(t - t_end) / tau)), which keeps
        the velocity continuous.

        Args:
            time: [s], scalar or shape (n,).

        Returns:
            Three arrays of shape (3,) or (n, 3) [m].

        Raises:
            MotionError: if a time is not finite.
        """
        t = np.asarray(time, dtype=float)
        if not np.all(np.isfinite(t)):
            raise MotionError("time must be finite")
        inside = np.clip(t, self.time[0], self.time[-1])
        beyond = t - inside
        coast = np.sign(beyond) * _COAST * -np.expm1(-np.abs(beyond) / _COAST)
        state = self._spline(inside)
        if np.any(beyond):
            state = state + self._spline(inside, 1) * coast[..., None]
        shoulder = state[..., :3]
        elbow = shoulder + self.upper_arm * _unit(state[..., 3:6])
        return shoulder, elbow, elbow + self.forearm * _unit(state[..., 6:])

    @cached_property
    def _spline(self) -> CubicSpline:
        upper = (self.elbow - self.shoulder) / self.upper_arm
        fore = (self.wrist - self.elbow) / self.forearm
        return CubicSpline(self.time, np.hstack([self.shoulder, upper, fore]))


def mirror(motion: ArmMotion) -> ArmMotion:
    """The same movement made by the other arm (y changes sign)."""
    flip = np.array([1.0, -1.0, 1.0])
    return ArmMotion(
        motion.time,
        motion.shoulder * flip,
        motion.elbow * flip,
        motion.wrist * flip,
        motion.kind,
        motion.source,
    )


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector, axis=-1, keepdims=True))


def _check_length(name: str, segment: Array) -> None:
    length = np.linalg.norm(segment, axis=1)
    if length.min() < 0.05 or np.ptp(length) > _LENGTH_TOLERANCE:
        raise MotionError(
            f"the {name} must keep one length, got {length.min():.4f} to {length.max():.4f} m"
        )
