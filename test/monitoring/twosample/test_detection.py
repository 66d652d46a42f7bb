from __future__ import annotations

import numpy as np
import pytest

from elbowroom.monitoring import MonitoringError
from elbowroom.monitoring.twosample.detection import detection_rate, draw_rows


def draw(seed: int, n: int, shift: float = 0.0) -> dict[str, np.ndarray]:
    rows = np.random.default_rng(seed).standard_normal((n, 3))
    return {"input": rows, "last": rows[:, :1] + shift}


def test_detection_rate_by_layer():
    found = detection_rate(draw(0, 120), draw(1, 120, 3.0), draws=20, size=30)
    assert found["last"] == 1.0
    assert found["all"] == 1.0
    assert found["input"] < 0.4


def test_a_change_of_classes_alone_is_not_detected_when_conditioned():
    rng = np.random.default_rng(0)
    known, live = np.repeat([0, 1], 150), np.repeat([0, 1], [30, 120])
    x = {"input": rng.standard_normal((300, 2)) + 3.0 * known[:, None]}
    y = {"input": rng.standard_normal((150, 2)) + 3.0 * live[:, None]}
    kwargs = {"draws": 20, "size": 60}
    assert detection_rate(x, y, **kwargs)["input"] > 0.9
    assert detection_rate(x, y, classes=(known, live), **kwargs)["input"] < 0.4


def test_classes_without_reference_are_refused():
    with pytest.raises(MonitoringError, match="no row of class 7"):
        detection_rate(
            draw(0, 40), draw(1, 40), draws=1, size=20, classes=(np.zeros(40), np.full(40, 7))
        )


def test_too_small_pools_are_refused():
    with pytest.raises(MonitoringError, match="at least 100"):
        detection_rate(draw(0, 99), draw(1, 200))


def test_as_many_of_each_class_are_drawn_as_the_sample_has():
    known, live = np.repeat([0, 1], [380, 60]), np.repeat([0, 1], 100)
    for seed in range(20):
        rows = draw_rows(np.random.default_rng(seed), (440, 200), 100, (known, live))
        assert len(set(rows[0])) == 100
        assert known[rows[0]].sum() == live[rows[1]].sum()


def test_a_class_rare_in_the_reference_is_no_change():
    known, live = np.repeat([0.0, 1.0], [380, 50]), np.repeat([0.0, 1.0], 50)

    def compare(reference, sample, seed):
        return {"class": float(reference["class"].sum() == sample["class"].sum())}

    x, y = {"class": known[:, None]}, {"class": live[:, None]}
    found = detection_rate(x, y, draws=40, classes=(known, live), test=compare)
    assert found["class"] == 0.0


def test_a_class_with_too_few_rows_is_refused():
    known, live = np.repeat([0, 1], [380, 20]), np.repeat([0, 1], 50)
    with pytest.raises(MonitoringError, match="20 rows of class 1, a draw of 100 has 50"):
        detection_rate(draw(0, 400), draw(1, 100), draws=1, classes=(known, live))


def test_every_row_needs_a_class():
    with pytest.raises(MonitoringError, match="classes label"):
        detection_rate(
            draw(0, 40), draw(1, 40), draws=1, size=20, classes=(np.zeros(39), np.zeros(40))
        )
