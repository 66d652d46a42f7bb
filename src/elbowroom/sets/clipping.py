"""Compiled clipping of a box in space by half-spaces: faces, vertices, volume, tight boxes."""

from __future__ import annotations

import numpy as np

from elbowroom.sets.checks import Array
from elbowroom.sets.compiled import compile_kernel

_CUBE = np.array(
    [[0, 2, 6, 4], [1, 5, 7, 3], [0, 4, 5, 1], [2, 3, 7, 6], [0, 1, 3, 2], [4, 6, 7, 5]]
)
"""Corners of each face of a cube; corner 4 i + 2 j + k has the signs of i, j, k."""


@compile_kernel
def _start(rotation: Array, half: Array, room: int) -> tuple[Array, Array, int]:
    """Return the faces of the box about the origin: polygons (room, room, 3), lengths, count."""
    faces, sizes = np.empty((room, room, 3)), np.zeros(room, dtype=np.int64)
    for f in range(6):
        sizes[f] = 4
        for v in range(4):
            corner = _CUBE[f, v]
            for k in range(3):
                faces[f, v, k] = (
                    rotation[k, 0] * half[0] * (1.0 if corner & 4 else -1.0)
                    + rotation[k, 1] * half[1] * (1.0 if corner & 2 else -1.0)
                    + rotation[k, 2] * half[2] * (1.0 if corner & 1 else -1.0)
                )
    return faces, sizes, 6


@compile_kernel
def _clip_face(face: Array, size: int, a: Array, beta: float, cut: Array, found: int) -> tuple[int, int]:
    """Clip one polygon in place by a'x <= beta; append where its outline crosses to `cut`."""
    room = face.shape[0]
    fresh, n = np.empty((room, 3)), 0
    for v in range(size):
        w = (v + 1) % size
        here = a[0] * face[v, 0] + a[1] * face[v, 1] + a[2] * face[v, 2] - beta
        there = a[0] * face[w, 0] + a[1] * face[w, 1] + a[2] * face[w, 2] - beta
        if here <= 0.0 and n < room:
            fresh[n] = face[v]
            n += 1
        if (here <= 0.0) != (there <= 0.0):
            t = here / (here - there)
            point = face[v] + t * (face[w] - face[v])
            if n < room:
                fresh[n] = point
                n += 1
            if found < cut.shape[0]:
                cut[found] = point
                found += 1
    face[:n] = fresh[:n]
    return n, found


@compile_kernel
def _close_cut(cut: Array, found: int, a: Array, tolerance: float, face: Array) -> int:
    """Order the crossing points about their middle into one polygon; return its length."""
    axis = np.argmin(np.abs(a))
    e = np.zeros(3)
    e[axis] = 1.0
    p = np.cross(a, e)
    p /= np.sqrt((p * p).sum())
    q = np.cross(a, p)
    middle = np.zeros(3)
    for i in range(found):
        middle += cut[i] / found
    angles = np.empty(found)
    for i in range(found):
        offset = cut[i] - middle
        angles[i] = np.arctan2((q * offset).sum(), (p * offset).sum())
    n = 0
    for i in np.argsort(angles):
        if n > 0 and np.abs(cut[i] - face[n - 1]).max() <= tolerance:
            continue
        if n < face.shape[0]:
            face[n] = cut[i]
            n += 1
    if n > 1 and np.abs(face[n - 1] - face[0]).max() <= tolerance:
        n -= 1
    return n


@compile_kernel
def clip_box(
    rotation: Array, half: Array, A: Array, b: Array, margin: float
) -> tuple[Array, Array, int]:
    """Clip the box about the origin by A x <= b + margin.

    Returns:
        (face polygons (f, v, 3), their lengths (f,), number of faces; 0 when nothing is left).
    """
    room = 8 + A.shape[0]
    faces, sizes, count = _start(rotation, half + margin, room)
    cut = np.empty((2 * room, 3))
    tolerance = 1e-13 * half.max()
    for k in range(A.shape[0]):
        beta, found, kept = b[k] + margin, 0, 0
        for f in range(count):
            size, found = _clip_face(faces[f], sizes[f], A[k], beta, cut, found)
            if size >= 3:
                if kept != f:
                    faces[kept, :size] = faces[f, :size]
                sizes[kept] = size
                kept += 1
        count = kept
        if count == 0:
            return faces, sizes, 0
        if found >= 3 and count < room:
            size = _close_cut(cut, found, A[k], tolerance, faces[count])
            if size >= 3:
                sizes[count] = size
                count += 1
    return faces, sizes, count


@compile_kernel
def measure_volume(faces: Array, sizes: Array, count: int) -> float:
    """Return the volume as pyramids over the faces from an inner point."""
    middle, total = np.zeros(3), 0
    for f in range(count):
        for v in range(sizes[f]):
            middle += faces[f, v]
            total += 1
    if total == 0:
        return 0.0
    middle /= total
    volume = 0.0
    for f in range(count):
        u = faces[f, 0] - middle
        for v in range(1, sizes[f] - 1):
            s, t = faces[f, v] - middle, faces[f, v + 1] - middle
            volume += abs(np.dot(u, np.cross(s, t))) / 6.0
    return volume


@compile_kernel
def collect_vertices(faces: Array, sizes: Array, count: int, tolerance: float) -> Array:
    """Return the distinct vertices, shape (v, 3)."""
    found, n = np.empty((sizes[:count].sum(), 3)), 0
    for f in range(count):
        for v in range(sizes[f]):
            known = False
            for i in range(n):
                if np.abs(found[i] - faces[f, v]).max() <= tolerance:
                    known = True
                    break
            if not known:
                found[n] = faces[f, v]
                n += 1
    return found[:n]


@compile_kernel
def choose_frame(faces: Array, sizes: Array, count: int, points: Array, first: Array) -> Array:
    """Return the rotation of least box volume: `first`, or one flush with a face and its edge."""
    best, least = first.copy(), np.inf
    trial, size = np.empty((3, 3)), np.empty(3)
    for f in range(-1, count):
        edges = 1 if f < 0 else sizes[f]
        for v in range(edges):
            if f < 0:
                trial[:] = first
            else:
                face, n = faces[f], sizes[f]
                along = face[(v + 1) % n] - face[v]
                across = face[(v + 2) % n] - face[v]
                normal = np.cross(along, across)
                height, length = np.sqrt((normal**2).sum()), np.sqrt((along**2).sum())
                if height <= 1e-6 * length * np.sqrt((across**2).sum()) or length == 0.0:
                    continue
                trial[:, 0] = normal / height
                trial[:, 1] = along / length
                trial[:, 2] = np.cross(trial[:, 0], trial[:, 1])
            for k in range(3):
                low, high = np.inf, -np.inf
                for i in range(points.shape[0]):
                    t = (
                        points[i, 0] * trial[0, k]
                        + points[i, 1] * trial[1, k]
                        + points[i, 2] * trial[2, k]
                    )
                    low, high = min(low, t), max(high, t)
                size[k] = high - low
            volume = size[0] * size[1] * size[2]
            if volume < least * (1.0 - 1e-9):
                least = volume
                best[:] = trial
    return best
