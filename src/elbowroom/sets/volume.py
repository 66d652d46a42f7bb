"""Volumes. They are figures to about 1e-12, without a rounding margin."""

from __future__ import annotations

from itertools import combinations, islice
from math import comb
from typing import TYPE_CHECKING, Final

import numpy as np

from elbowroom.sets.checks import Array, require
from elbowroom.sets.vertices import support_polytope

if TYPE_CHECKING:
    from elbowroom.sets.constrained import ConstrainedZonotope
    from elbowroom.sets.zonotope import Zonotope

MOST_DETERMINANTS: Final = 1_000_000
_CHUNK: Final = 50_000


def zonotope_volume(zonotope: Zonotope) -> float:
    """Return 2^d sum |det G_I| over all I of d generators (Gover & Krikorian, LAA 433 (2010) 28).

    With more than MOST_DETERMINANTS terms the volume of the zonotope reduced to as many generators
    as allowed is returned, an outer bound.
    """
    G = zonotope.generators
    require(G.ndim == 2, "volume needs a single zonotope")
    d, n = G.shape
    if n < d:
        return 0.0
    if comb(n, d) > MOST_DETERMINANTS:
        most = next(k for k in range(n, d, -1) if comb(k, d) <= MOST_DETERMINANTS)
        return zonotope_volume(zonotope.reduce(most / d))
    total = 0.0
    choices = combinations(range(n), d)
    while chunk := list(islice(choices, _CHUNK)):
        picked = np.moveaxis(G[:, np.array(chunk)], 0, 1)
        total += float(np.abs(np.linalg.det(picked)).sum())
    return 2.0**d * total


def constrained_volume(constrained: ConstrainedZonotope) -> float:
    """Return the volume: exact from the vertices up to three dimensions, else of the hull."""
    require(constrained.center.ndim == 1, "volume needs a single constrained zonotope")
    if constrained.is_empty():
        return 0.0
    if constrained.dim > 3:
        return float(constrained.hull().volume())
    return support_polytope(constrained)[1]


def polygon_area(corners: Array) -> float:
    """Return the area of a polygon given in order, shape (k, 2)."""
    x, y = corners.T
    return 0.5 * abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1)))
