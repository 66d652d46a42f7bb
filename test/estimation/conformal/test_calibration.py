from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from elbowroom.estimation.conformal.calibration import (
    CalibrationError,
    calibrate,
    least_people,
    personal_guess,
    personal_scores,
    rank,
)


@pytest.mark.parametrize(("n", "k"), [(59, 59), (99, 98), (199, 195), (499, 483)])
def test_confident_ranks_for_five_percent(n, k):
    # Quantiles of the binomial distribution; the four pairs are the known table for delta 0.05.
    assert rank(n, 0.05, rule="confident") == k


@given(st.integers(59, 2000), st.sampled_from([0.05, 0.1, 0.2]), st.sampled_from([0.9, 0.95]))
def test_the_confident_rank_is_the_least_that_keeps_its_word(n, delta, confidence):
    # P(coverage >= 1 - delta) = P(Binomial(n, 1 - delta) <= k - 1), an independent form.
    k = rank(n, delta, rule="confident", confidence=confidence)
    assert binom.cdf(k - 1, n, 1 - delta) >= confidence - 1e-9
    assert binom.cdf(k - 2, n, 1 - delta) < confidence + 1e-9


@pytest.mark.parametrize(
    ("delta", "plain", "confident"), [(0.1, 9, 29), (0.05, 19, 59), (0.01, 99, 299)]
)
def test_the_fewest_people_that_carry_delta(delta, plain, confident):
    assert least_people(delta) == plain
    assert least_people(delta, rule="confident") == confident
    assert rank(plain, delta) == plain
    for n, rule in ((plain - 1, "plain"), (confident - 1, "confident")):
        with pytest.raises(CalibrationError, match="cannot carry delta"):
            rank(n, delta, rule=rule)


def test_coverage_of_new_people_over_many_calibrations():
    rng = np.random.default_rng(1)
    plain, confident = [], []
    for _ in range(400):
        scores = rng.lognormal(size=199)
        # Exact coverage of a scale under the known distribution of scores.
        fresh = rng.lognormal(size=4000)
        plain.append(np.mean(fresh <= calibrate(scores, 0.05).scale))
        confident.append(np.mean(fresh <= calibrate(scores, 0.05, rule="confident").scale))
    assert abs(np.mean(plain) - 190 / 200) < 0.004
    assert np.mean(np.array(confident) >= 0.95) >= 0.92


@pytest.mark.parametrize("bad", [[np.nan] * 30, [-1.0] * 30, [[1.0] * 30]])
def test_scores_that_are_no_scores_are_refused(bad):
    with pytest.raises(CalibrationError, match="non-negative"):
        calibrate(bad, 0.1)


def test_an_infinite_quantile_is_refused():
    with pytest.raises(CalibrationError, match="infinite"):
        calibrate([1.0] * 20 + [np.inf] * 10, 0.1)


@pytest.mark.parametrize("delta", [0.0, 1.0, -0.1, 2.0])
def test_a_delta_outside_its_range_is_refused(delta):
    with pytest.raises(CalibrationError, match="delta"):
        calibrate(np.ones(100), delta)


def test_personal_scores_keep_coverage_and_shrink_the_scale():
    rng = np.random.default_rng(2)
    habit = rng.lognormal(0, 0.6, 4000)
    runs = habit[:, None] * rng.lognormal(0, 0.15, (4000, 4))
    personal = personal_scores(runs[:, :3], runs[:, 3], 0.5)
    scale = calibrate(personal[:499], 0.05).scale
    guesses = np.array([personal_guess(h, 0.5) for h in runs[499:, :3]])
    covered = runs[499:, 3] <= scale * guesses
    assert abs(covered.mean() - 0.95) < 0.03
    shared = calibrate(runs[:499, 3], 0.05).scale
    assert np.mean(scale * guesses) < 0.75 * shared


def test_histories_of_different_length_are_refused():
    with pytest.raises(CalibrationError, match="same number"):
        personal_scores([[1.0], [1.0, 2.0]], [1.0, 1.0], 1.0)


def test_the_rule_is_told_with_what_is_not_as_by_default():
    scores = np.arange(1.0, 200.0)
    assert calibrate(scores, 0.1).stated == "plain"
    assert calibrate(scores, 0.1, rule="confident").stated == "confident"
    weak = calibrate(scores, 0.1, rule="confident", confidence=0.5, tolerance=0.04)
    assert weak.stated == "confident, confidence 0.5, tolerance 0.04"
