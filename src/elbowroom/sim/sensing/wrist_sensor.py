"""The force-torque sensor in the robot's wrist, with the errors that real ones have."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from elbowroom.core import Wrench, exp_so3
from elbowroom.sim.params import SimParams
from elbowroom.sim.robot import panda
from elbowroom.sim.robot.body import HAND_CENTRE, HAND_MASS, Robot
from elbowroom.sim.vectors import cross, turn

Array = NDArray[np.float64]

_GRAVITY = 9.81
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
        quantum = np.array([*params.quantum_force, *params.quantum_torque])
        self._coarse, self._steps = quantum > 0, np.where(quantum > 0, quantum, 1.0)
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
        raw += self._noise * self._rng.standard_normal(6)
        raw = np.where(self._coarse, np.round(raw / self._steps) * self._steps, raw)
        raw = np.minimum(np.maximum(raw, -self._range), self._range)
        force, torque = compensate(
            raw,
            rotation,
            origin,
            robot.position,
            robot.twist,
            robot.twist_rate,
            self._mass,
            self._centre,
        )
        return Wrench(force, torque)


def flange(robot: Robot) -> tuple[Array, Array]:
    """Rotation (3, 3) and origin [m] of the sensor."""
    origin = robot.position - panda.FINGERS * robot.rotation[:, 2]
    return robot.rotation @ _FLANGE_IN_HAND, origin


@njit(cache=True)
def compensate(
    raw: Array,
    rotation: Array,
    origin: Array,
    position: Array,
    twist: Array,
    twist_rate: Array,
    mass: float,
    centre: Array,
) -> tuple[Array, Array]:
    """Turn a sensor's reading into world axes and take off weight and inertia of the hand.

    F = R f - m (g - a_c), M = R m - r x m (g - a_c), with r = R c and a_c the acceleration of the
    hand's centre of mass; its rotational inertia is neglected.

    Args:
        raw: force and torque in the sensor's frame, shape (6,).
        rotation: of the sensor, shape (3, 3).
        origin: of the sensor [m], shape (3,).
        position: of the fingers [m], shape (3,).
        twist: of the fingers [m/s], [rad/s], shape (6,).
        twist_rate: its derivative, shape (6,).
        mass: of the hand [kg].
        centre: of the hand in the sensor's frame [m], shape (3,).
    """
    arm = turn(rotation, centre)
    away = origin + arm - position
    spin, rate = twist[3:], twist_rate[3:]
    weight = -twist_rate[:3] - cross(rate, away) - cross(spin, cross(spin, away))
    weight[2] -= _GRAVITY
    weight *= mass
    force = turn(rotation, raw[:3]) - weight
    return force, turn(rotation, raw[3:]) - cross(arm, weight)
