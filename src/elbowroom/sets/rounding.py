"""Bounds of what floating point may have lost, always on the safe side.

A sum of k products evaluated in any order differs from the exact one by at most
gamma(k) sum |x_i||y_i|, gamma(k) = k u / (1 - k u) (Higham, Accuracy and Stability of Numerical
Algorithms, 2nd ed., eq. 3.5). `slop(k)` doubles gamma(k + 4): the doubling pays for the rounding
of the bound itself, so the product `slop(k) * (computed |x|'|y|)` is a true upper bound as long as
k < 2^40 and nothing underflows; `TINY` pays for underflow.
"""

from __future__ import annotations

import numpy as np

from elbowroom.sets.checks import Array
from elbowroom.sets.compiled import compile_kernel
from elbowroom.sets.tolerances import UNIT_ROUNDOFF

TINY = 1e-290


@compile_kernel
def slop(terms: int) -> float:
    """Return twice gamma(terms + 4): the relative error allowed to a sum of so many products."""
    k = (terms + 4) * UNIT_ROUNDOFF
    return 2.0 * k / (1.0 - k)


def round_up(value: Array, error: Array | float) -> Array:
    """Return floats not below value + error, for error >= 0; shapes broadcast."""
    return np.nextafter(value + error + TINY, np.inf)


def round_down(value: Array, error: Array | float) -> Array:
    """Return floats not above value - error, for error >= 0; shapes broadcast."""
    return np.nextafter(value - error - TINY, -np.inf)


def map_error(matrix: Array, size: Array) -> Array:
    """Bound per row the rounding of `matrix @ x` summed over vectors x with sum |x| <= size.

    Args:
        matrix: shape (..., p, n).
        size: shape (..., n), not negative.

    Returns:
        Error bound, shape (..., p).
    """
    bound = (np.abs(matrix) @ size[..., None])[..., 0]
    return np.asarray(slop(2 * matrix.shape[-1]) * bound)
