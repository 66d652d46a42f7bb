"""Activations of a learned model's layers at one instant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Single = NDArray[np.float32]


@dataclass(frozen=True)
class Reading:
    """What a tap reads.

    Attributes:
        stamp: of the measurement the model was evaluated on [s].
        layers: activations by layer, shape (d,).
    """

    stamp: float
    layers: dict[str, Single]
