"""The folder of a training: checked before anything takes long, and one process's at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from elbowroom import cli
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.training.folder import check_folder, hold

TRAIN = ["grasp", "train", "--method", "sac", "--train.steps=0", "--train.final-episodes=0"]
HOLD = """
import sys
from pathlib import Path
from elbowroom.grasping.training.folder import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_file_is_no_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("something was prepared")

    monkeypatch.setattr("elbowroom.grasping.training.setup.prepare", fail)
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        assert cli.main([*TRAIN, "--folder", str(folder)]) == 1
        assert "cannot be a folder" in capsys.readouterr().err


def test_what_cannot_be_written_to_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may write anywhere, so the answer of the system is replaced.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(GraspError, match="cannot be written to"):
        check_folder(tmp_path / "new")
    monkeypatch.undo()
    check_folder(tmp_path / "new")
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(GraspError, match="cannot be written to"), hold(tmp_path / "file"):
        pass


def test_two_do_not_train_in_one_folder_and_a_killed_one_leaves_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoints = tmp_path / "run" / "checkpoint"
    command = [sys.executable, "-c", HOLD, str(checkpoints)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(GraspError, match="another process trains in"), hold(checkpoints):
            pass
        assert cli.main([*TRAIN, "--folder", str(tmp_path / "run")]) == 1
        assert f"another process trains in {checkpoints}" in capsys.readouterr().err
        other.kill()
    check_folder(checkpoints)
    with hold(checkpoints):
        pass


def test_a_training_holds_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from elbowroom.grasping.training.loop import Training

    def run(self: Training) -> None:
        with hold(tmp_path / "checkpoint"):
            pass

    monkeypatch.setattr(Training, "run", run)
    assert cli.main([*TRAIN, "--folder", str(tmp_path)]) == 1
