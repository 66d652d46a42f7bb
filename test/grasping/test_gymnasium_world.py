"""Any environment of Gymnasium as the learners take it, and files of recorded episodes for it."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.wrappers import TimeLimit

from elbowroom import cli
from elbowroom.grasping.environments.gymnasium_world import (
    GymnasiumWorld,
    make_world,
    tells_success,
)
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.experience.episode import Episode, play
from elbowroom.grasping.guides.demonstrations import cut_at_success, load_episodes
from elbowroom.grasping.guides.guide import RecordedGuide
from elbowroom.grasping.training.experiment import Experiment
from elbowroom.grasping.training.methods import TrainParams
from elbowroom.grasping.training.setup import prepare

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
DOOR = DATA / "adroit_door_dapg_policy_rollouts.npz"
needs_adroit = pytest.mark.skipif(
    importlib.util.find_spec("gymnasium_robotics") is None or not DOOR.is_file(),
    reason="needs gymnasium-robotics and the recorded rollouts in ../shared/data",
)


class Button(gymnasium.Env[Any, Any]):
    """Success at the third step, which the environment pays with 10 and does not end at."""

    observation_space = spaces.Dict(
        {"near": spaces.Box(-1.0, 1.0, (2,)), "far": spaces.Box(0.0, 4.0, (1,))}
    )
    action_space = spaces.Box(np.float32([0, -4]), np.float32([2, 4]))

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        self.count = 0
        return self._see(), {}

    def step(self, action: Any) -> Any:
        assert self.action_space.contains(np.asarray(action, np.float32))
        self.action = action
        self.count += 1
        success = np.bool_(self.count == 3)
        return self._see(), 10.0 if success else -0.1, False, False, {"success": success}

    def _see(self) -> Any:
        return {"near": np.zeros(2, np.float32), "far": np.ones(1, np.float32)}


def test_success_is_the_reward_and_ends_the_episode() -> None:
    world = GymnasiumWorld(Button())
    observation, _ = world.reset(seed=0)
    assert observation.dtype == np.float32
    assert observation.shape == world.observation_space.shape == (3,)
    steps = [world.step(np.zeros(2, np.float32)) for _ in range(3)]
    assert [(reward, ended) for _, reward, ended, _, _ in steps] == [
        (0.0, False),
        (0.0, False),
        (1.0, True),
    ]
    assert steps[-1][-1]["success"] is True
    assert tells_success(world)


def test_is_success_counts_as_well() -> None:
    class Reach(Button):
        def step(self, action: Any) -> Any:
            seen, _, ended, cut, info = super().step(action)
            success = info["success"]
            return seen, float(success) - 1, ended, cut, {"is_success": float(success)}

    world = GymnasiumWorld(Reach())
    assert tells_success(world)
    world.reset(seed=0)
    steps = [world.step(np.zeros(2, np.float32)) for _ in range(3)]
    assert [(reward, ended) for _, reward, ended, _, _ in steps] == [(0, False)] * 2 + [(1, True)]


def test_success_may_be_told_at_the_end_only() -> None:
    class Quiet(Button):
        def step(self, action: Any) -> Any:
            seen, reward, _, cut, info = super().step(action)
            return seen, reward, self.count == 3, cut, info if self.count == 3 else {}

    assert tells_success(GymnasiumWorld(Quiet()))


def test_an_environment_that_tells_no_success_cannot_be_trained_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(GraspError, match="tells no success"):
        prepare(Experiment("Pendulum-v1", method="sac"))
    assert cli.main(["grasp", "evaluate", "--env", "Pendulum-v1", "--episodes", "1"]) == 1
    assert "tells no success" in capsys.readouterr().err


@pytest.fixture
def button() -> Iterator[str]:
    gymnasium.register("elbowroom/Button-v0", lambda: TimeLimit(Button(), 5))
    yield "elbowroom/Button-v0"
    del gymnasium.registry["elbowroom/Button-v0"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "the guide clumsy grasps in the tasks"),
        (["--guide", "scripted"], "or with --offline clone or recorded"),
        (["--method", "bc"], "needs --offline"),
        (["--guide", "clone"], "needs --offline"),
        (["--obs", "image", "--method", "sac"], "images are there for the tasks"),
    ],
)
def test_what_only_the_tasks_of_this_package_have_is_said(
    button: str, options: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["grasp", "train", "--env", button, *options]) == 1
    assert reason in capsys.readouterr().err


def test_actions_between_minus_one_and_one_span_the_environments_own() -> None:
    button = Button()
    world = GymnasiumWorld(button)
    world.reset(seed=0)
    world.step(np.array([1.0, -1.0], np.float32))
    np.testing.assert_allclose(button.action, [2.0, -4.0])
    assert world.action_space == spaces.Box(-1.0, 1.0, (2,), np.float32)


def test_an_environment_without_success_keeps_its_reward() -> None:
    world = make_world("Pendulum-v1")
    world.reset(seed=0)
    _, reward, ended, _, _ = world.step(np.zeros(1, np.float32))
    assert reward < 0
    assert not ended
    assert not tells_success(world)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("CartPole-v1", "vector of numbers"), ("Nowhere-v7", "does not know 'Nowhere-v7'")],
)
def test_an_environment_that_cannot_be_used_is_refused(name: str, reason: str) -> None:
    with pytest.raises(GraspError, match=reason):
        make_world(name)


def test_unbounded_actions_are_refused() -> None:
    class Loose(Button):
        action_space = spaces.Box(-np.inf, np.inf, (2,))

    with pytest.raises(GraspError, match="bounded"):
        GymnasiumWorld(Loose())


def test_an_action_that_cannot_vary_is_refused() -> None:
    class Stiff(Button):
        action_space = spaces.Box(np.float32([0, 1]), np.float32([2, 1]))

    with pytest.raises(GraspError, match="room between its bounds"):
        GymnasiumWorld(Stiff())


def test_an_environment_without_a_time_limit_is_cut_and_that_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Endless(Button):
        def step(self, action: Any) -> Any:
            return self._see(), 0.0, False, False, {"success": False}

    gymnasium.register("elbowroom/Endless-v0", Endless)
    try:
        episode = play(make_world("elbowroom/Endless-v0"), RecordedGuide([np.zeros((1, 2))]), 0)
        alone = ["--policy", "none", "--guide", "torchscript:nowhere"]
        assert cli.main(["grasp", "evaluate", "--env", "elbowroom/Endless-v0", *alone]) == 1
    finally:
        del gymnasium.registry["elbowroom/Endless-v0"]
    assert (len(episode), episode.ended) == (1000, False)
    assert "no time limit: its episodes are cut after 1000 steps" in capsys.readouterr().err


def test_a_time_limit_stays_as_it_is(button: str) -> None:
    assert make_world(button).limit is None
    assert make_world("Pendulum-v1").limit is None


@pytest.mark.parametrize("name", ["nomodule:Line-v0", ":Line-v0", ".line:Line-v0"])
def test_a_module_that_is_not_there_is_said(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["grasp", "train", "--env", name, "--method", "sac"]) == 1
    assert f"the module of {name!r} cannot be imported" in capsys.readouterr().err


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def miss(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(
        "elbowroom.grasping.environments.gymnasium_world.importlib.import_module", miss
    )
    with pytest.raises(GraspError, match=r"pip install 'elbowroom\[adroit\]'"):
        make_world("AdroitHandDoorSparse-v1")


def record(reward: list[float]) -> Episode:
    count = len(reward)
    seen = np.arange(count + 1, dtype=np.float32)[:, None]
    action = np.zeros((count, 1), np.float32)
    return Episode(seen, action, np.array(reward, np.float32), False, max(reward) > 0)


def test_an_episode_is_cut_at_its_first_success() -> None:
    short = cut_at_success(record([0.0, 0.0, 1.0, 1.0, 0.0]))
    assert (len(short), short.ended, short.success) == (3, True, True)
    np.testing.assert_array_equal(short.reward, [0, 0, 1])
    np.testing.assert_array_equal(short.observation[:, 0], [0, 1, 2, 3])


def test_rewards_that_do_not_say_the_success_are_refused() -> None:
    with pytest.raises(GraspError, match="0, and 1 at a success, got -1"):
        cut_at_success(record([-1.0, -1.0, 0.0]))


def test_an_episode_without_success_stays_whole() -> None:
    whole = record([0.0, 0.0])
    assert cut_at_success(whole) is whole


@needs_adroit
def test_the_recorded_rollouts_fit_their_environment() -> None:
    world = make_world("AdroitHandDoorSparse-v1")
    episodes = [cut_at_success(e) for e in load_episodes(DOOR)]
    assert len(episodes) == 30
    assert all(e.success and e.ended for e in episodes)
    assert 40 < np.mean([len(e) for e in episodes]) < 65
    assert episodes[0].observation.shape[1:] == world.observation_space.shape
    assert episodes[0].action.shape[1:] == world.action_space.shape
    world.close()


@needs_adroit
def test_a_jump_start_draws_a_share_of_its_batches_from_the_file() -> None:
    what = Experiment(
        "AdroitHandDoorSparse-v1", "state", "jsrl-random", "recorded", 2, str(DOOR), "iql"
    )
    setting = prepare(what, TrainParams(probe=1, offline_share=0.5, n_step=1))
    assert setting.method.share == 0.5
    assert setting.demonstrations is not None
    assert len(setting.demonstrations) == 51 + 53
    assert setting.demonstrations.reward.sum() == 2.0
    assert (setting.demonstrations.bootstrap == 0).sum() == 2


def test_a_clone_is_the_same_for_the_same_seed_with_dropout_too() -> None:
    from elbowroom.grasping.learners import LearnerParams
    from elbowroom.grasping.training.guidance import make_guide

    episode = record([0.0, 0.0, 1.0])
    what = Experiment("Pendulum-v1", method="jsrl-random", guide="clone")
    train = TrainParams(pretrain=5, batch=4)
    settings = LearnerParams(dropout=0.5, width=8)
    seen = np.ones(1, np.float32)
    actions = []
    for _ in range(2):
        guide = make_guide(what, [episode], (1, 1), settings, train)
        guide.reset(np.random.default_rng(0))
        actions.append(guide.act(seen, {}))
    np.testing.assert_array_equal(*actions)


@needs_adroit
def test_a_file_of_another_environment_is_refused() -> None:
    what = Experiment("AdroitHandPenSparse-v1", "state", "iql", "clone", 2, str(DOOR))
    with pytest.raises(GraspError, match="has observations"):
        prepare(what, TrainParams(probe=1))
