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
    ladis_p_values,
    ladis_test,
    mean_embedding_score,
    run_ladis,
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


def pool(seed: int, n: int, shift: float = 0.0) -> dict[str, np.ndarray]:
    rows = np.random.default_rng(seed).standard_normal((n, 3))
    return {"input": rows, "last": rows[:, :1] + shift}


def test_the_whole_method_by_layer():
    x, y = pool(0, 90), pool(1, 70, 3.0)
    classes = (np.arange(90) % 2, np.arange(70) % 2)
    found = run_ladis(x, y, draws=10, size=30, classes=classes, seed=2)
    same = detection_rate(x, y, draws=10, size=30, classes=classes, seed=2, test=ladis_p_values)
    assert found.rates == same
    assert found.rates["last"] == 1.0
    assert found.rates["input"] == 0.0
    assert {name: s.shape for name, s in found.scores.items()} == {"input": (70,), "last": (70,)}
    assert all((s >= 0).all() for s in found.scores.values())
