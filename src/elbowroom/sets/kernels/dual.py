"""The compiled support problem of a constrained zonotope.

    max {g'xi : A xi = b, |xi|_inf <= 1} = min over lambda of f(lambda),
    f(lambda) = b'lambda + |g - A'lambda|_1

The right side is convex and piecewise linear; m residuals vanish at its corners. The walk goes
from corner to corner along edges, each time to the weighted median of the breakpoints (the dual
simplex method with bound flipping; for m constraints it is a weighted L1 regression in m
unknowns, cf. Barrodale & Roberts, SIAM J. Numer. Anal. 10 (1973) 839). f at *any* lambda is an
upper bound, so the value returned is outer however the walk ends.
"""

from __future__ import annotations

import numpy as np

from elbowroom.sets.checks import Array, IntArray
from elbowroom.sets.compiled import compile_kernel
from elbowroom.sets.rounding import slop
from elbowroom.sets.tolerances import OPTIMAL, PIVOT

SOLVED, STALLED, EMPTY = 0, 1, 2
FREE, IDLE = -1, -2


@compile_kernel
def evaluate_bound(A: Array, b: Array, g: Array, lam: Array, rows: Array, room: Array) -> float:
    """Return f(lambda), rounded up; `rows` are the row sums of |A|, `room` has shape (n,)."""
    m, n = A.shape
    value, size = 0.0, 0.0
    room[:] = g
    for i in range(m):
        value += b[i] * lam[i]
        size += abs(lam[i]) * (abs(b[i]) + rows[i])
        for j in range(n):
            room[j] -= A[i, j] * lam[i]
    for j in range(n):
        value += abs(room[j])
        size += abs(g[j])
    return value + slop(m + n) * size


@compile_kernel
def prove_empty(A: Array, b: Array, d: Array, rows: Array, room: Array) -> bool:
    """Say whether b'd + |A'd|_1 < 0 beyond rounding: no xi in the cube has A xi = b (Farkas)."""
    room[:] = 0.0
    return evaluate_bound(A, b, np.zeros(room.size), d, rows, room) < 0.0


@compile_kernel
def _start(A: Array, b: Array, g: Array, lam: Array, r: Array, sign: Array, w: Array) -> None:
    """Fill the residual r = g - A'lambda, its sign and w = b - A sign."""
    m, n = A.shape
    r[:] = g
    for i in range(m):
        for j in range(n):
            r[j] -= A[i, j] * lam[i]
    for j in range(n):
        sign[j] = 1.0 if r[j] >= 0.0 else -1.0
    for i in range(m):
        w[i] = b[i]
        for j in range(n):
            w[i] -= A[i, j] * sign[j]


@compile_kernel
def _choose_leaving(inverse: Array, w: Array, basis: IntArray, xi: Array) -> int:
    """Fill xi = A_B^-1 w; return the row farthest out of range, rows still free first, or -1.

    `basis` holds a column, FREE for a row no column has entered yet, or IDLE for one none can.
    """
    m = w.size
    best, worst, free_best, free_worst = -1, OPTIMAL, -1, -1.0
    for i in range(m):
        xi[i] = 0.0
        for k in range(m):
            xi[i] += inverse[i, k] * w[k]
        size = abs(xi[i])
        if basis[i] == FREE:
            if size > free_worst:
                free_best, free_worst = i, size
        elif basis[i] >= 0 and size - 1.0 > worst:
            best, worst = i, size - 1.0
    return free_best if free_best >= 0 else best


@compile_kernel
def _walk_edge(
    r: Array, p: Array, sign: Array, slope: float, times: Array, who: IntArray
) -> tuple[int, float, int]:
    """Follow r - t p to where the slope of f turns positive; passing a zero adds 2 |p_j| to it.

    Columns in the basis have sign 0 and are never met.

    Returns:
        (column met last or -1, t, number passed before it); `who` starts with those passed.
    """
    n, count = p.size, 0
    for j in range(n):
        times[count] = r[j] / p[j] if p[j] != 0.0 else 0.0
        who[count] = j
        count += 1 if sign[j] * p[j] > 0.0 else 0
    passed = 0
    while passed < count:
        first = passed
        for k in range(passed + 1, count):
            if times[k] < times[first]:
                first = k
        times[first], times[passed] = times[passed], times[first]
        who[first], who[passed] = who[passed], who[first]
        slope += 2.0 * abs(p[who[passed]])
        if slope >= 0.0:
            return who[passed], max(times[passed], 0.0), passed
        passed += 1
    return -1, 0.0, 0


@compile_kernel
def _find_edge(
    A: Array, inverse: Array, out: int, side: float, d: Array, p: Array, tiny: float
) -> None:
    """Fill d, the direction that lets row `out` go, and p = A'd without entries below `tiny`."""
    m, n = A.shape
    steep = 0.0
    p[:] = 0.0
    for k in range(m):
        d[k] = -side * inverse[out, k]
        steep = max(steep, abs(d[k]))
        for j in range(n):
            p[j] += A[k, j] * d[k]
    for j in range(n):
        p[j] = 0.0 if abs(p[j]) <= tiny * steep else p[j]


@compile_kernel
def _pivot(A: Array, inverse: Array, row: int, enter: int) -> None:
    """Let column `enter` replace row `row` of the basis: update the rows of A_B^-1."""
    m = inverse.shape[0]
    scale = 0.0
    for k in range(m):
        scale += inverse[row, k] * A[k, enter]
    for k in range(m):
        inverse[row, k] /= scale
    for i in range(m):
        if i != row:
            alpha = 0.0
            for k in range(m):
                alpha += inverse[i, k] * A[k, enter]
            for k in range(m):
                inverse[i, k] -= alpha * inverse[row, k]


@compile_kernel
def _exchange(
    A: Array,
    sign: Array,
    w: Array,
    basis: IntArray,
    out: int,
    enter: int,
    side: float,
    passed: IntArray,
) -> None:
    """Flip the columns passed, set the leaving column to its bound, take the entering one out."""
    m = w.size
    for j in passed:
        for k in range(m):
            w[k] += 2.0 * sign[j] * A[k, j]
        sign[j] = -sign[j]
    if basis[out] >= 0:
        sign[basis[out]] = side
        for k in range(m):
            w[k] -= side * A[k, basis[out]]
    for k in range(m):
        w[k] += sign[enter] * A[k, enter]
    sign[enter], basis[out] = 0.0, enter


@compile_kernel
def _polish(
    A: Array,
    b: Array,
    g: Array,
    lam: Array,
    inverse: Array,
    basis: IntArray,
    rows: Array,
    room: Array,
) -> float:
    """Put the basic residuals back to zero if that helps; return f at the lambda kept."""
    m = lam.size
    value = evaluate_bound(A, b, g, lam, rows, room)
    better = lam.copy()
    for i in range(m):
        if basis[i] >= 0:
            for k in range(m):
                better[k] += inverse[i, k] * room[basis[i]]
    other = evaluate_bound(A, b, g, better, rows, room)
    if other < value:
        lam[:] = better
        return other
    return value


@compile_kernel
def minimise_dual(
    A: Array, b: Array, g: Array, lam: Array, factors: Array, rows: Array, room: Array, most: int
) -> tuple[float, int]:
    """Minimise f from `lam`, which is overwritten; `factors` gets the maximiser xi.

    Args:
        A: constraints, shape (m, n).
        b: their right sides, shape (m,).
        g: what is maximised, shape (n,).
        lam: start, then the best lambda (or the certificate of emptiness), shape (m,).
        factors: out, the maximising xi when SOLVED, shape (n,).
        rows: row sums of |A|, shape (m,).
        room: scratch, shape (3, n).
        most: pivots allowed.

    Returns:
        (upper bound rounded up, SOLVED | STALLED | EMPTY).
    """
    m, n = A.shape
    r, p, times, sign = room[0], room[1], room[2], factors
    small = np.empty((3, m))
    w, xi, d = small[0], small[1], small[2]
    inverse, basis, who = np.eye(m), np.full(m, FREE), np.empty(n, dtype=np.int64)
    tiny = PIVOT * np.abs(A).max() if A.size else 0.0
    _start(A, b, g, lam, r, sign, w)
    status = STALLED
    for _ in range(most):
        out = _choose_leaving(inverse, w, basis, xi)
        if out < 0:
            status = SOLVED
            break
        side = 1.0 if xi[out] >= 0.0 else -1.0
        _find_edge(A, inverse, out, side, d, p, tiny)
        slope = (1.0 if basis[out] >= 0 else 0.0) - abs(xi[out])
        enter, step, passed = _walk_edge(r, p, sign, slope, times, who)
        if enter < 0:
            if prove_empty(A, b, d, rows, times):
                lam[:] = d
                return np.inf, EMPTY
            # Level far out but for rounding: the last corner is as good as any beyond it.
            slope += OPTIMAL * (1.0 + abs(xi[out]))
            enter, step, passed = _walk_edge(r, p, sign, slope, times, who)
            if enter < 0 and basis[out] == FREE:
                side = -side
                _find_edge(A, inverse, out, side, d, p, tiny)
                enter, step, passed = _walk_edge(r, p, sign, abs(xi[out]), times, who)
            if enter < 0:
                if basis[out] >= 0:
                    break
                basis[out] = IDLE
                continue
        for k in range(m):
            lam[k] += step * d[k]
        for j in range(n):
            r[j] -= step * p[j]
        _exchange(A, sign, w, basis, out, enter, side, who[:passed])
        _pivot(A, inverse, out, enter)
        r[enter] = 0.0
    value = _polish(A, b, g, lam, inverse, basis, rows, times)
    for i in range(m):
        if basis[i] >= 0:
            sign[basis[i]] = min(max(xi[i], -1.0), 1.0)
    return value, status
