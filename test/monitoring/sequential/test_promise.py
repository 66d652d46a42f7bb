from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from elbowroom.monitoring import MonitoringError
from elbowroom.monitoring.sequential.promise import choose_threshold, guaranteed_run_length

thresholds = st.floats(2, 1e4)
passes = st.integers(1, 5000)


@given(thresholds, passes)
def test_bound_lies_between_three_quarters_of_the_threshold_and_the_threshold(threshold, length):
    bound = guaranteed_run_length(threshold, length)
    assert 0.75 * threshold * (1 - 1e-9) <= bound <= threshold * (1 + 1e-9)
    assert guaranteed_run_length(threshold, math.inf) == threshold


@given(st.floats(1, 1e4), passes)
def test_threshold_keeps_the_promise_and_no_less_would(run_length, length):
    threshold = choose_threshold(run_length, length)
    assert guaranteed_run_length(threshold, length) >= run_length
    assert guaranteed_run_length(0.999 * threshold, length) < run_length


@pytest.mark.parametrize(("threshold", "length"), [(30, 2), (30, 15), (30, 29), (30, 200)])
def test_bound_against_a_linear_program_over_all_laws(threshold, length):
    """The least E[a / q] over every law of (a, q) that the martingale allows, on a grid."""
    q, part = np.meshgrid(np.linspace(0.005, 1.0, 200), np.linspace(0.0, 1.0, 41))
    q, a = q.ravel(), (length * (1.0 - q + part * q)).ravel()
    fair = (threshold * q - a)[None]
    least = linprog(a / q, A_ub=fair, b_ub=[0.0], A_eq=np.ones((1, q.size)), b_eq=[1.0]).fun
    bound = guaranteed_run_length(threshold, length)
    assert bound <= least * (1 + 1e-6)
    # No law on the grid comes nearer than this: the bound gives little away.
    assert bound >= 0.74 * least


def test_impossible_promises_are_refused():
    with pytest.raises(MonitoringError, match="at least 1"):
        choose_threshold(0.5, 10)
    with pytest.raises(MonitoringError, match="pass"):
        choose_threshold(10, 0)
