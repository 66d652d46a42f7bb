"""Demonstrations: episodes of a guide, and files of recorded episodes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from elbowroom.core.archive import MANGLED
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.experience.episode import Episode, play
from elbowroom.grasping.experience.replay import Transitions, join, look_ahead
from elbowroom.grasping.guides.guide import Guide

_ROUNDING = 1e-5
_KEYS = ("obs", "action", "reward", "next_obs", "terminal", "episode")


def demonstrate(
    env: gymnasium.Env[Any, Any],
    guide: Guide,
    count: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[list[Episode], float]:
    """Let the guide act until enough of its episodes have succeeded.

    Args:
        env: the environment.
        guide: who demonstrates.
        count: successful episodes that are wanted.
        seed: of the first episode; the next ones follow.
        progress: told how many there are, of how many.

    Returns:
        The successful episodes, and the guide's success rate.

    Raises:
        GraspError: after 20 (k + 5) episodes of which no more than k have succeeded.
    """
    kept: list[Episode] = []
    tried = 0
    while len(kept) < count:
        episode = play(env, guide, seed + tried)
        tried += 1
        if episode.success:
            kept.append(episode)
            if progress is not None:
                progress(len(kept), count)
        if tried >= 20 * (len(kept) + 5):
            raise GraspError(f"the guide succeeded {len(kept)} times in {tried} episodes")
    return kept, len(kept) / max(tried, 1)


def to_transitions(episodes: list[Episode], discount: float, steps: int = 1) -> Transitions:
    """The transitions of all episodes; see `look_ahead`."""
    if not episodes:
        raise GraspError("there are no episodes")
    parts = [
        look_ahead(e.observation, e.action, e.reward, e.ended, discount, steps) for e in episodes
    ]
    return join(parts)


def cut_at_success(episode: Episode) -> Episode:
    """The episode up to its first reward of 1, which ends it for good.

    Raises:
        GraspError: if a reward is neither 0 nor 1, so that it does not say when it succeeded.
    """
    strange = np.setdiff1d(episode.reward, (0, 1))
    if len(strange):
        raise GraspError(
            f"recorded rewards must be 0, and 1 at a success, got {strange[0]}; `success` of every "
            "step takes their place"
        )
    won = np.flatnonzero(episode.reward)
    if not len(won):
        return episode
    end = int(won[0]) + 1
    return Episode(
        episode.observation[: end + 1],
        episode.action[:end],
        episode.reward[:end],
        ended=True,
        success=True,
    )


def save_episodes(path: Path, episodes: list[Episode]) -> None:
    """Write episodes as npz with the keys obs, action, reward, next_obs, terminal, episode."""
    ends = [np.eye(1, len(e), len(e) - 1, np.float32)[0] * e.ended for e in episodes]
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part.npz")
    np.savez_compressed(
        temporary,
        obs=np.concatenate([e.observation[:-1] for e in episodes]),
        action=np.concatenate([e.action for e in episodes]),
        reward=np.concatenate([e.reward for e in episodes]),
        next_obs=np.concatenate([e.observation[1:] for e in episodes]),
        terminal=np.concatenate(ends).astype(np.float32),
        episode=np.repeat(np.arange(len(episodes)), [len(e) for e in episodes]),
        success=np.array([e.success for e in episodes]),
    )
    temporary.replace(path)


def load_episodes(path: Path) -> list[Episode]:
    """Read episodes.

    The file is an npz with obs (N, o), action (N, a), reward, next_obs, terminal and episode (N,),
    the steps of an episode in order. `success` may say for every episode whether it succeeded; else
    a reward above 0 does. Where `success` has N rows it says so for every step and is the reward.

    Raises:
        GraspError: if the file cannot be read, lacks a key, or has arrays that do not fit; if an
            action lies outside [-1, 1]; if steps do not follow from one another, or come after
            the end of their episode.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
            arrays = {k: data[k] for k in data.files}
    except MANGLED as error:
        raise GraspError(f"{path} cannot be read: {error}") from error
    missing = [k for k in _KEYS if k not in arrays]
    if missing:
        raise GraspError(f"{path.name} lacks {', '.join(missing)}; it has {sorted(arrays)}")
    lengths = {k: len(arrays[k]) for k in _KEYS}
    if len(set(lengths.values())) != 1 or not lengths["obs"]:
        raise GraspError(f"{path.name}: arrays of different or no length {lengths}")
    if not all(np.isfinite(arrays[k]).all() for k in _KEYS):
        raise GraspError(f"{path.name} has numbers that are not finite")
    if np.abs(arrays["action"]).max() > 1 + _ROUNDING:
        raise GraspError(f"{path.name} has actions outside [-1, 1]")
    _check_order(path.name, arrays)
    return _split(arrays)


def _check_order(name: str, arrays: dict[str, NDArray[Any]]) -> None:
    same = np.diff(arrays["episode"]) == 0
    gap = np.abs(arrays["next_obs"][:-1] - arrays["obs"][1:]).reshape(len(same), -1)
    loose = same & (gap.max(1, initial=0.0) > _ROUNDING)
    early = same & (arrays["terminal"][:-1] > 0)
    for wrong, words in ((loose, "does not lead to the next"), (early, "ends its episode early")):
        if wrong.any():
            raise GraspError(f"{name}: step {np.flatnonzero(wrong)[0]} {words}")
    if len(np.unique(arrays["episode"])) != 1 + int((~same).sum()):
        raise GraspError(f"{name}: an episode is in several pieces")


def _split(arrays: dict[str, NDArray[Any]]) -> list[Episode]:
    numbers = arrays["episode"]
    starts = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))
    bounds = [*starts.tolist(), len(numbers)]
    says = arrays.get("success")
    if says is not None and len(says) == len(numbers) > len(starts):
        arrays, says = {**arrays, "reward": says}, None
    told = says is not None and len(says) == len(starts)
    episodes = []
    for k, (a, b) in enumerate(pairwise(bounds)):
        reward = arrays["reward"][a:b].astype(np.float32)
        won = bool(says[k]) if told and says is not None else bool(reward.max() > 0)
        observation = np.concatenate([arrays["obs"][a:b], arrays["next_obs"][b - 1 : b]])
        action = arrays["action"][a:b].astype(np.float32)
        ended = bool(arrays["terminal"][b - 1])
        episodes.append(Episode(observation.astype(np.float32), action, reward, ended, won))
    return episodes
