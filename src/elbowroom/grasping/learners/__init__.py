"""The learners, one file each."""

from __future__ import annotations

from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.learners.aw_opt import AWOpt
from elbowroom.grasping.learners.awac import AWAC
from elbowroom.grasping.learners.base import Batch, Learner, LearnerParams
from elbowroom.grasping.learners.bc import BC
from elbowroom.grasping.learners.cql import CQL
from elbowroom.grasping.learners.iql import IQL
from elbowroom.grasping.learners.qt_opt import QTOpt
from elbowroom.grasping.learners.sac import SAC

LEARNERS: dict[str, type[Learner]] = {
    "sac": SAC,
    "iql": IQL,
    "awac": AWAC,
    "bc": BC,
    "cql": CQL,
    "qt-opt": QTOpt,
    "aw-opt": AWOpt,
}

__all__ = ["LEARNERS", "Batch", "Learner", "LearnerParams", "make_learner"]


def make_learner(
    name: str, observation: int, action: int, params: LearnerParams, seed: int
) -> Learner:
    """Make a learner by name.

    Raises:
        GraspError: if there is none of that name.
    """
    if name not in LEARNERS:
        raise GraspError(f"a learner is one of {sorted(LEARNERS)}, got {name!r}")
    return LEARNERS[name](observation, action, params, seed)
