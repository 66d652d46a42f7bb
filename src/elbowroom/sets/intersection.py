"""The common part of several sets in space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from elbowroom.sets.checks import Array, require
from elbowroom.sets.interval import Interval
from elbowroom.sets.oriented_box import OrientedBox
from elbowroom.sets.polytope import Polytope3
from elbowroom.sets.shell import ShellPatch

Region: TypeAlias = Interval | OrientedBox | ShellPatch | Polytope3


def intersect_regions(
    regions: Sequence[Region], halfspaces: tuple[Array, Array] | None = None
) -> Polytope3:
    """Return a polytope that holds every point common to all regions and half-spaces.

    Boxes and polytopes enter exactly, shell patches by planes that touch them (`patch_planes`).
    The least box among the regions is where the clipping starts.

    Args:
        regions: one or more single sets in three dimensions.
        halfspaces: further rows (H, y) of h'x <= y, shapes (k, 3) and (k,).
    """
    require(len(regions) > 0, "an intersection needs at least one region")
    boxes = [_box_of(region) for region in regions]
    start = int(np.argmin([box.half.prod() for box in boxes]))
    rows, values = [], []
    for i, (region, box) in enumerate(zip(regions, boxes, strict=True)):
        for A, b in _planes_of(region, box, i != start):
            rows.append(A)
            values.append(b)
    if halfspaces is not None:
        rows.append(np.atleast_2d(halfspaces[0]))
        values.append(np.atleast_1d(halfspaces[1]))
    A = np.concatenate(rows) if rows else np.zeros((0, 3))
    b = np.concatenate(values) if values else np.zeros(0)
    return Polytope3(A, b, boxes[start])


def patch_planes(patch: ShellPatch) -> tuple[Array, Array]:
    """Return planes that touch a patch beyond its enclosing box: four sides and eight on the cap.

    Returns:
        (H, y), shapes (12, 3) and (12,), with h'x <= y for every member.
    """
    w1, w2 = np.minimum(patch.widths, 0.5 * np.pi)
    s1, c1, s2, c2 = np.sin(w1), np.cos(w1), np.sin(w2), np.cos(w2)
    sides = [[-s1, c1, 0.0], [-s1, -c1, 0.0], [-s2, 0.0, c2], [-s2, 0.0, -c2]]
    angle = 0.25 * np.pi * np.arange(8)
    lean = np.stack([0.6 * w1 * np.cos(angle), 0.6 * w2 * np.sin(angle)], axis=1)
    norm = np.maximum(np.hypot(lean[:, 0], lean[:, 1]), 1e-12)
    cap = np.c_[np.cos(norm), lean * (np.sin(norm) / norm)[:, None]]
    normals = np.concatenate([np.array(sides), cap]) @ patch.frame.T
    return normals, patch.support(normals)


def _box_of(region: Region) -> OrientedBox:
    if isinstance(region, OrientedBox):
        return region
    if isinstance(region, Interval):
        return OrientedBox(region.center, region.half, np.eye(3))
    return region.enclosing_box() if isinstance(region, ShellPatch) else region.box


def _planes_of(region: Region, box: OrientedBox, with_box: bool) -> list[tuple[Array, Array]]:
    planes = []
    if with_box:
        normals = np.concatenate([box.rotation.T, -box.rotation.T])
        planes.append((normals, box.zonotope().support(normals)))
    if isinstance(region, ShellPatch):
        planes.append(patch_planes(region))
    if isinstance(region, Polytope3):
        planes.append((region.A, region.b))
    return planes
