"""The compiled inner loop of the sleeve: grip and one tick in time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from elbowroom.sim.cloth.contact import add_contact, find_near
from elbowroom.sim.cloth.springs import add_springs
from elbowroom.sim.vectors import cross, turn

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@njit(cache=True)
def add_grip(
    x: Array,
    v: Array,
    held: Indices,
    target: Array,
    motion: Array,
    grip: Array,
    force: Array,
    pull: Array,
    slip: Array,
) -> None:
    """Add the springs between held nodes and the fingers, which hold by friction.

    With F = sum_g k (target_g - x_g) + d (motion_g - v_g) and |F| > hold, the fingers transmit
    (hold / |F|) F only, and the cloth slides between them: every target moves by
    -(1 - hold / |F|) F / (g k), after which the springs bear what is transmitted.

    Args:
        x: nodes [m], shape (n, 3).
        v: their velocities [m/s], shape (n, 3).
        held: indices of the held nodes, shape (g,).
        target: where the fingers hold them [m], changed in place where they slip, shape (g, 3).
        motion: velocities of these places [m/s], shape (g, 3).
        grip: stiffness k [N/m] and damping d [N s/m] of one node, hold [N]; shape (3,).
        force: changed in place [N], shape (n, 3).
        pull: force [N] and torque about the origin [N m] on the gripper, shape (6,), changed.
        slip: way of the cloth through the fingers [m], added to, shape (3,).
    """
    count = held.shape[0]
    if count == 0:
        return
    stiffness, damping, hold = grip
    fx = fy = fz = 0.0
    for g in range(count):
        i = held[g]
        fx += stiffness * (target[g, 0] - x[i, 0]) + damping * (motion[g, 0] - v[i, 0])
        fy += stiffness * (target[g, 1] - x[i, 1]) + damping * (motion[g, 1] - v[i, 1])
        fz += stiffness * (target[g, 2] - x[i, 2]) + damping * (motion[g, 2] - v[i, 2])
    size = math.sqrt(fx * fx + fy * fy + fz * fz)
    share = min(1.0, hold / size) if size > 0.0 else 1.0
    way = (share - 1.0) / (count * stiffness)
    for g in range(count):
        i = held[g]
        gx = share * (stiffness * (target[g, 0] - x[i, 0]) + damping * (motion[g, 0] - v[i, 0]))
        gy = share * (stiffness * (target[g, 1] - x[i, 1]) + damping * (motion[g, 1] - v[i, 1]))
        gz = share * (stiffness * (target[g, 2] - x[i, 2]) + damping * (motion[g, 2] - v[i, 2]))
        force[i, 0] += gx
        force[i, 1] += gy
        force[i, 2] += gz
        pull[0] -= gx
        pull[1] -= gy
        pull[2] -= gz
        pull[3] -= target[g, 1] * gz - target[g, 2] * gy
        pull[4] -= target[g, 2] * gx - target[g, 0] * gz
        pull[5] -= target[g, 0] * gy - target[g, 1] * gx
        target[g, 0] += way * fx
        target[g, 1] += way * fy
        target[g, 2] += way * fz
    slip[0] += way * fx
    slip[1] += way * fy
    slip[2] += way * fz


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
    faces: Indices,
    cloth: Array,
    grip: Array,
    law: Array,
    capsules: Array,
    capsule_motion: Array,
    held: Indices,
    target: Array,
    target_motion: Array,
    substeps: int,
    dt: float,
) -> tuple[Array, Array, Array]:
    """Advance the sleeve over one tick by semi-implicit Euler steps.

    Capsules and fingers move on straight lines with their given velocities meanwhile.

    Args:
        x: nodes [m], changed in place, shape (n, 3).
        v: their velocities [m/s], changed in place, shape (n, 3).
        tangent: stored friction stretch [m], changed in place, shape (c, n + f, 3).
        springs: (offsets, laws, grid) of `elbowroom.sim.cloth.springs.add_springs`.
        faces: corners of the faces that touch, beside the nodes, shape (f, 4).
        cloth: node mass [kg], spring damping, node drag [N s/m], gravity [m/s^2].
        grip: see `add_grip`.
        law: see `elbowroom.sim.cloth.contact.add_contact`.
        capsules: limbs, see there.
        capsule_motion: velocities of their ends, see there.
        held: indices of the held nodes, shape (g,).
        target: where the fingers hold them, see `add_grip`.
        target_motion: velocities of these places, see `add_grip`.
        substeps: number of steps.
        dt: length of one [s].

    Returns:
        Mean reaction on each capsule, shape (c, 6), and on the gripper, shape (6,): force [N] and
        torque about the world's origin [N m]; way of the cloth through the fingers [m], shape (3,).
    """
    offsets, laws, grid = springs
    mass, damping, drag, gravity = cloth
    places = capsules.copy()
    fingers = target.copy()
    reaction = np.zeros((capsules.shape[0], 6))
    pull, slip = np.zeros(6), np.zeros(3)
    force = np.empty_like(x)
    near = np.empty(tangent.shape[:2], dtype=np.int64)
    counts = np.empty(capsules.shape[0], dtype=np.int64)
    find_near(x, v, faces, capsules, capsule_motion, substeps * dt, tangent, near, counts)
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
        add_contact(
            x,
            v,
            faces,
            places,
            capsule_motion,
            near,
            counts,
            tangent,
            law,
            dt,
            force,
            reaction,
        )
        add_grip(x, v, held, fingers, target_motion, grip, force, pull, slip)
        for i in range(x.shape[0]):
            for a in range(3):
                v[i, a] += force[i, a] / mass * dt
                x[i, a] += v[i, a] * dt
    return reaction / substeps, pull / substeps, slip
