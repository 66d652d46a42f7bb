"""The force-torque sensor in the robot's wrist, with the errors that real ones have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Wrench, exp_so3
from elbowroom.sim import panda
from elbowroom.sim.params import SimParams
from elbowroom.sim.robot import HAND_CENTRE, HAND_MASS, Robot

Array = NDArray[np.float64]

_GRAVITY = np.array([0.0, 0.0, -9.81])
_FLANGE_IN_HAND = exp_so3([0.0, 0.0, np.pi / 4])


class WristSensor:
    """Reads the joint under the hand and returns what the cloth does to the gripper.

    In the sensor's frame, raw = saturate(quantise(load + bias + drift t + noise)); then the
    weight and inertia of a hand whose mass and centre are known only roughly are taken off, as a
    real driver does, and the rest is turned into world axes.

    Args:
        params: figures of the errors.
        rng: source of bias, drift and noise.
    """

    def __init__(self, params: SimParams, rng: np.random.Generator) -> None:
        self._rng = rng
        self._noise = np.array([*params.noise_force, *params.noise_torque])
        self._quantum = np.array([*params.quantum_force, *params.quantum_torque])
        self._range = np.repeat([params.saturation_force, params.saturation_torque], 3)
        self._bias = rng.standard_normal(6) * np.repeat([params.bias_force, params.bias_torque], 3)
        self._drift = np.zeros(6)
        self._drift[:3] = params.drift_force * rng.standard_normal(3)
        self._mass = HAND_MASS + params.compensation_mass * rng.standard_normal()
        self._centre = HAND_CENTRE + params.compensation_offset * rng.standard_normal(3)

    def measure(self, robot: Robot, time: float) -> Wrench:
        """Wrench of the cloth on the gripper about the sensor's origin, world axes.

        Args:
            robot: read after the tick.
            time: since the start, for the drift [s].
        """
        rotation, origin = flange(robot)
        raw = -robot.load + self._bias + self._drift * time
        raw = raw + self._noise * self._rng.standard_normal(6)
        steps = np.where(self._quantum > 0, self._quantum, 1.0)
        raw = np.where(self._quantum > 0, np.round(raw / steps) * steps, raw)
        raw = np.clip(raw, -self._range, self._range)
        arm = rotation @ self._centre
        force = rotation @ raw[:3] - self._mass * _specific_force(robot, origin + arm)
        torque = rotation @ raw[3:] - np.cross(
            arm, self._mass * _specific_force(robot, origin + arm)
        )
        return Wrench(force, torque)


def flange(robot: Robot) -> tuple[Array, Array]:
    """Rotation (3, 3) and origin [m] of the sensor."""
    origin = robot.position - panda.FINGERS * robot.rotation[:, 2]
    return robot.rotation @ _FLANGE_IN_HAND, origin


def _specific_force(robot: Robot, point: Array) -> Array:
    """Gravity minus the acceleration of a point of the hand [m/s^2]."""
    arm, spin = point - robot.position, robot.twist[3:]
    turning = np.cross(robot.twist_rate[3:], arm) + np.cross(spin, np.cross(spin, arm))
    return _GRAVITY - robot.twist_rate[:3] - turning
