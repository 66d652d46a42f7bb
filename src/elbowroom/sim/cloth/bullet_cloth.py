"""Bullet's own deformable cloth as the sleeve: slow, and there as a cross-check."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import numpy as np
import pybullet
from numpy.typing import NDArray

from elbowroom.core import Pose, matrix_from_quaternion
from elbowroom.motion import Garment
from elbowroom.sim.cloth.kernels import move_grip
from elbowroom.sim.cloth.sleeve import (
    AROUND,
    GRAVITY,
    GRIP_STIFFNESS,
    HELD_NODES,
    Pull,
    make_tube,
    triangles,
)
from elbowroom.sim.errors import SimulationError

Array = NDArray[np.float64]

ELASTIC_LIMIT = 40.0
"""Stiffest spring that Bullet's explicit cloth bears at 240 Hz [N/m]."""
_SPRING_DAMPING, _BENDING_SHARE, _MARGIN = 0.1, 0.1, 0.004
_CLAMP_MASS, _CLAMP_DAMPING = 0.05, 2.0


class BulletCloth:
    """The sleeve of `elbowroom.sim.cloth.sleeve.Sleeve` as a deformable body of PyBullet.

    The held nodes are anchored to five small free bodies, which springs tie to the fingers: an
    anchor on the robot itself would not be felt by the wrist's sensor. Contact with the arm is
    Bullet's, so `advance` returns no force on the limbs. Springs are softer than the tube's,
    since Bullet integrates them explicitly at the tick's rate.

    Args:
        client: PyBullet connection with a deformable world.
        garment: what it is made of.
        centre: centre of the cuff [m], shape (3,).
        axis: unit vector from the cuff towards the trailing end, shape (3,).
        grip: unit vector from the cuff's centre towards the fingers, shape (3,).
        hold: pull at which the cloth slides between the fingers [N].
    """

    def __init__(
        self,
        client: int,
        garment: Garment,
        centre: Array,
        axis: Array,
        grip: Array,
        hold: float = math.inf,
    ) -> None:
        self._client, self._hold = client, hold
        nodes = make_tube(garment, centre, axis, grip)
        self._cloth = _load(client, garment, nodes)
        self._clamps = [self._add_clamp(int(node), nodes[node]) for node in HELD_NODES]
        self._offsets = np.zeros((len(HELD_NODES), 3))
        self._way = np.zeros(3)
        if not np.allclose(self.x, nodes, atol=1e-4):
            raise SimulationError("PyBullet has reordered the nodes of the cloth")

    def _add_clamp(self, node: int, place: Array) -> int:
        client = self._client
        body = pybullet.createMultiBody(_CLAMP_MASS, -1, -1, place, physicsClientId=client)
        pybullet.createSoftBodyAnchor(self._cloth, node, body, -1, physicsClientId=client)
        return int(body)

    @property
    def x(self) -> Array:
        """Nodes [m], shape (n, 3), ring by ring from the cuff."""
        _, nodes = pybullet.getMeshData(
            self._cloth, -1, flags=pybullet.MESH_DATA_SIMULATION_MESH, physicsClientId=self._client
        )
        return np.array(nodes)

    @property
    def slip(self) -> float:
        """How far the cloth has slid between the fingers [m]; it never leaves them here."""
        return float(np.linalg.norm(self._way))

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
        places = np.array([self._clamp_state(body)[0] for body in self._clamps])
        rotation = matrix_from_quaternion(gripper.orientation)
        self._offsets = (places - gripper.position) @ rotation

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
        """Pull the clamps towards the fingers; PyBullet's next step moves the cloth.

        Args:
            capsules: not used, PyBullet knows the limbs.
            motion: not used.
            position: of the fingers [m], shape (3,).
            rotation: of the fingers, shape (3, 3).
            twist: their linear [m/s] and angular [rad/s] velocity, shape (6,).
            duration: not used.
            substeps: not used.

        Raises:
            SimulationError: if the state is no longer finite.
        """
        target, speed = move_grip(self._offsets, position, rotation, twist)
        states = [self._clamp_state(body) for body in self._clamps]
        places, velocities = (np.array(part) for part in zip(*states, strict=True))
        forces = GRIP_STIFFNESS * (target - places) + _CLAMP_DAMPING * (speed - velocities)
        forces = self._slip(forces, rotation)
        pull = np.zeros(6)
        for body, place, wanted, force in zip(self._clamps, places, target, forces, strict=True):
            pull[:3] -= force
            pull[3:] -= np.cross(wanted, force)
            lifted = force + [0.0, 0.0, _CLAMP_MASS * GRAVITY]
            pybullet.applyExternalForce(
                body, -1, lifted, place, pybullet.WORLD_FRAME, physicsClientId=self._client
            )
        if not np.isfinite(pull).all():
            raise SimulationError("the sleeve's state is no longer finite")
        return Pull(np.zeros((len(capsules), 6)), pull)

    def _slip(self, forces: Array, rotation: Array) -> Array:
        """What the fingers' friction transmits; see `elbowroom.sim.cloth.kernels.add_grip`."""
        total = forces.sum(axis=0)
        share = min(1.0, self._hold / max(float(np.linalg.norm(total)), 1e-12))
        way = (share - 1.0) / (len(forces) * GRIP_STIFFNESS) * total
        self._offsets = self._offsets + way @ rotation
        self._way = self._way + way @ rotation
        return np.asarray(share * forces)

    def _clamp_state(self, body: int) -> tuple[Array, Array]:
        place, _ = pybullet.getBasePositionAndOrientation(body, physicsClientId=self._client)
        velocity, _ = pybullet.getBaseVelocity(body, physicsClientId=self._client)
        return np.array(place), np.array(velocity)


def open_deformable_world(client: int) -> None:
    """Make a fresh connection ready for cloth."""
    pybullet.resetSimulation(pybullet.RESET_USE_DEFORMABLE_WORLD, physicsClientId=client)


def _load(client: int, garment: Garment, nodes: Array) -> int:
    lines = [f"v {x:.9g} {y:.9g} {z:.9g}" for x, y, z in nodes]
    lines += [f"f {a} {b} {c}" for a, b, c in triangles() + 1]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sleeve.obj"
        path.write_text("\n".join(lines) + "\n")
        return int(
            pybullet.loadSoftBody(
                str(path),
                mass=garment.mass,
                useMassSpring=1,
                useBendingSprings=1,
                useNeoHookean=0,
                springElasticStiffness=min(garment.elasticity / 4, ELASTIC_LIMIT),
                springBendingStiffness=_BENDING_SHARE * ELASTIC_LIMIT,
                springDampingStiffness=_SPRING_DAMPING,
                springDampingAllDirections=0,
                useSelfCollision=0,
                useFaceContact=1,
                frictionCoeff=garment.friction,
                collisionMargin=_MARGIN,
                physicsClientId=client,
            )
        )
