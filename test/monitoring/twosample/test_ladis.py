from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import combine_pvalues

from elbowroom.monitoring import MonitoringError, permutation_test
from elbowroom.monitoring.twosample.detection import detection_rate
from elbowroom.monitoring.twosample.kernels import squared_distances
from elbowroom.monitoring.twosample.ladis import (
    fisher,
    ladis_kernel,
    ladis_test,
    mean_embedding_score,
)
from monitoring.shared import read_cases


@pytest.mark.parametrize("index", range(4))
def test_published_values(index):
    case = read_cases()["cases"][index]
    x, y = np.array(case["X"]), np.array(case["Y"])
    across = squared_distances(x, y)
    # They were computed in single precision.
    kernels = (ladis_kernel(squared_distances(x, x), across), ladis_kernel(across, across))
    assert kernels[0][0] == pytest.approx(case["ladis"]["kernel_XX_row0"], abs=2e-6)
    assert kernels[1][0] == pytest.approx(case["ladis"]["kernel_XY_row0"], abs=2e-6)
    assert ladis_test(x, y).statistic == pytest.approx(case["ladis"]["mmd_v_statistic"], abs=2e-6)
    assert mean_embedding_score(x, y, y) == pytest.approx(case["me_stat_per_query"], abs=5e-6)


def test_its_null_is_too_wide_for_a_change_that_permutations_see():
    rng, published, ours = np.random.default_rng(0), [], []
    for seed in range(20):
        x, y = rng.standard_normal((100, 64)), rng.standard_normal((100, 64))
        y[:, 0] += 0.9
        published.append(ladis_test(x, y, seed=seed).p)
        ours.append(permutation_test(x, y, permutations=99, seed=seed).p)
    assert np.mean(np.array(published) < 0.05) < 0.2
    assert np.mean(np.array(ours) <= 0.05) > 0.5


def test_bootstrap_is_seeded_and_sorted():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((20, 2)), rng.standard_normal((20, 2))
    first = ladis_test(x, y, seed=4)
    assert first.p == ladis_test(x, y, seed=4).p
    assert (np.diff(first.bootstrap) >= 0).all()
    assert first.p == np.mean(first.bootstrap >= first.statistic)


def test_fisher_is_the_textbook_product():
    p = [0.03, 0.2, 0.6]
    assert fisher(p) == pytest.approx(combine_pvalues(p, method="fisher")[1], rel=1e-6)


def test_sizes_must_agree():
    with pytest.raises(MonitoringError, match="one size"):
        ladis_test(np.zeros((4, 1)), np.ones((5, 1)))


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
