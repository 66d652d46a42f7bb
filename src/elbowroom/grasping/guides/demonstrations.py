"""Demonstrations: episodes of a guide, and files of recorded episodes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from elbowroom.core.archive import MANGLED
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.experience.episode import Episode, play
from elbowroom.grasping.experience.replay import Transitions, join, look_ahead
from elbowroom.grasping.guides.guide import Guide

_ROUNDING = 1e-5
_KEYS = ("obs", "action", "reward", "next_obs", "terminal", "episode")
_TABLES = ("obs", "action", "next_obs")


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
    """Write episodes as npz with the keys obs, action, reward, next_obs, terminal, episode.

    Actions are written as they are: the file is for environments whose actions lie in [-1, 1].
    """
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


def load_episodes(path: Path, actions: spaces.Box | None = None) -> list[Episode]:
    """Read episodes.

    The file is an npz with obs (N, o), action (N, a), reward, next_obs, terminal and episode (N,),
    the steps of an episode in order. `success` may say for every episode whether it succeeded; else
    a reward above 0 does. Where `success` has N rows it says so for every step and is the reward.

    The file's actions b are in the units of the environment. What is returned lies in [-1, 1], as
    the learners act: a = 2 (b - low) / (high - low) - 1.

    Args:
        path: of the file.
        actions: the environment's own action space, bounded; by default [-1, 1], where a = b.

    Raises:
        GraspError: if the file cannot be read, lacks a key, or has arrays that are no numbers or do
            not fit; if an action lies outside the action space; if steps do not follow from one
            another, or come after the end of their episode.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
            arrays = {k: data[k] for k in data.files}
    except MANGLED as error:
        raise GraspError(f"{path} cannot be read: {error}") from error
    missing = [k for k in _KEYS if k not in arrays]
    if missing:
        raise GraspError(f"{path.name} lacks {', '.join(missing)}; it has {sorted(arrays)}")
    _check_form(path.name, arrays)
    # Unsigned and boolean numbers have no differences below 0.
    arrays |= {k: arrays[k].astype(np.float64) for k in (*_TABLES, "episode")}
    if actions is not None and arrays["action"].shape[1:] != actions.shape:
        raise GraspError(
            f"{path.name} has observations {arrays['obs'].shape[1:]} and actions "
            f"{arrays['action'].shape[1:]}, the environment takes actions {actions.shape}"
        )
    arrays["action"] = _rescale(path.name, arrays["action"], actions)
    _check_order(path.name, arrays)
    return _split(path.name, arrays)


def _check_form(name: str, arrays: dict[str, NDArray[Any]]) -> None:
    known = {k: arrays[k] for k in (*_KEYS, "success") if k in arrays}
    for key, array in known.items():
        if array.dtype.kind not in "biuf":
            raise GraspError(f"{name}: {key} must be numbers, got {array.dtype}")
        columns = 2 if key in _TABLES else 1
        if array.ndim != columns:
            wanted = "(steps, numbers)" if columns == 2 else "(steps,)"
            raise GraspError(f"{name}: {key} must have the shape {wanted}, got {array.shape}")
    lengths = {k: len(arrays[k]) for k in _KEYS}
    if len(set(lengths.values())) != 1 or not lengths["obs"]:
        raise GraspError(f"{name}: arrays of different or no length {lengths}")
    if arrays["obs"].shape != arrays["next_obs"].shape:
        raise GraspError(
            f"{name}: obs and next_obs must have the same shape, got {arrays['obs'].shape} and "
            f"{arrays['next_obs'].shape}"
        )
    most = np.finfo(np.float32).max
    for key, array in known.items():
        if not (np.abs(array) <= most).all():
            raise GraspError(f"{name}: {key} has numbers that are not finite")


def _rescale(name: str, actions: NDArray[Any], space: spaces.Box | None) -> NDArray[Any]:
    """Actions from the units of their space to [-1, 1]."""
    ones = np.ones(actions.shape[1])
    low, high = (-ones, ones) if space is None else (space.low * ones, space.high * ones)
    ours = np.allclose(low, -1) and np.allclose(high, 1)
    # Without a change of units not a bit is changed.
    scaled = actions if ours else 2 * (actions - low) / (high - low) - 1
    wrong = np.argwhere(np.abs(scaled) > 1 + _ROUNDING)
    if len(wrong):
        row, k = wrong[0].tolist()
        raise GraspError(
            f"{name}: action {actions[row, k]:g} in step {row} lies outside "
            f"[{low[k]:g}, {high[k]:g}]; recorded actions are in the units of the "
            "environment's own action space"
        )
    return scaled if ours else np.clip(scaled, -1, 1)


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


def _split(name: str, arrays: dict[str, NDArray[Any]]) -> list[Episode]:
    numbers = arrays["episode"]
    starts = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))
    bounds = [*starts.tolist(), len(numbers)]
    says = arrays.get("success")
    if says is not None and len(says) == len(numbers) > len(starts):
        arrays, says = {**arrays, "reward": says}, None
    if says is not None and len(says) != len(starts):
        raise GraspError(
            f"{name}: success has {len(says)} values, for {len(starts)} episodes of "
            f"{len(numbers)} steps"
        )
    episodes = []
    for k, (a, b) in enumerate(pairwise(bounds)):
        reward = arrays["reward"][a:b].astype(np.float32)
        won = bool(says[k]) if says is not None else bool(reward.max() > 0)
        observation = np.concatenate([arrays["obs"][a:b], arrays["next_obs"][b - 1 : b]])
        action = arrays["action"][a:b].astype(np.float32)
        ended = bool(arrays["terminal"][b - 1])
        episodes.append(Episode(observation.astype(np.float32), action, reward, ended, won))
    return episodes
