"""Compiled operations on single vectors and rotations, for the code that runs every tick.

What other compiled code calls is inlined into it. A cached function that returns arrays must not
be called both from Python and from another cached one: numba 0.68 then loses the type of the
returned array ("descr is NULL").
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]


@njit(cache=True, inline="always")
def cross(a: Array, b: Array) -> Array:
    """Cross product a x b of two vectors, shape (3,)."""
    out = np.empty(3)
    out[0] = a[1] * b[2] - a[2] * b[1]
    out[1] = a[2] * b[0] - a[0] * b[2]
    out[2] = a[0] * b[1] - a[1] * b[0]
    return out


@njit(cache=True, inline="always")
def turn(rotation: Array, vector: Array) -> Array:
    """Rotation times vector, shapes (3, 3) and (3,)."""
    out = np.empty(3)
    for k in range(3):
        out[k] = (
            rotation[k, 0] * vector[0] + rotation[k, 1] * vector[1] + rotation[k, 2] * vector[2]
        )
    return out


@njit(cache=True, inline="always")
def turn_back(rotation: Array, vector: Array) -> Array:
    """Transposed rotation times vector."""
    out = np.empty(3)
    for k in range(3):
        out[k] = (
            rotation[0, k] * vector[0] + rotation[1, k] * vector[1] + rotation[2, k] * vector[2]
        )
    return out


@njit(cache=True, inline="always")
def rotation_error(rotation: Array, wanted: Array) -> Array:
    """Half the sum of the columns' cross products: for small angles the rotation vector [rad]."""
    out = np.zeros(3)
    for a in range(3):
        b, c = (a + 1) % 3, (a + 2) % 3
        for k in range(3):
            out[a] += 0.5 * (rotation[b, k] * wanted[c, k] - rotation[c, k] * wanted[b, k])
    return out


@njit(cache=True, inline="always")
def rotation_from(quaternion: Array) -> Array:
    """Rotation matrix of a unit quaternion (x, y, z, w)."""
    x, y, z, w = quaternion[0], quaternion[1], quaternion[2], quaternion[3]
    out = np.empty((3, 3))
    out[0, 0] = 1 - 2 * (y * y + z * z)
    out[0, 1] = 2 * (x * y - z * w)
    out[0, 2] = 2 * (x * z + y * w)
    out[1, 0] = 2 * (x * y + z * w)
    out[1, 1] = 1 - 2 * (x * x + z * z)
    out[1, 2] = 2 * (y * z - x * w)
    out[2, 0] = 2 * (x * z - y * w)
    out[2, 1] = 2 * (y * z + x * w)
    out[2, 2] = 1 - 2 * (x * x + y * y)
    return out


@njit(cache=True)
def torque_about(pull: Array, point: Array) -> Array:
    """Torque about a point [N m] of a force and torque about the origin, shape (6,)."""
    return pull[3:] - cross(point, pull[:3])


@njit(cache=True)
def quaternion_of(r: Array) -> Array:
    """Unit quaternion (x, y, z, w), w >= 0, of a rotation matrix (Shepperd 1978)."""
    out = np.empty(4)
    trace = r[0, 0] + r[1, 1] + r[2, 2]
    k = 3
    best = trace
    for a in range(3):
        if r[a, a] > best:
            k, best = a, r[a, a]
    if k == 3:
        out[0] = r[2, 1] - r[1, 2]
        out[1] = r[0, 2] - r[2, 0]
        out[2] = r[1, 0] - r[0, 1]
        out[3] = 1 + trace
    else:
        i, j, m = k, (k + 1) % 3, (k + 2) % 3
        out[i] = 1 - trace + 2 * r[i, i]
        out[j] = r[i, j] + r[j, i]
        out[m] = r[i, m] + r[m, i]
        out[3] = r[m, j] - r[j, m]
    size = math.sqrt(out[0] ** 2 + out[1] ** 2 + out[2] ** 2 + out[3] ** 2)
    return out / size if out[3] >= 0 else -out / size


@njit(cache=True)
def spin_rotation(rotation: Array, vector: Array) -> Array:
    """Rotation turned further by a rotation vector in world axes (Rodrigues), shape (3, 3)."""
    angle = math.sqrt(vector[0] ** 2 + vector[1] ** 2 + vector[2] ** 2)
    half = math.sin(angle / 2) / angle if angle > 1e-12 else 0.5
    q = np.empty(4)
    for a in range(3):
        q[a] = half * vector[a]
    q[3] = math.cos(angle / 2)
    change = rotation_from(q)
    out = np.zeros((3, 3))
    for a in range(3):
        for b in range(3):
            for c in range(3):
                out[a, b] += change[a, c] * rotation[c, b]
    return out
