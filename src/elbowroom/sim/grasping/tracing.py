"""Pictures of boxes, cylinders and balls by casting one ray a pixel."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
Image = NDArray[np.uint8]

_FAR = 1e9
_AMBIENT = 0.45
_LIGHT = (0.36, 0.30, 0.88)
_MARGIN = 1.001
"""On the square of a bounding ball's radius, against rounding."""
_TILE = 0.05
"""Side of the table's squares [m], which give the picture something to hold on to."""


@njit(cache=True)
def _slab(o: float, d: float, half: float, near: float, far: float) -> tuple[float, float]:
    """The part of a ray between two planes at -half and half, cut to [near, far]."""
    if abs(d) < 1e-12:
        if abs(o) > half:
            return _FAR, -_FAR
        return near, far
    a, b = (-half - o) / d, (half - o) / d
    return max(near, min(a, b)), min(far, max(a, b))


@njit(cache=True)
def _round(ox: float, oy: float, dx: float, dy: float, r: float) -> tuple[float, float]:
    """The part of a ray inside an endless cylinder about z."""
    a = dx * dx + dy * dy
    b = ox * dx + oy * dy
    c = ox * ox + oy * oy - r * r
    if a < 1e-12:
        return (-_FAR, _FAR) if c <= 0 else (_FAR, -_FAR)
    root = b * b - a * c
    if root < 0:
        return _FAR, -_FAR
    root = math.sqrt(root)
    return (-b - root) / a, (-b + root) / a


@njit(cache=True)
def _hit(kind: int, o: Array, d: Array, half: Array, n: Array) -> float:
    """Distance along a ray to a shape, in its own axes; its normal there goes into n."""
    n[:] = 0.0
    if kind == 2:
        b = o[0] * d[0] + o[1] * d[1] + o[2] * d[2]
        c = o[0] * o[0] + o[1] * o[1] + o[2] * o[2] - half[0] * half[0]
        root = b * b - c
        if root < 0 or -b - math.sqrt(root) <= 0:
            return _FAR
        t = -b - math.sqrt(root)
        for k in range(3):
            n[k] = (o[k] + t * d[k]) / half[0]
        return t
    if kind == 1:
        near, far = _round(o[0], o[1], d[0], d[1], half[0])
    else:
        near, far = _slab(o[0], d[0], half[0], -_FAR, _FAR)
        near, far = _slab(o[1], d[1], half[1], near, far)
    near, far = _slab(o[2], d[2], half[2], near, far)
    if near > far or near <= 0:
        return _FAR
    x, y, z = o[0] + near * d[0], o[1] + near * d[1], o[2] + near * d[2]
    if abs(abs(z) - half[2]) < 1e-9:
        n[2] = math.copysign(1.0, z)
    elif kind == 1:
        n[0], n[1] = x / half[0], y / half[0]
    elif abs(abs(x) - half[0]) < abs(abs(y) - half[1]):
        n[0] = math.copysign(1.0, x)
    else:
        n[1] = math.copysign(1.0, y)
    return near


@njit(cache=True)
def _begin(eye: Array, places: Array, turns: Array, halves: Array) -> tuple[Array, Array, Array]:
    """What is the same for all rays: the eye seen from the shapes, in the world's and their axes.

    The third, g, tells the rays that pass a shape's bounding ball: those of unit direction d with
    (d . away)^2 < g.
    """
    count = places.shape[0]
    away, starts, gaps = np.empty((count, 3)), np.zeros((count, 3)), np.empty(count)
    for s in range(count):
        reach = far = 0.0
        for a in range(3):
            away[s, a] = eye[a] - places[s, a]
            reach += halves[s, a] ** 2
            far += away[s, a] ** 2
        gaps[s] = far - _MARGIN * reach
        for a in range(3):
            for b in range(3):
                starts[s, a] += turns[s, b, a] * away[s, b]
    return away, starts, gaps


@njit(cache=True)
def trace(
    image: Image,
    shown: NDArray[np.int8],
    eye: Array,
    turn: Array,
    slope: float,
    kinds: NDArray[np.int64],
    places: Array,
    turns: Array,
    halves: Array,
    colours: Array,
) -> None:
    """Paint the table (z = 0) and shapes as a pinhole camera sees them.

    Args:
        image: changed in place, shape (h, w, 3).
        shown: which shape every pixel shows, -1 for none; changed in place, shape (h, w).
        eye: where the camera is [m], shape (3,).
        turn: its axes (right, down, forward) as columns, shape (3, 3).
        slope: tangent of half its vertical field of view.
        kinds: of the shapes: 0 box, 1 cylinder about z, 2 ball, shape (n,).
        places: their centres [m], shape (n, 3).
        turns: their rotations, shape (n, 3, 3).
        halves: half extents; radius first for round ones [m], shape (n, 3).
        colours: 0..1, shape (n, 3).
    """
    height, width = image.shape[0], image.shape[1]
    ray, o, d, n = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    normal, colour = np.empty(3), np.empty(3)
    away, starts, gaps = _begin(eye, places, turns, halves)
    for row in range(height):
        v = (2 * (row + 0.5) / height - 1) * slope
        for column in range(width):
            u = (2 * (column + 0.5) / width - 1) * slope * width / height
            size = math.sqrt(1 + u * u + v * v)
            for k in range(3):
                ray[k] = (turn[k, 0] * u + turn[k, 1] * v + turn[k, 2]) / size
            best = _FAR
            shown[row, column] = -1
            for k in range(3):
                colour[k] = 0.75
                normal[k] = 0.0
            if ray[2] < -1e-9:
                best = -eye[2] / ray[2]
                x, y = eye[0] + best * ray[0], eye[1] + best * ray[1]
                shade = (math.floor(x / _TILE) + math.floor(y / _TILE)) % 2
                for k in range(3):
                    colour[k] = 0.62 - 0.08 * shade
                normal[2] = 1.0
            for s in range(kinds.shape[0]):
                along = away[s, 0] * ray[0] + away[s, 1] * ray[1] + away[s, 2] * ray[2]
                if along * along < gaps[s]:
                    continue
                for a in range(3):
                    o[a] = starts[s, a]
                    d[a] = 0.0
                    for b in range(3):
                        d[a] += turns[s, b, a] * ray[b]
                t = _hit(kinds[s], o, d, halves[s], n)
                if t < best:
                    best = t
                    shown[row, column] = s
                    for a in range(3):
                        colour[a] = colours[s, a]
                        normal[a] = 0.0
                        for b in range(3):
                            normal[a] += turns[s, a, b] * n[b]
            bright = normal[0] * _LIGHT[0] + normal[1] * _LIGHT[1] + normal[2] * _LIGHT[2]
            bright = _AMBIENT + (1 - _AMBIENT) * max(bright, 0.0)
            for k in range(3):
                image[row, column, k] = np.uint8(255 * min(colour[k] * bright, 1.0))
