"""Exact linear programmes by HiGHS: the fallback of the dual walk and the oracle of the tests."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from elbowroom.sets.checks import Array


def solve_support(g: Array, A: Array, b: Array) -> tuple[float, Array, bool]:
    """Solve max {g'xi : A xi = b, |xi|_inf <= 1}.

    Args:
        g: shape (n,).
        A: shape (m, n).
        b: shape (m,).

    Returns:
        (maximum as HiGHS reports it, multipliers lambda (m,), whether the problem is feasible).
    """
    result = linprog(-g, A_eq=A, b_eq=b, bounds=(-1.0, 1.0), method="highs")
    if result.status != 0:
        return -np.inf, np.zeros(b.size), False
    return -float(result.fun), -np.asarray(result.eqlin.marginals), True


def norm_in_generators(G: Array, x: Array) -> float:
    """Return min {|xi|_inf : G xi = x}, infinite if x is not in the range of G (the zonotope norm).

    Args:
        G: generators, shape (d, n).
        x: shape (d,).
    """
    d, n = G.shape
    cost = np.r_[np.zeros(n), 1.0]
    ones = np.ones((n, 1))
    box = np.block([[np.eye(n), -ones], [-np.eye(n), -ones]])
    result = linprog(
        cost,
        A_ub=box,
        b_ub=np.zeros(2 * n),
        A_eq=np.c_[G, np.zeros(d)],
        b_eq=x,
        bounds=[(None, None)] * n + [(0.0, None)],
        method="highs",
    )
    return float(result.fun) if result.status == 0 else np.inf
