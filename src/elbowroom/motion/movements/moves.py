"""One movement as a vector, and back.

A movement from posture q0 passes q(s) at shares s of its duration T. With its size
r = rms over s of |q(s) - q0|, it is written as

    z = (q0, log r, (q(1) - q0) / r, log T - a - b log L, shape),

where shape is ((q(s) - q0) - (q(1) - q0) m(s)) / r at `PHASES`, m(s) = 10 s^3 - 15 s^4 + 6 s^5 the
minimum-jerk way (Flash and Hogan 1985), L the length of the way of elbow and wrist [m], and
(a, b) a law of duration against length fitted to people. Large and small movements so share one
description, and a movement far from those seen still has a lifelike speed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from elbowroom.motion.movements.segments import RATE, Segment
from elbowroom.motion.posture import SIZE, joints_from_postures

Array = NDArray[np.float64]

PHASES = np.arange(1, 8) / 8
"""Shares of a movement's duration at which its shape is noted."""

START = slice(0, SIZE)
LOG_SIZE = SIZE
CHANGE = slice(SIZE + 1, 2 * SIZE + 1)
TEMPO = 2 * SIZE + 1
SHAPE = slice(2 * SIZE + 2, None)

_UPPER_ARM, _FOREARM = 0.275, 0.25
_LEAST_SIZE = 1e-3


def minimum_jerk(phase: Array) -> Array:
    """10 s^3 - 15 s^4 + 6 s^5, from 0 to 1 with no velocity or acceleration at either end."""
    return np.asarray(phase**3 * (10 - 15 * phase + 6 * phase**2))


MINIMUM_JERK_SIZE = float(np.sqrt(np.mean(minimum_jerk(np.append(PHASES, 1.0)) ** 2)))
"""Size of a movement without shape, as a share of its change."""


def describe_move(postures: Array, segment: Segment) -> Array:
    """Vector z of one movement, with log T in place of the tempo and the shape unreduced.

    Args:
        postures: track at 60 Hz, shape (T, 7).
        segment: the rows of the movement.

    Returns:
        Shape (16 + len(PHASES) * 7,).
    """
    piece = postures[segment.start : segment.end + 1]
    at = np.append(PHASES, 1.0) * (len(piece) - 1)
    rows = np.arange(len(piece))
    away = np.stack([np.interp(at, rows, column) for column in piece.T], axis=1) - piece[0]
    size = max(float(np.sqrt(np.mean(np.sum(away**2, axis=1)))), _LEAST_SIZE)
    shape = (away[:-1] - away[-1] * minimum_jerk(PHASES)[:, None]) / size
    log_time = np.log((len(piece) - 1) / RATE)
    return np.concatenate([piece[0], [np.log(size)], away[-1] / size, [log_time], shape.ravel()])


def rebuild_way(start: Array, change: Array, log_size: float, shape: Array) -> Array:
    """Postures at `PHASES` and at the end, shape (len(PHASES) + 1, 7).

    Args:
        start: posture, shape (7,).
        change: (q(1) - q0) / r, shape (7,).
        log_size: log r.
        shape: shape (len(PHASES) * 7,).
    """
    away = change * minimum_jerk(PHASES)[:, None] + shape.reshape(-1, SIZE)
    return np.asarray(start + np.exp(log_size) * np.vstack([away, change]))


def measure_way(start: Array, way: Array) -> float:
    """Length of the elbow's way plus half that of the wrist about it, for a common arm [m]."""
    track = np.vstack([start, way])
    _, elbow, wrist = joints_from_postures(track, _UPPER_ARM, _FOREARM, np.zeros(3))
    steps = [np.linalg.norm(np.diff(p, axis=0), axis=1) for p in (elbow, wrist - elbow)]
    return float(steps[0].sum() + 0.5 * steps[1].sum()) + 1e-4
