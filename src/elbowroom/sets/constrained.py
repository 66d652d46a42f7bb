"""Constrained zonotopes: the linear image of a slice of a cube."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.sets.checks import Array, BoolArray, read_array, read_positive, require
from elbowroom.sets.dual import Supports, hull_dual, is_empty, support_dual
from elbowroom.sets.errors import EmptySetError
from elbowroom.sets.interval import Interval
from elbowroom.sets.membership import contains_points, sample_members
from elbowroom.sets.reduction import drop_constraints, enclose_in_template, reduce_constrained
from elbowroom.sets.rounding import map_error, round_up, slop
from elbowroom.sets.tolerances import UNIT_ROUNDOFF
from elbowroom.sets.verbs import ConvexView, rows_of
from elbowroom.sets.vertices import constrained_vertices
from elbowroom.sets.volume import constrained_volume
from elbowroom.sets.zonotope import Zonotope


@dataclass(frozen=True, eq=False)
class ConstrainedZonotope:
    """{c + G xi + e : |xi|_inf <= 1, A xi = b, |e| <= slack} (Scott et al., Automatica 2016).

    Args:
        center: c, shape (..., d).
        generators: G, shape (..., d, n).
        A, b: constraints, shapes (..., m, n) and (..., m).
        slack: what rounding may have added, shape (..., d).
    """

    center: Array
    generators: Array
    A: Array
    b: Array
    slack: Array = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        c, G = read_array("center", self.center, 1), read_array("generators", self.generators, 2)
        A, b = read_array("A", self.A, 2), read_array("b", self.b, 1)
        slack = np.zeros(c.shape) if self.slack is None else read_positive("slack", self.slack, 1)
        lead, d, n, m = c.shape[:-1], c.shape[-1], G.shape[-1], b.shape[-1]
        require(G.shape == lead + (d, n), f"generators {G.shape} do not fit center {c.shape}")
        require(A.shape == lead + (m, n), f"A {A.shape} does not fit {lead + (m, n)}")
        require(b.shape == lead + (m,), f"b {b.shape} does not fit {lead + (m,)}")
        require(slack.shape == c.shape, f"slack needs shape {c.shape}, got {slack.shape}")
        for name, value in (("center", c), ("generators", G), ("A", A), ("b", b), ("slack", slack)):
            object.__setattr__(self, name, value)

    @classmethod
    def _trusted(
        cls, center: Array, generators: Array, A: Array, b: Array, slack: Array
    ) -> ConstrainedZonotope:
        """Make a set of arrays that the verbs computed: nothing is checked again."""
        made = object.__new__(cls)
        made.__dict__.update(center=center, generators=generators, A=A, b=b, slack=slack)
        return made

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return int(self.center.shape[-1])

    def zonotope(self) -> Zonotope:
        """Return a zonotope that holds the set, by the gain of least F-radius."""
        return drop_constraints(self)

    def linear_map(self, matrix: ArrayLike) -> ConstrainedZonotope:
        """Return {M x}: exact, rounding in the slack."""
        mapped = self._free().linear_map(matrix)
        A = _pad(self.A, mapped.generators.shape[-1] - self.A.shape[-1])
        return ConstrainedZonotope._trusted(
            mapped.center, mapped.generators, A, self.b, mapped.slack
        )

    def translate(self, offset: ArrayLike) -> ConstrainedZonotope:
        """Return {x + offset}."""
        moved = self._free().translate(offset)
        return ConstrainedZonotope(moved.center, moved.generators, self.A, self.b, moved.slack)

    def minkowski_sum(self, other: ConvexView) -> ConstrainedZonotope:
        """Return {x + y}: exact, factors and constraints of both side by side."""
        more = other if isinstance(other, ConstrainedZonotope) else other.zonotope()._constrained()
        total = self._free().minkowski_sum(more._free())
        A, b = _stack_blocks(self.A, more.A), np.concatenate([self.b, more.b], axis=-1)
        return ConstrainedZonotope._trusted(total.center, total.generators, A, b, total.slack)

    def intersect(self, other: ConvexView) -> ConstrainedZonotope:
        """Return the members of both: G1 xi1 - G2 xi2 = c2 - c1, exact (Scott 2016, eq. 11).

        The slacks and the rounding of c2 - c1 enter as d further factors of the constraint.
        """
        more = other if isinstance(other, ConstrainedZonotope) else other.zonotope()._constrained()
        require(more.dim == self.dim, f"dimensions differ: {self.dim} and {more.dim}")
        gap = more.center - self.center
        loose = round_up(self.slack + more.slack, 2 * UNIT_ROUNDOFF * (np.abs(gap) + self.slack))
        link = np.concatenate([self.generators, -more.generators, _diagonal(loose)], axis=-1)
        A = _stack_blocks(self.A, more.A)
        A = np.concatenate([_pad(A, self.dim), link], axis=-2)
        b = np.concatenate([self.b, more.b, gap], axis=-1)
        G = _pad(self.generators, link.shape[-1] - self.generators.shape[-1])
        return ConstrainedZonotope(self.center, G, A, b, self.slack)

    def intersect_strip(
        self, normals: ArrayLike, values: ArrayLike, half_widths: ArrayLike
    ) -> ConstrainedZonotope:
        """Return the members with |h'x - y| <= s exactly: a factor and a constraint per strip.

        A = [[A, 0], [H G, -diag(s)]], b = [b, y - H c]; s is widened by the rounding of H G and
        H c and by |h|'slack.

        Args:
            normals: H, shape (..., m, d); one row for a single strip.
            values: y, shape (..., m).
            half_widths: s >= 0, shape (..., m).
        """
        H = np.atleast_2d(read_array("normals", normals, 1))
        y, s = (
            np.atleast_1d(read_array("values", values, 0)),
            np.atleast_1d(read_positive("half_widths", half_widths, 0)),
        )
        require(H.shape[-1] == self.dim, f"normals need {self.dim} columns, got {H.shape}")
        require(y.shape[-1] == H.shape[-2], f"{H.shape[-2]} normals but values {y.shape}")
        lead, m = self.center.shape[:-1], H.shape[-2]
        size = np.abs(self.center) + np.abs(self.generators).sum(axis=-1)
        kept = (np.abs(H) @ self.slack[..., None])[..., 0]
        error = map_error(H, size + self.slack) + slop(2) * (np.abs(y) + s)
        wide = np.broadcast_to(round_up(s + kept, error), lead + (m,))
        rows = np.concatenate([H @ self.generators, -_diagonal(wide)], axis=-1)
        A = np.concatenate([_pad(self.A, m), rows], axis=-2)
        b = np.concatenate([self.b, y - (H @ self.center[..., None])[..., 0]], axis=-1)
        return ConstrainedZonotope._trusted(self.center, _pad(self.generators, m), A, b, self.slack)

    def intersect_halfspace(self, normals: ArrayLike, values: ArrayLike) -> ConstrainedZonotope:
        """Return the members with h'x <= y exactly, as strips down to the least h'x without A.

        A half-space that misses the set altogether gives a strip beside it, hence an empty set.
        """
        H = np.atleast_2d(read_array("normals", normals, 1))
        y = np.atleast_1d(read_array("values", values, 0))
        require(y.shape[-1] == H.shape[-2], f"{H.shape[-2]} normals but values {y.shape}")
        least = np.minimum(-self._free().support(-H), y)
        middle = 0.5 * (y + least)
        half = round_up(np.maximum(y - middle, middle - least), 0.0)
        return self.intersect_strip(H, middle, half)

    def supports(self, directions: ArrayLike) -> Supports:
        """Return bounds, multipliers and maximising factors for every row of `directions`."""
        rows = rows_of(directions, self.dim)
        return support_dual(self.center, self.generators, self.A, self.b, rows)

    def support(self, directions: ArrayLike) -> Array:
        """Return max d'x for every row d, rounded up, shape (..., k); -inf if proved empty."""
        rows = rows_of(directions, self.dim)
        loose = (np.abs(rows) @ self.slack[..., None])[..., 0]
        values = self.supports(rows).values
        bound = round_up(values + loose, slop(self.dim) * loose)
        return np.asarray(np.where(np.isneginf(values), values, bound))

    def hull(self) -> Interval:
        """Return the interval hull: outer, and least up to rounding.

        Raises:
            EmptySetError: if the set is certainly empty.
        """
        low, high, empty = hull_dual(self.center, self.generators, self.A, self.b)
        if empty.any():
            raise EmptySetError("the constrained zonotope is empty: a certificate was found")
        return Interval._trusted(-round_up(self.slack - low, 0.0), round_up(high + self.slack, 0.0))

    def is_empty(self) -> bool:
        """Say whether the set is certainly empty; never by mistake."""
        return is_empty(self.A, self.b)[0]

    def empty_certificate(self) -> Array | None:
        """Return lambda with b'lambda + |A'lambda|_1 < 0, which proves emptiness, or None."""
        return is_empty(self.A, self.b)[1]

    def contains(self, points: ArrayLike) -> BoolArray:
        """Say which points, shape (k, d) or (d,), are inside; a member is never refused.

        A point is refused with a certificate that {A xi = b, |c + G xi - x| <= slack + INSIDE} is
        empty.
        """
        return contains_points(self, read_array("points", points, 1))

    def volume(self) -> float:
        """Return the volume: exact from the vertices up to three dimensions, else of the hull."""
        return constrained_volume(self)

    def reduce(
        self, order: float, method: str = "girard", constraints: int | None = None
    ) -> ConstrainedZonotope:
        """Return a set with fewer factors and constraints that holds this one.

        Args:
            order: factors per row of [G; A], at least 1.
            method: "girard", "combastel" or "pca".
            constraints: how many to keep (the last ones); all by default.
        """
        return reduce_constrained(self, order, method, constraints)

    def enclose_in(self, directions: ArrayLike) -> ConstrainedZonotope:
        """Return the interval hull cut by one strip for every row of `directions`, each tight."""
        return enclose_in_template(self, rows_of(directions, self.dim))

    def sample(self, rng: np.random.Generator, count: int) -> Array:
        """Draw members as random mixtures of support points (not uniform), shape (count, d)."""
        return sample_members(self, rng, count)

    def vertices(self) -> Array:
        """Return the vertices, shape (k, d), in one to three dimensions."""
        return constrained_vertices(self)

    def _free(self) -> Zonotope:
        """Return the zonotope without the constraints."""
        return Zonotope._trusted(self.center, self.generators, self.slack)

    def _constrained(self) -> ConstrainedZonotope:
        return self


def _pad(matrix: Array, columns: int) -> Array:
    return np.concatenate([matrix, np.zeros(matrix.shape[:-1] + (columns,))], axis=-1)


def _diagonal(values: Array) -> Array:
    return np.asarray(values[..., None] * np.eye(values.shape[-1]))


def _stack_blocks(A: Array, B: Array) -> Array:
    """Return [[A, 0], [0, B]]."""
    left = np.zeros(B.shape[:-1] + (A.shape[-1],))
    lower = np.concatenate([left, B], axis=-1)
    return np.concatenate([_pad(A, B.shape[-1]), lower], axis=-2)
