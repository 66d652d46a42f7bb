"""Cutting recorded postures into single movements and the rests between them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

from elbowroom.motion.posture import joints_from_postures

Array = NDArray[np.float64]

RATE = 60.0

_STILL = 0.02
_PEAK = 0.08
_PROMINENCE = 0.05
_LEAST = 0.12


@dataclass(frozen=True)
class Segment:
    """One movement from one posture to another.

    Attributes:
        start, end: rows of the clip.
    """

    start: int
    end: int


def measure_speed(postures: Array, upper_arm: float = 0.275, forearm: float = 0.25) -> Array:
    """Speed of the elbow plus half that of the wrist about it [m/s], (T, 7) at 60 Hz -> (T,)."""
    _, elbow, wrist = joints_from_postures(postures, upper_arm, forearm, np.zeros(3))
    moved = np.gradient(elbow, 1 / RATE, axis=0)
    turned = np.gradient(wrist - elbow, 1 / RATE, axis=0)
    return np.asarray(np.linalg.norm(moved, axis=1) + 0.5 * np.linalg.norm(turned, axis=1))


def find_segments(postures: Array) -> list[Segment]:
    """Cut a track into movements.

    A movement is the stretch around a peak of speed, bounded by stillness or by the slowest
    instant before the next peak.

    Args:
        postures: at 60 Hz, shape (T, 7).
    """
    speed = measure_speed(postures)
    peaks, _ = find_peaks(speed, height=_PEAK, prominence=_PROMINENCE)
    if len(peaks) == 0:
        return []
    valleys = [int(a + np.argmin(speed[a:b])) for a, b in pairwise(peaks)]
    bounds = [0, *valleys, len(speed) - 1]
    found = []
    for peak, low, high in zip(peaks, bounds[:-1], bounds[1:], strict=True):
        still = np.flatnonzero(speed[low : peak + 1] < _STILL)
        start = low + int(still[-1]) if len(still) else low
        still = np.flatnonzero(speed[peak : high + 1] < _STILL)
        end = peak + int(still[0]) if len(still) else high
        if (end - start) / RATE >= _LEAST:
            found.append(Segment(start, end))
    return found


def reverse_segment(segment: Segment, rows: int) -> Segment:
    """The same movement in a track of `rows` rows played backwards."""
    return Segment(rows - 1 - segment.end, rows - 1 - segment.start)
