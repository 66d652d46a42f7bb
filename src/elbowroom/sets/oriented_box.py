"""Oriented boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.sets.checks import Array, BoolArray, read_array, read_positive, require
from elbowroom.sets.rounding import map_error, round_up, slop
from elbowroom.sets.tolerances import INSIDE, ORTHONORMAL
from elbowroom.sets.verbs import ZonotopeVerbs
from elbowroom.sets.zonotope import Zonotope


@dataclass(frozen=True, eq=False)
class OrientedBox(ZonotopeVerbs):
    """{c + R diag(h) xi : |xi|_inf <= 1}.

    Args:
        center: c, shape (..., d).
        half: h >= 0, shape (..., d).
        rotation: R, columns are the axes of the box, shape (..., d, d).

    Raises:
        SetError: if R'R is farther than ORTHONORMAL from I.
    """

    center: Array
    half: Array
    rotation: Array

    def __post_init__(self) -> None:
        c, h = read_array("center", self.center, 1), read_positive("half", self.half, 1)
        R, d = read_array("rotation", self.rotation, 2), c.shape[-1]
        require(h.shape == c.shape, f"half {h.shape} does not fit center {c.shape}")
        require(R.shape == c.shape + (d,), f"rotation {R.shape} does not fit center {c.shape}")
        gram = np.swapaxes(R, -1, -2) @ R
        require(np.abs(gram - np.eye(d)).max() <= ORTHONORMAL, "rotation is not orthonormal")
        for name, value in (("center", c), ("half", h), ("rotation", R)):
            object.__setattr__(self, name, value)

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return int(self.center.shape[-1])

    @property
    def size(self) -> Array:
        """Side lengths, shape (..., d)."""
        return np.asarray(2.0 * self.half)

    @property
    def edge(self) -> Array:
        """Side of the cube of equal volume, shape (...)."""
        return np.asarray(self.size.prod(axis=-1) ** (1.0 / self.dim))

    def zonotope(self) -> Zonotope:
        """Return the same set as a zonotope."""
        G = self.rotation * self.half[..., None, :]
        slack = round_up(slop(1) * np.abs(G).sum(axis=-1), 0.0)
        return Zonotope(self.center, G, slack)

    def corners(self) -> Array:
        """Return the 2^d corners, shape (..., 2^d, d)."""
        signs = np.stack(np.meshgrid(*[[-1.0, 1.0]] * self.dim, indexing="ij"), axis=-1)
        local = signs.reshape(-1, self.dim) * self.half[..., None, :]
        return np.asarray(self.center[..., None, :] + local @ np.swapaxes(self.rotation, -1, -2))

    def vertices(self) -> Array:
        """Return the corners."""
        return self.corners()

    def coordinates(self, points: ArrayLike) -> Array:
        """Return R'(x - c): where points, shape (..., d), lie along the axes of the box."""
        x = read_array("points", points, 1) - self.center
        return np.asarray((np.swapaxes(self.rotation, -1, -2) @ x[..., None])[..., 0])

    def contains(self, points: ArrayLike) -> BoolArray:
        """Say which points, shape (..., d), are inside (boundary within INSIDE of the size)."""
        local = np.abs(self.coordinates(points))
        margin = INSIDE * (1.0 + self.half.max(axis=-1, keepdims=True))
        margin = margin + 2.0 * ORTHONORMAL * self._skew()[..., None] * self.half.max(
            axis=-1, keepdims=True
        )
        return np.asarray((local <= self.half + margin).all(axis=-1))

    def volume(self) -> Array:
        """Return the product of the sides, shape (...)."""
        return np.asarray(self.size.prod(axis=-1))

    def reduce(self, order: float = 1.0, method: str = "girard") -> Zonotope:
        """Return the box as a zonotope: it already has order one."""
        return self.zonotope()

    def intersects(self, other: OrientedBox) -> bool:
        """Say whether two boxes in three dimensions may meet; False is certain.

        Separating axes: the normals of both and their cross products, each with its rounding
        (Gottschalk, Lin, Manocha, SIGGRAPH 1996).
        """
        require(self.dim == 3 and other.dim == 3, "intersects needs boxes in three dimensions")
        A, B = self.rotation.T, other.rotation.T
        crossed = np.cross(A[:, None, :], B[None, :, :]).reshape(9, 3)
        axes = np.concatenate([A, B, crossed])
        gap = np.abs(axes @ (other.center - self.center))
        reach = (
            np.abs(axes @ self.rotation) @ self.half + np.abs(axes @ other.rotation) @ other.half
        )
        size = np.abs(self.center) + np.abs(other.center) + self.half.sum() + other.half.sum()
        return bool((gap <= reach + 4.0 * map_error(axes, size)).all())

    def enclose_in(self, rotation: ArrayLike) -> OrientedBox:
        """Return the least box of another orientation that holds this one, rounded out.

        With R'R = I + E it is R^-1 = (I + E)^-1 R', so half widths h by R' grow by 2 |E|_1 max h.

        Args:
            rotation: R, columns are the axes of the new box, shape (..., d, d).

        Raises:
            SetError: if R'R is farther than ORTHONORMAL from I.
        """
        R = read_array("rotation", rotation, 2)
        towards = np.abs(np.swapaxes(R, -1, -2) @ self.rotation)
        half = (towards @ self.half[..., None])[..., 0]
        skew = 2.0 * np.abs(np.swapaxes(R, -1, -2) @ R - np.eye(self.dim)).sum(axis=(-1, -2))
        largest = half.max(axis=-1, keepdims=True)
        return OrientedBox(
            self.center, round_up(half, (slop(3 * self.dim) + skew[..., None]) * largest), R
        )

    def sample(self, rng: np.random.Generator, count: int) -> Array:
        """Draw members uniformly, shape (..., count, d)."""
        unit = rng.uniform(-1.0, 1.0, self.center.shape[:-1] + (count, self.dim))
        local = unit * self.half[..., None, :]
        return np.asarray(self.center[..., None, :] + local @ np.swapaxes(self.rotation, -1, -2))

    def _skew(self) -> Array:
        """Return how far R is from orthonormal in units of ORTHONORMAL, shape (...)."""
        gram = np.swapaxes(self.rotation, -1, -2) @ self.rotation - np.eye(self.dim)
        return np.asarray(np.abs(gram).sum(axis=(-1, -2)) / ORTHONORMAL)
