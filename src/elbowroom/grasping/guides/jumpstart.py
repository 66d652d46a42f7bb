"""The combined policy: the guide acts for the first h steps of an episode, the learner after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.guides.guide import Guide

Single = NDArray[np.float32]


class Combined:
    """Guide for h steps, then the exploration policy; itself a guide.

    Args:
        guide: what acts first; None if nobody does, then h must be 0.
        policy: maps an observation to an action; None to let the guide act to the end.
        horizon: h, the steps of the guide.
    """

    def __init__(
        self, guide: Guide | None, policy: Callable[[Any], Single] | None, horizon: int
    ) -> None:
        if guide is None and (policy is None or horizon > 0):
            raise GraspError("without a guide a policy has to act from the first step")
        if horizon < 0:
            raise GraspError(f"the guide acts for 0 or more steps, got {horizon}")
        self.guide, self.policy, self.horizon = guide, policy, horizon
        self.steps = 0

    def reset(self, rng: np.random.Generator) -> None:
        """Begin an episode."""
        self.steps = 0
        if self.guide is not None:
            self.guide.reset(rng)

    @property
    def guided(self) -> bool:
        """Whether the next action is the guide's."""
        return self.policy is None or self.steps < self.horizon

    def act(self, observation: Any, info: dict[str, Any]) -> Single:
        """The next action."""
        guided = self.guided
        self.steps += 1
        if guided and self.guide is not None:
            return self.guide.act(observation, info)
        if self.policy is None:
            raise GraspError("there is no policy to act")
        return self.policy(observation)
