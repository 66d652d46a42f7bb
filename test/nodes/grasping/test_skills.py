"""The skill that a node's parameters make: guides of every form, images, what does not fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from elbowroom.core import InputError, Pose
from elbowroom.grasping.environments.observation import state_size
from elbowroom.grasping.environments.tasks import TASKS
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.guides.guide import PolicyGuide
from elbowroom.grasping.networks.actor_critic import Actor
from elbowroom.grasping.networks.policy import save_policy
from elbowroom.grasping.seeing.encoder import Eye, save_eye
from elbowroom.nodes.grasping.observer import ImageObserver, StateObserver
from elbowroom.nodes.grasping.sight import TableParams
from elbowroom.nodes.grasping.skill import Skill
from elbowroom.nodes.grasping.skills import SkillParams, make_skill
from elbowroom.nodes.grasping.view import Seen, View

DOWN = np.array([1.0, 0.0, 0.0, 0.0])
VIEW = View(
    1.0,
    Pose(np.array([0.52, 0.0, 0.16]), DOWN),
    0.08,
    {
        name: Seen(name, "cube", Pose(np.array([x, 0.0, 0.02])), np.full(3, 0.04))
        for name, x in (("mug_1", 0.5), ("red cube", 0.6))
    },
    np.zeros((48, 48, 3), np.uint8),
)


def make_policy(folder: Path, action: int = 5, **facts: Any) -> str:
    size = state_size(TASKS["instance"])
    told = {"observation": size, "action": action, "hidden": [16], "activation": "relu"}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        actor = Actor(size, action, (16,), "relu")
    save_policy(folder, actor, {"task": "instance", "obs": "state", **told, **facts})
    return str(folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("skills")
    make_policy(folder / "state")
    make_policy(folder / "image", obs="image")
    make_policy(folder / "four", action=4)
    save_eye(folder / "eye", Eye(), {})
    return folder


def make(**params: Any) -> Skill:
    return make_skill(SkillParams(**params), TableParams())


def test_a_policy_can_be_the_guide(folder: Path) -> None:
    skill = make(control="guide", guide=str(folder / "state"))
    assert isinstance(skill._guide, PolicyGuide)
    name, horizon = skill.settle("red cube", -1, VIEW)
    skill.begin(name, horizon, VIEW)
    move = skill.act(VIEW)
    assert np.isfinite(move.linear).all()
    assert skill.words == "the guide acts"


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"guide": "nobody"}, "a guide is scripted, clumsy"),
        ({"guide": "four"}, "gives 4"),
        ({"guide": "image"}, "trained on images"),
        ({"obs": "image", "control": "combined", "task": "cuff"}, "not fit"),
    ],
)
def test_a_guide_that_does_not_fit_is_refused(
    folder: Path, params: dict[str, str], reason: str
) -> None:
    known = params.get("guide", "scripted")
    guide = str(folder / known) if (folder / known).is_dir() else known
    with pytest.raises(ValueError, match=reason):
        make(**{**params, "guide": guide})


def test_another_eye_than_that_of_training_is_refused(folder: Path, tmp_path: Path) -> None:
    policy = make_policy(tmp_path / "policy", obs="image", inputs={"eye": "0123456789ab"})
    seeing = {"obs": "image", "control": "exploration", "policy": policy}
    with pytest.raises(GraspError, match="trained through the eye 0123456789ab"):
        make(**seeing, eye=str(folder / "eye"))


@pytest.mark.parametrize("control", ["guide", "combined"])
def test_images_are_looked_at_where_a_policy_on_images_is_loaded(
    folder: Path, control: str
) -> None:
    seeing = {"obs": "image", "control": control, "eye": str(folder / "eye")}
    skill = make(**seeing, policy=str(folder / "image"))
    assert isinstance(skill.observer, ImageObserver)
    alone = make(obs="image", control="guide")
    assert isinstance(alone.observer, StateObserver)


def test_a_listed_name_that_an_image_cannot_show_is_refused(folder: Path) -> None:
    policy, eye = str(folder / "image"), str(folder / "eye")
    skill = make(obs="image", control="combined", policy=policy, eye=eye)
    for name in ("mug_1", ""):
        with pytest.raises(InputError, match="named by a colour"):
            skill.settle(name, 3, VIEW)
    assert skill.settle("red cube", 3, VIEW) == ("red cube", 3)
    with pytest.raises(InputError, match="'blue cube' is not seen"):
        skill.settle("blue cube", 3, VIEW)


@pytest.mark.parametrize("horizon", [-2, 41])
def test_a_horizon_beyond_the_task_is_refused(horizon: int) -> None:
    with pytest.raises(InputError, match=r"-1\.\.40"):
        make().settle("red cube", horizon, VIEW)


def test_a_start_is_higher_where_there_may_be_a_stand() -> None:
    heights = {task: make(task=task).start.position[2] for task in ("instance", "cuff")}
    assert heights == {"instance": 0.16, "cuff": pytest.approx(0.24)}


def test_what_lies_beside_is_missed_only_while_it_is_observed() -> None:
    skill = make()
    skill.begin("red cube", 40, VIEW)
    rest = {"red cube": VIEW.objects["red cube"]}
    with pytest.raises(InputError, match="'mug_1' is not seen any more"):
        skill.act(replace(VIEW, objects=rest))
    skill.begin("red cube", 40, replace(VIEW, objects=rest))
    skill.act(replace(VIEW, objects=rest))
