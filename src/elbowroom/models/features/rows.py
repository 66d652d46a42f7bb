"""Measurements as rows of numbers, the form in which the features take them in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import JOINTS, OPTIONAL, SUBSETS, Sample, Trial, parse_inputs

Array = NDArray[np.float64]

PROGRESS_AT, EFFORT_AT = 23, 24
ROW = EFFORT_AT + JOINTS
"""Columns of a row: time, force 3, torque 3, gripper 3, gripper quaternion 4, then shoulder 3,
sighting 3, wrist 3, progress and effort 7, NaN when not seen."""
_ROW_OF = {"wrist": slice(20, 23), "progress": slice(23, 24), "effort": slice(24, ROW)}

_NOT_SEEN = np.full(3, np.nan)


def row_of(sample: Sample) -> Array:
    """One row of a sample that carries a wrench and a gripper pose, shape (ROW,)."""
    assert sample.wrench is not None
    assert sample.gripper is not None
    row = np.empty(ROW)
    row[0] = sample.stamp
    row[1:4], row[4:7] = sample.wrench.force, sample.wrench.torque
    row[7:10], row[10:14] = sample.gripper.position, sample.gripper.orientation
    row[14:17] = _NOT_SEEN if sample.shoulder is None else sample.shoulder
    row[17:20] = _NOT_SEEN if sample.sighting is None else sample.sighting
    row[20:23] = _NOT_SEEN if sample.wrist is None else sample.wrist
    row[PROGRESS_AT] = np.nan if sample.progress is None else sample.progress
    row[EFFORT_AT:] = np.nan if sample.effort is None else sample.effort
    return row


def rows_of(trial: Trial, inputs: str = SUBSETS[-1]) -> Array:
    """All rows of a recorded trial, shape (T, ROW), with these optional inputs only."""
    rows = np.column_stack(
        [
            trial.time,
            trial.force,
            trial.torque,
            trial.gripper_position,
            trial.gripper_orientation,
            trial.shoulder,
            trial.sighting,
            trial.wrist,
            trial.progress,
            trial.effort,
        ]
    )
    for name in set(OPTIONAL) - parse_inputs(inputs):
        rows[:, _ROW_OF[name]] = np.nan
    return rows
