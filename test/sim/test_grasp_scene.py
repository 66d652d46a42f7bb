"""Objects on the grasping table: how they rest, wake, and leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pybullet
import pytest

from elbowroom.core import Command
from elbowroom.grasping.environments.env import GraspEnv
from elbowroom.grasping.experience.episode import play
from elbowroom.grasping.guides.scripted import ScriptedGuide
from elbowroom.sim.grasping import GraspScene, Item, Placed, scene
from elbowroom.sim.grasping.items import COLOURS, PRIMITIVES

STILL = Command(np.zeros(3))
AWAY = np.array([0.52, 0.0, 0.25])


@pytest.fixture
def table() -> Iterator[GraspScene]:
    made = GraspScene()
    yield made
    made.close()


@pytest.mark.parametrize("scale", [0.7, 0.83, 0.931, 1.0, 1.11, 1.25])
def test_objects_rest_where_they_are_laid(table: GraspScene, scale: float) -> None:
    pairs = zip(PRIMITIVES, COLOURS, strict=False)
    items = [Item(shape, colour, scale) for shape, colour in pairs]
    table.reset(tuple(Placed(i, 0.52, 0.12 * k - 0.24, k) for k, i in enumerate(items)), AWAY, 0.0)
    laid = [o.position for o in table.objects()]
    for _ in range(10):
        table.advance(STILL, False)
    soon = [o.position for o in table.objects()]
    for _ in range(50):
        table.advance(STILL, False)
    for item, was, then, now in zip(items, laid, soon, table.objects(), strict=True):
        assert now.position[2] == pytest.approx(item.half[2], abs=1e-4)
        np.testing.assert_allclose(now.position, was, atol=1e-4)
        np.testing.assert_array_equal(now.position, then)  # asleep: not computed any more


def test_what_is_touched_wakes_and_so_does_what_it_touches(table: GraspScene) -> None:
    first = Placed(Item("cube", "red"), 0.52, 0.0, 0.0)
    second = Placed(Item("cube", "blue"), 0.52, 0.06, 0.0)
    apart = Placed(Item("cube", "green"), 0.64, 0.0, 0.0)
    table.reset((first, second, apart), np.array([0.52, -0.1, 0.03]), 0.0)
    for _ in range(60):
        table.advance(STILL, False)
    for _ in range(75):
        table.advance(Command(np.array([0.0, 0.2, 0.0])), False)
    pushed, hit, left = table.objects()
    assert pushed.position[1] > 0.1
    assert hit.position[1] > pushed.position[1] + 0.04
    np.testing.assert_allclose(left.position[:2], [apart.x, apart.y], atol=1e-4)


def test_what_is_let_go_falls(table: GraspScene) -> None:
    cube = Item("cube", "red")
    table.reset((Placed(cube, 0.52, 0.0, 0.0),), np.array([0.52, 0.0, 0.022]), 0.0)
    for _ in range(30):
        table.advance(STILL, True)
    for _ in range(60):
        table.advance(Command(np.array([0.0, 0.0, 0.15])), True)
    assert table.lifted() == (cube.name,)
    for _ in range(200):
        table.advance(STILL, True)
    assert table.lifted() == (cube.name,)  # held for long, it does not matter whether it sleeps
    for _ in range(60):
        table.advance(STILL, False)
    assert table.objects()[0].position[2] < 0.04


@pytest.mark.parametrize("task", ["hard", "cuff"])
def test_a_world_that_is_built_anew_goes_on_with_the_same_bits(
    task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide, seeds = ScriptedGuide(0.012, 0.2, 0.1), range(20, 24)
    fresh = [play(GraspEnv(task), guide, s).observation for s in seeds]
    monkeypatch.setattr(scene, "_MOST", 1)
    env = GraspEnv(task)
    hands = []
    for seed, wanted in zip(seeds, fresh, strict=True):
        np.testing.assert_array_equal(play(env, guide, seed).observation, wanted)
        hands.append(env.scene.hand)
    assert len(set(map(id, hands))) > 1
    assert pybullet.getNumBodies(env.scene._client) <= scene._FIXED + 6
    env.close()
