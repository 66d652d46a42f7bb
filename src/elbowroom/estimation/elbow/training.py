"""Learning the elbow's dynamics and measurement from recorded dressings."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Artefact, InputError, Params, Trial, load_trial, param
from elbowroom.estimation.elbow.artefact import save_elbow_models
from elbowroom.estimation.elbow.models import (
    DYNAMICS_CONTEXT,
    DYNAMICS_STATE,
    FORCE_CONTEXT,
    FORCE_STATE,
    LOG_OFFSET,
    ElbowModels,
    Noise,
    context_of,
    dynamics_model,
    force_model,
    force_of,
)
from elbowroom.models.features.causal import GRID, extract, rows_of
from elbowroom.models.gaussian.fitting import GaussianProcessFit, fit_gaussian_process
from elbowroom.models.gaussian.regression import GaussianProcess

Array = NDArray[np.float64]
_SECOND = round(1.0 / GRID)
"""Grid steps in a second, over which errors are averaged for their long-run deviation."""
_SHORTEST = 120
"""Samples below which a trial is too short to learn from."""
_FEWEST = 4
Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total)."""


@dataclass(frozen=True)
class ElbowTraining(Params):
    """How the Gaussian processes of the elbow are trained."""

    inducing: int = param(
        280, "Inducing inputs of the force; half as many for the dynamics", low=10, high=2000
    )
    likelihood_points: int = param(
        700, "Rows on which the length scales are fitted", low=50, high=5000
    )
    iterations: int = param(50, "L-BFGS iterations", low=1, high=1000)
    shortest: float = param(
        2.0, "Least length scale, as a share of an input's spread", low=0.01, high=10.0
    )
    rows: int = param(8_000, "Rows that are learned from, drawn over all people", low=100)
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
    """Grid steps of one dressing.

    Attributes:
        dynamics: inputs z_f, shape (N, 22).
        kick: next change of velocity [m/s], shape (N, 3).
        force_inputs: inputs z_g, shape (M, 10).
        force: direction and log magnitude, shape (M, 4).
    """

    dynamics: Array
    kick: Array
    force_inputs: Array
    force: Array

    @property
    def rates(self) -> Array:
        """Velocity and its last change [m/s], shape (N, 6)."""
        return self.dynamics[:, 3:9]


def rows_of_trial(trial: Trial, least_force: float) -> Rows:
    """Inputs and outputs of both models at the grid steps of one trial.

    Of the measurement's rows those with a force below `least_force` [N] are left out.
    """
    features, index, anchors = extract(trial.arm, rows_of(trial), GRID)
    context = context_of(features, anchors[index])
    elbow = trial.true_elbow[index]
    velocity = np.diff(elbow, axis=0) / np.diff(trial.time[index])[:, None]
    kick = np.diff(velocity, axis=0)
    states = np.hstack([elbow[2:-1], velocity[1:-1], kick[:-1]])
    dynamics = states @ DYNAMICS_STATE.T + context[2:-1] @ DYNAMICS_CONTEXT.T
    force = force_of(features)
    inputs = elbow @ FORCE_STATE[:, :3].T + context @ FORCE_CONTEXT.T
    felt = np.exp(force[:, 3]) > least_force + LOG_OFFSET
    return Rows(dynamics, kick[1:], inputs[felt], force[felt])


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
        InputError: if fewer than four people are given.
    """
    settings, report = settings or ElbowTraining(), progress or _ignore
    report("reading", 0, 3)
    rows = {
        label: [rows_of_trial(t, settings.least_force) for t in group]
        for label, group in _people(trials).items()
    }
    fit, held = _split_people(rows, settings.held_out, seed)
    rng = np.random.default_rng(seed)
    report("dynamics", 1, 3)
    trend = _fit_trend(list(fit.values()))
    follow = trend.T
    f = _fit([(r.dynamics, r.kick - r.rates @ follow) for r in fit.values()], rng, settings, 0.5)
    report("force", 2, 3)
    g = _fit([(r.force_inputs, r.force) for r in fit.values()], rng, settings)
    kick = [r.kick - r.rates @ follow - f.predict(r.dynamics)[0] for r in held.values()]
    force = [r.force - g.predict(r.force_inputs)[0] for r in held.values()]
    models = ElbowModels(
        dynamics=dynamics_model(f, trend, _noise(kick, settings.coverage)),
        force=force_model(g, _noise(force, settings.coverage)),
        trend=trend,
        kick=float(np.quantile(np.abs(np.concatenate([r.kick for r in held.values()])), 0.997)),
    )
    report("done", 3, 3)
    return models, _figures(held, kick, force)


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
        InputError: if fewer than four people are given.
    """
    trials = [load_trial(path) for path in sorted(trial_paths)]
    models, figures = train_gp(trials, seed, settings, progress)
    facts = {
        "seed": seed,
        "trials": len(trials),
        "people": len(_people(trials)),
        "data_sha256": _digest(trial_paths),
        "held_out": figures,
    }
    return save_elbow_models(out, models, facts)


def _digest(paths: Sequence[Path]) -> str:
    content = hashlib.sha256()
    for path in sorted(paths):
        content.update(path.read_bytes())
    return content.hexdigest()


def _people(trials: Iterable[Trial]) -> dict[str, list[Trial]]:
    people: dict[str, list[Trial]] = {}
    for i, trial in enumerate(trials):
        if len(trial) > _SHORTEST:
            people.setdefault(str(trial.facts.get("person", i)), []).append(trial)
    return people


def _split_people(
    rows: dict[str, list[Rows]], share: float, seed: int
) -> tuple[dict[str, Rows], dict[str, Rows]]:
    people = sorted(rows)
    if len(people) < _FEWEST:
        raise InputError(f"at least four people are needed, got {len(people)}")
    shuffled = np.random.default_rng(seed).permutation(len(people))
    held = {people[i] for i in shuffled[: max(1, round(share * len(people)))]}
    joined = {
        name: Rows(*(np.concatenate(parts) for parts in zip(*rows[name], strict=True)))
        for name in people
    }
    kept = {name: r for name, r in joined.items() if name not in held}
    return kept, {name: joined[name] for name in sorted(held)}


def _fit_trend(people: list[Rows]) -> Array:
    """Least squares of k+ on (v, k) over all people, shape (3, 6)."""
    rates = np.concatenate([r.rates for r in people])
    kicks = np.concatenate([r.kick for r in people])
    return np.asarray(np.linalg.lstsq(rates, kicks, rcond=None)[0].T)


def _fit(
    people: list[tuple[Array, Array]],
    rng: np.random.Generator,
    settings: ElbowTraining,
    share: float = 1.0,
) -> GaussianProcess:
    """Fit one process to (inputs, outputs) of each person, with a share of the inducing inputs."""
    # Neighbouring rows of a dressing err alike: few of each person say as much as all.
    each = max(2, settings.rows // len(people))
    chosen = [rng.permutation(len(x))[:each] for x, _ in people]
    x = np.concatenate([p[0][rows] for p, rows in zip(people, chosen, strict=True)])
    y = np.concatenate([p[1][rows] for p, rows in zip(people, chosen, strict=True)])
    labels = np.repeat(np.arange(len(people)), [len(rows) for rows in chosen])
    fit = GaussianProcessFit(
        inducing=max(2, round(share * settings.inducing)),
        likelihood_points=settings.likelihood_points,
        iterations=settings.iterations,
        shortest=settings.shortest,
    )
    return fit_gaussian_process(x, y, rng, fit, labels)


def _noise(errors: list[Array], coverage: float) -> Noise:
    """Bound and long-run deviation of the held-out errors, one array (T, m) a person."""
    bound = np.quantile(np.abs(np.concatenate(errors)), coverage, axis=0)
    means = [e[i : i + _SECOND].mean(axis=0) for e in errors for i in range(0, len(e), _SECOND)]
    return Noise(bound, np.sqrt(_SECOND * np.mean(np.square(means), axis=0)))


def _figures(held: dict[str, Rows], kick: list[Array], force: list[Array]) -> dict[str, float]:
    kicks, forces = np.concatenate(kick), np.concatenate(force)
    true_kick = np.concatenate([r.kick for r in held.values()])
    true_force = np.concatenate([r.force for r in held.values()])
    return {
        "kick_rmse": float(np.sqrt(np.mean(kicks**2))),
        "kick_explained": _explained(kicks, true_kick),
        "direction_rmse": float(np.sqrt(np.mean(forces[:, :3] ** 2))),
        "direction_explained": _explained(forces[:, :3], true_force[:, :3]),
        "log_force_rmse": float(np.sqrt(np.mean(forces[:, 3] ** 2))),
        "log_force_explained": _explained(forces[:, 3:], true_force[:, 3:]),
    }


def _explained(error: Array, value: Array) -> float:
    return float(1.0 - np.mean(error**2) / np.mean(np.var(value, axis=0)))


def _ignore(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
