from __future__ import annotations

import numpy as np
import pytest

from elbowroom.campaign.pool import CampaignError
from elbowroom.campaign.recalibration import (
    expect_kept,
    recalibrate,
    summarise_recalibrations,
)
from elbowroom.estimation.conformal.calibration import rank
from elbowroom.view.plots import plot_recalibrations

SCORES = np.random.default_rng(5).lognormal(size=1500)
DELTAS = np.array([0.001, 0.05, 0.2])


def test_the_plain_rule_covers_on_average_and_the_confident_one_mostly():
    plain = recalibrate(SCORES, 400, DELTAS, repeats=200)
    assert np.mean(plain.coverage[:, 1]) == pytest.approx(0.95, abs=0.006)
    assert 0.3 < plain.kept()[1] < 0.7
    confident = recalibrate(SCORES, 400, DELTAS, rule="confident", repeats=200)
    figures = summarise_recalibrations(confident, 0.05)
    expected = expect_kept(400, 1100, rank(400, 0.05, rule="confident"), 0.05)
    assert figures["share_kept"] == confident.kept()[1] == pytest.approx(expected, abs=0.05)
    assert (figures["people_calibrated"], figures["people_judged"]) == (400, 1100)
    assert figures["scale_mean"] > summarise_recalibrations(plain, 0.05)["scale_mean"]


def test_a_delta_that_is_too_small_is_left_blank(tmp_path):
    found = recalibrate(SCORES, 400, DELTAS, repeats=5)
    assert np.isnan(found.coverage[:, 0]).all()
    assert np.isfinite(found.coverage[:, 1:]).all()
    plot_recalibrations(tmp_path / "r.png", {"plain": found})
    assert (tmp_path / "r.png").stat().st_size > 5000


def test_what_theory_expects_agrees_with_a_simulation():
    rng = np.random.default_rng(0)
    kept = []
    for _ in range(4000):
        scale = np.sort(rng.uniform(size=99))[97]
        kept.append(np.mean(rng.uniform(size=200) <= scale) >= 0.95)
    assert np.mean(kept) == pytest.approx(expect_kept(99, 200, 98, 0.05), abs=0.025)


def test_somebody_must_be_left_to_judge_on():
    with pytest.raises(CampaignError, match="leaves nobody"):
        recalibrate(SCORES, 1500, DELTAS)


def test_the_same_seed_draws_the_same_people():
    one, two, other = (recalibrate(SCORES, 100, DELTAS, repeats=3, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.scale, two.scale)
    assert np.any(one.scale[:, 1] != other.scale[:, 1])
