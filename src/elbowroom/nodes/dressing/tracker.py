"""An estimator kept running: its state, its faults and what to say when it cannot speak."""

from __future__ import annotations

import time
import traceback
from collections import deque
from dataclasses import replace
from statistics import fmean
from typing import Any

from elbowroom.core import ArmMeasurement, Estimate, Sample, Status
from elbowroom.estimation.guard import Guard
from elbowroom.estimation.layers.tap import LayerTap
from elbowroom.estimation.prior import KinematicPrior
from elbowroom.models.layers.reading import Reading
from elbowroom.nodes.dressing import warmup


class Tracker:
    """Steps an estimator and voids its box when something is wrong with the inputs.

    Args:
        estimator: see `elbowroom.estimation.interface`.
        prior: gives the box published when the estimator's must not be trusted.
        tap: reads the estimator's layers, or None.
        guard: the estimator's; None for the default one.

    Attributes:
        newest: the last estimate, or None.
        unknown: why the person's lengths are not known, or empty.
        reading: what the layers held in the last step, or None if no reading was due.
        step_times: how long the last steps took [s].
    """

    def __init__(
        self,
        estimator: Any,
        prior: KinematicPrior,
        tap: LayerTap | None = None,
        guard: Guard | None = None,
    ) -> None:
        self._estimator, self._prior, self._tap = estimator, prior, tap
        self._guard = guard or Guard()
        self.step_times: deque[float] = deque(maxlen=240)
        self.forget("no arm measurement yet")

    @property
    def timing(self) -> dict[str, float]:
        """How long the last steps took, for diagnostics."""
        times = self.step_times or [0.0]
        return {"step mean [ms]": 1e3 * fmean(times), "step max [ms]": 1e3 * max(times)}

    def warm_up(self) -> None:
        """Step over a made-up dressing, so that the first real step is as quick as the others."""
        state = self._estimator.start(warmup.ARM)
        for sample, _ in warmup.rehearse(60):
            state, _ = self._estimator.step(state, sample)
            if self._tap is not None:
                self._tap.hear(sample)
                self._tap.read(state, sample.stamp)
        if self._tap is not None:
            self._tap.reset()

    def reset(self) -> None:
        """Start over with the same person."""
        self.newest: Estimate | None = None
        self.reading: Reading | None = None
        if self._tap is not None:
            self._tap.reset()
        self._seen = self._guard.start()
        self._state = None if self._arm is None else self._estimator.start(self._arm)

    def meet(self, arm: ArmMeasurement) -> None:
        """A dressing begins, of a person with these lengths."""
        self._arm: ArmMeasurement | None = arm
        self.unknown = ""
        self.reset()

    def forget(self, reason: str) -> None:
        """A dressing begins, of a person whose lengths are not known, and why."""
        self._arm, self.unknown = None, reason
        self.reset()

    def step(self, sample: Sample, fault: str) -> Estimate | None:
        """The estimate after a sample; VOID with the fault as its reason if there is one.

        None before the person's lengths are known: nothing at all can be said then.
        """
        if self._arm is None:
            return None
        # What an estimator would refuse must not become the place of the fallback either.
        self._seen, _, _ = self._guard.check(self._seen, sample)
        self.reading = None
        begin = time.perf_counter()
        try:
            self._state, estimate = self._estimator.step(self._state, sample)
        except Exception as error:
            # An estimator should never raise; if one does, a void box is better than none.
            traceback.print_exc()
            self._state = self._estimator.start(self._arm)
            return self.void(sample.stamp, f"the estimator failed: {error!r}")
        self._read(sample)
        self.step_times.append(time.perf_counter() - begin)
        if not estimate.box.is_finite():
            fault = fault or "the estimator's box is not finite"
        self.newest = self.void(sample.stamp, fault) if fault else estimate
        return self.newest

    def void(self, stamp: float, reason: str) -> Estimate | None:
        """The kinematic prior at a stamp [s], labelled VOID; None before the lengths are known."""
        if self._arm is None:
            return None
        seen, name = replace(self._seen, stamp=stamp), self._estimator.name
        self.newest = self._prior.estimate(self._arm, seen, reason, status=Status.VOID, method=name)
        return self.newest

    def _read(self, sample: Sample) -> None:
        if self._tap is not None and self._state is not None:
            self._tap.hear(sample)
            self.reading = self._tap.read(self._state, sample.stamp)
