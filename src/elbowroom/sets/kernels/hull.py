"""The compiled support problems of many constrained zonotopes in many directions."""

from __future__ import annotations

import numpy as np

from elbowroom.sets.checks import Array
from elbowroom.sets.compiled import compile_kernel
from elbowroom.sets.kernels.dual import EMPTY, minimise_dual
from elbowroom.sets.rounding import slop


@compile_kernel
def _least_squares(A: Array) -> Array:
    """Return P, shape (m, n), with P g a good first lambda: (A A')^-1 A, or zeros if singular."""
    m, n = A.shape
    gram = A @ A.T
    diagonal = 0.0
    for i in range(m):
        diagonal = max(diagonal, gram[i, i])
    P = np.zeros((m, n))
    inverse = np.eye(m)
    for i in range(m):
        pivot = gram[i, i]
        if pivot <= 1e-12 * diagonal:
            return P
        for k in range(m):
            gram[i, k] /= pivot
            inverse[i, k] /= pivot
        for j in range(m):
            if j != i:
                factor = gram[j, i]
                for k in range(m):
                    gram[j, k] -= factor * gram[i, k]
                    inverse[j, k] -= factor * inverse[i, k]
    return inverse @ A


@compile_kernel
def bound_supports(
    c: Array, G: Array, A: Array, b: Array, D: Array, most: int
) -> tuple[Array, Array, Array, Array]:
    """Bound d'x over {c + G xi : A xi = b, |xi| <= 1} for every set and direction d.

    Args:
        c: centers of a batch of sets, shape (s, d).
        G: generators, shape (s, d, n).
        A: constraints, shape (s, m, n).
        b: their right sides, shape (s, m).
        D: directions, shape (k, d).
        most: pivots allowed to one problem.

    Returns:
        Upper bounds (s, k) rounded up, status (s, k), multipliers (s, k, m), maximising factors
        (s, k, n). A set proved empty has status EMPTY and bound -inf in every direction.
    """
    sets, dim = c.shape
    m, n, count = A.shape[1], G.shape[2], D.shape[0]
    values, states = np.full((sets, count), -np.inf), np.full((sets, count), EMPTY)
    lams, factors = np.zeros((sets, count, m)), np.zeros((sets, count, n))
    slack = 2.0 * slop(dim + n + 2)
    g, rows, room = np.empty(n), np.empty(m), np.empty((3, n))
    for s in range(sets):
        P = _least_squares(A[s])
        for i in range(m):
            rows[i] = np.abs(A[s, i]).sum()
        for k in range(count):
            g[:] = 0.0
            offset, size = 0.0, 0.0
            for i in range(dim):
                if D[k, i] != 0.0:
                    offset += D[k, i] * c[s, i]
                    size += abs(D[k, i] * c[s, i])
                    for j in range(n):
                        g[j] += D[k, i] * G[s, i, j]
                        size += abs(D[k, i] * G[s, i, j])
            lam = P @ g
            value, state = minimise_dual(A[s], b[s], g, lam, factors[s, k], rows, room, most)
            lams[s, k] = lam
            if state == EMPTY:
                values[s], states[s] = -np.inf, EMPTY
                lams[s, 0] = lam
                break
            values[s, k], states[s, k] = value + offset + slack * size, state
    return values, states, lams, factors
