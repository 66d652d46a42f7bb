"""Activations of a learned model's layers at one instant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Single = NDArray[np.float32]


@dataclass(frozen=True)
class Origin:
    """Where a reading comes from, as far as its source tells.

    Attributes:
        count: readings since the model began with this person, this one included; 0 if not told.
        inputs: optional inputs that the model was given, as in its parameter; empty if not told.
    """

    count: int = 0
    inputs: str = ""


UNTOLD = Origin()
"""Of a source that tells nothing."""


@dataclass(frozen=True)
class Reading:
    """What a tap reads.

    Attributes:
        stamp: of the measurement the model was evaluated on [s].
        layers: activations by layer, shape (d,).
        origin: where it comes from.
    """

    stamp: float
    layers: dict[str, Single]
    origin: Origin = UNTOLD
