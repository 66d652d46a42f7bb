"""What the causal features are called, and which of them each optional input brings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import JOINTS, OPTIONAL, SUBSETS, parse_inputs

_NAMES = {
    "force_50ms": 3,
    "force_200ms": 3,
    "force_1s": 3,
    "force_direction": 3,
    "log_force": 1,
    "torque_50ms": 3,
    "gripper_from_anchor": 3,
    "gripper_speed": 3,
    "gripper_from_start": 3,
    "gripper_axis": 3,
    "gripper_side": 3,
    "anchor_from_start": 3,
    "anchor_speed": 3,
    "sighting_from_anchor0": 3,
    "sighted": 1,
    "start_gripper_from_anchor0": 3,
    "upper_arm": 1,
    "forearm": 1,
    "time": 1,
    "reach": 1,
    "wrist_from_anchor": 3,
    "wrist_weight": 1,
    "wrist_speed": 3,
    "progress": 1,
    "progress_speed": 1,
    "progress_weight": 1,
    "effort": JOINTS,
    "effort_weight": 1,
}
NAMES: tuple[str, ...] = tuple(
    name if width == 1 else f"{name}_{part}"
    for name, width in _NAMES.items()
    for part in ("xyz" if width == 3 else range(1, width + 1))
)
WIDTH = len(NAMES)
"""Number of features."""


def _visible(inputs: str) -> list[bool]:
    hidden = [n for n in OPTIONAL if n not in parse_inputs(inputs)]
    return [not any(name.split("_")[0] == h for h in hidden) for name in NAMES]


VISIBLE = np.array([_visible(inputs) for inputs in SUBSETS], np.float32)
"""1 for every feature that each of `core.SUBSETS` leaves, 0 for those of hidden inputs,
shape (8, WIDTH)."""
VISIBLE.flags.writeable = False


def hide(features: NDArray[np.floating], inputs: str) -> NDArray[np.floating]:
    """Features as they would be if only these optional inputs were there, (..., WIDTH).

    A source that never reports leaves its value and its weight at zero and nothing else touches
    them, so zeroing them is the same as hiding the sensor.

    Args:
        features: with any optional inputs.
        inputs: one of `core.SUBSETS`.
    """
    return np.asarray(features * VISIBLE[SUBSETS.index(inputs)].astype(features.dtype))
