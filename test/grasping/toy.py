"""A point on a line that has to come to the origin: as small as an environment can be."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from elbowroom.grasping.learners import LearnerParams, make_learner
from elbowroom.grasping.training.methods import TrainParams, find_method
from elbowroom.grasping.training.schedule import Curriculum, NoGuide, RandomHorizon
from elbowroom.grasping.training.setting import Setting

SMALL = LearnerParams(width=16, candidates=8, elites=3, entropy=0.01, policy_delay=1, ema=0.05)
QUICK = TrainParams(
    steps=100,
    warm_up=20,
    pretrain=20,
    batch=16,
    stages=2,
    window=1,
    evaluate_every=30,
    evaluate_episodes=3,
    final_episodes=5,
    save_every=10,
)


class Line(gymnasium.Env[Any, Any]):
    """Two numbers are seen, the place and noise; two are done, of which the first moves."""

    def __init__(self) -> None:
        self.observation_space = spaces.Box(-5, 5, (2,), np.float32)
        self.action_space = spaces.Box(-1, 1, (2,), np.float32)

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        self.place = float(self.np_random.choice([-1, 1]) * self.np_random.uniform(0.5, 1.0))
        self.left = 12
        return self._see(), self._tell()

    def step(self, action: Any) -> Any:
        self.place += 0.2 * float(np.clip(action[0], -1, 1))
        self.left -= 1
        won = abs(self.place) < 0.1
        return self._see(), float(won), won, self.left <= 0 and not won, self._tell()

    def _see(self) -> Any:
        noise = self.np_random.normal(0, 0.1)
        return np.array([self.place, noise], np.float32)

    def _tell(self) -> dict[str, Any]:
        return {"state": np.array([self.place], np.float32)}


class Homing:
    """A guide that goes to the origin."""

    def __init__(self) -> None:
        self.resets = 0

    def reset(self, rng: np.random.Generator) -> None:
        self.resets += 1

    def act(self, observation: Any, info: dict[str, Any]) -> Any:
        return np.array([np.clip(-5 * info["state"][0], -1, 1), 0.0], np.float32)


def make_setting(
    method: str = "jsrl-curriculum", seed: int = 0, demonstrations: Any = None, **train: Any
) -> Setting:
    """A training on the line."""
    way = find_method(method)
    params = TrainParams(**{**vars(QUICK), **train})
    learner = make_learner(way.learner, 2, 2, SMALL, seed)
    schedule = {
        "curriculum": lambda: Curriculum(4, params.stages, params.window, 1.0, 0.0),
        "random": lambda: RandomHorizon(4),
        "none": NoGuide,
    }[way.schedule]()
    guide = Homing() if way.schedule != "none" else None
    facts = {
        "task": "line",
        "obs": "state",
        "method": method,
        "seed": seed,
        "guide_success": None,
    }
    return Setting(
        Line(), Line(), learner, way, schedule, guide, demonstrations, params, seed, facts
    )
