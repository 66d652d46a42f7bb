"""Recorded dressings as padded arrays for training, scaling and calibration."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Trial, TrialError, load_trial
from elbowroom.models.features.causal import GRID, NAMES, WIDTH, extract, rows_of

Array = NDArray[np.float64]
Single = NDArray[np.float32]

TICKS = 10
"""Sensor rows kept for every grid step: 240 Hz over a 24 Hz grid."""
RATE = TICKS / GRID
"""Of the sensor [Hz]."""
STEPS = 180
"""Grid steps that are kept of a dressing: 7.5 s."""
_RATE_ERROR = 0.02

_SIGHTED, _SIGHTING = NAMES.index("sighted"), NAMES.index("sighting_from_anchor0_x")
_START = NAMES.index("start_gripper_from_anchor0_x")


@dataclass(frozen=True)
class Dataset:
    """Trials of N people, padded to K grid steps.

    Attributes:
        features: with every optional input that was there, (N, K, WIDTH); see `features.hide`.
        elbow: true elbow minus anchor [m] at the grid rows, (N, K, 3).
        between: the same at every sensor row of the step, (N, K, TICKS, 3); NaN past the end.
        steps: number of valid grid steps, (N,).
        length: measured upper arm [m], (N,).
        names: file names, which tell the people apart.
        group: garment and motion of each trial.
        person: who was dressed; a file that does not say counts as a person of its own.
    """

    features: Single
    elbow: Single
    between: Single
    steps: NDArray[np.int64]
    length: Array
    names: tuple[str, ...]
    group: tuple[str, ...]
    person: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Which grid steps exist, (N, K)."""
        return np.arange(self.features.shape[1]) < self.steps[:, None]

    def take(self, index: NDArray[np.int64]) -> Dataset:
        """The trials at these positions."""
        return Dataset(
            self.features[index],
            self.elbow[index],
            self.between[index],
            self.steps[index],
            self.length[index],
            tuple(self.names[i] for i in index),
            tuple(self.group[i] for i in index),
            tuple(self.person[i] for i in index) if self.person else (),
        )


def guess_direction(features: NDArray[np.floating]) -> Array:
    """First guess u0 of the upper arm's direction, (..., WIDTH) -> (..., 3).

    The sighting as seen from the shoulder; without one, the gripper at the start, which holds
    the cuff at the hand.
    """
    f = np.asarray(features, dtype=float)
    sighted = f[..., _SIGHTED : _SIGHTED + 1] > 0.5
    vector = np.where(sighted, f[..., _SIGHTING : _SIGHTING + 3], f[..., _START : _START + 3])
    size = np.linalg.norm(vector, axis=-1, keepdims=True)
    # Padding has neither; any direction will do there.
    return np.where(size > 1e-6, vector / np.maximum(size, 1e-6), [1.0, 0.0, 0.0])


def build(paths: Iterable[Path], steps: int = STEPS) -> Dataset:
    """Read trials and extract their features.

    Args:
        paths: files written by `core.save_trial`.
        steps: K; longer trials are cut.

    Raises:
        TrialError: if a file is mangled, or not sampled at `RATE`.
        ValueError: if there is no file.
    """
    return gather([(p.name, load_trial(p)) for p in paths], steps)


def gather(trials: list[tuple[str, Trial]], steps: int = STEPS) -> Dataset:
    """The same for named trials in memory."""
    if not trials:
        raise ValueError("no trials to learn from")
    n = len(trials)
    features = np.zeros((n, steps, WIDTH), np.float32)
    elbow = np.zeros((n, steps, 3), np.float32)
    between = np.full((n, steps, TICKS, 3), np.nan, np.float32)
    counts = np.zeros(n, np.int64)
    for i, (name, trial) in enumerate(trials):
        _check_rate(name, trial)
        counts[i] = _fill(trial, features[i], elbow[i], between[i])
    return Dataset(
        features,
        elbow,
        between,
        counts,
        np.array([t.arm.upper_arm for _, t in trials]),
        tuple(name for name, _ in trials),
        tuple(_group(t) for _, t in trials),
        tuple(str(t.facts.get("person", name)) for name, t in trials),
    )


def _check_rate(name: str, trial: Trial) -> None:
    # Scores know the rows between two grid steps by their number.
    found = 1.0 / np.median(np.diff(trial.time)) if len(trial) > 1 else RATE
    if not abs(found / RATE - 1.0) < _RATE_ERROR:
        raise TrialError(f"{name}: sampled at {found:.1f} Hz, the models take {RATE:.0f} Hz")


def _fill(trial: Trial, features: Single, elbow: Single, between: Single) -> int:
    read, index, anchors = extract(trial.arm, rows_of(trial), GRID)
    count = min(len(index), len(features))
    features[:count] = read[:count]
    offset = (trial.true_elbow - anchors).astype(np.float32)
    elbow[:count] = offset[index[:count]]
    ends = np.append(index[1:], len(trial))
    for k in range(count):
        rows = offset[index[k] : min(ends[k], index[k] + TICKS)]
        between[k, : len(rows)] = rows
    return count


def _group(trial: Trial) -> str:
    garment = trial.facts.get("garment", {})
    kind = garment.get("kind", "") if isinstance(garment, dict) else str(garment)
    motion = trial.facts.get("motion", {})
    moved = motion.get("kind", "") if isinstance(motion, dict) else str(motion)
    return f"{kind}/{moved}"


def digest(data: Dataset) -> str:
    """Short hash of what was learned from."""
    h = hashlib.sha256("\n".join(data.names).encode())
    h.update(np.ascontiguousarray(data.elbow).tobytes())
    return h.hexdigest()[:16]
