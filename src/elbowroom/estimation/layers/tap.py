"""What the layers of the elbow network hold, read from the set filter's state.

Nothing is kept during the filter's step: the state already carries features and recurrent state,
from which the other layers follow by two matrix products, made only when a reading is due. Two
more layers stand beside the network's own: "residual" (`estimation.layers.residuals`) and "sensor"
(`estimation.layers.sensor`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from elbowroom.core import ArmMeasurement, ParameterError, Params, Sample, Trial, param
from elbowroom.estimation.layers.residuals import Sets, residuals
from elbowroom.estimation.layers.sensor import advance_sensor, read_sensor, start_sensor
from elbowroom.estimation.membership.filter import SetFilter, SetState
from elbowroom.estimation.membership.model import SetModel
from elbowroom.models.elbow.ensemble import LAYERS
from elbowroom.models.features.causal import GRID, read, row_of
from elbowroom.models.layers.reading import Origin, Reading, Single

RESIDUAL, SENSOR = "residual", "sensor"
ALL_LAYERS = (*LAYERS, RESIDUAL, SENSOR)
"""Everything that can be read."""


@dataclass(frozen=True)
class TapParams(Params):
    """Which layers are told to the monitor, and how often."""

    layers: str = param(
        "input,hidden,readout,residual,sensor", "layers, separated by commas; empty for none"
    )
    every: int = param(1, "grid steps of 1/24 s from one reading to the next", low=1, high=1000)


class LayerTap:
    """Reads chosen layers at every n-th grid step.

    Args:
        model: whose networks are read.
        layers: names among `ALL_LAYERS`.
        every: grid steps from one reading to the next.
        inputs: optional inputs that the filter uses, told along.

    Raises:
        ParameterError: if a layer is unknown or none is named.
    """

    def __init__(
        self, model: SetModel, layers: Sequence[str], every: int = 1, inputs: str = ""
    ) -> None:
        self.layers, self.every, self.inputs = check_layers(layers), every, inputs
        self.version, self.period = model.version, every * GRID
        self._model = model
        self.reset()

    def reset(self) -> None:
        """A new dressing begins."""
        self._sensor = start_sensor()

    def hear(self, sample: Sample) -> None:
        """Take in a sample that the filter is about to be stepped over."""
        if sample.wrench is not None and sample.gripper is not None:
            row = row_of(sample)
            if np.isfinite(row[:14]).all():
                advance_sensor(self._sensor, row)

    def read(self, state: SetState, stamp: float) -> Reading | None:
        """The layers after a step of the filter, or None if that step made no reading due.

        Args:
            state: as `SetFilter.step` returned it.
            stamp: of the sample taken in [s].
        """
        if state.count == 0 or state.origin != stamp or (state.count - 1) % self.every:
            return None
        features = read(state.memory)
        found = self._model.ensemble.layers(state.recurrent, features[None])
        layers: dict[str, Single] = {name: rows[0] for name, rows in found.items()}
        if RESIDUAL in self.layers:
            layers[RESIDUAL] = self._residual(state, features, layers["output"])
        if SENSOR in self.layers:
            layers[SENSOR] = read_sensor(self._sensor).astype(np.float32)
        origin = Origin((state.count - 1) // self.every + 1, self.inputs)
        return Reading(stamp, {name: layers[name] for name in self.layers}, origin)

    def _residual(self, state: SetState, features: Any, output: Single) -> Single:
        raw = output.reshape(self._model.ensemble.members, -1)
        prediction = self._model.predict(raw, features)
        row = residuals(features, raw, prediction, _sets(state, self._model.lags))
        return row.astype(np.float32)


def _sets(state: SetState, lags: Any) -> Sets:
    size, last = len(state.axes), state.count - 1
    slot, old = last % size, np.full(3, np.nan)
    if len(lags) and last >= lags[0]:
        at = (last - lags[0]) % size
        old = state.axes[at] @ (0.5 * (state.lower[at] + state.upper[at]))
    return Sets(state.axes[slot], state.lower[slot], state.upper[slot], old)


def make_tap(estimator: Any, params: TapParams) -> LayerTap | None:
    """A tap on an estimator, or None if none is asked for or it has no such layers.

    Raises:
        ParameterError: if a layer is unknown.
    """
    names = [name.strip() for name in params.layers.split(",") if name.strip()]
    if not names or not isinstance(estimator, SetFilter):
        return None
    return LayerTap(estimator.model, names, params.every, estimator.params.inputs)


def check_layers(layers: Sequence[str]) -> tuple[str, ...]:
    """The names, if all can be read.

    Raises:
        ParameterError: if a layer is unknown, named twice or none is named.
    """
    if set(layers) - set(ALL_LAYERS) or not layers or len(set(layers)) != len(layers):
        raise ParameterError(
            f"layers must be different ones of {list(ALL_LAYERS)}, got {list(layers)}"
        )
    return tuple(layers)


def read_trial(estimator: SetFilter, tap: LayerTap, trial: Trial) -> list[Reading]:
    """Every reading of a recorded dressing, as the estimator's node would publish them."""
    return read_samples(estimator, tap, trial.arm, trial.samples())


def read_samples(
    estimator: SetFilter, tap: LayerTap, arm: ArmMeasurement, samples: Any
) -> list[Reading]:
    """The same for samples of a person with these measured lengths."""
    state, readings = estimator.start(arm), []
    tap.reset()
    for sample in samples:
        tap.hear(sample)
        state, _ = estimator.step(state, sample)
        reading = tap.read(state, sample.stamp)
        if reading is not None:
            readings.append(reading)
    return readings
