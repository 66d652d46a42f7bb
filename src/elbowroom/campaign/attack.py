"""An attacker who knows the elbow network and whispers to the wrist sensor."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import ARTEFACTS, ArmMeasurement, Sample, Wrench, matrix_from_quaternion
from elbowroom.estimation.membership.model import SetModel
from elbowroom.models.features.causal import GRID, advance, is_ready, read, row_of, start_memory

Array = NDArray[np.float64]

SIGMAS = 3.0
STEPS = 3
_RATE = 0.5
_PROBE = 0.05


class WrenchAttack:
    """Projected gradient ascent on the sensor's reading, causal, within what it might err by.

    At every grid step the offset d in {|d_i| <= e_i} that takes the network's elbow farthest from
    where a clean copy of the network has it is climbed towards by signed gradients (Madry et al.,
    ICLR 2018), the force being taken to stay as it is until the next grid step. The offset lives
    in the gripper's axes and is held in between; `SIGMAS` standard deviations of noise and offset
    together bound it.

    Args:
        model: whose ensemble is attacked.
        arm: measured lengths.
        limit: e, force [N] and torque [N m], shape (6,).
    """

    def __init__(self, model: SetModel, arm: ArmMeasurement, limit: Array) -> None:
        self._model, self._limit = model, limit
        self._clean, self._seen = start_memory(arm), start_memory(arm)
        self._states = [model.ensemble.start(), model.ensemble.start()]
        self._offset, self._due = np.zeros(6), -np.inf

    @classmethod
    def shipped(cls, arm: ArmMeasurement, sim: Any, strength: float = 1.0) -> WrenchAttack:
        """Against the artefact that ships, within `strength` times a simulated sensor's errors."""
        from elbowroom.estimation.membership.store import load_set

        noise = np.array([*sim.noise_force, *sim.noise_torque])
        offset = np.repeat([sim.bias_force, sim.bias_torque], 3)
        limit = strength * SIGMAS * np.sqrt(noise**2 + offset**2)
        return cls(load_set(ARTEFACTS / "elbow_set"), arm, limit)

    def __call__(self, sample: Sample) -> Sample:
        """The sample as the attacker lets the estimator see it."""
        if sample.wrench is None or sample.gripper is None:
            return sample
        clean = row_of(dataclasses.replace(sample, wrist=None, progress=None, effort=None))
        advance(self._clean, clean)
        turn = matrix_from_quaternion(sample.gripper.orientation)
        row = _added(clean, turn, self._offset)
        advance(self._seen, row)
        if is_ready(self._seen) and sample.stamp >= self._due - 1e-9:
            self._due = sample.stamp + GRID
            self._climb(clean, turn)
        return dataclasses.replace(sample, wrench=Wrench(row[1:4], row[4:7]))

    def _climb(self, row: Array, turn: Array) -> None:
        ensemble = self._model.ensemble
        goal = self._elbows(0, read(self._clean)[None])[0]
        self._states[0], _ = ensemble.step(self._states[0], read(self._clean)[None])
        self._states[1], _ = ensemble.step(self._states[1], read(self._seen)[None])
        offset = self._offset.copy()
        for _ in range(STEPS):
            probes = np.vstack([offset, offset + _PROBE * np.diag(self._limit)])
            features = np.stack([self._foresee(row, turn, d) for d in probes])
            gain = np.sum((self._elbows(1, features) - goal) ** 2, axis=1)
            offset = offset + _RATE * self._limit * np.sign(gain[1:] - gain[0])
            offset = np.clip(offset, -self._limit, self._limit)
        self._offset = offset

    def _foresee(self, row: Array, turn: Array, offset: Array) -> Array:
        memory, ahead = self._seen.copy(), _added(row, turn, offset)
        for _ in range(10):
            ahead[0] += GRID / 10
            advance(memory, ahead)
        return read(memory)

    def _elbows(self, which: int, features: Array) -> Array:
        count = len(features)
        state = np.repeat(self._states[which], count, axis=1)
        _, raw = self._model.ensemble.step(state, features)
        p = self._model.predict(raw, features)
        return np.asarray(p.direction * p.radius[:, None])


def _added(row: Array, turn: Array, offset: Array) -> Array:
    out = row.copy()
    out[1:4] += turn @ offset[:3]
    out[4:7] += turn @ offset[3:]
    return out
