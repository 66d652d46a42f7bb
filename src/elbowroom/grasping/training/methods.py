"""The methods that are compared: which learner, which schedule, what becomes of demonstrations."""

from __future__ import annotations

from dataclasses import dataclass

from elbowroom.core import Params, param
from elbowroom.grasping.errors import GraspError


@dataclass(frozen=True)
class Method:
    """One way to use a guide or demonstrations.

    Attributes:
        learner: name of the default learner.
        schedule: "curriculum", "random" or "none": when the guide hands over.
        demonstrations: whether their transitions enter the training.
        pretrain: what is done before the first step: "" (nothing), "update" (the learner's own
            updates on demonstrations) or "imitate" (the actor is cloned).
        online: whether the learner acts and learns on.
        share: of every batch that is drawn from demonstrations.
        about: one sentence.
    """

    learner: str
    schedule: str = "none"
    demonstrations: bool = False
    pretrain: str = ""
    online: bool = True
    share: float = 0.0
    about: str = ""


METHODS = {
    "jsrl-curriculum": Method("sac", "curriculum", about="jump-start, staged"),
    "jsrl-random": Method("sac", "random", about="jump-start, h drawn for every episode"),
    "iql": Method("iql", "none", True, "update", share=0.25, about="offline, then online"),
    "awac": Method("awac", "none", True, "update", share=0.25, about="offline, then online"),
    "bc": Method("bc", "none", True, "update", online=False, about="cloned, no reward used"),
    "cql": Method("cql", "none", True, "update", share=0.25, about="offline, then online"),
    "qt-opt": Method("qt-opt", "none", True, share=0.25, about="demonstrations in the memory"),
    "aw-opt": Method("aw-opt", "none", True, "update", share=0.25, about="offline, then online"),
    "sac": Method("sac", about="from scratch: the control"),
    "rlpd": Method("sac", "none", True, share=0.5, about="every batch half demonstrations"),
    "naive": Method("sac", "none", True, "imitate", about="the actor begins as a clone"),
}


def find_method(name: str) -> Method:
    """Look a method up by name.

    Raises:
        GraspError: if there is none of that name.
    """
    if name not in METHODS:
        raise GraspError(f"a method is one of {list(METHODS)}, got {name!r}")
    return METHODS[name]


@dataclass(frozen=True)
class TrainParams(Params):
    """How long and how often."""

    steps: int = param(12_000, "Steps in the environment.", low=0, high=100_000_000)
    warm_up: int = param(300, "Steps before the first update.", low=1, high=1_000_000)
    utd: float = param(1.0, "Update-to-data ratio: updates a step.", low=0.0, high=64.0)
    wander: int = param(
        0,
        "Steps over which the share of episodes explored by held random actions falls to 0.",
        low=0,
        high=100_000_000,
    )
    infer: int = param(
        0,
        "Steps of held random actions, before all else, from which an inverse model learns to "
        "infer the actions that may not be learned; with --no-train.labels.",
        low=0,
        high=100_000_000,
    )
    pretrain: int = param(3000, "Updates on demonstrations before the first step.", low=0)
    batch: int = param(128, "Transitions in an update.", low=2, high=65_536)
    memory: int = param(100_000, "Transitions that are remembered.", low=1, high=10_000_000)
    discount: float = param(0.95, "Worth of the next step.", low=0.0, high=1.0)
    n_step: int = param(3, "Steps that a return looks ahead.", low=1, high=50)
    stages: int = param(8, "Stages of the curriculum.", low=1, high=1000)
    window: int = param(3, "Evaluations in the moving average.", low=1, high=1000)
    tolerance: float = param(0.1, "By which it may lie below the best.", low=0.0, high=1.0)
    warm_start: bool = param(
        False, "Whether a jump-start's learner is first updated on the demonstrations."
    )
    offline_share: float = param(
        0.25,
        "Of a jump-start's batch, what is drawn from the file of --offline, or from the "
        "demonstrations of a warm start.",
        low=0,
        high=0.9,
    )
    symmetry: bool = param(
        True, "Whether transitions are also learned mirrored and with the objects in other order."
    )
    labels: bool = param(True, "Whether the actions of guide and demonstrations may be learned.")
    probe: int = param(60, "Episodes in which the guide is measured.", low=1, high=100_000)
    evaluate_every: int = param(400, "Steps between evaluations.", low=1)
    evaluate_episodes: int = param(10, "Episodes of an evaluation.", low=1)
    alone_every: int = param(4, "Evaluations between those of the learner alone.", low=1)
    final_episodes: int = param(100, "Episodes of the last evaluation, at h = 0.", low=0)
    save_every: int = param(2000, "Steps between checkpoints.", low=1)
