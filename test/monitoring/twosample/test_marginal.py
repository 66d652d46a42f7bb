from __future__ import annotations

import numpy as np
import pytest

from elbowroom.monitoring import MonitoringError, UnitError, marginal_test, permutation_test
from monitoring.shared import draw_ar


def draw(seed: int, n: int = 40, d: int = 64) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, d))


def test_statistics_against_a_direct_computation():
    x, y = draw(0, 6, 2), draw(1, 9, 2) + 0.3
    found = marginal_test(x, y, permutations=5000, seed=1)
    pooled = np.vstack([x, y])
    z = (pooled - pooled.mean(axis=0)) / pooled.std(axis=0)
    # Without replacement the difference of two means has variance s^2 (1/n + 1/m).
    spread = np.sqrt(15 / 14 * (1 / 6 + 1 / 9))
    direct = [
        np.abs(phi[:6].mean(axis=0) - phi[6:].mean(axis=0)) / (phi.std(axis=0) * spread)
        for phi in (z, z * z)
    ]
    # The deviation over 5000 assignments is known to a hundredth.
    assert found.statistic_by_feature == pytest.approx(np.max(direct, axis=0), rel=0.04)
    assert found.statistic == found.statistic_by_feature.max()


def test_it_names_the_feature_that_changed_and_keeps_the_level():
    false, single, pooled = [], [], []
    for seed in range(200):
        x, y = draw(2 * seed), draw(2 * seed + 1)
        false.append(marginal_test(x, y, permutations=39, seed=seed).p <= 0.05)
        y[:, 3] += 1.2
        found = marginal_test(x, y, permutations=39, seed=seed)
        single.append(found.adjusted_by_feature[3] <= 0.05)
        assert found.p == found.adjusted_by_feature.min()
        pooled.append(permutation_test(x, y, permutations=39, seed=seed).p <= 0.05)
    # 200 draws of 5 %: more than 20 happen once in 600.
    assert np.mean(false) <= 0.10
    assert np.mean(single) > 0.7 > np.mean(pooled) + 0.1


def test_spread_of_one_feature():
    x, y = draw(0, 100), draw(1, 100)
    y[:, 5] *= 2.0
    found = marginal_test(x, y)
    assert found.adjusted_by_feature.argmin() == 5
    assert found.p <= 0.05


def test_offset_and_scale_of_a_feature_change_nothing():
    x, y = draw(0), draw(1) + 0.2
    far = np.full(64, 7.0), np.geomspace(1e-3, 1e6, 64)
    here = marginal_test(x, y)
    there = marginal_test(far[0] + far[1] * x, far[0] + far[1] * y)
    assert there.p == here.p
    assert there.statistic_by_feature == pytest.approx(here.statistic_by_feature, rel=1e-4)


def test_constant_features_say_nothing():
    x, y = draw(0), draw(1)
    x[:, 0] = y[:, 0] = 1e9
    found = marginal_test(x, y)
    assert found.statistic_by_feature[0] == 0.0
    assert found.adjusted_by_feature[0] == 1.0
    with pytest.raises(MonitoringError, match="constant"):
        marginal_test(np.ones((5, 2)), np.ones((5, 2)))


def test_dependent_samples_by_trial():
    rng, labels, hits = np.random.default_rng(2), np.repeat(np.arange(6), 20), []
    for seed in range(60):
        x, y = (draw_ar(rng, 6, 20, 2, 0.98).reshape(-1, 2) for _ in range(2))
        found = marginal_test(x, y, permutations=39, seed=seed, groups=(labels, labels))
        hits.append(found.p <= 0.05)
    # 60 draws of 5 %: more than 9 happen once in 700.
    assert np.mean(hits) <= 0.15


def test_too_few_trials_are_refused():
    labels = np.repeat([0, 1], 20)
    with pytest.raises(UnitError, match="6 ways"):
        marginal_test(draw(0), draw(1), groups=(labels, labels))
