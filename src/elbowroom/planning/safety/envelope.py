"""The safety envelope: reasons to stop, apart from any optimiser.

Every reason holds the gripper still until it has been absent for `resume_hold`; a force stop
also waits until the filtered force is below `force_resume`.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from elbowroom.core import Estimate, Status
from elbowroom.core.types import Array
from elbowroom.planning.params import PlannerParams
from elbowroom.planning.safety.inputs import is_box, is_point
from elbowroom.planning.state import Inputs
from elbowroom.planning.vectors import length


class Health(IntEnum):
    """What the monitor says of the inputs; the values are those of elbowroom/InputHealth."""

    OK = 0
    WARN = 1
    ERROR = 2


REACH_SLACK, JUMP_SLACK = 0.1, 0.02
"""Errors of shoulder and lengths, and of box centres, that are not held against a box [m]."""
FORCE_STOP = "the force reached its limit"
GRIP_STOP = "the cloth has slipped from the fingers"


def tell_resume(reason: str, params: PlannerParams) -> str:
    """When the pull goes on after a stop, in words."""
    if reason == GRIP_STOP:
        return "goes on when it is started anew with the cuff in the fingers"
    hold = f"{params.resume_hold:g} s"
    if reason == FORCE_STOP:
        return f"goes on {hold} after the force has fallen below {params.force_resume:g} N"
    return f"goes on {hold} after this has passed"


def find_fault(inputs: Inputs, params: PlannerParams, health: Health) -> str:
    """The first reason not to move that does not concern the box, or empty."""
    ages = (
        ("wrench", inputs.force_stamp, params.wrench_age),
        ("gripper pose", inputs.gripper_stamp, params.gripper_age),
        ("shoulder", inputs.shoulder_stamp, params.shoulder_age),
    )
    if inputs.fault:
        return inputs.fault
    if health >= Health.ERROR:
        return "the monitor reports an error of the inputs"
    for name, stamp, limit in ages:
        if inputs.now - stamp > limit:
            return f"no {name} for more than {limit:g} s"
    return ""


def find_box_fault(inputs: Inputs, params: PlannerParams, upper_arm: float) -> str:
    """The first reason not to plan on the box, or empty.

    A box is refused when it is missing, stale, from the future, not finite, VOID, or impossible:
    a side is shorter than least_side, no point of it lies at the upper arm's length (within
    REACH_SLACK) from the shoulder, or no elbow could have come into it from the previous box
    (within JUMP_SLACK).
    """
    estimate = inputs.estimate
    if estimate is None:
        return "no box has come yet"
    if not np.isfinite(estimate.stamp) or abs(inputs.now - estimate.stamp) > params.box_age:
        return f"the box is more than {params.box_age:g} s old"
    return _find_content_fault(estimate, inputs, params, upper_arm)


def _find_content_fault(
    estimate: Estimate, inputs: Inputs, params: PlannerParams, upper_arm: float
) -> str:
    if not is_box(estimate.box) or not is_point(estimate.point):
        return "the box is not finite"
    if estimate.status == Status.VOID:
        return "the box is VOID" + (f": {estimate.reason}" if estimate.reason else "")
    if estimate.status == Status.UNCALIBRATED and not params.accept_uncalibrated:
        return "the box is UNCALIBRATED and accept_uncalibrated is false"
    if np.min(estimate.box.size) < params.least_side:
        return f"the box is impossible: a side has shrunk below {params.least_side:g} m"
    if inputs.shoulder is not None and not _is_possible(estimate, inputs.shoulder, upper_arm):
        return "the box is impossible: no elbow in it fits the upper arm"
    if _has_jumped(inputs, params):
        return "the box jumped: no elbow moves that fast"
    return ""


def _is_possible(estimate: Estimate, shoulder: Array, upper_arm: float) -> bool:
    box = estimate.box
    if abs(length(shoulder - box.centre) - upper_arm) <= REACH_SLACK:
        return True
    local = np.abs(box.rotation.T @ (shoulder - box.centre))
    nearest = np.linalg.norm(np.maximum(local - box.size / 2, 0.0))
    farthest = np.linalg.norm(local + box.size / 2)
    return bool(nearest <= upper_arm + REACH_SLACK and farthest >= upper_arm - REACH_SLACK)


def _has_jumped(inputs: Inputs, params: PlannerParams) -> bool:
    """Whether no elbow could have come from the previous box into this one in time."""
    old, new = inputs.previous, inputs.estimate
    if old is None or new is None or not is_box(old.box):
        return False
    way = params.elbow_speed * max(new.stamp - old.stamp, 0.0) + JUMP_SLACK
    if length(new.box.centre - old.box.centre) <= way:
        return False
    (low, high), (lowest, highest) = old.box.hull, new.box.hull
    return bool(np.any(lowest - high > way) or np.any(low - highest > way))
