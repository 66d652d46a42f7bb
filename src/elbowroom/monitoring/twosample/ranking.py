"""Which inputs did it: samples ranked by their distance to the reference.

The mean distance to the k nearest reference samples ranks attacked inputs far better than the
signed witness function or a mean-embedding score: those are great where the reference is dense
and the sample is not, which is where innocent samples lie too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.monitoring.checks import Array, IntArray, read_samples, require
from elbowroom.monitoring.twosample.kernels import (
    evaluate_kernel,
    read_bandwidths,
    squared_distances,
)

NEIGHBOURS = 5


def nearest_reference_distance(
    reference: ArrayLike, sample: ArrayLike, neighbours: int = NEIGHBOURS
) -> Array:
    """Mean distance of every sample to its nearest reference samples, shape (m,).

    Args:
        reference: shape (n, d), on the scale in which distance means something (`fit_scaler`).
        sample: shape (m, d).
        neighbours: how many nearest ones.

    Raises:
        MonitoringError: if the reference has fewer rows than `neighbours`, or as `read_samples`.
    """
    require(neighbours >= 1, f"at least one neighbour is needed, got {neighbours}")
    x = read_samples("reference", reference, neighbours)
    y = read_samples("sample", sample, 1, x.shape[1])
    return _mean_of_nearest(squared_distances(y, x), neighbours)


def nearest_other_distance(
    samples: ArrayLike, owners: ArrayLike, neighbours: int = NEIGHBOURS
) -> Array:
    """Mean distance of every sample to its nearest samples of other owners, shape (n,).

    Args:
        samples: shape (n, d), on the scale in which distance means something (`fit_scaler`).
        owners: what each is of, such as a dressing, shape (n,).
        neighbours: how many nearest ones.

    Raises:
        MonitoringError: if a sample has fewer than `neighbours` of other owners, or as
            `read_samples`.
    """
    require(neighbours >= 1, f"at least one neighbour is needed, got {neighbours}")
    x, labels = read_samples("samples", samples, neighbours + 1), np.asarray(owners)
    require(labels.shape == (len(x),), f"owners must have shape ({len(x)},), got {labels.shape}")
    distances = squared_distances(x, x)
    distances[labels[:, None] == labels] = np.inf
    near = _mean_of_nearest(distances, neighbours)
    require(np.isfinite(near).all(), f"every sample needs {neighbours} of other owners")
    return near


def rank_samples(scores: ArrayLike, count: int | None = None) -> IntArray:
    """Indices of the highest scores, highest first; ties in the order given."""
    order = np.argsort(-np.asarray(scores, dtype=float), kind="stable")
    return order[:count]


def witness(
    reference: ArrayLike, sample: ArrayLike, points: ArrayLike, bandwidths: ArrayLike
) -> Array:
    """mean_j k(y_j, z) - mean_i k(x_i, z) at points z, shape (k,); > 0 where samples abound."""
    x = read_samples("reference", reference, 1)
    y = read_samples("sample", sample, 1, x.shape[1])
    z = read_samples("points", points, 1, x.shape[1])
    sigmas = read_bandwidths(bandwidths)
    above, below = (evaluate_kernel(squared_distances(z, a), sigmas) for a in (y, x))
    return np.asarray(above.mean(axis=1) - below.mean(axis=1))


def _mean_of_nearest(distances: Array, neighbours: int) -> Array:
    near = np.partition(distances, neighbours - 1, axis=1)[:, :neighbours]
    return np.asarray(np.sqrt(near).mean(axis=1))
