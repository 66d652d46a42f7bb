"""Who a model was trained on, so that nobody of them is calibrated on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from elbowroom.estimation.conformal.calibration import CalibrationError
from elbowroom.models.dataset import Dataset

TRAINED = "trained_on"
"""Fact of an artefact: the hashes of the people trained on, separated by spaces."""
_DIGITS = 12
"""Of a hash: two of ten thousand people share one with a chance of 2e-7."""


def hash_people(data: Dataset) -> set[str]:
    """Hashes of the people of a data set: of the fact `person`, one number a person of any seed.

    Who has no such fact is known by the name of a file, which says nothing across folders, and is
    left out.
    """
    told = {person for person, name in zip(data.person, data.names, strict=True) if person != name}
    return {hashlib.sha256(person.encode()).hexdigest()[:_DIGITS] for person in told}


def list_trained(facts: Mapping[str, Any]) -> set[str]:
    """Hashes of the people an artefact was trained on; none if its facts do not say."""
    return set(str(facts.get(TRAINED, "")).split())


def refuse_trained(facts: Mapping[str, Any], data: Dataset) -> None:
    """Hold people trained on away from calibration: their scores are too small for anybody else.

    Artefacts that do not say whom they were trained on are taken as they are.

    Args:
        facts: of the artefact.
        data: people to calibrate on.

    Raises:
        CalibrationError: if one of them was trained on.
    """
    both = list_trained(facts) & hash_people(data)
    if both:
        raise CalibrationError(
            f"the model was trained on {len(both)} of these people; calibrate on others"
        )
