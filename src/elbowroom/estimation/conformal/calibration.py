"""Split conformal calibration on one score per person.

A score is the least scale q at which the sets of a whole trajectory hold the truth at every
instant. For n exchangeable people and k = ceil((n + 1)(1 - delta)), the k-th smallest score holds
the next person's with probability >= 1 - delta (Vovk, Gammerman, Shafer 2005). Given the
calibration people that coverage is distributed as Beta(k, n + 1 - k) (Vovk 2012,
arXiv 1209.2673), from which the rule with stated confidence picks its k.

People who come from elsewhere, their scores distributed within e in total variation of those of
the people calibrated on, are covered with at most e less (Barber et al. 2023, Annals of Statistics
51(2)); a tolerance e asks for 1 - delta + e in the first place.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta

Array = NDArray[np.float64]

CONFIDENCE = 0.95
"""Confidence of the confident rule unless another is asked for."""


class CalibrationError(ValueError):
    """Too few people for the promise asked for, or scores that are no scores."""


@dataclass(frozen=True)
class Calibration:
    """A scale with what it promises.

    Attributes:
        scale: multiplier q of every bound.
        delta: miscoverage promised for a new person.
        people: number n of people calibrated on.
        rank: which of the sorted scores the scale is, counted from 1.
        rule: "plain" or "confident".
        confidence: probability over calibration people that coverage is >= 1 - delta; 0 for the
            plain rule, whose promise is on average over calibration people.
        unit: what one score stands for.
        group: which kind of trial the promise is for.
        tolerance: total variation between the scores of new people and of those calibrated on for
            which the promise still holds.
        note: why it is for all people and not for the group asked for, or empty.
    """

    scale: float
    delta: float
    people: int
    rank: int
    rule: str
    confidence: float = 0.0
    unit: str = "person"
    group: str = "all"
    tolerance: float = 0.0
    note: str = ""

    @property
    def stated(self) -> str:
        """The rule as it is told to others: its name, and what of it is not as by default."""
        parts = [self.rule]
        if self.confidence not in (0.0, CONFIDENCE):
            parts.append(f"confidence {self.confidence:g}")
        if self.tolerance:
            parts.append(f"tolerance {self.tolerance:g}")
        return ", ".join(parts)


def calibrate(
    scores: ArrayLike,
    delta: float,
    *,
    rule: str = "plain",
    confidence: float = CONFIDENCE,
    tolerance: float = 0.0,
    group: str = "all",
) -> Calibration:
    """Scale that holds a new person's whole trajectory with probability >= 1 - delta.

    Args:
        scores: one per person, shape (n,); infinite for a person no scale can cover.
        delta: in (0, 1).
        rule: "plain" for k = ceil((n + 1)(1 - delta)); "confident" for the least k with
            P(Beta(k, n + 1 - k) >= 1 - delta) >= confidence.
        confidence: used by the confident rule, in (0, 1).
        tolerance: e in [0, delta): the scale is that for delta - e.
        group: name put into the result.

    Raises:
        CalibrationError: if there are too few people for delta, or a score is NaN or negative.
    """
    s = np.sort(np.asarray(scores, dtype=float))
    if s.ndim != 1 or np.any(np.isnan(s)) or np.any(s < 0):
        raise CalibrationError("scores must be one non-negative number per person")
    if not 0 < delta < 1:
        raise CalibrationError(f"delta must lie in (0, 1), got {delta}")
    strict = tighten(delta, tolerance)
    k = rank(len(s), strict, rule=rule, confidence=confidence)
    if not math.isfinite(s[k - 1]):
        raise CalibrationError(f"score {k} of {len(s)} is infinite: no scale holds {1 - strict:g}")
    stated = confidence if rule == "confident" else 0.0
    return Calibration(
        float(s[k - 1]), delta, len(s), k, rule, stated, group=group, tolerance=tolerance
    )


def tighten(delta: float, tolerance: float) -> float:
    """The miscoverage delta - e that the people calibrated on must carry, e the tolerance.

    Raises:
        CalibrationError: if e does not lie in [0, delta).
    """
    if not 0 <= tolerance < delta:
        raise CalibrationError(
            f"tolerance must be at least 0 and less than delta {delta:g}, got {tolerance:g}"
        )
    # Two decimal fractions leave a binary remainder that could ask for one person more.
    return round(delta - tolerance, 12)


def rank(people: int, delta: float, *, rule: str = "plain", confidence: float = CONFIDENCE) -> int:
    """Which sorted score to take, counted from 1; delta and confidence in (0, 1).

    Raises:
        CalibrationError: if even the largest score of so few people does not carry delta, or the
            rule is unknown.
    """
    if rule == "plain":
        # The guard keeps (n + 1)(1 - delta) = 19.000000000000004 from asking for one more.
        k = math.ceil((people + 1) * (1 - delta) - 1e-9)
    elif rule == "confident":
        k = _confident_rank(people, delta, confidence)
    else:
        raise CalibrationError(f"rule must be 'plain' or 'confident', got {rule!r}")
    if k > people:
        raise CalibrationError(
            f"{people} people cannot carry delta {delta} by the {rule} rule; at least "
            f"{least_people(delta, rule=rule, confidence=confidence)} are needed"
        )
    return k


def _confident_rank(people: int, delta: float, confidence: float) -> int:
    if not 0 < confidence < 1:
        raise CalibrationError(f"confidence must lie in (0, 1), got {confidence}")
    k = np.arange(1, people + 1)
    good = np.flatnonzero(beta.sf(1 - delta, k, people + 1 - k) >= confidence)
    return int(k[good[0]]) if len(good) else people + 1


def least_people(delta: float, *, rule: str = "plain", confidence: float = CONFIDENCE) -> int:
    """Fewest people who carry delta: 19 (plain) and 59 (95 % confident) for delta = 0.05."""
    if rule == "plain":
        return math.ceil(1 / delta - 1 - 1e-9)
    return math.ceil(math.log(1 - confidence) / math.log(1 - delta) - 1e-9)


def personal_scores(histories: Sequence[ArrayLike], new: ArrayLike, shrinkage: float) -> Array:
    """Scores relative to what each person's earlier dressings foretell.

    With m earlier scores of person i, g_i = (shrinkage + sum(earlier)) / (shrinkage + m) and the
    personal score is new_i / g_i. Every person gives one such score, made by the same rule from
    the same number of dressings, so the scores of people are exchangeable and `calibrate` applies
    to them as it stands; the scale for a returning person is its result times that person's g.

    Args:
        histories: for each person the scores of m earlier dressings, the same m for all.
        new: each person's next score, shape (n,).
        shrinkage: weight of the prior guess 1, in dressings; > 0.

    Raises:
        CalibrationError: if people differ in the number of earlier dressings.
    """
    if len({len(np.atleast_1d(np.asarray(h))) for h in histories}) > 1:
        raise CalibrationError("every person must have the same number of earlier dressings")
    guesses = np.array([personal_guess(h, shrinkage) for h in histories])
    return np.asarray(np.asarray(new, dtype=float) / guesses)


def personal_guess(history: ArrayLike, shrinkage: float) -> float:
    """What m earlier scores s of one person foretell of the next: (c + sum s) / (c + m), c > 0."""
    if shrinkage <= 0:
        raise CalibrationError(f"shrinkage must be positive, got {shrinkage}")
    s = np.atleast_1d(np.asarray(history, dtype=float))
    return float((shrinkage + s.sum()) / (shrinkage + len(s)))


def to_facts(calibrations: Mapping[Hashable, Calibration]) -> dict[str, dict[str, object]]:
    """JSON form for an artefact's manifest."""
    return {str(name): dict(vars(c)) for name, c in calibrations.items()}
