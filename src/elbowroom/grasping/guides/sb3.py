"""Policies of Stable-Baselines3 as guides; the library is an optional extra."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from elbowroom.grasping.errors import GraspError

Single = NDArray[np.float32]

ALGORITHMS = ("SAC", "TD3", "PPO", "DDPG", "A2C")


class SB3Guide:
    """A trained model of Stable-Baselines3.

    Its actions are mapped from its own action space to [-1, 1], where all actions of this package
    lie: a = 2 (b - low) / (high - low) - 1.

    Args:
        model: anything with `predict(observation, deterministic)`, which may have
            `observation_space` and `action_space`.
        key: what the model sees: "observation" as the learner, or "state" of `info`.
        size: lengths of an observation and of an action, where they are known.

    Raises:
        GraspError: if the model's spaces are no vectors, unbounded, or of other lengths.
    """

    def __init__(
        self, model: Any, key: str = "observation", size: tuple[int, int] | None = None
    ) -> None:
        if key not in ("observation", "state"):
            raise GraspError(f"a guide sees 'observation' or 'state', got {key!r}")
        self._model, self._key = model, key
        self._low, self._high = _find_bounds(model, size)

    def reset(self, rng: np.random.Generator) -> None:
        """Nothing to begin: the model is asked without noise."""

    def act(self, observation: Any, info: dict[str, Any]) -> Single:
        """The model's action, in [-1, 1]."""
        seen = info["state"] if self._key == "state" else observation
        action, _ = self._model.predict(seen, deterministic=True)
        share = (np.asarray(action, np.float32) - self._low) / (self._high - self._low)
        return np.clip(2 * share - 1, -1, 1).astype(np.float32)


def _find_bounds(model: Any, size: tuple[int, int] | None) -> tuple[Any, Any]:
    see, do = getattr(model, "observation_space", None), getattr(model, "action_space", None)
    for what, space, length in zip(("sees", "gives"), (see, do), size or (None, None), strict=True):
        if space is None:
            continue
        if not isinstance(space, spaces.Box) or len(space.shape) != 1:
            raise GraspError(f"the model {what} {space}, a vector of numbers is needed")
        if length is not None and space.shape != (length,):
            raise GraspError(f"the model {what} {space.shape[0]} numbers, not {length}")
    if do is None:
        return np.float32(-1), np.float32(1)
    if not (np.isfinite(do.low).all() and np.isfinite(do.high).all()):
        raise GraspError(f"the model's actions must be bounded, got {do}")
    return do.low.astype(np.float32), do.high.astype(np.float32)


def load_sb3_guide(text: str, size: tuple[int, int] | None = None) -> SB3Guide:
    """Load a saved model, such as "SAC:models/expert.zip".

    Stable-Baselines3 stores its models with pickle: load only files that you trust.

    Args:
        text: one of `ALGORITHMS`, a colon, and the file.
        size: lengths of an observation and of an action, where they are known.

    Raises:
        GraspError: if the library or the file is not there, the file holds no such model, the text
            is of another form, or the model's spaces do not fit.
    """
    name, _, path = text.partition(":")
    if name not in ALGORITHMS or not path:
        raise GraspError(f"write one of {ALGORITHMS}, a colon and a file, got {text!r}")
    try:
        import stable_baselines3
    except ImportError as error:
        raise GraspError("stable-baselines3 is missing: install elbowroom[sb3]") from error
    if not Path(path).is_file():
        raise GraspError(f"there is no file {path}")
    try:
        model = getattr(stable_baselines3, name).load(path, device="cpu")
    except Exception as error:  # a pickle may raise anything
        raise GraspError(f"{path} does not hold a model of {name}: {error!r}") from error
    return SB3Guide(model, size=size)
