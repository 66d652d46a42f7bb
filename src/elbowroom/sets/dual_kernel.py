"""The compiled support problem of a constrained zonotope.

    max {g'xi : A xi = b, |xi|_inf <= 1}  =  min over lambda of  f(lambda) = b'lambda + |g - A'lambda|_1

The right side is convex and piecewise linear; m residuals vanish at its corners. The walk goes
from corner to corner along edges, each time to the weighted median of the breakpoints (the dual
simplex method with bound flipping; for m constraints it is a weighted L1 regression in m
unknowns, cf. Barrodale & Roberts, SIAM J. Numer. Anal. 10 (1973) 839). f at *any* lambda is an
upper bound, so the value returned is outer however the walk ends.
"""

from __future__ import annotations

import numpy as np

from elbowroom.sets.checks import Array
from elbowroom.sets.compiled import compile_kernel
from elbowroom.sets.rounding import slop
from elbowroom.sets.tolerances import OPTIMAL, PIVOT

SOLVED, STALLED, EMPTY = 0, 1, 2


@compile_kernel
def evaluate_bound(A: Array, b: Array, g: Array, lam: Array, rows: Array, slack: float) -> float:
    """Return f(lambda), rounded up; `rows` are the row sums of |A|, `slack` is slop(m + n)."""
    value = 0.0
    size = 0.0
    m, n = A.shape
    for i in range(m):
        value += b[i] * lam[i]
        size += abs(lam[i]) * (abs(b[i]) + rows[i])
    for j in range(n):
        residual = g[j]
        for i in range(m):
            residual -= A[i, j] * lam[i]
        value += abs(residual)
        size += abs(g[j])
    return value + slack * size


@compile_kernel
def _choose_leaving(xi: Array, basis: Array, fixed: Array) -> int:
    """Return the basic row farthest out of its range, rows still free first, or -1."""
    best, worst, free_best, free_worst = -1, OPTIMAL, -1, -1.0
    for i in range(xi.size):
        if basis[i] < 0:
            if not fixed[i] and abs(xi[i]) > free_worst:
                free_best, free_worst = i, abs(xi[i])
        elif abs(xi[i]) - 1.0 > worst:
            best, worst = i, abs(xi[i]) - 1.0
    return free_best if free_best >= 0 else best


@compile_kernel
def _walk_edge(
    p: Array, r: Array, sign: Array, is_basic: Array, slope: float, least: float, times: Array
) -> int:
    """Return the column whose residual is zero where the slope along the edge turns, or -1.

    Residuals move as r - t p; passing a zero adds 2|p| to the slope. Columns passed on the way get
    `times` < 0, and their sign is for the caller to flip.
    """
    n = p.size
    for j in range(n):
        times[j] = np.inf
        if not is_basic[j] and sign[j] * p[j] > least:
            times[j] = max(r[j] / p[j], 0.0)
    while True:
        first, when = -1, np.inf
        for j in range(n):
            if 0.0 <= times[j] < when:
                first, when = j, times[j]
        if first < 0:
            return -1
        slope += 2.0 * abs(p[first])
        if slope >= 0.0:
            return first
        times[first] = -1.0


@compile_kernel
def _start(A: Array, b: Array, g: Array, lam: Array, r: Array, sign: Array, w: Array) -> None:
    """Fill residual, sign and w = b - A sign at lambda."""
    m, n = A.shape
    w[:] = b
    for j in range(n):
        residual = g[j]
        for i in range(m):
            residual -= A[i, j] * lam[i]
        r[j] = residual
        sign[j] = 1.0 if residual >= 0.0 else -1.0
        for i in range(m):
            w[i] -= sign[j] * A[i, j]


@compile_kernel
def _pivot(inverse: Array, column: Array, row: int) -> None:
    """Replace basic column `row` by `column` in the inverse of the basis (rows: A_B^-1)."""
    m = inverse.shape[0]
    scale = 0.0
    for k in range(m):
        scale += inverse[row, k] * column[k]
    for k in range(m):
        inverse[row, k] /= scale
    for i in range(m):
        if i == row:
            continue
        alpha = 0.0
        for k in range(m):
            alpha += inverse[i, k] * column[k]
        for k in range(m):
            inverse[i, k] -= alpha * inverse[row, k]


@compile_kernel
def _flip_passed(A: Array, p: Array, times: Array, sign: Array, w: Array) -> None:
    """Flip the sign of every column passed on the edge."""
    for j in range(p.size):
        if times[j] < 0.0:
            for i in range(w.size):
                w[i] += 2.0 * sign[j] * A[i, j]
            sign[j] = -sign[j]


@compile_kernel
def _prove_empty(A: Array, b: Array, d: Array, rows: Array, slack: float) -> bool:
    """Say whether b'd + |A'd|_1 < 0 beyond rounding: no xi in the cube has A xi = b (Farkas)."""
    value = 0.0
    size = 0.0
    m, n = A.shape
    for i in range(m):
        value += b[i] * d[i]
        size += abs(d[i]) * (abs(b[i]) + rows[i])
    for j in range(n):
        moved = 0.0
        for i in range(m):
            moved += A[i, j] * d[i]
        value += abs(moved)
    return value + slack * size < 0.0


@compile_kernel
def minimise_dual(
    A: Array, b: Array, g: Array, lam: Array, factors: Array, columns: Array, rows: Array, most: int
) -> tuple[float, int]:
    """Minimise f from `lam`, which is overwritten; `factors` gets the maximiser xi.

    Args:
        A, b, g: the problem, shapes (m, n), (m,), (n,).
        lam: start, then the best lambda (or the certificate of emptiness), shape (m,).
        factors: out, the maximising xi when SOLVED, shape (n,).
        columns, rows: largest entry of |A| per column, sum per row.
        most: pivots allowed.
    Returns:
        (upper bound rounded up, SOLVED | STALLED | EMPTY).
    """
    m, n = A.shape
    slack = slop(m + n)
    inverse, basis, fixed = np.eye(m), np.full(m, -1), np.zeros(m, dtype=np.bool_)
    is_basic = np.zeros(n, dtype=np.bool_)
    r, sign, p, times = np.empty(n), factors, np.empty(n), np.empty(n)
    w, xi, d = np.empty(m), np.empty(m), np.empty(m)
    _start(A, b, g, lam, r, sign, w)
    status = STALLED
    for _ in range(most):
        for i in range(m):
            xi[i] = 0.0
            for k in range(m):
                xi[i] += inverse[i, k] * w[k]
        out = _choose_leaving(xi, basis, fixed)
        if out < 0:
            status = SOLVED
            break
        side = 1.0 if xi[out] >= 0.0 else -1.0
        steep = 0.0
        for k in range(m):
            d[k] = -side * inverse[out, k]
            steep = max(steep, abs(d[k]))
        for j in range(n):
            p[j] = 0.0
            for k in range(m):
                p[j] += A[k, j] * d[k]
        weight = 1.0 if basis[out] >= 0 else 0.0
        least = PIVOT * steep * columns.max()
        enter = _walk_edge(p, r, sign, is_basic, weight - abs(xi[out]), least, times)
        if enter < 0:
            if _prove_empty(A, b, d, rows, slack):
                lam[:] = d
                return np.inf, EMPTY
            if basis[out] >= 0:
                break
            fixed[out] = True
            continue
        step = times[enter]
        for k in range(m):
            lam[k] += step * d[k]
        for j in range(n):
            r[j] -= step * p[j]
        _flip_passed(A, p, times, sign, w)
        if basis[out] >= 0:
            old = basis[out]
            is_basic[old] = False
            sign[old] = side
            for k in range(m):
                w[k] -= side * A[k, old]
        for k in range(m):
            w[k] += sign[enter] * A[k, enter]
        _pivot(inverse, A[:, enter], out)
        basis[out], is_basic[enter], r[enter] = enter, True, 0.0
    value = evaluate_bound(A, b, g, lam, rows, slack)
    value = _polish(A, b, g, lam, inverse, basis, rows, slack, value)
    for i in range(m):
        if basis[i] >= 0:
            sign[basis[i]] = min(max(xi[i], -1.0), 1.0)
    return value, status


@compile_kernel
def _polish(
    A: Array, b: Array, g: Array, lam: Array, inverse: Array, basis: Array,
    rows: Array, slack: float, value: float,
) -> float:
    """Put the basic residuals back to zero, keep the better lambda, return its value."""
    m = lam.size
    better = lam.copy()
    for i in range(m):
        j = basis[i]
        if j < 0:
            continue
        residual = g[j]
        for k in range(m):
            residual -= A[k, j] * lam[k]
        for k in range(m):
            better[k] += inverse[i, k] * residual
    other = evaluate_bound(A, b, g, better, rows, slack)
    if other < value:
        lam[:] = better
        return other
    return value
