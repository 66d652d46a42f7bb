"""The loop: exact continuation, kills, damaged checkpoints, who acts when."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.guides.demonstrations import demonstrate, to_transitions
from elbowroom.grasping.training.loop import Training
from grasping.toy import Homing, Line, make_setting


class Killed(BaseException):
    """The process ends here."""


def without_times(result: dict[str, Any]) -> Any:
    rows = [{k: v for k, v in r.items() if k != "cpu_s"} for r in result["curve"]]
    return result["success"], result["steps"], rows


@pytest.mark.parametrize("method", ["jsrl-curriculum", "jsrl-random", "iql", "naive", "qt-opt"])
def test_a_killed_training_ends_as_if_it_had_not_been(method: str, tmp_path: Path) -> None:
    given = to_transitions(demonstrate(Line(), Homing(), 5, 70)[0], 0.9)
    whole_setting = make_setting(method, demonstrations=given)
    whole = Training(whole_setting, tmp_path / "whole").run()
    calls = 0

    def kill(*_: Any) -> None:
        nonlocal calls
        calls += 1
        if calls in (3, 9, 14):
            raise Killed

    for _ in range(4):
        setting = make_setting(method, demonstrations=given)
        try:
            result = Training(setting, tmp_path / "cut", kill).run()
            break
        except Killed:
            pass
    assert without_times(result) == without_times(whole)
    torch.testing.assert_close(
        setting.learner.tensors(), whole_setting.learner.tensors(), rtol=0, atol=0
    )


def test_a_kill_while_a_checkpoint_is_written_leaves_the_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Training(make_setting(steps=40), tmp_path).run()
    before = json.loads((tmp_path / "checkpoint.json").read_text())
    from elbowroom.grasping.training import checkpoint

    whole = checkpoint._replace

    def die(path: Path, blob: bytes) -> None:
        if path.name == "checkpoint.json":
            path.with_name("checkpoint.json.part").write_bytes(blob[: len(blob) // 2])
            raise Killed
        whole(path, blob)

    monkeypatch.setattr(checkpoint, "_replace", die)
    training = Training(make_setting(steps=40), tmp_path)
    with pytest.raises(Killed):
        training.run()
    monkeypatch.undo()
    assert json.loads((tmp_path / "checkpoint.json").read_text()) == before
    assert Training(make_setting(steps=40), tmp_path).steps == before["facts"]["counts"][0]


def test_what_the_memory_forgot_is_dropped_from_the_checkpoint(tmp_path: Path) -> None:
    whole = make_setting("jsrl-random", steps=200, memory=30)
    expected = Training(whole).run()
    assert Training(make_setting("jsrl-random", steps=90, memory=30), tmp_path).run()["steps"] < 110
    pieces = json.loads((tmp_path / "checkpoint.json").read_text())["pieces"]
    assert 30 <= sum(p["rows"] for p in pieces) < 60
    assert len(list(tmp_path.glob("memory-*"))) == len(pieces)
    again = make_setting("jsrl-random", steps=200, memory=30)
    assert without_times(Training(again, tmp_path).run()) == without_times(expected)
    torch.testing.assert_close(again.learner.tensors(), whole.learner.tensors(), rtol=0, atol=0)


def test_a_checkpoint_that_is_a_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.json").write_text("[]")
    with pytest.raises(GraspError, match="cannot be read"):
        Training(make_setting(), tmp_path)


@pytest.mark.parametrize("part", ["checkpoint.json", "learner", "memory"])
@pytest.mark.parametrize("damage", ["cut", "flip", "gone"])
def test_a_damaged_checkpoint_is_refused(part: str, damage: str, tmp_path: Path) -> None:
    Training(make_setting(steps=40), tmp_path).run()
    path = next(p for p in sorted(tmp_path.iterdir()) if p.name.startswith(part))
    blob = bytearray(path.read_bytes())
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(blob[: len(blob) // 2])
    else:
        blob[len(blob) // 2] ^= 1
        path.write_bytes(blob)
    if part == "checkpoint.json" and damage == "gone":
        assert Training(make_setting(steps=40), tmp_path).steps == 0
        return
    with pytest.raises(GraspError):
        Training(make_setting(steps=40), tmp_path)


def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    Training(make_setting(seed=0, steps=40), tmp_path).run()
    with pytest.raises(GraspError, match="another training"):
        Training(make_setting(seed=1, steps=40), tmp_path)


def test_the_guide_acts_for_h_steps_and_is_reset_every_episode() -> None:
    setting = make_setting("jsrl-curriculum", steps=60)
    acted: list[int] = []
    guide = setting.guide
    assert isinstance(guide, Homing)
    act = guide.act
    guide.act = lambda o, i: (acted.append(1), act(o, i))[1]
    training = Training(setting)
    before = guide.resets
    training.measure(2, 4, 10_000)
    assert len(acted) == 8  # two steps in each of four episodes: none ends sooner
    assert guide.resets == before + 4
    acted.clear()
    training.measure(0, 4, 10_000)
    assert not acted


def test_without_labels_the_guides_actions_are_not_remembered() -> None:
    setting = make_setting("jsrl-random", steps=60, labels=False)
    training = Training(setting)
    training.run()
    assert 0 < training.memory.added < training.steps
    labelled = Training(make_setting("jsrl-random", steps=60))
    labelled.run()
    assert labelled.memory.added == labelled.steps


def test_the_curriculum_teaches_the_line() -> None:
    result = Training(
        make_setting("jsrl-curriculum", steps=900, batch=32, evaluate_every=100, final_episodes=40)
    ).run()
    assert result["stage"] == 2
    assert result["success"] > 0.9


def test_training_and_evaluation_use_different_seeds() -> None:
    setting = make_setting("jsrl-curriculum", steps=60)
    used: dict[str, set[int]] = {"env": set(), "test_env": set()}
    for name, seen in used.items():
        env = getattr(setting, name)
        reset = env.reset

        def spy(*, seed: int, reset: Any = reset, seen: set[int] = seen) -> Any:
            seen.add(seed)
            return reset(seed=seed)

        env.reset = spy
    Training(setting).run()
    assert used["env"]
    assert not used["env"] & used["test_env"]
    assert np.ptp(list(used["env"])) < 1000
