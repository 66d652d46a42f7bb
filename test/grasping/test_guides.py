"""Guides of every form, and files of what they did."""

from __future__ import annotations

import dataclasses
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from elbowroom.core import ArtefactError
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.experience.episode import play
from elbowroom.grasping.experience.replay import look_ahead
from elbowroom.grasping.guides.demonstrations import (
    demonstrate,
    load_episodes,
    save_episodes,
    to_transitions,
)
from elbowroom.grasping.guides.guide import PolicyGuide, RecordedGuide
from elbowroom.grasping.guides.jumpstart import Combined
from elbowroom.grasping.guides.named import find_guide
from elbowroom.grasping.guides.sb3 import SB3Guide, load_sb3_guide
from elbowroom.grasping.learners import make_learner
from elbowroom.grasping.networks.policy import load_policy, save_policy
from elbowroom.grasping.training.experiment import Experiment
from elbowroom.grasping.training.guidance import make_guide
from elbowroom.grasping.training.loop import Training
from elbowroom.grasping.training.methods import TrainParams
from elbowroom.grasping.training.setup import prepare
from grasping.toy import SMALL, Homing, Line

FEW = TrainParams(
    steps=60,
    warm_up=10,
    pretrain=5,
    batch=8,
    probe=4,
    evaluate_every=40,
    evaluate_episodes=1,
    final_episodes=1,
)


def test_the_combined_policy_hands_over_after_h_steps() -> None:
    actor = Combined(Homing(), lambda o: np.full(2, 0.123, np.float32), 3)
    episode = play(Line(), actor, 0)
    mine = np.isclose(episode.action[:, 1], 0.123)
    assert mine.tolist() == [k >= 3 for k in range(len(episode))]
    with pytest.raises(GraspError, match="without a guide"):
        Combined(None, lambda o: np.zeros(2), 1)


def test_recorded_commands_are_replayed_and_then_held() -> None:
    guide = RecordedGuide([np.array([[0.5, 1.0], [0.25, 1.0]], np.float32)])
    guide.reset(np.random.default_rng(0))
    done = [guide.act(None, {}).tolist() for _ in range(4)]
    assert done == [[0.5, 1.0], [0.25, 1.0], [0.0, 1.0], [0.0, 1.0]]
    with pytest.raises(GraspError, match="recorded commands"):
        RecordedGuide([])


def test_a_function_and_a_model_of_another_library_can_guide() -> None:
    class Model:
        def predict(self, observation: Any, deterministic: bool) -> Any:
            assert deterministic
            return np.array([-5 * observation[0], 0.0]), None

    for guide in (PolicyGuide(lambda o: np.array([-5 * o[0], 0])), SB3Guide(Model(), "state")):
        assert play(Line(), guide, 1).success
    with pytest.raises(GraspError, match="colon and a file"):
        load_sb3_guide("models/expert.zip")
    with pytest.raises(GraspError, match="observation' or 'state"):
        SB3Guide(Model(), "pixels")


class Module(torch.nn.Module):
    """Homes, as `Homing`, from the place that the learner sees."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(-5.0))
        self.drop = torch.nn.Dropout(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.drop(self.gain * x[:, :1]), 0 * x[:, :1]], 1)


def test_a_torch_module_can_guide(tmp_path: Path) -> None:
    module = Module()
    assert play(Line(), PolicyGuide(module), 1).success
    path = tmp_path / "module.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.script(module).save(str(path))
    guide = find_guide(f"torchscript:{path}", (2, 2), "line")
    assert play(Line(), guide, 1).success
    other = find_guide(f"torchscript:{path}", (2, 3), "line")
    with pytest.raises(GraspError, match="3 finite numbers"):
        play(Line(), other, 1)
    path.write_bytes(b"no module")
    for wrong, reason in ((path, "does not hold"), (tmp_path / "x.pt", "there is no file")):
        with pytest.raises(GraspError, match=reason):
            find_guide(f"torchscript:{wrong}", (2, 2), "line")


@pytest.mark.parametrize(
    "policy",
    [
        lambda o: np.array([np.nan, 0.0]),
        lambda o: np.zeros((1, 2)),
        torch.nn.Linear(3, 2),
    ],
)
def test_a_guide_that_gives_no_action_is_said(policy: Any) -> None:
    with pytest.raises(GraspError, match="the guide"):
        play(Line(), PolicyGuide(policy), 1)


def test_a_policy_on_states_guides_where_images_are_seen(tmp_path: Path) -> None:
    actor = make_learner("sac", 42, 5, SMALL, 0)
    for obs in ("state", "image"):
        facts = {"task": "instance", "obs": obs, **actor.shape}
        save_policy(tmp_path / obs, actor.policy, facts)
    guide = find_guide(str(tmp_path / "state"), (42, 5), "instance", "image")
    assert isinstance(guide, PolicyGuide)
    guide.reset(np.random.default_rng(0))
    seen, true = np.zeros(42, np.float32), np.ones(42, np.float32)
    np.testing.assert_allclose(
        guide.act(seen, {"state": true}), load_policy(tmp_path / "state")(true), atol=1e-6
    )
    with pytest.raises(GraspError, match="trained on images"):
        find_guide(str(tmp_path / "image"), (42, 5), "instance", "state")
    with pytest.raises(GraspError, match="takes 42 numbers and gives 5"):
        find_guide(str(tmp_path / "state"), (42, 4), "instance")


def test_episodes_survive_a_file(tmp_path: Path) -> None:
    episodes, rate = demonstrate(Line(), Homing(), 4, 0)
    assert rate == 1.0
    save_episodes(tmp_path / "e.npz", episodes)
    again = load_episodes(tmp_path / "e.npz")
    for a, b in zip(episodes, again, strict=True):
        np.testing.assert_array_equal(a.observation, b.observation)
        np.testing.assert_array_equal(a.action, b.action)
        assert (a.ended, a.success) == (b.ended, b.success)


FAULTS = {
    "absent": "cannot be read",
    "garbled": "cannot be read",
    "cut": "cannot be read",
    "flip": "cannot be read",
    "key": "lacks next_obs",
    "length": "different or no length",
    "nan": "not finite",
    "shuffled": "does not lead to the next",
    "early": "ends its episode early",
    "pieces": "in several pieces",
    "wide": "outside",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_files_that_do_not_fit_are_refused(fault: str, tmp_path: Path) -> None:
    path = tmp_path / "e.npz"
    save_episodes(path, demonstrate(Line(), Homing(), 2, 0)[0])
    with np.load(path) as data:
        arrays = dict(data)
    if fault == "absent":
        path.unlink()
    elif fault == "garbled":
        path.write_bytes(b"no archive")
    elif fault == "cut":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif fault == "flip":
        blob = bytearray(path.read_bytes())
        blob[len(blob) // 5] ^= 255
        path.write_bytes(bytes(blob))
    else:
        if fault == "key":
            del arrays["next_obs"]
        elif fault == "length":
            arrays["reward"] = arrays["reward"][:-1]
        elif fault == "shuffled":
            order = [1, 0, *range(2, len(arrays["obs"]))]
            arrays.update({k: v[order] for k, v in arrays.items() if len(v) == len(order)})
        elif fault == "early":
            arrays["terminal"][0] = 1.0
        elif fault == "pieces":
            arrays["episode"][-1:] = arrays["episode"][0]
        elif fault == "wide":
            arrays["action"][0, 0] = 1.5
        else:
            arrays["obs"][1, 0] = np.nan
        np.savez(path, **arrays)
    with pytest.raises(GraspError, match=FAULTS[fault]):
        load_episodes(path)


def test_success_of_every_step_is_the_reward(tmp_path: Path) -> None:
    path = tmp_path / "e.npz"
    save_episodes(path, demonstrate(Line(), Homing(), 2, 0)[0])
    with np.load(path) as data:
        arrays = dict(data)
    arrays["success"] = arrays["reward"] > 0
    arrays["reward"] = arrays["reward"] - 1
    np.savez(path, **arrays)
    for episode in load_episodes(path):
        assert episode.success
        assert episode.reward.tolist() == [0.0] * (len(episode) - 1) + [1.0]


def test_returns_that_look_ahead_by_hand() -> None:
    seen = np.arange(5, dtype=np.float32)[:, None]
    done = np.zeros((4, 1), np.float32)
    reward = np.array([0, 1, 0, 1], np.float32)
    rows = look_ahead(seen, done, reward, True, 0.5, 2)
    np.testing.assert_allclose(rows.reward, [0.5, 1.0, 0.5, 1.0])
    np.testing.assert_allclose(rows.next_observation[:, 0], [2, 3, 4, 4])
    np.testing.assert_allclose(rows.bootstrap, [0.25, 0.25, 0.0, 0.0])
    cut = look_ahead(seen, done, reward, False, 0.5, 2)
    np.testing.assert_allclose(cut.bootstrap, [0.25, 0.25, 0.25, 0.5])


def test_a_guide_that_never_succeeds_is_said() -> None:
    with pytest.raises(GraspError, match="succeeded 0 times"):
        demonstrate(Line(), PolicyGuide(lambda o: np.zeros(2)), 3, 0)


def test_demonstrations_can_be_cloned_and_replayed() -> None:
    episodes = demonstrate(Line(), Homing(), 20, 0)[0]
    for name, least in [("clone", 0.8), ("recorded", 0.3)]:
        what = Experiment("line", guide=name, demos=20)
        guide = make_guide(what, episodes, (2, 2), SMALL, TrainParams(pretrain=400, batch=32))
        won = [play(Line(), guide, 5000 + k).success for k in range(30)]
        assert np.mean(won) > least


@pytest.mark.parametrize("guide", ["scripted", "clumsy"])
def test_every_named_guide_starts_a_jump(guide: str) -> None:
    what = Experiment("indiscriminate", method="jsrl-curriculum", guide=guide, demos=2)
    setting = prepare(what, FEW, SMALL)
    first = setting.schedule.horizon()
    result = Training(setting).run()
    # What the guide starts with is its mean time to success: nearly all of its way.
    assert 8 <= first <= 25
    assert result["curve"][0]["horizon"] == first
    assert 0 < result["guide_success"] <= 1
    assert guide == "clumsy" or result["guide_success"] == 1


def test_a_policy_guides_and_one_of_other_shape_does_not(tmp_path: Path) -> None:
    learner = make_learner("sac", 42, 5, SMALL, 0)
    facts = {"task": "instance", "obs": "state", **learner.shape}
    save_policy(tmp_path / "p", learner.policy, facts)
    policy = load_policy(tmp_path / "p")
    seen = np.random.default_rng(0).normal(size=42).astype(np.float32)
    np.testing.assert_allclose(policy(seen), learner.act(seen[None], False)[0], atol=1e-6)
    with pytest.raises(GraspError, match="takes 42"):
        prepare(Experiment("hard", guide=str(tmp_path / "p")), FEW, SMALL)
    with pytest.raises(GraspError, match="42 finite numbers"):
        policy(np.full(42, np.nan, np.float32))
    blob = bytearray((tmp_path / "p" / "model.safetensors").read_bytes())
    blob[-1] ^= 1
    (tmp_path / "p" / "model.safetensors").write_bytes(blob)
    with pytest.raises(ArtefactError, match="hash"):
        load_policy(tmp_path / "p")


def test_a_switch_of_a_policy_is_on_or_off(tmp_path: Path) -> None:
    learner = make_learner("sac", 42, 5, dataclasses.replace(SMALL, switches=1), 0)
    facts = {"task": "instance", "obs": "state", **learner.shape}
    save_policy(tmp_path / "p", learner.policy, facts)
    policy, free = load_policy(tmp_path / "p"), learner.policy.mode
    for seen in np.random.default_rng(0).normal(size=(20, 42)).astype(np.float32):
        with torch.no_grad():
            wanted = free(torch.from_numpy(seen[None]))[0].numpy()
        np.testing.assert_allclose(policy(seen)[:4], wanted[:4], atol=1e-6)
        assert policy(seen)[4] == np.sign(wanted[4])


def test_demonstrations_of_another_environment_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "line.npz"
    save_episodes(path, demonstrate(Line(), Homing(), 2, 0)[0])
    with pytest.raises(GraspError, match="has observations"):
        prepare(Experiment("instance", method="bc", offline=str(path)), FEW, SMALL)
    with pytest.raises(GraspError, match="needs demonstrations"):
        prepare(Experiment("instance", method="bc", demos=0), FEW, SMALL)
    assert len(to_transitions(load_episodes(path), 0.9)) > 0
