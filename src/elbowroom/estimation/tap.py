"""What the layers of the elbow network hold, read from the set filter's state.

Nothing is kept during the filter's step: the state already carries features and recurrent state,
from which the other layers follow by two matrix products, made only when they are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import ArmMeasurement, ParameterError, Params, param
from elbowroom.estimation.set_filter import SetFilter, SetState
from elbowroom.estimation.set_model import SetModel
from elbowroom.models.ensemble import LAYERS, Ensemble
from elbowroom.models.features import extract, read
from elbowroom.models.reading import Reading, Single


class LayerTap:
    """Reads chosen layers at every n-th grid step.

    Args:
        model: whose networks are read.
        layers: names among `LAYERS`.
        every: grid steps from one reading to the next.

    Raises:
        ParameterError: if a layer is unknown or none is named.
    """

    def __init__(self, model: SetModel, layers: Sequence[str], every: int = 1) -> None:
        self.layers, self.every = check_layers(layers), every
        self.version = model.version
        self._ensemble = model.ensemble

    def read(self, state: SetState, stamp: float) -> Reading | None:
        """The layers after a step of the filter, or None if that step made no reading due.

        Args:
            state: as `SetFilter.step` returned it.
            stamp: of the sample taken in [s].
        """
        if state.count == 0 or state.origin != stamp or (state.count - 1) % self.every:
            return None
        found = self._ensemble.layers(state.recurrent, read(state.memory)[None])
        return Reading(stamp, {name: found[name][0] for name in self.layers})


@dataclass(frozen=True)
class TapParams(Params):
    """Which layers are told to the monitor, and how often."""

    layers: str = param("input,hidden,readout", "layers, separated by commas; empty for none")
    every: int = param(1, "grid steps of 1/24 s from one reading to the next", low=1, high=1000)


def make_tap(estimator: Any, params: TapParams) -> LayerTap | None:
    """A tap on an estimator, or None if none is asked for or it has no such layers.

    Raises:
        ParameterError: if a layer is unknown.
    """
    names = [name.strip() for name in params.layers.split(",") if name.strip()]
    if not names or not isinstance(estimator, SetFilter):
        return None
    return LayerTap(estimator.model, names, params.every)


def check_layers(layers: Sequence[str]) -> tuple[str, ...]:
    """The names, if the ensemble has them all.

    Raises:
        ParameterError: if a layer is unknown, named twice or none is named.
    """
    unknown = sorted(set(layers) - set(LAYERS))
    if unknown or not layers or len(set(layers)) != len(layers):
        raise ParameterError(f"layers must be different ones of {list(LAYERS)}, got {list(layers)}")
    return tuple(layers)


def read_layers(
    ensemble: Ensemble, arm: ArmMeasurement, rows: Any, layers: Sequence[str], every: int = 1
) -> tuple[NDArray[np.float64], dict[str, Single]]:
    """What `LayerTap` reads over a whole recorded dressing without faults.

    Args:
        ensemble: the networks.
        arm: measured lengths.
        rows: see `models.features.rows_of`.
        layers: names among `LAYERS`.
        every: grid steps from one reading to the next.

    Returns:
        Stamps (K,) [s] and, by layer, activations (K, d).
    """
    names = check_layers(layers)
    features, index, _ = extract(arm, rows)
    state, found = ensemble.start(), []
    for k in range(len(features)):
        state, _ = ensemble.step(state, features[k : k + 1])
        if k % every == 0:
            found.append(ensemble.layers(state, features[k : k + 1]))
    stamps = rows[index[::every], 0]
    return stamps, {n: np.concatenate([f[n] for f in found]) for n in names} if found else {}
