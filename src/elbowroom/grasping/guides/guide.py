"""Guides: policies of any form that the learner may watch and that are never updated.

A guide needs no action labels, no gradients and no knowledge of the learner: it only has to act.
`reset` is called once an episode with a generator that is the guide's only source of randomness.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from elbowroom.grasping.errors import GraspError

Single = NDArray[np.float32]


class Guide(Protocol):
    """What acts first."""

    def reset(self, rng: np.random.Generator) -> None:
        """Begin an episode."""

    def act(self, observation: Any, info: dict[str, Any]) -> Single:
        """Action in [-1, 1], shape (a,).

        Args:
            observation: what the learner sees.
            info: what the environment told besides; `info["state"]` is the state observation,
                also where the learner sees images.
        """


class PolicyGuide:
    """Any function from observation to action.

    Args:
        policy: maps one observation, shape (o,), to an action, shape (a,). A torch module maps
            tensors, a batch of one observation, shape (1, o), to one action, shape (1, a).
        noise: standard deviation added to the action.
        key: what the policy sees: "observation" as the learner, or "state" of `info`.
        action: a, where it is known.
    """

    def __init__(
        self,
        policy: Callable[[Any], Any],
        noise: float = 0.0,
        key: str = "observation",
        action: int | None = None,
    ) -> None:
        if key not in ("observation", "state"):
            raise GraspError(f"a guide sees 'observation' or 'state', got {key!r}")
        self._policy = _wrap(policy) if isinstance(policy, nn.Module) else policy
        self._noise, self._key, self._length = noise, key, action

    def reset(self, rng: np.random.Generator) -> None:
        """Begin an episode."""
        self._rng = rng

    def act(self, observation: Any, info: dict[str, Any]) -> Single:
        """The policy's action, cut to [-1, 1].

        Raises:
            GraspError: if it is not a vector of finite numbers, or of another length.
        """
        seen = info["state"] if self._key == "state" else observation
        action = np.asarray(self._policy(seen), np.float32)
        length = self._length or action.size
        if action.shape != (length,) or not np.isfinite(action).all():
            raise GraspError(f"the guide must give {length} finite numbers, got {action!r}")
        noise = self._noise * self._rng.standard_normal(action.shape)
        return np.clip(action + noise, -1, 1).astype(np.float32)


def _wrap(module: nn.Module) -> Callable[[Any], Any]:
    module.eval()

    def act(observation: Any) -> Any:
        batch = torch.from_numpy(np.array(observation, np.float32))[None]
        try:
            with torch.no_grad():
                return module(batch)[0].numpy()
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise GraspError(f"the guide takes no {tuple(batch.shape)} tensor: {reason}") from error

    return act


class RecordedGuide:
    """A person's recorded commands, replayed without looking.

    Args:
        episodes: actions of every recording, shape (steps, a); one is drawn an episode. After
            its end the last command's gripper is held and the arm rests.

    Raises:
        GraspError: if there is no recording or one is empty.
    """

    def __init__(self, episodes: list[Single]) -> None:
        if not episodes or any(e.ndim != 2 or len(e) == 0 for e in episodes):
            raise GraspError("recorded commands are needed, each of shape (steps, actions)")
        self._episodes = episodes

    def reset(self, rng: np.random.Generator) -> None:
        """Begin an episode: draw a recording."""
        self._actions = self._episodes[int(rng.integers(len(self._episodes)))]
        self._next = 0

    def act(self, observation: Any, info: dict[str, Any]) -> Single:
        """The next recorded command."""
        k = self._next
        self._next += 1
        if k < len(self._actions):
            return np.asarray(self._actions[k], np.float32)
        rest = np.zeros_like(self._actions[-1])
        rest[-1] = self._actions[-1][-1]
        return rest
