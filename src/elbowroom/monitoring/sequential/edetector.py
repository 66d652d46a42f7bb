"""Detector of change with a guaranteed average run length: an e-detector.

A live unit x and m reference units r_1..r_m never used before are exchangeable while nothing has
changed. For any function h >= 0 chosen from the past

    e = h(x) / mean(h(x), h(r_1), ..., h(r_m)),      E[e | past] = 1,

whatever the distribution. Here h = exp(a <w, phi>), w an exponential average of live features
phi (reference mean zero): for normal units the likelihood ratio of the change seen so far. One
such bet runs for every layer, block of features, horizon of the average and strength a:

    M <- (1 + M) e,      value = weighted mean of all M,      alarm when value >= A.

Then E[value_t] <= t without change and the average run length is at least the promised one
(Shin, Ramdas, Rinaldo 2023; `monitoring.sequential.promise` for the finite reference).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.core import Params, param
from elbowroom.monitoring.checks import Array, read_layers, read_samples, read_unit, require
from elbowroom.monitoring.sequential.bet_kernel import place_bets
from elbowroom.monitoring.sequential.feature_map import fit_feature_map
from elbowroom.monitoring.sequential.promise import choose_threshold

HORIZONS = np.array([5.0, 10.0, 20.0, 40.0, 80.0])
STRENGTHS = np.array([0.5, 1.0])
WEIGHTS = (0.6, 0.2, 0.2)
"""Of the bets on BLOCKS: mean, spread, shape."""

Layers = Mapping[str, ArrayLike] | ArrayLike
"""Arrays by layer, or the array of the only layer."""

_PASS, _DRAWS = 90, 8
_LARGEST = 1e250  # of a value: it could overflow while an alarm waits for somebody
_FARTHEST = 1e200  # squared length of a unit: its square could overflow


@dataclass(frozen=True)
class DetectorSettings(Params):
    """Promise and use of the reference."""

    run_length: float = param(
        500.0, "Promised average run length without a change, in units.", low=1.0, high=1e9
    )
    draws: int = param(
        0,
        "Fresh reference units that every live unit meets; 0 takes 1 to 8, for passes of about 90 "
        "units or more.",
        low=0,
        high=64,
    )
    fit_share: float = param(
        0.25,
        "Share of the reference that fits the features and is never drawn.",
        low=0.05,
        high=0.9,
    )
    seed: int = param(0, "Of the split, the order of the reference and the features.", low=0)


class EState(NamedTuple):
    """What the detector remembers.

    Attributes:
        average: exponential averages of live features, shape (horizons, features).
        bets: M, shape (layers * blocks, horizons, strengths).
        value: weighted mean of M.
        units: units seen since the start.
        passes: passes through the reference that were completed.
        used: units seen in this pass.
    """

    average: Array
    bets: Array
    value: float
    units: int
    passes: int
    used: int


class EDetector:
    """Detector over the layers of a reference.

    Args:
        reference: independent reference units by layer, shapes (n, d_l); row i of every layer is
            of the same unit. An array is one layer named "input".
        settings: promise and use of the reference.

    Attributes:
        layers: their names, in order.
        threshold: A, on the value.
        draws: reference units that every live unit meets.
        pass_length: units until the reference has been used up and all begins anew.

    Raises:
        MonitoringError: if layers differ in their number of units, there are fewer than 16
            units, or a layer is constant or not finite.
    """

    def __init__(
        self,
        reference: Layers,
        settings: DetectorSettings | None = None,
    ) -> None:
        self.settings = settings or DetectorSettings()
        rows = _read_reference(reference)
        self.layers = tuple(rows)
        count = len(next(iter(rows.values())))
        rng = np.random.default_rng([self.settings.seed, 0])
        order = rng.permutation(count)
        fitted = max(8, round(self.settings.fit_share * count))
        self.draws = self.settings.draws or min(max(round((count - fitted) / _PASS), 1), _DRAWS)
        self.pass_length = (count - fitted) // self.draws
        require(
            self.pass_length >= 8,
            f"{count} reference units are too few: {fitted} are fitted to and "
            f"{self.draws} met by every unit, the rest lasts {self.pass_length} units",
        )
        self.threshold = choose_threshold(self.settings.run_length, self.pass_length)
        self._maps = {name: fit_feature_map(x[order[:fitted]], rng) for name, x in rows.items()}
        pool = {name: x[order[fitted:]] for name, x in rows.items()}
        self._pool = np.hstack([self._maps[name].apply(x) for name, x in pool.items()])
        sizes = [size for mapping in self._maps.values() for size in mapping.sizes]
        self._starts = np.concatenate([[0], np.cumsum(sizes)])
        each = np.tile(WEIGHTS, len(self.layers)) / (len(self.layers) * len(HORIZONS))
        self._weights = np.empty((len(each), len(HORIZONS), len(STRENGTHS)))
        self._weights[:] = each[:, None, None] / len(STRENGTHS)
        self._rates = 1.0 / HORIZONS
        shape = (self.pass_length, 1 + self.draws, self._pool.shape[1])
        self._pass, self._met = -1, np.empty(shape)
        self._only = self._maps[self.layers[0]] if len(self.layers) == 1 else None

    def start(self) -> EState:
        """State before the first unit."""
        average = np.zeros((len(HORIZONS), self._pool.shape[1]))
        bets = np.zeros((len(self._starts) - 1, len(HORIZONS), len(STRENGTHS)))
        return EState(average, bets, 0.0, 0, 0, 0)

    def step(self, state: EState, unit: Layers) -> tuple[EState, float]:
        """Take one unit; returns the new state and the value, an alarm if >= `threshold`.

        Args:
            state: as `start` or the last `step` gave it; never changed.
            unit: feature vector by layer, shapes (d_l,), or one vector if there is one layer.

        Raises:
            MonitoringError: if a layer is missing or unknown, of another width, or not finite;
                the state is then still good.
        """
        met = self._meet(state.passes, state.used)
        self._write_unit(unit, met[0])
        average, bets, value = place_bets(
            met, state.average, self._rates, self._starts, STRENGTHS, self._weights, state.bets
        )
        if value > _LARGEST:
            np.minimum(bets, _LARGEST, out=bets)
            value = _LARGEST
        return self._advance(state, average, bets, value), value

    def layer_values(self, state: EState) -> dict[str, float]:
        """Weighted mean of the bets on each layer alone; their mean is the value."""
        shares = (self._weights * state.bets).reshape(len(self.layers), -1).sum(axis=1)
        return {n: float(v) * len(self.layers) for n, v in zip(self.layers, shares, strict=True)}

    def _advance(self, state: EState, average: Array, bets: Array, value: float) -> EState:
        if state.used + 1 < self.pass_length:
            return EState(average, bets, value, state.units + 1, state.passes, state.used + 1)
        # Passes are alike and independent, given the reference, only if nothing is carried over.
        return self.start()._replace(units=state.units + 1, passes=state.passes + 1)

    def _meet(self, passes: int, used: int) -> Array:
        """Row 0 free for the live unit, below it the reference units it meets."""
        if passes != self._pass:
            rng = np.random.default_rng([self.settings.seed, 1, passes])
            count, draws = self.pass_length, self.draws
            drawn = self._pool[rng.permutation(len(self._pool))[: count * draws]]
            self._met[:, 1:] = drawn.reshape(count, draws, -1)
            self._pass = passes
        met: Array = self._met[used]
        return met

    def _write_unit(self, unit: Layers, out: Array) -> None:
        if self._only is not None and not isinstance(unit, Mapping):
            self._only.write(_read_layer("input", unit, self._only.width), out)
            return
        layers = unit if isinstance(unit, Mapping) else {}
        if layers.keys() != self._maps.keys():
            read_layers("the unit", layers, self.layers)
        first = 0
        for name, mapping in self._maps.items():
            last = first + mapping.size
            mapping.write(_read_layer(name, layers[name], mapping.width), out[first:last])
            first = last


def _read_layer(name: str, vector: ArrayLike, width: int) -> Array:
    x = np.asarray(vector)
    if x.shape == (width,) and x.dtype == np.float64 and x.dot(x) < _FARTHEST:
        return x
    x = read_unit(f"layer {name} of the unit", vector, width)
    require(x.dot(x) < _FARTHEST, f"layer {name} of the unit is beyond all measure")
    return x


def _read_reference(reference: Layers) -> dict[str, Array]:
    given = reference if isinstance(reference, Mapping) else {"input": reference}
    require(given, "the reference is empty: no layer")
    rows = {name: read_samples(f"reference of layer {name}", x) for name, x in given.items()}
    sizes = {len(x) for x in rows.values()}
    require(len(sizes) == 1, f"layers differ in their number of units: {sorted(sizes)}")
    return rows
