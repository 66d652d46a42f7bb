"""One episode from its seed to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import gymnasium
import numpy as np
from numpy.typing import NDArray

Single = NDArray[np.float32]


class Acting(Protocol):
    """What can act through an episode: a guide, a combined policy."""

    def reset(self, rng: np.random.Generator) -> None:
        """Begin an episode."""

    def act(self, observation: Any, info: dict[str, Any]) -> Single:
        """The next action."""


@dataclass(frozen=True)
class Episode:
    """What happened.

    Attributes:
        observation: also the last one, shape (T + 1, ...).
        action: shape (T, a).
        reward: shape (T,).
        ended: whether it ended for good, not by being cut.
        success: whether it reached what it was for.
        guided: how many of its first steps were the guide's.
    """

    observation: NDArray[Any]
    action: Single
    reward: Single
    ended: bool
    success: bool
    guided: int = 0

    def __len__(self) -> int:
        return len(self.action)


def play(env: gymnasium.Env[Any, Any], actor: Acting, seed: int, guided: int = 0) -> Episode:
    """Play one episode; the same seed gives the same one.

    Success is `info["success"]` of the last step where the environment tells it, else a reward
    above 0 at any step.

    Args:
        env: the environment.
        actor: what acts.
        seed: of the environment's draw and of the actor's generator.
        guided: steps of the guide, kept with the episode.
    """
    observation, info = env.reset(seed=seed)
    actor.reset(np.random.default_rng([seed, 1]))
    seen, done, rewards = [observation], [], []
    ended = cut = False
    while not (ended or cut):
        action = actor.act(observation, info)
        observation, reward, ended, cut, info = env.step(action)
        seen.append(observation)
        done.append(action)
        rewards.append(float(reward))
    success = bool(info.get("success", max(rewards) > 0))
    return Episode(
        np.stack(seen),
        np.stack(done).astype(np.float32),
        np.array(rewards, np.float32),
        bool(ended),
        success,
        min(guided, len(done)),
    )
