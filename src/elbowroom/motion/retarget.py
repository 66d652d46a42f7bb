"""Giving a recorded movement to another person."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from elbowroom.motion.arm_motion import SHOULDER, ArmMotion, MotionError
from elbowroom.motion.dressable import FLEXION_MAX, is_start
from elbowroom.motion.people import Person
from elbowroom.motion.posture import joints_from_postures
from elbowroom.motion.recordings.recording import Clip

Array = NDArray[np.float64]

RATE = 60.0
"""Rows per second of every movement made here [1/s]."""

_RAMP = 0.4
_TURN = 0.5


def retarget(
    clip: Clip,
    person: Person,
    rng: np.random.Generator,
    window: tuple[float, float],
    rate: float = 1.0,
    amplitude: float = 1.0,
    yaw: float = 0.3,
) -> ArmMotion:
    """The recorded directions of both segments on the person's own lengths.

    The shoulder's displacement is scaled by arm length and the whole turned by a small random
    yaw. The clip is played at `rate` from the window's start, beginning from rest (the playing
    speed ramps up over 0.4 s); where the clip ends the playing speed turns smoothly and the clip
    runs back, so a window may be longer than its clip.

    Args:
        clip: recorded right arm (left ones are mirrored on reading).
        person: who moves now; the result is a right arm whatever the person's side.
        rng: for the turn about the vertical.
        window: start in the clip and duration of the result [s].
        rate: playing speed, 1 as recorded; negative plays backwards.
        amplitude: factor on every departure from the window's first posture.
        yaw: the turn is uniform over +- this angle [rad].

    Raises:
        MotionError: if the window starts outside the clip or has no duration.
    """
    start, duration = window
    if not 0 <= start <= clip.duration or not 0.2 <= duration <= 600:
        raise MotionError(
            f"window must start in [0, {clip.duration:.2f}] s and last 0.2 to 600 s, got {window}"
        )
    time = np.arange(round(duration * RATE) + 1) / RATE
    postures = clip.spline(_playhead(time, start, clip.duration, rate))
    postures = postures[0] + amplitude * (postures - postures[0])
    postures[:, 4:] -= postures[0, 4:]
    joints = joints_from_postures(postures, person.upper_arm, person.forearm, np.zeros(3))
    turn = yaw_matrix(float(rng.uniform(-yaw, yaw)))
    shoulder, elbow, wrist = (j @ turn.T + np.array(SHOULDER) for j in joints)
    return ArmMotion(time, shoulder, elbow, wrist, clip.action or "recorded", clip.name)


def dressable_starts(clip: Clip, flexion_max: float = FLEXION_MAX) -> Array:
    """Times in the clip [s] at which the posture is one that a dressing can start from."""
    wrist = clip.wrist - clip.shoulder
    flexion = np.linalg.norm(clip.postures[:, 2:4], axis=1)
    good = is_start(wrist, flexion, flexion_max)
    return np.asarray(clip.time[good] - clip.time[0])


def yaw_matrix(angle: float) -> Array:
    """Rotation by an angle [rad] about the vertical, shape (3, 3)."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _playhead(time: Array, start: float, length: float, rate: float) -> Array:
    """Clip time shown at each instant: from rest, then to and fro with rounded turns."""
    ramp = np.clip(time / _RAMP, 0.0, 1.0)
    run = _RAMP * (ramp**3 - ramp**4 / 2) + np.maximum(time - _RAMP, 0.0)
    return _fold(start + rate * run, length)


def _fold(x: Array, length: float) -> Array:
    """Triangle wave over [0, length] whose corners are rounded to parabolas."""
    margin = min(_TURN / 2, length / 4)
    phase = np.mod(x, 2 * length)
    fold = length - np.abs(phase - length)
    # A parabola of curvature 1 / (2 margin) that touches the line a distance margin off the turn.
    low = np.where(fold < margin, (fold**2 / margin + margin) / 2, fold)
    rest = length - low
    high = length - (rest**2 / margin + margin) / 2
    return np.asarray(np.where(rest < margin, high, low))
