"""Files of recorded episodes: the units of their actions, and arrays that are malformed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partialmethod
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from elbowroom import cli
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.guides.demonstrations import load_episodes
from elbowroom.grasping.learners import LearnerParams
from elbowroom.grasping.training.experiment import Experiment
from elbowroom.grasping.training.loop import Training
from elbowroom.grasping.training.methods import TrainParams
from elbowroom.grasping.training.setup import prepare
from grasping.toy import SMALL
from grasping.walk import NARROW, Walk, record_walks

QUICK = [
    "--train.steps=30",
    "--train.warm-up=10",
    "--train.pretrain=200",
    "--train.batch=16",
    "--train.probe=3",
    "--train.evaluate-every=20",
    "--train.evaluate-episodes=1",
    "--train.final-episodes=2",
    "--learner.width=16",
]


@pytest.fixture
def walk() -> Iterator[str]:
    gymnasium.register("elbowroom/Walk-v0", Walk, max_episode_steps=12)
    yield "elbowroom/Walk-v0"
    del gymnasium.registry["elbowroom/Walk-v0"]


def test_recorded_actions_are_in_the_units_of_the_environment(tmp_path: Path) -> None:
    path = record_walks(tmp_path / "walks.npz", 0.2, 0.5)
    for episode in load_episodes(path, NARROW):
        np.testing.assert_allclose(episode.action, [[0.5, -0.5]] * len(episode), atol=1e-6)


def test_actions_between_minus_one_and_one_stay_to_the_bit(tmp_path: Path) -> None:
    path = record_walks(tmp_path / "walks.npz", 0.3, -1.0 / 3)
    with np.load(path) as data:
        action = data["action"]
    for space in (None, spaces.Box(-1.0, 1.0, (2,))):
        read = np.concatenate([e.action for e in load_episodes(path, space)])
        np.testing.assert_array_equal(read, action)


@pytest.mark.parametrize(
    ("step", "other", "reason"),
    [
        (1.0, 1.0, r"action 1 in step 0 lies outside \[-0.4, 0.4\]"),
        (0.4, -0.5, r"action -0.5 in step 0 lies outside \[0, 2\]"),
    ],
)
def test_actions_in_other_units_are_refused(
    step: float, other: float, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(GraspError, match=reason):
        load_episodes(record_walks(tmp_path / "walks.npz", step, other), NARROW)


def test_a_clone_of_recorded_walks_walks(walk: str, tmp_path: Path) -> None:
    path = record_walks(tmp_path / "walks.npz", 0.2)
    what = Experiment(walk, method="bc", offline=str(path), demos=0)
    train = TrainParams(pretrain=200, batch=16, final_episodes=5)
    assert Training(prepare(what, train, SMALL)).run()["success"] == 1.0


@pytest.mark.parametrize(
    ("method", "offline", "guide"),
    [("jsrl-random", True, "clone"), ("iql", True, "clumsy")],
)
def test_who_guides_where_nobody_is_named(
    method: str, offline: bool, guide: str, walk: str, tmp_path: Path
) -> None:
    path = record_walks(tmp_path / "walks.npz")
    what = Experiment(walk, method=method, offline=str(path), demos=0)
    setting = prepare(what, TrainParams(pretrain=200, batch=16, probe=2), LearnerParams(width=16))
    assert setting.facts["guide"] == guide
    assert (setting.guide is not None) == (method == "jsrl-random")


def test_an_environment_and_a_file_are_enough(
    walk: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # The default makes a better clone than this short way needs.
    monkeypatch.setattr(TrainParams, "__init__", partialmethod(TrainParams.__init__, pretrain=200))
    path, report = record_walks(tmp_path / "walks.npz"), tmp_path / "out.json"
    folder = tmp_path / "run"
    there = ["--env", walk, "--offline", str(path), "--json", str(report)]
    command = ["grasp", "train", *there, *QUICK, "--learner", "iql", "--folder", str(folder)]
    assert cli.main(command) == 0
    result = json.loads(report.read_text())
    assert (result["guide"], result["guide_success"]) == ("clone", 1.0)
    alone = ["grasp", "evaluate", *there, "--policy", "none", "--episodes", "3", "--demos", "2"]
    for guide in ("clone", "recorded"):
        assert cli.main([*alone, "--guide", guide]) == 0
        assert json.loads(report.read_text())["success"] == 1.0
    capsys.readouterr()
    assert cli.main(["grasp", "evaluate", "--env", walk, "--episodes", "1"]) == 1
    assert "takes 42 numbers and gives 5, the environment gives 1 and takes 2" in (
        capsys.readouterr().err
    )


def test_a_task_without_a_name_is_guided_clumsily() -> None:
    facts = prepare(Experiment("indiscriminate"), TrainParams(probe=8), SMALL).facts
    assert facts["guide"] == "clumsy"


MALFORMED: dict[str, tuple[dict[str, Any], str]] = {
    "column": ({"reward": lambda v: v[:, None]}, r"reward must have the shape \(steps,\)"),
    "text": ({"reward": lambda v: v.astype(str)}, "reward must be numbers"),
    "names": ({"episode": lambda v: v.astype(str)}, "episode must be numbers"),
    "scalar": ({"terminal": lambda v: v[0]}, r"terminal must have the shape \(steps,\), got \(\)"),
    "plain": ({"action": lambda v: v[:, 0]}, r"action must have the shape \(steps, numbers\)"),
    "wider": ({"next_obs": lambda v: np.hstack([v, v])}, "obs and next_obs must have the same"),
    "yes": ({"success": np.array(["yes"] * 3)}, "success must be numbers"),
    "few": ({"success": np.ones(2)}, "success has 2 values, for 3 episodes"),
    "huge": (
        {"reward": lambda v: v.astype(float) + 1e300},
        "reward has numbers that are not finite",
    ),
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_a_malformed_array_is_named(fault: str, tmp_path: Path) -> None:
    change, reason = MALFORMED[fault]
    with pytest.raises(GraspError, match=reason):
        load_episodes(record_walks(tmp_path / "walks.npz", **change))


def test_numbers_of_any_kind_are_read(tmp_path: Path) -> None:
    kinds: dict[str, Any] = {
        "episode": lambda v: v.astype(np.uint8),
        "reward": lambda v: v.astype(bool),
        "terminal": lambda v: v.astype(bool),
    }
    episodes = load_episodes(record_walks(tmp_path / "walks.npz", **kinds))
    assert [e.reward.tolist() for e in episodes] == [[0.0, 0.0, 1.0]] * 3
    assert all(e.ended and e.success for e in episodes)
