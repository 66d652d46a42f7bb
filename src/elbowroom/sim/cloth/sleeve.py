"""The sleeve: a tube of masses and springs that the gripper drags over the arm."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Pose, matrix_from_quaternion
from elbowroom.motion import Garment
from elbowroom.sim.cloth.kernels import advance, move_grip
from elbowroom.sim.cloth.springs import HALO
from elbowroom.sim.errors import SimulationError

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

AROUND, ALONG = 16, 9
HELD_NODES = np.arange(-2, 3) % AROUND
"""Nodes of the cuff between the fingers."""
GRAVITY = 9.81
THREAD_SHARE = 0.6
SHEAR_SHARE = 0.5
BUCKLED = 0.1
SPRING_DAMPING, DRAG = 0.05, 0.003
GRIP_STIFFNESS, GRIP_DAMPING = 300.0, 0.5
PAD = 0.03
"""Way [m] that the cloth may slide between the fingers before it has left them."""
CONTACT = (400.0, 0.4, 200.0, 0.1)
"""Normal stiffness [N/m] and damping [N s/m], tangential stiffness and damping."""


@dataclass(frozen=True)
class Pull:
    """What the cloth did to the rigid bodies during a tick.

    Attributes:
        limbs: force [N] and torque about the world's origin [N m] on each limb, shape (c, 6).
        gripper: the same on the gripper, shape (6,).
    """

    limbs: Array
    gripper: Array


class Sleeve:
    """A tube of `ALONG` rings with `AROUND` nodes each; ring 0 is the cuff that the robot leads.

    Args:
        garment: what it is made of.
        centre: centre of the cuff [m], shape (3,).
        axis: unit vector from the cuff towards the trailing end, shape (3,).
        grip: unit vector from the cuff's centre towards the fingers, across `axis`, shape (3,).
        hold: pull at which the cloth slides between the fingers [N]: twice the grip force times
            the coefficient of friction.
    """

    def __init__(
        self, garment: Garment, centre: Array, axis: Array, grip: Array, hold: float = math.inf
    ) -> None:
        self.x = make_tube(garment, centre, axis, grip)
        self.v = np.zeros_like(self.x)
        self.springs, self.faces = _springs(garment), quads()
        mass = garment.mass / len(self.x)
        self.cloth = np.array([mass, SPRING_DAMPING, DRAG, GRAVITY])
        self.grip = np.array([GRIP_STIFFNESS, GRIP_DAMPING, hold])
        self.law = np.array([*CONTACT, garment.friction])
        self._tangent = np.zeros((0, len(self.x) + len(self.faces), 3))
        self._offsets = np.zeros((len(HELD_NODES), 3))
        self._slip = np.zeros(3)
        self.held = HELD_NODES

    @property
    def slip(self) -> float:
        """How far the cloth has slid between the fingers [m]; beyond `PAD` it has left them."""
        return float(np.linalg.norm(self._slip))

    @property
    def cuff(self) -> Array:
        """Nodes of the leading ring [m], shape (AROUND, 3)."""
        return self.x[:AROUND]

    @property
    def tail(self) -> Array:
        """Nodes of the trailing ring [m], shape (AROUND, 3)."""
        return self.x[-AROUND:]

    def grasp(self, gripper: Pose) -> None:
        """Close the fingers on the held nodes where these are now."""
        rotation = matrix_from_quaternion(gripper.orientation)
        self._offsets = (self.x[HELD_NODES] - gripper.position) @ rotation

    def advance(
        self,
        capsules: Array,
        motion: Array,
        position: Array,
        rotation: Array,
        twist: Array,
        duration: float,
        substeps: int,
    ) -> Pull:
        """Advance by one tick; see `elbowroom.sim.cloth.kernels.advance` for the physics.

        Args:
            capsules: limbs at the start of the tick, shape (c, 8).
            motion: velocities of their ends, shape (c, 6).
            position: of the fingers at the start of the tick [m], shape (3,).
            rotation: of the fingers, shape (3, 3).
            twist: their linear [m/s] and angular [rad/s] velocity, shape (6,).
            duration: [s].
            substeps: steps within it.

        Raises:
            SimulationError: if the state is no longer finite.
        """
        if len(self._tangent) != len(capsules):
            self._tangent = np.zeros((len(capsules), *self._tangent.shape[1:]))
        target, target_motion = move_grip(self._offsets, position, rotation, twist)
        limbs, pull, slip = advance(
            self.x,
            self.v,
            self._tangent,
            self.springs,
            self.faces,
            self.cloth,
            self.grip,
            self.law,
            capsules,
            motion,
            self.held,
            target,
            target_motion,
            substeps,
            duration / substeps,
        )
        if not (np.isfinite(self.x).all() and np.isfinite(pull).all()):
            raise SimulationError("the sleeve's state is no longer finite")
        if slip.any():
            self._slide(slip @ rotation)
        return Pull(limbs, pull)

    def _slide(self, way: Array) -> None:
        self._offsets += way
        self._slip += way
        if self.slip > PAD:
            self.held, self._offsets = HELD_NODES[:0], self._offsets[:0]


def quads(along: int = ALONG, around: int = AROUND) -> Indices:
    """Node indices of the faces of a tube of rings, corner by corner, shape (m, 4)."""
    ring, node = np.meshgrid(np.arange(along - 1), np.arange(around), indexing="ij")
    a = ring * around + node
    b = ring * around + (node + 1) % around
    return np.stack([a, b, b + around, a + around], axis=-1).reshape(-1, 4)


def triangles(along: int = ALONG, around: int = AROUND) -> Indices:
    """Node indices of the triangles of a tube of rings, two a face, shape (m, 3)."""
    faces = quads(along, around)
    return np.concatenate([faces[:, [0, 1, 3]], faces[:, [1, 2, 3]]])


def make_tube(garment: Garment, centre: Array, axis: Array, grip: Array) -> Array:
    """Nodes of the unstretched sleeve [m], shape (ALONG * AROUND, 3), ring by ring from the cuff.

    Args:
        garment: length and radius.
        centre: of the cuff [m], shape (3,).
        axis: unit vector from the cuff towards the trailing end, shape (3,).
        grip: unit vector across it to the first node of every ring, shape (3,).
    """
    side = np.cross(axis, grip)
    angle = 2 * np.pi * np.arange(AROUND) / AROUND
    ring = garment.radius * (np.cos(angle)[:, None] * grip + np.sin(angle)[:, None] * side)
    along = np.linspace(0.0, garment.length, ALONG)[:, None, None] * axis
    return np.ascontiguousarray((centre + along + ring).reshape(-1, 3))


def _springs(garment: Garment) -> tuple[Indices, Array, Array]:
    """Families of springs and scratch space; see `elbowroom.sim.cloth.springs.add_springs`."""
    thread, shear = (
        THREAD_SHARE * garment.elasticity,
        SHEAR_SHARE * THREAD_SHARE * garment.elasticity,
    )
    families = [
        (1, 0, thread, BUCKLED),
        (0, 1, thread, BUCKLED),
        (1, 1, shear, BUCKLED),
        (1, -1, shear, BUCKLED),
        (2, 0, garment.bending, 1.0),
        (0, 2, garment.bending, 1.0),
    ]
    laws = [(_rest_length(garment, f[0], f[1]), f[2], f[3]) for f in families]
    grid = np.zeros((9, ALONG, AROUND + 2 * HALO))
    return np.array([f[:2] for f in families]), np.array(laws), grid


def _rest_length(garment: Garment, along: int, around: int) -> float:
    """Distance of two nodes of the unstretched tube [m]."""
    chord = 2 * garment.radius * np.sin(np.pi * around / AROUND)
    return float(np.hypot(garment.length * along / (ALONG - 1), chord))
