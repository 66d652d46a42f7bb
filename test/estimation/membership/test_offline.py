from __future__ import annotations

import numpy as np
import pytest

from elbowroom.estimation import make_estimator
from elbowroom.estimation.membership.offline import filter_rows
from elbowroom.models.features.causal import anchor_of, rows_of
from estimation.toy import draw_trial


@pytest.fixture(scope="module")
def trials():
    return [draw_trial(i, 0.4 + 0.1 * i) for i in range(5)]


def filter_all(estimator, trials, **how):
    arms, rows = [t.arm for t in trials], [rows_of(t) for t in trials]
    return filter_rows(estimator.model, arms, rows, estimator.calibration.scale, **how)


@pytest.mark.parametrize("inputs", ["none", "wrist+progress+effort"])
def test_offline_boxes_are_those_of_the_online_filter(trials, inputs):
    estimator = make_estimator("set", inputs=inputs)
    found = filter_all(estimator, trials, inputs=inputs, steps=30)
    for i, trial in enumerate(trials):
        state, k = estimator.start(trial.arm), 0
        for sample in trial.samples():
            state, estimate = estimator.step(state, sample)
            if state.count > k:
                assert found.time[i, k] == sample.stamp
                np.testing.assert_allclose(found.boxes.size[i, k], estimate.box.size, atol=1e-5)
                np.testing.assert_array_equal(found.anchor[i, k], anchor_of(state.memory))
                middle = 0.5 * (found.boxes.lower + found.boxes.upper)[i, k]
                centre = found.anchor[i, k] + found.boxes.axes[i, k] @ middle
                np.testing.assert_allclose(centre, estimate.box.centre, atol=1e-5)
                k += 1
        assert k == found.steps[i]
        assert np.isnan(found.time[i, k:]).all()


def test_neither_threads_nor_portions_matter(trials):
    estimator, done = make_estimator("set"), []
    one = filter_all(estimator, trials, steps=30, workers=1, chunk=5)
    two = filter_all(estimator, trials, steps=30, workers=2, chunk=2, progress=done.append)
    assert sorted(done) == [1, 2, 2]
    np.testing.assert_array_equal(one.steps, two.steps)
    np.testing.assert_allclose(one.boxes.size, two.boxes.size, atol=1e-6)


def test_longer_dressings_are_cut(trials):
    found = filter_all(make_estimator("set"), trials, steps=12)
    assert found.boxes.size.shape == (5, 12, 3)
    assert found.steps.tolist() == [10, 12, 12, 12, 12]
