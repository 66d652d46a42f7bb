"""A discrete-time system as the filters see it: dynamics, measurement and prior.

    x+ = f(x, u) + w,   y = g(x, u) + v,   x in P(u)

f and g are models of one kind: a mean with a Jacobian, a standard deviation of the model's own
error, and bounds on how both change over a box. The filters know nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from elbowroom.models.gaussian.regression import Linearisation

Array = NDArray[np.float64]


class Model(Protocol):
    """A function of a state of width n and a context, with what is known of its error."""

    @property
    def noise(self) -> Array:
        """Half-widths of the additive noise (w or v), for sets, shape (m,)."""
        ...

    @property
    def deviation(self) -> Array:
        """Standard deviations of the additive noise, for probabilities, shape (m,)."""
        ...

    def predict(self, points: Array, context: Array) -> tuple[Array, Array]:
        """Mean and standard deviation at many states, (k, n) -> (k, m), (k, m)."""
        ...

    def linearise(self, point: Array, context: Array) -> Linearisation:
        """Mean (m,), Jacobian (m, n) and standard deviation (m,) at one state (n,)."""
        ...

    def remainder(self, point: Array, reach: Array, context: Array) -> Array:
        """Bound the linearisation error of the mean over the box point +- reach, shape (m,)."""
        ...

    def spread(self, point: Array, reach: Array, context: Array) -> Array:
        """Bound the growth of the standard deviation over the box point +- reach, shape (m,)."""
        ...


class Prior(Protocol):
    """An outer set that always holds the state, whatever was measured."""

    def bounds(self, context: Array) -> tuple[Array, Array]:
        """Lower and upper corner of a box, each of shape (n,)."""
        ...


@dataclass(frozen=True)
class System:
    """The three parts of a system.

    Attributes:
        dynamics: x+ from (x, u).
        measurement: y from (x, u).
        prior: box that always holds x.
    """

    dynamics: Model
    measurement: Model
    prior: Prior


@dataclass(frozen=True)
class BoxPrior:
    """A fixed box.

    Attributes:
        low, high: corners, shape (n,).
    """

    low: Array
    high: Array

    def __post_init__(self) -> None:
        if self.low.shape != self.high.shape or not np.all(self.low <= self.high):
            raise ValueError(f"need low <= high of one shape, got {self.low} and {self.high}")

    def bounds(self, context: Array) -> tuple[Array, Array]:
        """The box, whatever the context."""
        return self.low, self.high


class Belief(Protocol):
    """What a filter knows of the state: anything with a box and a best guess."""

    def hull(self) -> tuple[Array, Array]:
        """Lower and upper corner of the filter's own confidence region, each (n,)."""
        ...

    def hull_of(self, matrix: Array) -> tuple[Array, Array]:
        """The same for a linear map of the state, (p, n) -> two arrays of shape (p,)."""
        ...

    @property
    def point(self) -> Array:
        """Best single guess, shape (n,)."""
        ...


class Filter(Protocol):
    """A recursive state estimator over any system.

    `state` is the filter's own belief; nothing is kept in the filter.
    """

    @property
    def name(self) -> str:
        """What the filter is called on the command line."""
        ...

    def start(self, low: Array, high: Array) -> Any:
        """Belief that the state is in a box, corners `low` and `high` of shape (n,)."""
        ...

    def predict(self, state: Any, dynamics: Model, context: Array) -> Any:
        """Belief about x+ given that about x; the context u is what the model reads, shape (c,)."""
        ...

    def update(self, state: Any, model: Model, value: Array, context: Array) -> Any:
        """Belief given the measurement y = `value`, shape (m,), in the context u, shape (c,)."""
        ...

    def intersect(self, state: Any, low: Array, high: Array) -> Any:
        """Belief given that the state is in a box, corners of shape (n,)."""
        ...


class Inconsistent(Exception):  # noqa: N818
    """The belief and what was measured have no state in common: some assumption is broken."""


def step(
    filter_: Filter, system: System, state: Any, control: Array, value: Array, context: Array
) -> Any:
    """Propagate, update, intersect.

    Args:
        filter_: which filter.
        system: what is filtered.
        state: belief about the previous state.
        control: context of the dynamics over the step.
        value: measurement at the new instant, shape (m,).
        context: context of the measurement and of the prior.

    Raises:
        Inconsistent: if a set-membership filter finds no state that explains everything.
    """
    predicted = filter_.predict(state, system.dynamics, control)
    updated = filter_.update(predicted, system.measurement, value, context)
    return filter_.intersect(updated, *system.prior.bounds(context))
