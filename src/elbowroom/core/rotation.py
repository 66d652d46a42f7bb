"""Rotations as 3x3 matrices and as quaternions in ROS order (x, y, z, w)."""

from __future__ import annotations

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


def quaternion_from_matrix(rotation: ArrayLike) -> Array:
    """Quaternion (x, y, z, w) with w >= 0 of one rotation matrix, shape (3, 3) -> (4,).

    The largest of the four candidate components is found first, so the result is accurate for
    every rotation (Shepperd 1978, doi 10.2514/3.55767b).
    """
    r = np.asarray(rotation, dtype=float)
    trace = np.trace(r)
    squares = np.array([r[0, 0], r[1, 1], r[2, 2], trace])
    k = int(np.argmax(squares))
    q = np.empty(4)
    if k == 3:
        q[:3] = r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]
        q[3] = 1 + trace
    else:
        i, j, m = k, (k + 1) % 3, (k + 2) % 3
        q[i] = 1 - trace + 2 * r[i, i]
        q[j] = r[i, j] + r[j, i]
        q[m] = r[i, m] + r[m, i]
        q[3] = r[m, j] - r[j, m]
    q /= np.linalg.norm(q)
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
