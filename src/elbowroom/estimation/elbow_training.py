"""Learning the elbow's dynamics and measurement from recorded dressings."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Artefact, Params, Trial, load_trial, param
from elbowroom.estimation.elbow_artefact import save_elbow_models
from elbowroom.estimation.elbow_models import (
    DYNAMICS_CONTEXT,
    DYNAMICS_STATE,
    FORCE_CONTEXT,
    FORCE_STATE,
    LOG_OFFSET,
    ElbowModels,
    context_of,
    dynamics_model,
    force_model,
    force_of,
)
from elbowroom.models.features import GRID, extract, rows_of
from elbowroom.models.gaussian_process import GaussianProcess
from elbowroom.models.gp_fit import GaussianProcessFit, fit_gaussian_process

Array = NDArray[np.float64]
Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total)."""


@dataclass(frozen=True)
class ElbowTraining(Params):
    """How the Gaussian processes of the elbow are trained."""

    inducing: int = param(200, "Inducing inputs of each process", low=10, high=2000)
    likelihood_points: int = param(
        700, "Rows on which the length scales are fitted", low=50, high=5000
    )
    iterations: int = param(50, "L-BFGS iterations", low=1, high=1000)
    rows: int = param(40_000, "Rows that are learned from, drawn over all people", low=100)
    held_out: float = param(
        0.2, "Share of people on whom the noise is measured", low=0.05, high=0.5
    )
    coverage: float = param(
        0.997, "Share of held-out errors that a half-width of noise covers", low=0.5, high=1.0
    )
    least_force: float = param(
        0.3, "Force below which a row says nothing of direction", unit="N", low=0.0, high=10.0
    )


class Rows(NamedTuple):
    """Grid steps of one or several dressings.

    Attributes:
        dynamics: inputs z_f, shape (N, 19).
        kick: v+ - v [m/s], shape (N, 3).
        force_inputs: inputs z_g, shape (M, 10).
        force: direction and log magnitude, shape (M, 4).
    """

    dynamics: Array
    kick: Array
    force_inputs: Array
    force: Array


def rows_of_trial(trial: Trial, least_force: float) -> Rows:
    """Inputs and outputs of both models at the grid steps of one trial."""
    features, index, anchors = extract(trial.arm, rows_of(trial), GRID)
    context = context_of(features, anchors[index])
    elbow = trial.true_elbow[index]
    velocity = np.diff(elbow, axis=0) / np.diff(trial.time[index])[:, None]
    states = np.hstack([elbow[1:], velocity])
    # A dressing starts with rough velocities until the filters of the features have settled.
    before, after = states[1:-1], states[2:]
    dynamics = before @ DYNAMICS_STATE.T + context[2:-1] @ DYNAMICS_CONTEXT.T
    force = force_of(features)
    inputs = elbow @ FORCE_STATE[:, :3].T + context @ FORCE_CONTEXT.T
    felt = np.exp(force[:, 3]) > least_force + LOG_OFFSET
    return Rows(dynamics, (after - before)[:, 3:], inputs[felt], force[felt])


def gather_rows(trials: Iterable[Trial], least_force: float) -> list[Rows]:
    """`rows_of_trial` of every trial that is long enough."""
    return [rows_of_trial(t, least_force) for t in trials if len(t) > 8 * GRID * 240]


def train_gp(
    trials: Iterable[Trial],
    seed: int,
    settings: ElbowTraining | None = None,
    progress: Progress | None = None,
) -> tuple[ElbowModels, dict[str, float]]:
    """Train both Gaussian processes; noise is measured on people held out from the fit.

    Args:
        trials: one or several of each person; `facts["person"]` tells them apart.
        seed: of the split and of the fits.
        settings: defaults to `ElbowTraining()`.
        progress: told about the stages.

    Returns:
        The models and their held-out figures.

    Raises:
        ValueError: if fewer than four people are given.
    """
    settings, report = settings or ElbowTraining(), progress or _ignore
    fit, held = _split_people(list(trials), settings.held_out, seed)
    report("reading", 0, 3)
    train, test = (_stack(gather_rows(part, settings.least_force)) for part in (fit, held))
    report("dynamics", 1, 3)
    rng = np.random.default_rng(seed)
    f = _fit(train.dynamics, train.kick, rng, settings)
    report("force", 2, 3)
    g = _fit(train.force_inputs, train.force, rng, settings)
    kick_error, force_error = (
        _errors(f, test.dynamics, test.kick),
        _errors(g, test.force_inputs, test.force),
    )
    models = ElbowModels(
        dynamics=dynamics_model(f, np.quantile(kick_error, settings.coverage, axis=0)),
        force=force_model(g, np.quantile(force_error, settings.coverage, axis=0)),
        acceleration=float(np.quantile(np.abs(test.kick), settings.coverage) / GRID),
    )
    report("done", 3, 3)
    return models, _figures(test, kick_error, force_error)


def train_elbow_gp(
    trial_paths: Sequence[Path],
    out: Path,
    seed: int,
    progress: Progress | None = None,
    settings: ElbowTraining | None = None,
) -> Artefact:
    """Train from stored trials and write the artefact "elbow_gp".

    Args:
        trial_paths: files written by `core.save_trial`.
        out: folder of the artefact.
        seed: of the split and of the fits.
        progress: told about the stages.
        settings: defaults to `ElbowTraining()`.

    Raises:
        TrialError: if a file is mangled.
        ValueError: if fewer than four people are given.
    """
    trials = [load_trial(path) for path in sorted(trial_paths)]
    models, figures = train_gp(trials, seed, settings, progress)
    names = "\n".join(sorted(path.name for path in trial_paths))
    facts = {
        "seed": seed,
        "trials": len(trials),
        "people": len({_person(t, i) for i, t in enumerate(trials)}),
        "data_sha256": hashlib.sha256(names.encode()).hexdigest(),
        "held_out": figures,
    }
    return save_elbow_models(out, models, facts)


def _split_people(trials: list[Trial], share: float, seed: int) -> tuple[list[Trial], list[Trial]]:
    people = sorted({_person(t, i) for i, t in enumerate(trials)})
    if len(people) < 4:
        raise ValueError(f"at least four people are needed, got {len(people)}")
    shuffled = np.random.default_rng(seed).permutation(len(people))
    held = {people[i] for i in shuffled[: max(1, round(share * len(people)))]}
    kept = [t for i, t in enumerate(trials) if _person(t, i) not in held]
    return kept, [t for i, t in enumerate(trials) if _person(t, i) in held]


def _person(trial: Trial, index: int) -> str:
    return str(trial.facts.get("person", index))


def _stack(rows: list[Rows]) -> Rows:
    return Rows(*(np.concatenate(parts) for parts in zip(*rows, strict=True)))


def _fit(x: Array, y: Array, rng: np.random.Generator, settings: ElbowTraining) -> GaussianProcess:
    chosen = rng.permutation(len(x))[: settings.rows]
    fit = GaussianProcessFit(
        inducing=settings.inducing,
        likelihood_points=settings.likelihood_points,
        iterations=settings.iterations,
    )
    return fit_gaussian_process(x[chosen], y[chosen], rng, fit)


def _errors(process: GaussianProcess, x: Array, y: Array) -> Array:
    parts = [process.predict(block)[0] for block in np.array_split(x, max(1, len(x) // 4000))]
    return np.abs(y - np.concatenate(parts))


def _figures(test: Rows, kick_error: Array, force_error: Array) -> dict[str, float]:
    def explained(error: Array, value: Array) -> float:
        return float(1.0 - np.mean(error**2) / np.mean(np.var(value, axis=0)))

    return {
        "kick_rmse": float(np.sqrt(np.mean(kick_error**2))),
        "kick_explained": explained(kick_error, test.kick),
        "direction_rmse": float(np.sqrt(np.mean(force_error[:, :3] ** 2))),
        "direction_explained": explained(force_error[:, :3], test.force[:, :3]),
        "log_force_rmse": float(np.sqrt(np.mean(force_error[:, 3] ** 2))),
        "log_force_explained": explained(force_error[:, 3:], test.force[:, 3:]),
    }


def _ignore(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
