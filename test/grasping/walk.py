"""A way of length 1 in an environment of Gymnasium whose actions have units of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

NARROW = spaces.Box(np.float32([-0.4, 0.0]), np.float32([0.4, 2.0]))


class Walk(gymnasium.Env[Any, Any]):
    """The place is seen; the first of two actions is added to it; success is to be beyond 1."""

    def __init__(self, actions: spaces.Box = NARROW) -> None:
        self.observation_space = spaces.Box(-50, 50, (1,), np.float32)
        self.action_space = actions

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        self.place = float(self.np_random.uniform(-0.2, 0.2))
        return self._see(), {}

    def step(self, action: Any) -> Any:
        assert self.action_space.contains(np.asarray(action, np.float32))
        self.place = float(np.clip(self.place + action[0], -50, 50))
        success = self.place > 1
        return self._see(), float(success), False, False, {"success": success}

    def _see(self) -> Any:
        return np.array([self.place], np.float32)


def record_walks(path: Path, step: float = 0.4, other: float = 1.0, **change: Any) -> Path:
    """Write 3 walks with steps of one length; `change` maps single arrays to others."""
    rows: dict[str, list[Any]] = {
        k: [] for k in ("obs", "action", "reward", "next_obs", "terminal", "episode")
    }
    for k, start in enumerate((-0.1, 0.0, 0.1)):
        place = start
        while place <= 1:
            new = place + abs(step)
            row = ([place], [step, other], float(new > 1), [new], float(new > 1), k)
            for values, value in zip(rows.values(), row, strict=True):
                values.append(value)
            place = new
    arrays: dict[str, Any] = {k: np.array(v, np.float32) for k, v in rows.items()}
    arrays |= {k: f(arrays[k]) for k, f in change.items() if callable(f)}
    np.savez(path, **arrays, **{k: v for k, v in change.items() if not callable(v)})
    return path
