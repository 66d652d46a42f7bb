"""Several environments side by side, each in a process of its own."""

from __future__ import annotations

from functools import partial
from typing import Any

from gymnasium.vector import AsyncVectorEnv

from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.worlds import make_env


def make_vector(task: str, count: int, obs: str = "state") -> AsyncVectorEnv:
    """Environments in processes; the k-th one gets the seed that `reset` is given plus k.

    Args:
        task: see `make_env`.
        count: how many.
        obs: "state" or "image".
    """
    if count < 1:
        raise GraspError(f"at least one environment is needed, got {count}")
    maker: Any = partial(make_env, task, obs)
    return AsyncVectorEnv([maker] * count, context="spawn")
