"""How fast, how far and how smoothly arms move: figures to compare movements by.

`python -m elbowroom.motion.statistics recordings.npz` prints recorded against drawn movements.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from elbowroom.motion.arm_motion import ArmMotion
from elbowroom.motion.drawer import MotionParams, draw_motion
from elbowroom.motion.people import draw_person
from elbowroom.motion.recordings.formats import read_recording
from elbowroom.motion.recordings.recording import Clip
from elbowroom.motion.retarget import RATE, retarget

Array = NDArray[np.float64]

_MOVING = 0.05

PLAIN = MotionParams(
    amplitude_low=1.0,
    amplitude_high=1.0,
    pace_spread=0.0,
    novelty=0.0,
    spread=0.85,
    flexion_max=1.9,
)
"""The generator as close to the recordings as it can be."""


@dataclass(frozen=True)
class MotionStatistics:
    """Figures of the elbow, pooled over all rows of all movements.

    Attributes:
        speed_p50, speed_p95, speed_p99, speed_max: [m/s].
        moving: share of time faster than 0.05 m/s.
        acceleration_p95, acceleration_p99, acceleration_max: [m/s^2].
        decorrelation: lag at which the velocity's autocorrelation falls to 1/e [s].
        displacement_p50, displacement_p95: greatest distance from the first row in a movement [m].
    """

    speed_p50: float
    speed_p95: float
    speed_p99: float
    speed_max: float
    moving: float
    acceleration_p95: float
    acceleration_p99: float
    acceleration_max: float
    decorrelation: float
    displacement_p50: float
    displacement_p95: float


def measure_motions(motions: Iterable[ArmMotion]) -> MotionStatistics:
    """Figures of movements sampled at 60 Hz.

    Raises:
        ValueError: if there is none, or all are shorter than two seconds.
    """
    motions = list(motions)
    velocities = [np.gradient(m.elbow, 1 / RATE, axis=0) for m in motions]
    if not velocities or max(len(v) for v in velocities) < 2 * RATE:
        raise ValueError("at least one movement of two seconds is needed")
    speed = np.concatenate([np.linalg.norm(v, axis=1) for v in velocities])
    pushes = [np.linalg.norm(np.gradient(v, 1 / RATE, axis=0), axis=1) for v in velocities]
    acceleration = np.concatenate(pushes)
    reach = [float(m.displacement.max()) for m in motions]
    figures = [
        *np.percentile(speed, [50, 95, 99, 100]),
        np.mean(speed > _MOVING),
        *np.percentile(acceleration, [95, 99, 100]),
        _decorrelation(velocities),
        *np.percentile(reach, [50, 95]),
    ]
    return MotionStatistics(*(float(f) for f in figures))


def _decorrelation(velocities: Sequence[Array]) -> float:
    lags = int(RATE)
    sums = np.zeros(lags)
    for v in velocities:
        rows = len(v) - lags
        if rows >= lags:
            sums += [np.sum(v[:rows] * v[lag : lag + rows]) for lag in range(lags)]
    below = sums < sums[0] / np.e
    return float(np.argmax(below) / RATE) if np.any(below) else 1.0


def play_clips(clips: Sequence[Clip], seed: int = 0) -> list[ArmMotion]:
    """Every active clip whole, at its own size and speed, on random persons."""
    rng = np.random.default_rng(seed)
    active = [c for c in clips if c.active and c.duration > 1.0]
    return [retarget(c, draw_person(rng), rng, (0.0, c.duration - 0.5)) for c in active]


def format_table(clips: Sequence[Clip], count: int = 300, seed: int = 0) -> str:
    """Recorded, generated and by default drawn movements side by side.

    "plain" is the generator without the variety that the default adds, in movements of 12 s.
    """
    rng = np.random.default_rng(seed)
    columns = {"recorded": measure_motions(play_clips(clips, seed))}
    drawn = {
        "plain": ("generator", "active", 12.0, PLAIN),
        "generator": ("generator", None, 5.5, MotionParams()),
        "recordings": ("recordings", None, 5.5, MotionParams()),
        "mix": ("mix", None, 5.5, MotionParams()),
    }
    for name, (source, kind, duration, params) in drawn.items():
        people = (draw_person(rng) for _ in range(count))
        columns[name] = measure_motions(
            draw_motion(rng, p, duration, source, clips, None, kind, params) for p in people
        )
    lines = ["".join(f"{name:>18s}" for name in ("", *columns))]
    for f in fields(MotionStatistics):
        lines.append(
            f"{f.name:>18s}" + "".join(f"{getattr(c, f.name):18.3f}" for c in columns.values())
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(format_table([c for path in sys.argv[1:] for c in read_recording(path)]))
