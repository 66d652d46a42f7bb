"""Options of a training that do not go together."""

from __future__ import annotations

from elbowroom.grasping.environments.tasks import TASKS
from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.learners import LearnerParams
from elbowroom.grasping.training.experiment import Experiment
from elbowroom.grasping.training.guidance import MADE
from elbowroom.grasping.training.methods import TrainParams, find_method
from elbowroom.grasping.training.seeds import check_seeds

_NO_ACTOR = ("qt-opt",)


def check(what: Experiment, train: TrainParams, learner: LearnerParams) -> None:
    """Refuse options that cannot be meant together.

    Args:
        what: the experiment.
        train: settings of the training.
        learner: settings of the learner.

    Raises:
        GraspError: saying which, and why.
    """
    method = find_method(what.method)
    name = what.learner or method.learner
    if method.pretrain == "imitate" and name in _NO_ACTOR:
        raise GraspError(f"{what.method} clones an actor; {name} has none")
    if name in ("qt-opt", "aw-opt") and learner.elites > learner.candidates:
        raise GraspError(
            f"learner.elites are some of learner.candidates, got {learner.elites} of "
            f"{learner.candidates}"
        )
    if method.demonstrations and not (train.labels or train.infer):
        raise GraspError(
            f"{what.method} learns from demonstrations: --no-train.labels takes their actions, "
            "unless --train.infer has them inferred"
        )
    if train.infer and train.labels:
        raise GraspError("train.infer infers what may not be learned: add --no-train.labels")
    if train.infer > train.steps:
        raise GraspError(f"train.infer are some of train.steps, got {train.infer} of {train.steps}")
    if train.infer and train.pretrain < 1:
        raise GraspError("train.infer learns by train.pretrain updates, got 0")
    if not method.online and train.pretrain < 1:
        raise GraspError(f"{what.method} learns by train.pretrain updates alone, got 0")
    guided = method.schedule != "none"
    if train.warm_start and not guided:
        raise GraspError(f"train.warm_start is of a jump-start; {what.method} has no guide")
    if train.warm_start and not (train.labels or train.infer):
        raise GraspError(
            "a warm start learns from demonstrations: --no-train.labels takes their actions, "
            "unless --train.infer has them inferred"
        )
    foreign = what.task not in TASKS
    if guided and foreign and what.guide in MADE and not what.offline:
        raise GraspError(f"the guide {what.guide} needs --offline in {what.task}")
    check_seeds(what.seed, train, what.demos)
