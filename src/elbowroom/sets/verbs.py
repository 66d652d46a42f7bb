"""The verbs every set has, and their default by way of an enclosing zonotope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.sets.checks import Array, read_array, require

if TYPE_CHECKING:
    from elbowroom.sets.constrained import ConstrainedZonotope
    from elbowroom.sets.interval import Interval
    from elbowroom.sets.zonotope import Zonotope


@runtime_checkable
class ConvexView(Protocol):
    """What can stand in for a set in a sum: it is enclosed by a zonotope."""

    def zonotope(self) -> Zonotope:
        """Return a zonotope that holds the set."""
        ...


class ZonotopeVerbs:
    """Verbs answered by the enclosing zonotope: exact where the set is a zonotope, else outer."""

    def zonotope(self) -> Zonotope:
        """Return a zonotope that holds the set."""
        raise NotImplementedError

    def linear_map(self, matrix: ArrayLike) -> Zonotope:
        """Return a set that holds M x for every member x; `matrix` has shape (..., p, d)."""
        return self.zonotope().linear_map(matrix)

    def translate(self, offset: ArrayLike) -> Zonotope:
        """Return a set that holds x + offset, shape (d,), for every member x."""
        return self.zonotope().translate(offset)

    def minkowski_sum(self, other: ConvexView) -> Zonotope | ConstrainedZonotope:
        """Return a set that holds x + y for all members x and y."""
        return self.zonotope().minkowski_sum(other)

    def intersect(self, other: ConvexView) -> ConstrainedZonotope | ZonotopeVerbs:
        """Return a set that holds the members of both."""
        return self.zonotope().intersect(other)

    def intersect_strip(
        self, normals: ArrayLike, values: ArrayLike, half_widths: ArrayLike
    ) -> ConstrainedZonotope:
        """Return a set that holds every member with |h'x - y| <= s, one strip per row.

        With k strips the normals h have the shape (k, d), values y and half-widths s (k,).
        """
        return self.zonotope().intersect_strip(normals, values, half_widths)

    def intersect_halfspace(self, normals: ArrayLike, values: ArrayLike) -> ConstrainedZonotope:
        """Return a set that holds every member with h'x <= y, one half-space per row.

        With k half-spaces the normals h have the shape (k, d), the values y (k,).
        """
        return self.zonotope().intersect_halfspace(normals, values)

    def support(self, directions: ArrayLike) -> Array:
        """Return an upper bound of d'x over the set for every row d of k directions, shape (k,)."""
        return self.zonotope().support(directions)

    def hull(self) -> Interval:
        """Return an interval that holds the set."""
        return self.zonotope().hull()

    def reduce(self, order: float, method: str = "girard") -> Zonotope:
        """Return a zonotope of at most order * d generators that holds the set."""
        return self.zonotope().reduce(order, method)

    def vertices(self) -> Array:
        """Return the vertices of the enclosing zonotope, shape (k, d), d <= 3."""
        return self.zonotope().vertices()


def rows_of(values: ArrayLike, dim: int) -> Array:
    """Return directions as a finite matrix of shape (k, dim)."""
    rows = np.atleast_2d(read_array("directions", values, 1))
    require(rows.shape[-1] == dim, f"directions need {dim} components, got shape {rows.shape}")
    return rows
