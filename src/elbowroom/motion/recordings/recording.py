"""A recorded movement of one arm, whatever file it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from elbowroom.motion.posture import postures_from_joints

Array = NDArray[np.float64]

_SMOOTHING = 0.025
_LEAST_DURATION = 0.5


class RecordingError(ValueError):
    """A motion recording that is missing, mangled or of no use."""


@dataclass(frozen=True, eq=False)
class Clip:
    """Joint centres of one arm as recorded, in a frame fixed in the room.

    x points ahead of the person at the first frame, y left, z up. Left arms are mirrored on
    reading (y changes sign), so every clip shows a right arm.

    Attributes:
        name: identifier in the recording.
        subject: who moved.
        action: what was done, or empty.
        side: "right" or "left", the arm that was recorded.
        active: the arm is the one that does the action.
        time: [s], strictly increasing, shape (T,).
        shoulder, elbow, wrist: [m], shape (T, 3).
    """

    name: str
    subject: str
    action: str
    side: str
    active: bool
    time: Array
    shoulder: Array
    elbow: Array
    wrist: Array

    def __post_init__(self) -> None:
        steps = len(self.time)
        joints = (self.shoulder, self.elbow, self.wrist)
        if any(np.shape(j) != (steps, 3) for j in joints):
            raise RecordingError(f"{self.name}: joints must have shape {(steps, 3)}")
        if not all(np.all(np.isfinite(a)) for a in (self.time, *joints)):
            raise RecordingError(f"{self.name}: values that are not finite")
        if steps < 8 or not np.all(np.diff(self.time) > 0):
            raise RecordingError(f"{self.name}: needs at least 8 frames in order of time")
        if self.duration < _LEAST_DURATION:
            raise RecordingError(f"{self.name}: only {self.duration:.2f} s long")
        for segment in (self.elbow - self.shoulder, self.wrist - self.elbow):
            length = np.linalg.norm(segment, axis=1)
            if length.min() < 0.1 or length.max() > 0.6:
                raise RecordingError(
                    f"{self.name}: a segment is {length.min():.3f} to {length.max():.3f} m long; "
                    "are the units metres?"
                )

    @property
    def duration(self) -> float:
        """Time from the first to the last frame [s]."""
        return float(self.time[-1] - self.time[0])

    @cached_property
    def postures(self) -> Array:
        """Posture coordinates (see `elbowroom.motion.posture`), low-passed, shape (T, 7).

        The shoulder's displacement is counted from its median place.
        """
        origin = np.median(self.shoulder, axis=0)
        raw = postures_from_joints(self.shoulder, self.elbow, self.wrist, origin)
        step = self.duration / (len(self.time) - 1)
        return np.asarray(gaussian_filter1d(raw, _SMOOTHING / step, axis=0, mode="nearest"))

    @cached_property
    def spline(self) -> CubicSpline:
        """`postures` over time counted from the first frame [s]."""
        return CubicSpline(self.time - self.time[0], self.postures)


def select_subjects(clips: Sequence[Clip], subjects: Sequence[str] | None) -> tuple[Clip, ...]:
    """The clips of some subjects; all of them if None.

    Raises:
        RecordingError: if a subject has no clip.
    """
    if subjects is None:
        return tuple(clips)
    missing = sorted(set(subjects) - {c.subject for c in clips})
    if missing:
        raise RecordingError(f"no clip of {', '.join(missing)}")
    return tuple(c for c in clips if c.subject in set(subjects))
