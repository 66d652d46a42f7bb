"""A scripted guide: go above the object, turn, go down, close, lift, with errors of chosen size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.grasping.environments.action import STEP, TURN
from elbowroom.grasping.environments.observation import HAND, LENGTH, SIZE, SLOT

Single = NDArray[np.float32]

_ABOVE = 0.12
"""Height at which the hand travels over the others [m]."""
_OVER = 0.06
"""Height over the object's middle that it keeps at least [m]."""
_NEAR, _ALIGNED, _DEEP = 0.012, 0.15, 0.006
_HOLD = 3
"""Steps the fingers are given to close."""
_LOWEST = 0.018


class ScriptedGuide:
    """Grasps the first object of the state observation.

    Args:
        place_error: standard deviation of a constant error of the object's place, drawn for
            every episode [m].
        turn_error: the same of its turn [rad].
        noise: standard deviation added to every action.
        slot: which object of the observation it goes for; None for one drawn at random.
    """

    def __init__(
        self,
        place_error: float = 0.0,
        turn_error: float = 0.0,
        noise: float = 0.0,
        slot: int | None = 0,
    ) -> None:
        self._place_error, self._turn_error = place_error, turn_error
        self._noise, self._slot = noise, slot

    def reset(self, rng: np.random.Generator) -> None:
        """Begin an episode: draw the errors."""
        self._rng = rng
        self._shift = rng.normal(0, self._place_error or 1e-12, 2)
        self._twist = float(rng.normal(0, self._turn_error or 1e-12))
        self._pick = rng.random()
        self._held = -1

    def act(self, observation: Any, info: dict[str, Any]) -> Single:
        """The next action."""
        state = np.asarray(info["state"], dtype=float)
        places = (len(state) - HAND) // SLOT
        slot = int(self._pick * places) if self._slot is None else self._slot
        thing = state[HAND + SLOT * slot : HAND + SLOT * (slot + 1)]
        move = self._lift() if self._held >= 0 else self._approach(state, thing)
        move = move + self._noise * self._rng.standard_normal(5) * (1, 1, 1, 1, 0)
        return np.clip(move, -1, 1).astype(np.float32)

    def _lift(self) -> NDArray[np.float64]:
        self._held += 1
        return np.array([0, 0, float(self._held > _HOLD), 0, 1.0])

    def _approach(
        self, state: NDArray[np.float64], thing: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        place = thing[1:4] * LENGTH
        yaw = state[2 + 1] * math.pi
        c, s = math.cos(yaw), math.sin(yaw)
        aside = place[:2] + (
            c * self._shift[0] + s * self._shift[1],
            c * self._shift[1] - s * self._shift[0],
        )
        turn = self._turn(thing, yaw)
        height = state[0] * LENGTH
        over = math.hypot(*aside) < _NEAR and abs(turn) < _ALIGNED
        there = height + place[2]
        goal = max(there, _LOWEST) if over else max(_ABOVE, there + _OVER)
        if over and abs(height - goal) < _DEEP:
            self._held = 0
            return np.array([0, 0, 0, 0, 1.0])
        way = np.array([*aside, goal - height]) / STEP
        return np.array([*way, turn / TURN, -1.0])

    def _turn(self, thing: NDArray[np.float64], yaw: float) -> float:
        """Turn [rad] to the nearest grasp across the object's second axis."""
        sine, cosine = thing[7], thing[8]
        if abs(sine) + abs(cosine) < 1e-6:
            return 0.0
        turn = math.atan2(sine, cosine)
        if abs(thing[9] - thing[10]) * SIZE < 1e-6:
            turn /= 4
        elif thing[9] > thing[10]:
            turn /= 2
        return turn + self._twist
