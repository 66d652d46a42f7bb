"""An estimator kept running: its state, its faults and what to say when it cannot speak."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from elbowroom.core import ArmMeasurement, Box, Estimate, Params, Sample, Status, param
from elbowroom.core.types import Array

_SIGMAS = 4


@dataclass(frozen=True)
class PriorParams(Params):
    """How far the elbow can be from where the shoulder was last seen, beyond the upper arm."""

    shoulder_error: float = param(
        0.04, "largest error of a shoulder sighting", unit="m", low=0.0, high=0.5
    )
    shoulder_speed: float = param(
        0.6, "fastest the shoulder moves while it is not seen", unit="m/s", low=0.0, high=5.0
    )


def enclose_reach(arm: ArmMeasurement, shoulder: Array, age: float, params: PriorParams) -> Box:
    """The axis-aligned box around every place the elbow can be.

    A cube about the shoulder as last seen with half side
    L + 4 s_L + shoulder_error + shoulder_speed * age.

    Args:
        arm: L +- s_L is the upper arm [m].
        shoulder: as last seen [m], shape (3,).
        age: time since then [s]; negative counts as 0.
        params: see `PriorParams`.
    """
    reach = arm.upper_arm + _SIGMAS * arm.upper_arm_error
    reach += params.shoulder_error + params.shoulder_speed * max(age, 0.0)
    return Box(np.asarray(shoulder, dtype=float), np.full(3, 2 * reach))


class Tracker:
    """Steps an estimator and voids its box when something is wrong with the inputs.

    Args:
        estimator: see `elbowroom.estimation.interface`.
        prior: bounds of the box published when the estimator's must not be trusted.

    Attributes:
        newest: the last estimate, or None.
        step_times: how long the last steps took [s].
    """

    def __init__(self, estimator: Any, prior: PriorParams) -> None:
        self._estimator, self._prior = estimator, prior
        self.step_times: deque[float] = deque(maxlen=240)
        self._arm: ArmMeasurement | None = None
        self.reset()

    def reset(self) -> None:
        """Start over with the same person."""
        self.newest: Estimate | None = None
        self._seen: tuple[float, Array] | None = None
        self._state = None if self._arm is None else self._estimator.start(self._arm)

    def meet(self, arm: ArmMeasurement) -> None:
        """A dressing begins, of a person with these lengths."""
        self._arm = arm
        self.reset()

    def step(self, sample: Sample, fault: str) -> Estimate | None:
        """The estimate after a sample; VOID with the fault as its reason if there is one.

        None while nothing at all can be said: before the person's lengths and a first sight of
        the shoulder.
        """
        if sample.shoulder is not None:
            self._seen = sample.stamp, sample.shoulder
        if self._arm is None or self._seen is None:
            return None
        begin = time.perf_counter()
        self._state, estimate = self._estimator.step(self._state, sample)
        self.step_times.append(time.perf_counter() - begin)
        if not estimate.box.is_finite():
            fault = fault or "the estimator's box is not finite"
        self.newest = self.void(sample.stamp, fault) if fault else estimate
        return self.newest

    def void(self, stamp: float, reason: str) -> Estimate | None:
        """The kinematic prior, labelled VOID; None before arm and shoulder are known."""
        if self._arm is None or self._seen is None:
            return None
        seen, shoulder = self._seen
        box = enclose_reach(self._arm, shoulder, stamp - seen, self._prior)
        name = self._estimator.name
        self.newest = Estimate(stamp, box, Status.VOID, box.centre, reason=reason, method=name)
        return self.newest
