"""The lemma behind the promise: at a dressing's own score every box holds the elbow."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from elbowroom.estimation.membership.batch import Batch, boxes, ratios
from elbowroom.models.elbow.heads import Prediction
from elbowroom.models.elbow.scale import INPUTS
from elbowroom.models.training.dataset import TICKS

STEPS, LAGS = 40, np.array([2, 5])
ARM, FOREARM = 0.28, 0.25


def walk(seed, seen):
    """A jittery arm, and predictions that are sharp at some steps and dull at others.

    Between two steps the elbow may be anywhere near: where a sharp set was some steps ago, only
    the bounds on motion keep it in.
    """
    rng = np.random.default_rng(seed)
    way = np.cumsum(rng.normal(0, 0.03, (STEPS, 3)), 0) + [1.0, 0, 0]
    elbow = ARM * way / np.linalg.norm(way, axis=1, keepdims=True)
    dull = np.where(rng.random(STEPS) < 0.5, 0.05, 1.0)
    between = elbow[:, None] + dull[:, None, None] * rng.normal(0, 0.02, (STEPS, TICKS, 3))
    between[:, 0] = elbow
    between[-1, 4:] = np.nan
    forward = dull[:, None] * rng.normal(0, 0.004, (STEPS, 3))
    guess = elbow + dull[:, None] * rng.normal(0, 0.03, (STEPS, 3))
    lag_mean = rng.normal(0, 0.002, (STEPS, 2, 3))
    for j, lag in enumerate(LAGS):
        lag_mean[lag:, j] += elbow[lag:] - elbow[:-lag]
    prediction = Prediction(
        direction=guess / np.linalg.norm(guess, axis=1, keepdims=True),
        radius=ARM + dull * rng.normal(0, 0.004, STEPS),
        spread=(0.03 * dull[:, None, None]) ** 2 * np.eye(3),
        radial=0.02 * dull,
        forward=forward,
        lag_mean=lag_mean,
        lag_spread=np.tile(1e-5 * np.eye(3), (STEPS, 2, 1, 1)),
        summary=np.zeros((STEPS, INPUTS)),
    )
    wrist = elbow + [0.0, FOREARM, 0.0] if seen else np.full((STEPS, 3), np.nan)
    return Batch(
        Prediction(**{k: v[None] for k, v in vars(prediction).items()}),
        wrist[None],
        np.full((1, STEPS), FOREARM + 0.003),
        elbow[None],
        between[None],
        np.array([STEPS]),
    )


MODEL = SimpleNamespace(lags=LAGS, wrist_bound=0.02)


def are_inside(batch, scale):
    """Whether every sensor row is in its box, moved as it is published, shape (STEPS, TICKS)."""
    found = boxes(MODEL, batch, scale)
    share = np.arange(TICKS)[:, None] / TICKS
    point = batch.between[0] - batch.prediction.forward[0][:, None] * share
    local = np.einsum("kij,kti->ktj", found.axes[0], point)
    low, high = found.lower[0][:, None], found.upper[0][:, None]
    return np.all((local >= low) & (local <= high), axis=2) | np.isnan(local[..., 0])


@pytest.mark.parametrize("seen", [False, True])
def test_at_its_own_score_every_sensor_row_is_inside(seen):
    for seed in range(60):
        batch = walk(seed, seen)
        score = ratios(MODEL, batch).max()
        assert are_inside(batch, score * (1 + 1e-9)).all(), seed


def test_at_a_smaller_scale_some_are_outside():
    outside = [not are_inside(b, 0.4 * ratios(MODEL, b).max()).all() for b in map(still, range(60))]
    assert np.mean(outside) > 0.5


def still(seed):
    return walk(seed, seen=False)
