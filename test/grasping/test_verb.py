"""`elbowroom grasp` from the command line, and the eye."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from elbowroom import cli
from elbowroom.core import ArtefactError
from elbowroom.grasping.encoder import FEATURES, VECTOR, Eye, SeeingEnv, load_eye, save_eye
from elbowroom.grasping.env import IMAGE, GraspEnv
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.evaluation import find_interval
from elbowroom.grasping.methods import METHODS
from elbowroom.grasping.seeing import SeeingParams, collect_frames, teach
from elbowroom.grasping.tasks import TASKS
from elbowroom.verbs.grasp_train import METHOD_NAMES, TASK_NAMES

SHORT = [
    "--train.steps=50",
    "--train.warm-up=10",
    "--train.batch=8",
    "--train.probe=3",
    "--train.evaluate-every=30",
    "--train.evaluate-episodes=1",
    "--train.final-episodes=2",
    "--learner.width=16",
]


def test_the_verb_trains_writes_and_evaluates(tmp_path: Path) -> None:
    train = ["grasp", "train", "--task", "indiscriminate", "--guide", "scripted", "--seed", "3"]
    folder, report = tmp_path / "run", tmp_path / "out.json"
    command = [*train, *SHORT, "--folder", str(folder), "--json", str(report)]
    assert cli.main(command) == 0
    result = json.loads(report.read_text())
    assert (result["task"], result["seed"], result["guide_success"]) == ("indiscriminate", 3, 1.0)
    with (folder / "curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(r["steps"]) for r in rows] == [r["steps"] for r in result["curve"]]
    assert (folder / "curve.png").stat().st_size > 1000
    longer = [c.replace("--train.final-episodes=2", "--train.final-episodes=3") for c in command]
    assert cli.main([*longer, "--train.steps=90"]) == 0
    grown = json.loads(report.read_text())
    assert grown["steps"] >= 90
    first = result["curve"][-1]["steps"]
    assert [r for r in grown["curve"] if r["steps"] <= first] == result["curve"]
    measure = ["grasp", "evaluate", "--episodes", "2", "--json", str(report)]
    policy = ["--policy", str(folder / "policy")]
    assert cli.main([*measure, *policy]) == 0
    assert json.loads(report.read_text())["task"] == "indiscriminate"
    assert cli.main([*measure, *policy, "--guide", "scripted", "--horizon", "30"]) == 0
    assert json.loads(report.read_text())["success"] == 1.0


def test_wrong_use_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["grasp", "train", "--method", "dqn"])
    with pytest.raises(SystemExit, match="2"):
        cli.main(["grasp", "fly"])
    assert cli.main(["grasp", "train", "--env", "NoSuchThing-v7"]) == 1
    assert "Gymnasium does not know" in capsys.readouterr().err
    assert cli.main(["grasp", "train", "--guide", "nobody", *SHORT]) == 1
    assert "a guide is scripted" in capsys.readouterr().err
    assert cli.main(["grasp", "evaluate", "--policy", str(tmp_path)]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_the_command_line_names_what_there_is() -> None:
    assert set(METHOD_NAMES) == set(METHODS)
    assert set(TASK_NAMES) == set(TASKS)


def test_an_eye_learns_to_tell_where_things_are(tmp_path: Path) -> None:
    frames, losses = collect_frames(100, 0), []
    eye, taught = teach(
        frames,
        SeeingParams(frames=100, passes=15, batch=30),
        0,
        progress=lambda done, total, loss: losses.append(loss),
    )
    assert len(losses) == 15
    assert losses[-1] < 0.75 * losses[0]
    save_eye(tmp_path / "eye", eye, taught)
    again = load_eye(tmp_path / "eye")
    seen = again.encode(frames.image[0], frames.vector[0])
    assert seen.shape == (FEATURES,)
    np.testing.assert_array_equal(seen, eye.encode(frames.image[0], frames.vector[0]))
    np.testing.assert_array_equal(seen[:VECTOR], frames.vector[0])


def test_the_eye_refuses_what_is_no_picture() -> None:
    with torch.random.fork_rng():
        eye = Eye()
    picture, vector = np.zeros((IMAGE, IMAGE, 3), np.uint8), np.zeros(VECTOR, np.float32)
    for wrong in (None, picture[:-1], picture.astype(np.float32)):
        with pytest.raises(GraspError, match="an image of"):
            eye.encode(wrong, vector)
    with pytest.raises(GraspError, match="finite numbers"):
        eye.encode(picture, vector[:-1])


def test_the_eye_stands_between_image_and_learner(tmp_path: Path) -> None:
    env = SeeingEnv(GraspEnv("instance", obs="image"), Eye().eval())
    seen, info = env.reset(seed=0)
    assert env.observation_space.contains(seen)
    assert "state" in info
    env.close()
    with pytest.raises(ArtefactError):
        load_eye(tmp_path)


def test_wilsons_interval_by_hand() -> None:
    low, high = find_interval(95, 100)
    assert (round(low, 3), round(high, 3)) == (0.888, 0.978)
    assert find_interval(0, 10)[0] == 0.0
