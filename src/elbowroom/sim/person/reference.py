"""What a person wants the arm to do: joint references made from joint centres."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from elbowroom.motion import ArmMotion, Person
from elbowroom.sim.errors import SimulationError
from elbowroom.sim.vectors import cross

Array = NDArray[np.float64]

_STRAIGHT = 0.1
_LENGTH_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Reference:
    """Intended movement of the arm at every tick.

    Attributes:
        shoulder, shoulder_rate: [m], [m/s], shape (n, 3).
        upper: orientation of the upper arm: columns are its own direction, across it in the plane
            of the arm, and the elbow's axis, shape (n, 3, 3).
        upper_rate: its angular velocity [rad/s], world axes, shape (n, 3).
        flexion, flexion_rate: of the elbow [rad], [rad/s], shape (n,).
    """

    shoulder: Array
    shoulder_rate: Array
    upper: Array
    upper_rate: Array
    flexion: Array
    flexion_rate: Array

    def __len__(self) -> int:
        return len(self.flexion)


def make_reference(person: Person, motion: ArmMotion, ticks: int, period: float) -> Reference:
    """Turn a movement into references for the shoulder's ball joint and the elbow.

    The elbow's axis is u x f of both segments' directions; near a straight arm, where that is
    undefined, it is carried along from the tick before.

    Args:
        person: whose arm it is.
        motion: joint centres.
        ticks: number of references.
        period: time between two [s].

    Raises:
        SimulationError: if the motion's segments are not as long as the person's.
    """
    for name in ("upper_arm", "forearm"):
        wanted, got = getattr(person, name), getattr(motion, name)
        if abs(wanted - got) > _LENGTH_TOLERANCE:
            raise SimulationError(f"{name} is {wanted:.4f} m for the person, {got:.4f} m in motion")
    shoulder, elbow, wrist = motion.interpolate(motion.time[0] + period * np.arange(ticks))
    upper = (elbow - shoulder) / person.upper_arm
    fore = (wrist - elbow) / person.forearm
    frames = _frames(upper, fore, _first_axis(upper[0], fore[0]))
    flexion = np.arctan2(
        np.einsum("ti,ti->t", frames[:, :, 1], fore), np.einsum("ti,ti->t", upper, fore)
    )
    return Reference(
        shoulder,
        np.gradient(shoulder, period, axis=0),
        frames,
        _angular_rate(frames, period),
        flexion,
        np.gradient(flexion, period),
    )


@njit(cache=True)
def _frames(upper: Array, fore: Array, axis: Array) -> Array:
    frames = np.empty((len(upper), 3, 3))
    for k in range(len(upper)):
        u = upper[k]
        along = axis[0] * u[0] + axis[1] * u[1] + axis[2] * u[2]
        carried = _STRAIGHT**2 * (axis - along * u)
        axis = cross(u, fore[k]) + carried
        axis /= math.sqrt(axis[0] ** 2 + axis[1] ** 2 + axis[2] ** 2)
        across = cross(axis, u)
        for a in range(3):
            frames[k, a, 0] = u[a]
            frames[k, a, 1] = across[a]
            frames[k, a, 2] = axis[a]
    return frames


def _first_axis(upper: Array, fore: Array) -> Array:
    axis = np.cross(upper, fore)
    if np.linalg.norm(axis) < 1e-6:
        axis = np.cross(upper, np.eye(3)[np.argmin(np.abs(upper))])
    return np.asarray(axis / np.linalg.norm(axis))


def _angular_rate(frames: Array, period: float) -> Array:
    change = np.gradient(frames, period, axis=0)
    spin = np.einsum("tik,tjk->tij", change, frames)
    return np.stack([spin[:, 2, 1], spin[:, 0, 2], spin[:, 1, 0]], axis=1)
