"""What is remembered of objects while the hand moves."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from elbowroom.grasping.environments.observation import (
    HAND,
    SLOT,
    HandState,
    describe_hand,
    describe_state,
)
from elbowroom.grasping.environments.tasks import TASKS
from elbowroom.grasping.seeing.tracker import Tracker
from elbowroom.sim.grasping import Item, Seen
from elbowroom.sim.grasping.items import COLOURS

Single = NDArray[np.float32]

CENTRE = np.array([0.5, 0.0])
TOLD = [1, 2, 3, 7, 8, 9, 10, 11]
ITEMS = (Item("bar", "green"), Item("cube", "red"), Item("ball", "blue"))
PLACES = ((0.55, 0.06, 0.8), (0.46, -0.02, -0.3), (0.52, -0.10, 0.0))
NAMES = tuple(i.name for i in ITEMS)


def put(x: float, y: float, z: float, yaw: float) -> HandState:
    return HandState(np.array([x, y, z]), yaw, 0.08, False)


def lay() -> tuple[Seen, ...]:
    return tuple(
        Seen(
            i,
            np.array([x, y, i.half[2]]),
            np.array([0.0, 0.0, math.sin(yaw / 2), math.cos(yaw / 2)]),
        )
        for i, (x, y, yaw) in zip(ITEMS, PLACES, strict=True)
    )


def say(hand: HandState, order: tuple[str, ...] = NAMES) -> Single:
    return describe_state(hand, lay(), order, TASKS["instance"], CENTRE)


def show(tracker: Tracker, hand: HandState, names: tuple[str, ...], target: Item | None) -> Single:
    """What is known after seeing some of the objects, without error."""
    slots = dict(zip(NAMES, say(hand)[HAND:].reshape(-1, SLOT), strict=True))
    kinds = np.array([list(COLOURS).index(n.split()[0]) for n in names], np.int64)
    told = np.array([slots[n][TOLD] for n in names], np.float32).reshape(-1, len(TOLD))
    return tracker.update(describe_hand(hand, target, CENTRE), kinds, told)


def test_seen_once_the_state_is_known_from_wherever_the_hand_goes() -> None:
    tracker = Tracker(3)
    show(tracker, put(0.5, 0.02, 0.16, 0.4), NAMES, ITEMS[0])
    rng = np.random.default_rng(0)
    order = (NAMES[0], NAMES[1], NAMES[2])
    for _ in range(20):
        hand = put(*(rng.uniform(-0.1, 0.1, 3) + (0.5, 0.0, 0.15)), float(rng.uniform(-1.5, 1.5)))
        known = show(tracker, hand, (), ITEMS[0])
        np.testing.assert_allclose(known, say(hand, order), atol=2e-5)


def test_the_object_asked_for_comes_first_and_is_empty_until_it_is_seen() -> None:
    tracker, hand = Tracker(3), put(0.5, 0.0, 0.16, 0.0)
    known = show(tracker, hand, ("red cube", "green bar"), ITEMS[2])
    slots = known[HAND:].reshape(3, SLOT)
    np.testing.assert_array_equal(slots[0], 0.0)
    assert slots[1:, 0].tolist() == [1.0, 1.0]
    assert np.hypot(*slots[1, 1:3]) < np.hypot(*slots[2, 1:3])
    later = show(tracker, hand, ("blue ball",), ITEMS[2])[HAND:].reshape(3, SLOT)
    assert later[0, 0] == 1.0
    np.testing.assert_allclose(later[1:], slots[1:], atol=1e-6)


def test_the_order_stays_as_it_was_first_seen() -> None:
    tracker = Tracker(3)
    near = [show(tracker, put(0.5, y, 0.16, 0.0), NAMES, None) for y in (0.1, 0.0, -0.1)]
    for a, b in pairwise(near):
        np.testing.assert_allclose(a[HAND + 9 :: SLOT], b[HAND + 9 :: SLOT], atol=1e-6)
    tracker.reset()
    fresh = show(tracker, put(0.5, -0.1, 0.16, 0.0), NAMES, None)
    assert not np.allclose(fresh[HAND + 9 :: SLOT], near[-1][HAND + 9 :: SLOT])


def test_more_objects_than_places_are_left_out() -> None:
    tracker, hand = Tracker(1), put(0.5, 0.0, 0.16, 0.0)
    known = show(tracker, hand, NAMES, ITEMS[2])
    assert known.shape == (HAND + SLOT,)
    np.testing.assert_allclose(known[HAND:], say(hand)[HAND + 2 * SLOT :], atol=2e-5)
