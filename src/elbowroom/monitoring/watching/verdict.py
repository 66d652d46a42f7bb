"""What the monitor says."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import IntEnum


class Level(IntEnum):
    """How far the inputs can be trusted; the values are those of elbowroom/InputHealth."""

    OK = 0
    WARN = 1
    ERROR = 2
    STALE = 3


@dataclass(frozen=True)
class Verdict:
    """The monitor's judgement at one instant.

    Attributes:
        stamp: of the newest reading judged [s]; NaN before the first.
        level: see `Level`.
        reason: plain words; empty when OK.
        e_value, threshold: of the detector over dressings.
        units_seen: dressings it has judged.
        tau: autocorrelation time of the reference within a dressing, or its length if that is
            shorter [s].
        reference_hash: sha256 of the reference's arrays.
        scores: evidence by layer; their mean is `e_value`.
        dressing_score, dressing_threshold: of the alarm within the dressing under way.
    """

    stamp: float
    level: Level
    reason: str
    e_value: float
    threshold: float
    units_seen: int
    tau: float
    reference_hash: str
    scores: dict[str, float] = field(default_factory=dict)
    dressing_score: float = math.nan
    dressing_threshold: float = math.nan
