"""Samples and truths of one dressing, gathered row by row into a `Trial`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import JOINTS, InputError, Sample, Trial, TrialError, Truth
from elbowroom.core.archive import MANGLED

Array = NDArray[np.float64]

_FORWARDS = ("force", "torque", "gripper_position", "gripper_orientation")
_UNSEEN = {
    **dict.fromkeys(("shoulder", "sighting", "wrist"), np.full(3, np.nan)),
    "progress": np.array(np.nan),
    "effort": np.full(JOINTS, np.nan),
}
"""What stands for a source that did not report."""
_TRUTH = ("elbow", "shoulder", "wrist", "force", "progress", "threaded")


class Recorder:
    """Collects a dressing while it runs.

    Attributes:
        flexion: elbow flexion at every sample [rad].
        flexion_at_elbow: flexion when the cuff first passed the elbow [rad], or None.
    """

    def __init__(self) -> None:
        self._time: list[float] = []
        self.flexion: list[float] = []
        self.flexion_at_elbow: float | None = None
        self._rows: dict[str, list[Any]] = {
            name: [] for name in _FORWARDS + tuple(_UNSEEN) + tuple(f"true_{t}" for t in _TRUTH)
        }

    def __len__(self) -> int:
        return len(self._time)

    def add(self, sample: Sample, truth: Truth) -> None:
        """Append one instant.

        Raises:
            InputError: if the sample lacks its wrench or gripper pose.
        """
        if sample.wrench is None or sample.gripper is None:
            raise InputError("a recorded sample needs a wrench and a gripper pose")
        values = (
            sample.wrench.force,
            sample.wrench.torque,
            sample.gripper.position,
            sample.gripper.orientation,
        )
        self._time.append(sample.stamp)
        for name, value in zip(_FORWARDS, values, strict=True):
            self._rows[name].append(value)
        for name, unseen in _UNSEEN.items():
            seen = getattr(sample, name)
            self._rows[name].append(unseen if seen is None else seen)
        for name in _TRUTH:
            self._rows[f"true_{name}"].append(getattr(truth, name))
        self.flexion.append(truth.flexion)
        if truth.passed and self.flexion_at_elbow is None:
            self.flexion_at_elbow = truth.flexion

    @property
    def duration(self) -> float:
        """Time from the first to the last sample [s]."""
        return self._time[-1] - self._time[0]

    @property
    def threaded_share(self) -> float:
        """Share of the samples at which the arm went through the cuff."""
        return float(np.mean(self._rows["true_threaded"]))

    def trial(self, facts: dict[str, Any]) -> Trial:
        """What was recorded, with these facts about it.

        Raises:
            TrialError: if fewer than two samples were added or a number is not finite.
        """
        arrays = {k: np.array(v, dtype=np.float64) for k, v in self._rows.items()}
        return Trial(time=np.array(self._time, dtype=np.float64), facts=facts, **arrays)


def read_facts(path: Path) -> dict[str, Any]:
    """The facts of a stored trial, without its arrays.

    Raises:
        TrialError: if the file is missing or mangled.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            facts = json.loads(str(stored["facts"]))
    except MANGLED as error:
        raise TrialError(f"{path.name} is not a readable trial: {error}") from error
    if not isinstance(facts, dict):
        raise TrialError(f"{path.name}: facts must be an object")
    return facts
