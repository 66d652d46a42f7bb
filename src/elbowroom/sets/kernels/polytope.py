"""Compiled support problems of half-space lists in three dimensions.

    max {n'x : A x <= b}  =  min {b'lambda : A'lambda = n, lambda >= 0}

The first six rows are the faces of a box, so a start with lambda >= 0 is at hand for every n; the
dual simplex method exchanges one row of a 3 x 3 basis at a time. Any lambda >= 0 bounds n'x, and
what A'lambda misses of n is charged to the box, so the value is outer however the walk ends.
"""

from __future__ import annotations

import numpy as np

from elbowroom.sets.checks import Array, IntArray
from elbowroom.sets.compiled import compile_kernel
from elbowroom.sets.rounding import slop

PIVOTS = 60


@compile_kernel
def invert3(M: Array, out: Array) -> float:
    """Write the inverse of a 3 x 3 matrix and return its determinant (0 leaves `out` alone)."""
    a = M[1, 1] * M[2, 2] - M[1, 2] * M[2, 1]
    b = M[1, 2] * M[2, 0] - M[1, 0] * M[2, 2]
    c = M[1, 0] * M[2, 1] - M[1, 1] * M[2, 0]
    det = M[0, 0] * a + M[0, 1] * b + M[0, 2] * c
    if det == 0.0:
        return det
    out[0, 0], out[1, 0], out[2, 0] = a / det, b / det, c / det
    out[0, 1] = (M[0, 2] * M[2, 1] - M[0, 1] * M[2, 2]) / det
    out[1, 1] = (M[0, 0] * M[2, 2] - M[0, 2] * M[2, 0]) / det
    out[2, 1] = (M[0, 1] * M[2, 0] - M[0, 0] * M[2, 1]) / det
    out[0, 2] = (M[0, 1] * M[1, 2] - M[0, 2] * M[1, 1]) / det
    out[1, 2] = (M[0, 2] * M[1, 0] - M[0, 0] * M[1, 2]) / det
    out[2, 2] = (M[0, 0] * M[1, 1] - M[0, 1] * M[1, 0]) / det
    return det


@compile_kernel
def _charge(
    A: Array, b: Array, reach: Array, n: Array, rows: IntArray, lam: Array, count: int
) -> float:
    """Return b'lambda + |n - A'lambda|'reach rounded up, over `count` listed rows."""
    value, size = 0.0, 0.0
    for i in range(count):
        value += b[rows[i]] * lam[i]
        size += abs(b[rows[i]] * lam[i])
    for k in range(3):
        missed, part = n[k], abs(n[k])
        for i in range(count):
            missed -= A[rows[i], k] * lam[i]
            part += abs(A[rows[i], k]) * lam[i]
        value += abs(missed) * reach[k]
        size += part * reach[k]
    return value + slop(12) * size


@compile_kernel
def bound_support(
    A: Array, b: Array, reach: Array, n: Array, certificate: Array
) -> tuple[float, bool]:
    """Bound n'x over {x : A x <= b} from above.

    Args:
        A: unit rows, the first six +R' and -R' of a box, shape (k, 3).
        b: shape (k,), the box about the origin.
        reach: bound of |x| per coordinate in that box, shape (3,).
        n: direction, shape (3,).
        certificate: out, shape (k,): lambda >= 0 of the bound, or of A'lambda = 0, b'lambda < 0.

    Returns:
        (upper bound rounded up, whether the list is proved empty).
    """
    rows, lam, mu = np.empty(4, dtype=np.int64), np.empty(4), np.empty(3)
    basis, inverse, x = np.empty((3, 3)), np.empty((3, 3)), np.empty(3)
    origin = np.zeros(3)
    scale = reach.max()
    certificate[:] = 0.0
    for i in range(3):
        towards = A[i, 0] * n[0] + A[i, 1] * n[1] + A[i, 2] * n[2]
        rows[i] = i if towards >= 0.0 else i + 3
        lam[i] = abs(towards)
    best = _charge(A, b, reach, n, rows, lam, 3)
    certificate[rows[:3]] = lam[:3]
    for _ in range(PIVOTS):
        for i in range(3):
            basis[i] = A[rows[i]]
        if abs(invert3(basis, inverse)) < 1e-12:
            break
        for i in range(3):
            x[i] = 0.0
            lam[i] = 0.0
            for k in range(3):
                x[i] += inverse[i, k] * b[rows[k]]
                lam[i] += inverse[k, i] * n[k]
            lam[i] = max(lam[i], 0.0)
        value = _charge(A, b, reach, n, rows, lam, 3)
        if value < best:
            best = value
            certificate[:] = 0.0
            for i in range(3):
                certificate[rows[i]] += lam[i]
        enter, worst = -1, 1e-13 * scale
        for j in range(A.shape[0]):
            over = A[j, 0] * x[0] + A[j, 1] * x[1] + A[j, 2] * x[2] - b[j]
            if over > worst:
                enter, worst = j, over
        if enter < 0:
            break
        out, least = -1, np.inf
        for i in range(3):
            mu[i] = 0.0
            for k in range(3):
                mu[i] += inverse[k, i] * A[enter, k]
            if mu[i] > 1e-12 and lam[i] / mu[i] < least:
                out, least = i, lam[i] / mu[i]
        if out < 0:
            for i in range(3):
                lam[i] = max(-mu[i], 0.0)
            rows[3], lam[3] = enter, 1.0
            if _charge(A, b, reach, origin, rows, lam, 4) < 0.0:
                certificate[:] = 0.0
                for i in range(4):
                    certificate[rows[i]] += lam[i]
                return -np.inf, True
            break
        rows[out] = enter
    return best, False


@compile_kernel
def bound_supports(
    A: Array, b: Array, reach: Array, directions: Array
) -> tuple[Array, bool, Array]:
    """Do `bound_support` for every row of `directions`; the certificate is of the first or empty.

    Returns:
        (upper bounds (m,), whether proved empty, certificate (k,)).
    """
    values, certificate = np.empty(directions.shape[0]), np.zeros(A.shape[0])
    for i in range(directions.shape[0]):
        values[i], empty = bound_support(A, b, reach, directions[i], certificate)
        if empty:
            values[:] = -np.inf
            return values, True, certificate
    return values, False, certificate
