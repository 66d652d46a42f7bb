"""Policies of Stable-Baselines3 as guides; the library is an optional extra."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.grasping.errors import GraspError

Single = NDArray[np.float32]

ALGORITHMS = ("SAC", "TD3", "PPO", "DDPG", "A2C")


class SB3Guide:
    """A trained model of Stable-Baselines3.

    Args:
        model: anything with `predict(observation, deterministic)`.
        key: what the model sees: "observation" as the learner, or "state" of `info`.
    """

    def __init__(self, model: Any, key: str = "observation") -> None:
        if key not in ("observation", "state"):
            raise GraspError(f"a guide sees 'observation' or 'state', got {key!r}")
        self._model, self._key = model, key

    def reset(self, rng: np.random.Generator) -> None:
        """Nothing to begin: the model is asked without noise."""

    def act(self, observation: Any, info: dict[str, Any]) -> Single:
        """The model's action, cut to [-1, 1]."""
        seen = info["state"] if self._key == "state" else observation
        action, _ = self._model.predict(seen, deterministic=True)
        return np.clip(np.asarray(action, np.float32), -1, 1)


def load_sb3_guide(text: str) -> SB3Guide:
    """Load a saved model, such as "SAC:models/expert.zip".

    Stable-Baselines3 stores its models with pickle: load only files that you trust.

    Args:
        text: one of `ALGORITHMS`, a colon, and the file.

    Raises:
        GraspError: if the library or the file is not there, or the text is of another form.
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
    return SB3Guide(getattr(stable_baselines3, name).load(path, device="cpu"))
