"""Environments by name: this package's tasks and any other of Gymnasium."""

from __future__ import annotations

from typing import Any

import gymnasium

from elbowroom.grasping.env import GraspEnv
from elbowroom.grasping.gymnasium_world import make_world
from elbowroom.grasping.tasks import TASKS


def make_env(task: str, obs: str = "state") -> gymnasium.Env[Any, Any]:
    """Make an environment.

    Args:
        task: one of `TASKS`, or an id that Gymnasium knows.
        obs: "state" or "image"; the latter only for this package's tasks.

    Raises:
        GraspError: if there is none.
    """
    if task in TASKS:
        return GraspEnv(task)
    return make_world(task)
