"""Messages of the optional inputs: the cuff's way along the arm, the robot's effort."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from sensor_msgs.msg import JointState
from std_msgs.msg import Header

from elbowroom.core import InputError
from elbowroom.core.types import Array
from elbowroom.msg import SleeveProgress


def read_progress(message: SleeveProgress) -> float:
    """Way of the cuff along the arm [m]."""
    if not math.isfinite(message.progress):
        raise InputError(f"the cuff's way must be finite, got {message.progress}")
    return float(message.progress)


def read_effort(message: JointState, joints: Sequence[str]) -> Array | None:
    """External torques [N m] of these n joints, shape (n,); None if the message has no effort."""
    if not message.effort:
        return None
    found = dict(zip(message.name, message.effort, strict=False))
    missing = [name for name in joints if name not in found]
    if missing:
        raise InputError(f"the joint states lack the effort of {', '.join(missing)}")
    effort = np.array([found[name] for name in joints])
    if not np.isfinite(effort).all():
        raise InputError(f"an effort must be finite, got {effort.tolist()}")
    return effort


def progress_message(head: Header, progress: float) -> SleeveProgress:
    """Way of the cuff along the arm [m]."""
    return SleeveProgress(header=head, progress=float(progress))
