"""What an estimator and a planner said during a dressing, as arrays over time."""

from __future__ import annotations

import io
import os
import time
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Box, Estimate, PlanReport, Trial, TrialError, matrix_from_quaternion
from elbowroom.core.archive import MANGLED

Array = NDArray[np.float64]


@dataclass(frozen=True)
class EstimateTrack:
    """The boxes of one estimator over one dressing.

    Attributes:
        time: [s], shape (T,).
        centre, size: of the oriented box [m], shape (T, 3).
        orientation: (x, y, z, w), shape (T, 4).
        point: best single guess [m], shape (T, 3).
        status: values of `Status`, shape (T,).
        delta: stated probability of a miss, shape (T,).
        step_us: time one step took [us], shape (T,).
    """

    time: Array
    centre: Array
    size: Array
    orientation: Array
    point: Array
    status: Array
    delta: Array
    step_us: Array

    def __len__(self) -> int:
        return len(self.time)

    def box(self, index: int) -> Box:
        """The box at one row."""
        return Box(self.centre[index], self.size[index], self.orientation[index])

    def reach(self, points: Array) -> Array:
        """By how much the box must grow about its centre to hold a point, per row.

        reach_t = max_j |R_t^T (p_t - c_t)|_j / (s_tj / 2); at most 1 when the point is inside.

        Args:
            points: [m], shape (T, 3).
        """
        turned = matrix_from_quaternion(self.orientation)
        local = np.einsum("tji,tj->ti", turned, points - self.centre)
        half = np.maximum(self.size / 2, 1e-12)
        return np.asarray(np.max(np.abs(local) / half, axis=1))

    def hull(self) -> tuple[Array, Array]:
        """Axis-aligned corners (lower, upper) around every box [m], shapes (T, 3)."""
        turned = np.abs(matrix_from_quaternion(self.orientation))
        half = np.einsum("tij,tj->ti", turned, self.size / 2)
        return self.centre - half, self.centre + half


@dataclass(frozen=True)
class PlanTrack:
    """What the planner decided over one dressing.

    Attributes:
        time: [s], shape (T,).
        mode: values of `PlanMode`, shape (T,).
        solve_time: [s], shape (T,); rows without a new plan repeat the last one or hold 0.
        speed_limit: [m/s], shape (T,).
        clearance: least distance of the path from the box [m], shape (T,); may be infinite.
    """

    time: Array
    mode: Array
    solve_time: Array
    speed_limit: Array
    clearance: Array


class TrackRecorder:
    """Gathers estimates and plan reports while a dressing runs."""

    def __init__(self) -> None:
        self._estimates: list[tuple[Any, ...]] = []
        self._plans: list[tuple[float, ...]] = []

    def add_estimate(self, e: Estimate, step_us: float) -> None:
        """Append one estimate and the time it took [us]."""
        box = e.box
        row = (e.stamp, box.centre, box.size, box.orientation, e.point, int(e.status))
        self._estimates.append((*row, e.delta, step_us))

    def add_plan(self, stamp: float, r: PlanReport) -> None:
        """Append what the planner said at a stamp [s]."""
        self._plans.append((stamp, int(r.mode), r.solve_time, r.speed_limit, r.clearance))

    def estimates(self) -> EstimateTrack:
        """Everything added so far."""
        return EstimateTrack(*_columns(self._estimates, len(fields(EstimateTrack))))

    def plans(self) -> PlanTrack:
        """Everything added so far."""
        return PlanTrack(*_columns(self._plans, len(fields(PlanTrack))))


def _columns(rows: list[Any], width: int) -> list[Array]:
    if not rows:
        return [np.zeros(0)] * width
    return [np.array(column, dtype=np.float64) for column in zip(*rows, strict=True)]


def filter_trial(estimator: Any, trial: Trial) -> EstimateTrack:
    """Run an estimator over a recorded trial, one step per row.

    Args:
        estimator: see `elbowroom.estimation.interface.Estimator`.
        trial: recorded at the sensor's rate.
    """
    track = TrackRecorder()
    state = estimator.start(trial.arm)
    for sample in trial.samples():
        begin = time.perf_counter_ns()
        state, estimate = estimator.step(state, sample)
        track.add_estimate(estimate, (time.perf_counter_ns() - begin) / 1e3)
    return track.estimates()


def save_track(path: Path, track: EstimateTrack | PlanTrack) -> None:
    """Write a track as npz (no pickles), atomically."""
    buffer = io.BytesIO()
    arrays = {f.name: getattr(track, f.name) for f in fields(track)}
    np.savez(buffer, **arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    temporary.write_bytes(buffer.getvalue())
    os.replace(temporary, path)


def load_track(path: Path) -> EstimateTrack:
    """Read an estimate track written by `save_track`.

    Raises:
        TrialError: if the file is missing, mangled or inconsistent.
    """
    names = [f.name for f in fields(EstimateTrack)]
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {n: np.asarray(stored[n], dtype=np.float64) for n in names}
    except MANGLED as error:
        raise TrialError(f"{path.name} is not a readable track: {error}") from error
    if len({len(a) for a in arrays.values()}) != 1:
        raise TrialError(f"{path.name}: arrays of different length")
    return EstimateTrack(**arrays)
