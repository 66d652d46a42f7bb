"""The Franka Panda in PyBullet: follows a gripper velocity and feels with its wrist."""

from __future__ import annotations

import os

import numpy as np
import pybullet
import pybullet_data
from numpy.typing import NDArray

from elbowroom.core import Command, Pose, exp_so3, quaternion_from_matrix
from elbowroom.sim.robot import panda
from elbowroom.sim.vectors import quaternion_of, spin_rotation, torque_about

Array = NDArray[np.float64]

FLANGE_JOINT, HAND_LINK = 7, 8
FINGER_JOINTS = (9, 10)
HAND_LINKS = (8, 9, 10)
HAND_MASS = 1.01
HAND_CENTRE = np.array([0.0, 0.0, 0.04760])
"""Of hand and fingers in the flange's frame [m]."""
HAND_INERTIA = np.array([0.0034, 0.0014, 0.0026])
_LINK_INERTIA = {7: (1e-5, 1e-5, 1e-5), 8: (0.0025, 0.0008, 0.0022), 11: (1e-6, 1e-6, 1e-6)}
_FINGER_INERTIA = (3e-5, 3e-5, 1e-5)
_GAIN = 0.1
_LEASH, _LEASH_TURN = 0.01, 0.05
"""Farthest that the wanted pose may run ahead of the joints [m], [rad]."""


class Robot:
    """The arm with its gripper closed on the cuff.

    Args:
        client: PyBullet connection.
        base: position of the base [m], shape (3,).
        yaw: turn of the base about z [rad].
        period: length of a tick [s].
    """

    def __init__(self, client: int, base: Array, yaw: float, period: float) -> None:
        self.base, self.turn = np.asarray(base, dtype=float), exp_so3([0.0, 0.0, yaw])
        self._client, self._period = client, period
        self.body = load_panda(client, self.base, self.turn, visible=False)
        self._limit = 0.95 * panda.SPEED * period
        _set_inertia(client, self.body)
        pybullet.enableJointForceTorqueSensor(self.body, FLANGE_JOINT, True, physicsClientId=client)
        self.place(panda.REST)

    def place(self, q: Array) -> None:
        """Put the joints, at rest, at the angles q [rad], shape (7,)."""
        for joint, angle in enumerate(q):
            pybullet.resetJointState(self.body, joint, angle, 0.0, physicsClientId=self._client)
        for joint in FINGER_JOINTS:
            pybullet.resetJointState(self.body, joint, 0.002, 0.0, physicsClientId=self._client)
            pybullet.setJointMotorControl2(
                self.body,
                joint,
                pybullet.POSITION_CONTROL,
                targetPosition=0.002,
                force=50,
                physicsClientId=self._client,
            )
        self._wanted = np.array(q, dtype=float)
        self._goal, self._goal_turn, _ = panda.forward(self._wanted, self.base, self.turn)
        self.twist = np.zeros(6)
        self.twist_rate = np.zeros(6)
        self.read()
        self.twist_rate[:] = 0.0

    def read(self) -> None:
        """Take the joints' state from PyBullet: pose, twist, its rate, and the wrist's load."""
        states = pybullet.getJointStates(
            self.body, range(panda.JOINTS + 1), physicsClientId=self._client
        )
        self.q = np.array([s[0] for s in states[: panda.JOINTS]])
        rate = np.array([s[1] for s in states[: panda.JOINTS]])
        self.position, self.rotation, twist = panda.state(self.q, rate, self.base, self.turn)
        self.twist_rate = (twist - self.twist) / self._period
        self.twist = twist
        self.load = np.array(states[FLANGE_JOINT][2])

    @property
    def pose(self) -> Pose:
        """Pose of the point between the fingers."""
        return Pose(self.position.copy(), quaternion_of(self.rotation))

    def effort_of(self, pull: Array) -> Array:
        """External torques of the joints, tau = J^T (F, M) [N m], shape (7,).

        Args:
            pull: force [N] and torque about the world's origin [N m] on the fingers, shape (6,).
        """
        _, _, jacobian = panda.forward(self.q, self.base, self.turn)
        about_fingers = np.append(pull[:3], torque_about(pull, self.position))
        return np.asarray(jacobian.T @ about_fingers)

    def drive(self, command: Command, pull: Array) -> None:
        """Set the motors so that the fingers move with the commanded velocity.

        Args:
            command: gripper velocity.
            pull: cloth's force [N] and torque about the world's origin [N m], shape (6,).
        """
        self._goal = self._goal + command.linear * self._period
        self._goal_turn = spin_rotation(self._goal_turn, command.angular * self._period)
        before = self._wanted
        self._wanted, error = panda.follow(
            before, self.base, self.turn, self._goal, self._goal_turn, self._limit
        )
        self._hold_back(error)
        pybullet.setJointMotorControlArray(
            self.body,
            range(panda.JOINTS),
            pybullet.POSITION_CONTROL,
            targetPositions=self._wanted,
            targetVelocities=(self._wanted - before) / self._period,
            forces=panda.EFFORT,
            positionGains=[_GAIN] * panda.JOINTS,
            velocityGains=[1.0] * panda.JOINTS,
            physicsClientId=self._client,
        )
        self._apply(pull)

    def _hold_back(self, error: Array) -> None:
        """Keep the goal on a leash: it must not run away from what the joints can do."""
        lag, turn = np.sqrt(error[:3] @ error[:3]), np.sqrt(error[3:] @ error[3:])
        if lag > _LEASH:
            self._goal = self._goal - (1 - _LEASH / lag) * error[:3]
        if turn > _LEASH_TURN:
            self._goal_turn = spin_rotation(self._goal_turn, -(1 - _LEASH_TURN / turn) * error[3:])

    def _apply(self, pull: Array) -> None:
        torque = torque_about(pull, self.position)
        pybullet.applyExternalForce(
            self.body,
            HAND_LINK,
            pull[:3],
            self.position,
            pybullet.WORLD_FRAME,
            physicsClientId=self._client,
        )
        pybullet.applyExternalTorque(
            self.body, HAND_LINK, torque, pybullet.WORLD_FRAME, physicsClientId=self._client
        )


def load_panda(client: int, base: Array, turn: Array, visible: bool) -> int:
    """Load the robot into a PyBullet connection; returns the body."""
    flags = pybullet.URDF_USE_INERTIA_FROM_FILE | pybullet.URDF_IGNORE_COLLISION_SHAPES
    if not visible:
        flags |= pybullet.URDF_IGNORE_VISUAL_SHAPES
    return int(
        pybullet.loadURDF(
            os.path.join(pybullet_data.getDataPath(), "franka_panda", "panda.urdf"),
            base,
            quaternion_from_matrix(turn),
            useFixedBase=True,
            flags=flags,
            physicsClientId=client,
        )
    )


def _set_inertia(client: int, body: int) -> None:
    # The model's file gives every link 0.1 kg m^2, far too much for a hand on a torque sensor.
    inertia = _LINK_INERTIA | dict.fromkeys(FINGER_JOINTS, _FINGER_INERTIA)
    for link in range(-1, 12):
        pybullet.changeDynamics(
            body, link, linearDamping=0, angularDamping=0, physicsClientId=client
        )
    for link, diagonal in inertia.items():
        pybullet.changeDynamics(body, link, localInertiaDiagonal=diagonal, physicsClientId=client)
