"""Environments by name: this package's tasks and any other of Gymnasium."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium

from elbowroom.grasping.environments.env import GraspEnv
from elbowroom.grasping.environments.gymnasium_world import make_world
from elbowroom.grasping.environments.tasks import TASKS
from elbowroom.grasping.errors import GraspError


def make_env(
    task: str, obs: str = "state", eye_folder: Path | None = None
) -> gymnasium.Env[Any, Any]:
    """Make an environment.

    Args:
        task: one of `TASKS`, or an id that Gymnasium knows.
        obs: "state" or "image"; the latter only for this package's tasks.
        eye_folder: of the eye that images are seen through; by default the one that ships.

    Raises:
        GraspError: if there is none, or the eye that ships was not taught its objects.
    """
    if task in TASKS:
        if obs == "state":
            return GraspEnv(task)
        from elbowroom.grasping.seeing.estimator import SeeingEnv, find_eye

        return SeeingEnv(GraspEnv(task, obs="image"), find_eye(TASKS[task], eye_folder))
    if obs != "state":
        raise GraspError(f"images are there for the tasks {sorted(TASKS)}, not for {task!r}")
    return make_world(task)
