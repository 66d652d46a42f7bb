"""What every estimator of the elbow is: a pure step over samples."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from elbowroom.core import ArmMeasurement, Estimate, Sample

State = TypeVar("State")


class Estimator(Protocol, Generic[State]):
    """A causal estimator; node, replay, campaign and benchmark run the same object.

    The estimator holds models and settings only. Everything that changes is in the state, so a
    run can be repeated, forked or resumed from any state.
    """

    name: str

    def start(self, arm: ArmMeasurement) -> State:
        """State before the first sample of a person with these measured lengths."""
        ...

    def step(self, state: State, sample: Sample) -> tuple[State, Estimate]:
        """Take one sample in; the estimate holds at `sample.stamp`.

        Bad input never raises: it is left out, and the estimate's status and reason say so.
        """
        ...
