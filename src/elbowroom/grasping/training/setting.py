"""What a training is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import gymnasium

from elbowroom.grasping.experience.episode import Episode
from elbowroom.grasping.experience.replay import Transitions
from elbowroom.grasping.experience.symmetry import Twin
from elbowroom.grasping.guides.guide import Guide
from elbowroom.grasping.learners import Learner
from elbowroom.grasping.training.methods import Method, TrainParams
from elbowroom.grasping.training.schedule import Schedule


@dataclass
class Setting:
    """What a training is made of.

    Attributes:
        env: the learner acts here.
        test_env: evaluations happen here.
        learner: what learns.
        method: how.
        schedule: when the guide hands over.
        guide: who acts first, or None.
        demonstrations: transitions given beforehand, or None.
        params: settings.
        seed: of everything random.
        facts: what identifies the training; a checkpoint of another one is refused.
        twin: shows transitions as their twins, or None where no symmetry is known.
        shown: demonstrations whose actions are inferred.
    """

    env: gymnasium.Env[Any, Any]
    test_env: gymnasium.Env[Any, Any]
    learner: Learner
    method: Method
    schedule: Schedule
    guide: Guide | None
    demonstrations: Transitions | None
    params: TrainParams
    seed: int
    facts: dict[str, Any] = field(default_factory=dict)
    twin: Twin | None = None
    shown: tuple[Episode, ...] = ()
