"""The compiled inner loop of the sleeve: contact with friction, grip and one tick in time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from elbowroom.sim.springs import add_springs
from elbowroom.sim.vectors import cross, turn

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@njit(cache=True)
def add_contact(
    x: Array,
    v: Array,
    capsules: Array,
    motion: Array,
    tangent: Array,
    law: Array,
    dt: float,
    force: Array,
    reaction: Array,
) -> None:
    """Add contact with tapered capsules: penalty normal force and stick-slip friction.

    Normal force N = max(0, kn d - cn d'); friction after Cundall and Strack (1979, doi
    10.1680/geot.1979.29.1.47): a tangential spring kf s with damper cf, cut at mu N, is stored
    for every node and capsule, so a node that sticks does not creep.

    Args:
        x: nodes [m], shape (n, 3).
        v: their velocities [m/s], shape (n, 3).
        capsules: end points and radii (a, b, ra, rb) [m], shape (c, 8).
        motion: velocities of both end points [m/s], shape (c, 6).
        tangent: stored stretch [m], changed in place, shape (c, n, 3).
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
        for i in range(x.shape[0]):
            px = x[i, 0] - ax
            py = x[i, 1] - ay
            pz = x[i, 2] - az
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
            wx = v[i, 0] - (1.0 - t) * motion[c, 0] - t * motion[c, 3]
            wy = v[i, 1] - (1.0 - t) * motion[c, 1] - t * motion[c, 4]
            wz = v[i, 2] - (1.0 - t) * motion[c, 2] - t * motion[c, 5]
            away = wx * nx + wy * ny + wz * nz
            normal = max(kn * (radius - gap) - cn * away, 0.0)
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
            force[i, 0] += fx
            force[i, 1] += fy
            force[i, 2] += fz
            reaction[c, 0] -= fx
            reaction[c, 1] -= fy
            reaction[c, 2] -= fz
            reaction[c, 3] -= x[i, 1] * fz - x[i, 2] * fy
            reaction[c, 4] -= x[i, 2] * fx - x[i, 0] * fz
            reaction[c, 5] -= x[i, 0] * fy - x[i, 1] * fx


@njit(cache=True)
def add_grip(
    x: Array,
    v: Array,
    held: Indices,
    target: Array,
    motion: Array,
    stiffness: float,
    damping: float,
    force: Array,
    pull: Array,
) -> None:
    """Add the springs between held nodes and the fingers.

    Args:
        x: nodes [m], shape (n, 3).
        v: their velocities [m/s], shape (n, 3).
        held: indices of the held nodes, shape (g,).
        target: where the fingers hold them [m], shape (g, 3).
        motion: velocities of these places [m/s], shape (g, 3).
        stiffness: of one node [N/m].
        damping: of one node [N s/m].
        force: changed in place [N], shape (n, 3).
        pull: force [N] and torque about the origin [N m] on the gripper, shape (6,), changed.
    """
    for g in range(held.shape[0]):
        i = held[g]
        fx = stiffness * (target[g, 0] - x[i, 0]) + damping * (motion[g, 0] - v[i, 0])
        fy = stiffness * (target[g, 1] - x[i, 1]) + damping * (motion[g, 1] - v[i, 1])
        fz = stiffness * (target[g, 2] - x[i, 2]) + damping * (motion[g, 2] - v[i, 2])
        force[i, 0] += fx
        force[i, 1] += fy
        force[i, 2] += fz
        pull[0] -= fx
        pull[1] -= fy
        pull[2] -= fz
        pull[3] -= target[g, 1] * fz - target[g, 2] * fy
        pull[4] -= target[g, 2] * fx - target[g, 0] * fz
        pull[5] -= target[g, 0] * fy - target[g, 1] * fx


@njit(cache=True)
def move_grip(
    offsets: Array, position: Array, rotation: Array, twist: Array
) -> tuple[Array, Array]:
    """Places [m] and velocities [m/s] of points fixed to the fingers, shapes (g, 3).

    Args:
        offsets: in the fingers' frame [m], shape (g, 3).
        position: of the fingers [m], shape (3,).
        rotation: of the fingers, shape (3, 3).
        twist: of the fingers [m/s], [rad/s], shape (6,).
    """
    target = np.empty_like(offsets)
    motion = np.empty_like(offsets)
    for g in range(offsets.shape[0]):
        arm = turn(rotation, offsets[g])
        sweep = cross(twist[3:], arm)
        for a in range(3):
            target[g, a] = position[a] + arm[a]
            motion[g, a] = twist[a] + sweep[a]
    return target, motion


@njit(cache=True)
def advance(
    x: Array,
    v: Array,
    tangent: Array,
    springs: Any,
    cloth: Array,
    law: Array,
    capsules: Array,
    capsule_motion: Array,
    held: Indices,
    target: Array,
    target_motion: Array,
    substeps: int,
    dt: float,
) -> tuple[Array, Array]:
    """Advance the sleeve over one tick by semi-implicit Euler steps.

    Capsules and fingers move on straight lines with their given velocities meanwhile.

    Args:
        x: nodes [m], changed in place, shape (n, 3).
        v: their velocities [m/s], changed in place, shape (n, 3).
        tangent: stored friction stretch [m], changed in place, shape (c, n, 3).
        springs: (offsets, laws, grid) of `elbowroom.sim.springs.add_springs`.
        cloth: node mass [kg], spring damping, node drag [N s/m], gravity [m/s^2], grip stiffness
            [N/m], grip damping [N s/m].
        law: see `add_contact`.
        capsules: limbs, see `add_contact`.
        capsule_motion: velocities of their ends, see `add_contact`.
        held: indices of the held nodes, shape (g,).
        target: where the fingers hold them, see `add_grip`.
        target_motion: velocities of these places, see `add_grip`.
        substeps: number of steps.
        dt: length of one [s].

    Returns:
        Mean reaction on each capsule, shape (c, 6), and on the gripper, shape (6,): force [N] and
        torque about the world's origin [N m].
    """
    offsets, laws, grid = springs
    mass, damping, drag, gravity, grip_k, grip_c = cloth
    places = capsules.copy()
    fingers = target.copy()
    reaction = np.zeros((capsules.shape[0], 6))
    pull = np.zeros(6)
    force = np.empty_like(x)
    for _ in range(substeps):
        for c in range(capsules.shape[0]):
            for a in range(6):
                places[c, a] += capsule_motion[c, a] * dt
        fingers += target_motion * dt
        for i in range(x.shape[0]):
            for a in range(3):
                force[i, a] = -drag * v[i, a]
            force[i, 2] -= mass * gravity
        add_springs(x, v, offsets, laws, damping, grid, force)
        add_contact(x, v, places, capsule_motion, tangent, law, dt, force, reaction)
        add_grip(x, v, held, fingers, target_motion, grip_k, grip_c, force, pull)
        for i in range(x.shape[0]):
            for a in range(3):
                v[i, a] += force[i, a] / mass * dt
                x[i, a] += v[i, a] * dt
    return reaction / substeps, pull / substeps
