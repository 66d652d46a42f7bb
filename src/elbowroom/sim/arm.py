"""The person's arm in PyBullet: a compliant limb that yields to the robot's tug."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pybullet
from numpy.typing import NDArray

from elbowroom.core import quaternion_from_matrix
from elbowroom.motion import Person
from elbowroom.sim.limb import hand_radius, limb_urdf
from elbowroom.sim.reference import Reference

Array = NDArray[np.float64]

UPPER, FORE, HAND = 0, 1, 2
LINKS = (UPPER, FORE, HAND)
_WEIGHT = 9.81


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
    """

    def __init__(self, client: int, person: Person, reference: Reference, period: float) -> None:
        self.person = person
        self._client, self._reference, self._period = client, reference, period
        self.body = load_limb(client, person, visible=False)
        self._masses = np.array([person.upper_arm_mass, person.forearm_mass, person.hand_mass])
        self._lengths = np.array([person.upper_arm, person.forearm, person.hand])
        fist = hand_radius(person)
        shoulder_r, elbow_r, wrist_r = (
            person.upper_arm_radius,
            person.elbow_radius,
            person.wrist_radius,
        )
        self._radii = np.array([[shoulder_r, elbow_r], [elbow_r, wrist_r], [wrist_r, fist]])
        self._bone = np.array([person.upper_arm, person.forearm, person.hand - fist])
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
        """Take the limb's state from PyBullet: `points`, `frames`, `spins`, `flexion`."""
        states = pybullet.getLinkStates(
            self.body, LINKS, 1, 1, physicsClientId=self._client
        )
        self.frames = np.array(
            [pybullet.getMatrixFromQuaternion(s[5]) for s in states]
        ).reshape(3, 3, 3)
        self.spins = np.array([s[7] for s in states])
        ways = self.frames[:, :, 0] * self._lengths[:, None]
        self.points = np.vstack([states[0][4], states[0][4] + np.cumsum(ways, axis=0)])
        self._centres = self.points[:3] + ways / 2
        self._joints = pybullet.getJointStates(self.body, (1, 2), physicsClientId=self._client)
        self.flexion = float(self._joints[0][0])
        self._rates = self._joint_rates(tick, ways)

    def _joint_rates(self, tick: int, ways: Array) -> Array:
        start = self._reference.shoulder_rate[tick]
        return np.vstack([start, start + np.cumsum(np.cross(self.spins, ways), axis=0)])

    @property
    def capsules(self) -> tuple[Array, Array]:
        """End points and radii (3, 8) and end velocities (3, 6) of the three tapered limbs."""
        bones = self.frames[:, :, 0] * self._bone[:, None]
        start = self.points[:3]
        shapes = np.hstack([start, start + bones, self._radii])
        rates = self._rates[:3]
        return shapes, np.hstack([rates, rates + np.cross(self.spins, bones)])

    def drive(self, tick: int, pull: Array) -> None:
        """Apply the person's torques, the support of the limb's weight and the cloth's pull.

        Args:
            tick: which reference to follow.
            pull: force [N] and torque about the world's origin [N m] on each link, shape (3, 6).
        """
        self._move_shoulder(tick)
        turning = pull[:, 3:] - np.cross(self._centres, pull[:, :3])
        turning[UPPER] += self._shoulder_torque(tick)
        for link in LINKS:
            force = pull[link, :3].copy()
            force[2] += self._masses[link] * _WEIGHT
            pybullet.applyExternalForce(
                self.body,
                link,
                force,
                self._centres[link],
                pybullet.WORLD_FRAME,
                physicsClientId=self._client,
            )
            pybullet.applyExternalTorque(
                self.body, link, turning[link], pybullet.WORLD_FRAME, physicsClientId=self._client
            )
        pybullet.setJointMotorControlArray(
            self.body,
            (1, 2),
            pybullet.TORQUE_CONTROL,
            forces=self._joint_torques(tick),
            physicsClientId=self._client,
        )

    def _shoulder_torque(self, tick: int) -> Array:
        frame, wanted = self.frames[UPPER], self._reference.upper[tick]
        error = np.zeros(3)
        for k in range(3):
            error += 0.5 * np.cross(frame[:, k], wanted[:, k])
        lag = self._reference.upper_rate[tick] - self.spins[UPPER]
        swing_a, swing_b, twist, _, _ = self.person.stiffness
        stiffness = np.array([twist, swing_a, swing_b])
        swing_a, swing_b, twist, _, _ = self.person.damping
        damping = np.array([twist, swing_a, swing_b]) / self._soften(twist, self._twist_inertia())
        return frame @ (stiffness * (frame.T @ error) + damping * (frame.T @ lag))

    def _joint_torques(self, tick: int) -> list[float]:
        (bend, bend_rate, *_), (twist, twist_rate, *_) = self._joints
        r, k, d = self._reference, self.person.stiffness, self.person.damping
        elbow = k[3] * (r.flexion[tick] - bend) + d[3] * (r.flexion_rate[tick] - bend_rate)
        hand = self._masses[HAND] * self._radii[HAND].mean() ** 2 / 2
        return [elbow, (-k[4] * twist - d[4] * twist_rate) / self._soften(d[4], hand)[0]]

    def _soften(self, damping: float, inertia: float) -> Array:
        return np.array([1.0 + damping * self._period / inertia, 1.0, 1.0])

    def _twist_inertia(self) -> float:
        """Inertia of the limb about the upper arm's axis [kg m^2]."""
        spin = 0.5 * np.sum(self._masses * self._radii.mean(axis=1) ** 2)
        axis, elbow = self.frames[UPPER, :, 0], self.points[1]
        away = self._centres[1:] - elbow
        away = away - np.outer(away @ axis, axis)
        return float(spin + np.sum(self._masses[1:] * np.sum(away**2, axis=1)))


def load_limb(client: int, person: Person, visible: bool) -> int:
    """Load a person's arm into a PyBullet connection; returns the body."""
    flags = pybullet.URDF_USE_INERTIA_FROM_FILE | pybullet.URDF_IGNORE_COLLISION_SHAPES
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
