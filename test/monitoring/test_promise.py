from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from elbowroom.monitoring import MonitoringError
from elbowroom.monitoring.promise import choose_threshold, guaranteed_run_length

thresholds = st.floats(2, 1e4)
passes = st.integers(1, 5000)


@given(thresholds, passes)
def test_bound_lies_between_half_the_threshold_and_the_threshold(threshold, length):
    bound = guaranteed_run_length(threshold, length)
    assert threshold / 2 * (1 - 1e-9) <= bound <= threshold
    assert guaranteed_run_length(threshold, math.inf) == threshold


@given(st.floats(1, 1e4), passes)
def test_threshold_keeps_the_promise_and_no_less_would(run_length, length):
    threshold = choose_threshold(run_length, length)
    assert guaranteed_run_length(threshold, length) >= run_length
    assert guaranteed_run_length(0.999 * threshold, length) < run_length


@pytest.mark.parametrize(("threshold", "length"), [(30, 5), (30, 7), (40, 20), (30, 45)])
def test_bound_against_a_linear_program_over_all_laws(threshold, length):
    """The least E[T] over every law that the proof's inequalities allow, found by a program.

    Unknown are f_t = P(T_1 <= t), 0 <= t <= L, of one pass alone. Each pass has
    sum_{t < L} (1 - f_t) >= A f_L, and T's survival after k passes and t units is at least
    max(0, 1 - k f_L - f_t).
    """
    count = math.ceil(2 * threshold / length) + 1
    survival = count * length
    cost = np.concatenate([np.zeros(length + 1), np.ones(survival)])
    rows, bounds = [], []
    for k in range(count):
        for t in range(length):
            row = np.zeros(cost.size)
            row[length + 1 + k * length + t] = -1.0
            row[t] -= 1.0
            row[length] -= k
            rows.append(row)
            bounds.append(-1.0)
    mean = np.zeros(cost.size)
    mean[:length] = 1.0
    mean[length] += threshold
    rows.append(mean)
    bounds.append(float(length))
    for t in range(length):
        row = np.zeros(cost.size)
        row[t], row[t + 1] = 1.0, -1.0
        rows.append(row)
        bounds.append(0.0)
    least = linprog(cost, A_ub=np.array(rows), b_ub=bounds, bounds=(0, 1)).fun
    assert guaranteed_run_length(threshold, length) <= least + 1e-6


def test_impossible_promises_are_refused():
    with pytest.raises(MonitoringError, match="at least 1"):
        choose_threshold(0.5, 10)
    with pytest.raises(MonitoringError, match="pass"):
        choose_threshold(10, 0)
