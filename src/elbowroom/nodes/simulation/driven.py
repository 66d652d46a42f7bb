"""What both simulated scenes share: time, and a gripper that follows stamped commands."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from elbowroom.core import Command, ParameterError, Params, param
from elbowroom.sim import SimulationError

Seen = TypeVar("Seen")

_STILL = Command(np.zeros(3))


@dataclass(frozen=True)
class DrivenParams(Params):
    """What a simulator draws, and how its time runs."""

    seed: int = param(0, "seed of everything that is drawn", low=0, high=2**31)
    publish_clock: bool = param(
        True, "be the time source on /clock; if not, stamps are the node's clock"
    )
    speed: float = param(
        1.0,
        "simulated seconds a real second; much slower, /clock would seem to stand still",
        low=0.1,
        high=20.0,
    )
    start_delay: float = param(
        0.5, "real time between activation and the first measurement", unit="s", low=0.0, high=60.0
    )
    command_timeout: float = param(
        0.1, "the gripper stands still when the newest command is older", unit="s", low=0.01, high=5
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.speed != 1.0 and not self.publish_clock:
            raise ParameterError("speed must be 1 when the node is not the time source")


class DrivenScene(ABC, Generic[Seen]):
    """A scene stepped by stamped commands until it is over.

    Args:
        timeout: age at which a command is no longer followed [s].

    Attributes:
        scene: the running scene.
        over: why it cannot go on, or empty.
        stale: ticks in which the gripper stood still because the command was old.
        left_out: commands that were older than the one before, or from the future.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self.scene: Any = None
        self.rewind()

    def rewind(self) -> None:
        """Forget commands and what has happened; the scene itself is left as it is."""
        self.over, self.stale, self.left_out, self._begun = "", 0, 0, False
        self._command, self._stamp, self._now = _STILL, -math.inf, math.inf

    def command(self, command: Command, stamp: float) -> None:
        """Follow a gripper velocity from now on.

        One older than the last is left out, and so is one from the future, which would be fresh for
        ever and shut out all that follow.
        """
        if self._stamp <= stamp <= self._now + self._timeout:
            self._command, self._stamp = command, stamp
        else:
            self.left_out += 1

    def step(self, stamp: float) -> Seen | None:
        """What is seen at the tick of a stamp [s], the first before anything moves.

        None when the scene is over.
        """
        if self.over:
            return None
        if not self._begun:
            self._begun = True
            return self._look()
        self._now = stamp
        fresh = stamp - self._stamp <= self._timeout
        self.stale += not fresh
        try:
            return self._move(self._command if fresh else _STILL)
        except SimulationError as error:
            self.over = str(error)
            return None

    @property
    def figures(self) -> dict[str, Any]:
        """What is going on, for diagnostics."""
        return {
            "ticks without a fresh command": self.stale,
            "commands left out (old, or from the future)": self.left_out,
        }

    @abstractmethod
    def reset(self) -> None:
        """Start the same scene again."""

    @abstractmethod
    def close(self) -> None:
        """Free the simulator."""

    @abstractmethod
    def _look(self) -> Seen: ...

    @abstractmethod
    def _move(self, command: Command) -> Seen: ...
