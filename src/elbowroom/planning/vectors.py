"""Small vectors, shape (3,), without numpy's overhead: half of a step's time was spent in it."""

from __future__ import annotations

import math

import numpy as np

from elbowroom.core.types import Array


def length(vector: Array) -> float:
    """Euclidean length."""
    return math.sqrt(float(vector @ vector))


def unit(vector: Array) -> Array:
    """The direction of a vector; the vector itself where it is shorter than 1e-9."""
    size = length(vector)
    return vector / size if size > 1e-9 else vector


def cap(vector: Array, limit: float) -> Array:
    """The vector, shortened to `limit` where it is longer."""
    size = length(vector)
    return vector if size <= limit else vector * (limit / size)


def cross(a: Array, b: Array) -> Array:
    """Vector product a x b."""
    (ax, ay, az), (bx, by, bz) = a.tolist(), b.tolist()
    return np.array([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])
