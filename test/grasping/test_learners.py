"""Every learner: a short run, a continued one, and what it is for."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.experience.replay import Transitions
from elbowroom.grasping.guides.demonstrations import demonstrate, to_transitions
from elbowroom.grasping.guides.jumpstart import Combined
from elbowroom.grasping.learners import LEARNERS, LearnerParams, make_learner
from elbowroom.grasping.networks.policy import load_policy, save_policy
from elbowroom.grasping.networks.tap import PolicyTap
from elbowroom.grasping.training.evaluation import find_successes
from elbowroom.grasping.training.loop import Training
from elbowroom.grasping.training.methods import METHODS
from elbowroom.grasping.training.seeds import FINAL
from grasping.toy import SMALL, Homing, Line, make_setting


@pytest.fixture(scope="module")
def demonstrations() -> Transitions:
    return to_transitions(demonstrate(Line(), Homing(), 10, 7000)[0], 0.9)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_runs_a_hundred_steps_and_writes_what_was_judged(
    method: str, demonstrations: Transitions, tmp_path: Path
) -> None:
    given = demonstrations if METHODS[method].demonstrations else None
    setting = make_setting(method, demonstrations=given)
    result = Training(setting).run()
    facts = {k: v for k, v in result.items() if k != "curve"}
    save_policy(tmp_path / "policy", setting.learner.policy, facts | setting.learner.shape)
    actor = Combined(None, load_policy(tmp_path / "policy"), 0)
    count = result["episodes_judged"]
    assert len(find_successes(Line(), actor, FINAL, count)) / count == result["success"]
    if METHODS[method].online:
        assert result["steps"] >= 100
        assert [r["steps"] for r in result["curve"]] == sorted(r["steps"] for r in result["curve"])
    else:
        assert result["steps"] == 0


@pytest.mark.parametrize("name", LEARNERS)
def test_a_loaded_learner_goes_on_alike(name: str, demonstrations: Transitions) -> None:
    first, second = (make_learner(name, 2, 2, SMALL, seed) for seed in (0, 1))
    for _ in range(3):
        first.update(demonstrations)
    second.load(first.tensors())
    for learner in (first, second):
        learner.update(demonstrations)
    seen = demonstrations.observation[:5]
    np.testing.assert_array_equal(first.act(seen, True), second.act(seen, True))
    torch.testing.assert_close(first.tensors(), second.tensors(), rtol=0, atol=0)


@pytest.mark.parametrize("name", LEARNERS)
def test_actions_lie_in_the_box_and_observations_of_other_lengths_are_refused(name: str) -> None:
    learner = make_learner(name, 2, 3, SMALL, 0)
    for explore in (True, False):
        action = learner.act(np.random.default_rng(0).normal(size=(20, 2)), explore)
        assert action.shape == (20, 3)
        assert np.abs(action).max() <= 1
    with pytest.raises(GraspError, match="2 numbers"):
        learner.act(np.zeros((1, 3), np.float32), False)


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("name", LEARNERS)
def test_what_is_written_acts_as_what_was_judged(
    name: str, dropout: float, demonstrations: Transitions, tmp_path: Path
) -> None:
    params = dataclasses.replace(SMALL, dropout=dropout, activation="silu", candidates=16)
    learner = make_learner(name, 2, 2, params, 0)
    for _ in range(20):
        learner.update(demonstrations)
    facts = {"task": "line", "obs": "state", **learner.shape}
    save_policy(tmp_path / "policy", learner.policy, json.loads(json.dumps(facts)))
    policy = load_policy(tmp_path / "policy")
    seen = np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)
    judged = learner.act(seen, False)
    np.testing.assert_allclose([policy(s) for s in seen], judged, atol=1e-5)
    np.testing.assert_array_equal(learner.act(seen, False), judged)
    with PolicyTap(policy, ["activations"]) as tap:
        reading = tap.read(seen[0], policy(seen[0]), 0.0)
    assert reading is not None
    assert all(np.isfinite(v).all() for v in reading.layers.values())


def test_judging_a_learner_that_searches_does_not_change_its_training(
    demonstrations: Transitions,
) -> None:
    for name in ("qt-opt", "aw-opt"):
        judged, alone = (make_learner(name, 2, 2, SMALL, 0) for _ in range(2))
        for _ in range(3):
            judged.act(demonstrations.observation[:5], False)
            judged.update(demonstrations)
            alone.update(demonstrations)
        torch.testing.assert_close(judged.tensors(), alone.tensors(), rtol=0, atol=0)


def test_what_is_explored_is_drawn_without_dropout() -> None:
    params = dataclasses.replace(SMALL, dropout=0.9, spread=0.0)
    first, second = (make_learner("aw-opt", 2, 2, params, 0) for _ in range(2))
    first.nets["actor"].train()
    second.nets["actor"].eval()
    seen = np.zeros((50, 2), np.float32)
    np.testing.assert_array_equal(first.act(seen, True), second.act(seen, True))


def test_another_learners_tensors_are_refused() -> None:
    learner = make_learner("sac", 2, 2, SMALL, 0)
    with pytest.raises(GraspError, match="does not fit"):
        learner.load(make_learner("sac", 3, 2, SMALL, 0).tensors())


def bandit(rng: np.random.Generator, count: int) -> Transitions:
    """One step; the reward is 1 where both actions are near those that the observation names."""
    seen = rng.uniform(-0.5, 0.5, (count, 2)).astype(np.float32)
    done = rng.uniform(-1, 1, (count, 2)).astype(np.float32)
    reward = (np.abs(done - seen).max(1) < 0.35).astype(np.float32)
    return Transitions(seen, done, reward, seen, np.zeros(count, np.float32))


@pytest.mark.parametrize("name", [n for n in LEARNERS if n != "bc"])
def test_rewarded_actions_are_found(name: str) -> None:
    params = LearnerParams(width=32, learning_rate=3e-3, candidates=24, temperature=10.0, ema=0.05)
    learner = make_learner(name, 2, 2, params, 0)
    rows, rng = bandit(np.random.default_rng(0), 2000), np.random.default_rng(1)
    for _ in range(300):
        learner.update(rows.take(rng.integers(len(rows), size=64)))
    seen = rng.uniform(-0.5, 0.5, (200, 2)).astype(np.float32)
    hits = np.abs(learner.act(seen, False) - seen).max(1) < 0.35
    # At random 0.12; a constant action at the middle 0.49.
    assert hits.mean() > 0.65


def test_a_switch_is_set_by_its_value() -> None:
    """The reward asks for the switch to be on where the first number seen is above 0."""
    params = LearnerParams(width=32, learning_rate=3e-3, switches=1, ema=0.05)
    learner = make_learner("sac", 2, 2, params, 0)
    rng = np.random.default_rng(0)
    seen = rng.uniform(-1, 1, (2000, 2)).astype(np.float32)
    done = rng.uniform(-1, 1, (2000, 2)).astype(np.float32)
    done[:, 1] = np.sign(done[:, 1])
    won = ((done[:, 1] > 0) == (seen[:, 0] > 0)).astype(np.float32)
    rows = Transitions(seen, done, won, seen, np.zeros(2000, np.float32))
    for _ in range(300):
        learner.update(rows.take(rng.integers(2000, size=64)))
    clear = seen[np.abs(seen[:, 0]) > 0.1]
    on = learner.act(clear, False)[:, 1]
    assert set(np.unique(on)) == {-1.0, 1.0}
    assert ((on > 0) == (clear[:, 0] > 0)).mean() > 0.95
    with torch.no_grad():
        alone = learner.policy.mode(torch.from_numpy(clear)).numpy()[:, 1]
    assert ((alone > 0) == (clear[:, 0] > 0)).mean() > 0.8
    drawn = learner.act(np.repeat(clear[:1], 200, 0), True)[:, 1]
    assert set(np.unique(drawn)) <= {-1.0, 1.0}


def test_a_clone_does_what_was_shown() -> None:
    learner = make_learner("bc", 2, 2, dataclasses.replace(SMALL, learning_rate=3e-3), 0)
    rng = np.random.default_rng(0)
    seen = rng.uniform(-1, 1, (500, 2)).astype(np.float32)
    rows = Transitions(seen, -0.5 * seen, seen[:, 0], seen, seen[:, 0])
    for _ in range(400):
        learner.update(rows.take(rng.integers(500, size=64)))
    np.testing.assert_allclose(learner.act(seen[:50], True), -0.5 * seen[:50], atol=0.12)


def test_a_learner_of_no_name_is_refused() -> None:
    with pytest.raises(GraspError, match="a learner is one of"):
        make_learner("dqn", 2, 2, SMALL, 0)
