from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from elbowroom import cli
from elbowroom.campaign.metrics import score_track
from elbowroom.campaign.track import EstimateTrack, save_track
from elbowroom.core import ARTEFACTS, Trial, save_trial

STEPS = 120
SHIPPED = ARTEFACTS / "elbow_set"


@pytest.fixture
def trial():
    """A still arm for half a second; the camera sees the elbow at the beginning."""
    time = np.arange(STEPS) / 240
    shoulder, elbow, wrist = (
        np.tile(p, (STEPS, 1)) for p in ([0, 0, 1], [0.28, 0, 1], [0.5, 0, 1])
    )
    seen = elbow.astype(float).copy()
    seen[24:] = np.nan
    still = np.zeros((STEPS, 3))
    return Trial(
        time=time,
        force=still + [0.5, 0.0, 0.0],
        torque=still,
        gripper_position=wrist + np.linspace(0, -0.05, STEPS)[:, None] * [1.0, 0, 0],
        gripper_orientation=np.tile([0.0, 0, 0, 1], (STEPS, 1)),
        shoulder=shoulder.astype(float),
        sighting=seen,
        wrist=np.full((STEPS, 3), np.nan),
        true_elbow=elbow,
        true_shoulder=shoulder,
        true_wrist=wrist,
        true_force=still,
        true_progress=np.linspace(0, 0.05, STEPS),
        true_threaded=np.ones(STEPS),
        facts={"person": 1, "upper_arm": 0.28, "forearm": 0.22, "passed_elbow": False},
    )


def track(trial, side):
    ones = np.ones(STEPS)
    return EstimateTrack(
        trial.time,
        trial.true_elbow + [0.02, 0.0, 0.0],
        np.full((STEPS, 3), side),
        trial.gripper_orientation,
        trial.true_elbow,
        ones,
        0.05 * ones,
        100 * ones,
    )


@pytest.fixture
def evaluation(tmp_path, trial):
    folder = tmp_path / "evaluation"
    for k, side in enumerate((0.3, 0.1, 0.03)):
        boxes = track(trial, side)
        row = {"index": k, "methods": {"set": score_track(trial, boxes)}}
        save_trial(folder / f"{k:06d}.trial.npz", trial)
        save_track(folder / f"{k:06d}.set.npz", boxes)
        (folder / f"{k:06d}.json").write_text(json.dumps(row))
    return folder


def test_a_recorded_trial_is_replayed(tmp_path, trial, capsys):
    save_trial(tmp_path / "trial.npz", trial)
    line = ["replay", "--recording", str(tmp_path / "trial.npz"), "--method", "hold"]
    line += ["--folder", str(tmp_path / "out"), "--json", str(tmp_path / "figures.json")]
    assert cli.main(line) == 0
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["steps"] == STEPS
    assert figures["inside"]
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "box_hold.png",
        "force.png",
        "hold.npz",
    }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("replay", "--recording names"),
        ("replay --recording missing.npz", "not a readable trial"),
        ("report", "says what to plot"),
        ("report --evaluation missing", "no evaluation"),
        ("report --figures missing.json", "not the figures"),
        ("train --recorded missing", "no recorded trials"),
        ("calibrate --recorded missing", "no recorded trials"),
        ("evaluate --method sorcery --trials 1", "method must be one of"),
        ("evaluate --trials 0", "nothing to evaluate"),
        ("simulate --motion missing.bvh", "missing.bvh"),
        ("collect --cast.motion-duration 1", "motion_duration must be at least"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(line, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main(line.split()) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--model set --network.device cuda", "torch sees no GPU"),
        (f"--model set --network.start {SHIPPED} --network.members 2", "are 5 of width 160, not 2"),
        ("--model gp", "at least four people"),
    ],
)
def test_a_training_that_cannot_be_is_refused_in_one_line(
    line, message, trial, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    for k in range(2):
        save_trial(tmp_path / f"data/{k}.npz", replace(trial, facts=trial.facts | {"person": k}))
    assert cli.main(["train", "--recorded", "data", *line.split()]) == 1
    error = capsys.readouterr().err.splitlines()
    assert any(message in row for row in error)
    assert not any("Traceback" in row for row in error)


@pytest.mark.parametrize("option", ["garment silk", "motion-kind foo"])
def test_garments_and_movements_there_are_none_of_are_wrong_use(option, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["collect", *f"--cast.{option}".split()])
    assert stop.value.code == 2
    assert "invalid choice" in capsys.readouterr().err


def test_a_report_finds_the_best_and_the_worst_person(tmp_path, evaluation):
    files = cli.main(
        ["report", "--evaluation", str(evaluation), "--folder", str(tmp_path / "report")]
    )
    assert files == 0
    drawn = {p.name for p in (tmp_path / "report").iterdir()}
    assert drawn == {"edge.png", "edge_on_arm.png", "best.png", "worst.png"}


def test_coverage_is_plotted_over_delta(tmp_path):
    paths = []
    for delta, share in ((0.1, 0.93), (0.05, 0.96)):
        run = {
            "estimator": {"delta": delta},
            "methods": {"set": {"coverage_trajectory": share}},
        }
        paths.append(tmp_path / f"{delta}.json")
        paths[-1].write_text(json.dumps(run))
    line = ["report", "--figures", ",".join(map(str, paths)), "--folder", str(tmp_path / "r")]
    assert cli.main(line) == 0
    assert (tmp_path / "r/coverage.png").stat().st_size > 5000
