"""One recorded dressing, as arrays over time."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core.archive import MANGLED
from elbowroom.core.optional import JOINTS
from elbowroom.core.types import ArmMeasurement, Pose, Sample, Wrench

Array = NDArray[np.float64]

_WIDTHS = {
    "force": 3,
    "torque": 3,
    "gripper_position": 3,
    "gripper_orientation": 4,
    "shoulder": 3,
    "sighting": 3,
    "wrist": 3,
    "true_elbow": 3,
    "true_shoulder": 3,
    "true_wrist": 3,
    "true_force": 3,
    "effort": JOINTS,
}
_LENGTHS, _ERRORS = ("upper_arm", "forearm"), ("upper_arm_error", "forearm_error")
_ADDED = ("progress", "effort")
"""Arrays that older files lack and that are not written where nothing was seen."""
_MAY_BE_NAN = {"shoulder", "sighting", "wrist", *_ADDED}


class TrialError(ValueError):
    """A recorded trial that is mangled or inconsistent."""


@dataclass(frozen=True)
class Trial:
    """A dressing at the sensor's rate; rows of NaN where a source did not report.

    Attributes:
        time: [s], strictly increasing, shape (T,).
        force, torque: measured wrench [N], [N m], world axes, shape (T, 3).
        gripper_position: [m], shape (T, 3).
        gripper_orientation: (x, y, z, w), shape (T, 4).
        shoulder, sighting, wrist: camera measurements [m], shape (T, 3).
        true_elbow, true_shoulder, true_wrist: [m], shape (T, 3).
        true_force: force of the cloth on the gripper without sensor errors [N], shape (T, 3).
        true_progress: arc length of the cuff along the arm from the wrist [m], shape (T,).
        true_threaded: shape (T,), 0 or 1.
        progress: measured way of the cuff along the arm [m], shape (T,).
        effort: external torques of the robot's joints [N m], shape (T, 7).
        facts: JSON values: `person`, `seed`, `upper_arm`, `forearm` (measured lengths [m]),
            `upper_arm_error`, `forearm_error` (their standard deviations [m]), `upper_arm_true`,
            `garment`, `motion`, `policy`, `passed_elbow`, ...
    """

    time: Array
    force: Array
    torque: Array
    gripper_position: Array
    gripper_orientation: Array
    shoulder: Array
    sighting: Array
    wrist: Array
    true_elbow: Array
    true_shoulder: Array
    true_wrist: Array
    true_force: Array
    true_progress: Array
    true_threaded: Array
    progress: Array = field(default_factory=lambda: np.zeros(0))
    effort: Array = field(default_factory=lambda: np.zeros(0))
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if np.ndim(self.time) != 1:
            raise TrialError(f"time must have shape (T,), got {np.shape(self.time)}")
        steps = len(self.time)
        for name in _ADDED:
            if not np.size(getattr(self, name)):
                object.__setattr__(self, name, np.full(_shape(name, steps), np.nan))
        for name in _array_names():
            _check_array(name, getattr(self, name), steps)
        if steps < 2 or not np.all(np.diff(self.time) > 0):
            raise TrialError("time must be strictly increasing with at least two samples")

    def __len__(self) -> int:
        return len(self.time)

    @property
    def arm(self) -> ArmMeasurement:
        """The measured lengths of the person and their errors, the default ones if none are told.

        Raises:
            TrialError: if a length is missing, or a value is no number or out of range.
        """
        missing = [name for name in _LENGTHS if name not in self.facts]
        if missing:
            raise TrialError(f"facts lack the arm's lengths {', '.join(missing)}")
        try:
            told = {n: float(self.facts[n]) for n in (*_LENGTHS, *_ERRORS) if n in self.facts}
            arm = ArmMeasurement(**told)
        except (TypeError, ValueError) as error:
            raise TrialError(f"facts do not tell the arm's lengths: {error}") from error
        if not all(0.0 <= getattr(arm, name) < np.inf for name in _ERRORS):
            raise TrialError(f"errors of the arm's lengths must be finite and >= 0, got {arm}")
        return arm

    def sample(self, index: int) -> Sample:
        """What was measured at one row."""
        return Sample(
            stamp=float(self.time[index]),
            wrench=Wrench(self.force[index], self.torque[index]),
            gripper=Pose(self.gripper_position[index], self.gripper_orientation[index]),
            shoulder=_seen(self.shoulder[index]),
            sighting=_seen(self.sighting[index]),
            wrist=_seen(self.wrist[index]),
            progress=None if np.isnan(self.progress[index]) else float(self.progress[index]),
            effort=_seen(self.effort[index]),
        )

    def samples(self) -> Iterator[Sample]:
        """Every row in order, as the estimator node would receive it."""
        return (self.sample(i) for i in range(len(self)))


def _seen(row: Array) -> Array | None:
    return None if np.isnan(row[0]) else row


def _array_names() -> list[str]:
    return [f.name for f in fields(Trial) if f.name != "facts"]


def _shape(name: str, steps: int) -> tuple[int, ...]:
    return (steps, _WIDTHS[name]) if name in _WIDTHS else (steps,)


def _check_array(name: str, value: Array, steps: int) -> None:
    shape = _shape(name, steps)
    if np.shape(value) != shape:
        raise TrialError(f"{name} must have shape {shape}, got {np.shape(value)}")
    finite = np.isfinite(value)
    if name in _MAY_BE_NAN:
        unseen = np.isnan(value)
        finite |= unseen if value.ndim == 1 else np.all(unseen, axis=1, keepdims=True)
    if not np.all(finite):
        raise TrialError(f"{name} has values that are not finite")


def save_trial(path: Path, trial: Trial) -> None:
    """Write one trial as npz (float32 apart from time, no pickles), atomically."""
    names = [n for n in _array_names() if n not in _ADDED or not np.isnan(getattr(trial, n)).all()]
    arrays = {n: np.asarray(getattr(trial, n), dtype=np.float32) for n in names}
    arrays["time"] = np.asarray(trial.time, dtype=np.float64)
    buffer = io.BytesIO()
    np.savez(buffer, facts=np.array(json.dumps(trial.facts)), **arrays)  # type: ignore[arg-type]
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    temporary.write_bytes(buffer.getvalue())
    os.replace(temporary, path)


def load_trial(path: Path) -> Trial:
    """Read a trial written by `save_trial`.

    Raises:
        TrialError: if the file is missing, mangled or inconsistent.
    """
    try:
        # From memory: np.load leaves a file open when what it holds is no archive.
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            facts = json.loads(str(stored["facts"]))
            names = [n for n in _array_names() if n not in _ADDED or n in stored]
            arrays = {n: np.asarray(stored[n], dtype=np.float64) for n in names}
    except MANGLED as error:
        raise TrialError(f"{path.name} is not a readable trial: {error}") from error
    return Trial(**arrays, facts=facts)
