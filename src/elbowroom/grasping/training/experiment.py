"""What is trained, by names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Experiment:
    """What is trained.

    Attributes:
        task: of this package, or the id of any Gymnasium environment.
        obs: "state" or "image".
        method: one of `METHODS`.
        guide: "scripted" (without error), "clumsy" (scripted with errors), "clone" (behaviour
            cloning of the demonstrations), "recorded" (demonstrations replayed blindly),
            "sb3:ALGORITHM:FILE", "torchscript:FILE", or the folder of a policy; empty for the one
            that `choose_guide` names.
        demos: number of demonstrations; with `offline` the first so many of the file, 0 for all.
        offline: file of recorded episodes to take demonstrations from, or empty.
        learner: name of the learner where it is not the method's own, or empty.
        seed: of everything random.
    """

    task: str = "instance"
    obs: str = "state"
    method: str = "jsrl-curriculum"
    guide: str = ""
    demos: int = 20
    offline: str = ""
    learner: str = ""
    seed: int = 0
