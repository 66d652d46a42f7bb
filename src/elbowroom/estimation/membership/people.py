"""Who a model has learned from, so that nobody of them is calibrated on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from elbowroom.estimation.conformal.calibration import CalibrationError

if TYPE_CHECKING:
    from elbowroom.models.training.dataset import Dataset

TRAINED = "trained_on"
SCALED = "multipliers_fitted_to"
CALIBRATED = "scores_of"
"""Facts of an artefact: the hashes of the people, separated by spaces."""
_DIGITS = 12
"""Of a hash: two of ten thousand people share one with a chance of 2e-7."""


def hash_people(data: Dataset) -> set[str]:
    """Hashes of the people of a data set: of the fact `person`, one number a person of any seed.

    Who has no such fact is known by the name of a file, which says nothing across folders, and is
    left out.
    """
    told = {person for person, name in zip(data.person, data.names, strict=True) if person != name}
    return {hash_person(person) for person in told}


def hash_person(person: str) -> str:
    """Hash of the fact `person` of a recording."""
    return hashlib.sha256(person.encode()).hexdigest()[:_DIGITS]


def write_people(people: set[str]) -> str:
    """The form in which a fact names people."""
    return " ".join(sorted(people))


def read_people(facts: Mapping[str, Any], name: str) -> set[str]:
    """Hashes of the people that a fact names; none if there is no such fact."""
    return set(str(facts.get(name, "")).split())


def refuse_known(facts: Mapping[str, Any], data: Dataset, *names: str) -> None:
    """Keep people apart from those a model knows: their errors are too small for anybody else.

    Artefacts that do not say whom they know are taken as they are.

    Args:
        facts: of the artefact.
        data: people to calibrate on, or to fit multipliers to.
        names: facts that name the people not to be used again, `TRAINED` or `SCALED`.

    Raises:
        CalibrationError: if one of them is used again.
    """
    people = hash_people(data)
    for name in names:
        both = read_people(facts, name) & people
        if both:
            raise CalibrationError(
                f"{len(both)} of these people are among those {name.replace('_', ' ')}; take others"
            )
