"""Compiled mechanics of the three limbs: where they are and what drives them."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from elbowroom.sim.vectors import cross, rotation_error, rotation_from, turn, turn_back

Array = NDArray[np.float64]

WEIGHT = 9.81


@njit(cache=True)
def locate_limbs(
    turns: Array,
    spins: Array,
    start: Array,
    rate: Array,
    lengths: Array,
    bones: Array,
    radii: Array,
) -> tuple[Array, Array, Array, Array, Array]:
    """Points, frames and moving capsules of the limbs.

    Args:
        turns: orientations (x, y, z, w), shape (3, 4).
        spins: angular velocities [rad/s], shape (3, 3).
        start: shoulder [m], shape (3,).
        rate: its velocity [m/s], shape (3,).
        lengths: of the limbs [m], shape (3,).
        bones: of their capsules' axes [m], shape (3,).
        radii: at both ends [m], shape (3, 2).

    Returns:
        Points (4, 3), centres (3, 3), frames (3, 3, 3), capsules (3, 8) and their end velocities
        (3, 6); see `elbowroom.sim.cloth.kernels.add_contact`.
    """
    points = np.empty((4, 3))
    centres = np.empty((3, 3))
    frames = np.empty((3, 3, 3))
    capsules = np.empty((3, 8))
    motion = np.empty((3, 6))
    speed = rate.copy()
    axis = np.empty(3)
    for a in range(3):
        points[0, a] = start[a]
    for k in range(3):
        frame = rotation_from(turns[k])
        for a in range(3):
            axis[a] = frame[a, 0]
        sweep = cross(spins[k], axis)
        capsules[k, 6] = radii[k, 0]
        capsules[k, 7] = radii[k, 1]
        for a in range(3):
            for b in range(3):
                frames[k, a, b] = frame[a, b]
            capsules[k, a] = points[k, a]
            capsules[k, 3 + a] = points[k, a] + bones[k] * axis[a]
            motion[k, a] = speed[a]
            motion[k, 3 + a] = speed[a] + bones[k] * sweep[a]
            centres[k, a] = points[k, a] + 0.5 * lengths[k] * axis[a]
            points[k + 1, a] = points[k, a] + lengths[k] * axis[a]
            speed[a] += lengths[k] * sweep[a]
    return points, centres, frames, capsules, motion


@njit(cache=True)
def load_limbs(
    pull: Array,
    centres: Array,
    frame: Array,
    spin: Array,
    wanted: Array,
    wanted_spin: Array,
    stiffness: Array,
    damping: Array,
    masses: Array,
    radii: Array,
    period: float,
) -> tuple[Array, Array]:
    """Forces and torques on the limbs from cloth, shoulder muscles and the support of the weight.

    Args:
        pull: cloth's force [N] and torque about the world's origin [N m], shape (3, 6).
        centres: of mass [m], shape (3, 3).
        frame: of the upper arm, shape (3, 3).
        spin: its angular velocity [rad/s], shape (3,).
        wanted: reference of `frame`.
        wanted_spin: reference of `spin`.
        stiffness: of twist and both swings [N m/rad], shape (3,).
        damping: of the same [N m s/rad], shape (3,).
        masses: [kg], shape (3,).
        radii: at both ends [m], shape (3, 2).
        period: of a tick [s]; the twist's damper is applied implicitly, D / (1 + D dt / I).

    Returns:
        Forces at the centres of mass and torques, shapes (3, 3).
    """
    forces = np.empty((3, 3))
    torques = np.empty((3, 3))
    for k in range(3):
        lever = cross(centres[k], pull[k])
        for a in range(3):
            forces[k, a] = pull[k, a]
            torques[k, a] = pull[k, 3 + a] - lever[a]
        forces[k, 2] += masses[k] * WEIGHT
    error = turn_back(frame, rotation_error(frame, wanted))
    lag = turn_back(frame, wanted_spin - spin)
    soft = 1.0 + damping[0] * period / _twist_inertia(centres, frame, masses, radii)
    for a in range(3):
        damper = damping[a] / soft if a == 0 else damping[a]
        error[a] = stiffness[a] * error[a] + damper * lag[a]
    muscle = turn(frame, error)
    for a in range(3):
        torques[0, a] += muscle[a]
    return forces, torques


@njit(cache=True)
def _twist_inertia(centres: Array, frame: Array, masses: Array, radii: Array) -> float:
    """Inertia of the limb about the upper arm's axis [kg m^2]."""
    inertia = 0.0
    for k in range(3):
        radius = 0.5 * (radii[k, 0] + radii[k, 1])
        along = 0.0
        square = 0.0
        for a in range(3):
            away = centres[k, a] - centres[0, a]
            along += away * frame[a, 0]
            square += away * away
        inertia += masses[k] * (0.5 * radius * radius + square - along * along)
    return inertia
