"""The last sighting of the elbow, held: what is known without any learned model."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import ArmMeasurement, Estimate, Params, Sample, Status, param
from elbowroom.estimation.guard import Guard, GuardState
from elbowroom.estimation.prior import KinematicPrior, box_between
from elbowroom.models.features.causal import advance, anchor_of, row_of, start_memory

Array = NDArray[np.float64]

_LABEL = "a plain bound on motion, never calibrated"


@dataclass(frozen=True)
class HoldSettings(Params):
    """How far an elbow is taken to move from where it was last seen."""

    sighting_error: float = param(
        0.02, "Half-width along one axis at the sighting itself", unit="m", low=0.0, high=0.5
    )
    reach: float = param(
        0.25, "Half-width that is approached with time", unit="m", low=0.0, high=1.0
    )
    rise: float = param(
        1.0, "Time in which 63 percent of the reach are approached", unit="s", low=0.01, high=60.0
    )


@dataclass(frozen=True)
class HoldState:
    """What is remembered.

    Attributes:
        arm: measured lengths.
        guard: what the input guard remembers.
        memory: feature memory, for the tracked shoulder.
        anchored: whether a shoulder was seen.
        offset: seen elbow relative to the tracked shoulder [m], shape (3,), or None.
        seen_at: stamp of the sighting [s].
    """

    arm: ArmMeasurement
    guard: GuardState
    memory: Array
    anchored: bool = False
    offset: Array | None = None
    seen_at: float = -np.inf


class HoldEstimator:
    """The elbow stays where it was last seen relative to the shoulder.

    The box has the half-width sighting_error + reach (1 - exp(-age / rise)) along every axis and
    is cut by the kinematic prior.
    """

    name = "hold"

    def __init__(
        self,
        settings: HoldSettings | None = None,
        prior: KinematicPrior | None = None,
        guard: Guard | None = None,
    ) -> None:
        self.settings = settings or HoldSettings()
        self._guard, self._prior = guard or Guard(), prior or KinematicPrior()

    def start(self, arm: ArmMeasurement) -> HoldState:
        """State before the first sample."""
        return HoldState(arm, self._guard.start(), start_memory(arm))

    def step(self, state: HoldState, sample: Sample) -> tuple[HoldState, Estimate]:
        """Take one sample in; see `Estimator.step`."""
        guard, clean, reason = self._guard.check(state.guard, sample)
        if guard.epoch > state.guard.epoch:
            state = self.start(state.arm)
        state = replace(state, guard=guard)
        if clean is not None:
            state = self._absorb(state, clean)
        return state, self._publish(state, reason)

    def _absorb(self, state: HoldState, sample: Sample) -> HoldState:
        memory = state.memory.copy()
        advance(memory, row_of(sample))
        anchored = state.anchored or sample.shoulder is not None
        state = replace(state, memory=memory, anchored=anchored)
        if sample.sighting is None or not anchored:
            return state
        offset = sample.sighting - anchor_of(memory)
        return replace(state, offset=offset, seen_at=sample.stamp)

    def _publish(self, state: HoldState, reason: str) -> Estimate:
        if state.offset is None or self._prior.is_void(state.guard):
            why = reason or "waiting for the first sighting"
            return self._prior.estimate(state.arm, state.guard, why, method=self.name)
        s = self.settings
        age = max(state.guard.stamp - state.seen_at, 0.0)
        half = s.sighting_error + s.reach * (1.0 - np.exp(-age / s.rise))
        centre = anchor_of(state.memory) + state.offset
        floor, ceiling = self._prior.bounds(state.arm, state.guard)
        low, high = np.maximum(centre - half, floor), np.minimum(centre + half, ceiling)
        if not np.all(low <= high):
            why = "the sighting is out of the arm's reach"
            return self._prior.estimate(state.arm, state.guard, why, method=self.name)
        why = f"{_LABEL}; {reason}" if reason else _LABEL
        return Estimate(
            state.guard.stamp,
            box_between(low, high),
            Status.UNCALIBRATED,
            centre,
            reason=why,
            method=self.name,
        )
