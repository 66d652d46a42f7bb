"""Types, parameters and artefacts that every other folder of elbowroom speaks in."""

from __future__ import annotations

from elbowroom.core.artefact import (
    ARTEFACTS,
    Artefact,
    ArtefactError,
    load_artefact,
    save_artefact,
)
from elbowroom.core.closable import Closable
from elbowroom.core.optional import JOINTS, OPTIONAL, SUBSETS, name_inputs, parse_inputs
from elbowroom.core.params import ParameterError, Params, describe, param
from elbowroom.core.rotation import (
    exp_so3,
    matrix_from_quaternion,
    quaternion_from_matrix,
    rotation_between,
)
from elbowroom.core.trial import Trial, TrialError, load_trial, save_trial
from elbowroom.core.types import (
    ArmMeasurement,
    Box,
    Command,
    Estimate,
    InputError,
    PlanMode,
    PlanReport,
    Pose,
    Sample,
    Status,
    Truth,
    Wrench,
)

__all__ = [
    "ARTEFACTS",
    "JOINTS",
    "OPTIONAL",
    "SUBSETS",
    "ArmMeasurement",
    "Artefact",
    "ArtefactError",
    "Box",
    "Closable",
    "Command",
    "Estimate",
    "InputError",
    "ParameterError",
    "Params",
    "PlanMode",
    "PlanReport",
    "Pose",
    "Sample",
    "Status",
    "Trial",
    "TrialError",
    "Truth",
    "Wrench",
    "describe",
    "exp_so3",
    "load_artefact",
    "load_trial",
    "matrix_from_quaternion",
    "name_inputs",
    "param",
    "parse_inputs",
    "quaternion_from_matrix",
    "rotation_between",
    "save_artefact",
    "save_trial",
]
