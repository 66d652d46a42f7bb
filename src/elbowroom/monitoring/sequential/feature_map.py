"""What the sequential detector sees of a unit: whitened features and two kinds of bends of them.

    z = B (x - mean)                       shrunk whitening, at most n/4 leading directions
    q = min((z^2 - 1) / sqrt(2), 4)        spread, direction by direction
    c = B' cos(W z + b)                    random Fourier features of a Gaussian kernel, whitened

Each block is centred and scaled by the fitting units, so that a likelihood ratio between two
normal distributions of equal spread is exp of a linear function of z. The covariance is shrunk
towards a multiple of the identity by Ledoit and Wolf (2004).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import block_diag

from elbowroom.monitoring.checks import Array, read_samples, require
from elbowroom.monitoring.sequential.scaling import fit_scaler
from elbowroom.monitoring.twosample.kernels import median_bandwidths

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
        whitening: of the unit's features, to k directions.
        waves: W, shape (k, D).
        phases: b, shape (D,).
        tail: scaling of the squares and whitening of the waves, side by side.
        sizes: number of features in each of BLOCKS.
    """

    width: int
    whitening: Whitening
    waves: Array
    phases: Array
    tail: Whitening
    sizes: tuple[int, int, int]

    def apply(self, x: Array) -> Array:
        """Features of units, shapes (n, d) -> (n, size)."""
        features = np.empty((len(x), self.size))
        for row, out in zip(x, features, strict=True):
            self.write(row, out)
        return features

    def write(self, x: Array, out: Array) -> None:
        """Write the features of one unit, shape (d,), into `out`, shape (size,)."""
        first, tail = self.whitening, self.tail
        write_features(
            x, first.mean, first.matrix, self.waves, self.phases, tail.mean, tail.matrix, out
        )

    @property
    def size(self) -> int:
        """Number of features."""
        return sum(self.sizes)


# Sums may be taken in any order: that is what lets them be vectorised.
@numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc"})
def write_features(
    x: Array,
    mean: Array,
    matrix: Array,
    waves: Array,
    phases: Array,
    tail_mean: Array,
    tail_matrix: Array,
    out: Array,
) -> None:
    """Write z, q and c of one unit, shape (d,), side by side into `out`; see the module."""
    k, bends = matrix.shape[1], np.empty(len(tail_mean))
    out[:] = 0.0
    for i in range(len(x)):
        for j in range(k):
            out[j] += (x[i] - mean[i]) * matrix[i, j]
    bends[k:] = phases
    for i in range(k):
        bends[i] = min(out[i] * out[i], _HIGHEST * _HIGHEST)
        for j in range(len(phases)):
            bends[k + j] += out[i] * waves[i, j]
    for j in range(k, len(bends)):
        bends[j] = math.cos(bends[j])
    # The squares are scaled one by one, the waves mixed among themselves.
    for i in range(k):
        out[k + i] = (bends[i] - tail_mean[i]) * tail_matrix[i, i]
    for i in range(k, len(bends)):
        for j in range(k, tail_matrix.shape[1]):
            out[k + j] += (bends[i] - tail_mean[i]) * tail_matrix[i, j]


def _bend(z: Array, waves: Array, phases: Array) -> Array:
    """Squares and waves of whitened features, shapes (..., k) -> (..., k + D)."""
    k = z.shape[-1]
    bends = np.empty((*z.shape[:-1], k + len(phases)))
    np.minimum(z * z, _HIGHEST**2, out=bends[..., :k])
    turned = z @ waves
    turned += phases
    np.cos(turned, out=bends[..., k:])
    return bends


def fit_feature_map(units: ArrayLike, rng: np.random.Generator) -> FeatureMap:
    """Fit to reference units that the detector will not draw from, shape (n, d).

    Raises:
        MonitoringError: if there are fewer than 8 units or all features are constant.
    """
    x = read_samples("fitting units", units, 8)
    whitening = fit_whitening(x)
    z = whitening.apply(x)
    k = z.shape[1]
    sizes = median_bandwidths(z, None, [0.0]) * 2.0 ** np.linspace(-1.0, 0.0, _WAVES)
    waves = rng.standard_normal((k, _WAVES)) / sizes
    phases = rng.uniform(0.0, 2.0 * np.pi, _WAVES)
    bends = _bend(z, waves, phases)
    squares, shape = bends[:, :k], fit_whitening(bends[:, k:])
    matrix = block_diag(np.diag(1.0 / np.maximum(squares.std(axis=0), 0.1)), shape.matrix)
    tail = Whitening(np.concatenate([squares.mean(axis=0), shape.mean]), matrix)
    return FeatureMap(x.shape[1], whitening, waves, phases, tail, (k, k, shape.matrix.shape[1]))


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
