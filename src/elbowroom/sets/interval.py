"""Intervals: axis-aligned boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.sets.checks import Array, BoolArray, read_array, require
from elbowroom.sets.errors import EmptySetError
from elbowroom.sets.rounding import round_down, round_up, slop
from elbowroom.sets.tolerances import INSIDE, UNIT_ROUNDOFF
from elbowroom.sets.verbs import ConvexView, ZonotopeVerbs, rows_of
from elbowroom.sets.zonotope import Zonotope

if TYPE_CHECKING:
    from elbowroom.sets.constrained import ConstrainedZonotope


@dataclass(frozen=True, eq=False)
class Interval(ZonotopeVerbs):
    """{x : low <= x <= high}.

    Args:
        low, high: corners, shape (..., d).

    Raises:
        EmptySetError: if low > high somewhere.
    """

    low: Array
    high: Array

    def __post_init__(self) -> None:
        low, high = read_array("low", self.low, 1), read_array("high", self.high, 1)
        require(low.shape == high.shape, f"low {low.shape} and high {high.shape} differ in shape")
        if (low > high).any():
            raise EmptySetError("an interval needs low <= high")
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    @classmethod
    def _trusted(cls, low: Array, high: Array) -> Interval:
        """Make an interval of corners that the verbs computed: nothing is checked again."""
        made = object.__new__(cls)
        made.__dict__.update(low=low, high=high)
        return made

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return int(self.low.shape[-1])

    @property
    def center(self) -> Array:
        """Midpoint, shape (..., d)."""
        return np.asarray(0.5 * (self.low + self.high))

    @property
    def half(self) -> Array:
        """Half widths about `center`, rounded up, shape (..., d)."""
        mid = self.center
        return np.asarray(round_up(np.maximum(self.high - mid, mid - self.low), 0.0))

    @property
    def size(self) -> Array:
        """Side lengths, shape (..., d)."""
        return np.asarray(self.high - self.low)

    def zonotope(self) -> Zonotope:
        """Return the same set as a zonotope."""
        return Zonotope(self.center, self.half[..., None] * np.eye(self.dim))

    def translate(self, offset: ArrayLike) -> Interval:  # type: ignore[override]
        """Return {x + offset}."""
        shift = read_array("offset", offset, 1)
        return Interval(_below(self.low + shift), _above(self.high + shift))

    def minkowski_sum(self, other: ConvexView):  # type: ignore[no-untyped-def]
        """Return {x + y}: an interval if `other` is one, otherwise a zonotope or more."""
        if not isinstance(other, Interval):
            return self.zonotope().minkowski_sum(other)
        return Interval(_below(self.low + other.low), _above(self.high + other.high))

    def intersect(self, other: ConvexView) -> Interval | ConstrainedZonotope:
        """Return the members of both: an interval if `other` is one.

        Raises:
            EmptySetError: if two intervals have none.
        """
        if not isinstance(other, Interval):
            return self.zonotope().intersect(other)
        return Interval(np.maximum(self.low, other.low), np.minimum(self.high, other.high))

    def join(self, other: Interval) -> Interval:
        """Return the least interval that holds both."""
        return Interval(np.minimum(self.low, other.low), np.maximum(self.high, other.high))

    def support(self, directions: ArrayLike) -> Array:
        """Return max d'x for every row d, rounded up, shape (..., k)."""
        rows = rows_of(directions, self.dim)
        most = np.maximum(rows * self.low[..., None, :], rows * self.high[..., None, :])
        error = slop(self.dim) * np.abs(most).sum(axis=-1)
        return np.asarray(round_up(most.sum(axis=-1), error))

    def hull(self) -> Interval:
        """Return the interval itself."""
        return self

    def contains(self, points: ArrayLike) -> BoolArray:
        """Say which points, shape (..., d), are inside (boundary within INSIDE of the size)."""
        x = read_array("points", points, 1)
        margin = INSIDE * (1.0 + self.size)
        return np.asarray(((x >= self.low - margin) & (x <= self.high + margin)).all(axis=-1))

    def volume(self) -> Array:
        """Return the product of the sides, shape (...)."""
        return np.asarray(self.size.prod(axis=-1))

    def reduce(self, order: float = 1.0, method: str = "girard") -> Zonotope:
        """Return the interval as a zonotope: it already has order one."""
        return self.zonotope()

    def sample(self, rng: np.random.Generator, count: int) -> Array:
        """Draw members uniformly, shape (..., count, d)."""
        unit = rng.random(self.low.shape[:-1] + (count, self.dim))
        return np.asarray(self.low[..., None, :] + unit * self.size[..., None, :])


def _above(x: Array) -> Array:
    return np.asarray(round_up(x, UNIT_ROUNDOFF * np.abs(x)))


def _below(x: Array) -> Array:
    return np.asarray(round_down(x, UNIT_ROUNDOFF * np.abs(x)))
