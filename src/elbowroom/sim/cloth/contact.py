"""Contact of cloth with limbs: at the nodes and at the centres of the faces between them."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

SOFT = 0.008
"""Depth at which flesh has become twice as stiff [m]."""
STIFFENING = 4.0
"""Greatest relative growth of the stiffness, which keeps the substep stable."""
MARGIN = 0.015
"""Gap up to which a point is watched during a tick, beyond what its speed makes up [m]."""


@njit(cache=True, inline="always")
def _mean(values: Array, faces: Indices, i: int) -> tuple[float, float, float]:
    """Value at point i: a node's own, or the mean of a face's corners."""
    n = values.shape[0]
    if i < n:
        return values[i, 0], values[i, 1], values[i, 2]
    p, q, r, s = faces[i - n, 0], faces[i - n, 1], faces[i - n, 2], faces[i - n, 3]
    return (
        0.25 * (values[p, 0] + values[q, 0] + values[r, 0] + values[s, 0]),
        0.25 * (values[p, 1] + values[q, 1] + values[r, 1] + values[s, 1]),
        0.25 * (values[p, 2] + values[q, 2] + values[r, 2] + values[s, 2]),
    )


@njit(cache=True, inline="always")
def _share_out(force: Array, faces: Indices, i: int, fx: float, fy: float, fz: float) -> None:
    """Add a force at point i to its node, or in equal parts to the corners of its face."""
    n = force.shape[0]
    if i < n:
        force[i, 0] += fx
        force[i, 1] += fy
        force[i, 2] += fz
    else:
        for k in range(4):
            corner = faces[i - n, k]
            force[corner, 0] += 0.25 * fx
            force[corner, 1] += 0.25 * fy
            force[corner, 2] += 0.25 * fz


@njit(cache=True)
def find_near(
    x: Array,
    v: Array,
    faces: Indices,
    capsules: Array,
    motion: Array,
    span: float,
    tangent: Array,
    near: Indices,
    counts: Indices,
) -> None:
    """List the points that may touch a capsule within a tick; the others forget their stretch.

    Args:
        x: nodes [m], shape (n, 3).
        v: their velocities [m/s], shape (n, 3).
        faces: corners of the faces, shape (f, 4).
        capsules: see `add_contact`, shape (c, 8).
        motion: velocities of both end points [m/s], shape (c, 6).
        span: length of the tick [s].
        tangent: stored stretch [m], zero where nothing is near, shape (c, n + f, 3).
        near: changed in place, one row a capsule, shape (c, n + f).
        counts: length of every row, changed in place, shape (c,).
    """
    for c in range(capsules.shape[0]):
        ax, ay, az = capsules[c, 0], capsules[c, 1], capsules[c, 2]
        ux, uy, uz = capsules[c, 3] - ax, capsules[c, 4] - ay, capsules[c, 5] - az
        inverse = 1.0 / (ux * ux + uy * uy + uz * uz)
        count = 0
        for i in range(x.shape[0] + faces.shape[0]):
            px, py, pz = _mean(x, faces, i)
            px, py, pz = px - ax, py - ay, pz - az
            t = min(max((px * ux + py * uy + pz * uz) * inverse, 0.0), 1.0)
            nx, ny, nz = px - t * ux, py - t * uy, pz - t * uz
            radius = capsules[c, 6] + t * (capsules[c, 7] - capsules[c, 6])
            wx, wy, wz = _mean(v, faces, i)
            wx -= (1.0 - t) * motion[c, 0] + t * motion[c, 3]
            wy -= (1.0 - t) * motion[c, 1] + t * motion[c, 4]
            wz -= (1.0 - t) * motion[c, 2] + t * motion[c, 5]
            reach = radius + MARGIN + 2.0 * span * math.sqrt(wx * wx + wy * wy + wz * wz)
            if nx * nx + ny * ny + nz * nz < reach * reach:
                near[c, count] = i
                count += 1
            else:
                for a in range(3):
                    tangent[c, i, a] = 0.0
        counts[c] = count


@njit(cache=True)
def add_contact(
    x: Array,
    v: Array,
    faces: Indices,
    capsules: Array,
    motion: Array,
    near: Indices,
    counts: Indices,
    tangent: Array,
    law: Array,
    dt: float,
    force: Array,
    reaction: Array,
) -> None:
    """Add contact with tapered capsules: penalty normal force and stick-slip friction.

    Points are the nodes and then the centres of the faces, whose force goes in equal parts to the
    corners. Nodes alone would let a limb through wherever the cloth is stretched so far that the
    gap between them is wider than the limb.

    Normal force N = max(0, kn d (1 + min((d / SOFT)^2, STIFFENING)) - cn d'), d the depth, so that
    an edge under load cannot cut through a limb; friction after Cundall and Strack (1979, doi
    10.1680/geot.1979.29.1.47): a tangential spring kf s with damper cf, cut at mu N, is stored
    for every point and capsule, so a point that sticks does not creep.

    Args:
        x: nodes [m], shape (n, 3).
        v: their velocities [m/s], shape (n, 3).
        faces: corners of the faces, shape (f, 4).
        capsules: end points and radii (a, b, ra, rb) [m], shape (c, 8).
        motion: velocities of both end points [m/s], shape (c, 6).
        near: which points to look at, see `find_near`.
        counts: how many of them.
        tangent: stored stretch [m], changed in place, shape (c, n + f, 3).
        law: kn, cn, kf, cf, mu.
        dt: substep [s].
        force: changed in place [N], shape (n, 3).
        reaction: force [N] and torque about the origin [N m] on each capsule, shape (c, 6),
            changed in place.
    """
    kn, cn, kf, cf, mu = law[0], law[1], law[2], law[3], law[4]
    for c in range(capsules.shape[0]):
        ax, ay, az = capsules[c, 0], capsules[c, 1], capsules[c, 2]
        ux = capsules[c, 3] - ax
        uy = capsules[c, 4] - ay
        uz = capsules[c, 5] - az
        ra = capsules[c, 6]
        taper = capsules[c, 7] - ra
        inverse = 1.0 / (ux * ux + uy * uy + uz * uz)
        for index in range(counts[c]):
            i = near[c, index]
            gx, gy, gz = _mean(x, faces, i)
            px, py, pz = gx - ax, gy - ay, gz - az
            t = min(max((px * ux + py * uy + pz * uz) * inverse, 0.0), 1.0)
            nx = px - t * ux
            ny = py - t * uy
            nz = pz - t * uz
            square = nx * nx + ny * ny + nz * nz
            radius = ra + t * taper
            if square >= radius * radius:
                tangent[c, i, 0] = 0.0
                tangent[c, i, 1] = 0.0
                tangent[c, i, 2] = 0.0
                continue
            gap = math.sqrt(square) + 1e-12
            nx /= gap
            ny /= gap
            nz /= gap
            wx, wy, wz = _mean(v, faces, i)
            wx -= (1.0 - t) * motion[c, 0] + t * motion[c, 3]
            wy -= (1.0 - t) * motion[c, 1] + t * motion[c, 4]
            wz -= (1.0 - t) * motion[c, 2] + t * motion[c, 5]
            away = wx * nx + wy * ny + wz * nz
            depth = radius - gap
            harder = min(depth * depth * (1.0 / (SOFT * SOFT)), STIFFENING)
            normal = max(kn * depth * (1.0 + harder) - cn * away, 0.0)
            wx -= away * nx
            wy -= away * ny
            wz -= away * nz
            sx = tangent[c, i, 0] + wx * dt
            sy = tangent[c, i, 1] + wy * dt
            sz = tangent[c, i, 2] + wz * dt
            out = sx * nx + sy * ny + sz * nz
            sx -= out * nx
            sy -= out * ny
            sz -= out * nz
            fx = -kf * sx - cf * wx
            fy = -kf * sy - cf * wy
            fz = -kf * sz - cf * wz
            size = math.sqrt(fx * fx + fy * fy + fz * fz)
            limit = mu * normal
            if size > limit:
                share = limit / size
                fx *= share
                fy *= share
                fz *= share
                sx = -fx / kf
                sy = -fy / kf
                sz = -fz / kf
            tangent[c, i, 0] = sx
            tangent[c, i, 1] = sy
            tangent[c, i, 2] = sz
            fx += normal * nx
            fy += normal * ny
            fz += normal * nz
            _share_out(force, faces, i, fx, fy, fz)
            reaction[c, 0] -= fx
            reaction[c, 1] -= fy
            reaction[c, 2] -= fz
            reaction[c, 3] -= gy * fz - gz * fy
            reaction[c, 4] -= gz * fx - gx * fz
            reaction[c, 5] -= gx * fy - gy * fx
