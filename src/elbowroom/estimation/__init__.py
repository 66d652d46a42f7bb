"""Estimators of a hidden point: the set-membership filter and the methods it is compared with."""

from __future__ import annotations

from elbowroom.estimation.conformal.calibration import Calibration, CalibrationError, calibrate
from elbowroom.estimation.factory import (
    METHODS,
    EstimatorParams,
    make_estimator,
    shared_estimator,
)
from elbowroom.estimation.interface import Estimator

__all__ = [
    "METHODS",
    "Calibration",
    "CalibrationError",
    "Estimator",
    "EstimatorParams",
    "calibrate",
    "make_estimator",
    "shared_estimator",
]
