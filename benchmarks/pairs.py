"""The tests that benchmarks/monitoring.py compares, as p-values of two samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from elbowroom.monitoring import marginal_test, permutation_test
from elbowroom.monitoring.twosample.kernels import (
    evaluate_family,
    median_of_distances,
    scales,
    squared_distances,
)
from elbowroom.monitoring.twosample.ladis import EXPONENTS, ladis_test
from elbowroom.monitoring.twosample.permutation import count_p, permuted_mmd2, standardise
from elbowroom.monitoring.twosample.shuffles import draw_assignments

Array = NDArray[np.float64]


def single_p(x: Array, y: Array, seed: int = 0) -> float:
    """Permutation test at the median bandwidth."""
    return permutation_test(x, y, permutations=100, seed=seed, exponents=[0.0]).p


def family_p(x: Array, y: Array, seed: int = 0) -> float:
    """Permutation test over the family of bandwidths."""
    return permutation_test(x, y, permutations=100, seed=seed).p


def summed_p(x: Array, y: Array, seed: int = 0) -> float:
    """Permutation test with LADIS's sum of five kernels, about the median of the pooled sample."""
    pooled = np.vstack([x, y])
    distances = squared_distances(pooled, pooled)
    sigmas = median_of_distances(distances) * scales(EXPONENTS)
    kernel = np.sum(evaluate_family(distances, sigmas), axis=0)
    values = permuted_mmd2(kernel, draw_assignments(len(x), len(y), 100, seed))
    return count_p(standardise(values[None])[0])


def marginal_p(x: Array, y: Array, seed: int = 0) -> float:
    """Test of the features one by one."""
    return marginal_test(x, y, permutations=100, seed=seed).p


def ladis_p(x: Array, y: Array) -> float:
    """LADIS's wild bootstrap."""
    return ladis_test(x, y).p


TESTS = {
    "one bandwidth": (single_p, 200),
    "LADIS's kernel, permuted": (summed_p, 100),
    "max-T over 7 bandwidths": (family_p, 100),
    "features one by one": (marginal_p, 100),
    "LADIS": (ladis_p, 30),
}
"""p-value and how many calls it is timed over."""
