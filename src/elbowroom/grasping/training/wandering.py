"""Episodes of held random actions, so that a learner without examples meets a reward.

Temporally extended exploration (Dabney, Ostrovski, Barreto 2021, arXiv 2006.01782): an action drawn
evenly is held for several steps. Noise drawn anew at every step hardly ever closes a gripper, lifts
and holds; an action that is held does so by chance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Single = NDArray[np.float32]

_LONGEST = 10
"""Most steps for which an action is held."""
_FLIP = 0.35
"""Share of the actions at which a switch changes: what was grasped has to be held for a while."""


class Wandering:
    """Draws actions evenly from [-1, 1] and holds each for 1 to 10 steps; for one episode.

    Args:
        rng: source of the draws.
        size: length of an action.
        switches: how many of its last numbers are on or off: 1 or -1, off before the first action.
    """

    def __init__(self, rng: np.random.Generator, size: int, switches: int = 0) -> None:
        self._rng, self._size, self._left = rng, size, 0
        self._free = size - switches
        self._switches = np.full(switches, -1.0, np.float32)
        self._action = np.zeros(size, np.float32)

    def __call__(self, observation: Any) -> Single:
        """The next action, shape (a,)."""
        if self._left == 0:
            self._left = int(self._rng.integers(1, _LONGEST + 1))
            drawn = self._rng.uniform(-1.0, 1.0, self._size).astype(np.float32)
            flips = np.abs(drawn[self._free :]) < _FLIP
            drawn[self._free :] = np.where(flips, -self._switches, self._switches)
            self._action, self._switches = drawn, drawn[self._free :]
        self._left -= 1
        return self._action


def choose(
    rng: np.random.Generator,
    steps: int,
    wander: int,
    wandering: Callable[[], Callable[[Any], Single]],
    policy: Callable[[Any], Single],
) -> Callable[[Any], Single]:
    """What explores in the next episode: with probability 1 - steps / wander by wandering.

    Args:
        rng: source of the draws; untouched once `wander` steps are done.
        steps: done so far.
        wander: steps over which the probability falls to 0.
        wandering: makes a `Wandering`.
        policy: what explores otherwise.
    """
    if steps < wander and rng.random() < 1 - steps / wander:
        return wandering()
    return policy
