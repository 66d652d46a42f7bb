"""A Gaussian process as a model of a system."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elbowroom.models.gaussian.regression import GaussianProcess, Linearisation

Array = NDArray[np.float64]


CURVATURES = ("proved", "sampled", "none")


@dataclass(frozen=True)
class LearnedModel:
    """f(x, u) = A x + B mu(E x + F u), with a Gaussian process mu.

    The known part A carries what needs no learning (a position integrates a velocity), B places
    the learned outputs.

    Attributes:
        process: mu, with p inputs and q outputs.
        linear: A, shape (m, n).
        place: B, shape (m, q).
        state_map: E, shape (p, n).
        context_map: F, shape (p, c).
        noise: half-widths of the additive noise, shape (m,).
        deviation: its standard deviations, shape (m,).
        curvature: "proved" bounds the linearisation error for certain, "sampled" trusts the
            largest curvature found, "none" leaves it out.
    """

    process: GaussianProcess
    linear: Array
    place: Array
    state_map: Array
    context_map: Array
    noise: Array
    deviation: Array
    curvature: str = "proved"

    def __post_init__(self) -> None:
        (m, n), (p, q) = self.linear.shape, (self.process.width, len(self.process.offset))
        if self.curvature not in CURVATURES:
            raise ValueError(f"curvature must be one of {CURVATURES}, got {self.curvature!r}")
        wanted = {"place": (m, q), "state_map": (p, n), "noise": (m,), "deviation": (m,)}
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} must have shape {shape}, got {getattr(self, name).shape}")
        if self.context_map.shape[0] != p:
            raise ValueError(f"context_map must have {p} rows, got {self.context_map.shape[0]}")

    def predict(self, points: Array, context: Array) -> tuple[Array, Array]:
        """Mean and standard deviation at many states, (k, n) -> (k, m), (k, m)."""
        inputs = points @ self.state_map.T + self.context_map @ context
        mean, sigma = self.process.predict(inputs)
        return points @ self.linear.T + mean @ self.place.T, sigma @ np.abs(self.place).T

    def linearise(self, point: Array, context: Array) -> Linearisation:
        """Mean (m,), Jacobian (m, n) and standard deviation (m,) at one state (n,)."""
        inner = self.process.linearise(self._input(point, context))
        return Linearisation(
            self.linear @ point + self.place @ inner.mean,
            self.linear + self.place @ inner.jacobian @ self.state_map,
            np.abs(self.place) @ inner.sigma,
        )

    def remainder(self, point: Array, reach: Array, context: Array) -> Array:
        """Bound the linearisation error of the mean over the box point +- reach, shape (m,)."""
        if self.curvature == "none":
            return np.zeros(len(self.noise))
        bound = self.process.remainder
        if self.curvature == "sampled":
            bound = self.process.sampled_remainder
        return np.abs(self.place) @ bound(np.abs(self.state_map) @ reach)

    def spread(self, point: Array, reach: Array, context: Array) -> Array:
        """Bound the growth of the standard deviation over the box point +- reach, shape (m,)."""
        if self.curvature == "none":
            return np.zeros(len(self.noise))
        inner = np.abs(self.state_map) @ reach
        return np.abs(self.place) @ self.process.spread(self._input(point, context), inner)

    def _input(self, point: Array, context: Array) -> Array:
        return self.state_map @ point + self.context_map @ context
