"""The guide of an experiment, some made of its demonstrations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from elbowroom.grasping.environments.tasks import TASKS
from elbowroom.grasping.experience.episode import Episode
from elbowroom.grasping.guides.demonstrations import to_transitions
from elbowroom.grasping.guides.guide import Guide, PolicyGuide, RecordedGuide
from elbowroom.grasping.guides.named import find_guide
from elbowroom.grasping.learners import Learner, LearnerParams, make_learner
from elbowroom.grasping.training.experiment import Experiment
from elbowroom.grasping.training.methods import TrainParams, find_method

MADE = ("clone", "recorded")
"""Guides that are made of demonstrations."""


def choose_guide(what: Experiment) -> str:
    """The name of the guide, also where the experiment leaves it open.

    Then it is "clone" for a method that is guided in an environment of Gymnasium with a recorded
    file, and else "clumsy".
    """
    guided = find_method(what.method).schedule != "none"
    usual = "clone" if what.offline and what.task not in TASKS and guided else "clumsy"
    return what.guide or usual


def make_guide(
    what: Experiment,
    episodes: list[Episode],
    size: tuple[int, int],
    learner: LearnerParams,
    train: TrainParams,
) -> Guide:
    """Make a guide by its name; see `Experiment.guide` and `choose_guide`.

    Args:
        what: says which.
        episodes: demonstrations, for a guide that is made of them.
        size: lengths of an observation and of an action.
        learner: settings of a clone.
        train: settings of its training.

    Raises:
        GraspError: if there is none of that name, or it does not fit.
    """
    name = choose_guide(what)
    if name == "clone":
        return PolicyGuide(_clone(episodes, size, learner, train, what.seed))
    if name == "recorded":
        return RecordedGuide([e.action for e in episodes])
    return find_guide(name, size, what.task, what.obs)


def _clone(
    episodes: list[Episode],
    size: tuple[int, int],
    learner: LearnerParams,
    train: TrainParams,
    seed: int,
) -> Callable[[Any], Any]:
    cloner: Learner = make_learner("bc", *size, learner, seed)
    rows = to_transitions(episodes, train.discount)
    rng = np.random.default_rng([seed, 3])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # of dropout
        for _ in range(train.pretrain):
            cloner.update(rows.take(rng.integers(len(rows), size=train.batch)))
    return lambda observation: cloner.act(observation[None], False)[0]
