"""The person's arm in PyBullet: a compliant limb that yields to the robot's tug."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pybullet
from numpy.typing import NDArray

from elbowroom.core import quaternion_from_matrix
from elbowroom.motion import Person
from elbowroom.sim.person.limb import hand_radius, limb_urdf
from elbowroom.sim.person.limb_state import load_limbs, locate_limbs
from elbowroom.sim.person.reference import Reference

Array = NDArray[np.float64]

UPPER, FORE, HAND = 0, 1, 2
LINKS = (UPPER, FORE, HAND)
_WORLD = pybullet.WORLD_FRAME


class Arm:
    """One arm of a person, driven by gravity-compensated spring-damper torques.

    tau = K (reference - q) + D (reference' - q') at the shoulder's ball joint (two axes of swing,
    one of twist, in the frame of the upper arm), the elbow and the forearm's twist. Dampers are
    applied implicitly, D / (1 + D dt / I), which keeps light axes stable.

    Args:
        client: PyBullet connection.
        person: whose arm it is.
        reference: what the person wants to do.
        period: length of a tick [s].
        solid: whether PyBullet's own bodies collide with the arm.
    """

    def __init__(
        self,
        client: int,
        person: Person,
        reference: Reference,
        period: float,
        solid: bool = False,
    ) -> None:
        self.person = person
        self._client, self._reference, self._period = client, reference, period
        self.body = load_limb(client, person, visible=False, solid=solid)
        p, fist = person, hand_radius(person)
        self._masses = np.array([p.upper_arm_mass, p.forearm_mass, p.hand_mass])
        self._lengths = np.array([p.upper_arm, p.forearm, p.hand])
        self._bones = np.array([p.upper_arm, p.forearm, p.hand - fist])
        self._radii = np.array(
            [
                [p.upper_arm_radius, p.elbow_radius],
                [p.elbow_radius, p.wrist_radius],
                [p.wrist_radius, fist],
            ]
        )
        self._stiffness = np.array([p.stiffness[2], *p.stiffness[:2]])
        self._damping = np.array([p.damping[2], *p.damping[:2]])
        self._hand_inertia = p.hand_mass * self._radii[HAND].mean() ** 2 / 2
        _free_joints(client, self.body)
        self.place(0)

    def place(self, tick: int) -> None:
        """Put the arm, at rest, where the person wants it at a tick."""
        r = self._reference
        self._move_shoulder(tick)
        turn = quaternion_from_matrix(r.upper[tick])
        pybullet.resetJointStateMultiDof(
            self.body, 0, turn, [0, 0, 0], physicsClientId=self._client
        )
        self._reset(1, r.flexion[tick])
        self._reset(2, 0.0)
        self.read(tick)

    def _reset(self, joint: int, angle: float) -> None:
        pybullet.resetJointState(self.body, joint, angle, 0.0, physicsClientId=self._client)

    def _move_shoulder(self, tick: int) -> None:
        pybullet.resetBasePositionAndOrientation(
            self.body, self._reference.shoulder[tick], [0, 0, 0, 1], physicsClientId=self._client
        )

    def read(self, tick: int) -> None:
        """Take the limb's state from PyBullet.

        Sets `points` (shoulder, elbow, wrist, fingertips [m], (4, 3)), `frames` (3, 3, 3),
        `capsules` (3, 8) and `motion` (3, 6) as `elbowroom.sim.cloth.kernels.add_contact` wants
        them, and `angles` (elbow flexion, forearm twist [rad]).
        """
        states = pybullet.getLinkStates(self.body, LINKS, 1, 1, physicsClientId=self._client)
        self._spins = np.array([s[7] for s in states])
        self.points, self._centres, self.frames, self.capsules, self.motion = locate_limbs(
            np.array([s[5] for s in states]),
            self._spins,
            np.array(states[0][4]),
            self._reference.shoulder_rate[tick],
            self._lengths,
            self._bones,
            self._radii,
        )
        joints = pybullet.getJointStates(self.body, (1, 2), physicsClientId=self._client)
        self.angles = joints[0][0], joints[1][0]
        self._rates = joints[0][1], joints[1][1]

    def drive(self, tick: int, pull: Array) -> None:
        """Apply the person's torques, the support of the limb's weight and the cloth's pull.

        Args:
            tick: which reference to follow.
            pull: force [N] and torque about the world's origin [N m] on each link, shape (3, 6).
        """
        self._move_shoulder(tick)
        r, client = self._reference, self._client
        forces, torques = load_limbs(
            pull,
            self._centres,
            self.frames[UPPER],
            self._spins[UPPER],
            r.upper[tick],
            r.upper_rate[tick],
            self._stiffness,
            self._damping,
            self._masses,
            self._radii,
            self._period,
        )
        for link in LINKS:
            pybullet.applyExternalForce(
                self.body, link, forces[link], self._centres[link], _WORLD, physicsClientId=client
            )
            pybullet.applyExternalTorque(
                self.body, link, torques[link], _WORLD, physicsClientId=client
            )
        pybullet.setJointMotorControlArray(
            self.body,
            (1, 2),
            pybullet.TORQUE_CONTROL,
            forces=self._joint_torques(tick),
            physicsClientId=client,
        )

    def _joint_torques(self, tick: int) -> list[float]:
        (bend, twist), (bend_rate, twist_rate) = self.angles, self._rates
        r, k, d = self._reference, self.person.stiffness, self.person.damping
        elbow = k[3] * (r.flexion[tick] - bend) + d[3] * (r.flexion_rate[tick] - bend_rate)
        soften = 1.0 + d[4] * self._period / self._hand_inertia
        return [elbow, -k[4] * twist - d[4] * twist_rate / soften]


def load_limb(client: int, person: Person, visible: bool, solid: bool = False) -> int:
    """Load a person's arm into a PyBullet connection; returns the body."""
    flags = pybullet.URDF_USE_INERTIA_FROM_FILE
    if not solid:
        flags |= pybullet.URDF_IGNORE_COLLISION_SHAPES
    if not visible:
        flags |= pybullet.URDF_IGNORE_VISUAL_SHAPES
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "arm.urdf"
        path.write_text(limb_urdf(person))
        return int(
            pybullet.loadURDF(str(path), useFixedBase=True, flags=flags, physicsClientId=client)
        )


def _free_joints(client: int, body: int) -> None:
    pybullet.setJointMotorControlMultiDof(
        body,
        0,
        pybullet.POSITION_CONTROL,
        targetPosition=[0, 0, 0, 1],
        positionGain=0,
        velocityGain=0,
        force=[0, 0, 0],
        physicsClientId=client,
    )
    for joint in (1, 2):
        pybullet.setJointMotorControl2(
            body, joint, pybullet.VELOCITY_CONTROL, force=0, physicsClientId=client
        )
    for link in range(-1, 3):
        pybullet.changeDynamics(
            body, link, linearDamping=0, angularDamping=0, jointDamping=0, physicsClientId=client
        )
