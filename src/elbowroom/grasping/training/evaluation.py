"""Success of a policy, a guide, or both, over fresh episodes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np

from elbowroom.grasping.experience.episode import Acting, play
from elbowroom.grasping.guides.guide import Guide
from elbowroom.grasping.guides.jumpstart import Combined
from elbowroom.grasping.training.seeds import APART, FRESH, check_fresh


def evaluate(
    env: gymnasium.Env[Any, Any],
    policy: Callable[[Any], Any] | None,
    guide: Guide | None,
    horizon: int,
    episodes: int,
    seed: int,
    progress: Callable[[int, int, float], None] | None = None,
) -> dict[str, Any]:
    """Play episodes that no training ever used.

    Args:
        env: the environment.
        policy: maps an observation to an action; None to let the guide act to the end.
        guide: who acts for the first `horizon` steps, or None.
        horizon: h.
        episodes: how many.
        seed: of the episodes.
        progress: told how many were played, of how many, and the success so far.

    Returns:
        success (rate), interval (95 %, Wilson), steps_to_success (mean, None without success),
        episodes, seed.

    Raises:
        GraspError: if there would be more episodes than between two seeds, or none.
    """
    check_fresh(episodes)
    actor = Combined(guide, policy, horizon)
    steps = find_successes(env, actor, FRESH + APART * seed, episodes, progress)
    return {
        "success": len(steps) / episodes,
        "interval": find_interval(len(steps), episodes),
        "steps_to_success": float(np.mean(steps)) if steps else None,
        "episodes": episodes,
        "seed": seed,
    }


def find_successes(
    env: gymnasium.Env[Any, Any],
    actor: Acting,
    first: int,
    episodes: int,
    progress: Callable[[int, int, float], None] | None = None,
) -> list[int]:
    """Steps of the episodes that succeed, of those with the seeds from `first` on."""
    steps: list[int] = []
    for k in range(episodes):
        episode = play(env, actor, first + k)
        if episode.success:
            steps.append(len(episode))
        if progress is not None:
            progress(k + 1, episodes, len(steps) / (k + 1))
    return steps


def find_interval(wins: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval of a success rate."""
    share = wins / count
    centre = share + z * z / (2 * count)
    width = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max((centre - width) / scale, 0.0), min((centre + width) / scale, 1.0)
