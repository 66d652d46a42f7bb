"""One dressing: sample, estimate, plan, move, until the sleeve is on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np

from elbowroom.campaign.recorder import Recorder
from elbowroom.campaign.track import EstimateTrack, PlanTrack, TrackRecorder
from elbowroom.core import (
    ArmMeasurement,
    Command,
    Estimate,
    ParameterError,
    Params,
    PlanMode,
    PlanReport,
    Sample,
    Trial,
    Truth,
    param,
)

_NO_PLAN = PlanReport(0.0, PlanMode.IDLE, "no plan yet", np.zeros((0, 3)))


@dataclass(frozen=True)
class RunParams(Params):
    """When a dressing ends."""

    max_duration: float = param(7.0, "longest dressing", unit="s", low=0.1, high=120.0)
    goal_share: float = param(
        0.6, "share of the upper arm, from the elbow, at which the cuff has arrived", low=0, high=1
    )
    patience: float = param(
        1.0, "how long a stopped planner is waited for", unit="s", low=0.0, high=60.0
    )
    control_every: int = param(
        1, "samples for which the gripper keeps one command", low=1, high=240
    )

    def check(self, scene_duration: float) -> None:
        """Refuse a scene that ends, after `scene_duration` [s], before the dressing may.

        Raises:
            ParameterError: if it does.
        """
        if scene_duration < self.max_duration:
            raise ParameterError(
                f"motion_duration must be at least max_duration, "
                f"got {scene_duration} < {self.max_duration} s"
            )


class Scene(Protocol):
    """What a dressing needs of a simulated (or real) room."""

    @property
    def arm(self) -> ArmMeasurement:
        """The person's lengths as measured."""
        ...

    def observe(self) -> Sample:
        """Measure without moving."""
        ...

    def step(self, command: Command) -> Sample:
        """Move for one tick and measure."""
        ...

    def truth(self) -> Truth:
        """What only a simulator knows, now."""
        ...


class Planner(Protocol):
    """A pure planner, see `elbowroom.planning`."""

    def start(self, arm: ArmMeasurement) -> Any:
        """State before the first sample."""
        ...

    def step(
        self, state: Any, sample: Sample, estimate: Estimate
    ) -> tuple[Any, Command, PlanReport]:
        """The next command and why."""
        ...


class Guide(Protocol):
    """Whoever tells the planner where the elbow is."""

    def look(self, sample: Sample, truth: Truth) -> Estimate:
        """Where the elbow is, as far as this guide knows at the sample's stamp."""
        ...


Watch: TypeAlias = Callable[[Any, Estimate, PlanReport], None]
"""Looks on: called with the scene, the newest box and the newest plan."""


class EstimatorGuide:
    """An estimator in the loop; it never looks at the truth."""

    def __init__(self, estimator: Any, arm: ArmMeasurement) -> None:
        self._estimator = estimator
        self._state = estimator.start(arm)

    def look(self, sample: Sample, truth: Truth) -> Estimate:
        """The estimator's next box."""
        self._state, estimate = self._estimator.step(self._state, sample)
        return estimate


@dataclass(frozen=True)
class Dressing:
    """A finished run.

    Attributes:
        trial: what was measured and what was true.
        estimates: what the planner was told, row by row of the trial.
        plans: what the planner decided; one row fewer than the trial.
    """

    trial: Trial
    estimates: EstimateTrack
    plans: PlanTrack


def run_dressing(
    scene: Scene,
    planner: Planner,
    guide: Guide,
    params: RunParams | None = None,
    facts: dict[str, Any] | None = None,
    watch: Watch | None = None,
) -> Dressing:
    """Dress one arm and record it at the scene's own rate.

    Ends when the cuff is past the elbow and has arrived on the upper arm, when the planner is
    done, when it has been stopped for longer than `patience`, or after `max_duration`.

    Args:
        scene: see `elbowroom.sim.DressingScene`.
        planner: see `elbowroom.planning.make_planner`.
        guide: estimator or collection policy.
        params: when to end.
        facts: JSON values stored with the trial, beside those found here.
        watch: called at every sample.

    Raises:
        SimulationError: whatever the scene raises goes through.
    """
    p = params or RunParams()
    rows, tracks = Recorder(), TrackRecorder()
    state, sample, stopped = planner.start(scene.arm), scene.observe(), 0.0
    begin, mode, ending, report = sample.stamp, PlanMode.IDLE, "time", _NO_PLAN
    while True:
        truth = scene.truth()
        estimate, step_us = _timed_look(guide, sample, truth)
        rows.add(sample, truth)
        tracks.add_estimate(estimate, step_us)
        if watch:
            watch(scene, estimate, report)
        if arrived(truth, scene.arm, p.goal_share) or mode == PlanMode.DONE:
            ending = "arrived"
            break
        if stopped > p.patience:
            ending = "stopped"
            break
        if sample.stamp - begin >= p.max_duration:
            break
        if (len(rows) - 1) % p.control_every == 0:
            state, command, report = planner.step(state, sample, estimate)
        tracks.add_plan(sample.stamp, report)
        mode, before = report.mode, sample.stamp
        sample = scene.step(command)
        stopped = stopped + sample.stamp - before if mode == PlanMode.STOPPED else 0.0
    found = _outcome(rows, truth, ending)
    return Dressing(
        rows.trial(arm_facts(scene.arm) | (facts or {}) | found),
        tracks.estimates(),
        tracks.plans(),
    )


def arrived(truth: Truth, arm: ArmMeasurement, share: float) -> bool:
    """Whether the cuff is past the elbow and a share [0..1] of the way on to the shoulder."""
    return truth.passed and truth.progress >= arm.forearm + share * arm.upper_arm


def arm_facts(arm: ArmMeasurement) -> dict[str, float]:
    """The measured lengths as stored in a trial's facts [m]."""
    return {
        "upper_arm": arm.upper_arm,
        "forearm": arm.forearm,
        "upper_arm_error": arm.upper_arm_error,
        "forearm_error": arm.forearm_error,
    }


def _timed_look(guide: Guide, sample: Sample, truth: Truth) -> tuple[Estimate, float]:
    begin = time.perf_counter_ns()
    estimate = guide.look(sample, truth)
    return estimate, (time.perf_counter_ns() - begin) / 1e3


def _outcome(rows: Recorder, last: Truth, ending: str) -> dict[str, Any]:
    flexion = rows.flexion
    return {
        "passed_elbow": bool(last.passed),
        "ending": ending,
        "duration": rows.duration,
        "threaded_share": rows.threaded_share,
        "flexion_start": flexion[0],
        "flexion_median": float(np.median(flexion)),
        "flexion_at_elbow": rows.flexion_at_elbow,
    }
