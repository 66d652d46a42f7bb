"""The environments as Gymnasium and a learner see them."""

from __future__ import annotations

import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from elbowroom.grasping.environments.env import IMAGE, GraspEnv
from elbowroom.grasping.environments.observation import HAND, SLOT, state_size
from elbowroom.grasping.environments.tasks import TASKS, find_task
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.experience.episode import play
from elbowroom.grasping.guides.scripted import ScriptedGuide
from elbowroom.grasping.registration import IDS
from elbowroom.grasping.vector import make_vector
from elbowroom.grasping.worlds import make_env
from elbowroom.sim import SimulationError
from elbowroom.sim.grasping import Item, Placed


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("obs", ["state", "image"])
def test_gymnasium_finds_no_fault(task: str, obs: str) -> None:
    env = GraspEnv(task, obs=obs)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env, skip_render_check=True)
    env.close()


@pytest.mark.parametrize("task", TASKS)
def test_the_same_seed_gives_the_same_episode(task: str) -> None:
    guide = ScriptedGuide(0.012, 0.2, 0.1)
    first, second = (play(GraspEnv(task), guide, 11) for _ in range(2))
    np.testing.assert_array_equal(first.observation, second.observation)
    other = play(GraspEnv(task), guide, 12)
    assert not np.array_equal(first.observation[0], other.observation[0])


@pytest.mark.parametrize("task", TASKS)
def test_a_careful_guide_succeeds_and_a_blind_one_does_not(task: str) -> None:
    env = GraspEnv(task)
    assert sum(play(env, ScriptedGuide(), 100 + k).success for k in range(5)) >= 4
    blind = ScriptedGuide(place_error=0.5)
    assert sum(play(env, blind, 100 + k).success for k in range(3)) == 0
    env.close()


def test_lifting_another_object_ends_the_episode_without_reward() -> None:
    env = GraspEnv("instance")
    wrong = play(env, ScriptedGuide(slot=1), 3)
    assert wrong.ended
    assert wrong.reward.sum() == 0
    assert not wrong.success
    any_will_do = play(GraspEnv("indiscriminate"), ScriptedGuide(slot=1), 3)
    assert any_will_do.ended
    assert any_will_do.reward.sum() == 1


def test_an_episode_is_cut_at_the_horizon() -> None:
    env = GraspEnv("indiscriminate")
    env.reset(seed=0)
    for k in range(30):
        _, reward, ended, cut, _ = env.step(np.zeros(5, np.float32))
        assert (reward, ended) == (0.0, False)
        assert cut == (k == 29)
    env.close()


def test_objects_can_be_laid_out_by_hand() -> None:
    env = GraspEnv("instance")
    placed = (
        Placed(Item("cube", "red"), 0.50, 0.05, 0.0),
        Placed(Item("ball", "green"), 0.55, -0.05, 0.0),
    )
    state, info = env.reset(seed=0, options={"placed": placed, "target": "green ball"})
    assert info["target"] == "green ball"
    assert env.order == ("green ball", "red cube")
    assert state[HAND] == 1.0
    assert not state[HAND + 2 * SLOT :].any()  # the third place is empty
    with pytest.raises(GraspError, match="no 'blue bar'"):
        env.reset(seed=0, options={"placed": placed, "target": "blue bar"})
    same = (placed[0], Placed(Item("cube", "red"), 0.6, 0.1, 0.0))
    with pytest.raises(SimulationError, match="different names"):
        env.reset(seed=0, options={"placed": same})
    env.close()


def test_pictures_do_not_change_what_happens() -> None:
    guide = ScriptedGuide(0.012, 0.2, 0.1)
    seen = play(GraspEnv("instance"), guide, 5)
    env = GraspEnv("instance", obs="image")
    observation, info = env.reset(seed=5)
    guide.reset(np.random.default_rng([5, 1]))
    states = [info["state"]]
    for _ in range(len(seen)):
        observation, *_, info = env.step(guide.act(observation, info))
        states.append(info["state"])
    np.testing.assert_array_equal(np.stack(states), seen.observation)
    assert observation["image"].shape == (IMAGE, IMAGE, 3)
    env.close()


def test_the_picture_shows_the_objects_colour_where_it_is() -> None:
    env = GraspEnv("indiscriminate", obs="image")
    left = (Placed(Item("cube", "red"), 0.52, 0.06, 0.0),)
    right = (Placed(Item("cube", "red"), 0.52, -0.06, 0.0),)
    columns = []
    for placed in (left, right):
        image = env.reset(seed=1, options={"placed": placed})[0]["image"].astype(int)
        red = image[..., 0] - image[..., 1:].max(-1) > 60
        assert red.sum() > 5
        columns.append(np.nonzero(red)[1].mean())
    assert columns[0] < columns[1] - 5
    assert env.render().shape == (240, 320, 3)
    env.close()


def test_a_closed_environment_says_so() -> None:
    env = GraspEnv("instance")
    env.reset(seed=0)
    env.close()
    with pytest.raises(SimulationError, match="closed"):
        env.step(np.zeros(5, np.float32))


def test_several_run_in_processes() -> None:
    several = make_vector("indiscriminate", 2)
    seen, _ = several.reset(seed=3)
    assert seen.shape == (2, state_size(find_task("indiscriminate")))
    alone, _ = GraspEnv("indiscriminate").reset(seed=3)
    np.testing.assert_array_equal(seen[0], alone)
    seen, reward, *_ = several.step(np.zeros((2, 5), np.float32))
    assert reward.tolist() == [0.0, 0.0]
    several.close()


@pytest.mark.parametrize("task", TASKS)
def test_gymnasium_makes_the_tasks_by_their_ids(task: str) -> None:
    env = gymnasium.make(f"elbowroom.grasping.registration:{IDS[task]}")
    assert isinstance(env.unwrapped, GraspEnv)
    assert env.unwrapped.task is TASKS[task]
    env.reset(seed=0)
    _, reward, ended, cut, info = env.step(np.zeros(5, np.float32))
    assert (reward, ended, cut, info["success"]) == (0.0, False, False, False)
    env.close()
    assert set(IDS) == set(TASKS)


def test_an_environment_made_by_its_id_keeps_to_the_interface() -> None:
    env = gymnasium.make("elbowroom.grasping.registration:elbowroom/Grasp-Instance-v0")
    check_env(env.unwrapped)
    env.close()
    env = gymnasium.make(IDS["instance"], render_mode="rgb_array")
    env.reset(seed=0)
    assert env.render().shape == (240, 320, 3)
    env.close()


def test_unknown_names_are_refused() -> None:
    with pytest.raises(GraspError, match="a task is one of"):
        GraspEnv("juggle")
    with pytest.raises(GraspError, match="'state' or 'image'"):
        GraspEnv("instance", obs="sound")
    with pytest.raises(GraspError, match="'rgb_array' or None"):
        GraspEnv("instance", render_mode="human")
    with pytest.raises(GraspError, match="Gymnasium does not know"):
        make_env("NoSuchThing-v7")
    with pytest.raises(GraspError, match="images are there"):
        make_env("CartPole-v1", "image")
    assert isinstance(make_env("Pendulum-v1"), gymnasium.Env)
