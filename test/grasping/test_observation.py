"""What the state observation says, and what an action does."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.grasping.environments.action import PERIOD, STEP, TURN, interpret
from elbowroom.grasping.environments.observation import (
    CODE,
    HAND,
    LENGTH,
    LIMIT,
    NEAR,
    SIZE,
    SLOT,
    WIDE,
    HandState,
    arrange,
    describe_hand,
    describe_state,
)
from elbowroom.grasping.environments.tasks import find_task
from elbowroom.grasping.errors import GraspError
from elbowroom.sim.grasping import Item, Seen
from elbowroom.sim.grasping.items import SYMMETRY

TASK = find_task("instance")
CENTRE = np.array([0.52, 0.0])


def see(shape: str, colour: str, x: float, y: float, yaw: float = 0.0) -> Seen:
    item = Item(shape, colour)
    turn = np.array([0, 0, math.sin(yaw / 2), math.cos(yaw / 2)])
    return Seen(item, np.array([x, y, item.half[2]]), turn)


def hand(x: float = 0.5, y: float = 0.0, z: float = 0.1, yaw: float = 0.0) -> HandState:
    return HandState(np.array([x, y, z]), yaw, 0.08, False)


def test_places_are_seen_from_the_hand() -> None:
    cube = see("cube", "red", 0.5, 0.05)
    state = describe_state(hand(yaw=math.pi / 2), [cube], ["red cube"], TASK, CENTRE)
    place = state[HAND + 1 : HAND + 4] * LENGTH
    # The hand looks along y: what lies in front of it is forward.
    np.testing.assert_allclose(place, [0.05, 0.0, 0.022 - 0.1], atol=1e-6)


@given(st.floats(-1.5, 1.5), st.floats(-0.1, 0.1), st.floats(-0.1, 0.1), st.floats(-3, 3))
def test_turning_the_world_with_the_hand_changes_only_where_the_hand_is(
    angle: float, x: float, y: float, yaw: float
) -> None:
    c, s = math.cos(angle), math.sin(angle)
    one = describe_state(
        hand(0.0, 0.0), [see("bar", "blue", x, y, yaw)], ["blue bar"], TASK, CENTRE
    )
    other = describe_state(
        hand(0.0, 0.0, yaw=angle),
        [see("bar", "blue", c * x - s * y, s * x + c * y, yaw + angle)],
        ["blue bar"],
        TASK,
        CENTRE,
    )
    np.testing.assert_allclose(one[HAND:], other[HAND:], atol=1e-5)


@pytest.mark.parametrize(("shape", "turns"), [("cube", 4), ("bar", 2), ("ball", 50)])
def test_what_looks_alike_is_told_alike(shape: str, turns: int) -> None:
    told = [
        describe_state(
            hand(),
            [see(shape, "red", 0.5, 0.1, 0.3 + 2 * math.pi * k / turns)],
            [f"red {shape}"],
            TASK,
            CENTRE,
        )
        for k in range(turns)
    ]
    np.testing.assert_allclose(np.ptp(told, axis=0), 0, atol=1e-5)


def test_the_target_comes_first_and_then_the_nearest() -> None:
    things = [see("cube", "red", 0.50, 0.0), see("bar", "blue", 0.6, 0), see("ball", "green", 1, 0)]
    place = np.array([0.5, 0.0, 0.1])
    assert arrange(things, "green ball", place) == ("green ball", "red cube", "blue bar")
    assert arrange(things, None, place) == ("red cube", "blue bar", "green ball")


@given(st.lists(st.floats(-0.3, 0.3), min_size=8, max_size=8), st.floats(-1.9, 1.9))
def test_the_state_is_the_formula_to_the_bit(v: list[float], yaw: float) -> None:
    at = HandState(np.array([0.5 + v[0], v[1], 0.2 + v[2]]), yaw, 0.03, True)
    things = [see("slab", "red", 0.5 + v[3], v[4], 9 * v[5]), see("ball", "blue", 0.6, v[6], v[7])]
    parts = [[at.position[2] / LENGTH, *(at.position[:2] - CENTRE) / LENGTH, yaw / math.pi]]
    parts += [[0.03 / WIDE, 1.0]]
    c, s = math.cos(yaw), math.sin(yaw)
    for thing in things:
        x, y, z = (thing.position - at.position) / LENGTH
        place = np.array([c * x + s * y, c * y - s * x, z])
        turn = SYMMETRY[thing.item.shape] * (thing.yaw - yaw)
        angle = [math.sin(turn), math.cos(turn)] if SYMMETRY[thing.item.shape] else [0.0, 0.0]
        near = [math.tanh(p * LENGTH / NEAR) for p in place]
        parts += [[1.0], place, near, angle, thing.item.half / SIZE]
    wanted = np.zeros(HAND + 3 * SLOT, np.float32)
    flat = np.concatenate(parts)
    wanted[: len(flat)] = np.clip(flat, -LIMIT, LIMIT)
    order = [o.item.name for o in things]
    np.testing.assert_array_equal(describe_state(at, things, order, TASK, CENTRE), wanted)


def test_missing_and_vanished_objects_are_said() -> None:
    things = [see("cube", "red", 0.5, 0)]
    with pytest.raises(GraspError, match="no 'green ball' on the table"):
        arrange(things, "green ball", np.zeros(3))
    with pytest.raises(GraspError, match="red cube has vanished"):
        describe_state(hand(), [], ["red cube"], TASK, CENTRE)


def test_the_name_is_two_ones() -> None:
    told = describe_hand(hand(), Item("bar", "blue"), CENTRE)
    assert told.shape == (HAND + CODE,)
    assert told[HAND:].sum() == 2
    assert not describe_hand(hand(), None, CENTRE)[HAND:].any()


def test_an_action_moves_in_the_hands_directions() -> None:
    move = interpret(np.array([1.0, 0.0, -0.5, 0.5, 0.0]), math.pi / 2, False)
    np.testing.assert_allclose(move.command.linear * PERIOD, [0, STEP, -0.5 * STEP], atol=1e-12)
    np.testing.assert_allclose(move.command.angular * PERIOD, [0, 0, 0.5 * TURN])


def test_the_gripper_has_a_dead_zone() -> None:
    for held in (False, True):
        for value, wanted in [(0.0, held), (0.29, held), (-0.29, held), (0.5, True), (-0.5, False)]:
            action = np.array([0, 0, 0, 0, value])
            assert interpret(action, 0.0, held).closed == wanted


@pytest.mark.parametrize("action", [np.zeros(4), np.full(5, np.nan), np.zeros((1, 5))])
def test_impossible_actions_are_refused(action: np.ndarray) -> None:
    with pytest.raises(GraspError, match="5 finite numbers"):
        interpret(action, 0.0, False)
