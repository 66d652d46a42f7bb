"""`elbowroom grasp` from the command line."""

from __future__ import annotations

import csv
import json
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest
import torch

from elbowroom import cli
from elbowroom.core import ARTEFACTS
from elbowroom.grasping.environments.tasks import TASKS
from elbowroom.grasping.networks.policy import load_policy
from elbowroom.grasping.training.evaluation import find_interval
from elbowroom.grasping.training.loop import Training
from elbowroom.grasping.training.methods import METHODS, TrainParams
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


def test_demonstrations_without_actions_are_cloned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    threads, seen = torch.get_num_threads(), []
    torch.set_num_threads(2)
    report = tmp_path / "out.json"
    command = ["grasp", "train", "--method", "bc", "--demos", "2", "--guide", "scripted", *SHORT]
    inferred = ["--no-train.labels", "--train.infer=40", "--train.pretrain=30"]
    out = ["--folder", str(tmp_path / "run"), "--json", str(report)]
    whole = Training.run

    def run(training: Training) -> Any:
        seen.append(torch.get_num_threads())
        return whole(training)

    monkeypatch.setattr(Training, "run", run)
    assert cli.main([*command, *inferred, *out]) == 0
    assert (seen, torch.get_num_threads()) == ([1], 2)
    torch.set_num_threads(threads)
    result = json.loads(report.read_text())
    assert result["steps"] >= 40
    assert 0 < result["inferred_within"] < 2
    assert "actions inferred within" in capsys.readouterr().out
    assert cli.main([*command, "--no-train.labels", *out]) == 1
    assert "--train.infer has them inferred" in capsys.readouterr().err


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


def test_a_policy_is_found_by_its_method(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    train = ["--task", "indiscriminate", "--method", "bc", "--demos", "2", "--seed", "4"]
    assert cli.main(["grasp", "train", *train, *SHORT, "--train.pretrain=5"]) == 0
    asked = [*train, "--obs", "state", "--guide", "clone", "--json", "out.json", "--episodes", "1"]
    # The default makes a better clone than is asked for here.
    monkeypatch.setattr(TrainParams, "__init__", partialmethod(TrainParams.__init__, pretrain=5))
    assert cli.main(["grasp", "evaluate", *asked]) == 0
    told = json.loads(Path("out.json").read_text())
    assert (told["task"], told["method"], told["guide"]) == ("indiscriminate", "bc", "clone")
    assert "indiscriminate-state-bc-4/policy" in capsys.readouterr().out
    assert cli.main(["grasp", "evaluate", "--method", "bc", "--seed", "5"]) == 1
    assert "there is no runs/grasp/instance-state-bc-5/policy" in capsys.readouterr().err
    policy = ["--policy", "runs/grasp/indiscriminate-state-bc-4/policy"]
    assert cli.main(["grasp", "evaluate", *policy, "--method", "iql"]) == 1
    assert "trained by --method bc, got --method iql" in capsys.readouterr().err


def test_a_policy_of_another_task_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["grasp", "evaluate", "--task", "hard", "--episodes", "1"]) == 1
    assert "the policy takes 42 numbers and gives 5" in capsys.readouterr().err


def test_a_method_takes_another_learner(tmp_path: Path) -> None:
    report, folder = tmp_path / "out.json", tmp_path / "run"
    method = ["--task", "indiscriminate", "--method", "jsrl-random", "--guide", "scripted"]
    other = ["--learner", "qt-opt", "--learner.candidates=8", "--learner.elites=3"]
    command = ["grasp", "train", *method, *other, *SHORT, "--folder", str(folder)]
    assert cli.main([*command, "--json", str(report)]) == 0
    assert json.loads(report.read_text())["learner"] == "qt-opt"
    assert load_policy(folder / "policy").facts["kind"] == "search"
    measure = ["grasp", "evaluate", "--policy", str(folder / "policy"), "--episodes", "1"]
    assert cli.main(measure) == 0


def test_an_image_policy_is_measured_on_images(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "out.json"
    image = ["--policy", str(ARTEFACTS / "grasp_image"), "--episodes", "1"]
    assert cli.main(["grasp", "evaluate", *image, "--json", str(report)]) == 0
    assert json.loads(report.read_text())["obs"] == "image"
    assert cli.main(["grasp", "evaluate", *image, "--obs", "state"]) == 1
    assert "was trained on --obs image" in capsys.readouterr().err


def test_a_guide_alone_is_said_to_act_to_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    alone = ["grasp", "evaluate", "--policy", "none", "--episodes", "1"]
    assert cli.main([*alone, "--guide", "scripted"]) == 0
    assert "scripted to the end" in capsys.readouterr().out
    assert cli.main([*alone, "--guide", "nobody"]) == 1
    assert "a guide is scripted, clumsy, sb3" in capsys.readouterr().err


def test_the_command_line_names_what_there_is() -> None:
    assert set(METHOD_NAMES) == set(METHODS)
    assert set(TASK_NAMES) == set(TASKS)


def test_wilsons_interval_by_hand() -> None:
    low, high = find_interval(95, 100)
    assert (round(low, 3), round(high, 3)) == (0.888, 0.978)
    assert find_interval(0, 10)[0] == 0.0
