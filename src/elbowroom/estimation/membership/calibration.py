"""Calibration of the set filter on recorded people, and the history of a single one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import load_artefact
from elbowroom.estimation.conformal.calibration import Calibration, CalibrationError, rank, to_facts
from elbowroom.estimation.conformal.scoring import ALL, list_groups, promise
from elbowroom.estimation.membership.model import SCHEMA, SetModel, plain_scores
from elbowroom.estimation.membership.people import (
    CALIBRATED,
    SCALED,
    TRAINED,
    hash_people,
    refuse_known,
    write_people,
)
from elbowroom.estimation.membership.profile import Profile, fingerprint
from elbowroom.estimation.membership.store import load_set, save_set
from elbowroom.estimation.membership.training import scale_model, score_people
from elbowroom.models.training.dataset import Dataset, build, digest

Array = NDArray[np.float64]


def calibrate_set(
    folder: Path,
    trials: Sequence[Path],
    facts: dict[str, Any] | None = None,
    *,
    scale: Sequence[Path] = (),
    progress: Callable[[int, int, float], None] | None = None,
    delta: float = 0.05,
    rule: str = "plain",
    confidence: float = 0.95,
) -> SetModel:
    """Score recorded people under the artefact's model and store the scores in it.

    Dressings of one person, told apart by the fact `person`, make one score, their largest; where
    people were dressed several times, the first D dressings of each, D the least number of all.

    Args:
        folder: artefact, rewritten with the new scores.
        trials: of people used for nothing else.
        facts: joined to the manifest.
        scale: trials of yet other people, unknown to the networks, to fit the learned multipliers
            to first; those of the artefact are kept if there are none.
        progress: of that fit, told (round, rounds, edge [m]).
        delta: for which the scales are written into the manifest.
        rule: likewise.
        confidence: likewise.

    Raises:
        CalibrationError: if the people cannot carry delta, or the model has learned from one of
            them; the artefact is left as it was, as it is when this is interrupted.
    """
    known = load_artefact(folder, SCHEMA).facts
    model, data = load_set(folder), build(trials)
    others = build(scale) if scale else None
    # All that can be refused, before what takes long.
    rank(len(arrange(data.person)), delta, rule=rule, confidence=confidence)
    if others is not None:
        refuse_known(known, others, TRAINED)
        known = known | _describe_scaled(others)
    refuse_known(known, data, TRAINED, SCALED)
    if others is not None:
        model = scale_model(model, others, progress)
    model = score_model(model, data)
    stated = {"delta": delta, "rule": rule, "confidence": confidence}
    described = {
        CALIBRATED: write_people(hash_people(data)),
        "calibrated_on": digest(data),
        "calibration": list_promises(model, **stated),
    }
    save_set(folder, model, known | described | (facts or {}))
    return load_set(folder)


def _describe_scaled(people: Dataset) -> dict[str, Any]:
    return {
        SCALED: write_people(hash_people(people)),
        "scaled_on": digest(people),
        "people_scaled": len(people),
    }


def score_model(model: SetModel, data: Dataset) -> SetModel:
    """The model with the scores of recorded people."""
    order = arrange(data.person)
    own, plain = score_people([model, model.plain()], data)
    joined = {k: v[order] for k, v in (own | plain_scores(plain)).items()}
    groups = tuple(data.group[i] for i in order[:, 0])
    scored = model.with_scores({k: v.max(axis=1) for k, v in joined.items()})
    several = joined if order.shape[1] > 1 else {}
    return replace(scored, groups=groups, repeated=several, horizon=int(data.steps.max()))


def arrange(person: Sequence[str]) -> NDArray[np.int64]:
    """Positions of the first D dressings of every person, shape (people, D)."""
    found: dict[str, list[int]] = {}
    for position, name in enumerate(person):
        found.setdefault(name, []).append(position)
    least = min(len(positions) for positions in found.values())
    return np.array([positions[:least] for positions in found.values()], dtype=np.int64)


def list_promises(model: SetModel, **stated: Any) -> dict[str, dict[str, dict[str, object]]]:
    """Calibrations by inputs and group as JSON values; groups that are too small are left out.

    Raises:
        CalibrationError: if all people together are too few.
    """
    found = {}
    for inputs in (k for k in model.scores if not k.startswith("network.")):
        scores = model.of_inputs(inputs)
        promises: dict[Hashable, Calibration] = {ALL: promise(scores, **stated)}
        for group in list_groups(model.groups):
            one = promise(scores, **stated, group=group)
            if not one.note:
                promises[group] = one
        found[inputs] = to_facts(promises)
    return found


def make_profile(model: SetModel, data: Dataset) -> Profile:
    """Score the recorded dressings of one person.

    Raises:
        CalibrationError: if they are of several people.
    """
    if len(set(data.person)) != 1:
        raise CalibrationError(f"dressings of one person needed, got {sorted(set(data.person))}")
    scores = {k: v.tolist() for k, v in score_people([model], data)[0].items()}
    return Profile(data.person[0], fingerprint(model), scores)
