from __future__ import annotations

import numpy as np
import pytest

from elbowroom.monitoring import FastWindow, MonitoringError, mmd2, pack_state, unpack_state

RNG = np.random.default_rng(0)
REFERENCE = RNG.standard_normal((400, 3))
WINDOW = FastWindow(REFERENCE, size=10, run_length=300.0)


def run(window, units, state=None):
    state, values = state or window.start(), []
    for unit in units:
        state, value = window.step(state, unit)
        values.append(value)
    return state, np.array(values)


def test_no_statement_until_the_window_is_full():
    _, values = run(WINDOW, RNG.standard_normal((12, 3)))
    assert np.isnan(values[:9]).all()
    assert np.isfinite(values[9:]).all()


def test_the_statistic_is_the_unbiased_mmd_of_the_last_units():
    units = RNG.standard_normal((15, 3))
    state, values = run(WINDOW, units)
    known, sigmas = WINDOW._known, WINDOW._sigmas
    assert values[-1] == pytest.approx(mmd2(state.rows, known, sigmas))
    assert state.rows == pytest.approx(WINDOW._scaler.scale(units[-10:]))


def test_a_calibrating_stream_gets_the_same_statistic_as_a_live_one():
    drawn = RNG.integers(30, size=(2, 25))
    pool = RNG.standard_normal((30, 3))
    scaled = WINDOW._scaler.scale(pool)
    from elbowroom.monitoring.twosample.kernels import evaluate_kernel, squared_distances

    own = evaluate_kernel(squared_distances(scaled, scaled), WINDOW._sigmas)
    across = evaluate_kernel(squared_distances(scaled, WINDOW._known), WINDOW._sigmas)
    slid = WINDOW._slide(drawn, own, across.mean(axis=1))
    for stream, values in zip(drawn, slid, strict=True):
        assert run(WINDOW, pool[stream])[1][9:] == pytest.approx(values)


def test_warnings_without_a_change_are_as_rare_as_asked_for():
    _, values = run(WINDOW, np.random.default_rng(1).standard_normal((3000, 3)))
    above = values >= WINDOW.threshold
    starts = np.sum(above[1:] & ~above[:-1])
    # Ten are due; alarms come in runs and the reference is finite.
    assert starts <= 30


def test_a_shift_is_found_within_a_window():
    state, _ = run(WINDOW, RNG.standard_normal((10, 3)))
    _, values = run(WINDOW, RNG.standard_normal((10, 3)) + [2.0, 0.0, 0.0], state)
    assert values.max() >= WINDOW.threshold


def test_state_survives_a_restart():
    state, _ = run(WINDOW, RNG.standard_normal((4, 3)))
    restored = unpack_state(pack_state(state), like=WINDOW.start())
    units = RNG.standard_normal((9, 3))
    assert run(WINDOW, units, restored)[1][-1] == run(WINDOW, units, state)[1][-1]


@pytest.mark.parametrize("unit", [[0.0, np.nan, 0.0], [0.0, 0.0]])
def test_bad_units_are_refused(unit):
    with pytest.raises(MonitoringError):
        WINDOW.step(WINDOW.start(), unit)


def test_small_references_and_windows_are_refused():
    with pytest.raises(MonitoringError, match="at least 40 samples"):
        FastWindow(REFERENCE[:39], size=10)
    with pytest.raises(MonitoringError, match="at least 2 units"):
        FastWindow(REFERENCE, size=1)
    with pytest.raises(MonitoringError, match="constant"):
        FastWindow(np.ones((50, 2)))
