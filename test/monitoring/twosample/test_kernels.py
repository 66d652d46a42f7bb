from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.monitoring import MonitoringError, gaussian_kernel, median_bandwidths
from elbowroom.monitoring.twosample.kernels import FAMILY, evaluate_family, squared_distances


def draw(seed: int, n: int, d: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(3.0, 2.0, (n, d))


@given(st.integers(0, 999), st.integers(2, 9), st.integers(1, 4))
def test_distances_are_those_of_single_pairs(seed, n, d):
    x, y = draw(seed, n, d), draw(seed + 1, n + 2, d)
    single = [[np.sum((a - b) ** 2) for b in y] for a in x]
    assert squared_distances(x, y) == pytest.approx(np.array(single), abs=1e-10)


@given(st.integers(0, 999), st.integers(2, 8), st.integers(1, 8))
def test_bandwidth_is_the_upper_median_of_pooled_pairs(seed, n, m):
    x, y = draw(seed, n, 3), draw(seed + 1, m, 3)
    z = np.vstack([x, y])
    pairs = sorted(np.sum((z[i] - z[j]) ** 2) for i in range(n + m) for j in range(i))
    found = median_bandwidths(x, y, [0.0])
    assert 2 * found[0] ** 2 == pytest.approx(pairs[len(pairs) // 2])


def test_family_is_about_the_median_and_ascending():
    found = median_bandwidths(draw(0, 20, 3))
    middle = median_bandwidths(draw(0, 20, 3), None, [0.0])[0]
    assert found == pytest.approx(middle * 2.0 ** np.array(FAMILY))


def test_bandwidths_do_not_change_when_rows_change_sides():
    z = draw(5, 12, 2)
    assert median_bandwidths(z[:4], z[4:]) == pytest.approx(median_bandwidths(z[6:], z[:6]))


@pytest.mark.parametrize("sigmas", [[1.0], [0.5, 1.0, 2.0], [1.0, 2**0.5, 2.0, 7.0], [3.0, 0.7]])
def test_family_by_squaring_equals_exponentials(sigmas):
    distances = squared_distances(draw(1, 8, 2), draw(2, 5, 2))
    for kernel, sigma in zip(evaluate_family(distances, np.array(sigmas)), sigmas, strict=True):
        assert kernel == pytest.approx(np.exp(-distances / (2 * sigma**2)), rel=2e-5, abs=1e-7)


def test_many_equal_samples_still_have_a_bandwidth():
    x = np.zeros((10, 2))
    x[0] = [3.0, 4.0]
    assert median_bandwidths(x, None, [0.0])[0] == pytest.approx(np.sqrt(12.5))


def test_constant_samples_are_refused():
    with pytest.raises(MonitoringError, match="coincide"):
        median_bandwidths(np.ones((10, 2)))


@pytest.mark.parametrize("sigmas", [[], [0.0], [-1.0], [np.nan], [[1.0]], [np.inf]])
def test_bad_bandwidths_are_refused(sigmas):
    with pytest.raises(MonitoringError, match="bandwidths"):
        gaussian_kernel([[0.0]], [[1.0]], sigmas)


def test_kernel_sums_over_bandwidths():
    value = gaussian_kernel([[0.0, 0.0]], [[3.0, 4.0]], [5.0, 10.0])
    assert value[0, 0] == pytest.approx(np.exp(-0.5) + np.exp(-0.125))
