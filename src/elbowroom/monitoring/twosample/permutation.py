"""Two-sample test by permutation, all permutations in one matrix product per bandwidth.

With W in {0, 1}^((B+1) x N) the assignments and K the pooled kernel without its diagonal:

    xx = ((W K) o W) 1,  r = K 1,  xy = W r - xx,  yy = 1'r - xx - 2 xy
    MMD^2 = xx / (n (n-1)) + yy / (m (m-1)) - 2 xy / (n m)

and p = (1 + #{b : T_b >= T_0}) / (1 + B), never zero and valid for every B (Phipson, Smyth 2010).
Over several bandwidths T is the greatest of the statistics, each centred and scaled by its own
mean and deviation over the assignments, the given one included, so that all are treated alike
and the test stays exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.monitoring.checks import Array, Single, read_samples, require
from elbowroom.monitoring.twosample.kernels import (
    FAMILY,
    evaluate_family,
    median_of_distances,
    read_bandwidths,
    scales,
    squared_distances,
)
from elbowroom.monitoring.twosample.shuffles import Groups, draw_assignments, draw_group_assignments
from elbowroom.monitoring.twosample.sums import shift_off_diagonal, sum_products, sum_rows

_TIE = 1e-4
"""Statistics this near, in deviations, count as equal: permutations that swap equal rows tie."""


@dataclass(frozen=True)
class TestResult:
    """What a permutation test found.

    Attributes:
        p: p-value, in [1 / (1 + permutations), 1].
        statistic: greatest standardised MMD^2 over the bandwidths.
        mmd2: unbiased MMD^2 by bandwidth, shape (q,).
        bandwidths: sigma, shape (q,).
        best: index of the bandwidth with the greatest statistic.
        permutations: number B drawn.
    """

    __test__ = False  # not a test case of pytest

    p: float
    statistic: float
    mmd2: Array
    bandwidths: Array
    best: int
    permutations: int


def permutation_test(
    reference: ArrayLike,
    sample: ArrayLike,
    *,
    permutations: int = 200,
    seed: int = 0,
    groups: Groups | None = None,
    bandwidths: ArrayLike | None = None,
    exponents: Sequence[float] = FAMILY,
    level: float = 0.05,
) -> TestResult:
    """Test whether two samples have one distribution.

    Args:
        reference: shape (n, d).
        sample: shape (m, d).
        permutations: number B of random assignments.
        seed: of the assignments.
        groups: trial of every row of both, if rows of a trial depend on each other; whole trials
            are then permuted.
        bandwidths: sigma, shape (q,); by default the family about the pooled median.
        exponents: of that family; [0] is the median alone.
        level: p-value that must be attainable with these groups.

    Raises:
        MonitoringError: if a sample has fewer than two rows, widths differ, a number is not
            finite, or all rows coincide.
        UnitError: if there are too few trials for `level`, or a deal could leave a side one row.
    """
    x = read_samples("reference", reference)
    y = read_samples("sample", sample, 2, x.shape[1])
    assignments = assign(len(x), len(y), permutations, seed, groups, level)
    return test_assigned(np.concatenate([x, y]), assignments, bandwidths, exponents)


def assign(
    n: int, m: int, permutations: int, seed: int, groups: Groups | None, level: float
) -> Single:
    """Assignments of n + m pooled rows, by trial if there are groups, shape (1 + B, n + m)."""
    if groups is None:
        return draw_assignments(n, m, permutations, seed)
    sizes = tuple(np.asarray(labels).size for labels in groups)
    require(sizes == (n, m), f"groups label {sizes} rows, the samples have {(n, m)}")
    return draw_group_assignments(groups, permutations, seed, level)


def test_assigned(
    pooled: Array,
    assignments: Single,
    bandwidths: ArrayLike | None,
    exponents: Sequence[float],
) -> TestResult:
    """Test pooled rows, shape (N, d), under given assignments."""
    distances = squared_distances(pooled, pooled)
    if bandwidths is None:
        sigmas = median_of_distances(distances) * scales(exponents)
    else:
        sigmas = read_bandwidths(bandwidths)
    values = np.stack([permuted_mmd2(k, assignments) for k in evaluate_family(distances, sigmas)])
    return judge(values, sigmas)


test_assigned.__test__ = False  # type: ignore[attr-defined]


def permuted_mmd2(kernel: Single, assignments: Single) -> Array:
    """Unbiased MMD^2 under every assignment, shape (1 + B,); the kernel is used up.

    A constant off the diagonal adds nothing to MMD^2. Without the mean, single precision is off by
    a few 1e-8 of the kernel's own variation.
    """
    centre(kernel)
    row_sums = sum_rows(kernel)
    xx = sum_products(assignments @ kernel, assignments)
    xy = sum_products(assignments, np.broadcast_to(row_sums, assignments.shape)) - xx
    n = sum_rows(assignments)
    return combine_sums(xx, xy, row_sums.sum(), n, len(kernel))


def centre(kernel: Single) -> float:
    """Subtract the mean off the diagonal, set the diagonal to zero; returns the mean."""
    rows = len(kernel)
    np.fill_diagonal(kernel, 0.0)
    mean = float(sum_rows(kernel).sum() / (rows * (rows - 1)))
    shift_off_diagonal(kernel, mean)
    return mean


def combine_sums(xx: Array, xy: Array, total: float, n: Array, rows: int) -> Array:
    """MMD^2 from sums of the kernel over pairs, its diagonal left out.

    Args:
        xx: over pairs on the first side, shape (1 + B,).
        xy: over pairs across.
        total: over all pairs.
        n: rows on the first side.
        rows: rows on both.
    """
    m = rows - n
    yy = total - xx - 2.0 * xy
    return np.asarray(xx / (n * (n - 1.0)) + yy / (m * (m - 1.0)) - 2.0 * xy / (n * m))


def judge(values: Array, bandwidths: Array) -> TestResult:
    """Result for MMD^2 under every assignment, shape (q, 1 + B), the given one first."""
    highest = standardise(values)
    greatest = highest.max(axis=0)
    return TestResult(
        p=count_p(greatest),
        statistic=float(greatest[0]),
        mmd2=values[:, 0].copy(),
        bandwidths=bandwidths,
        best=int(highest[:, 0].argmax()),
        permutations=values.shape[1] - 1,
    )


def standardise(values: Array) -> Array:
    """Centre and scale each row by its own mean and deviation; constant rows become zero."""
    spread = values.std(axis=1, keepdims=True)
    floor = 1e-12 * np.abs(values).max(axis=1, keepdims=True)
    centred = values - values.mean(axis=1, keepdims=True)
    return np.asarray(np.where(spread > floor, centred / np.maximum(spread, 1e-300), 0.0))


def count_p(statistics: Array) -> float:
    """(1 + #{b : T_b >= T_0}) / (1 + B) for T of shape (1 + B,), T_0 first."""
    return float((statistics >= statistics[0] - _TIE).mean())
