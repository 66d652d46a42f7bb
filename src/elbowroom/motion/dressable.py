"""Whether a movement starts where a dressing can begin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from elbowroom.motion.arm_motion import ArmMotion

Array = NDArray[np.float64]

FLEXION_MAX = 1.9
"""Greatest elbow flexion at the start [rad]."""

_LOW = np.array([0.18, -0.50, -0.36])
_HIGH = np.array([0.65, 0.25, 0.30])
_HEAD = np.array([0.05, 0.18, 0.22])
_HEAD_CLEARANCE = 0.22
_AT_REST = 0.05


def is_dressable(motion: ArmMotion, side: str = "right", flexion_max: float = FLEXION_MAX) -> bool:
    """Whether the arm starts at rest with the hand held out to a robot in front of the person.

    The wrist, relative to the shoulder, must be ahead of the trunk and within reach of a robot
    whose base stands in front (x 0.18 to 0.65 m, y -0.50 to 0.25 m, z -0.36 to 0.30 m for a right
    arm), at least 0.22 m from the middle of the head; elbow flexion at most `flexion_max`; the
    elbow slower than 0.05 m/s over the first 50 ms.

    Args:
        motion: the movement.
        side: which arm it is; a left arm is judged by its mirror image.
        flexion_max: [rad].
    """
    wrist = motion.wrist[0] - motion.shoulder[0]
    if side == "left":
        wrist = wrist * np.array([1.0, -1.0, 1.0])
    soon = motion.interpolate(motion.time[0] + 0.05)[1]
    return bool(
        is_start(wrist, float(motion.flexion[0]), flexion_max)
        and np.linalg.norm(soon - motion.elbow[0]) <= 0.05 * _AT_REST
    )


def is_start(wrist: Array, flexion: Array | float, flexion_max: float = FLEXION_MAX) -> Array:
    """The posture part of `is_dressable` for right arms.

    Args:
        wrist: relative to the shoulder [m], shape (..., 3).
        flexion: [rad], shape (...).
        flexion_max: [rad].

    Returns:
        Booleans, shape (...).
    """
    inside = np.all((wrist >= _LOW) & (wrist <= _HIGH), axis=-1)
    clear = np.linalg.norm(wrist - _HEAD, axis=-1) >= _HEAD_CLEARANCE
    return np.asarray(inside & clear & (np.asarray(flexion) <= flexion_max))
