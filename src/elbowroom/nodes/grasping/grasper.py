"""A grasping skill kept running: requests, attempts, phases, and standing still when in doubt.

Holds no clock, no thread and no ROS. A request goes through at most `attempts` attempts; each
begins with the gripper brought to the skill's start and ends when the object is held up, when the
skill's steps are used up, or when the inputs stay bad for longer than `patience`.
"""

from __future__ import annotations

import math
import traceback
from dataclasses import dataclass, replace
from enum import IntEnum

from elbowroom.core import InputError, Params, param
from elbowroom.nodes.grasping.homing import Homing
from elbowroom.nodes.grasping.skill import Skill
from elbowroom.nodes.grasping.view import STILL, View


class Phase(IntEnum):
    """What the controller is doing; the values are those of elbowroom/GraspState."""

    IDLE = 0
    APPROACHING = 1
    GRASPING = 2
    LIFTING = 3
    DONE = 4
    STOPPED = 5


@dataclass(frozen=True)
class GrasperParams(Params):
    """When an attempt is given up."""

    attempts: int = param(3, "attempts made on an object before giving up", low=1, high=100)
    patience: float = param(
        2.0, "an attempt whose inputs stay bad for longer is given up", unit="s", low=0.1, high=60.0
    )
    travel_time: float = param(
        15.0, "a start that is not reached in this time is given up", unit="s", low=1.0, high=120.0
    )


@dataclass(frozen=True)
class Report:
    """What is said on grasp_state.

    Attributes:
        phase: what the controller is doing.
        reason: why, in words.
        request: number of the request, 0 before the first.
        object: name asked for.
        attempts: begun for this request.
        success: whether the last finished attempt held the object.
        step: steps taken in this attempt.
        horizon: steps the guide acts first.
    """

    phase: Phase = Phase.IDLE
    reason: str = "no object has been asked for"
    request: int = 0
    object: str = ""
    attempts: int = 0
    success: bool = False
    step: int = 0
    horizon: int = 0


class Grasper:
    """Runs a skill until the object is held up.

    Args:
        skill: what is executed.
        params: when an attempt is given up.

    Attributes:
        report: what it is doing now.
        move: the move of the last decision.
    """

    def __init__(self, skill: Skill, params: GrasperParams) -> None:
        self.skill, self._params = skill, params
        self.report, self.move = Report(), STILL
        self._homing: Homing | None = None
        self._next = -math.inf
        self._bad_since: float | None = None
        self._release: float | None = None

    @property
    def busy(self) -> bool:
        """Whether a request is being worked on."""
        return self.report.phase not in (Phase.IDLE, Phase.DONE)

    def ask(self, name: str, horizon: int, view: View) -> int:
        """Begin with a request; the number it gets.

        Raises:
            InputError: if the object is not seen or cannot be reached, or the horizon is not one
                of the skill's.
        """
        name, horizon = self.skill.settle(name, horizon, view)
        number = self.report.request + 1
        self.report = Report(Phase.APPROACHING, "", number, name, horizon=horizon)
        self._begin(view)
        return number

    def abort(self, reason: str) -> None:
        """Give the request up; the gripper stays where it is."""
        if self.busy:
            self._finish(False, reason)

    def step(self, view: View) -> bool:
        """Look at a view; whether `move` and `report` were decided anew."""
        if not self.busy or view.stamp < self._next:
            return False
        self._next = view.stamp + self.skill.period * (1.0 - 1e-3)
        self.skill.reading = None  # that of an earlier decision explains nothing here
        try:
            fault = self.skill.fault(self.report.object, view)
            if fault:
                self.halt(view.stamp, fault)
            else:
                self._advance(view)
                self._bad_since = None
        except InputError as error:
            self.halt(view.stamp, str(error))
        except Exception as error:
            # A policy should never raise; if one does, the gripper must not go on by itself.
            traceback.print_exc()
            self._finish(False, f"the policy failed: {error!r}")
        return True

    def halt(self, now: float, reason: str) -> None:
        """Stand still from `now` [s] because of an input; give the request up if that lasts."""
        if not self.busy:
            return
        if self._bad_since is None or now < self._bad_since:
            self._bad_since = now
        if now - self._bad_since > self._params.patience:
            self._finish(False, f"given up: {reason}")
            return
        self.move = replace(STILL, opening=self.move.opening)
        self.report = replace(self.report, phase=Phase.STOPPED, reason=reason)

    def _begin(self, view: View) -> None:
        count = self.report.attempts + 1
        self.report = replace(self.report, attempts=count, step=0)
        self._homing = Homing(self.skill.start, view, self._release)
        self._next, self._bad_since, self._left = -math.inf, None, view.stamp

    def _advance(self, view: View) -> None:
        if self._homing is not None and not self._travel(self._homing, view):
            return
        if self.skill.holds(self.report.object, view):
            self._finish(True, "the object is held up")
        elif self.report.step >= self.skill.steps:
            self._miss(view)
        else:
            before, self.move = self.move, self.skill.act(view)
            if self.move.opening < before.opening:
                # Here it stands on the table: here it can be put down again.
                self._release = float(view.gripper.position[2])
            self.report = replace(self.report, step=self.report.step + 1)
            self._tell(Phase[self.skill.phase], self.skill.words)

    def _travel(self, homing: Homing, view: View) -> bool:
        self.move = homing.act(view, self.skill.period)
        self._tell(Phase.APPROACHING, homing.words)
        if homing.done:
            self.skill.begin(self.report.object, self.report.horizon, view)
            self._homing = None
        elif view.stamp - self._left > self._params.travel_time:
            self._finish(False, f"given up while {homing.words}")
        return homing.done

    def _miss(self, view: View) -> None:
        if self.report.attempts >= self._params.attempts:
            self._finish(False, f"not held up after {self.skill.steps} steps")
        else:
            self._begin(view)
            self.move = replace(STILL, opening=self.move.opening)

    def _finish(self, success: bool, reason: str) -> None:
        self.move = replace(STILL, opening=self.move.opening)
        self._homing = None
        self.report = replace(self.report, success=success)
        self._tell(Phase.DONE, reason)

    def _tell(self, phase: Phase, reason: str) -> None:
        self.report = replace(self.report, phase=phase, reason=reason)
