"""Actions inferred by an inverse model where they may not be learned."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.experience.episode import Episode, play
from elbowroom.grasping.experience.replay import Transitions, join, look_ahead
from elbowroom.grasping.guides.demonstrations import demonstrate
from elbowroom.grasping.guides.jumpstart import Combined
from elbowroom.grasping.guides.named import CLUMSY
from elbowroom.grasping.guides.scripted import ScriptedGuide
from elbowroom.grasping.training.inference import Inference
from elbowroom.grasping.training.loop import Training
from elbowroom.grasping.training.wandering import Wandering
from elbowroom.grasping.worlds import make_env
from grasping.toy import Homing, Line, make_setting


def wander(env: Any, size: int, steps: int, switches: int = 0) -> Transitions:
    rng = np.random.default_rng(3)
    parts: list[Transitions] = []
    while sum(map(len, parts)) < steps:
        e = play(env, Combined(None, Wandering(rng, size, switches), 0), len(parts))
        parts.append(look_ahead(e.observation, e.action, e.reward, e.ended, 0.9))
    return join(parts)


def same(rows: Transitions) -> Transitions:
    return rows


def fit(rows: Transitions, switches: int) -> Inference:
    size = rows.observation.shape[1], rows.action.shape[1]
    made = Inference(*size, switches, 0)
    made.fit(rows, 1500, 64, np.random.default_rng(4), same)
    return made


def test_what_moved_a_point_is_inferred_and_what_did_nothing_is_not() -> None:
    made = fit(wander(Line(), 2, 1000), 0)
    fresh = wander(Line(), 2, 1300).take(np.arange(1100, 1300))
    inferred = made.model.infer(fresh.observation, fresh.next_observation)
    miss = np.sqrt(np.mean((inferred - fresh.action) ** 2, axis=0))
    assert miss[0] < 0.1
    assert 0.4 < miss[1] < 0.8  # evenly drawn and without effect: 1 / sqrt 3
    assert made.error == pytest.approx(np.sqrt(np.mean(miss**2)), rel=0.3)


def test_a_hands_way_and_its_grip_are_inferred() -> None:
    env = make_env("instance", "state")
    made = fit(wander(env, 5, 1500, 1), 1)
    assert made.error < 0.4
    shown = [play(env, ScriptedGuide(*CLUMSY), 10_000 + k) for k in range(5)]
    env.close()
    labelled = [made.label(e, len(e)) for e in shown]
    true, inferred = (np.concatenate([e.action for e in some]) for some in (shown, labelled))
    assert np.mean(true[:, 4] == inferred[:, 4]) > 0.9
    assert set(np.unique(inferred[:, 4])) == {-1.0, 1.0}
    assert np.median(np.abs(true - inferred)[:, :4]) < 0.2
    assert np.corrcoef(true[:, 2], inferred[:, 2])[0, 1] > 0.85


def test_only_the_first_steps_of_an_episode_are_relabelled() -> None:
    made = fit(wander(Line(), 2, 300), 0)
    episode = play(Line(), Homing(), 1)
    labelled = made.label(episode, 2)
    assert np.array_equal(labelled.action[2:], episode.action[2:])
    assert not np.array_equal(labelled.action[:2], episode.action[:2])
    assert np.array_equal(labelled.observation, episode.observation)
    assert made.label(episode, 0) is episode


def test_without_steps_there_is_nothing_to_learn_from() -> None:
    with pytest.raises(GraspError, match="got none"):
        fit(wander(Line(), 2, 10).take(np.arange(0)), 0)


class Secretive(Homing):
    """Shows what it does, and marks its actions so that they would be recognised."""

    def act(self, observation: Any, info: dict[str, Any]) -> Any:
        return np.array([super().act(observation, info)[0], 0.77], np.float32)


@pytest.mark.parametrize("method", ["jsrl-curriculum", "jsrl-random"])
def test_the_guides_steps_are_remembered_with_inferred_actions(method: str) -> None:
    setting = make_setting(method, steps=150, labels=False, infer=60, pretrain=400)
    setting.guide = Secretive()
    training = Training(setting)
    result = training.run()
    assert training.memory.added == training.steps  # the guide's steps as well
    remembered = training.memory.recent(0).action
    assert not np.isclose(remembered[:, 1], 0.77).any()
    assert np.abs(remembered).max() <= 1
    assert 0 < result["inferred_within"] < 1
    labelled = Training(make_setting(method, steps=150))
    labelled.setting.guide = Secretive()
    labelled.run()
    assert np.isclose(labelled.memory.recent(0).action[:, 1], 0.77).any()


def hide(episode: Episode) -> Episode:
    return replace(episode, action=np.full_like(episode.action, np.nan))


@pytest.mark.parametrize("method", ["bc", "rlpd", "iql"])
def test_demonstrations_are_learned_from_what_is_seen_of_them_alone(method: str) -> None:
    shown = demonstrate(Line(), Homing(), 5, 70)[0]
    ends = []
    for episodes in (shown, [hide(e) for e in shown]):
        setting = make_setting(method, labels=False, infer=60)
        setting.shown = tuple(episodes)
        result = Training(setting).run()
        ends.append(setting.learner.tensors())
        assert result["steps"] >= 60
    torch.testing.assert_close(*ends, rtol=0, atol=0)
    assert all(torch.isfinite(v.float()).all() for v in ends[0].values())


def test_a_clone_of_what_was_only_seen_does_the_task() -> None:
    setting = make_setting("bc", labels=False, infer=300, steps=300, pretrain=800, batch=64)
    setting.shown = tuple(map(hide, demonstrate(Line(), Homing(), 20, 70)[0]))
    assert Training(setting).run()["success"] == 1.0


class Killed(BaseException):
    pass


@pytest.mark.parametrize("moment", ["in the wandering", "after the model was made"])
def test_a_killed_training_that_infers_ends_as_if_it_had_not_been(
    moment: str, tmp_path: Path
) -> None:
    whole = make_setting(labels=False, infer=60)
    expected = Training(whole, tmp_path / "whole").run()
    early = moment == "in the wandering"

    def kill(stage: str, done: int, total: int, value: float) -> None:
        if stage == "wander" and early and done > 20:
            raise Killed
        if stage == "train" and done > 85:
            raise Killed

    with contextlib.suppress(Killed):
        Training(make_setting(labels=False, infer=60), tmp_path / "cut", kill).run()
    cut = make_setting(labels=False, infer=60)
    again = Training(cut, tmp_path / "cut")
    assert again.inference is not None
    assert again.inference.ready is not early
    assert again.steps == 0 if early else again.steps > 60
    assert again.run()["inferred_within"] == expected["inferred_within"]
    torch.testing.assert_close(cut.learner.tensors(), whole.learner.tensors(), rtol=0, atol=0)
