"""Maximum mean discrepancy of two samples.

    MMD^2(P, Q) = E k(x, x') + E k(y, y') - 2 E k(x, y)

Unbiased: the means leave out pairs of a sample with itself and can be negative. Biased: they do
not (Gretton et al. 2012, JMLR 13:723, eqs. 3 and 5).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.monitoring.checks import Array, read_samples
from elbowroom.monitoring.twosample.kernels import (
    evaluate_kernel,
    read_bandwidths,
    squared_distances,
)


def mmd2(x: ArrayLike, y: ArrayLike, bandwidths: ArrayLike, *, unbiased: bool = True) -> float:
    """MMD^2 with the sum over `bandwidths` of Gaussian kernels.

    Args:
        x: samples, shape (n, d).
        y: samples, shape (m, d).
        bandwidths: sigma, in units of the features.
        unbiased: leave out pairs of a sample with itself.

    Raises:
        MonitoringError: if a sample has fewer than two rows (one if biased), widths differ, or a
            number is not finite.
    """
    least = 2 if unbiased else 1
    x = read_samples("x", x, least)
    y = read_samples("y", y, least, x.shape[1])
    sigmas = read_bandwidths(bandwidths)
    xx, yy, xy = (
        evaluate_kernel(squared_distances(a, b), sigmas) for a, b in ((x, x), (y, y), (x, y))
    )
    return float(_mean(xx, unbiased) + _mean(yy, unbiased) - 2.0 * xy.mean())


def _mean(gram: Array, unbiased: bool) -> float:
    n = len(gram)
    if not unbiased:
        return float(gram.mean())
    return float((gram.sum() - np.trace(gram)) / (n * (n - 1)))
