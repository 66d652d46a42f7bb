"""The set-membership filter of the elbow.

At every grid step three sources are intersected: what the measurement model allows given the
force and the gripper, what the motion model allows from the sets 0.25 s and 1 s before, and what
the arm's lengths allow about the seen shoulder and wrist. Every bound is the learned unit bound
times one calibrated scale q. If a person's score, the largest ratio of an error to its unit bound
over the whole dressing and all sources, is at most q, then by induction over the steps every
intersection contains the elbow; q is the conformal quantile of the scores of other people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import (
    OPTIONAL,
    ArmMeasurement,
    Box,
    Estimate,
    Sample,
    Status,
    param,
    parse_inputs,
    quaternion_from_matrix,
)
from elbowroom.estimation.conformal.calibration import Calibration
from elbowroom.estimation.conformal.promise import Promise
from elbowroom.estimation.guard import Guard, GuardState
from elbowroom.estimation.membership.kernel import frame, update
from elbowroom.estimation.membership.model import LAGS, SetModel, forearm_from, wrist_from
from elbowroom.estimation.prior import KinematicPrior
from elbowroom.models.features.causal import (
    GRID,
    advance,
    anchor_of,
    is_ready,
    read,
    row_of,
    start_memory,
)
from elbowroom.models.features.grid import next_due

Array = NDArray[np.float64]
_RING = int(LAGS.max())
_NOT_SEEN = "shoulder and elbow have not been seen yet"
_STALE, _MISSED = 1.25, 1.5
"""Grid periods after which a set is too old to be promised, and after which a step was missed."""
_SIGHTING_ERROR = 0.1
"""By which a sighting's distance from the shoulder may differ from the upper arm [m]."""


@dataclass(frozen=True)
class SetFilterParams(Promise):
    """What the filter promises and which inputs it uses."""

    shoulder_timeout: float = param(
        0.2, "Longest time without a view of the shoulder.", unit="s", low=0.05, high=2.0
    )


@dataclass(frozen=True)
class SetState:
    """Everything the filter carries from one sample to the next.

    Attributes:
        arm: measured lengths.
        guard: what the input guard remembers.
        memory: feature memory, see `models.features`.
        recurrent: state of the ensemble.
        axes, lower, upper: ring of past sets.
        count: grid steps made.
        due: stamp of the next grid step [s].
        origin: stamp of the last grid step [s].
        forward: expected displacement over one grid period [m].
        box: at the last grid step, relative to the anchor; None before the first.
        used: stamp of the last sample taken in [s].
        void: why no guarantee can be given until the elbow is seen again, or empty.
        disproved: whether the bounds have excluded each other: then no sighting mends it.
    """

    arm: ArmMeasurement
    guard: GuardState
    memory: Array
    recurrent: NDArray[np.float32]
    axes: Array
    lower: Array
    upper: Array
    count: int = 0
    due: float = -np.inf
    origin: float = -np.inf
    forward: Array | None = None
    box: Box | None = None
    used: float = -np.inf
    void: str = ""
    disproved: bool = False


class SetFilter:
    """Estimator whose box holds the elbow of a new person throughout with stated probability.

    Args:
        model: learned bounds with calibration scores.
        params: promise and inputs.
        name: put into every estimate.
        history: scores of this person's earlier dressings, for a promise of their own.
        prior: what is published where nothing better is known.
        guard: says what is taken for a measurement.

    Raises:
        CalibrationError: if the artefact's people cannot carry the delta asked for.
    """

    def __init__(
        self,
        model: SetModel,
        params: SetFilterParams,
        name: str = "set",
        history: Sequence[float] = (),
        prior: KinematicPrior | None = None,
        guard: Guard | None = None,
    ) -> None:
        self.model, self.params, self.name = model, params, name
        self.calibration: Calibration = model.calibration(params, history)
        self._hidden = tuple(n for n in OPTIONAL if n not in parse_inputs(params.inputs))
        self._guard, self._prior = guard or Guard(), prior or KinematicPrior()

    def start(self, arm: ArmMeasurement) -> SetState:
        """State before the first sample."""
        return SetState(
            arm,
            self._guard.start(),
            start_memory(arm),
            self.model.ensemble.start(),
            np.zeros((_RING, 3, 3)),
            np.zeros((_RING, 3)),
            np.zeros((_RING, 3)),
        )

    def step(self, state: SetState, sample: Sample) -> tuple[SetState, Estimate]:
        """Take one sample in; see `Estimator.step`."""
        guard, clean, reason = self._guard.check(state.guard, sample)
        if clean is not None and not _fits(clean, guard, state.arm):
            clean = replace(clean, sighting=None)
            reason = "; ".join(r for r in (reason, "the sighting is not an upper arm away") if r)
        if guard.epoch > state.guard.epoch or self._is_seen_again(state, clean):
            state = self._restart(state)
        state = self._watch(replace(state, guard=guard))
        if clean is not None:
            state = self._absorb(state, clean)
        if state.void or state.count == 0:
            return state, self._fallback(state, state.void or reason or _NOT_SEEN)
        age = guard.stamp - state.origin
        if age > _STALE * GRID:
            return state, self._fallback(state, reason or f"the newest set is {age:.3f} s old")
        return state, self._publish(state, reason)

    def _is_seen_again(self, state: SetState, clean: Sample | None) -> bool:
        seen = clean is not None and clean.sighting is not None
        return bool(state.void) and not state.disproved and seen

    def _restart(self, state: SetState) -> SetState:
        # Whoever has been shown to be unlike those calibrated on stays so.
        void = state.void if state.disproved else ""
        return replace(self.start(state.arm), void=void, disproved=state.disproved)

    def _watch(self, state: SetState) -> SetState:
        # What is no part of what was calibrated on ends the promise.
        guard = state.guard
        if state.void or state.count == 0:
            return state
        age = guard.stamp - state.origin
        if age > _MISSED * GRID:
            return replace(state, void=f"no usable sample for {guard.stamp - state.used:.2f} s")
        if state.count >= self.model.horizon and age > GRID - 1e-9:
            return replace(state, void=f"nobody was scored beyond {state.count * GRID:.1f} s")
        if guard.stamp - guard.shoulder_stamp > self.params.shoulder_timeout:
            return replace(state, void="the shoulder was lost")
        return state

    def _absorb(self, state: SetState, sample: Sample) -> SetState:
        memory = state.memory.copy()
        advance(memory, row_of(self._select(sample)))
        state = replace(state, memory=memory, used=sample.stamp)
        if not state.void and is_ready(memory) and sample.stamp >= state.due - 1e-9:
            return self._update(state, sample.stamp)
        return state

    def _fallback(self, state: SetState, reason: str) -> Estimate:
        status = Status.VOID if state.void else Status.PRIOR
        return self._prior.estimate(
            state.arm,
            state.guard,
            reason,
            status=status,
            method=self.name,
            version=self.model.version,
        )

    def _select(self, sample: Sample) -> Sample:
        hidden: dict[str, Any] = dict.fromkeys(self._hidden)
        return replace(sample, **hidden) if hidden else sample

    def _update(self, state: SetState, stamp: float) -> SetState:
        features = read(state.memory)
        recurrent, raw = self.model.ensemble.step(state.recurrent, features[None])
        p = self.model.predict(raw[:, 0], features)
        axes, across = frame(p.direction, p.spread)
        ring = state.axes.copy(), state.lower.copy(), state.upper.copy()
        empty = update(
            *ring,
            state.count,
            self.model.lags,
            axes,
            float(p.radius),
            np.array([float(p.radial), across[0], across[1]]),
            p.lag_mean,
            p.lag_spread,
            wrist_from(features),
            np.array([forearm_from(features), self.model.wrist_bound]),
            self.calibration.scale,
        )
        slot = state.count % _RING
        lower, upper = ring[1][slot], ring[2][slot]
        middle = axes @ (0.5 * (lower + upper))
        return replace(
            state,
            recurrent=recurrent,
            axes=ring[0],
            lower=ring[1],
            upper=ring[2],
            count=state.count + 1,
            due=next_due(state.due, stamp, GRID),
            origin=stamp,
            forward=p.forward,
            box=Box(middle, upper - lower, quaternion_from_matrix(axes)),
            void="the bounds exclude each other: this person is not like those calibrated on"
            if empty
            else state.void,
            disproved=bool(empty),
        )

    def _publish(self, state: SetState, reason: str) -> Estimate:
        stamp = state.guard.stamp
        assert state.forward is not None
        assert state.box is not None
        shift = anchor_of(state.memory) + state.forward * min((stamp - state.origin) / GRID, 1.0)
        box = replace(state.box, centre=shift + state.box.centre)
        c = self.calibration
        return Estimate(
            stamp,
            box,
            Status.GUARANTEED,
            box.centre,
            c.delta,
            c.people,
            c.unit,
            c.stated,
            reason=reason,
            method=self.name,
            version=self.model.version,
            group=c.group,
        )


def _fits(sample: Sample, guard: GuardState, arm: ArmMeasurement) -> bool:
    """Whether a sighting can be the elbow of the shoulder that is seen; so if either is not."""
    if sample.sighting is None or guard.shoulder is None:
        return True
    distance = float(np.linalg.norm(sample.sighting - guard.shoulder))
    return abs(distance - arm.upper_arm) <= _SIGHTING_ERROR
