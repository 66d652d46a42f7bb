"""Compiled sums over single-precision matrices, taken in double precision and in one pass."""

from __future__ import annotations

import numba
import numpy as np

from elbowroom.monitoring.checks import Array, Single


# Sums may be taken in any order: that is what lets them be vectorised.
@numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc"})
def sum_rows(matrix: Single) -> Array:
    """Sums of the rows, shape (n,)."""
    sums = np.empty(len(matrix))
    for i in range(len(matrix)):
        total = 0.0
        for j in range(matrix.shape[1]):
            total += matrix[i, j]
        sums[i] = total
    return sums


@numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc"})
def sum_products(first: Single, second: Single) -> Array:
    """Sums over the rows of the products of two matrices, element by element, shape (n,)."""
    sums = np.empty(len(first))
    for i in range(len(first)):
        total = 0.0
        for j in range(first.shape[1]):
            total += first[i, j] * second[i, j]
        sums[i] = total
    return sums


@numba.njit(cache=True, nogil=True, error_model="numpy")
def shift_off_diagonal(matrix: Single, amount: float) -> None:
    """Subtract `amount` from all elements of a square matrix but its diagonal, which becomes 0."""
    less = np.float32(amount)
    for i in range(len(matrix)):
        for j in range(len(matrix)):
            matrix[i, j] -= less
        matrix[i, i] = 0.0


@numba.njit(cache=True, nogil=True, error_model="numpy")
def finish_distances(gram: Array, first: Array, second: Array) -> None:
    """Turn x_i . y_j into max(|x_i|^2 + |y_j|^2 - 2 x_i . y_j, 0) in place.

    Args:
        gram: products, shape (n, m).
        first: |x_i|^2, shape (n,).
        second: |y_j|^2, shape (m,).
    """
    for i in range(len(gram)):
        own = first[i]
        for j in range(gram.shape[1]):
            gram[i, j] = max(own + second[j] - 2.0 * gram[i, j], 0.0)
