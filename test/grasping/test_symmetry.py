"""The mirror against the simulation itself, and the order of the objects."""

from __future__ import annotations

import numpy as np
import pytest

from elbowroom.grasping.environments.env import GraspEnv
from elbowroom.grasping.environments.observation import HAND, SLOT
from elbowroom.grasping.environments.tasks import find_task
from elbowroom.grasping.experience.replay import Transitions
from elbowroom.grasping.experience.symmetry import make_twin, mirror
from elbowroom.sim.grasping import Item, Placed

THINGS = (
    Placed(Item("bar", "red"), 0.50, 0.05, 0.7),
    Placed(Item("ball", "blue"), 0.58, -0.07, 0.0),
    Placed(Item("cube", "green"), 0.42, -0.03, -0.4),
)


def lay(env: GraspEnv, side: float) -> np.ndarray:
    placed = tuple(Placed(p.item, p.x, side * p.y, side * p.yaw) for p in THINGS)
    env.reset(seed=0, options={"placed": placed, "target": "red bar"})
    env.scene.reset(placed, np.array([0.50, side * 0.03, 0.10]), side * 0.3)
    env.order = ("red bar", "blue ball", "green cube")
    return env._observe()


def test_what_is_done_in_the_mirror_is_seen_in_the_mirror() -> None:
    env = GraspEnv("instance")
    rng = np.random.default_rng(0)
    actions = np.clip(rng.normal(0, 0.6, (6, 5)), -1, 1).astype(np.float32)
    seen = np.array([lay(env, 1.0), *(env.step(a)[0] for a in actions)])
    other, _ = mirror(seen, np.zeros((len(seen), 5), np.float32))
    _, turned = mirror(seen[:1], actions[:1])
    np.testing.assert_array_equal(np.abs(turned), np.abs(actions[:1]))
    again = np.array([lay(env, -1.0), *(env.step(mirror(seen[0], a)[1])[0] for a in actions)])
    env.close()
    np.testing.assert_allclose(again, other, atol=0.02)  # the arm's joints are not mirrored
    assert np.abs(seen - other).max() > 0.3


@pytest.mark.parametrize("task", ["instance", "indiscriminate"])
def test_the_first_object_stays_in_front_and_nothing_is_lost(task: str) -> None:
    rng = np.random.default_rng(1)
    seen = rng.normal(size=(200, HAND + 3 * SLOT)).astype(np.float32)
    action = rng.normal(size=(200, 5)).astype(np.float32)
    rows = Transitions(seen, action, seen[:, 0], seen + 1, seen[:, 1])
    twins = make_twin(find_task(task))(rows, rng)
    same = np.abs(twins.observation[:, HAND : HAND + SLOT])
    np.testing.assert_array_equal(same, np.abs(seen[:, HAND : HAND + SLOT]))
    np.testing.assert_allclose(
        np.sort(np.abs(twins.observation), 1), np.sort(np.abs(seen), 1), rtol=1e-6
    )
    flipped = twins.action[:, 1] != action[:, 1]
    assert 0.3 < flipped.mean() < 0.7
    moved = np.abs(twins.observation[:, HAND + SLOT]) != np.abs(seen[:, HAND + SLOT])
    assert 0.3 < moved.mean() < 0.7
    np.testing.assert_array_equal(twins.reward, rows.reward)
