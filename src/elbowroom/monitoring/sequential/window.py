"""Fast channel: MMD of the last units against the reference, with a calibrated threshold.

The window slides by one unit. Its threshold is set by simulation: streams are drawn from reference
units that the kernel mean is not taken of, and h is chosen such that the greatest statistic of a
stretch of s steps stays below h with probability exp(-s / c); alarms without change then come once
in c units on average. The calibration is as good as the reference is large; nothing is proved.
That is what a warning is for. The alarm that is proved is the e-detector's.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.monitoring.checks import Array, IntArray, read_samples, read_unit, require
from elbowroom.monitoring.sequential.scaling import fit_scaler
from elbowroom.monitoring.twosample.kernels import (
    evaluate_kernel,
    median_bandwidths,
    squared_distances,
)

EXPONENTS = (-1.0, 0.0, 1.0)
_STREAMS = 400
_STRETCH = 8  # windows
_CHUNK = 50  # streams at once


class WindowState(NamedTuple):
    """What the window holds.

    Attributes:
        rows: the last units, scaled, shape (size, d); NaN where none has been.
        units: units seen since the start.
    """

    rows: Array
    units: int


class FastWindow:
    """MMD^2 of a sliding window against the reference.

    Args:
        reference: independent reference units, shape (n, d).
        size: units in the window.
        run_length: average units between false alarms that the threshold is calibrated to.
        seed: of the split and the simulated streams.

    Attributes:
        threshold: h on the statistic.

    Raises:
        MonitoringError: if there are fewer than 4 windows of reference units, the window has
            fewer than two, or the reference is constant or not finite.
    """

    def __init__(
        self, reference: ArrayLike, *, size: int = 10, run_length: float = 500.0, seed: int = 0
    ) -> None:
        require(size >= 2, f"the window needs at least 2 units, got {size}")
        require(run_length > 1, f"the run length must exceed 1, got {run_length}")
        rows = read_samples("reference", reference, 4 * size)
        rng = np.random.default_rng(seed)
        self._scaler = fit_scaler(rows)
        mixed = self._scaler.scale(rows[rng.permutation(len(rows))])
        self.size, self.run_length = size, run_length
        self._known, held_out = mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]
        self._sigmas = median_bandwidths(self._known, None, EXPONENTS)
        known = evaluate_kernel(squared_distances(self._known, self._known), self._sigmas)
        pairs = len(known) * (len(known) - 1)
        self._within = float((known.sum() - np.trace(known)) / pairs)
        self.threshold = self._calibrate(held_out, rng)

    def start(self) -> WindowState:
        """State before the first unit."""
        return WindowState(np.full((self.size, self._known.shape[1]), np.nan), 0)

    def step(self, state: WindowState, unit: ArrayLike) -> tuple[WindowState, float]:
        """Take one unit, shape (d,); returns the new state and MMD^2, NaN until the window is full.

        Raises:
            MonitoringError: if the unit is of another width or not finite.
        """
        x = self._scaler.scale(read_unit("the unit", unit, self._known.shape[1]))
        rows = np.concatenate([state.rows[1:], x[None]])
        state = WindowState(rows, state.units + 1)
        return state, math.nan if state.units < self.size else self._measure(rows)

    def _measure(self, rows: Array) -> float:
        across = evaluate_kernel(squared_distances(rows, self._known), self._sigmas)
        own = evaluate_kernel(squared_distances(rows, rows), self._sigmas)
        pairs = self.size * (self.size - 1)
        inside = (own.sum() - np.trace(own)) / pairs
        return float(self._within + inside - 2.0 * across.mean())

    def _calibrate(self, pool: Array, rng: np.random.Generator) -> float:
        own = evaluate_kernel(squared_distances(pool, pool), self._sigmas)
        across = evaluate_kernel(squared_distances(pool, self._known), self._sigmas).mean(axis=1)
        steps = _STRETCH * self.size
        greatest = []
        for _ in range(_STREAMS // _CHUNK):
            drawn = _draw_streams(rng, len(pool), steps + self.size - 1)
            greatest.append(self._slide(drawn, own, across).max(axis=1))
        return float(np.quantile(np.concatenate(greatest), math.exp(-steps / self.run_length)))

    def _slide(self, drawn: IntArray, own: Array, across: Array) -> Array:
        """Statistic of every window of streams of indices into the pool, shape (streams, steps)."""
        size = self.size
        lagged = np.zeros((len(drawn), drawn.shape[1] - size + 1))
        for lag in range(1, size):
            pairs = own[drawn[:, :-lag], drawn[:, lag:]]
            lagged += _moving_sum(pairs, size - lag)[:, : lagged.shape[1]]
        inside = 2.0 * lagged / (size * (size - 1))
        outside = _moving_sum(across[drawn], size) / size
        return np.asarray(self._within + inside - 2.0 * outside)


def _draw_streams(rng: np.random.Generator, count: int, length: int) -> IntArray:
    """Indices in random order, all used before one comes again: twins in a window look alike."""
    rounds = -(-length // count)
    orders = rng.random((_CHUNK, rounds, count)).argsort(axis=2)
    return orders.reshape(_CHUNK, -1)[:, :length]


def _moving_sum(values: Array, length: int) -> Array:
    sums = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    return np.asarray(sums[:, length:] - sums[:, :-length])
