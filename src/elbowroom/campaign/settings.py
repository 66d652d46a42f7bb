"""What a folder of results was made with, so that a run goes on only under the same settings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from elbowroom.campaign.files import write_json
from elbowroom.campaign.pool import CampaignError
from elbowroom.core import load_artefact
from elbowroom.estimation import EstimatorParams
from elbowroom.estimation.factory import find_artefact
from elbowroom.estimation.membership.people import (
    CALIBRATED,
    SCALED,
    TRAINED,
    hash_person,
    read_people,
)

SETTINGS = "settings.json"


def keep_settings(folder: Path, settings: dict[str, Any]) -> None:
    """Write the settings of a run into its folder, or compare them with those found there.

    Args:
        folder: of the results; created when absent.
        settings: JSON values on which a result depends.

    Raises:
        CampaignError: if the folder holds results of other settings, or of unknown ones.
    """
    path = folder / SETTINGS
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    if path.exists() and _read_digest(path) != digest:
        raise CampaignError(
            f"{folder} holds results of other settings; name another folder or remove it"
        )
    if not path.exists() and any(folder.glob("[0-9]*.*")):
        raise CampaignError(
            f"{folder} holds results and no {SETTINGS} that says how they were made; "
            "name another folder"
        )
    write_json(path, settings | {"digest": digest})


def describe_learned(estimator: EstimatorParams, methods: Iterable[str]) -> dict[str, str]:
    """Hashes of the files from which these methods are made, by name: a path says too little.

    Raises:
        ArtefactError: if an artefact is missing or tampered with.
        CampaignError: if the profile cannot be read.
    """
    found = {}
    for method in methods:
        place = find_artefact(estimator, method)
        if place is not None:
            found[place.name] = load_artefact(place, place.name).sha256
    if estimator.profile:
        found["profile"] = _hash_file(Path(estimator.profile))
    return found


def describe_motion(file: str) -> str:
    """Hash of a file of recorded movement; empty where there is none.

    Raises:
        CampaignError: if it cannot be read.
    """
    return _hash_file(Path(file)) if file else ""


def count_known(estimator: EstimatorParams, methods: Iterable[str], people: Iterable[Any]) -> int:
    """How many of these people (facts `person`) the models of these methods have learned from.

    Artefacts that do not say whom they know are taken to know nobody.
    """
    known: set[str] = set()
    for method in methods:
        place = find_artefact(estimator, method)
        if place is not None:
            facts = load_artefact(place, place.name).facts
            known |= set().union(*(read_people(facts, n) for n in (TRAINED, SCALED, CALIBRATED)))
    return len({hash_person(str(p)) for p in people} & known)


def _hash_file(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise CampaignError(f"{path.name} cannot be read: {error}") from error


def _read_digest(path: Path) -> Any:
    try:
        return json.loads(path.read_text())["digest"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CampaignError(f"{path} does not say how the results were made") from error
