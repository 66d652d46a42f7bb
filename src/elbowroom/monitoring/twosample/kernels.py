"""Gaussian kernels and the families of bandwidths that tests run over.

    k(x, y) = exp(-|x - y|^2 / (2 sigma^2))

The median heuristic takes 2 sigma^2 = median |x - y|^2 (Gretton et al. 2012, JMLR 13:723). One
bandwidth sees only changes of its own size; a family around the median sees more, at the price of
having to test the greatest of several statistics.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.monitoring.checks import Array, MonitoringError, Single, read_samples, require
from elbowroom.monitoring.twosample.sums import finish_distances

FAMILY = (-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5)
"""Exponents f of the default family: sigma^2 is 4^f times that of the median heuristic."""


def squared_distances(x: Array, y: Array) -> Array:
    """|x_i - y_j|^2 of rows, shape (n, m); never negative."""
    same = x is y
    # Distances are differences of squares: an offset common to all rows would drown them.
    middle = (x.sum(axis=0) + y.sum(axis=0)) / (len(x) + len(y))
    x = x - middle
    y = x if same else y - middle
    gram = x @ y.T  # of one array with itself: half the work
    first = gram.diagonal().copy() if same else np.einsum("ij,ij->i", x, x)
    second = first if same else np.einsum("ij,ij->i", y, y)
    finish_distances(gram, first, second)
    if same:
        np.fill_diagonal(gram, 0.0)
    return gram


def median_bandwidths(
    x: ArrayLike, y: ArrayLike | None = None, exponents: Sequence[float] = FAMILY
) -> Array:
    """Bandwidths sigma = sqrt(median |z_i - z_j|^2 / 2) 2^f, one for every exponent f, ascending.

    The median is over pairs of different rows of both samples pooled, so that it does not change
    when rows change sides: tests that permute stay exact.

    Args:
        x: samples, shape (n, d).
        y: further samples, shape (m, d).
        exponents: f.

    Raises:
        MonitoringError: if all samples are the same point: no distance to measure by.
    """
    pooled = read_samples("x", x)
    if y is not None:
        pooled = np.vstack([pooled, read_samples("y", y, 1, pooled.shape[1])])
    return median_of_distances(squared_distances(pooled, pooled)) * scales(exponents)


def median_of_distances(distances: Array) -> float:
    """Return sqrt(median / 2) of the pairs i < j of a square matrix of squared distances.

    Raises:
        MonitoringError: if more than half of the pairs coincide and no pair differs.
    """
    flat = distances.ravel()
    # Every pair is there twice and the zeros of the diagonal come first.
    position = len(distances) + 2 * (len(distances) * (len(distances) - 1) // 4)
    middle = np.partition(flat, position)[position]
    if middle <= 0.0:
        apart = flat[flat > 0.0]
        require(apart.size, "all samples coincide: constant features have no bandwidth")
        middle = np.median(apart)
    return float(np.sqrt(0.5 * middle))


def scales(exponents: Sequence[float]) -> Array:
    """Return 2^f in ascending order."""
    require(len(exponents), "at least one bandwidth is needed")
    return np.asarray(2.0 ** np.sort(np.asarray(exponents, dtype=float)))


def read_bandwidths(bandwidths: ArrayLike) -> Array:
    """Return bandwidths, positive and finite, shape (q,).

    Raises:
        MonitoringError: if there is none or one is not positive.
    """
    array = np.atleast_1d(np.asarray(bandwidths, dtype=np.float64))
    if array.ndim != 1 or not array.size or not (np.isfinite(array) & (array > 0)).all():
        raise MonitoringError(f"bandwidths must be positive numbers, got {bandwidths!r}")
    return array


def gaussian_kernel(x: ArrayLike, y: ArrayLike, bandwidths: ArrayLike) -> Array:
    """Sum over the bandwidths of k(x_i, y_j), shape (n, m)."""
    x = read_samples("x", x, 1)
    y = read_samples("y", y, 1, x.shape[1])
    return evaluate_kernel(squared_distances(x, y), read_bandwidths(bandwidths))


def evaluate_kernel(distances: Array, bandwidths: Array) -> Array:
    """Sum over the bandwidths of the kernel at squared distances of any shape."""
    return sum((np.exp(distances * (-0.5 / s**2)) for s in bandwidths), np.zeros_like(distances))


def evaluate_family(distances: Array, bandwidths: Array) -> list[Single]:
    """Kernel matrices at squared distances, one for every bandwidth, in single precision.

    exp(-d/(2 s^2)) is the square of that at sqrt(2) s and its fourth power at 2 s, so a family in
    steps of two costs one exponential and a few products.
    """
    single = distances.astype(np.float32)
    order = np.argsort(bandwidths)[::-1]
    made: dict[int, Single] = {}
    wider: Single | None = None
    for i, before in zip(order, [None, *order], strict=False):
        ratio = 0.0 if before is None else (bandwidths[before] / bandwidths[i]) ** 2
        made[i] = _power(wider, ratio, single, bandwidths[i])
        wider = made[i]
    return [made[i] for i in range(len(bandwidths))]


def _power(wider: Single | None, ratio: float, distances: Single, bandwidth: float) -> Single:
    for exponent in (1, 2, 4):
        if wider is not None and abs(ratio - exponent) < 1e-9:
            square = wider if exponent == 1 else wider * wider
            return square * square if exponent == 4 else square
    kernel = distances * np.float32(-0.5 / bandwidth**2)
    return np.exp(kernel, out=kernel)
