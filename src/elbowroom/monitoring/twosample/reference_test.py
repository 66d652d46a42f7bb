"""Test against a fixed reference whose share of the work is done once.

The bandwidths come from the reference alone and the permutations are drawn once for each size of
sample. Then W_x K_xx W_x' and the row sums of the reference's own kernel K_xx are known in advance;
a test costs the kernel of the sample with the reference and two thin products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.monitoring.checks import Array, Single, read_samples
from elbowroom.monitoring.twosample.kernels import (
    FAMILY,
    evaluate_family,
    median_of_distances,
    scales,
    squared_distances,
)
from elbowroom.monitoring.twosample.permutation import TestResult, centre, combine_sums, judge
from elbowroom.monitoring.twosample.shuffles import draw_assignments


@dataclass(frozen=True)
class _Shuffle:
    """What is known before a sample of a given size comes.

    Attributes:
        known, live: who of the reference and of the sample is on the first side, shapes
            (1 + B, n) and (1 + B, m).
        counts: rows on the first side, shape (1 + B,).
        inside: kernel sum over pairs of the reference on the first side, shape (q, 1 + B).
        across: sum of the reference's row sums on the first side, likewise.
    """

    known: Single
    live: Single
    counts: Array
    inside: Array
    across: Array


class ReferenceTest:
    """Permutation test of samples against one reference.

    Args:
        reference: shape (n, d).
        permutations: number B of random assignments.
        seed: of the assignments, which are the same for all samples of one size.
        exponents: of the bandwidths about the reference's median.

    Raises:
        MonitoringError: if the reference is refused or all its rows coincide.
    """

    def __init__(
        self,
        reference: ArrayLike,
        *,
        permutations: int = 200,
        seed: int = 0,
        exponents: Sequence[float] = FAMILY,
    ) -> None:
        self._rows = read_samples("reference", reference)
        self._permutations, self._seed = permutations, seed
        distances = squared_distances(self._rows, self._rows)
        self.bandwidths = median_of_distances(distances) * scales(exponents)
        self._grams = evaluate_family(distances, self.bandwidths)
        self._means = [np.float32(centre(gram)) for gram in self._grams]
        self._sums = [gram.sum(axis=1, dtype=np.float64) for gram in self._grams]
        self._shuffles: dict[int, _Shuffle] = {}

    def test(self, sample: ArrayLike) -> TestResult:
        """Test a sample, shape (m, d).

        Raises:
            MonitoringError: if the sample is refused.
        """
        rows = read_samples("sample", sample, 2, self._rows.shape[1])
        shuffle = self._prepare(len(rows))
        across = evaluate_family(squared_distances(rows, self._rows), self.bandwidths)
        inside = evaluate_family(squared_distances(rows, rows), self.bandwidths)
        values = [
            self._measure(shuffle, i, a, b)
            for i, (a, b) in enumerate(zip(across, inside, strict=True))
        ]
        return judge(np.stack(values), self.bandwidths)

    def _measure(self, shuffle: _Shuffle, index: int, across: Single, inside: Single) -> Array:
        # The same constant comes off all pairs, which leaves MMD^2 as it is.
        across -= self._means[index]
        inside -= self._means[index]
        np.fill_diagonal(inside, 0.0)
        to_live = shuffle.known @ across.T
        pairs = 2.0 * to_live
        pairs += shuffle.live @ inside
        pairs *= shuffle.live
        xx = shuffle.inside[index] + pairs.sum(axis=1, dtype=np.float64)
        live_sums = across.sum(axis=1, dtype=np.float64) + inside.sum(axis=1, dtype=np.float64)
        sums = shuffle.across[index] + to_live.sum(axis=1, dtype=np.float64)
        sums += shuffle.live @ live_sums
        total = self._sums[index].sum() + live_sums.sum() + across.sum(dtype=np.float64)
        rows = len(self._rows) + len(inside)
        return combine_sums(xx, sums - xx, float(total), shuffle.counts, rows)

    def _prepare(self, m: int) -> _Shuffle:
        if m not in self._shuffles:
            n = len(self._rows)
            drawn = draw_assignments(n, m, self._permutations, self._seed)
            known, live = drawn[:, :n].copy(), drawn[:, n:].copy()
            inside = [((known @ gram) * known).sum(axis=1, dtype=float) for gram in self._grams]
            across = [known @ sums for sums in self._sums]
            counts = drawn.sum(axis=1, dtype=np.float64)
            self._shuffles[m] = _Shuffle(known, live, counts, np.stack(inside), np.stack(across))
        return self._shuffles[m]
