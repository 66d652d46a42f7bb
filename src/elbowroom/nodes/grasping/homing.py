"""The way of the gripper to where a skill begins: put down, let go, rise, go there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from elbowroom.core.types import Array
from elbowroom.nodes.grasping.view import HELD, Move, View, wrap

_SPEED, _TURN = 0.25, 1.0
_NEAR, _TURNED = 0.005, 0.05


@dataclass(frozen=True)
class Start:
    """Where a skill begins.

    Attributes:
        position: of the point between the fingers [m], shape (3,).
        yaw: turn about z [rad].
        opening: of the fingers [m].
    """

    position: Array
    yaw: float
    opening: float


class Homing:
    """Goes to a start, over whatever stands on the table.

    Args:
        start: the goal.
        view: what is seen now; fingers that stand apart less than at the start hold something.
        release: height at which a held object is let go [m], or None to let go at once.

    Attributes:
        done: whether the gripper is there.
        words: what it is doing.
    """

    def __init__(self, start: Start, view: View, release: float | None = None) -> None:
        self._start = start
        held = HELD < view.opening < start.opening - HELD
        self._release = release if held else None
        self.done, self.words = False, ""

    def act(self, view: View, period: float) -> Move:
        """The move of the next `period` [s]."""
        start, here = self._start, view.gripper.position
        if self._release is not None and here[2] > self._release + _NEAR:
            down = np.array([0.0, 0.0, self._release - here[2]])
            # Told to be shut, fingers keep their grip; told what they measure, they would lose it.
            return self._go("putting down", down, 0.0, 0.0, period)
        self._release = None
        if view.opening < start.opening - HELD:
            return self._go("opening the fingers", np.zeros(3), 0.0, start.opening, period)
        way = start.position - here
        turn = wrap(start.yaw - view.yaw)
        if way[2] > _NEAR and np.linalg.norm(way[:2]) > _NEAR:
            return self._go("rising", np.array([0.0, 0.0, way[2]]), 0.0, start.opening, period)
        self.done = bool(np.linalg.norm(way) <= _NEAR and abs(turn) <= _TURNED)
        return self._go("going to the start", way, turn, start.opening, period)

    def _go(self, words: str, way: Array, turn: float, opening: float, period: float) -> Move:
        self.words = words
        speed = way / period
        fastest = float(np.linalg.norm(speed))
        if fastest > _SPEED:
            speed = speed * (_SPEED / fastest)
        rate = float(np.clip(turn / period, -_TURN, _TURN))
        return Move(speed, rate, opening)
