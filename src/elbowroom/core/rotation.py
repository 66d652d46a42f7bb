"""Rotations as 3x3 matrices and as quaternions in ROS order (x, y, z, w)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def matrix_from_quaternion(quaternion: ArrayLike) -> Array:
    """Rotation matrix R with v_parent = R v_child.

    Args:
        quaternion: (x, y, z, w), shape (..., 4); normalised here.

    Returns:
        Rotation matrices, shape (..., 3, 3).

    Raises:
        ValueError: if a quaternion is not finite or has zero length.
    """
    q = np.asarray(quaternion, dtype=float)
    if q.ndim == 1:
        return _matrix_of_one(*q.tolist())
    norm = np.linalg.norm(q, axis=-1, keepdims=True)
    if not np.all(np.isfinite(norm)) or np.any(norm < 1e-9):
        raise ValueError("a quaternion must be finite and of non-zero length")
    x, y, z, w = np.moveaxis(q / norm, -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def _matrix_of_one(x: float, y: float, z: float, w: float) -> Array:
    # Plain floats: twenty times quicker than arrays for the one quaternion of a sensor sample.
    norm = math.sqrt(x * x + y * y + z * z + w * w)
    if not 1e-9 <= norm < math.inf:
        raise ValueError("a quaternion must be finite and of non-zero length")
    x, y, z, w = x / norm, y / norm, z / norm, w / norm
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def quaternion_from_matrix(rotation: ArrayLike) -> Array:
    """Quaternion (x, y, z, w) with w >= 0 of one rotation matrix, shape (3, 3) -> (4,).

    The largest of the four candidate components is found first, so the result is accurate for
    every rotation (Shepperd 1978, doi 10.2514/3.55767b).
    """
    (a, b, c), (d, e, f), (g, h, i) = np.asarray(rotation, dtype=float).tolist()
    trace = a + e + i
    if trace >= max(a, e, i):
        q = np.array([h - f, c - g, d - b, 1 + trace])
    elif a >= max(e, i):
        q = np.array([1 + 2 * a - trace, b + d, c + g, h - f])
    elif e >= i:
        q = np.array([b + d, 1 + 2 * e - trace, f + h, c - g])
    else:
        q = np.array([c + g, f + h, 1 + 2 * i - trace, d - b])
    q /= math.sqrt(float(q @ q))
    return q if q[3] >= 0 else -q


def exp_so3(vector: ArrayLike) -> Array:
    """Rotation by |vector| rad about vector (Rodrigues' formula), shape (3,) -> (3, 3)."""
    v = np.asarray(vector, dtype=float)
    angle = float(np.linalg.norm(v))
    k = np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])
    if angle < 1e-8:
        return np.eye(3) + k
    k /= angle
    return np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * (k @ k)


def rotation_between(start: ArrayLike, end: ArrayLike) -> Array:
    """Smallest rotation that turns the direction `start` onto the direction `end`.

    Parallel transport along the great circle; for opposite directions any half turn that maps
    one onto the other.

    Args:
        start: non-zero vector, shape (3,).
        end: non-zero vector, shape (3,).

    Raises:
        ValueError: if a vector is zero or not finite.
    """
    a = np.asarray(start, dtype=float)
    b = np.asarray(end, dtype=float)
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if not np.all(np.isfinite(lengths)) or min(lengths) < 1e-12:
        raise ValueError("directions must be finite and of non-zero length")
    a, b = a / lengths[0], b / lengths[1]
    cosine = float(a @ b)
    if cosine < -1 + 1e-9:
        helper = np.eye(3)[int(np.argmin(np.abs(a)))]
        axis = np.cross(a, helper)
        return exp_so3(np.pi * axis / np.linalg.norm(axis))
    v = np.cross(a, b)
    k = np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])
    return np.eye(3) + k + k @ k / (1 + cosine)
