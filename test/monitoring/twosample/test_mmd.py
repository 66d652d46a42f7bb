from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.monitoring import MonitoringError, gaussian_kernel, mmd2
from monitoring.shared import read_cases

seeds = st.integers(0, 9999)


def draw(seed: int, n: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, 3))


@pytest.mark.parametrize("index", range(4))
def test_published_values(index):
    case = read_cases()["cases"][index]
    for sigma, value in case["float64_unbiased_mmd2_sigma"].items():
        assert mmd2(case["X"], case["Y"], float(sigma)) == pytest.approx(value, abs=1e-12)
    for sigma, value in case["alibi_detect_unbiased_mmd2_sigma"].items():
        assert mmd2(case["X"], case["Y"], float(sigma)) == pytest.approx(value, abs=1e-6)


@given(seeds, st.integers(2, 6), st.integers(2, 6))
def test_unbiased_is_the_mean_over_pairs_of_different_rows(seed, n, m):
    x, y = draw(seed, n), draw(seed + 1, m)
    K = gaussian_kernel(np.vstack([x, y]), np.vstack([x, y]), [0.7, 2.0])
    within = [np.mean([K[i, j] for i in r for j in r if i != j]) for r in _sides(n, m)]
    across = np.mean([K[i, j] for i in range(n) for j in range(n, n + m)])
    assert mmd2(x, y, [0.7, 2.0]) == pytest.approx(sum(within) - 2 * across)


def _sides(n: int, m: int) -> tuple[range, range]:
    return range(n), range(n, n + m)


@given(seeds, st.integers(1, 6), st.integers(1, 6))
def test_biased_is_never_negative_and_zero_for_equal_samples(seed, n, m):
    x, y = draw(seed, n), draw(seed + 1, m)
    assert mmd2(x, y, 1.0, unbiased=False) >= -1e-12
    assert mmd2(x, x, 1.0, unbiased=False) == pytest.approx(0.0, abs=1e-12)


@given(seeds, st.floats(-50, 50))
def test_symmetric_and_blind_to_translation(seed, shift):
    x, y = draw(seed, 5), draw(seed + 1, 4)
    assert mmd2(x, y, 1.0) == pytest.approx(mmd2(y, x, 1.0))
    assert mmd2(x + shift, y + shift, 1.0) == pytest.approx(mmd2(x, y, 1.0), abs=1e-9)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.zeros((1, 2)), np.zeros((3, 2)), "at least 2 samples"),
        (np.zeros((3, 2)), np.zeros((3, 4)), "2 features"),
        (np.array([[0.0], [np.nan]]), np.zeros((3, 1)), "finite"),
        (np.zeros((3, 2)), [["a", "b"]] * 3, "numbers"),
        (np.zeros((3, 0)), np.zeros((3, 0)), "no features"),
        (np.zeros((2, 2, 2)), np.zeros((3, 2)), "shape"),
    ],
)
def test_bad_samples_are_refused(x, y, message):
    with pytest.raises(MonitoringError, match=message):
        mmd2(x, y, 1.0)
