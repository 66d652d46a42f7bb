"""Any environment of Gymnasium as the learners take it."""

from __future__ import annotations

import importlib
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.wrappers import FlattenObservation, RescaleAction, TimeLimit
from numpy.typing import NDArray

from elbowroom.grasping.errors import GraspError

Single = NDArray[np.float32]

COLLECTIONS = {"Adroit": "gymnasium_robotics", "Fetch": "gymnasium_robotics"}
"""Packages that register environments, by how the names of those begin."""
_SUCCESS = ("success", "is_success")
_LONGEST = 1000
"""Steps after which an episode of an environment without a time limit is cut."""


class GymnasiumWorld(gymnasium.Wrapper[Single, Single, Any, Any]):
    """Vectors in and out; where the environment tells success, that is the reward.

    Observations are flattened to float32, actions lie in [-1, 1]. If `info` has "success", or
    "is_success", the reward is 1 at the first success, which ends the episode, and 0 before: the
    sparse reward of this package's own tasks, whatever constants the environment uses. Otherwise
    the reward is the environment's own, and there is nothing by which a training can be judged.
    Where no `TimeLimit` ends the episodes, they are cut after 1000 steps.

    Args:
        env: the environment.

    Attributes:
        own_actions: the environment's action space, in its own units.
        limit: steps after which its episodes are cut because it has no time limit, else None.

    Raises:
        GraspError: if it has discrete actions, unbounded ones, or one that cannot vary.
    """

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        actions = env.action_space
        if not isinstance(actions, spaces.Box) or len(actions.shape) != 1:
            raise GraspError(f"actions must be a vector of numbers, got {actions}")
        if not (np.isfinite(actions.low).all() and np.isfinite(actions.high).all()):
            raise GraspError(f"actions must be bounded, got {actions}")
        if not (actions.low < actions.high).all():
            raise GraspError(f"every action needs room between its bounds, got {actions}")
        limit = None if _has_limit(env) else _LONGEST
        if limit is not None:
            env = TimeLimit(env, limit)
        if not isinstance(env.observation_space, spaces.Box) or (
            len(env.observation_space.shape) != 1
        ):
            env = FlattenObservation(env)
        if not (np.allclose(actions.low, -1) and np.allclose(actions.high, 1)):
            env = RescaleAction(env, np.float32(-1), np.float32(1))
        super().__init__(env)
        self.own_actions, self.limit = actions, limit
        space: Any = env.observation_space
        low, high = space.low, space.high
        self.observation_space = spaces.Box(
            low.astype(np.float32), high.astype(np.float32), dtype=np.float32
        )

    def reset(self, **options: Any) -> tuple[Single, dict[str, Any]]:
        """Begin an episode."""
        observation, info = self.env.reset(**options)
        return np.asarray(observation, np.float32), info

    def step(self, action: Single) -> tuple[Single, float, bool, bool, dict[str, Any]]:
        """One step."""
        observation, reward, ended, cut, info = self.env.step(action)
        key = next((k for k in _SUCCESS if k in info), None)
        if key is not None:
            success = bool(info[key])
            reward, ended, info = float(success), ended or success, {**info, "success": success}
        return np.asarray(observation, np.float32), float(reward), ended, cut, info


def _has_limit(env: gymnasium.Env[Any, Any]) -> bool:
    while isinstance(env, gymnasium.Wrapper):
        if isinstance(env, TimeLimit):
            return True
        env = env.env
    return False


def find_own_actions(env: gymnasium.Env[Any, Any]) -> spaces.Box:
    """The action space in whose units actions for an environment are recorded."""
    space: Any = env.own_actions if isinstance(env, GymnasiumWorld) else env.action_space
    assert isinstance(space, spaces.Box)
    return space


def make_world(name: str) -> GymnasiumWorld:
    """Make an environment by its id.

    Raises:
        GraspError: if Gymnasium does not know it, its package is not installed, or the module that
            its id names cannot be imported.
    """
    module, colon, _ = name.partition(":")
    if colon:
        try:
            importlib.import_module(module)
        except (ImportError, ValueError, TypeError) as error:
            raise GraspError(f"the module of {name!r} cannot be imported: {error}") from error
    package = next((p for start, p in COLLECTIONS.items() if name.startswith(start)), None)
    if package is not None:
        try:
            gymnasium.register_envs(importlib.import_module(package))
        except ImportError as error:
            raise GraspError(
                f"{name} needs the package {package}: pip install 'elbowroom[adroit]'"
            ) from error
    try:
        return GymnasiumWorld(gymnasium.make(name, disable_env_checker=True))
    except gymnasium.error.Error as error:
        raise GraspError(f"Gymnasium does not know {name!r}: {error}") from error


def tells_success(env: gymnasium.Env[Any, Any]) -> bool:
    """Whether a step's `info` has "success"; plays until one has, at most an episode."""
    env.reset(seed=0)
    space: Any = env.action_space
    rest = np.zeros(space.shape, np.float32)
    for _ in range(_LONGEST):
        _, _, ended, cut, info = env.step(rest)
        if "success" in info or ended or cut:
            return "success" in info
    return False


def require_success(env: gymnasium.Env[Any, Any], name: str) -> None:
    """Refuse an environment by which no policy can be judged.

    Raises:
        GraspError: if it does not tell success.
    """
    if not tells_success(env):
        raise GraspError(
            f"{name} tells no success: the info of its steps needs 'success' or 'is_success'"
        )
