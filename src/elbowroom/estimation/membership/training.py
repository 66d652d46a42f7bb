"""From recorded people to a set model: ensemble, learned scale, calibration scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import SUBSETS, ParameterError
from elbowroom.estimation.membership.batch import Batch, parts, prepare, scores
from elbowroom.estimation.membership.model import LAGS, SetModel
from elbowroom.estimation.membership.store import load_set
from elbowroom.models.elbow.ensemble import Ensemble, stack, unstack
from elbowroom.models.elbow.scale import neutral_scale
from elbowroom.models.features.causal import hide
from elbowroom.models.training.dataset import Dataset
from elbowroom.models.training.member import TrainParams, pick_device, train_member
from elbowroom.models.training.scale_fit import ScaleData, fit_scale

Array = NDArray[np.float64]
Report = Callable[[str, int, int, float], None]
"""Called with (stage, done, total, value)."""

INPUTS = SUBSETS
"""Choices of optional inputs for which people are scored."""
_WRIST_BOUND = 0.03
"""Unit bound [m] of the forearm constraint: camera noise, length error and the shoulder's drift
between grid steps; so wide that it seldom decides a score, also of people who move a lot: with 2 cm
it did for half of the most difficult of them, and all other bounds had to grow with it."""


def train_set(
    data: Dataset, params: TrainParams, work: Path, report: Report | None = None
) -> SetModel:
    """Train an ensemble and fit its scale by cross-fitting.

    Member i trains without the people of fold i; the scale is fitted to the members' errors on
    the people each has not seen, so everybody serves both. Networks to start from (`params.start`)
    must have been trained on other people for that to hold.

    Args:
        data: one trial a person.
        params: see `TrainParams`.
        work: folder of the checkpoints; an interrupted run continues from there.
        report: told about progress.

    Raises:
        ArtefactError: if the artefact to start from cannot be read.
        ParameterError: if its networks are of another number or width.
    """
    say = report or (lambda *_: None)
    first = _starts(params)
    folds = split(len(data), params.members, params.seed)
    members = [
        train_member(
            data.take(np.setdiff1d(np.arange(len(data)), fold)),
            params,
            params.seed + i,
            work / f"member{i}",
            partial(say, f"member {i + 1}/{params.members}"),
            first[i],
        )
        for i, fold in enumerate(folds)
    ]
    alone = [bare_model(stack([m])) for m in members]
    found = [
        _scale_data(model, data.take(part), inputs)
        for model, fold in zip(alone, folds, strict=True)
        for inputs, part in assign_inputs(fold)
    ]
    device = pick_device(params.device)
    scale = fit_scale(_join(found), progress=partial(say, "scale"), device=device)
    return replace(bare_model(stack(members)), scale=scale)


def _starts(params: TrainParams) -> Sequence[dict[str, NDArray[Any]] | None]:
    if not params.start:
        return [None] * params.members
    ensemble = load_set(Path(params.start)).ensemble
    found, asked = (ensemble.members, ensemble.hidden), (params.members, params.hidden)
    if found != asked:
        raise ParameterError(
            f"the networks of {params.start} are {found[0]} of width {found[1]}, "
            f"not {asked[0]} of width {asked[1]}"
        )
    return unstack(ensemble)


def split(people: int, folds: int, seed: int = 0) -> list[NDArray[np.int64]]:
    """Random folds of people, positions of shape (k,) each; a single one holds a fifth of them."""
    order = np.random.default_rng(seed).permutation(people)
    return list(np.array_split(order, folds)) if folds > 1 else [order[: max(1, people // 5)]]


def assign_inputs(people: NDArray[np.int64]) -> list[tuple[str, NDArray[np.int64]]]:
    """Everybody without optional inputs; again half with the wrist, half with another choice."""
    seen, rest = people[::2], people[1::2]
    others = INPUTS[2:]
    parts = [(name, rest[i :: len(others)]) for i, name in enumerate(others)]
    return [(INPUTS[0], people), (INPUTS[1], seen), *(p for p in parts if len(p[1]))]


def scale_model(
    model: SetModel, people: Dataset, progress: Callable[[int, int, float], None] | None = None
) -> SetModel:
    """The model with multipliers fitted to people its networks have not seen."""
    model = replace(model, scale=neutral_scale())
    found = [
        _scale_data(model, people.take(part), inputs)
        for inputs, part in assign_inputs(np.arange(len(people)))
    ]
    return replace(model, scale=fit_scale(_join(found), progress=progress))


def bare_model(ensemble: Ensemble) -> SetModel:
    """Networks alone: neutral scale, no scores."""
    return SetModel(ensemble, neutral_scale(), _WRIST_BOUND, {})


def _join(found: list[ScaleData]) -> ScaleData:
    names = vars(found[0])
    return ScaleData(*(np.concatenate([getattr(f, n) for f in found]) for n in names))


def _scale_data(model: SetModel, people: Dataset, inputs: str) -> ScaleData:
    batch = batch_of(model, people, inputs)
    p = batch.prediction
    across, radial, lags, unit = parts(
        p.direction,
        p.radius,
        p.spread,
        p.radial,
        p.forward,
        p.lag_mean,
        p.lag_spread,
        LAGS,
        batch.elbow,
        batch.between,
        batch.steps,
    )
    return ScaleData(p.summary, across, radial, lags, unit, p.radius, people.mask)


def batch_of(model: SetModel, people: Dataset, inputs: str) -> Batch:
    """Predictions for a data set under a configuration of inputs."""
    features = hide(people.features, inputs)
    return prepare(model, features, people.elbow, people.between, people.steps)


def score_people(models: Sequence[SetModel], people: Dataset) -> list[dict[str, Array]]:
    """One score per person for every configuration of inputs, of models with the same networks."""
    found: list[dict[str, Array]] = [{} for _ in models]
    for name in INPUTS:
        features = hide(people.features, name)
        raw = models[0].ensemble.run(features, people.steps)
        for model, into in zip(models, found, strict=True):
            batch = prepare(model, features, people.elbow, people.between, people.steps, raw)
            into[name] = scores(model, batch)
    return found
