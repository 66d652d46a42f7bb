"""Who drives while trials are collected.

A model trained on trials that one controller drove learns that controller as well, and one driven
by the true elbow gives the elbow away through the gripper's path. Collection therefore mixes
planners, speeds and boxes of many sizes that wander about where the elbow was last seen; only a
share of them wanders about the truth. Once there is a model, a share is driven by the estimator
itself (data aggregation, Ross et al., AISTATS 2011, arXiv 1011.0686): the model then learns from
the dressings that it will see in use.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.campaign.run import Planner
from elbowroom.core import (
    ArmMeasurement,
    Box,
    Command,
    Estimate,
    Params,
    PlanReport,
    Sample,
    Status,
    Truth,
    param,
)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PolicyParams(Params):
    """From which policies a collection draws."""

    straight_share: float = param(
        0.25, "share of the trials driven by the straight-line planner", low=0.0, high=1.0
    )
    estimator_share: float = param(
        0.0, "share of the trials driven by the estimator's own box", low=0.0, high=1.0
    )
    truth_share: float = param(
        0.2, "share of the other trials whose box follows the true elbow", low=0.0, high=1.0
    )
    error_low: float = param(
        0.02, "least standard deviation of the box's error", unit="m", low=0.0, high=0.3
    )
    error_high: float = param(
        0.06, "largest standard deviation of the box's error", unit="m", low=0.0, high=0.3
    )
    side_low: float = param(0.05, "smallest side of the box", unit="m", low=0.001, high=1.0)
    side_high: float = param(0.16, "largest side of the box", unit="m", low=0.001, high=1.0)
    speed_low: float = param(0.6, "smallest factor on the planned speed", low=0.05, high=5.0)
    speed_high: float = param(1.2, "largest factor on the planned speed", low=0.05, high=5.0)
    plan_every: int = param(36, "samples between two plans", low=1, high=1000)


@dataclass(frozen=True)
class Policy:
    """One drawn policy.

    Attributes:
        planner: name for `elbowroom.planning.make_planner`.
        error: standard deviation of the box centre's distance from the elbow [m].
        memory: time in which that error decorrelates (1/e) [s].
        side: sides of the box [m].
        speed: factor on the planned speed.
        truthful: whether the box follows the true elbow, not where it was last seen.
        estimated: whether the box is the estimator's own.
    """

    planner: str
    error: float
    memory: float
    side: tuple[float, float, float]
    speed: float
    truthful: bool = True
    estimated: bool = False

    def facts(self) -> dict[str, Any]:
        """JSON values."""
        return dataclasses.asdict(self) | {"side": list(self.side)}


def draw_policy(rng: np.random.Generator, params: PolicyParams, planner: str) -> Policy:
    """Draw a policy.

    Args:
        rng: source of randomness.
        params: what to draw from.
        planner: used whenever the straight-line planner is not.
    """
    straight = rng.random() < params.straight_share
    side = rng.uniform(params.side_low, params.side_high)
    sides = np.clip(side * rng.uniform(0.75, 1.33, 3), params.side_low, params.side_high)
    drawn = Policy(
        planner="straight" if straight else planner,
        error=float(rng.uniform(params.error_low, params.error_high)),
        memory=float(rng.uniform(0.4, 2.0)),
        side=(float(sides[0]), float(sides[1]), float(sides[2])),
        speed=float(rng.uniform(params.speed_low, params.speed_high)),
        truthful=bool(rng.random() < params.truth_share),
    )
    # Drawn last, so that a share of zero leaves every other draw as it is.
    if rng.random() < params.estimator_share:
        return dataclasses.replace(drawn, planner=planner, truthful=False, estimated=True)
    return drawn


class WanderingGuide:
    """A box about the elbow, the true one or as last seen, whose centre wanders.

    As last seen means: at the same place relative to the seen shoulder as at the last sighting.

    The error is an Ornstein-Uhlenbeck process, exact for any sample distance h:
    e(t + h) = a e(t) + s sqrt(1 - a^2) n, a = exp(-h / memory), n standard normal, where
    s = error / sqrt(3) per axis, so that E|e|^2 = error^2.
    """

    def __init__(self, policy: Policy, rng: np.random.Generator) -> None:
        self._policy = policy
        self._rng = rng
        self._scale = policy.error / math.sqrt(3)
        self._error = self._scale * rng.standard_normal(3)
        self._stamp: float | None = None
        self._shoulder = np.full(3, np.nan)
        self._elbow = np.full(3, np.nan)

    def look(self, sample: Sample, truth: Truth) -> Estimate:
        """The next box; it claims no probability."""
        if self._stamp is not None:
            decay = math.exp(-(sample.stamp - self._stamp) / self._policy.memory)
            kick = self._scale * math.sqrt(1 - decay**2)
            self._error = decay * self._error + kick * self._rng.standard_normal(3)
        self._stamp = sample.stamp
        centre = self._centre(sample, truth) + self._error
        box = Box(centre, np.array(self._policy.side))
        return Estimate(sample.stamp, box, Status.UNCALIBRATED, centre, method="wandering")

    def _centre(self, sample: Sample, truth: Truth) -> Array:
        if sample.shoulder is not None:
            self._shoulder = sample.shoulder
        if sample.sighting is not None:
            self._elbow = sample.sighting - self._shoulder
        remembered = self._shoulder + self._elbow
        if self._policy.truthful or not np.all(np.isfinite(remembered)):
            return np.asarray(truth.elbow)
        return remembered


class PacedPlanner:
    """A planner whose commands are scaled by a factor."""

    def __init__(self, planner: Planner, factor: float) -> None:
        self._planner = planner
        self._factor = factor

    def start(self, arm: ArmMeasurement) -> Any:
        """State of the inner planner."""
        return self._planner.start(arm)

    def step(
        self, state: Any, sample: Sample, estimate: Estimate
    ) -> tuple[Any, Command, PlanReport]:
        """The inner planner's step at another pace."""
        state, command, report = self._planner.step(state, sample, estimate)
        paced = Command(command.linear * self._factor, command.angular * self._factor)
        return state, paced, report
