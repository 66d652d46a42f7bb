"""A grasping skill as the node runs it: a guide, a learned policy, and who acts when.

The guide acts for the first h steps of an attempt, the learned policy for the rest (Uchendu et al.
2023, arXiv 2204.02372): h = 0 is the policy alone, h = steps the guide alone. Observation and
action are those of training.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from elbowroom.core import InputError
from elbowroom.grasping.action import PERIOD, interpret
from elbowroom.grasping.env import START
from elbowroom.grasping.guide import Guide
from elbowroom.grasping.jumpstart import Combined
from elbowroom.grasping.observation import WIDE, HandState, arrange, describe_state
from elbowroom.grasping.policy import Policy
from elbowroom.grasping.tasks import Task
from elbowroom.nodes.homing import Start
from elbowroom.nodes.sight import Table
from elbowroom.nodes.view import Move, View


class Skill:
    """Guide and policy for one task.

    Args:
        task: what they were made for.
        guide: acts first.
        policy: acts then; None for none.
        table: where objects can be reached, and when one counts as lifted.
        main: "objects" or "image", what the policy looks at.
        horizon: steps of the guide where a request names none.
        seed: of the guide's randomness.

    Attributes:
        main: see above.
        period: time between two moves [s].
        steps: moves in an attempt.
        start: where an attempt begins.
        version: of the learned policy; empty without one.
        features: activations that led to the last move by layer; empty if the guide made it.
        phase: name of a phase of grasp_state.
        words: who acts.
    """

    period = PERIOD

    def __init__(
        self,
        task: Task,
        guide: Guide,
        policy: Policy | None,
        table: Table,
        *,
        main: str = "objects",
        horizon: int = 0,
        seed: int = 0,
    ) -> None:
        self._task, self._guide, self._policy, self._table = task, guide, policy, table
        self._actor = Combined(guide, policy, task.horizon)
        self.main, self.steps = main, task.horizon
        self._horizon, self._rng = horizon, np.random.default_rng(seed)
        self.start = Start(np.array([*table.centre, START[0]]), 0.0, WIDE)
        self.version = policy.version if policy else ""
        self.features: dict[str, Any] = {}
        self.phase, self.words = "APPROACHING", ""
        self._target: str | None = None

    def settle(self, name: str, horizon: int, view: View) -> tuple[str, int]:
        """The object and the horizon of a request; an empty name stands for the nearest object.

        Raises:
            InputError: if the object is not seen or cannot be reached, or there is nobody to act
                for that horizon.
        """
        horizon = self._horizon if horizon < 0 else horizon
        if horizon > self.steps:
            raise InputError(f"the horizon must lie in -1..{self.steps}, got {horizon}")
        if horizon < self.steps and self._policy is None:
            raise InputError(f"no policy is loaded: the horizon must be {self.steps}")
        if self._task.named or name:
            name = self._table.pick(name, view)
        if name and not self._task.named and horizon < self.steps:
            raise InputError(f"the policy lifts any object; it cannot be told to take {name!r}")
        return name, horizon

    def fault(self, name: str, view: View) -> str:
        """Why a view cannot be acted on, or empty."""
        return self._table.fault(name, view)

    def begin(self, name: str, horizon: int, view: View) -> None:
        """An attempt begins."""
        self._target, self._closed = name or None, False
        self._order = arrange(self._table.read(view), self._target, view.gripper.position)
        self._actor = Combined(self._guide, self._policy, horizon)
        self._actor.reset(self._rng)
        self.phase = "APPROACHING"

    def act(self, view: View) -> Move:
        """The next move."""
        hand = HandState(view.gripper.position, view.yaw, view.opening, self._closed)
        objects = self._table.read(view)
        state = describe_state(hand, objects, self._order, self._task, self._table.centre)
        self.words = "the guide acts" if self._actor.guided else "the policy acts"
        self.features = self._explain(state)
        action = self._actor.act(state, {"state": state})
        move = interpret(action, view.yaw, self._closed)
        self._closed = move.closed
        self.phase = self._name_phase(view)
        way = self._table.keep_inside(view.gripper.position, move.command.linear, PERIOD)
        return Move(way, float(move.command.angular[2]), 0.0 if move.closed else WIDE)

    def holds(self, name: str, view: View) -> bool:
        """Whether the object, or any if none is named, is held up."""
        return self._table.lifted(name, view)

    def _explain(self, state: Any) -> dict[str, Any]:
        if self._policy is None or self._actor.guided:
            return {}
        return self._policy.activations(state)

    def _name_phase(self, view: View) -> str:
        if not self._closed:
            return "APPROACHING"
        return "LIFTING" if self._table.off(self._target or "", view) else "GRASPING"
