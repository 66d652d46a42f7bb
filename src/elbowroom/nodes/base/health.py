"""What a node says of its own health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Level(IntEnum):
    """The levels of diagnostic_msgs/DiagnosticStatus."""

    OK = 0
    WARN = 1
    ERROR = 2
    STALE = 3


@dataclass(frozen=True)
class Health:
    """What a node says of itself.

    Attributes:
        level: how bad it is.
        message: why, in words.
        values: numbers and words worth seeing.
    """

    level: Level
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
