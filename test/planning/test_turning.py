"""Turning with the way and rolling off the inside of the bend."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from elbowroom.core import Pose, exp_so3, quaternion_from_matrix
from elbowroom.planning import PlannerParams
from elbowroom.planning.way.corridor import describe_bend
from elbowroom.planning.way.turning import aim_turn, hold_as, roll_away, rotation_vector, vector_of

vectors = st.tuples(*[st.floats(-1.7, 1.7)] * 3).map(np.array)
PARAMS = PlannerParams()


@given(vectors)
def test_rotation_vectors_come_back(vector: np.ndarray) -> None:
    assume(np.linalg.norm(vector) < 3.0)
    np.testing.assert_allclose(vector_of(exp_so3(vector)), vector, atol=1e-7)


@given(vectors, vectors)
def test_the_smallest_turn_maps_one_direction_onto_the_other(a: np.ndarray, b: np.ndarray) -> None:
    assume(min(np.linalg.norm(a), np.linalg.norm(b)) > 0.1)
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    assume(a @ b > -0.99)
    np.testing.assert_allclose(exp_so3(rotation_vector(a, b)) @ a, b, atol=1e-7)


def bend_and_grip(flexion: float, tilt: float) -> tuple:
    shoulder, elbow = np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.0, 0.7])
    hand = np.array([np.sin(flexion), 0.0, -np.cos(flexion)])
    bend = describe_bend(elbow + 0.26 * hand, elbow, shoulder)
    up = shoulder - elbow - ((shoulder - elbow) @ hand) * hand
    grip = exp_so3(tilt * hand) @ (up / np.linalg.norm(up))
    turn = np.stack([hand, np.cross(-grip, hand), -grip], axis=1)
    return bend, grip, Pose(np.zeros(3), quaternion_from_matrix(turn)), -hand


@given(st.floats(0.6, 2.2), st.floats(-1.2, 1.2).filter(lambda t: abs(t) > 0.05))
def test_the_grip_rolls_to_the_side_of_the_bend(flexion: float, tilt: float) -> None:
    bend, _, gripper, axis = bend_and_grip(flexion, tilt)
    turning = hold_as(gripper, axis)
    for _ in range(60):
        turning = roll_away(turning, bend, 0.05, PARAMS)
    rolled = exp_so3(turning.roll * axis) @ turning.rotation
    inside = -bend.outward - (-bend.outward @ axis) * axis
    grip = -rolled[:, 2]
    angle = np.arccos(np.clip(grip @ inside / np.linalg.norm(inside), -1, 1))
    bent = min(1.0, 2 * np.sin(flexion / 2))
    assert angle >= abs(tilt) - 1e-6
    assert angle == pytest.approx(
        abs(tilt) + bent * max(PARAMS.roll_clear - abs(tilt), 0), abs=1e-3
    )


def test_no_roll_far_before_or_past_the_elbow() -> None:
    bend, _, gripper, axis = bend_and_grip(1.5, 0.2)
    turning = hold_as(gripper, axis)
    assert roll_away(turning, bend, 0.4, PARAMS).roll == 0.0
    assert roll_away(turning, bend, -0.01, PARAMS) is turning


def test_the_turn_vanishes_at_the_goal_and_is_capped() -> None:
    _, _, gripper, axis = bend_and_grip(1.5, 0.2)
    turning = hold_as(gripper, axis)
    np.testing.assert_allclose(aim_turn(turning, gripper, axis, PARAMS), 0.0, atol=1e-6)
    aside = np.cross(axis, [0.0, 1.0, 0.0])
    rate = aim_turn(turning, gripper, aside, PARAMS)
    assert np.linalg.norm(rate) == pytest.approx(PARAMS.turn_speed)
