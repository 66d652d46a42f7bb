"""Options that do not go together, and seeds that would meet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from elbowroom import cli
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.guides.demonstrations import save_episodes
from elbowroom.grasping.learners import LearnerParams
from elbowroom.grasping.training.compatibility import check
from elbowroom.grasping.training.evaluation import evaluate
from elbowroom.grasping.training.experiment import Experiment
from elbowroom.grasping.training.loop import Training
from elbowroom.grasping.training.methods import METHODS, TrainParams
from elbowroom.grasping.training.seeds import (
    APART,
    DEMONSTRATIONS,
    FINAL,
    FRESH,
    PROBE,
    SEEDS,
    TEST,
)
from elbowroom.grasping.training.setup import prepare, show_task
from elbowroom.grasping.worlds import make_env
from grasping.toy import SMALL, Line, make_setting


@pytest.mark.parametrize("method", METHODS)
def test_the_defaults_of_every_method_go_together(method: str) -> None:
    check(Experiment(method=method), TrainParams(), LearnerParams())


@pytest.mark.parametrize("method", METHODS)
def test_every_method_goes_without_labels_where_they_are_inferred(method: str) -> None:
    check(Experiment(method=method), TrainParams(labels=False, infer=500), LearnerParams())


@pytest.mark.parametrize(
    ("what", "train", "learner", "reason"),
    [
        ({"method": "naive", "learner": "qt-opt"}, {}, {}, "qt-opt has none"),
        ({"method": "qt-opt"}, {}, {"candidates": 4}, "6 of 4"),
        ({"method": "bc"}, {"labels": False}, {}, "learns from demonstrations"),
        ({"method": "rlpd"}, {"labels": False}, {}, "learns from demonstrations"),
        ({"method": "iql"}, {"warm_start": True}, {}, "iql has no guide"),
        ({}, {"warm_start": True, "labels": False}, {}, "a warm start learns from"),
        ({}, {"infer": 500}, {}, "add --no-train.labels"),
        ({}, {"infer": 500, "labels": False, "steps": 400}, {}, "500 of 400"),
        ({}, {"infer": 500, "labels": False, "pretrain": 0}, {}, "train.pretrain updates"),
        ({"method": "bc"}, {"pretrain": 0}, {}, "updates alone"),
        ({"seed": SEEDS}, {}, {}, "the seed must lie in 0..99"),
        ({"seed": 950}, {}, {}, "the seed must lie in"),
        ({}, {"steps": 1_000_000}, {}, "evaluations"),
        ({}, {"evaluate_episodes": 501}, {}, "evaluate_episodes must lie in 0..500"),
        ({}, {"probe": 10_001}, {}, "probe"),
        ({}, {"final_episodes": 60_000_000}, {}, "final_episodes"),
    ],
)
def test_what_does_not_go_together_is_refused(
    what: dict[str, Any], train: dict[str, Any], learner: dict[str, Any], reason: str
) -> None:
    with pytest.raises(GraspError, match=reason):
        prepare(Experiment(**what), TrainParams(**train), LearnerParams(**learner))


def test_the_eye_that_ships_is_not_asked_for_cuffs() -> None:
    with pytest.raises(GraspError, match="not taught the objects of the task cuff"):
        make_env("cuff", "image")


def test_no_seed_meets_those_of_another_purpose() -> None:
    last = SEEDS - 1
    assert TEST + APART * (last + 1) <= PROBE
    assert APART * last + TrainParams().steps < TEST
    assert PROBE + APART < DEMONSTRATIONS < FINAL < FRESH
    with pytest.raises(GraspError, match="1 to 1000000 episodes"):
        evaluate(Line(), lambda o: np.zeros(2), None, 0, APART + 1, 0)


def test_what_is_not_judged_has_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert Training(make_setting(steps=30, final_episodes=0)).run()["success"] is None


def test_a_training_without_a_last_evaluation_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = ["--train.steps=0", "--train.final-episodes=0", "--train.evaluate-episodes=1"]
    command = ["grasp", "train", "--method", "sac", "--folder", str(tmp_path), *short]
    assert cli.main(command) == 0
    shown = capsys.readouterr().out
    assert (
        next(line for line in shown.splitlines() if "success alone" in line).rstrip("│ ")[-1] == "-"
    )


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recorded") / "shown.npz"
    env = make_env("instance")
    save_episodes(path, show_task(env, True, 2, 0))
    env.close()
    return path


def test_a_training_is_known_by_what_its_files_hold(recorded: Path, tmp_path: Path) -> None:
    def describe(path: Path, count: int = 2) -> dict[str, Any]:
        what = Experiment("instance", method="bc", offline=str(path), demos=count)
        return prepare(what, TrainParams(), SMALL).facts

    moved = tmp_path / recorded.name
    moved.write_bytes(recorded.read_bytes())
    assert describe(moved) == describe(recorded)
    env = make_env("instance")
    save_episodes(moved, show_task(env, True, 1, 1))
    env.close()
    assert describe(moved, 1)["inputs"] != describe(recorded, 1)["inputs"]


def test_a_training_on_images_tells_its_eye() -> None:
    what = Experiment("instance", "image", "sac")
    facts = prepare(what, replace(TrainParams(), probe=1), SMALL).facts
    env = make_env("instance", "image")
    assert facts["inputs"] == {"eye": env.eye_version}  # type: ignore[attr-defined]
    assert len(facts["inputs"]["eye"]) == 12
    env.close()


def test_a_warm_start_updates_the_learner_on_demonstrations_first() -> None:
    what = Experiment("instance", demos=2)
    train = TrainParams(probe=10, pretrain=3, steps=0, final_episodes=0, warm_start=True)
    warm, cold = (prepare(what, t) for t in (train, replace(train, warm_start=False)))
    assert (warm.method.pretrain, warm.method.share) == ("update", 0.25)
    assert warm.method.schedule == "curriculum"
    assert warm.demonstrations is not None
    assert cold.demonstrations is None
    training = Training(warm)
    training.run()
    assert (training.pretrained, warm.learner.updates) == (3, 3)
