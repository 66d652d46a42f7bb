"""Zonotopes: the linear image of a cube.

The other sets build on this one. Verbs that answer with one of those, and the reductions, which
serve both, are imported where they are used.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.sets.checks import Array, BoolArray, read_array, read_positive, require
from elbowroom.sets.lp import norm_in_generators
from elbowroom.sets.rounding import round_up, slop
from elbowroom.sets.tolerances import SLACK_FOLDED, UNIT_ROUNDOFF
from elbowroom.sets.verbs import ConvexView, ZonotopeVerbs, rows_of
from elbowroom.sets.vertices import zonotope_vertices
from elbowroom.sets.volume import zonotope_volume

if TYPE_CHECKING:
    from elbowroom.sets.constrained import ConstrainedZonotope
    from elbowroom.sets.interval import Interval


@dataclass(frozen=True, eq=False)
class Zonotope(ZonotopeVerbs):
    """{c + G xi + e : |xi|_inf <= 1, |e| <= slack}.

    `slack` is a box of a few units of rounding that the verbs carry along, so that every result
    holds the exact one; it is zero for a set made by hand.

    Args:
        center: c, shape (..., d).
        generators: G, shape (..., d, n).
        slack: shape (..., d), zero by default.
    """

    center: Array
    generators: Array
    slack: Array = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        c, G = read_array("center", self.center, 1), read_array("generators", self.generators, 2)
        d = c.shape[-1]
        require(G.shape[-2] == d, f"generators need {d} rows, got shape {G.shape}")
        require(c.shape[:-1] == G.shape[:-2], f"batches differ: {c.shape[:-1]}, {G.shape[:-2]}")
        slack = np.zeros(c.shape) if self.slack is None else read_positive("slack", self.slack, 1)
        require(slack.shape == c.shape, f"slack needs shape {c.shape}, got {slack.shape}")
        for name, value in (("center", c), ("generators", G), ("slack", slack)):
            object.__setattr__(self, name, value)

    @classmethod
    def _trusted(cls, center: Array, generators: Array, slack: Array) -> Zonotope:
        """Make a zonotope of arrays that the verbs computed: nothing is checked again."""
        made = object.__new__(cls)
        made.__dict__.update(center=center, generators=generators, slack=slack)
        return made

    @cached_property
    def _reach(self) -> Array:
        """|G| 1, shape (..., d)."""
        return np.asarray(np.abs(self.generators).sum(axis=-1))

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return int(self.center.shape[-1])

    @property
    def order(self) -> float:
        """Generators per coordinate."""
        return self.generators.shape[-1] / self.dim

    def zonotope(self) -> Zonotope:
        """Return the zonotope itself."""
        return self

    def all_generators(self) -> Array:
        """Return G, with the slack as further columns where it is not zero."""
        if not self.slack.any():
            return self.generators
        box = self.slack[..., None] * np.eye(self.dim)
        return np.concatenate([self.generators, box], axis=-1)

    def linear_map(self, matrix: ArrayLike) -> Zonotope:
        """Return {M x}: exact, rounding in the slack. `matrix` has shape (..., p, d).

        A slack of more than SLACK_FOLDED of the size becomes d generators first, so that it turns
        with the set instead of growing by |M| in every map.
        """
        M = read_array("matrix", matrix, 2)
        require(M.shape[-1] == self.dim, f"matrix needs {self.dim} columns, got shape {M.shape}")
        G, loose, size = self.generators, self.slack, np.abs(self.center) + self._reach
        if loose.max(initial=0.0) > SLACK_FOLDED * size.max():
            G, loose = self.all_generators(), np.zeros(loose.shape)
        kept = loose + slop(2 * self.dim + 4) * (size + self.slack)
        slack = round_up((np.abs(M) @ kept[..., None])[..., 0], 0.0)
        return Zonotope._trusted((M @ self.center[..., None])[..., 0], M @ G, slack)

    def translate(self, offset: ArrayLike) -> Zonotope:
        """Return {x + offset}."""
        center = self.center + read_array("offset", offset, 1)
        slack = round_up(self.slack, UNIT_ROUNDOFF * np.abs(center))
        return Zonotope(
            center,
            np.broadcast_to(self.generators, center.shape + (self.generators.shape[-1],)),
            slack,
        )

    def minkowski_sum(self, other: ConvexView) -> Zonotope | ConstrainedZonotope:
        """Return {x + y}: exact, the generators of both side by side."""
        from elbowroom.sets.constrained import ConstrainedZonotope

        if isinstance(other, ConstrainedZonotope):
            return other.minkowski_sum(self)
        more = other.zonotope()
        require(more.dim == self.dim, f"dimensions differ: {self.dim} and {more.dim}")
        center, G = self.center + more.center, self.generators
        if center.shape == self.center.shape == more.center.shape:
            G = np.concatenate([G, more.generators], axis=-1)
        else:
            lead = center.shape
            parts = (G, more.generators)
            G = np.concatenate([np.broadcast_to(g, lead + g.shape[-1:]) for g in parts], axis=-1)
        loose = self.slack + more.slack
        slack = round_up(loose, 2 * UNIT_ROUNDOFF * (np.abs(center) + loose))
        return Zonotope._trusted(center, G, slack)

    def intersect(self, other: ConvexView) -> ConstrainedZonotope:
        """Return the members of both exactly, if `other` is a zonotope, constrained or not."""
        return self._constrained().intersect(other)

    def intersect_strip(
        self, normals: ArrayLike, values: ArrayLike, half_widths: ArrayLike
    ) -> ConstrainedZonotope:
        """Return {x in Z : |h'x - y| <= s} exactly: one factor and one constraint per strip.

        A = [H G, -diag(s)], b = y - H c (Scott et al., Automatica 69 (2016) 126, eq. 12); s is
        widened by the rounding of H G and H c.

        Args:
            normals: H, shape (m, d) or (..., m, d); one row for a single strip.
            values: y, shape (..., m).
            half_widths: s >= 0, shape (..., m).
        """
        return self._constrained().intersect_strip(normals, values, half_widths)

    def intersect_halfspace(self, normals: ArrayLike, values: ArrayLike) -> ConstrainedZonotope:
        """Return {x in Z : h'x <= y} exactly, as a strip down to the least h'x of the zonotope."""
        return self._constrained().intersect_halfspace(normals, values)

    def support(self, directions: ArrayLike) -> Array:
        """Return max d'x = d'c + |G'd|_1 for every row d, rounded up, shape (..., k)."""
        rows = rows_of(directions, self.dim)
        along = (rows @ self.center[..., None])[..., 0]
        reach = np.abs(rows @ self.generators).sum(axis=-1)
        size = np.abs(self.center) + self._reach
        loose = (np.abs(rows) @ self.slack[..., None])[..., 0]
        error = (
            slop(self.generators.shape[-1] + self.dim) * (np.abs(rows) @ size[..., None])[..., 0]
        )
        return np.asarray(round_up(along + reach + loose, error + slop(4) * loose))

    def hull(self) -> Interval:
        """Return the interval hull c +- |G| 1, rounded out."""
        from elbowroom.sets.interval import Interval

        half = self._reach + self.slack
        error = slop(self.generators.shape[-1]) * (half + np.abs(self.center))
        low, high = -round_up(half - self.center, error), round_up(self.center + half, error)
        return Interval._trusted(low, high)

    def contains(self, points: ArrayLike) -> BoolArray:
        """Say which points, shape (k, d) or (d,), are inside; a member is never refused."""
        return self._constrained().contains(points)

    def norm(self, point: ArrayLike) -> float:
        """Return min {|xi|_inf : G xi = point}, the zonotope norm (1 on the boundary about c)."""
        return norm_in_generators(self.generators, read_array("point", point, 1))

    def radius(self) -> Array:
        """Return an upper bound of max |x - c|_2: the least of two bounds, exact for one generator.

        sum_i |g_i|_2, and the norm of the hull's half widths.
        """
        G = self.all_generators()
        corner = np.linalg.norm(np.abs(G).sum(axis=-1), axis=-1)
        return np.asarray(np.minimum(np.linalg.norm(G, axis=-2).sum(axis=-1), corner))

    def enclose(self, other: Zonotope) -> Zonotope:
        """Return a zonotope that holds the convex hull of both (Girard, HSCC 2005, sec. 3.1)."""
        from elbowroom.sets.reduction import enclose_pair

        return enclose_pair(self, other)

    def volume(self) -> float:
        """Return 2^d sum |det| over all choices of d generators (an outer bound if too many)."""
        return zonotope_volume(self)

    def reduce(self, order: float, method: str = "girard") -> Zonotope:
        """Return a zonotope of at most order * d generators that holds this one.

        Args:
            order: at least 1.
            method: "girard", "combastel" or "pca".
        """
        from elbowroom.sets.reduction import reduce_generators

        return reduce_generators(self, order, method)

    def sample(self, rng: np.random.Generator, count: int) -> Array:
        """Draw members with uniform factors (not uniform in volume), shape (..., count, d)."""
        lead, n = self.center.shape[:-1], self.generators.shape[-1]
        xi = rng.uniform(-1.0, 1.0, lead + (n, count))
        return np.asarray(self.center[..., None, :] + np.swapaxes(self.generators @ xi, -1, -2))

    def vertices(self) -> Array:
        """Return the vertices, shape (k, d), in one to three dimensions."""
        return zonotope_vertices(self)

    def _constrained(self) -> ConstrainedZonotope:
        from elbowroom.sets.constrained import ConstrainedZonotope

        lead, n = self.generators.shape[:-2], self.generators.shape[-1]
        A, b = np.zeros(lead + (0, n)), np.zeros(lead + (0,))
        return ConstrainedZonotope._trusted(self.center, self.generators, A, b, self.slack)
