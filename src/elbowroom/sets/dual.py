"""Supports and hulls of constrained zonotopes, exact and outer under rounding.

Every multiplier gives an outer bound, so soundness never rests on the solver; the bound is
evaluated once more from the data, with its rounding error added.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from elbowroom.sets.checks import Array, BoolArray
from elbowroom.sets.kernels.dual import EMPTY, SOLVED, STALLED, evaluate_bound
from elbowroom.sets.kernels.hull import bound_supports
from elbowroom.sets.lp import solve_support
from elbowroom.sets.rounding import slop


class Supports(NamedTuple):
    """Bounds of d'x in several directions over a batch of sets."""

    values: Array
    """Upper bounds, shape (..., k); -inf for a set proved empty."""
    states: Array
    """SOLVED, STALLED (outer, perhaps not least) or EMPTY, shape (..., k)."""
    multipliers: Array
    """The lambda behind each bound, shape (..., k, m); the first one proves emptiness."""
    factors: Array
    """A maximising xi where SOLVED, shape (..., k, n)."""


def support_dual(c: Array, G: Array, A: Array, b: Array, directions: Array) -> Supports:
    """Bound d'x over {c + G xi : A xi = b, |xi|_inf <= 1} from above, for every direction d.

    Solved by the dual of `minimise_dual`; a walk that stalls is handed to HiGHS and the better of
    the two multipliers is kept. Leading axes broadcast.

    Args:
        c: centers, shape (..., d).
        G: generators, shape (..., d, n).
        A: constraints, shape (..., m, n).
        b: their right sides, shape (..., m).
        directions: shape (k, d).
    """
    D = np.ascontiguousarray(directions)
    if c.ndim == 1 and G.ndim == 2 and A.ndim == 2 and b.ndim == 1:
        lead: tuple[int, ...] = ()
        flat = (_pack(c), _pack(G), _pack(A), _pack(b))
    else:
        lead = np.broadcast_shapes(c.shape[:-1], G.shape[:-2], A.shape[:-2], b.shape[:-1])
        flat = (
            _flatten(c, lead, 1),
            _flatten(G, lead, 2),
            _flatten(A, lead, 2),
            _flatten(b, lead, 1),
        )
    result = bound_supports(*flat, D, _pivots(A))
    if (result[1] == STALLED).any():
        _retry_stalled(*flat, D, result)
    return Supports(*(part.reshape(lead + part.shape[1:]) for part in result))


def hull_dual(c: Array, G: Array, A: Array, b: Array) -> tuple[Array, Array, BoolArray]:
    """Return the interval hull of {c + G xi : A xi = b, |xi| <= 1}, least but for rounding out.

    Args:
        c: centers, shape (..., d).
        G: generators, shape (..., d, n).
        A: constraints, shape (..., m, n).
        b: their right sides, shape (..., m).

    Returns:
        lower and upper corner, shape (..., d), and whether the set is proved empty, shape (...);
        an empty set has lower = inf, upper = -inf.
    """
    dim = c.shape[-1]
    found = support_dual(c, G, A, b, _axes(dim))
    low, high = -found.values[..., dim:], found.values[..., :dim]
    empty = np.asarray((low > high).any(axis=-1))
    return np.where(empty[..., None], np.inf, low), np.where(empty[..., None], -np.inf, high), empty


def is_empty(A: Array, b: Array) -> tuple[bool, Array | None]:
    """Say whether {xi : A xi = b, |xi|_inf <= 1} is certainly empty; A (m, n), b (m,) in shape.

    Returns:
        (True, lambda with b'lambda + |A'lambda|_1 < 0, a Farkas certificate valid under rounding)
        or (False, None): never empty by mistake.
    """
    n = A.shape[1]
    probe = np.cos(1.0 + np.arange(n))[None, :]
    found = support_dual(np.zeros(n), np.eye(n), A, b, probe)
    if found.states[0] == EMPTY:
        return True, found.multipliers[0]
    return False, None


def _pivots(A: Array) -> int:
    return 50 + 4 * (A.shape[-1] + A.shape[-2])


@lru_cache
def _axes(dim: int) -> Array:
    """Return the unit vectors and their opposites, shape (2 dim, dim)."""
    return np.concatenate([np.eye(dim), -np.eye(dim)])


def _pack(x: Array) -> Array:
    """Return a batch of one in row order: another layout would be compiled for anew."""
    return np.ascontiguousarray(x)[None]


def _flatten(x: Array, lead: tuple[int, ...], keep: int) -> Array:
    wide = np.broadcast_to(x, lead + x.shape[x.ndim - keep :])
    return np.ascontiguousarray(wide).reshape((-1,) + x.shape[x.ndim - keep :])


def _retry_stalled(
    c: Array, G: Array, A: Array, b: Array, D: Array, result: tuple[Array, Array, Array, Array]
) -> None:
    """Let HiGHS propose a multiplier for every stalled problem and keep it if its bound is less."""
    values, states, lams, _ = result
    for s, k in np.argwhere(states == STALLED):
        g = D[k] @ G[s]
        _, lam, feasible = solve_support(g, A[s], b[s])
        if not feasible:
            continue
        rows = np.abs(A[s]).sum(axis=1)
        value = evaluate_bound(A[s], b[s], g, lam, rows, np.empty(g.size))
        size = np.abs(D[k]) @ (np.abs(c[s]) + np.abs(G[s]).sum(axis=1))
        value += D[k] @ c[s] + 2.0 * slop(c.shape[1] + g.size + 2) * size
        if value < values[s, k]:
            values[s, k], lams[s, k] = value, lam
            states[s, k] = SOLVED
