"""Two-sample test of the features one by one: has the mean or the spread of any of them changed?

MMD measures a change against the variation of all features together, so a change of one among many
is lost in the others. Here each feature z, standardised over both samples, has two statistics,

    T = |mean_x phi - mean_y phi| / rms over the assignments,    phi = z and z^2,

and the test is the greatest over the features (Westfall, Young 1993, single step): exact as
`permutation_test` is, by the same assignments. Changes that are spread thinly over many features,
or that leave every feature's own distribution as it was, are left to MMD.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.monitoring.checks import Array, Single, read_samples, require
from elbowroom.monitoring.twosample.permutation import assign, count_p
from elbowroom.monitoring.twosample.shuffles import Groups

_STILL = 1e-12
"""Deviation, as a share of the greatest number, below which a feature counts as constant."""


@dataclass(frozen=True)
class MarginalResult:
    """What a test of the features one by one found.

    Attributes:
        p: of all features together, in [1 / (1 + permutations), 1].
        statistic: greatest over the features.
        statistic_by_feature: greater of the two of each feature, shape (d,).
        adjusted_by_feature: p-values, shape (d,); the chance of any false alarm among the features
            is kept.
        permutations: number B drawn.
    """

    p: float
    statistic: float
    statistic_by_feature: Array
    adjusted_by_feature: Array
    permutations: int


def marginal_test(
    reference: ArrayLike,
    sample: ArrayLike,
    *,
    permutations: int = 200,
    seed: int = 0,
    groups: Groups | None = None,
    level: float = 0.05,
) -> MarginalResult:
    """Test whether every feature has the mean and the spread that it has in the reference.

    Args:
        reference: shape (n, d).
        sample: shape (m, d).
        permutations: number B of random assignments.
        seed: of the assignments.
        groups: trial of every row of both, as in `permutation_test`.
        level: p-value that must be attainable with these groups.

    Raises:
        MonitoringError: if a sample has fewer than two rows, widths differ, a number is not
            finite, or all features are constant.
        UnitError: if there are too few trials for `level`, or a deal could leave a side one row.
    """
    x = read_samples("reference", reference)
    y = read_samples("sample", sample, 2, x.shape[1])
    assignments = assign(len(x), len(y), permutations, seed, groups, level)
    values = _statistics(np.vstack([x, y]), assignments)
    greatest = values.max(axis=1)
    return MarginalResult(
        p=count_p(greatest),
        statistic=float(greatest[0]),
        statistic_by_feature=values[0],
        adjusted_by_feature=np.array([count_p(np.r_[t, greatest[1:]]) for t in values[0]]),
        permutations=permutations,
    )


def _statistics(pooled: Array, assignments: Single) -> Array:
    """Statistic of every feature under every assignment, shape (1 + B, d)."""
    centred = pooled - pooled.mean(axis=0)
    spread = centred.std(axis=0)
    moves = spread > _STILL * np.abs(pooled).max(axis=0)
    require(moves.any(), "all features are constant: nothing to test")
    z = np.where(moves, centred / np.where(moves, spread, 1.0), 0.0)
    # Every column sums to zero, so the other side's sum is this one's with the sign changed.
    phi = np.hstack([z, np.where(moves, z * z - 1.0, 0.0)])
    sums = assignments @ phi.astype(np.float32)
    n = assignments.sum(axis=1, dtype=np.float64)[:, None]
    apart = np.abs(sums / n + sums / (len(pooled) - n))
    scale = np.sqrt((apart**2).mean(axis=0))
    scaled = np.where(scale > _STILL, apart / np.maximum(scale, _STILL), 0.0)
    return np.asarray(scaled.reshape(len(scaled), 2, -1).max(axis=1))
