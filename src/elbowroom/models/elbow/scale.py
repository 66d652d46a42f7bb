"""Learned multipliers of the networks' own spreads.

A network's likelihood rewards being right on average; a box must hold the whole trajectory. The
multipliers are therefore fitted, on people the networks did not train on, to the figure that
counts: the mean edge of the box at the scale that holds 95 % of the people throughout.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elbowroom.models.elbow.heads import LAG_STEPS

Array = NDArray[np.float64]

OUTPUTS = 2 + len(LAG_STEPS)
"""Log multipliers: tangential, radial, one for each lag."""
CONTEXT = (
    "time",
    "reach",
    "log_force",
    "wrist_weight",
    "sighted",
    "progress_weight",
    "effort_weight",
)
INPUTS = 5 + len(CONTEXT) + 2


@dataclass(frozen=True)
class Scale:
    """exp(W2 tanh(W1 z + b1) + b2) on summaries z of prediction and features."""

    first: Array
    first_bias: Array
    second: Array
    second_bias: Array

    def tensors(self) -> dict[str, Array]:
        """Arrays for an artefact."""
        return dict(vars(self))


def neutral_scale(width: int = 24) -> Scale:
    """Multipliers of one."""
    return Scale(
        np.zeros((INPUTS, width)), np.zeros(width), np.zeros((width, OUTPUTS)), np.zeros(OUTPUTS)
    )


def unpack_scale(tensors: dict[str, NDArray[np.generic]]) -> Scale:
    """Scale from an artefact's arrays.

    Raises:
        KeyError, ValueError: if an array is missing or of the wrong shape.
    """
    names = ("first", "first_bias", "second", "second_bias")
    scale = Scale(*(np.asarray(tensors[n], float) for n in names))
    if scale.first.shape[0] != INPUTS or scale.second.shape[1] != OUTPUTS:
        raise ValueError("the scale does not fit this version's inputs and outputs")
    return scale
