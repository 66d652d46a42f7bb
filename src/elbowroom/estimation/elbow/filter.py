"""Any filter over the elbow's learned models, as an estimator at the sensor's rate."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import ArmMeasurement, Estimate, Params, Sample, Status, param
from elbowroom.estimation.elbow.models import (
    LOG_OFFSET,
    WIDTH,
    ElbowModels,
    context_of,
    force_of,
    wrist_of,
)
from elbowroom.estimation.filters.distance import DistanceModel, PointModel
from elbowroom.estimation.filters.system import Belief, Filter, Inconsistent
from elbowroom.estimation.guard import Guard, GuardState
from elbowroom.estimation.prior import KinematicPrior, box_between
from elbowroom.models.features.causal import (
    GRID,
    advance,
    anchor_of,
    read,
    row_of,
    start_memory,
)

Array = NDArray[np.float64]

_LABEL = "the model's own confidence, never calibrated"
_LOST = "the models contradicted each other: begun anew from the arm's lengths"


@dataclass(frozen=True)
class ElbowFilterSettings(Params):
    """How the inputs are used: bounds by sets, deviations by everything else."""

    speed_limit: float = param(
        2.0, "Largest speed of an elbow along one axis", unit="m/s", low=0.1, high=20.0
    )
    kick_limit: float = param(
        0.4, "Largest change of that speed over a grid step", unit="m/s", low=0.01, high=5.0
    )
    start_speed: float = param(
        0.6, "Half-width of the speed along one axis at the start", unit="m/s", low=0.1, high=20.0
    )
    start_kick: float = param(
        0.1, "Half-width of its last change over a grid step", unit="m/s", low=0.01, high=5.0
    )
    radius_bound: float = param(
        0.03, "Half-width of the elbow's distance from the shoulder", unit="m", low=1e-3, high=0.3
    )
    radius_deviation: float = param(
        0.02, "Its standard deviation, if it were white", unit="m", low=1e-3, high=0.3
    )
    forearm_bound: float = param(
        0.04, "Half-width of the elbow's distance from the wrist", unit="m", low=1e-3, high=0.3
    )
    forearm_deviation: float = param(
        0.03, "Its standard deviation, if it were white", unit="m", low=1e-3, high=0.3
    )
    sighting_bound: float = param(
        0.02, "Half-width of the seen elbow along one axis", unit="m", low=1e-3, high=0.3
    )
    sighting_deviation: float = param(
        0.006, "Its standard deviation along one axis", unit="m", low=1e-3, high=0.3
    )
    force_noise: float = param(
        1.0, "Factor on the learned deviation of the force", low=0.1, high=100.0
    )
    least_force: float = param(
        0.3, "Force below which its direction says nothing", unit="N", low=0.0, high=10.0
    )
    curvature: str = param(
        "sampled",
        "Bound on the linearisation error: proved, sampled, or none to leave it out.",
        choices=("proved", "sampled", "none"),
    )
    inputs: str = param(
        "none",
        "Optional inputs to use: none, or the wrist seen now and then.",
        choices=("none", "wrist"),
    )


@dataclass(frozen=True)
class ElbowState:
    """Everything that changes from sample to sample.

    Attributes:
        arm: measured lengths.
        guard: what the input guard remembers.
        memory: feature memory, see `models.features`.
        belief: of the wrapped filter about (p, v, k) at `origin`; None before a shoulder is seen.
        origin: stamp of the last grid step [s].
        seen: sum of the elbow sightings since then [m], shape (3,), and how many.
        sighted: whether the elbow was ever seen.
        alarm: what went wrong earlier in this dressing, or empty.
    """

    arm: ArmMeasurement
    guard: GuardState
    memory: Array
    belief: Belief | None = None
    origin: float = -np.inf
    seen: tuple[Array, int] = field(default_factory=lambda: (np.zeros(3), 0))
    sighted: bool = False
    alarm: str = ""


class ElbowFilter:
    """An estimator of the elbow made of a filter and the learned models.

    At every grid step the belief is propagated and updated with the force, the distance from the
    shoulder and, if used, sighting and wrist, then cut by the kinematic prior. Between grid steps
    the published box moves on with the belief's velocity and grows with the acceleration.

    Args:
        filter_: zonotopic, Kalman, unscented or particle filter.
        models: what was learned.
        settings: defaults to `ElbowFilterSettings()`.
        prior: cuts every box.
    """

    def __init__(
        self,
        filter_: Filter,
        models: ElbowModels,
        settings: ElbowFilterSettings | None = None,
        prior: KinematicPrior | None = None,
        guard: Guard | None = None,
    ) -> None:
        self.settings = settings or ElbowFilterSettings()
        models = models.with_curvature(self.settings.curvature)
        self.filter, self.models = filter_, models
        self.name = filter_.name
        s = self.settings
        self._force = replace(models.force, deviation=s.force_noise * models.force.deviation)
        self._radius = _distance(s.radius_bound, s.radius_deviation)
        self._forearm = _distance(s.forearm_bound, s.forearm_deviation)
        self._sighting = PointModel(
            np.full(3, s.sighting_bound), np.full(3, s.sighting_deviation), WIDTH
        )
        self._guard, self._prior = guard or Guard(), prior or KinematicPrior()

    def start(self, arm: ArmMeasurement) -> ElbowState:
        """State before the first sample."""
        return ElbowState(arm, self._guard.start(), start_memory(arm))

    def step(self, state: ElbowState, sample: Sample) -> tuple[ElbowState, Estimate]:
        """Take one sample in; see `Estimator.step`."""
        if self.settings.inputs != "wrist":
            sample = replace(sample, wrist=None)
        guard, clean, reason = self._guard.check(state.guard, sample)
        if guard.epoch > state.guard.epoch:
            state = self.start(state.arm)
        state = replace(state, guard=guard)
        if clean is not None:
            state = self._absorb(state, clean)
        return state, self._publish(state, reason)

    def _absorb(self, state: ElbowState, sample: Sample) -> ElbowState:
        memory = state.memory.copy()
        advance(memory, row_of(sample))
        state = replace(state, memory=memory)
        if state.belief is None and sample.shoulder is None:
            return state
        first = sample.sighting is not None and not state.sighted
        if sample.sighting is not None:
            total, count = state.seen
            state = replace(state, seen=(total + sample.sighting, count + 1), sighted=True)
        if state.belief is None or first:
            belief = self._begin(state, sample.sighting)
            return self._measure(replace(state, belief=belief, origin=sample.stamp))
        steps = int((sample.stamp - state.origin) / GRID + 1e-6)
        return self._advance(state, steps) if steps else state

    def _begin(self, state: ElbowState, sighting: Array | None = None) -> Belief:
        low, high = self._limits(state)
        rates = np.repeat([self.settings.start_speed, self.settings.start_kick], 3)
        low[3:], high[3:] = -rates, rates
        if sighting is not None:
            # A belief begun from all that the lengths allow would be far from normal.
            near = self.settings.sighting_bound
            close = np.clip(sighting, low[:3], high[:3])
            low[:3] = np.maximum(low[:3], close - near)
            high[:3] = np.minimum(high[:3], close + near)
        belief: Belief = self.filter.start(low, high)
        return belief

    def _limits(self, state: ElbowState) -> tuple[Array, Array]:
        low, high = self._prior.bounds(state.arm, state.guard)
        s = self.settings
        rates = np.repeat([s.speed_limit, s.kick_limit], 3)
        return np.concatenate([low, -rates]), np.concatenate([high, rates])

    def _advance(self, state: ElbowState, steps: int) -> ElbowState:
        belief, context = state.belief, self._context(state)
        try:
            for _ in range(steps):
                belief = self.filter.predict(belief, self.models.dynamics, context)
                belief = self.filter.intersect(belief, *self._limits(state))
        except Inconsistent:
            belief = self._begin(state)
            state = replace(state, alarm=_LOST)
        moved = replace(state, belief=belief, origin=state.origin + steps * GRID)
        return self._measure(moved)

    def _measure(self, state: ElbowState) -> ElbowState:
        try:
            belief = self._update(state)
            belief = self.filter.intersect(belief, *self._limits(state))
        except Inconsistent:
            return replace(state, belief=self._begin(state), seen=(np.zeros(3), 0), alarm=_LOST)
        return replace(state, belief=belief, seen=(np.zeros(3), 0))

    def _update(self, state: ElbowState) -> Any:
        update, belief, anchor = self.filter.update, state.belief, anchor_of(state.memory)
        features = read(state.memory)
        total, count = state.seen
        if count:
            belief = update(belief, self._sighting, total / count, anchor)
        belief = update(belief, self._radius, np.array([state.arm.upper_arm]), anchor)
        wrist = wrist_of(features, anchor) if self.settings.inputs == "wrist" else None
        if wrist is not None:
            belief = update(belief, self._forearm, np.array([state.arm.forearm]), wrist)
        force = force_of(features)
        if np.exp(force[3]) > self.settings.least_force + LOG_OFFSET:
            belief = update(belief, self._force, force, context_of(features, anchor))
        return belief

    def _context(self, state: ElbowState) -> Array:
        return context_of(read(state.memory), anchor_of(state.memory))

    def _publish(self, state: ElbowState, reason: str) -> Estimate:
        reason = _join(reason, state.alarm)
        if state.belief is None or self._prior.is_void(state.guard):
            return self._fall_back(state, reason or "waiting for the shoulder")
        low, high = self._move_on(state)
        floor, ceiling = self._prior.bounds(state.arm, state.guard)
        low, high = np.maximum(low, floor), np.minimum(high, ceiling)
        # Comparisons with NaN are false, so this also refuses what is not finite.
        if not np.all(low <= high):
            return self._fall_back(state, _join(reason, "the belief left the prior"))
        box = box_between(low, high)
        return Estimate(
            state.guard.stamp,
            box,
            Status.UNCALIBRATED,
            box.centre,
            reason=_join(_LABEL, reason),
            method=self.name,
            version=self.models.version,
        )

    def _fall_back(self, state: ElbowState, reason: str) -> Estimate:
        return self._prior.estimate(
            state.arm, state.guard, reason, method=self.name, version=self.models.version
        )

    def _move_on(self, state: ElbowState) -> tuple[Array, Array]:
        """Hull of p + t v, t the time since the grid step, widened by what v can change."""
        assert state.belief is not None
        ahead = max(state.guard.stamp - state.origin, 0.0)
        matrix = np.hstack([np.eye(3), ahead * np.eye(3), np.zeros((3, 3))])
        low, high = state.belief.hull_of(matrix)
        grown = 0.5 * self.models.kick / GRID * ahead**2
        return low - grown, high + grown


def _distance(bound: float, deviation: float) -> DistanceModel:
    return DistanceModel(np.array([bound]), np.array([deviation]), WIDTH)


def _join(*reasons: str) -> str:
    return "; ".join(r for r in reasons if r)
