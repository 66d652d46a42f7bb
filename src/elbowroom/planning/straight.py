"""The baseline: pull in a straight line from where the cuff is to the shoulder."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from elbowroom.core import PlanMode, Pose, matrix_from_quaternion
from elbowroom.core.types import Array
from elbowroom.planning.base import Planner
from elbowroom.planning.params import PlannerParams
from elbowroom.planning.safety.envelope import Health
from elbowroom.planning.state import PlanState, Proposal
from elbowroom.planning.vectors import length


@dataclass(frozen=True)
class Line:
    """Where the cuff's centre was at the first step [m], shape (3,)."""

    start: Array


class StraightPlanner(Planner):
    """Knows no box: drives the cuff's centre straight at the shoulder, giving way to force."""

    name = "straight"
    needs_box = False

    def _propose(self, state: PlanState, health: Health) -> tuple[PlanState, Proposal]:
        gripper, shoulder = state.inputs.gripper, state.inputs.shoulder
        assert gripper is not None, "the envelope checks it"
        assert shoulder is not None, "the envelope checks it"
        cuff = locate_cuff(gripper, self.params)
        if not isinstance(state.memory, Line):
            state = replace(state, memory=Line(cuff))
        line = state.memory
        assert isinstance(line, Line)
        return state, _follow(line.start, cuff, shoulder, health, self.params)


def locate_cuff(gripper: Pose, params: PlannerParams) -> Array:
    """Centre of the cuff's ring [m], shape (3,), from the gripper's pose."""
    turn = matrix_from_quaternion(gripper.orientation)
    return np.asarray(gripper.position, dtype=float) + turn @ np.array(params.cuff_offset)


def _follow(
    start: Array, cuff: Array, shoulder: Array, health: Health, params: PlannerParams
) -> Proposal:
    rest = shoulder - cuff
    distance = length(rest)
    whole = max(length(shoulder - start), 1e-6)
    progress = float(np.clip(1.0 - distance / whole, 0.0, 1.0))
    path = np.stack([cuff, shoulder])
    if distance <= params.done_distance:
        return Proposal(np.zeros(3), path, PlanMode.DONE, "the cuff is at the shoulder", 0.0, 1.0)
    speed = params.speed if health == Health.OK else params.speed_slow
    mode = PlanMode.FOLLOWING if health == Health.OK else PlanMode.SLOWED
    reason = "" if health == Health.OK else "the monitor warns of the inputs"
    return Proposal(rest / distance * speed, path, mode, reason, speed, progress)
