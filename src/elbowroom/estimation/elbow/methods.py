"""The estimators of the elbow that rest on Gaussian processes, by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from elbowroom.core import ParameterError
from elbowroom.estimation.elbow.artefact import SCHEMA, load_elbow_models
from elbowroom.estimation.elbow.filter import ElbowFilter, ElbowFilterSettings
from elbowroom.estimation.elbow.hold import HoldEstimator
from elbowroom.estimation.filters.kalman import ExtendedKalmanFilter
from elbowroom.estimation.filters.particle import ParticleFilter
from elbowroom.estimation.filters.system import Filter
from elbowroom.estimation.filters.unscented import UnscentedKalmanFilter
from elbowroom.estimation.filters.zonotopic import ZonotopicFilter
from elbowroom.estimation.guard import Guard
from elbowroom.estimation.interface import Estimator
from elbowroom.estimation.prior import KinematicPrior

FILTERS: dict[str, Callable[[], Filter]] = {
    "gp_zkf": ZonotopicFilter,
    "gp_ekf": ExtendedKalmanFilter,
    "ukf": UnscentedKalmanFilter,
    "particle": ParticleFilter,
}
ELBOW_METHODS = (*FILTERS, "hold")
"""What `make_elbow_estimator` knows."""


def make_elbow_estimator(
    method: str,
    artefact: Path,
    settings: ElbowFilterSettings | None = None,
    prior: KinematicPrior | None = None,
    guard: Guard | None = None,
) -> Estimator[Any]:
    """Build an estimator of the elbow.

    Args:
        method: one of `ELBOW_METHODS`.
        artefact: folder of the artefact "elbow_gp"; "hold" needs none.
        settings: defaults to `ElbowFilterSettings()`.
        prior: cuts every box; None for the default one.
        guard: says what is taken for a measurement; None for the default one.

    Raises:
        ParameterError: if the method is unknown.
        ArtefactError: if the artefact is missing, tampered with or does not fit.
    """
    if method == "hold":
        return HoldEstimator(prior=prior, guard=guard)
    if method not in FILTERS:
        raise ParameterError(f"method must be one of {list(ELBOW_METHODS)}, got {method!r}")
    return ElbowFilter(FILTERS[method](), load_elbow_models(artefact), settings, prior, guard)


__all__ = ["ELBOW_METHODS", "FILTERS", "SCHEMA", "make_elbow_estimator"]
