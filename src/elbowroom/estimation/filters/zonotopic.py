"""The zonotopic filter over learned models (GP-ZKF).

Li, Stouraitis, Gienger, Vijayakumar and Shah, RA-L 2022 (arXiv 2110.09584); prediction after
Koller, Berkenkamp, Turchetta, Boedecker and Krause (arXiv 1906.12189); gain after Combastel,
Automatica 55 (2015) 265.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Params, param
from elbowroom.estimation.filters.system import Inconsistent, Model
from elbowroom.sets import Zonotope

Array = NDArray[np.float64]

_ROUNDING = 1e-12
"""Relative slack of every step, above what float64 loses in it."""
_BOX_GAIN = 0.5
"""By how much the logarithm of an axis must shrink on average for a box to replace a zonotope,
which knows how its axes depend on each other."""


@dataclass(frozen=True)
class ZonotopicSettings(Params):
    """Settings of the zonotopic filter."""

    beta: float = param(
        2.0, "Standard deviations by which a model's error is bounded", low=0.0, high=1000.0
    )
    order: float = param(10.0, "Generators per coordinate that are kept", low=1.0, high=200.0)
    reduction: str = param(
        "girard", "How generators are reduced", choices=("girard", "combastel", "pca")
    )
    passes: int = param(
        2, "How often a measurement is used, linearised anew on the smaller set", low=1, high=10
    )
    linearisation_error: bool = param(
        True, "Whether the errors of linearising mean and standard deviation are enclosed"
    )
    noise: bool = param(True, "Whether the bounded noise of the models is enclosed")


@dataclass(frozen=True)
class ZonotopicBelief:
    """A zonotope and a box that both hold the state if every bound held so far.

    Attributes:
        zonotope: n-dimensional.
        box: lower and upper corner, shapes (n,), or None while no box is known.
    """

    zonotope: Zonotope
    box: tuple[Array, Array] | None = None

    @property
    def point(self) -> Array:
        """Centre of the zonotope, shape (n,)."""
        return self.zonotope.center

    def hull(self) -> tuple[Array, Array]:
        """Interval hull of the zonotope, cut by the box; two arrays of shape (n,)."""
        around = self.zonotope.hull()
        if self.box is None:
            return around.low, around.high
        return np.maximum(around.low, self.box[0]), np.minimum(around.high, self.box[1])

    def reach(self) -> Array:
        """How far the state can be from the centre along every axis, shape (n,)."""
        low, high = self.hull()
        return np.maximum(high - self.point, self.point - low)

    def hull_of(self, matrix: Array) -> tuple[Array, Array]:
        """Interval hull of `matrix` x, two arrays of shape (p,); `matrix` is (p, n)."""
        box = self.zonotope.linear_map(matrix).hull()
        return box.low, box.high


@dataclass(frozen=True)
class ZonotopicFilter:
    """x in <c, G> is carried through predict, update and intersect, each of them outer."""

    settings: ZonotopicSettings = field(default_factory=ZonotopicSettings)
    name: str = "gp_zkf"

    def start(self, low: Array, high: Array) -> ZonotopicBelief:
        """The box itself as a zonotope."""
        return ZonotopicBelief(_box(low, high))

    def predict(self, state: ZonotopicBelief, dynamics: Model, context: Array) -> ZonotopicBelief:
        """Enclose f(x, u) + w for every x of the belief.

        x+ in mu(c) + A (X - c) + box(remainder + beta (sigma + spread)) + W, with A the Jacobian
        at the centre c and the remainder and the spread of sigma bounded over the hull of X.
        """
        mean, jacobian, error = self._linearise(state, dynamics, context)
        moved = _affine(state.zonotope, jacobian, mean, np.diag(error))
        return ZonotopicBelief(self._reduce(moved))

    def update(
        self, state: ZonotopicBelief, model: Model, value: Array, context: Array
    ) -> ZonotopicBelief:
        """Enclose every x of the belief with y - g(x, u) in V.

        With H the Jacobian at the centre and V = diag(v) enclosing remainder, model error and
        noise, <c + K (y - mu(c)), [(I - K H) G, K V]> holds all of them for any K; the one of
        least F-radius is K = G G'H' (H G G'H' + V V')^-1.

        Raises:
            Inconsistent: if no x of the belief explains y.
        """
        for _ in range(self.settings.passes):
            zonotope = self._cut_by_measurement(state, model, value, context)
            state = ZonotopicBelief(zonotope, state.box)
        return ZonotopicBelief(self._reduce(state.zonotope), state.box)

    def intersect(self, state: ZonotopicBelief, low: Array, high: Array) -> ZonotopicBelief:
        """Enclose the members inside a box, whichever is tighter: cut zonotope or cut hull.

        Raises:
            Inconsistent: if the hull of the belief and the box are disjoint.
        """
        lower, upper = state.hull()
        if np.any(lower > high) or np.any(upper < low):
            raise Inconsistent("the belief is outside the prior")
        box = np.maximum(lower, low), np.minimum(upper, high)
        if np.all(lower >= low) and np.all(upper <= high):
            return ZonotopicBelief(state.zonotope, box)
        strips, cut = self._cut_strips(state.zonotope, low, high), _box(*box)
        worse = _size(strips) > _size(cut) + _BOX_GAIN * len(low)
        return ZonotopicBelief(cut if worse else strips, box)

    def _cut_by_measurement(
        self, state: ZonotopicBelief, model: Model, value: Array, context: Array
    ) -> Zonotope:
        zonotope = state.zonotope
        mean, jacobian, error = self._linearise(state, model, context)
        innovation = value - mean
        along = jacobian @ zonotope.generators
        reach = np.abs(along).sum(axis=1) + np.abs(jacobian) @ zonotope.slack
        if np.any(np.abs(innovation) > reach + error):
            raise Inconsistent("no state of the belief explains the measurement")
        gain = _gain(zonotope.generators, along, error)
        kept = np.eye(zonotope.dim) - gain @ jacobian
        return _affine(zonotope, kept, zonotope.center + gain @ innovation, gain * error)

    def _linearise(
        self, state: ZonotopicBelief, model: Model, context: Array
    ) -> tuple[Array, Array, Array]:
        """Mean and Jacobian at the centre, and the half-widths of everything they miss."""
        settings, centre = self.settings, state.point
        mean, jacobian, sigma = model.linearise(centre, context)
        error = settings.beta * sigma
        if settings.noise:
            error = error + model.noise
        if settings.linearisation_error:
            reach = state.reach()
            error = error + model.remainder(centre, reach, context)
            error = error + settings.beta * model.spread(centre, reach, context)
        return mean, jacobian, error * (1.0 + _ROUNDING) + _ROUNDING * np.abs(mean)

    def _cut_strips(self, zonotope: Zonotope, low: Array, high: Array) -> Zonotope:
        for axis in range(zonotope.dim):
            centre = zonotope.center[axis]
            reach = np.abs(zonotope.generators[axis]).sum() + zonotope.slack[axis]
            reach += _ROUNDING * (abs(centre) + reach)
            lower, upper = centre - reach, centre + reach
            if lower < low[axis] or upper > high[axis]:
                strip = max(lower, low[axis]), min(upper, high[axis])
                zonotope = _cut(zonotope, axis, *strip)
        return self._reduce(zonotope)

    def _reduce(self, zonotope: Zonotope) -> Zonotope:
        if zonotope.order <= self.settings.order:
            return zonotope
        return zonotope.reduce(self.settings.order, self.settings.reduction)


def _gain(generators: Array, along: Array, error: Array) -> Array:
    innovation = along @ along.T + np.diag(error**2)
    return np.asarray(np.linalg.lstsq(innovation, along @ generators.T, rcond=None)[0].T)


def _cut(zonotope: Zonotope, axis: int, low: float, high: float) -> Zonotope:
    """Enclose the members with low <= x_axis <= high, least F-radius."""
    middle, half = 0.5 * (low + high), 0.5 * max(high - low, 0.0)
    along = zonotope.generators[axis]
    least = np.finfo(float).tiny
    gain = zonotope.generators @ along / max(along @ along + half**2, least)
    kept = np.eye(zonotope.dim)
    kept[:, axis] -= gain
    centre = zonotope.center + gain * (middle - zonotope.center[axis])
    return _affine(zonotope, kept, centre, (gain * half)[:, None])


def _affine(zonotope: Zonotope, matrix: Array, centre: Array, added: Array) -> Zonotope:
    """{centre + M (x - c) + added xi}, rounding in the slack."""
    generators = np.hstack([matrix @ zonotope.generators, added])
    size = np.abs(centre) + np.abs(generators).sum(axis=1)
    return Zonotope(centre, generators, np.abs(matrix) @ zonotope.slack + _ROUNDING * size)


def _box(low: Array, high: Array) -> Zonotope:
    middle = 0.5 * (low + high)
    half = np.maximum(high - middle, middle - low) * (1.0 + _ROUNDING)
    return Zonotope(middle, np.diag(half))


def _size(zonotope: Zonotope) -> float:
    box = zonotope.hull()
    return float(np.sum(np.log(box.high - box.low + 1e-300)))
