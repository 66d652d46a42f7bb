"""A grasping skill as the node runs it: a guide, a learned policy, and who acts when.

The guide acts for the first h steps of an attempt, the learned policy for the rest (Uchendu et al.
2023, arXiv 2204.02372): h = 0 is the policy alone, h = steps the guide alone. Observation and
action are those of training.
"""

from __future__ import annotations

import numpy as np

from elbowroom.core import InputError
from elbowroom.grasping.environments.action import PERIOD, interpret
from elbowroom.grasping.environments.env import find_start_height
from elbowroom.grasping.environments.observation import WIDE
from elbowroom.grasping.environments.tasks import Task
from elbowroom.grasping.guides.guide import Guide
from elbowroom.grasping.guides.jumpstart import Combined
from elbowroom.grasping.networks.policy import Policy
from elbowroom.grasping.networks.tap import PolicyTap
from elbowroom.models.layers.reading import Reading
from elbowroom.nodes.grasping.homing import Start
from elbowroom.nodes.grasping.observer import Grip, Observer
from elbowroom.nodes.grasping.sight import Table
from elbowroom.nodes.grasping.view import Move, View

_OFF = 0.01


class Skill:
    """Guide and policy for one task.

    Args:
        task: what they were made for.
        guide: acts first; None for none.
        policy: acts then; None for none.
        observer: makes what they observe.
        table: where the gripper may go, and when an object counts as lifted.
        horizon: steps of the guide where a request names none.
        seed: of the guide's randomness.
        tap: reads the policy's layers; None for none.

    Attributes:
        observer: see above.
        period: time between two moves [s].
        steps: moves in an attempt.
        start: where an attempt begins.
        tap: see above.
        reading: of the policy's layers at the last move; None if the guide made it or none is due.
        phase: name of a phase of grasp_state.
        words: who acts.
    """

    period = PERIOD

    def __init__(
        self,
        task: Task,
        guide: Guide | None,
        policy: Policy | None,
        observer: Observer,
        table: Table,
        horizon: int = 0,
        seed: int = 0,
        tap: PolicyTap | None = None,
    ) -> None:
        self._task, self._guide, self._policy = task, guide, policy
        self.observer, self._table = observer, table
        self._horizon, self._rng = horizon, np.random.default_rng(seed)
        self._actor = Combined(guide, policy, horizon)
        self._grip, self._target = Grip(), ""
        self.steps = task.horizon
        height = find_start_height(task.stand > 0)
        self.start = Start(np.array([*table.centre, height]), 0.0, WIDE)
        self.tap = tap
        self.reading: Reading | None = None
        self.phase, self.words = "APPROACHING", ""

    def settle(self, name: str, horizon: int, view: View) -> tuple[str, int]:
        """The object and the horizon of a request.

        An empty name stands for the nearest object, or for any where the task is to lift any.

        Raises:
            InputError: if the object is not seen or cannot be reached, or there is nobody to act
                for that horizon.
        """
        horizon = self._horizon if horizon == -1 else horizon
        if not 0 <= horizon <= self.steps:
            raise InputError(f"the horizon must lie in -1..{self.steps}, got {horizon}")
        if horizon < self.steps and self._policy is None:
            raise InputError(f"no policy is loaded: the horizon must be {self.steps}")
        if horizon > 0 and self._guide is None:
            raise InputError("no guide is loaded: the horizon must be 0")
        name = self.observer.pick(name, view)
        if name and not self._task.named and horizon < self.steps:
            raise InputError(f"the policy lifts any object; it cannot be told to take {name!r}")
        return name, horizon

    def fault(self, name: str, view: View) -> str:
        """Why a view cannot be acted on, or empty."""
        return self.observer.fault(name, view)

    def begin(self, name: str, horizon: int, view: View) -> None:
        """An attempt begins."""
        self._target, self._grip = name, Grip()
        self.observer.begin(name, view)
        self._actor = Combined(self._guide, self._policy, horizon)
        self._actor.reset(self._rng)
        self.phase = "APPROACHING"
        if self.tap is not None:
            self.tap.reset()

    def act(self, view: View) -> Move:
        """The next move.

        Raises:
            InputError: if the view lacks something that is observed.
        """
        seen, info = self.observer.observe(view, self._grip)
        guided = self._actor.guided
        self.words = "the guide acts" if guided else "the policy acts"
        action = self._actor.act(seen, info)
        if self.tap is not None and not guided:
            self.reading = self.tap.read(seen, action, view.stamp)
        move = interpret(action, view.yaw, self._grip.closed)
        if move.closed != self._grip.closed:
            self._grip = Grip(move.closed, float(view.gripper.position[2]))
        self.phase = self._name_phase(view)
        way = self._table.keep_inside(view.gripper.position, move.command.linear, PERIOD)
        return Move(way, float(move.command.angular[2]), 0.0 if move.closed else WIDE)

    def holds(self, name: str, view: View) -> bool:
        """Whether the object, or any if none is named, is held up."""
        return self.observer.rise(name, view, self._grip) > self._table.lift

    def _name_phase(self, view: View) -> str:
        if not self._grip.closed:
            return "APPROACHING"
        off = self.observer.rise(self._target, view, self._grip) > _OFF
        return "LIFTING" if off else "GRASPING"
