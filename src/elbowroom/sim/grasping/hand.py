"""A Panda whose fingers can grasp: follows a gripper velocity, opens and closes."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import pybullet
import pybullet_data
from numba import njit
from numpy.typing import NDArray

from elbowroom.core import Command
from elbowroom.sim.errors import UnreachableError
from elbowroom.sim.robot import panda

Array = NDArray[np.float64]

HAND, FINGERS = 8, (9, 10)
OPEN, SHUT = 0.04, 0.0
"""Place of either finger [m]."""
FORCE = 25.0
"""Of either finger [N]."""
FINGER_SPEED = 0.25
"""[m/s]."""
FRICTION = 1.0
YAW_LIMIT = 1.9
"""The goal's yaw stays within this [rad]; the last joint goes little further."""
_GAIN = 0.2
_LEASH, _LEASH_TURN = 0.02, 0.1
"""Farthest that the wanted pose may run ahead of the hand [m], [rad]: what is wanted but not yet
done is not seen by a policy, so it has to be little."""
_CLOSE_ENOUGH = 2e-3
_ALONE, _WORLD = 0, 1


class Hand:
    """The arm, driven by velocity; only hand and fingers touch the world.

    Args:
        client: PyBullet connection.
        period: length of a tick [s].
        substeps: steps of the physics within it.
    """

    def __init__(self, client: int, period: float, substeps: int) -> None:
        self._client, self._period = client, period
        # Where the joints are on average at the starts of a tick's steps, as a share of its way:
        # the position's error is then none on average, and the velocity alone moves the arm.
        self._mean = (substeps - 1) / (2 * substeps)
        self._limit = 0.95 * panda.SPEED * period
        self.body = _load(client)
        self._gear = pybullet.createConstraint(
            self.body,
            FINGERS[0],
            self.body,
            FINGERS[1],
            pybullet.JOINT_GEAR,
            (1, 0, 0),
            (0, 0, 0),
            (0, 0, 0),
            physicsClientId=client,
        )
        pybullet.changeConstraint(
            self._gear, gearRatio=-1, erp=0.1, maxForce=50, physicsClientId=client
        )
        self.closed = False
        self.q = panda.REST.copy()

    def place(self, position: Array, yaw: float) -> None:
        """Put the open hand, at rest and pointing down, somewhere.

        Args:
            position: of the point between the fingers [m], shape (3,).
            yaw: of the hand about the vertical [rad].

        Raises:
            UnreachableError: if the arm cannot be there.
        """
        wanted = pointing_down(yaw)
        q, error = panda.reach(panda.REST, _ORIGIN, _LEVEL, position, wanted, 200)
        if error > _CLOSE_ENOUGH:
            raise UnreachableError(f"the hand cannot be at {np.round(position, 3)}, yaw {yaw:.2f}")
        for joint, angle in enumerate(q):
            pybullet.resetJointState(self.body, joint, angle, 0.0, physicsClientId=self._client)
        for joint in FINGERS:
            pybullet.resetJointState(self.body, joint, OPEN, 0.0, physicsClientId=self._client)
        self._wanted, self._goal, self._yaw = q, np.array(position, dtype=float), float(yaw)
        self.closed = False
        self._squeeze()
        self.read()

    def read(self) -> None:
        """Take the joints' state from PyBullet: pose of the fingers and their opening."""
        states = pybullet.getJointStates(self.body, _JOINTS, physicsClientId=self._client)
        arm, fingers = states[: panda.JOINTS], states[panda.JOINTS :]
        self.q, rate = np.array([s[0] for s in arm]), np.array([s[1] for s in arm])
        self.fingers = np.array([s[0] for s in fingers])
        self.position, self.rotation, self.twist = panda.state(self.q, rate, _ORIGIN, _LEVEL)

    @property
    def opening(self) -> float:
        """Distance between the fingers [m]."""
        return float(self.fingers.sum())

    @property
    def yaw(self) -> float:
        """Turn of the hand about the vertical [rad]; see `pointing_down`."""
        return math.atan2(self.rotation[1, 0], self.rotation[0, 0])

    def drive(self, command: Command, closed: bool, low: Array, high: Array) -> None:
        """Set the motors for one tick.

        Args:
            command: gripper velocity; of the turn only that about the vertical counts.
            closed: whether the fingers shall be shut.
            low: corner of the box in which the goal stays [m], shape (3,).
            high: the opposite corner [m], shape (3,).
        """
        self._wanted, self._goal, self._yaw, targets, speeds = _steer(
            self._wanted,
            self._goal + command.linear * self._period,
            self._yaw + float(command.angular[2]) * self._period,
            self.position,
            self.rotation,
            low,
            high,
            self._limit,
            self._mean,
        )
        pybullet.setJointMotorControlArray(
            self.body,
            range(panda.JOINTS),
            pybullet.POSITION_CONTROL,
            targetPositions=targets.tolist(),
            targetVelocities=(speeds / self._period).tolist(),
            forces=_EFFORT,
            positionGains=_GAINS,
            velocityGains=_ONES,
            physicsClientId=self._client,
        )
        if closed != self.closed:
            self.closed = closed
            self._squeeze()

    def _squeeze(self) -> None:
        for joint in FINGERS:
            pybullet.setJointMotorControl2(
                self.body,
                joint,
                pybullet.POSITION_CONTROL,
                targetPosition=SHUT if self.closed else OPEN,
                force=FORCE,
                maxVelocity=FINGER_SPEED,
                physicsClientId=self._client,
            )


_JOINTS = (*range(panda.JOINTS), *FINGERS)
_ORIGIN, _LEVEL = np.zeros(3), np.eye(3)
_EFFORT = panda.EFFORT.tolist()
_GAINS, _ONES = [_GAIN] * panda.JOINTS, [1.0] * panda.JOINTS


@njit(cache=True)
def _steer(
    wanted: Array,
    goal: Array,
    yaw: float,
    position: Array,
    rotation: Array,
    low: Array,
    high: Array,
    limit: Array,
    mean: float,
) -> tuple[Array, Array, float, Array, Array]:
    """Wanted joints, goal and yaw of this tick, and where and how far the motors shall turn."""
    size = 0.0
    for a in range(3):
        goal[a] = min(max(goal[a], low[a]), high[a])
        size += (goal[a] - position[a]) ** 2
    size = math.sqrt(size)
    if size > _LEASH:
        for a in range(3):
            goal[a] = position[a] + (goal[a] - position[a]) * (_LEASH / size)
    now = math.atan2(rotation[1, 0], rotation[0, 0])
    ahead = min(max(yaw - now, -_LEASH_TURN), _LEASH_TURN)
    yaw = min(max(now + ahead, -YAW_LIMIT), YAW_LIMIT)
    after, _ = panda.follow(wanted, _ORIGIN, _LEVEL, goal, pointing_down(yaw), limit)
    return after, goal, yaw, wanted + mean * (after - wanted), after - wanted


@njit(cache=True)
def pointing_down(yaw: float) -> Array:
    """Rotation of a hand that points down; the fingers move along its y axis.

    At yaw 0 the hand's x axis is the world's, its y and z axes are opposite to the world's.
    """
    c, s = math.cos(yaw), math.sin(yaw)
    return np.array([[c, s, 0.0], [s, -c, 0.0], [0.0, 0.0, -1.0]])


def _load(client: int) -> int:
    path = Path(pybullet_data.getDataPath()) / "franka_panda" / "panda.urdf"
    body = int(
        pybullet.loadURDF(
            os.fspath(path),
            useFixedBase=True,
            flags=pybullet.URDF_USE_INERTIA_FROM_FILE | pybullet.URDF_IGNORE_VISUAL_SHAPES,
            physicsClientId=client,
        )
    )
    for link in range(-1, pybullet.getNumJoints(body, physicsClientId=client)):
        group = _WORLD if link in (HAND, *FINGERS) else _ALONE
        pybullet.setCollisionFilterGroupMask(body, link, group, group, physicsClientId=client)
        pybullet.changeDynamics(
            body, link, linearDamping=0, angularDamping=0, physicsClientId=client
        )
    for link in FINGERS:
        pybullet.changeDynamics(
            body, link, lateralFriction=FRICTION, spinningFriction=0.01, physicsClientId=client
        )
    return body
