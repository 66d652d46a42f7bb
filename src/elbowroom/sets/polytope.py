"""Half-space lists in three dimensions, within a box."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.sets.checks import Array, BoolArray, IntArray, read_array, require
from elbowroom.sets.errors import EmptySetError, SetError, UnboundedSetError
from elbowroom.sets.interval import Interval
from elbowroom.sets.kernels.clipping import clip_box
from elbowroom.sets.kernels.facets import choose_frame, collect_vertices, measure_volume
from elbowroom.sets.kernels.polytope import bound_supports
from elbowroom.sets.oriented_box import OrientedBox
from elbowroom.sets.rounding import round_up, slop
from elbowroom.sets.tolerances import CLIP_MARGIN, FACES_TRIED, INSIDE, SAME_POINT, UNBOUNDED
from elbowroom.sets.verbs import ZonotopeVerbs, rows_of
from elbowroom.sets.zonotope import Zonotope


def _world() -> OrientedBox:
    return OrientedBox(np.zeros(3), np.full(3, UNBOUNDED), np.eye(3))


@dataclass(frozen=True, eq=False)
class Polytope3(ZonotopeVerbs):
    """{x in box : A x <= b} in three dimensions, for up to some 60 rows.

    Args:
        A, b: shapes (k, 3) and (k,); rows of any length but zero.
        box: a box known to hold the set; a cube of UNBOUNDED metres by default, and the verbs then
            raise UnboundedSetError where the set reaches it.
    """

    A: Array
    b: Array
    box: OrientedBox = field(default_factory=_world)
    _rows: tuple[Array, Array, Array] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        A, b = read_array("A", self.A, 2), read_array("b", self.b, 1)
        require(A.ndim == 2 and A.shape[1] == 3, f"A needs shape (k, 3), got {A.shape}")
        require(b.shape == A.shape[:1], f"b needs shape {A.shape[:1]}, got {b.shape}")
        length = np.sqrt((A**2).sum(axis=1))
        require((length > 0).all(), "A has a row of zeros")
        box = self.box
        require(box.center.shape == (3,), "box must be a single box in three dimensions")
        for name, value in (("A", A), ("b", b), ("box", box)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_rows", _local_rows(A / length[:, None], b / length, box))

    @property
    def dim(self) -> int:
        """Number of coordinates: three."""
        return 3

    def support(self, directions: ArrayLike) -> Array:
        """Return max n'x for every row n, rounded up, shape (k,); -inf if proved empty.

        Raises:
            UnboundedSetError: if no box was given and the bound reaches UNBOUNDED.
        """
        return self._bound(rows_of(directions, 3))[0]

    def is_empty(self) -> bool:
        """Say whether the set is certainly empty; never by mistake."""
        return self.empty_certificate() is not None

    def empty_certificate(self) -> Array | None:
        """Return lambda >= 0 over [box faces, rows] with A'lambda = 0, b'lambda < 0, or None.

        Rows count with unit length and b from the centre of the box; the six faces come first.
        """
        A, b, reach = self._rows
        _, empty, certificate = bound_supports(A, b, reach, np.concatenate([np.eye(3), -np.eye(3)]))
        return certificate if empty else None

    def bounding_box(self, rotation: ArrayLike | None = None) -> OrientedBox:
        """Return an oriented box that holds the set: outer by duality, not by the clipping.

        Args:
            rotation: its axes; by default those of least volume among the given box's and all that
                are flush with a face of the set and one of its edges.

        Raises:
            EmptySetError: if the set is certainly empty.
        """
        R = self._best_frame() if rotation is None else read_array("rotation", rotation, 2)
        reach = self._bound(np.concatenate([R.T, -R.T]))[0]
        if reach[0] == -np.inf:
            raise EmptySetError("the half-spaces have no common point: a certificate was found")
        middle, half = 0.5 * (reach[:3] - reach[3:]), np.maximum(0.5 * (reach[:3] + reach[3:]), 0.0)
        center = R @ middle
        gram = np.abs(R.T @ R - np.eye(3)).sum()
        error = (slop(12) + 2.0 * gram) * (np.abs(middle).sum() + half.sum())
        return OrientedBox(center, round_up(half, np.full(3, error)), R)

    def hull(self) -> Interval:
        """Return the interval hull, rounded out.

        Raises:
            EmptySetError: if the set is certainly empty.
        """
        reach = self._bound(np.concatenate([np.eye(3), -np.eye(3)]))[0]
        if reach[0] == -np.inf:
            raise EmptySetError("the half-spaces have no common point: a certificate was found")
        return Interval(np.minimum(-reach[3:], reach[:3]), np.maximum(-reach[3:], reach[:3]))

    def volume(self) -> float:
        """Return the volume of the clipped polytope, half-spaces moved out by CLIP_MARGIN."""
        self._require_bounded()
        return float(measure_volume(*self._clipped))

    def vertices(self) -> Array:
        """Return the vertices, shape (k, 3); none if nothing is left."""
        self._require_bounded()
        return self.box.center + self._points(*self._clipped)

    def contains(self, points: ArrayLike) -> BoolArray:
        """Say which points, shape (..., 3), are inside (boundary within INSIDE of the size)."""
        A, b, reach = self._rows
        offset = read_array("points", points, 1) - self.box.center
        return np.asarray((offset @ A.T <= b + INSIDE * (1.0 + reach.max())).all(axis=-1))

    def zonotope(self) -> Zonotope:
        """Return the bounding box as a zonotope: an outer bound."""
        return self.bounding_box().zonotope()

    def intersect_halfspace(self, normals: ArrayLike, values: ArrayLike) -> Polytope3:  # type: ignore[override]
        """Return the members with h'x <= y exactly: one more row each."""
        H, y = np.atleast_2d(read_array("normals", normals, 1)), np.atleast_1d(values)
        return Polytope3(np.concatenate([self.A, H]), np.concatenate([self.b, y]), self.box)

    def intersect_strip(  # type: ignore[override]
        self, normals: ArrayLike, values: ArrayLike, half_widths: ArrayLike
    ) -> Polytope3:
        """Return the members with |h'x - y| <= s exactly: two more rows each."""
        H, y = np.atleast_2d(read_array("normals", normals, 1)), np.atleast_1d(values)
        s = np.atleast_1d(half_widths)
        error = slop(1) * (np.abs(y) + np.abs(s))
        upper, lower = round_up(y + s, error), round_up(s - y, error)
        return self.intersect_halfspace(np.concatenate([H, -H]), np.concatenate([upper, lower]))

    def translate(self, offset: ArrayLike) -> Polytope3:  # type: ignore[override]
        """Return {x + offset}."""
        shift = read_array("offset", offset, 1)
        moved = self.box.center + shift
        half = round_up(self.box.half, slop(1) * np.abs(moved).sum())
        size = np.abs(self.A) @ (np.abs(shift) + np.abs(moved)) + np.abs(self.b)
        b = round_up(self.b + self.A @ shift, slop(8) * size)
        return Polytope3(self.A, b, OrientedBox(moved, half, self.box.rotation))

    def sample(self, rng: np.random.Generator, count: int) -> Array:
        """Draw members as random mixtures of vertices (not uniform), shape (count, 3).

        Raises:
            EmptySetError: if nothing is left.
        """
        corners = self.vertices()
        if len(corners) == 0:
            raise EmptySetError("nothing is left of the polytope to sample")
        return np.asarray(rng.dirichlet(np.full(len(corners), 0.3), count) @ corners)

    def _bound(self, rows: Array) -> tuple[Array, bool]:
        A, b, reach = self._rows
        values, empty, _ = bound_supports(A, b, reach, np.ascontiguousarray(rows))
        if empty:
            return values, True
        self._require_bounded()
        along = rows @ self.box.center
        error = slop(8) * (np.abs(rows) @ np.abs(self.box.center) + np.abs(values))
        return np.asarray(round_up(values + along, error)), False

    def _require_bounded(self) -> None:
        if self.box.half.max() < UNBOUNDED:
            return
        A, b, reach = self._rows
        eye = np.concatenate([np.eye(3), -np.eye(3)])
        if bound_supports(A, b, reach, eye)[0].max() >= 0.5 * UNBOUNDED:
            raise UnboundedSetError(f"the half-spaces reach {UNBOUNDED} m or farther")

    @cached_property
    def _clipped(self) -> tuple[Array, IntArray, int]:
        A, b, reach = self._rows
        margin = CLIP_MARGIN * reach.max()
        return clip_box(self.box.rotation, self.box.half, A[6:], b[6:], margin)

    def _points(self, faces: Array, sizes: IntArray, count: int) -> Array:
        return collect_vertices(faces, sizes, count, SAME_POINT * self.box.half.max())

    def _best_frame(self) -> Array:
        clipped = self._clipped
        points = self._points(*clipped)
        if len(points) == 0:
            return self.box.rotation
        first = np.ascontiguousarray(self.box.rotation)
        return np.asarray(choose_frame(*clipped, points, first, FACES_TRIED))


def _local_rows(A: Array, b: Array, box: OrientedBox) -> tuple[Array, Array, Array]:
    """Return unit rows and offsets about the centre of the box, its faces first, and its reach."""
    R, h, c = box.rotation, box.half, box.center
    reach = np.abs(R) @ h
    skew = 2.0 * np.abs(R.T @ R - np.eye(3)).sum()
    faces = round_up(h, (slop(12) + skew) * h.sum())
    shifted = round_up(b - A @ c, slop(12) * (np.abs(b) + np.abs(A) @ (np.abs(c) + reach)))
    rows = np.ascontiguousarray(np.concatenate([R.T, -R.T, A]))
    if rows.shape[0] > 512:
        raise SetError(f"{A.shape[0]} half-spaces are too many")
    return rows, np.concatenate([faces, faces, shifted]), reach * (1.0 + slop(12))
