"""Input monitoring: do the inputs still look like those the guarantee was calibrated on?

Three channels: `EDetector`, whose average run length is guaranteed; `FastWindow`, calibrated and
quick; `permutation_test` and `layered_test` on demand, with `nearest_reference_distance` to say
which samples did it. Units that may be taken for independent come from `units`.
"""

from elbowroom.monitoring.checks import MonitoringError, UnitError
from elbowroom.monitoring.sequential.edetector import DetectorSettings, EDetector, EState
from elbowroom.monitoring.sequential.promise import choose_threshold, guaranteed_run_length
from elbowroom.monitoring.sequential.restoring import pack_state, unpack_state
from elbowroom.monitoring.sequential.scaling import Scaler, fit_scaler
from elbowroom.monitoring.sequential.units import (
    autocorrelation_time,
    check_units,
    cut_blocks,
    summarise_unit,
)
from elbowroom.monitoring.sequential.window import FastWindow, WindowState
from elbowroom.monitoring.twosample.detection import detection_rate
from elbowroom.monitoring.twosample.kernels import gaussian_kernel, median_bandwidths
from elbowroom.monitoring.twosample.layered import LayeredResult, layered_test
from elbowroom.monitoring.twosample.marginal import MarginalResult, marginal_test
from elbowroom.monitoring.twosample.mmd import mmd2
from elbowroom.monitoring.twosample.permutation import TestResult, permutation_test
from elbowroom.monitoring.twosample.ranking import nearest_reference_distance, rank_samples, witness
from elbowroom.monitoring.twosample.reference_test import ReferenceTest

__all__ = [
    "DetectorSettings",
    "EDetector",
    "EState",
    "FastWindow",
    "LayeredResult",
    "MarginalResult",
    "MonitoringError",
    "ReferenceTest",
    "Scaler",
    "TestResult",
    "UnitError",
    "WindowState",
    "autocorrelation_time",
    "check_units",
    "choose_threshold",
    "cut_blocks",
    "detection_rate",
    "fit_scaler",
    "gaussian_kernel",
    "guaranteed_run_length",
    "layered_test",
    "marginal_test",
    "median_bandwidths",
    "mmd2",
    "nearest_reference_distance",
    "pack_state",
    "permutation_test",
    "rank_samples",
    "summarise_unit",
    "unpack_state",
    "witness",
]
