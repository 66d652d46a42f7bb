"""Vertices in one to three dimensions, from support points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from elbowroom.sets.checks import Array, require
from elbowroom.sets.errors import EmptySetError
from elbowroom.sets.tolerances import SAME_POINT

if TYPE_CHECKING:
    from elbowroom.sets.constrained import ConstrainedZonotope
    from elbowroom.sets.zonotope import Zonotope

MOST_ROUNDS: Final = 60


def zonotope_vertices(zonotope: Zonotope) -> Array:
    """Return the vertices of a zonotope, shape (k, d); in the plane in order of angle.

    In the plane the generators sorted by angle are the edges; in space by support points.
    """
    require(zonotope.center.ndim == 1, "vertices need a single zonotope")
    if zonotope.dim == 2:
        return _plane_vertices(zonotope.center, zonotope.generators)
    return support_polytope(zonotope._constrained())[0]


def constrained_vertices(constrained: ConstrainedZonotope) -> Array:
    """Return the vertices of a constrained zonotope, shape (k, d).

    Raises:
        EmptySetError: if it is certainly empty.
    """
    require(constrained.center.ndim == 1, "vertices need a single constrained zonotope")
    if constrained.is_empty():
        raise EmptySetError("an empty set has no vertices")
    return support_polytope(constrained)[0]


def support_polytope(constrained: ConstrainedZonotope) -> tuple[Array, float]:
    """Return the vertices and the volume of a set by asking for support points until all are known.

    The normals of the hull of the points found so far are asked next; a set of K vertices needs
    O(K) questions. Flat sets give their extreme points and volume zero.
    """
    d = constrained.dim
    require(1 <= d <= 3, f"vertices need one to three dimensions, got {d}")
    points = _distinct(_ask(constrained, _first_directions(d)), constrained)
    if d == 1:
        ends = np.array([points.min(axis=0), points.max(axis=0)])
        return ends, float(ends[1, 0] - ends[0, 0])
    asked: list[Array] = []
    for _ in range(MOST_ROUNDS):
        try:
            hull = ConvexHull(points)
        except QhullError:
            return points, 0.0
        normals = hull.equations[:, :d]
        new = [n for n in normals if not any(np.abs(n - a).max() < 1e-9 for a in asked)]
        if not new:
            break
        asked.extend(new)
        found = _ask(constrained, np.array(new))
        size = np.ptp(points, axis=0).max()
        out = (found @ normals.T + hull.equations[:, d]).max(axis=1) > SAME_POINT * size
        if not out.any():
            break
        points = _distinct(np.concatenate([points[hull.vertices], found[out]]), constrained)
    return _corners(points, hull), float(hull.volume)


def _corners(points: Array, hull: ConvexHull) -> Array:
    """Return the corners of a hull without those that lie within a face or an edge."""
    corners = points[hull.vertices]
    size = np.ptp(corners, axis=0).max()
    kept = []
    for corner in corners:
        touching = hull.equations[
            np.abs(hull.equations[:, :-1] @ corner + hull.equations[:, -1]) <= 1e-8 * size
        ]
        if np.linalg.matrix_rank(touching[:, :-1], tol=1e-6) == points.shape[1]:
            kept.append(corner)
    return np.array(kept)


def _ask(constrained: ConstrainedZonotope, directions: Array) -> Array:
    factors = constrained.supports(directions).factors
    return np.asarray(constrained.center + factors @ constrained.generators.T)


def _first_directions(d: int) -> Array:
    """Return +-axes and, beyond one dimension, directions that no common shape is aligned with."""
    axes = np.concatenate([np.eye(d), -np.eye(d)])
    if d == 1:
        return axes
    tilted = np.random.default_rng(0).normal(size=(4 * d, d))
    return np.concatenate([axes, tilted, -tilted])


def _distinct(points: Array, constrained: ConstrainedZonotope) -> Array:
    """Return the points without repetitions, to SAME_POINT of the size of the set."""
    size = np.abs(constrained.generators).sum(axis=1).max()
    kept: list[Array] = []
    for point in points:
        if not any(np.abs(point - other).max() <= SAME_POINT * size for other in kept):
            kept.append(point)
    return np.array(kept)


def _plane_vertices(c: Array, G: Array) -> Array:
    G = np.where((G[1] < 0) | ((G[1] == 0) & (G[0] < 0)), -G, G)
    G = G[:, np.linalg.norm(G, axis=0) > 0]
    G = _merge_angles(G[:, np.argsort(np.arctan2(G[1], G[0]), kind="stable")])
    if G.shape[1] == 0:
        return np.asarray(c[None, :])
    lower = c - G.sum(axis=1)
    right = lower + 2.0 * np.cumsum(G, axis=1).T
    return np.concatenate([lower[None], right[:-1], (2.0 * c - lower)[None], 2.0 * c - right[:-1]])


def _merge_angles(G: Array) -> Array:
    """Add up neighbours of the same angle."""
    merged: list[Array] = []
    for g in G.T:
        if merged:
            last = merged[-1]
            turn = last[0] * g[1] - last[1] * g[0]
            if abs(turn) <= 1e-14 * np.linalg.norm(last) * np.linalg.norm(g):
                merged[-1] = last + g
                continue
        merged.append(g)
    return np.array(merged).T if merged else G
