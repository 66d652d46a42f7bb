"""The calibration people of a model and every promise that can be made from them.

Three kinds of promise, each a split-conformal one with one score a person: for any new person, for
a new person of a group (Mondrian), for a person who was dressed before (personal).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.estimation.conformal.calibration import (
    Calibration,
    CalibrationError,
    calibrate,
    least_people,
    personal_guess,
    personal_scores,
    tighten,
)

Array = NDArray[np.float64]

ALL = "all"
SHRINKAGE = 0.5
"""Weight, in dressings, of the guess 1 beside a person's earlier scores."""


@dataclass(frozen=True)
class Scores:
    """Scores of the calibration people under one model and choice of inputs.

    Attributes:
        values: one a person, shape (n,).
        groups: "garment/motion" of each, or empty where it was not kept.
        repeated: scores of the first D dressings of each person, in order, shape (p, D).
    """

    values: Array
    groups: tuple[str, ...] = ()
    repeated: Array = field(default_factory=lambda: np.zeros((0, 0)))


def promise(
    scores: Scores,
    delta: float,
    *,
    rule: str = "plain",
    confidence: float = 0.95,
    tolerance: float = 0.0,
    group: str = ALL,
    history: Sequence[float] = (),
) -> Calibration:
    """Scale for a new person, for one of a group, or for one with a history.

    Args:
        scores: of the calibration people.
        delta: in (0, 1).
        rule: see `conformal.calibrate`.
        confidence: likewise.
        tolerance: likewise.
        group: "all", a garment, "garment/motion" or "*/motion".
        history: scores of the person's earlier dressings; empty for a new person.

    Raises:
        CalibrationError: if the people cannot carry delta, nobody was of the group, or a history
            comes with a group or without calibration people who were dressed as often.
    """
    asked: dict[str, Any] = {"rule": rule, "confidence": confidence, "tolerance": tolerance}
    if len(history):
        if group != ALL:
            raise CalibrationError("a person's own calibration is not split by group")
        return _promise_personal(scores.repeated, history, delta, asked)
    if group != ALL:
        return _promise_group(scores, group, delta, asked)
    return calibrate(scores.values, delta, **asked)


def _promise_group(scores: Scores, group: str, delta: float, asked: dict[str, Any]) -> Calibration:
    if not scores.groups:
        raise CalibrationError("this artefact does not know its people's groups; calibrate it anew")
    members = scores.values[[belongs(g, group) for g in scores.groups]]
    if not len(members):
        known = ", ".join(list_groups(scores.groups))
        raise CalibrationError(f"nobody of group {group!r} was calibrated on; there are {known}")
    strict = tighten(delta, asked["tolerance"])
    least = least_people(strict, rule=asked["rule"], confidence=asked["confidence"])
    if len(members) >= least:
        return calibrate(members, delta, **asked, group=group)
    whole = calibrate(scores.values, delta, **asked)
    note = (
        f"{len(members)} people of group {group} cannot carry delta {strict} by the "
        f"{asked['rule']} rule "
        f"({least} are needed): the scale is that of all {whole.people} people"
    )
    return replace(whole, note=note)


def _promise_personal(
    repeated: Array, history: Sequence[float], delta: float, asked: dict[str, Any]
) -> Calibration:
    most = repeated.shape[1] - 1
    if most < 1:
        raise CalibrationError("nobody was dressed twice in calibration: no history can be used")
    # The newest ones count; people calibrated on must have as many.
    used = np.asarray(history, dtype=float)[-most:]
    m = len(used)
    personal = personal_scores(list(repeated[:, :m]), repeated[:, m], SHRINKAGE)
    found = calibrate(personal, delta, **asked)
    scale = found.scale * personal_guess(used, SHRINKAGE)
    return replace(found, scale=scale, group=f"dressed {m} times before")


def belongs(group: str, wanted: str) -> bool:
    """Whether a trial of group "garment/motion" is one of those wanted; "*" stands for any."""
    return all(
        w in ("", "*", g)
        for g, w in zip(group.partition("/")[::2], wanted.partition("/")[::2], strict=True)
    )


def list_groups(groups: Sequence[str]) -> list[str]:
    """Everything that can be asked for: garments, motions of any garment, and pairs."""
    pairs = sorted(set(groups))
    garments = sorted({p.partition("/")[0] for p in pairs})
    motions = sorted({f"*/{p.partition('/')[2]}" for p in pairs})
    return [*garments, *motions, *pairs]
