"""From names to a training: task, method, guide, demonstrations, seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from elbowroom.core.artefact import TENSORS
from elbowroom.grasping.environments.gymnasium_world import find_own_actions, require_success
from elbowroom.grasping.environments.tasks import TASKS, find_task
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.experience.episode import Episode, play
from elbowroom.grasping.experience.replay import Transitions
from elbowroom.grasping.experience.symmetry import make_twin
from elbowroom.grasping.guides.demonstrations import (
    cut_at_success,
    demonstrate,
    load_episodes,
    to_transitions,
)
from elbowroom.grasping.guides.guide import Guide
from elbowroom.grasping.guides.named import CLUMSY
from elbowroom.grasping.guides.scripted import ScriptedGuide
from elbowroom.grasping.learners import LearnerParams, make_learner
from elbowroom.grasping.seeing.estimator import SeeingEnv
from elbowroom.grasping.training.compatibility import check
from elbowroom.grasping.training.experiment import Experiment
from elbowroom.grasping.training.guidance import MADE, choose_guide, make_guide
from elbowroom.grasping.training.methods import Method, TrainParams, find_method
from elbowroom.grasping.training.schedule import Curriculum, NoGuide, RandomHorizon, Schedule
from elbowroom.grasping.training.seeds import CLOSE, DEMONSTRATIONS, PROBE
from elbowroom.grasping.training.setting import Setting
from elbowroom.grasping.worlds import make_env

_FREE = ("steps", "final_episodes", "save_every")

Progress = Callable[[str, int, int, float], None]


def prepare(
    what: Experiment,
    train: TrainParams | None = None,
    learner: LearnerParams | None = None,
    progress: Progress | None = None,
) -> Setting:
    """Make everything that a training needs.

    Raises:
        GraspError: if something does not fit.
    """
    train, learner = train or TrainParams(), learner or LearnerParams()
    what = replace(what, guide=choose_guide(what))
    check(what, train, learner)
    method = _choose_method(what, train)
    learner = _fit(learner, what.task)
    env, test_env = make_env(what.task, what.obs), make_env(what.task, what.obs)
    size = find_sizes(env)
    if what.task not in TASKS:
        require_success(test_env, what.task)
    wanted = method.demonstrations or what.guide in MADE
    episodes = _demonstrations(what, test_env, progress) if wanted else []
    guide = None
    if method.schedule != "none":
        guide = make_guide(what, episodes, size, learner, train)
    schedule, rate = _schedule(method, guide, test_env, what, train)
    given: Transitions | None = None
    shown: tuple[Episode, ...] = ()
    if method.demonstrations:
        if what.offline:
            # As the environment ends its episodes: what comes after the success is not played.
            episodes = [cut_at_success(e) for e in episodes]
        if train.labels:
            given = to_transitions(episodes, train.discount, train.n_step)
        elif train.infer:
            shown = tuple(episodes)
    made = make_learner(what.learner or method.learner, *size, learner, what.seed)
    facts = {
        **asdict(what),
        "guide": _shorten(what.guide),
        "offline": _shorten(what.offline),
        "inputs": _identify(what, env),
        "guide_success": rate,
        "settings": _digest({"train": _lasting(train), "learner": asdict(learner)}),
    }
    twin = make_twin(find_task(what.task)) if what.task in TASKS else None
    return Setting(
        env, test_env, made, method, schedule, guide, given, train, what.seed, facts, twin, shown
    )


def prepare_guide(
    what: Experiment, env: gymnasium.Env[Any, Any], progress: Progress | None = None
) -> Guide:
    """Make only the guide, as a training with the default settings makes it.

    Args:
        what: says which, and of which demonstrations.
        env: the environment of `what`; guides that demonstrate do it here.
        progress: told how many demonstrations there are.

    Raises:
        GraspError: if something does not fit.
    """
    what = replace(what, guide=choose_guide(what))
    episodes = _demonstrations(what, env, progress) if what.guide in MADE else []
    learner = _fit(LearnerParams(), what.task)
    return make_guide(what, episodes, find_sizes(env), learner, TrainParams())


def _fit(learner: LearnerParams, task: str) -> LearnerParams:
    """The gripper of this package's tasks is a switch."""
    return replace(learner, switches=1) if task in TASKS else learner


def _shorten(name: str) -> str:
    """Without the folders, which may change while the training stays the same."""
    form, colon, path = name.rpartition(":")
    return form + colon + Path(path).name


def _identify(what: Experiment, env: gymnasium.Env[Any, Any]) -> dict[str, str]:
    """Versions of what the training is made of besides its settings."""
    guide = Path(what.guide.rpartition(":")[2])
    # The version of an artefact is the beginning of its tensors' hash.
    guide = guide / TENSORS if guide.is_dir() else guide
    files = {"guide": guide, "offline": Path(what.offline)}
    found = {
        k: hashlib.sha256(p.read_bytes()).hexdigest()[:12] for k, p in files.items() if p.is_file()
    }
    return found | ({"eye": env.eye_version} if isinstance(env, SeeingEnv) else {})


def _choose_method(what: Experiment, train: TrainParams) -> Method:
    method = find_method(what.method)
    if method.schedule == "none":
        return method
    if train.warm_start:
        method = replace(method, demonstrations=True, pretrain="update", share=train.offline_share)
    elif what.offline and train.offline_share > 0:
        method = replace(method, demonstrations=True, share=train.offline_share)
    return method


def find_sizes(env: gymnasium.Env[Any, Any]) -> tuple[int, int]:
    """Lengths of an observation and of an action.

    Raises:
        GraspError: if they are no vectors, or actions do not lie in [-1, 1].
    """
    see, do = env.observation_space.shape, env.action_space
    if see is None or len(see) != 1 or not isinstance(do, gymnasium.spaces.Box):
        raise GraspError(f"observations and actions must be vectors, got {see} and {do}")
    if len(do.shape) != 1 or not (np.allclose(do.low, -1) and np.allclose(do.high, 1)):
        raise GraspError(f"actions must be vectors in [-1, 1], got {do}")
    return see[0], do.shape[0]


def _demonstrations(
    what: Experiment, env: gymnasium.Env[Any, Any], progress: Progress | None
) -> list[Episode]:
    if what.offline:
        episodes = load_episodes(Path(what.offline), find_own_actions(env))
        if (episodes[0].observation.shape[1:], episodes[0].action.shape[1:]) != (
            env.observation_space.shape,
            env.action_space.shape,
        ):
            raise GraspError(
                f"{what.offline} has observations {episodes[0].observation.shape[1:]} and actions "
                f"{episodes[0].action.shape[1:]}, the environment {env.observation_space.shape} "
                f"and {env.action_space.shape}"
            )
        return episodes[: what.demos or None]
    if what.demos < 1:
        who = f"the guide {what.guide}" if what.guide in MADE else what.method
        raise GraspError(f"{who} needs demonstrations, got --demos {what.demos}")
    if what.task not in TASKS:
        raise GraspError(
            f"nobody demonstrates {what.task}: that needs --offline, a file of recorded episodes"
        )
    tell = None if progress is None else (lambda k, n: progress("demonstrate", k, n, 0.0))
    return show_task(env, what.guide == "scripted", what.demos, what.seed, tell)


def show_task(
    env: gymnasium.Env[Any, Any],
    careful: bool,
    count: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> list[Episode]:
    """Demonstrations of a task of this package by a scripted guide.

    Args:
        env: the task.
        careful: whether the guide does without the errors of the clumsy one.
        count: how many.
        seed: of the training that they are for.
        progress: told how many there are, of how many.
    """
    # Noise, so that the demonstrations also show how small errors are mended.
    who = ScriptedGuide(noise=0.2) if careful else ScriptedGuide(*CLUMSY)
    return demonstrate(env, who, count, DEMONSTRATIONS + CLOSE * seed, progress)[0]


def _schedule(
    method: Method,
    guide: Guide | None,
    env: gymnasium.Env[Any, Any],
    what: Experiment,
    train: TrainParams,
) -> tuple[Schedule, float | None]:
    if guide is None:
        return NoGuide(), None
    played = [play(env, guide, PROBE + CLOSE * what.seed + k) for k in range(train.probe)]
    steps = [len(e) for e in played if e.success]
    if not steps:
        raise GraspError(f"the guide never succeeded in {len(played)} episodes")
    first, rate = float(np.mean(steps)), float(len(steps) / len(played))
    if method.schedule == "random":
        return RandomHorizon(first), rate
    return Curriculum(first, train.stages, train.window, train.tolerance), rate


def _lasting(train: TrainParams) -> dict[str, Any]:
    """What a training has to keep to; it may go on for longer and be judged more closely."""
    return {k: v for k, v in asdict(train).items() if k not in _FREE}


def _digest(values: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]
