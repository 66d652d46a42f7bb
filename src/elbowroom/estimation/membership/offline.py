"""The set filter over many recorded dressings at once, on every core."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import ArmMeasurement
from elbowroom.estimation.membership.batch import Boxes, boxes, prepare
from elbowroom.estimation.membership.model import SetModel
from elbowroom.models.features.causal import WIDTH, extract, hide

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Filtered:
    """Boxes of N dressings at up to K grid steps.

    Attributes:
        boxes: relative to the anchor, see `set_batch.Boxes`.
        steps: valid grid steps of each dressing, (N,).
        anchor: filtered shoulder at the grid steps [m], (N, K, 3).
        time: stamps of the grid steps [s], (N, K); NaN past the end.
    """

    boxes: Boxes
    steps: NDArray[np.int64]
    anchor: Array
    time: Array


def filter_rows(
    model: SetModel,
    arms: Sequence[ArmMeasurement],
    rows: Sequence[Array],
    scale: float,
    *,
    inputs: str = "none",
    steps: int = 180,
    workers: int = 0,
    chunk: int = 128,
    progress: Callable[[int], None] | None = None,
) -> Filtered:
    """Filter dressings as the online filter would, read on its grid.

    The compiled passes and the matrix products leave the interpreter free, so threads suffice.

    Args:
        model: learned bounds.
        arms: measured lengths of each person.
        rows: measurements of each dressing, see `models.features.rows_of`.
        scale: calibrated multiplier of every bound.
        inputs: optional inputs to use, one of `core.SUBSETS`.
        steps: K; longer dressings are cut.
        workers: threads, 0 for one per core.
        chunk: dressings that a thread takes at once.
        progress: told how many more are done.
    """
    starts = range(0, len(rows), chunk)

    def work(start: int) -> Filtered:
        part = slice(start, start + chunk)
        found = _filter_chunk(model, arms[part], rows[part], scale, inputs, steps)
        if progress:
            progress(len(found.steps))
        return found

    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        return _join(list(pool.map(work, starts)))


def _filter_chunk(
    model: SetModel,
    arms: Sequence[ArmMeasurement],
    rows: Sequence[Array],
    scale: float,
    inputs: str,
    steps: int,
) -> Filtered:
    n = len(rows)
    features = np.zeros((n, steps, WIDTH), np.float32)
    anchor, time = np.zeros((n, steps, 3)), np.full((n, steps), np.nan)
    counts = np.zeros(n, np.int64)
    for i, (arm, given) in enumerate(zip(arms, rows, strict=True)):
        read, index, anchors = extract(arm, given)
        count = counts[i] = min(len(index), steps)
        features[i, :count] = read[:count]
        anchor[i, :count], time[i, :count] = anchors[index[:count]], given[index[:count], 0]
    unknown = np.zeros((n, steps, 3))
    batch = prepare(model, hide(features, inputs), unknown, unknown[:, :, None], counts)
    return Filtered(boxes(model, batch, scale), counts, anchor, time)


def _join(parts: list[Filtered]) -> Filtered:
    columns = zip(*(vars(p.boxes).values() for p in parts), strict=True)
    found = Boxes(*(np.concatenate(column) for column in columns))
    return Filtered(
        found,
        np.concatenate([p.steps for p in parts]),
        np.concatenate([p.anchor for p in parts]),
        np.concatenate([p.time for p in parts]),
    )
