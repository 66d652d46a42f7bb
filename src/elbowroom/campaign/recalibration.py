"""How the promise fares over many calibrations: people drawn anew from those who were scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import betabinom

from elbowroom.campaign.pool import CampaignError
from elbowroom.estimation.conformal.calibration import CalibrationError, calibrate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Recalibrations:
    """Coverage of the people left over in each of R calibrations at D deltas.

    Attributes:
        deltas: admitted probabilities of a miss, shape (D,).
        coverage: share of the others whose score is within the scale, shape (R, D); NaN where
            the people cannot carry the delta.
        scale: calibrated scales, shape (R, D).
        people: calibrated on, each time.
        others: judged on, each time.
        rule: quantile rule.
    """

    deltas: Array
    coverage: Array
    scale: Array
    people: int
    others: int
    rule: str

    def kept(self) -> Array:
        """Share of the calibrations whose others were covered as promised, shape (D,)."""
        return np.asarray(np.mean(self.coverage >= 1 - self.deltas - 1e-12, axis=0))


def recalibrate(
    scores: Array,
    people: int,
    deltas: Array,
    *,
    rule: str = "plain",
    confidence: float = 0.95,
    repeats: int = 200,
    seed: int = 0,
) -> Recalibrations:
    """Calibrate on so many people drawn without replacement and judge on all others, many times.

    A person whose score is within the scale has the elbow in the box at every sample (see
    docs/guarantee.md), so the coverage found here is a lower bound of that of the boxes.

    Args:
        scores: one a person, of people used for neither training nor scaling, shape (N,).
        people: to calibrate on, less than N.
        deltas: in (0, 1), shape (D,).
        rule: see `conformal.calibrate`.
        confidence: likewise.
        repeats: R.
        seed: of the draws.

    Raises:
        CampaignError: if nobody would be left to judge on.
    """
    s, deltas = np.asarray(scores, dtype=float), np.asarray(deltas, dtype=float)
    if not 0 < people < len(s):
        raise CampaignError(f"calibrating on {people} of {len(s)} people leaves nobody to judge on")
    rng = np.random.default_rng(seed)
    scale = np.full((repeats, len(deltas)), np.nan)
    coverage = scale.copy()
    for r in range(repeats):
        order = rng.permutation(len(s))
        chosen, others = s[order[:people]], np.sort(s[order[people:]])
        for d, delta in enumerate(deltas):
            try:
                scale[r, d] = calibrate(chosen, delta, rule=rule, confidence=confidence).scale
            except CalibrationError:
                continue
            coverage[r, d] = np.searchsorted(others, scale[r, d], side="right") / len(others)
    return Recalibrations(deltas, coverage, scale, people, len(s) - people, rule)


def expect_kept(people: int, others: int, rank: int, delta: float) -> float:
    """Share of calibrations, 0 to 1, that theory lets keep 1 - delta on so many others.

    The number of covered others is beta-binomial with parameters (rank, people + 1 - rank): the
    chance of the calibration people and of those judged on together.
    """
    least = int(np.ceil(others * (1 - delta) - 1e-9))
    return float(betabinom.sf(least - 1, others, rank, people + 1 - rank))


def summarise_recalibrations(found: Recalibrations, delta: float) -> dict[str, Any]:
    """Figures at one of the deltas, as JSON values."""
    d = int(np.argmin(np.abs(found.deltas - delta)))
    coverage = found.coverage[:, d]
    return {
        "rule": found.rule,
        "delta": float(found.deltas[d]),
        "recalibrations": len(coverage),
        "people_calibrated": found.people,
        "people_judged": found.others,
        "coverage_mean": float(np.mean(coverage)),
        "coverage_p5": float(np.quantile(coverage, 0.05)),
        "share_kept": float(found.kept()[d]),
        "scale_mean": float(np.mean(found.scale[:, d])),
        "scale_std": float(np.std(found.scale[:, d])),
    }
