"""The speed law: how fast to pull, given how well the elbow is known.

v(w) = v_slow + (v_fast - v_slow) clip((w_far - w) / (w_far - w_near), 0, 1), where w is the box's
greatest width across the arm. A PRIOR box and warned inputs allow v_slow, whatever the width.
"""

from __future__ import annotations

import numpy as np

from elbowroom.core import Box, Estimate, Status
from elbowroom.core.types import Array
from elbowroom.planning.params import PlannerParams
from elbowroom.planning.safety.envelope import Health
from elbowroom.planning.way.corridor import half_width


def choose_speed(
    estimate: Estimate, width: float, health: Health, params: PlannerParams
) -> tuple[float, str]:
    """Speed limit [m/s] by the law above, and why it is not the full speed, or empty."""
    if health >= Health.WARN:
        return params.speed_slow, "the monitor warns of the inputs"
    if estimate.status == Status.PRIOR:
        return params.speed_slow, "the box is the prior"
    span = params.width_far - params.width_near
    share = float(np.clip((params.width_far - width) / span, 0.0, 1.0))
    speed = params.speed_slow + share * (params.speed - params.speed_slow)
    return speed, "" if share >= 0.5 else f"the box is {width:.2f} m wide"


def measure_width(box: Box, along: Array) -> float:
    """Greatest width [m] of the box across the direction `along`, shape (3,).

    The greatest of four widths, 45 degrees apart, is within 8 % of the greatest of all.
    """
    helper = np.eye(3)[int(np.argmin(np.abs(along)))]
    first = np.cross(along, helper)
    first /= np.linalg.norm(first)
    second = np.cross(along, first)
    angles = np.arange(4) * np.pi / 4
    return max(2 * half_width(box, np.cos(a) * first + np.sin(a) * second) for a in angles)
