from __future__ import annotations

import numpy as np
import pytest

from elbowroom.motion import ArmMotion, is_dressable, mirror


def _holding(wrist: tuple[float, float, float], speed: float = 0.0) -> ArmMotion:
    """An arm of 0.3 and 0.28 m with the wrist at a place relative to the shoulder."""
    target = np.array(wrist)
    reach = float(np.linalg.norm(target))
    along = target / reach
    half = (0.3**2 - 0.28**2 + reach**2) / (2 * reach)
    down = np.array([0.0, 0.0, -1.0]) - along * -along[2]
    elbow = half * along + np.sqrt(0.3**2 - half**2) * down / np.linalg.norm(down)
    time = np.arange(30) / 60
    shift = np.outer(time, [0.0, speed, 0.0])
    shoulder = np.array([0.0, 0.0, 1.0]) + shift
    return ArmMotion(time, shoulder, shoulder + elbow, shoulder + target)


@pytest.mark.parametrize(
    ("wrist", "expected"),
    [
        ((0.45, -0.10, -0.15), True),
        ((0.30, -0.05, -0.25), True),
        ((0.05, -0.20, -0.45), False),
        ((0.22, 0.15, 0.20), False),
        ((-0.20, -0.40, 0.0), False),
        ((0.20, 0.05, -0.10), False),
    ],
    ids=["held out", "on a table", "hanging", "at the face", "behind", "bent too far"],
)
def test_hands_held_out_can_be_dressed(wrist: tuple[float, float, float], expected: bool) -> None:
    assert is_dressable(_holding(wrist)) is expected
    assert is_dressable(mirror(_holding(wrist)), "left") is expected


def test_an_arm_that_already_moves_cannot() -> None:
    assert is_dressable(_holding((0.45, -0.10, -0.15), speed=0.02))
    assert not is_dressable(_holding((0.45, -0.10, -0.15), speed=0.2))
