"""The set filter over many recorded trials at once: scores and boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from elbowroom.estimation.membership.kernel import frame, measure_ratio, motion_ratio, update
from elbowroom.estimation.membership.model import SetModel, forearm_from, wrist_from
from elbowroom.models.elbow.heads import Prediction

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Batch:
    """What the models say of N trials over K grid steps, and what was true.

    Attributes:
        prediction: scaled, leading axes (N, K).
        wrist: seen wrist minus anchor, (N, K, 3).
        forearm: measured length, (N, K).
        elbow: true elbow minus anchor at the grid rows, (N, K, 3).
        between: at every sensor row, (N, K, TICKS, 3).
        steps: valid grid steps, (N,).
    """

    prediction: Prediction
    wrist: Array
    forearm: Array
    elbow: Array
    between: Array
    steps: NDArray[np.int64]


def prepare(
    model: SetModel,
    features: NDArray[Any],
    elbow: NDArray[Any],
    between: NDArray[Any],
    steps: NDArray[np.int64],
    raw: NDArray[np.float32] | None = None,
) -> Batch:
    """Run the networks over trials.

    Args:
        model: learned bounds.
        features: N trials of K grid steps, shape (N, K, WIDTH).
        elbow: true elbow minus anchor at the grid rows [m], shape (N, K, 3).
        between: the same at every sensor row [m], shape (N, K, TICKS, 3).
        steps: grid steps of each trial, shape (N,).
        raw: outputs of the networks where they are known already.
    """
    if raw is None:
        raw = model.ensemble.run(features, steps)
    f = np.asarray(features, float)
    return Batch(
        model.predict(raw, f),
        wrist_from(f),
        forearm_from(f),
        np.asarray(elbow, float),
        np.asarray(between, float),
        steps,
    )


def ratios(model: SetModel, batch: Batch) -> Array:
    """Least scale of every source over each trial, shape (N, 2 + lags).

    Columns: measurement, forearm, then each lag, all at the full sensor rate. A person's score is
    the largest of the row: the scale at which every box holds the elbow throughout.

    Raises:
        ValueError: if a prediction is not finite.
    """
    p = batch.prediction
    if not all(np.isfinite(a).all() for a in vars(p).values()):
        raise ValueError("the model's predictions are not finite")
    return np.asarray(
        _ratios(
            p.direction,
            p.radius,
            p.spread,
            p.radial,
            p.forward,
            p.lag_mean,
            p.lag_spread,
            model.lags,
            batch.wrist,
            batch.forearm,
            model.wrist_bound,
            batch.elbow,
            batch.between,
            batch.steps,
        )
    )


def scores(model: SetModel, batch: Batch) -> Array:
    """One score per trial, shape (N,)."""
    return np.asarray(ratios(model, batch).max(axis=1))


@dataclass(frozen=True)
class Boxes:
    """Boxes at the grid steps, relative to the anchor.

    Attributes:
        axes: (N, K, 3, 3); lower, upper: (N, K, 3) along them.
        empty: whether the intersection was empty, (N, K).
    """

    axes: Array
    lower: Array
    upper: Array
    empty: NDArray[np.bool_]

    @property
    def size(self) -> Array:
        """Full sides [m], (N, K, 3)."""
        return np.maximum(self.upper - self.lower, 0.0)


def boxes(model: SetModel, batch: Batch, scale: float) -> Boxes:
    """Run the set recursion at one scale."""
    p = batch.prediction
    return Boxes(
        *_boxes(
            p.direction,
            p.radius,
            p.spread,
            p.radial,
            p.lag_mean,
            p.lag_spread,
            model.lags,
            batch.wrist,
            batch.forearm,
            model.wrist_bound,
            batch.steps,
            scale,
        )
    )


def mean_edge(found: Boxes, steps: NDArray[np.int64]) -> Array:
    """Edge of the cube of equal volume, averaged over each trial [m], shape (N,)."""
    edges = np.cbrt(np.prod(found.size, axis=-1))
    valid = np.arange(edges.shape[1]) < steps[:, None]
    return np.asarray((edges * valid).sum(1) / steps)


@njit(cache=True, nogil=True)
def _ratios(
    direction: Array,
    radius: Array,
    spread: Array,
    radial: Array,
    forward: Array,
    lag_mean: Array,
    lag_spread: Array,
    lags: NDArray[np.int64],
    wrist: Array,
    forearm: Array,
    bound: float,
    elbow: Array,
    between: Array,
    steps: NDArray[np.int64],
) -> Array:
    n, ticks = len(steps), between.shape[2]
    out = np.zeros((n, 2 + len(lags)))
    for i in range(n):
        for k in range(steps[i]):
            axes, across = frame(direction[i, k], spread[i, k])
            unit = np.array([radial[i, k], across[0], across[1]])
            for t in range(ticks):
                if np.isnan(between[i, k, t, 0]):
                    continue
                # The box of step k moves with the expected displacement until the next one, so
                # it is the elbow moved back that every bound must hold, at every sensor row.
                point = between[i, k, t] - forward[i, k] * (t / ticks)
                out[i, 0] = max(out[i, 0], measure_ratio(axes, radius[i, k], unit, point))
                if not np.isnan(wrist[i, k, 0]):
                    length = np.sqrt(np.sum((point - wrist[i, k]) ** 2))
                    out[i, 1] = max(out[i, 1], np.abs(length - forearm[i, k]) / bound)
                for j in range(len(lags)):
                    if k >= lags[j]:
                        error = point - elbow[i, k - lags[j]] - lag_mean[i, k, j]
                        ratio = motion_ratio(axes, lag_spread[i, k, j], error)
                        out[i, 2 + j] = max(out[i, 2 + j], ratio)
    return out


@njit(cache=True, nogil=True)
def _boxes(
    direction: Array,
    radius: Array,
    spread: Array,
    radial: Array,
    lag_mean: Array,
    lag_spread: Array,
    lags: NDArray[np.int64],
    wrist: Array,
    forearm: Array,
    bound: float,
    steps: NDArray[np.int64],
    scale: float,
) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    n, most = direction.shape[:2]
    axes_out = np.zeros((n, most, 3, 3))
    lower_out, upper_out = np.zeros((n, most, 3)), np.zeros((n, most, 3))
    empty = np.zeros((n, most), np.bool_)
    length = 1
    for lag in lags:
        length = max(length, lag)
    ring_axes, ring_lower = np.zeros((length, 3, 3)), np.zeros((length, 3))
    ring_upper = np.zeros((length, 3))
    for i in range(n):
        for k in range(steps[i]):
            axes, across = frame(direction[i, k], spread[i, k])
            unit = np.array([radial[i, k], across[0], across[1]])
            empty[i, k] = update(
                ring_axes,
                ring_lower,
                ring_upper,
                k,
                lags,
                axes,
                radius[i, k],
                unit,
                lag_mean[i, k],
                lag_spread[i, k],
                wrist[i, k],
                np.array([forearm[i, k], bound]),
                scale,
            )
            axes_out[i, k] = axes
            lower_out[i, k] = ring_lower[k % length]
            upper_out[i, k] = ring_upper[k % length]
    return axes_out, lower_out, upper_out, empty


@njit(cache=True)
def parts(
    direction: Array,
    radius: Array,
    spread: Array,
    radial: Array,
    forward: Array,
    lag_mean: Array,
    lag_spread: Array,
    lags: NDArray[np.int64],
    elbow: Array,
    between: Array,
    steps: NDArray[np.int64],
) -> tuple[Array, Array, Array, Array]:
    """Ratios per grid step: tangential (N, K), radial (N, K), lags (N, K, n), and unit bounds."""
    n, most, ticks = len(steps), radius.shape[1], between.shape[2]
    across_out, radial_out = np.zeros((n, most)), np.zeros((n, most))
    lag_out, unit = np.zeros((n, most, len(lags))), np.ones((n, most, 3))
    for i in range(n):
        for k in range(steps[i]):
            axes, spreads = frame(direction[i, k], spread[i, k])
            unit[i, k, 0], unit[i, k, 1:] = radial[i, k], spreads
            for t in range(ticks):
                if np.isnan(between[i, k, t, 0]):
                    continue
                p = between[i, k, t] - forward[i, k] * (t / ticks)
                miss = np.abs(np.sqrt(np.sum(p * p)) - radius[i, k]) / radial[i, k]
                radial_out[i, k] = max(radial_out[i, k], miss)
                for a in range(2):
                    miss = np.abs(np.sum(axes[:, 1 + a] * p)) / spreads[a]
                    across_out[i, k] = max(across_out[i, k], miss)
                for j in range(len(lags)):
                    if k >= lags[j]:
                        error = p - elbow[i, k - lags[j]] - lag_mean[i, k, j]
                        ratio = motion_ratio(axes, lag_spread[i, k, j], error)
                        lag_out[i, k, j] = max(lag_out[i, k, j], ratio)
    return across_out, radial_out, lag_out, unit
