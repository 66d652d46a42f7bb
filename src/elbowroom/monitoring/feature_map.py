"""What the sequential detector sees of a unit: whitened features and two kinds of bends of them.

    z = B (x - mean)                       shrunk whitening, at most n/4 leading directions
    q = min((z^2 - 1) / sqrt(2), 4)        spread, direction by direction
    c = B' cos(W z + b)                    random Fourier features of a Gaussian kernel, whitened

Each block is centred and scaled by the fitting units, so that a likelihood ratio between two
normal distributions of equal spread is exp of a linear function of z. The covariance is shrunk
towards a multiple of the identity by Ledoit and Wolf (2004).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.monitoring.checks import Array, read_samples, require
from elbowroom.monitoring.kernels import median_bandwidths
from elbowroom.monitoring.scaling import fit_scaler

BLOCKS = ("mean", "spread", "shape")
_WAVES = 24
_HIGHEST = 4.0
_WIDEST = 64


@dataclass(frozen=True)
class Whitening:
    """x -> (x - mean) matrix, shape (d,) -> (k,)."""

    mean: Array
    matrix: Array

    def apply(self, x: Array) -> Array:
        """Whitened rows, shape (..., k)."""
        return np.asarray((x - self.mean) @ self.matrix)


@dataclass(frozen=True)
class FeatureMap:
    """Features of units of one layer.

    Attributes:
        width: number d of features of a unit.
        whitening: of the unit's features.
        centre, deviation: of the squares, shape (k,).
        waves, phases: shapes (k, D) and (D,).
        bend: whitening of the waves.
    """

    width: int
    whitening: Whitening
    centre: Array
    deviation: Array
    waves: Array
    phases: Array
    bend: Whitening

    def apply(self, x: Array) -> Array:
        """Features of units, shapes (..., d) -> (..., sum of sizes)."""
        z = self.whitening.apply(x)
        q = (np.minimum(z * z, _HIGHEST**2) - self.centre) / self.deviation
        c = self.bend.apply(np.cos(z @ self.waves + self.phases))
        return np.concatenate([z, q, c], axis=-1)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Number of features in each of BLOCKS."""
        k = self.whitening.matrix.shape[1]
        return k, k, self.bend.matrix.shape[1]


def fit_feature_map(units: ArrayLike, rng: np.random.Generator) -> FeatureMap:
    """Fit to reference units that the detector will not draw from, shape (n, d).

    Raises:
        MonitoringError: if there are fewer than 8 units or all features are constant.
    """
    x = read_samples("fitting units", units, 8)
    whitening = fit_whitening(x)
    z = whitening.apply(x)
    squares = np.minimum(z * z, _HIGHEST**2)
    waves = rng.standard_normal((z.shape[1], _WAVES)) / median_bandwidths(z, None, [0.0])
    phases = rng.uniform(0.0, 2.0 * np.pi, _WAVES)
    deviation = np.maximum(squares.std(axis=0), 0.1)
    bend = fit_whitening(np.cos(z @ waves + phases))
    return FeatureMap(x.shape[1], whitening, squares.mean(axis=0), deviation, waves, phases, bend)


def fit_whitening(rows: Array) -> Whitening:
    """Shrunk whitening of rows, shape (n, d), after each feature was scaled."""
    scaler = fit_scaler(rows)
    z = scaler.scale(rows)
    values, vectors = np.linalg.eigh(shrink_covariance(z))
    count = max(1, min(z.shape[1], len(z) // 4, _WIDEST))
    values, vectors = values[::-1][:count], vectors[:, ::-1][:, :count]
    require(values[0] > 0, "every feature is constant: nothing can be monitored")
    root = np.sqrt(np.maximum(values, 1e-6 * values[0]))
    return Whitening(scaler.mean, (vectors / root) / scaler.deviation[:, None])


def shrink_covariance(rows: Array) -> Array:
    """(1 - a) S + a tr(S)/d I with a = min(1, b^2/d^2) of Ledoit and Wolf (2004, eq. 14).

    Args:
        rows: shape (n, d).
    """
    n, d = rows.shape
    centred = rows - rows.mean(axis=0)
    S = centred.T @ centred / n
    target = np.trace(S) / d * np.eye(d)
    apart = ((S - target) ** 2).sum()
    squares = (centred**2).sum(axis=1) ** 2
    error = max(0.0, (squares.sum() / n - (S**2).sum()) / n)
    share = 1.0 if apart <= 0.0 else min(1.0, error / apart)
    return np.asarray((1.0 - share) * S + share * target)
