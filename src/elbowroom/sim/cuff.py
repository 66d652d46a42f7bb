"""Where along the arm the cuff is, and whether the arm goes through it."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from elbowroom.sim.vectors import cross

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

# A line through an edge counts for both triangles rather than, by round-off, for none.
_EDGE = 1e-9


@njit(cache=True)
def pierce(ring: Array, line: Array) -> tuple[int, float]:
    """Signed piercings of a ring's fan of triangles by a polyline.

    Args:
        ring: nodes in order [m], shape (n, 3); the fan spans them from their centroid.
        line: polyline [m], shape (m, 3).

    Returns:
        Sum of the signs of all piercings (non-zero: the line goes through the ring) and the arc
        length along the line of the last one [m], or NaN when there is none.
    """
    centre = np.zeros(3)
    for k in range(len(ring)):
        for a in range(3):
            centre[a] += ring[k, a] / len(ring)
    signs = 0
    place = np.nan
    walked = 0.0
    for s in range(len(line) - 1):
        way = line[s + 1] - line[s]
        for k in range(len(ring)):
            share, sign = _cross_triangle(line[s], way, centre, ring[k], ring[(k + 1) % len(ring)])
            if sign != 0:
                signs += sign
                place = walked + share * math.sqrt(np.dot(way, way))
        walked += math.sqrt(np.dot(way, way))
    return signs, place


@njit(cache=True)
def _cross_triangle(start: Array, way: Array, a: Array, b: Array, c: Array) -> tuple[float, int]:
    """Share of `way` at which it crosses a triangle and the sign (Moeller and Trumbore 1997)."""
    first, second = b - a, c - a
    normal = cross(way, second)
    size = np.dot(first, normal)
    if abs(size) < 1e-15:
        return 0.0, 0
    offset = start - a
    u = np.dot(offset, normal) / size
    q = cross(offset, first)
    w = np.dot(way, q) / size
    share = np.dot(second, q) / size
    if u < -_EDGE or w < -_EDGE or u + w > 1.0 + _EDGE or share < 0.0 or share >= 1.0:
        return 0.0, 0
    return share, 1 if size > 0 else -1


@njit(cache=True)
def count_holes(nodes: Array, faces: Indices, line: Array) -> int:
    """How many triangles of a mesh a polyline goes through.

    Args:
        nodes: [m], shape (n, 3).
        faces: node indices, shape (f, 3).
        line: polyline [m], shape (m, 3).
    """
    holes = 0
    for s in range(len(line) - 1):
        way = line[s + 1] - line[s]
        for f in range(len(faces)):
            a, b, c = nodes[faces[f, 0]], nodes[faces[f, 1]], nodes[faces[f, 2]]
            _, sign = _cross_triangle(line[s], way, a, b, c)
            holes += abs(sign)
    return holes


@njit(cache=True)
def nearest(point: Array, line: Array) -> float:
    """Arc length of the place of a polyline nearest to a point [m]."""
    best = np.inf
    place = 0.0
    walked = 0.0
    for s in range(len(line) - 1):
        way = line[s + 1] - line[s]
        square = np.dot(way, way)
        share = min(max(np.dot(point - line[s], way) / square, 0.0), 1.0)
        away = point - line[s] - share * way
        if np.dot(away, away) < best:
            best = np.dot(away, away)
            place = walked + share * np.sqrt(square)
        walked += np.sqrt(square)
    return place


def locate(ring: Array, points: Array) -> tuple[float, bool]:
    """Progress of a ring along the arm, from the wrist [m], and whether the arm goes through it.

    Where the arm pierces the ring; where it does not, the place of the arm nearest to the ring.

    Args:
        ring: nodes [m], shape (n, 3).
        points: shoulder, elbow, wrist, fingertips [m], shape (4, 3).
    """
    line = np.ascontiguousarray(points[::-1])
    hand = float(np.linalg.norm(line[1] - line[0]))
    signs, place = pierce(ring, line)
    if signs == 0:
        place = nearest(ring.mean(axis=0), line)
    return float(place) - hand, signs != 0


def is_whole(nodes: Array, faces: Indices, points: Array, fist: float) -> bool:
    """Whether the arm's centre line goes through no wall of the sleeve.

    Args:
        nodes: of the sleeve [m], shape (n, 3).
        faces: its triangles, shape (f, 3).
        points: shoulder, elbow, wrist, fingertips [m], shape (4, 3).
        fist: length at the fingers left out, because facets of cloth may cut the round end [m].
    """
    line = np.ascontiguousarray(points[::-1])
    way = line[1] - line[0]
    line[0] += fist / np.linalg.norm(way) * way
    return count_holes(nodes, faces, line) == 0
