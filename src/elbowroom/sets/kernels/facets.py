"""Compiled measures of a polytope given by its faces: volume, vertices, tight boxes."""

from __future__ import annotations

import numpy as np

from elbowroom.sets.checks import Array, IntArray
from elbowroom.sets.compiled import compile_kernel


@compile_kernel
def same_point(a: Array, b: Array, tolerance: float) -> bool:
    """Say whether two points agree to `tolerance` in every coordinate."""
    return (
        abs(a[0] - b[0]) <= tolerance
        and abs(a[1] - b[1]) <= tolerance
        and abs(a[2] - b[2]) <= tolerance
    )


@compile_kernel
def _area_vector(face: Array, v: int, out: Array) -> float:
    """Fill `out` with (face[v] - face[0]) x (face[v + 1] - face[0]); return its length."""
    for k in range(3):
        i, j = (k + 1) % 3, (k + 2) % 3
        out[k] = (face[v, i] - face[0, i]) * (face[v + 1, j] - face[0, j]) - (
            face[v, j] - face[0, j]
        ) * (face[v + 1, i] - face[0, i])
    return np.sqrt(out[0] * out[0] + out[1] * out[1] + out[2] * out[2])


@compile_kernel
def measure_volume(faces: Array, sizes: IntArray, count: int) -> float:
    """Return the volume of faces of shape (f, v, 3) as pyramids over them from an inner point."""
    middle, total = np.zeros(3), 0
    for f in range(count):
        for v in range(sizes[f]):
            middle += faces[f, v]
            total += 1
    if total == 0:
        return 0.0
    middle /= total
    volume, area = 0.0, np.empty(3)
    for f in range(count):
        for v in range(1, sizes[f] - 1):
            _area_vector(faces[f], v, area)
            tall = 0.0
            for k in range(3):
                tall += area[k] * (faces[f, 0, k] - middle[k])
            volume += abs(tall) / 6.0
    return volume


@compile_kernel
def collect_vertices(faces: Array, sizes: IntArray, count: int, tolerance: float) -> Array:
    """Return the distinct vertices, shape (v, 3), by their first coordinate."""
    points, n = np.empty((sizes[:count].sum(), 3)), 0
    for f in range(count):
        for v in range(sizes[f]):
            points[n] = faces[f, v]
            n += 1
    found, n = np.empty(points.shape), 0
    for i in np.argsort(points[:, 0]):
        known, k = False, n - 1
        while k >= 0 and points[i, 0] - found[k, 0] <= tolerance and not known:
            known = same_point(found[k], points[i], tolerance)
            k -= 1
        if not known:
            found[n] = points[i]
            n += 1
    return found[:n]


@compile_kernel
def _box_volume(points: Array, axes: Array) -> float:
    """Return the volume of the least box with the columns of `axes` that holds the points."""
    volume = 1.0
    for k in range(3):
        low, high = np.inf, -np.inf
        for i in range(points.shape[0]):
            t = points[i, 0] * axes[0, k] + points[i, 1] * axes[1, k] + points[i, 2] * axes[2, k]
            low, high = min(low, t), max(high, t)
        volume *= high - low
    return volume


@compile_kernel
def choose_frame(
    faces: Array, sizes: IntArray, count: int, points: Array, first: Array, most: int
) -> Array:
    """Return the rotation of least box volume: `first`, or flush with a face and its longest edge.

    Only the `most` largest faces are tried.
    """
    best, least, trial = first.copy(), _box_volume(points, first), np.empty((3, 3))
    areas, normal, unit = np.zeros(count), np.empty(3), np.empty(3)
    for f in range(count):
        for v in range(1, sizes[f] - 1):
            areas[f] += _area_vector(faces[f], v, normal)
    for _ in range(min(most, count)):
        f = int(np.argmax(areas))
        if areas[f] <= 0.0:
            break
        areas[f] = -1.0
        normal[:] = 0.0
        longest, edge = 0.0, 0
        for v in range(sizes[f]):
            if 1 <= v < sizes[f] - 1:
                _area_vector(faces[f], v, unit)
                normal += unit
            along = faces[f, (v + 1) % sizes[f]] - faces[f, v]
            length = (along * along).sum()
            if length > longest:
                longest, edge = length, v
        normal /= np.sqrt((normal * normal).sum())
        along = faces[f, (edge + 1) % sizes[f]] - faces[f, edge]
        along -= normal * (normal * along).sum()
        along /= np.sqrt((along * along).sum())
        trial[:, 0], trial[:, 1] = normal, along
        for k in range(3):
            i, j = (k + 1) % 3, (k + 2) % 3
            trial[k, 2] = normal[i] * along[j] - normal[j] * along[i]
        volume = _box_volume(points, trial)
        if volume < least * (1.0 - 1e-9):
            least = volume
            best[:] = trial
    return best
