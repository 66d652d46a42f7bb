"""When the guide hands over: the two schedules of jump-start reinforcement learning.

Uchendu et al. 2023 (arXiv 2204.02372): the guide acts for the first h steps of an episode, the
exploration policy for the rest. The curriculum lowers h in stages,

    h_i = H1 - i H1 / n,  i = 0..n,

and goes on when the moving average of the evaluations is within a tolerance of the best earlier
one. The random schedule draws h anew for every episode.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from elbowroom.grasping.errors import GraspError

_ROUNDING = 1e-9


class Schedule(Protocol):
    """Says for how many steps the guide acts."""

    def draw(self, rng: np.random.Generator) -> int:
        """Guide steps of the next training episode."""

    def horizon(self) -> int:
        """Guide steps at which the combined policy is evaluated."""

    def record(self, score: float) -> bool:
        """Take in an evaluation of the combined policy; returns whether the stage went on."""

    def state(self) -> dict[str, Any]:
        """JSON values from which `restore` goes on."""

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave."""


class Curriculum:
    """The staged schedule.

    Args:
        first: H1, the guide's average number of steps to success.
        stages: n, the number of times h is lowered.
        window: evaluations in the moving average.
        tolerance: how far below the best earlier moving average [success rate] is good enough.
        floor: a moving average at or below this never advances, so that a policy that always
            fails is not "as good as ever".
    """

    def __init__(
        self,
        first: float,
        stages: int = 10,
        window: int = 5,
        tolerance: float = 0.1,
        floor: float = 0.05,
    ) -> None:
        if not (np.isfinite(first) and first >= 0):
            raise GraspError(f"the first horizon must be finite and >= 0, got {first}")
        if stages < 1 or window < 1 or tolerance < 0 or not 0 <= floor < 1:
            raise GraspError("stages and window are >= 1, tolerance >= 0, floor in [0, 1)")
        self._first, self._stages, self._window = float(first), stages, window
        self._tolerance, self._floor = tolerance, floor
        self._stage = 0
        self._scores: list[float] = []
        self._best = -np.inf

    @property
    def stage(self) -> int:
        """i, from 0 to n."""
        return self._stage

    def horizon(self) -> int:
        """H of the present stage, rounded to whole steps."""
        return round(self._first - self._stage * self._first / self._stages)

    def draw(self, rng: np.random.Generator) -> int:
        """The same h for every episode of a stage."""
        return self.horizon()

    def record(self, score: float) -> bool:
        """Take in an evaluation; the stage goes on if the moving average allows it."""
        if not 0 <= score <= 1:
            raise GraspError(f"a success rate lies in [0, 1], got {score}")
        self._scores = [*self._scores, float(score)][-self._window :]
        if len(self._scores) < self._window or self._stage == self._stages:
            return False
        average = float(np.mean(self._scores))
        good = average > self._floor and average >= self._best - self._tolerance - _ROUNDING
        self._best = max(self._best, average)
        self._stage += int(good)
        return good

    def state(self) -> dict[str, Any]:
        """JSON values from which `restore` goes on."""
        best = None if np.isinf(self._best) else self._best
        return {"stage": self._stage, "scores": self._scores, "best": best}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave."""
        self._stage, self._scores = int(state["stage"]), [float(s) for s in state["scores"]]
        self._best = -np.inf if state["best"] is None else float(state["best"])


class RandomHorizon:
    """h drawn uniformly from 0..H1 for every episode; evaluated at h = 0.

    Args:
        first: H1, the guide's average number of steps to success.
    """

    def __init__(self, first: float) -> None:
        if not (np.isfinite(first) and first >= 0):
            raise GraspError(f"the first horizon must be finite and >= 0, got {first}")
        self._first = round(first)

    def draw(self, rng: np.random.Generator) -> int:
        """H of the next training episode."""
        return int(rng.integers(self._first + 1))

    def horizon(self) -> int:
        """0: there is no stage to evaluate."""
        return 0

    def record(self, score: float) -> bool:
        """Never changes anything."""
        return False

    def state(self) -> dict[str, Any]:
        """Nothing to remember."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Nothing to restore."""


class NoGuide(RandomHorizon):
    """h = 0 throughout: the learner acts alone."""

    def __init__(self) -> None:
        super().__init__(0)
