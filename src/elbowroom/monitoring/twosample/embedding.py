"""A picture of many-dimensional points in the plane: t-SNE, exact, for a few hundred points.

van der Maaten and Hinton, JMLR 9 (2008): with p_ij the symmetrised Gaussian affinities of a given
perplexity and q_ij ~ 1 / (1 + |y_i - y_j|^2), KL(p || q) is descended from the two leading
principal components, so that the same points give the same picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.monitoring.checks import Array, read_samples, require
from elbowroom.monitoring.twosample.kernels import squared_distances

STEPS = 350
_EXAGGERATION, _EARLY = 8.0, 100


def embed(points: ArrayLike, perplexity: float = 30.0) -> Array:
    """Place points in the plane, shape (n, d) -> (n, 2).

    Args:
        points: at least 8.
        perplexity: number of neighbours that count, at most a third of the points.

    Raises:
        MonitoringError: if there are too few points, or they are not finite.
    """
    x = read_samples("points", points, 8)
    require(perplexity > 1, f"the perplexity must exceed 1, got {perplexity}")
    target = _affinities(squared_distances(x, x), min(perplexity, (len(x) - 1) / 3))
    y = _principal(x)
    speed, gain = np.zeros_like(y), np.ones_like(y)
    rate = max(len(x) / _EXAGGERATION, 20.0)
    for step in range(STEPS):
        early = step < _EARLY
        slope = _slope(y, target * (_EXAGGERATION if early else 1.0))
        same = np.sign(slope) == np.sign(speed)
        gain = np.maximum(np.where(same, gain * 0.8, gain + 0.2), 0.01)
        speed = (0.5 if early else 0.8) * speed - rate * gain * slope
        y = y + speed
        y -= y.mean(axis=0)
    return y


def _principal(x: Array) -> Array:
    u, s, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    y = np.zeros((len(x), 2))
    kept = min(2, len(s))
    y[:, :kept] = u[:, :kept] * s[:kept]
    return np.asarray(1e-2 * y / max(float(y[:, 0].std()), 1e-12))


def _affinities(d2: Array, perplexity: float) -> Array:
    wanted, n = np.log(perplexity), len(d2)
    low, high = np.full(n, 1e-20), np.full(n, 1e20)
    precision = np.full(n, 1.0 / max(float(np.median(d2)), 1e-12))
    others = ~np.eye(n, dtype=bool)
    # Counted from the nearest, so that the weights do not vanish; the own point is left out.
    beyond = np.where(others, d2 - np.where(others, d2, np.inf).min(axis=1, keepdims=True), 0.0)
    for _ in range(60):
        weights = np.exp(-np.minimum(beyond * precision[:, None], 700.0)) * others
        total = weights.sum(axis=1)
        spread = (weights * beyond).sum(axis=1) / total
        wide = np.log(total) + precision * spread > wanted
        low, high = np.where(wide, precision, low), np.where(wide, high, precision)
        precision = np.sqrt(low * high)
    p = weights / total[:, None]
    return np.maximum((p + p.T) / (2 * n), 1e-12)


def _slope(y: Array, target: Array) -> Array:
    near = 1.0 / (1.0 + squared_distances(y, y))
    np.fill_diagonal(near, 0.0)
    pull = (target - near / near.sum()) * near
    return np.asarray(4.0 * (pull.sum(axis=1)[:, None] * y - pull @ y))
