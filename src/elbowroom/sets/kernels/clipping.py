"""Compiled clipping of a box in space by half-spaces: the faces that are left."""

from __future__ import annotations

import numpy as np

from elbowroom.sets.checks import Array, BoolArray, IntArray
from elbowroom.sets.compiled import compile_kernel
from elbowroom.sets.kernels.facets import same_point

_CUBE = np.array(
    [[0, 2, 6, 4], [1, 5, 7, 3], [0, 4, 5, 1], [2, 3, 7, 6], [0, 1, 3, 2], [4, 6, 7, 5]]
)
"""Corners of each face of a cube; corner 4 i + 2 j + k has the signs of i, j, k."""


@compile_kernel
def _start(rotation: Array, half: Array, room: int) -> tuple[Array, IntArray, int]:
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
def _clip_face(
    face: Array, away: Array, size: int, fresh: Array, cut: Array, found: int
) -> tuple[int, int]:
    """Keep the part of a polygon with `away` <= 0; append where its outline crosses to `cut`."""
    n = 0
    for v in range(size):
        w = (v + 1) % size
        if away[v] <= 0.0 and n < fresh.shape[0]:
            fresh[n] = face[v]
            n += 1
        if (away[v] <= 0.0) != (away[w] <= 0.0):
            t = away[v] / (away[v] - away[w])
            for k in range(3):
                fresh[min(n, fresh.shape[0] - 1), k] = face[v, k] + t * (face[w, k] - face[v, k])
            if found < cut.shape[0]:
                cut[found] = fresh[min(n, fresh.shape[0] - 1)]
                found += 1
            n = min(n + 1, fresh.shape[0])
    face[:n] = fresh[:n]
    return n, found


@compile_kernel
def _measure(
    faces: Array,
    sizes: IntArray,
    count: int,
    a: Array,
    beta: float,
    away: Array,
    touched: BoolArray,
) -> bool:
    """Fill `away` with a'x - beta of every vertex, `touched` with whether a face has a positive."""
    outside = False
    for f in range(count):
        most = -np.inf
        for v in range(sizes[f]):
            over = a[0] * faces[f, v, 0] + a[1] * faces[f, v, 1] + a[2] * faces[f, v, 2] - beta
            away[f, v] = over
            most = max(most, over)
        touched[f] = most > 0.0
        outside = outside or touched[f]
    return outside


@compile_kernel
def _span_plane(a: Array, p: Array, q: Array) -> None:
    """Fill p and q with an orthonormal basis of the plane across the unit vector a."""
    k = int(np.argmin(np.abs(a)))
    i, j = (k + 1) % 3, (k + 2) % 3
    norm = np.sqrt(a[i] * a[i] + a[j] * a[j])
    p[k], p[i], p[j] = 0.0, a[j] / norm, -a[i] / norm
    for k in range(3):
        i, j = (k + 1) % 3, (k + 2) % 3
        q[k] = a[i] * p[j] - a[j] * p[i]


@compile_kernel
def _order_by_angle(cut: Array, found: int, p: Array, q: Array, turns: Array) -> None:
    """Sort points in place by their angle about their middle in the plane of p and q."""
    x, y = 0.0, 0.0
    for i in range(found):
        for k in range(3):
            x += cut[i, k] * p[k] / found
            y += cut[i, k] * q[k] / found
    for i in range(found):
        s, t = -x, -y
        for k in range(3):
            s += cut[i, k] * p[k]
            t += cut[i, k] * q[k]
        size = abs(s) + abs(t)
        turn = 0.0 if size == 0.0 else (t / size if s >= 0.0 else np.copysign(2.0, t) - t / size)
        here, there, above = cut[i, 0], cut[i, 1], cut[i, 2]
        k = i
        while k > 0 and turns[k - 1] > turn:
            turns[k] = turns[k - 1]
            cut[k] = cut[k - 1]
            k -= 1
        turns[k] = turn
        cut[k, 0], cut[k, 1], cut[k, 2] = here, there, above


@compile_kernel
def _close_cut(cut: Array, found: int, a: Array, tolerance: float, face: Array) -> int:
    """Make one polygon, in order and without repetitions, of the crossing points; its length."""
    plane, turns = np.empty((2, 3)), np.empty(found)
    _span_plane(a, plane[0], plane[1])
    _order_by_angle(cut, found, plane[0], plane[1], turns)
    n = 0
    for i in range(found):
        if (n == 0 or not same_point(cut[i], face[n - 1], tolerance)) and n < face.shape[0]:
            face[n] = cut[i]
            n += 1
    while n > 1 and same_point(face[n - 1], face[0], tolerance):
        n -= 1
    return n


@compile_kernel
def clip_box(
    rotation: Array, half: Array, A: Array, b: Array, margin: float
) -> tuple[Array, IntArray, int]:
    """Clip the box about the origin by A x <= b + margin.

    Args:
        rotation: columns are the axes of the box, shape (3, 3).
        half: sides of the box, halved, shape (3,).
        A: normals, shape (m, 3).
        b: offsets, shape (m,).
        margin: by which the half-spaces are moved out.

    Returns:
        (face polygons (f, v, 3), their lengths (f,), number of faces; 0 when nothing is left).
    """
    room = 8 + A.shape[0]
    faces, sizes, count = _start(rotation, half + margin, room)
    cut, away, fresh = np.empty((2 * room, 3)), np.empty((room, room)), np.empty((room, 3))
    touched, tolerance = np.empty(room, dtype=np.bool_), 1e-13 * half.max()
    for k in range(A.shape[0]):
        if not _measure(faces, sizes, count, A[k], b[k] + margin, away, touched):
            continue
        found, kept = 0, 0
        for f in range(count):
            size = sizes[f]
            if touched[f]:
                size, found = _clip_face(faces[f], away[f], size, fresh, cut, found)
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
