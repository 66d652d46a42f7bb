"""Detector of change with a guaranteed average run length: an e-detector.

A live unit x and m reference units r_1..r_m never used before are exchangeable while nothing has
changed. For any function h >= 0 chosen from the past

    e = h(x) / mean(h(x), h(r_1), ..., h(r_m)),      E[e | past] = 1,

whatever the distribution. Here h = exp(a <w, phi>), w an exponential average of live features
phi (reference mean zero): for normal units the likelihood ratio of the change seen so far. One
such bet runs for every layer, block of features, horizon of the average and strength a:

    M <- (1 + M) e,      value = weighted mean of all M,      alarm when value >= A.

Then E[value_t] <= t without change and the average run length is at least the promised one
(Shin, Ramdas, Rinaldo 2023; `monitoring.promise` for the finite reference).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from elbowroom.core import Params, param
from elbowroom.monitoring.checks import Array, read_layers, read_samples, read_unit, require
from elbowroom.monitoring.feature_map import FeatureMap, fit_feature_map
from elbowroom.monitoring.promise import choose_threshold

HORIZONS = np.array([5.0, 10.0, 20.0, 40.0, 80.0])
STRENGTHS = np.array([0.5, 1.0])
WEIGHTS = (0.5, 0.25, 0.25)
"""Of the bets on BLOCKS: mean, spread, shape."""

Layers = Mapping[str, ArrayLike] | ArrayLike
"""Arrays by layer, or the array of the only layer."""

_CAP = 6.0
_LARGEST = 1e250


@dataclass(frozen=True)
class DetectorSettings(Params):
    """Promise and use of the reference."""

    run_length: float = param(
        500.0, "Promised average run length without a change, in units.", low=1.0, high=1e9
    )
    draws: int = param(4, "Fresh reference units that every live unit meets.", low=1, high=64)
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
        bets: M, shape (layers * blocks * horizons * strengths,).
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
        pass_length: units until the reference has been used up and the value begins at 0 again.

    Raises:
        MonitoringError: if layers differ in their number of units, there are fewer than 8 units
            to fit to or 8 draws, or a layer is constant or not finite.
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
        self.pass_length = (count - fitted) // self.settings.draws
        require(
            self.pass_length >= 8,
            f"{count} reference units are too few: {fitted} are fitted to and "
            f"{self.settings.draws} met by every unit, the rest lasts {self.pass_length} units",
        )
        self.threshold = choose_threshold(self.settings.run_length, self.pass_length)
        self._maps = {name: fit_feature_map(x[order[:fitted]], rng) for name, x in rows.items()}
        pool = {name: x[order[fitted:]] for name, x in rows.items()}
        self._pool = np.hstack([self._maps[name].apply(x) for name, x in pool.items()])
        self._masks, self._weights = _lay_out(list(self._maps.values()))
        self._rates = (1.0 / HORIZONS)[:, None]
        self._pass, self._order = -1, np.empty(0, dtype=np.int64)

    def start(self) -> EState:
        """State before the first unit."""
        average = np.zeros((len(HORIZONS), self._pool.shape[1]))
        return EState(average, np.zeros(self._weights.size), 0.0, 0, 0, 0)

    def step(self, state: EState, unit: Layers) -> tuple[EState, float]:
        """Take one unit; returns the new state and the value, an alarm if >= `threshold`.

        Args:
            state: as `start` or the last `step` gave it; never changed.
            unit: feature vector by layer, shapes (d_l,), or one vector if there is one layer.

        Raises:
            MonitoringError: if a layer is missing or unknown, of another width, or not finite;
                the state is then still good.
        """
        live = self._read_unit(unit)
        drawn = self._draw(state.passes, state.used)
        directions = (self._masks * state.average).reshape(-1, live.size)
        both = np.concatenate([live[None], drawn]) @ directions.T
        tilts = np.multiply.outer(both, STRENGTHS).reshape(len(both), -1)
        ratios = np.exp(np.minimum(np.maximum(tilts, -_CAP), _CAP))
        bets = (1.0 + state.bets) * ratios[0] * (len(both) / ratios.sum(axis=0))
        bets = np.minimum(bets, _LARGEST)
        value = float(self._weights @ bets)
        average = state.average + self._rates * (live - state.average)
        return self._advance(state, average, bets, value), value

    def layer_values(self, state: EState) -> dict[str, float]:
        """Weighted mean of the bets on each layer alone; their mean is the value."""
        shares = (self._weights * state.bets).reshape(len(self.layers), -1).sum(axis=1)
        return {n: float(v) * len(self.layers) for n, v in zip(self.layers, shares, strict=True)}

    def _advance(self, state: EState, average: Array, bets: Array, value: float) -> EState:
        if state.used + 1 < self.pass_length:
            return EState(average, bets, value, state.units + 1, state.passes, state.used + 1)
        return EState(average, np.zeros_like(bets), 0.0, state.units + 1, state.passes + 1, 0)

    def _draw(self, passes: int, used: int) -> Array:
        if passes != self._pass:
            rng = np.random.default_rng([self.settings.seed, 1, passes])
            self._order, self._pass = rng.permutation(len(self._pool)), passes
        first = used * self.settings.draws
        return self._pool[self._order[first : first + self.settings.draws]]

    def _read_unit(self, unit: Layers) -> Array:
        if not isinstance(unit, Mapping):
            unit = {"input": unit} if self.layers == ("input",) else {}
        if unit.keys() != self._maps.keys():
            read_layers("the unit", unit, self.layers)
        parts = [self._map_unit(name, unit[name]) for name in self.layers]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _map_unit(self, name: str, vector: ArrayLike) -> Array:
        x, mapping = np.asarray(vector), self._maps[name]
        if x.shape != (mapping.width,) or x.dtype != np.float64 or not math.isfinite(x.sum()):
            x = read_unit(f"layer {name} of the unit", vector, mapping.width)
        return mapping.apply(x)


def _read_reference(reference: Layers) -> dict[str, Array]:
    given = reference if isinstance(reference, Mapping) else {"input": reference}
    require(given, "the reference is empty: no layer")
    rows = {name: read_samples(f"reference of layer {name}", x) for name, x in given.items()}
    sizes = {len(x) for x in rows.values()}
    require(len(sizes) == 1, f"layers differ in their number of units: {sorted(sizes)}")
    return rows


def _lay_out(maps: list[FeatureMap]) -> tuple[Array, Array]:
    """Which features each bet sees, shape (layers * blocks, 1, features), and the bets' weights."""
    sizes = [size for mapping in maps for size in mapping.sizes]
    block = np.repeat(np.arange(len(sizes)), sizes)
    masks = (block == np.arange(len(sizes))[:, None]).astype(float)[:, None, :]
    each = np.tile(WEIGHTS, len(maps)) / (len(maps) * HORIZONS.size * STRENGTHS.size)
    return masks, np.repeat(each, HORIZONS.size * STRENGTHS.size)
