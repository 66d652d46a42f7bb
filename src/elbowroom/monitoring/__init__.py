"""Input monitoring: do the inputs still look like those the guarantee was calibrated on?

Three channels: `EDetector`, whose average run length is guaranteed; `FastWindow`, calibrated and
quick; `permutation_test` and `layered_test` on demand, with `nearest_reference_distance` to say
which samples did it. Units that may be taken for independent come from `units`.
"""

from elbowroom.monitoring.checks import MonitoringError, UnitError
from elbowroom.monitoring.detection import detection_rate
from elbowroom.monitoring.edetector import DetectorSettings, EDetector, EState
from elbowroom.monitoring.kernels import gaussian_kernel, median_bandwidths
from elbowroom.monitoring.layered import LayeredResult, layered_test
from elbowroom.monitoring.mmd import mmd2
from elbowroom.monitoring.permutation import TestResult, permutation_test
from elbowroom.monitoring.promise import choose_threshold, guaranteed_run_length
from elbowroom.monitoring.ranking import nearest_reference_distance, rank_samples, witness
from elbowroom.monitoring.reference_test import ReferenceTest
from elbowroom.monitoring.restoring import pack_state, unpack_state
from elbowroom.monitoring.scaling import Scaler, fit_scaler
from elbowroom.monitoring.units import (
    autocorrelation_time,
    check_units,
    cut_blocks,
    summarise_unit,
)
from elbowroom.monitoring.window import FastWindow, WindowState

__all__ = [
    "DetectorSettings",
    "EDetector",
    "EState",
    "FastWindow",
    "LayeredResult",
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
