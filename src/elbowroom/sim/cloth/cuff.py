"""Where along the arm the cuff is, and whether the arm goes through it."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

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
    count = len(ring)
    nodes = np.zeros((count + 1, 3))
    for k in range(count):
        for a in range(3):
            nodes[k, a] = ring[k, a]
            nodes[count, a] += ring[k, a] / count
    signs = 0
    place = np.nan
    walked = 0.0
    for s in range(len(line) - 1):
        length = _length(line, s)
        for k in range(count):
            share, sign = _cross_triangle(line, s, nodes, count, k, (k + 1) % count)
            if sign != 0:
                signs += sign
                place = walked + share * length
        walked += length
    return signs, place


@njit(cache=True)
def _length(line: Array, s: int) -> float:
    x, y, z = line[s + 1, 0] - line[s, 0], line[s + 1, 1] - line[s, 1], line[s + 1, 2] - line[s, 2]
    return math.sqrt(x * x + y * y + z * z)


@njit(cache=True)
def _cross_triangle(line: Array, s: int, nodes: Array, i: int, j: int, k: int) -> tuple[float, int]:
    """Share of a segment at which it crosses a triangle and the sign (Moeller, Trumbore 1997)."""
    wx, wy, wz = (
        line[s + 1, 0] - line[s, 0],
        line[s + 1, 1] - line[s, 1],
        line[s + 1, 2] - line[s, 2],
    )
    ax, ay, az = nodes[i, 0], nodes[i, 1], nodes[i, 2]
    px, py, pz = nodes[j, 0] - ax, nodes[j, 1] - ay, nodes[j, 2] - az
    qx, qy, qz = nodes[k, 0] - ax, nodes[k, 1] - ay, nodes[k, 2] - az
    nx, ny, nz = wy * qz - wz * qy, wz * qx - wx * qz, wx * qy - wy * qx
    size = px * nx + py * ny + pz * nz
    if abs(size) < 1e-15:
        return 0.0, 0
    ox, oy, oz = line[s, 0] - ax, line[s, 1] - ay, line[s, 2] - az
    u = (ox * nx + oy * ny + oz * nz) / size
    if u < -_EDGE or u > 1.0 + _EDGE:
        return 0.0, 0
    mx, my, mz = oy * pz - oz * py, oz * px - ox * pz, ox * py - oy * px
    w = (wx * mx + wy * my + wz * mz) / size
    share = (qx * mx + qy * my + qz * mz) / size
    if w < -_EDGE or u + w > 1.0 + _EDGE or share < 0.0 or share >= 1.0:
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
        for f in range(len(faces)):
            _, sign = _cross_triangle(line, s, nodes, faces[f, 0], faces[f, 1], faces[f, 2])
            holes += abs(sign)
    return holes


@njit(cache=True)
def nearest(point: Array, line: Array) -> float:
    """Arc length of the place of a polyline nearest to a point [m]."""
    best = np.inf
    place = 0.0
    walked = 0.0
    for s in range(len(line) - 1):
        length = _length(line, s)
        share = 0.0
        for a in range(3):
            share += (point[a] - line[s, a]) * (line[s + 1, a] - line[s, a])
        share = min(max(share / (length * length), 0.0), 1.0)
        square = 0.0
        for a in range(3):
            square += (point[a] - line[s, a] - share * (line[s + 1, a] - line[s, a])) ** 2
        if square < best:
            best = square
            place = walked + share * length
        walked += length
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


@njit(cache=True)
def measure_clearance(point: Array, capsules: Array) -> float:
    """Distance of a point from the surface of tapered capsules [m], negative inside.

    Args:
        point: [m], shape (3,).
        capsules: see `elbowroom.sim.cloth.kernels.add_contact`, shape (c, 8).
    """
    best = np.inf
    for c in range(len(capsules)):
        along, length = 0.0, 0.0
        for a in range(3):
            way = capsules[c, 3 + a] - capsules[c, a]
            along += (point[a] - capsules[c, a]) * way
            length += way * way
        share = min(max(along / length, 0.0), 1.0)
        square = 0.0
        for a in range(3):
            place = capsules[c, a] + share * (capsules[c, 3 + a] - capsules[c, a])
            square += (point[a] - place) ** 2
        radius = capsules[c, 6] + share * (capsules[c, 7] - capsules[c, 6])
        best = min(best, math.sqrt(square) - radius)
    return best
