"""The common part of several sets in space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from elbowroom.sets.checks import Array, require
from elbowroom.sets.interval import Interval
from elbowroom.sets.kernels.shell import plan_patch
from elbowroom.sets.oriented_box import OrientedBox
from elbowroom.sets.polytope import Polytope3
from elbowroom.sets.rounding import round_up, slop
from elbowroom.sets.shell import ShellPatch

Region: TypeAlias = Interval | OrientedBox | ShellPatch | Polytope3


class _Plan(NamedTuple):
    """A region as half-spaces; the first six are the faces of a box along `rotation`."""

    normals: Array
    values: Array
    rotation: Array


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
    plans = [_plan(region) for region in regions]
    sizes = [np.prod(plan.values[:3] + plan.values[3:6]) for plan in plans]
    start = int(np.argmin(sizes))
    rows = [plan.normals[6 if i == start else 0 :] for i, plan in enumerate(plans)]
    values = [plan.values[6 if i == start else 0 :] for i, plan in enumerate(plans)]
    if halfspaces is not None:
        rows.append(np.atleast_2d(halfspaces[0]))
        values.append(np.atleast_1d(halfspaces[1]))
    return Polytope3(np.concatenate(rows), np.concatenate(values), _box_of(plans[start]))


def patch_planes(patch: ShellPatch) -> tuple[Array, Array]:
    """Return 18 planes that touch a patch: six faces of a box, four sides, eight on the cap.

    Returns:
        (H, y), shapes (18, 3) and (18,), with h'x <= y for every member.
    """
    require(patch.center.ndim == 1, "patch_planes needs a single patch")
    return plan_patch(
        np.ascontiguousarray(patch.center),
        np.ascontiguousarray(patch.radii),
        np.ascontiguousarray(patch.frame),
        np.ascontiguousarray(patch.widths),
        patch.ellipse,
        float(patch.ball),
        np.ascontiguousarray(patch.box),
    )


def _plan(region: Region) -> _Plan:
    if isinstance(region, ShellPatch):
        return _Plan(*patch_planes(region), region.frame)
    if isinstance(region, OrientedBox):
        return _plan_box(region)
    if isinstance(region, Interval):
        eye = np.concatenate([np.eye(3), -np.eye(3)])
        return _Plan(eye, np.concatenate([region.high, -region.low]), np.eye(3))
    box = _plan_box(region.box)
    normals = np.concatenate([box.normals, region.A])
    return _Plan(normals, np.concatenate([box.values, region.b]), box.rotation)


def _plan_box(box: OrientedBox) -> _Plan:
    require(box.center.shape == (3,), "an intersection needs single boxes in three dimensions")
    R, skew = box.rotation, np.abs(box.rotation.T @ box.rotation - np.eye(3)).sum()
    middle = R.T @ box.center
    error = slop(12) * np.abs(box.center).sum() + (slop(4) + 2.0 * skew) * box.half.sum()
    values = round_up(np.concatenate([middle, -middle]) + np.tile(box.half, 2), error)
    return _Plan(np.concatenate([R.T, -R.T]), values, R)


def _box_of(plan: _Plan) -> OrientedBox:
    """Return the box of the first six planes, rounded out."""
    high, low = plan.values[:3], -plan.values[3:6]
    middle, R = 0.5 * (high + low), plan.rotation
    skew = np.abs(R.T @ R - np.eye(3)).sum()
    size = np.abs(high).sum() + np.abs(low).sum()
    half = round_up(np.maximum(0.5 * (high - low), 0.0), np.full(3, (slop(12) + 2.0 * skew) * size))
    return OrientedBox(R @ middle, half, R)
