from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.monitoring import (
    MonitoringError,
    UnitError,
    autocorrelation_time,
    check_units,
    cut_blocks,
    summarise_unit,
)
from monitoring.shared import draw_ar


@pytest.mark.parametrize("a", [0.0, 0.5, 0.9, 0.98])
def test_time_of_an_ar_process(a):
    series = draw_ar(np.random.default_rng(1), 1, 100_000, 1, a)[0]
    assert autocorrelation_time(series) == pytest.approx((1 + a) / (2 * (1 - a)), rel=0.15)


def test_trials_are_pooled_and_the_slowest_feature_counts():
    rng = np.random.default_rng(0)
    trials = [
        np.hstack([draw_ar(rng, 1, 800, 1, 0.9)[0], rng.standard_normal((800, 1))])
        for _ in range(40)
    ]
    assert autocorrelation_time(trials) == pytest.approx(9.5, rel=0.2)


def test_a_constant_feature_beside_a_moving_one_is_left_out():
    rng = np.random.default_rng(0)
    rows = np.hstack([rng.standard_normal((5000, 1)), np.full((5000, 1), 3.0)])
    assert autocorrelation_time(rows) == pytest.approx(0.5, abs=0.1)


def test_series_too_short_to_see_the_correlation_die_out_are_refused():
    trials = list(draw_ar(np.random.default_rng(0), 30, 60, 1, 0.98))
    with pytest.raises(UnitError, match="trial itself is the unit"):
        autocorrelation_time(trials)


def test_constant_series_are_refused():
    with pytest.raises(MonitoringError, match="constant"):
        autocorrelation_time(np.ones((100, 2)))


def test_blocks_need_length_and_gap():
    check_units(length=50, gap=25, tau=10.0)
    with pytest.raises(UnitError, match="at least 50"):
        check_units(length=49, gap=25, tau=10.0)
    with pytest.raises(UnitError, match="at least 25"):
        check_units(length=50, gap=24, tau=10.0)


@given(st.integers(1, 60), st.integers(1, 9), st.integers(0, 5))
def test_blocks_keep_order_and_gap(rows, length, gap):
    blocks = cut_blocks(np.arange(rows, dtype=float), length, gap)
    assert all(len(block) == length for block in blocks)
    starts = [int(block[0, 0]) for block in blocks]
    assert starts == [i * (length + gap) for i in range(len(starts))]
    assert rows - (len(starts) * (length + gap)) < length


def test_blocks_of_five_tau_are_nearly_uncorrelated():
    series = draw_ar(np.random.default_rng(3), 1, 200_000, 1, 0.9)[0]
    tau = autocorrelation_time(series)
    blocks = cut_blocks(series, int(np.ceil(5 * tau)), int(np.ceil(2.5 * tau)))
    means = np.array([block.mean() for block in blocks])
    means -= means.mean()
    assert abs(means[1:] @ means[:-1] / (means @ means)) < 0.1


def test_a_unit_is_its_mean_and_log_deviation():
    rows = np.array([[1.0, 10.0], [3.0, 30.0]])
    found = summarise_unit(rows)
    assert found[:2].tolist() == [2.0, 20.0]
    assert found[2:] == pytest.approx(np.log(np.array([1.0, 10.0]) * np.sqrt(2)), abs=2e-3)
    assert summarise_unit(rows, spread=False).tolist() == [2.0, 20.0]


def test_a_feature_that_stands_still_keeps_its_unit_finite():
    assert np.isfinite(summarise_unit(np.zeros((5, 2)))).all()


def test_one_sample_has_no_spread():
    with pytest.raises(MonitoringError, match="at least 2"):
        summarise_unit([[1.0, 2.0]])
    assert summarise_unit([[1.0, 2.0]], spread=False).tolist() == [1.0, 2.0]
