"""A sleeve on the table and on the stand, and its cuff in the fingers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from elbowroom.grasping.environments.env import GraspEnv
from elbowroom.grasping.experience.episode import play
from elbowroom.grasping.guides.scripted import ScriptedGuide
from elbowroom.motion import draw_garment
from elbowroom.sim.cloth.sleeve import AROUND
from elbowroom.sim.errors import SimulationError
from elbowroom.sim.grasping.cuff import PEG


class Held(GraspEnv):
    """The cuff task with the sleeve always in one place."""

    def reset(self, *, seed: int | None = None, options: object = None):
        return super().reset(seed=seed, options={"stand": self.stand})


@pytest.fixture(scope="module")
def env() -> Iterator[Held]:
    made = Held("cuff")
    yield made
    made.close()


@pytest.mark.parametrize("stand", [False, True])
def test_the_scripted_guide_picks_the_cuff(env: Held, stand: bool) -> None:
    env.stand = stand
    assert sum(play(env, ScriptedGuide(), k).success for k in range(4)) >= 3


def test_on_the_stand_the_sleeve_hangs_over_the_peg(env: Held) -> None:
    env.stand = True
    for seed in range(3):
        env.reset(seed=seed)
        nodes = env.scene.cloth_nodes().reshape(-1, AROUND, 3)
        assert nodes[3:-1, :, 2].max(1).min() > sum(PEG) - 0.01
        assert nodes[:, :, 2].min() > -0.01
        assert len(env.scene.shown()) == nodes.shape[0] * AROUND + 1


def test_on_the_table_it_lies(env: Held) -> None:
    env.stand = False
    env.reset(seed=0)
    nodes = env.scene.cloth_nodes()
    assert -0.01 < nodes[:, 2].min() < 0.01
    assert nodes[:, 2].max() < 0.2
    assert len(env.scene.shown()) == len(nodes)


def test_both_places_are_drawn() -> None:
    env = GraspEnv("cuff")
    heights = []
    for seed in range(8):
        env.reset(seed=seed)
        heights.append(env.scene.objects()[0].position[2])
    env.close()
    assert min(heights) < 0.13 < max(heights)


def test_nothing_is_held_where_the_fingers_close_beside_the_cuff(env: Held) -> None:
    env.stand = True
    env.reset(seed=1)
    for action in ([0, 0, 1, 0, -1], [0, 0, 0, 0, 1], [0, 0, 0, 0, 1], *([[0, 0, 1, 0, 1]] * 4)):
        _, reward, ended, *_ = env.step(np.array(action, np.float32))
        assert reward == 0
        assert not ended


def test_a_peg_that_does_not_fit_is_refused(env: Held) -> None:
    rng = np.random.default_rng(0)
    tight = draw_garment(rng, "mixed")
    object.__setattr__(tight, "radius", 0.04)
    with pytest.raises(SimulationError, match="does not fit"):
        env.scene.lay(rng, tight, np.array([0.5, 0.0]), 0.0, stand=True)
