from __future__ import annotations

import numpy as np
import pytest

from elbowroom.sim.sensing.tracker import Gauge, Tracker, visibility


def test_images_come_at_the_camera_rate() -> None:
    tracker = Tracker(np.random.default_rng(0), 30.0, 0.01, 0.0, 1.0)
    seen = [k for k in range(240) if tracker.see(k / 240, np.zeros(3)) is not None]
    assert seen == list(range(0, 240, 8))


def test_errors_have_the_declared_size() -> None:
    errors = []
    for seed in range(200):
        tracker = Tracker(np.random.default_rng(seed), 30.0, 0.004, 0.007, 2.0)
        errors.append([tracker.see(k / 30, np.ones(3)) - 1.0 for k in range(60)])
    total = np.sqrt(np.mean(np.sum(np.square(errors), axis=-1)))
    assert total == pytest.approx(np.hypot(0.004, 0.007), rel=0.05)
    # White errors average out within a spell, slow ones do not.
    slow = np.mean(errors, axis=1)
    assert np.sqrt(np.mean(np.sum(slow**2, axis=-1))) > 0.005


def test_a_gauge_reads_at_its_rate_with_white_and_constant_errors() -> None:
    errors = []
    for seed in range(300):
        gauge = Gauge(np.random.default_rng(seed), 60.0, 0.3, 0.2, 7)
        readings = [gauge.read(k / 240, np.full(7, 5.0)) for k in range(240)]
        assert [k for k, r in enumerate(readings) if r is not None] == list(range(0, 240, 4))
        errors.append([r - 5.0 for r in readings if r is not None])
    assert np.std(errors) == pytest.approx(np.hypot(0.3, 0.2), rel=0.05)
    assert np.std(np.mean(errors, axis=1)) == pytest.approx(0.2, rel=0.1)
    assert np.abs(np.mean(errors, axis=(0, 1))).max() < 0.05


@pytest.mark.parametrize(("mode", "low", "high"), [("never", 0, 0), ("always", 1, 1)])
def test_visibility_extremes(mode: str, low: float, high: float) -> None:
    view = visibility(np.random.default_rng(0), mode, 10.0)
    assert low <= view.mean() <= high
    assert len(view) == 101


def test_half_of_the_time_on_average() -> None:
    views = [visibility(np.random.default_rng(s), "half", 20.0) for s in range(100)]
    assert 0.4 < np.mean(views) < 0.6
    assert np.std([v.mean() for v in views]) > 0.02
