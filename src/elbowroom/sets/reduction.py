"""Fewer generators, fewer constraints: always an outer bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from elbowroom.sets.checks import Array, require
from elbowroom.sets.rounding import map_error, round_up, slop
from elbowroom.sets.tolerances import PARALLEL
from elbowroom.sets.zonotope import Zonotope

if TYPE_CHECKING:
    from elbowroom.sets.constrained import ConstrainedZonotope

METHODS = ("girard", "combastel", "pca")


def reduce_generators(zonotope: Zonotope, order: float, method: str = "girard") -> Zonotope:
    """Return a zonotope of at most order * d generators that holds `zonotope`.

    The generators least worth keeping are replaced by the box that holds them, axis-aligned, or
    along their principal axes for "pca". "girard" ranks by |g|_1 - |g|_inf (Girard, HSCC 2005),
    "combastel" by |g|_2 (Combastel, ECC 2003), "pca" ranks as girard (Kopetzki et al., CDC 2017).
    The slack goes into the box.
    """
    d, n = zonotope.dim, zonotope.generators.shape[-1]
    require(order >= 1, f"order must be at least 1, got {order}")
    require(method in METHODS, f"method must be one of {METHODS}, got {method!r}")
    if n <= order * d:
        return zonotope
    keep = int(order * d) - d
    G = zonotope.generators
    ranked = np.argsort(-_rank(G, method), axis=-1, kind="stable")
    G = np.take_along_axis(G, ranked[..., None, :], axis=-1)
    kept, rest = G[..., :keep], G[..., keep:]
    loose = zonotope.slack[..., None] * np.eye(d)
    rest = np.concatenate([rest, loose], axis=-1)
    box, error = _enclose_pca(rest) if method == "pca" else _enclose_box(rest)
    G = np.concatenate([kept, box], axis=-1)
    return Zonotope(zonotope.center, G, round_up(error, 0.0))


def merge_parallel(zonotope: Zonotope) -> Zonotope:
    """Return the same zonotope with parallel generators added up and zero ones dropped."""
    G = zonotope.generators
    require(G.ndim == 2, "merge_parallel needs a single zonotope")
    lengths = np.linalg.norm(G, axis=0)
    merged: list[Array] = []
    slack = zonotope.slack
    for g, length in zip(G.T[lengths > 0], lengths[lengths > 0], strict=True):
        for i, known in enumerate(merged):
            cosine = g @ known / (length * np.linalg.norm(known))
            if 1.0 - abs(cosine) <= PARALLEL:
                along = np.sign(cosine) * g
                total = known + along
                off = along - known * (known @ along) / (known @ known)
                merged[i] = total
                # along = a known + off; off meets a factor of its own, not that of the sum.
                error = 2.0 * np.abs(off) + slop(8) * np.abs(along) + slop(1) * np.abs(total)
                slack = round_up(slack, error)
                break
        else:
            merged.append(g)
    stacked = np.stack(merged, axis=1) if merged else np.zeros((zonotope.dim, 0))
    return Zonotope(zonotope.center, stacked, slack)


def enclose_pair(first: Zonotope, second: Zonotope) -> Zonotope:
    """Return a zonotope that holds the convex hull of two (Girard, HSCC 2005, sec. 3.1).

    <(c1 + c2) / 2, [(c1 - c2) / 2, (G1 + G2) / 2, (G1 - G2) / 2]>, the shorter padded by zeros.
    """
    long, short = first, second
    if first.generators.shape[-1] < second.generators.shape[-1]:
        long, short = second, first
    n = short.generators.shape[-1]
    shared, alone = long.generators[..., :n], long.generators[..., n:]
    G = np.concatenate(
        [
            0.5 * (shared + short.generators),
            0.5 * (long.center - short.center)[..., None],
            0.5 * (shared - short.generators),
            alone,
        ],
        axis=-1,
    )
    center = 0.5 * (long.center + short.center)
    size = np.abs(long.center) + np.abs(short.center)
    size = size + np.abs(long.generators).sum(axis=-1) + np.abs(short.generators).sum(axis=-1)
    return Zonotope(center, G, round_up(np.maximum(long.slack, short.slack), slop(2) * size))


def drop_constraints(constrained: ConstrainedZonotope) -> Zonotope:
    """Return a zonotope that holds a constrained one: x = c + L b + (G - L A) xi for any gain L.

    L = G A'(A A')^+ is the gain of least F-radius |G - L A|_F (Combastel, Automatica 2015); the
    rounding of L b and L A goes to the slack.
    """
    c, G, A, b = constrained.center, constrained.generators, constrained.A, constrained.b
    L = G @ np.linalg.pinv(A)
    size = np.abs(b) + np.abs(A).sum(axis=-1)
    loose = np.abs(c) + np.abs(G).sum(axis=-1) + (np.abs(L) @ size[..., None])[..., 0]
    slack = round_up(constrained.slack, map_error(L, size) + slop(4) * loose)
    return Zonotope(c + (L @ b[..., None])[..., 0], G - L @ A, slack)


def reduce_constrained(
    constrained: ConstrainedZonotope, order: float, method: str, constraints: int | None
) -> ConstrainedZonotope:
    """Return a constrained zonotope with fewer factors and constraints that holds this one.

    Dropped constraints (the first ones) leave their least-squares correction behind; then the
    zonotope of [x; 0] = [c; -b] + [G; A] xi is reduced (Scott et al., Automatica 2016, sec. 4.3).
    """
    from elbowroom.sets.constrained import ConstrainedZonotope

    c, G, A, b = constrained.center, constrained.generators, constrained.A, constrained.b
    slack = constrained.slack
    keep = b.shape[-1] if constraints is None else min(constraints, b.shape[-1])
    require(keep >= 0, f"constraints must not be negative, got {constraints}")
    drop = b.shape[-1] - keep
    lifted = Zonotope(
        np.concatenate([c, -b], axis=-1),
        np.concatenate([G, A], axis=-2),
        np.concatenate([slack, np.zeros(b.shape)], axis=-1),
    )
    if drop > 0:
        lifted = _eliminate(lifted, constrained.dim, drop)
    lifted = reduce_generators(lifted, order, method)
    d = constrained.dim
    G, A = lifted.generators[..., :d, :], lifted.generators[..., d:, :]
    loose = lifted.slack[..., d:]
    if loose.any():
        extra = loose[..., None] * np.eye(keep)
        A = np.concatenate([A, extra], axis=-1)
        G = np.concatenate([G, np.zeros(G.shape[:-1] + (keep,))], axis=-1)
    return ConstrainedZonotope(
        lifted.center[..., :d], G, A, -lifted.center[..., d:], lifted.slack[..., :d]
    )


def enclose_in_template(constrained: ConstrainedZonotope, directions: Array) -> ConstrainedZonotope:
    """Return {x in hull : lower <= d'x <= upper for every row d} with the set's own supports.

    However many factors and constraints the set has, the result has d + k and k.

    Raises:
        EmptySetError: if the set is certainly empty.
    """
    hull = constrained.hull()
    high = constrained.support(directions)
    low = -constrained.support(-directions)
    middle = 0.5 * (high + low)
    half = round_up(np.maximum(high - middle, middle - low), 0.0)
    return hull.zonotope().intersect_strip(directions, middle, np.maximum(half, 0.0))


def _eliminate(lifted: Zonotope, dim: int, drop: int) -> Zonotope:
    """Use the rows dim .. dim + drop as known zeros to shrink all others, then forget them."""
    total = lifted.dim
    known = np.arange(dim, dim + drop)
    others = np.r_[np.arange(dim), np.arange(dim + drop, total)]
    G, c = lifted.generators, lifted.center
    used = G[..., known, :]
    L = G[..., others, :] @ np.linalg.pinv(used)
    gap = np.abs(c[..., known]) + np.abs(used).sum(axis=-1)
    center = c[..., others] - (L @ c[..., known, None])[..., 0]
    loose = np.abs(c[..., others]) + np.abs(G[..., others, :]).sum(axis=-1)
    loose = loose + (np.abs(L) @ gap[..., None])[..., 0]
    slack = round_up(lifted.slack[..., others], map_error(L, gap) + slop(4) * loose)
    return Zonotope(center, G[..., others, :] - L @ used, slack)


def _rank(G: Array, method: str) -> Array:
    if method == "combastel":
        return np.asarray(np.linalg.norm(G, axis=-2))
    size = np.abs(G)
    return np.asarray(size.sum(axis=-2) - size.max(axis=-2))


def _enclose_box(G: Array) -> tuple[Array, Array]:
    """Return diag(|G| 1) and the rounding of it."""
    half = np.abs(G).sum(axis=-1)
    return half[..., None] * np.eye(G.shape[-2]), slop(G.shape[-1]) * half


def _enclose_pca(G: Array) -> tuple[Array, Array]:
    """Return U diag(|U'G| 1), U the left singular vectors, and the rounding of it.

    U U' misses I by rounding only; what it misses of G goes to the error as well.
    """
    U = np.linalg.svd(G, full_matrices=True)[0] if G.shape[-1] else np.eye(G.shape[-2])
    inner = np.swapaxes(U, -1, -2) @ G
    half = np.abs(inner).sum(axis=-1)
    box = U * half[..., None, :]
    missed = np.abs(G - U @ inner).sum(axis=-1)
    size = np.abs(G).sum(axis=-1) + np.abs(box).sum(axis=-1)
    wide = (np.abs(U) @ half[..., None])[..., 0]
    return box, missed + slop(4 * sum(G.shape[-2:])) * (size + wide)
