"""A planner kept running: its state, the newest box, and standing still when in doubt."""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from elbowroom.core import (
    ArmMeasurement,
    Command,
    Estimate,
    Params,
    PlanMode,
    PlanReport,
    Sample,
    param,
)
from elbowroom.nodes.base.health import Health, Level
from elbowroom.nodes.dressing import warmup
from elbowroom.planning import Health as InputLevel

# STALE, "too little or too old input to tell", is reason to be careful, not to stop.
_LEVELS = {0: InputLevel.OK, 1: InputLevel.WARN, 2: InputLevel.ERROR, 3: InputLevel.WARN}


@dataclass(frozen=True)
class PlannerNodeParams(Params):
    """Which planner runs, and how often it speaks."""

    name: str = param("robust", "planner, a name that `elbowroom evaluate --planner` knows")
    watch_period: float = param(
        0.02, "without a wrench the planner decides this often", unit="s", low=0.005, high=0.05
    )
    plan_rate: float = param(10.0, "rate of the published path", unit="Hz", low=0.1, high=240.0)


@dataclass(frozen=True)
class Decision:
    """How to move now, and why."""

    command: Command
    report: PlanReport


class Driver:
    """Steps a planner with whatever is known.

    Args:
        planner: see `elbowroom.planning.make_planner`.

    Attributes:
        newest: the last decision, or None.
    """

    def __init__(self, planner: Any) -> None:
        self._planner = planner
        self._solve_times: deque[float] = deque(maxlen=240)
        self.forget("no arm measurement yet")

    def warm_up(self) -> None:
        """Plan a made-up dressing, so that the first real plan is as quick as the others."""
        state = self._planner.start(warmup.ARM)
        for sample, estimate in warmup.rehearse(240):
            state, _, _ = self._planner.step(state, sample, estimate, now=sample.stamp)

    def reset(self) -> None:
        """Start over with the same person."""
        self.newest: Decision | None = None
        self._estimate: Estimate | None = None
        self._state = None if self._arm is None else self._planner.start(self._arm)

    def meet(self, arm: ArmMeasurement) -> None:
        """A dressing begins, of a person with these lengths."""
        self._arm: ArmMeasurement | None = arm
        self._unknown = ""
        self.reset()

    def forget(self, reason: str) -> None:
        """A dressing begins, of a person whose lengths are not known, and why."""
        self._arm, self._unknown = None, reason
        self.reset()

    def tell(self, estimate: Estimate) -> None:
        """A new box has come; it is used in the next step."""
        self._estimate = estimate

    def step(self, sample: Sample, now: float, level: int, fault: str) -> Decision:
        """Decide after a sample.

        Args:
            sample: what was measured; may be empty.
            now: time by which ages are judged [s].
            level: what the monitor says, a constant of elbowroom/InputHealth.
            fault: what is wrong with the sample, or empty; it stops the gripper.
        """
        if self._state is None:
            return self.halt(now, self._unknown)
        estimate, self._estimate = self._estimate, None
        try:
            self._state, command, report = self._planner.step(
                self._state, sample, estimate, now=now, health=_LEVELS[level], fault=fault
            )
        except Exception as error:
            # A planner should never raise; if one does, the gripper must not go on by itself.
            traceback.print_exc()
            return self.halt(now, f"the planner failed: {error!r}")
        self._solve_times.append(report.solve_time)
        self.newest = Decision(command, report)
        return self.newest

    def halt(self, now: float, reason: str) -> Decision:
        """Stand still from `now` [s] without asking the planner."""
        report = PlanReport(now, PlanMode.STOPPED, reason, np.zeros((0, 3)))
        self.newest = Decision(Command(np.zeros(3)), report)
        return self.newest

    def health(self, facts: Mapping[str, Any]) -> Health:
        """The last decision, for diagnostics, with what else is worth seeing."""
        if self.newest is None:
            return Health(Level.WARN, "no decision yet")
        report, times = self.newest.report, self._solve_times or [0.0]
        level = Level.ERROR if report.mode is PlanMode.STOPPED else Level.OK
        values = {
            "mode": report.mode.name,
            "speed limit [m/s]": float(report.speed_limit),
            "force [N]": float(report.force),
            "solve max [ms]": 1e3 * float(np.max(times)),
            **facts,
        }
        return Health(level, report.reason, values)
