"""Estimators by name."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from elbowroom.core import ARTEFACTS, ParameterError, param, parse_inputs
from elbowroom.estimation.conformal.promise import Promise
from elbowroom.estimation.guard import Guard
from elbowroom.estimation.interface import Estimator
from elbowroom.estimation.prior import KinematicPrior

METHODS = ("set", "network", "gp_zkf", "gp_ekf", "ukf", "particle", "hold")
"""What `make_estimator` knows."""


@dataclass(frozen=True)
class EstimatorParams(Promise):
    """Which estimator runs and what it promises."""

    method: str = param("set", "Estimator.", choices=METHODS)
    profile: str = param(
        "", "File on a person's earlier dressings, for a promise of their own (method set)."
    )
    artefacts: str = param("", "Folder of learned artefacts; empty for those that ship.")


def keep_effective(params: EstimatorParams) -> EstimatorParams:
    """The same settings, those at their defaults that have no effect on the method.

    The set filter takes all, the network no history of a person. The others promise nothing, and of
    the optional inputs they model the wrist only, "hold" not even that.
    """
    if params.method == "set":
        return params
    if params.method == "network":
        return replace(params, profile="")
    used = params.method != "hold" and "wrist" in parse_inputs(params.inputs)
    return EstimatorParams(
        method=params.method, artefacts=params.artefacts, inputs="wrist" if used else "none"
    )


def list_unused(params: EstimatorParams) -> list[str]:
    """Names of the settings that differ from their defaults and have no effect on the method."""
    kept = keep_effective(params)
    return [f.name for f in fields(kept) if getattr(kept, f.name) != getattr(params, f.name)]


def share_settings(
    params: EstimatorParams, methods: Sequence[str]
) -> tuple[dict[str, EstimatorParams], dict[str, list[str]]]:
    """What each of several methods takes of common settings, and the names of what it does not.

    Raises:
        ParameterError: if a method is unknown or a setting has no effect on any of them.
    """
    asked = {m: EstimatorParams(**asdict(params) | {"method": m}) for m in methods}
    unused = {m: list_unused(p) for m, p in asked.items()}
    for name in set.intersection(*map(set, unused.values())):
        raise ParameterError(_refuse_unused(", ".join(methods), [name]))
    return {m: keep_effective(p) for m, p in asked.items()}, unused


def _refuse_unused(method: str, names: list[str]) -> str:
    return f"{', '.join(names)} has no effect on the method {method}"


def find_artefact(params: EstimatorParams, method: str) -> Path | None:
    """Folder of the artefact that a method is made from, named like its schema; None for "hold"."""
    folder = Path(params.artefacts or ARTEFACTS)
    if method == "hold":
        return None
    return folder / ("elbow_set" if method in ("set", "network") else "elbow_gp")


def make_estimator(
    method: str,
    artefacts: str | Path | None = None,
    delta: float = 0.05,
    prior: KinematicPrior | None = None,
    guard: Guard | None = None,
    **others: Any,
) -> Estimator[Any]:
    """Build an estimator.

    Args:
        method: one of `METHODS`.
        artefacts: folder of learned artefacts, None or empty for those that ship.
        delta: admitted probability of a miss for a new person.
        prior: where an elbow can be at all; None for the default one.
        guard: says what is taken for a measurement; None for the default one.
        **others: further fields of `EstimatorParams`.

    Raises:
        ParameterError: if the method or a parameter is unknown or out of range, or one that is not
            at its default has no effect on the method.
        ArtefactError: if an artefact is missing, tampered with or does not fit.
        CalibrationError: if the artefact's people cannot carry delta.
    """
    values = {"method": method, "artefacts": str(artefacts or ""), "delta": delta} | others
    return build_estimator(EstimatorParams.from_mapping(values), prior, guard)


def build_estimator(
    params: EstimatorParams, prior: KinematicPrior | None = None, guard: Guard | None = None
) -> Estimator[Any]:
    """The same as `make_estimator`, of settings that are read already."""
    unused = list_unused(params)
    if unused:
        raise ParameterError(_refuse_unused(params.method, unused))
    folder = Path(params.artefacts or ARTEFACTS)
    return _MAKERS[params.method](params, folder, prior, guard)


@cache
def shared_estimator(params: EstimatorParams) -> Estimator[Any]:
    """The same as `build_estimator`, loaded once a process: an estimator keeps no state."""
    return build_estimator(params)


def _make_set(
    params: EstimatorParams, folder: Path, prior: KinematicPrior | None, guard: Guard | None
) -> Estimator[Any]:
    from elbowroom.estimation.membership.filter import SetFilter, SetFilterParams
    from elbowroom.estimation.membership.profile import load_history
    from elbowroom.estimation.membership.store import load_set

    promise = SetFilterParams(
        delta=params.delta,
        rule=params.rule,
        confidence=params.confidence,
        tolerance=params.tolerance,
        inputs=params.inputs,
        group=params.group,
    )
    model = load_set(folder / "elbow_set")
    history = load_history(Path(params.profile), model, params.inputs) if params.profile else ()
    if params.method == "network":
        model = model.plain()
    estimator = SetFilter(model, promise, params.method, history, prior, guard)
    if estimator.calibration.note:
        logging.getLogger("elbowroom").warning(estimator.calibration.note)
    return estimator


def _make_classical(
    params: EstimatorParams, folder: Path, prior: KinematicPrior | None, guard: Guard | None
) -> Estimator[Any]:
    from elbowroom.estimation.elbow.filter import ElbowFilterSettings
    from elbowroom.estimation.elbow.methods import make_elbow_estimator

    settings = ElbowFilterSettings(inputs=params.inputs)
    return make_elbow_estimator(params.method, folder / "elbow_gp", settings, prior, guard)


_Maker = Callable[[EstimatorParams, Path, KinematicPrior | None, Guard | None], Estimator[Any]]
_MAKERS: dict[str, _Maker] = {
    **dict.fromkeys(METHODS, _make_classical),
    "set": _make_set,
    "network": _make_set,
}
