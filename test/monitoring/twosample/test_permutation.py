from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elbowroom.monitoring import MonitoringError, UnitError, mmd2, permutation_test
from elbowroom.monitoring.twosample.kernels import gaussian_kernel
from elbowroom.monitoring.twosample.permutation import permuted_mmd2, standardise
from elbowroom.monitoring.twosample.reference_test import ReferenceTest
from elbowroom.monitoring.twosample.shuffles import draw_assignments
from monitoring.shared import draw_ar, read_cases


def draw(seed: int, n: int, d: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, d))


@pytest.mark.parametrize("index", range(3))
def test_agrees_with_all_permutations(index):
    case = read_cases()["exact_permutation_cases"][index]
    found = permutation_test(
        case["X"], case["Y"], bandwidths=case["sigma"], permutations=20000, seed=3
    )
    assert found.mmd2[0] == pytest.approx(case["statistic"], abs=1e-6)
    # Three deviations of a share of 20000 draws, and one draw for the order given.
    p = case["exact_p"]
    assert found.p == pytest.approx(p, abs=3 * np.sqrt(p * (1 - p) / 20000) + 1e-4)


def test_every_subset_against_exhaustive_enumeration():
    z, n = draw(0, 7), 3
    subsets = list(combinations(range(7), n))
    W = np.zeros((len(subsets), 7))
    for row, chosen in zip(W, subsets, strict=True):
        row[list(chosen)] = 1.0
    found = permuted_mmd2(gaussian_kernel(z, z, [1.3]).astype(np.float32), W.astype(np.float32))
    direct = [mmd2(z[w > 0], z[w == 0], 1.3) for w in W]
    assert found == pytest.approx(np.array(direct), abs=1e-6)


@given(st.integers(0, 999), st.integers(2, 20), st.integers(2, 20))
def test_p_is_a_count_and_never_zero(seed, n, m):
    found = permutation_test(draw(seed, n), draw(seed + 1, m), permutations=39, seed=seed)
    assert 1 / 40 <= found.p <= 1.0
    assert found.p * 40 == pytest.approx(round(found.p * 40))


@given(st.integers(0, 99))
@settings(max_examples=10)
def test_swapping_the_sides_changes_no_statistic(seed):
    x, y = draw(seed, 12), draw(seed + 1, 12)
    first, second = permutation_test(x, y), permutation_test(y, x)
    assert first.mmd2 == pytest.approx(second.mmd2, abs=1e-6)
    assert first.bandwidths == pytest.approx(second.bandwidths)


def test_false_alarms_stay_at_the_level_and_power_is_high():
    shifted = np.array([0.8, 0.0, 0.0])
    null, moved = [], []
    for seed in range(200):
        x, y = draw(2 * seed, 25), draw(2 * seed + 1, 25)
        null.append(permutation_test(x, y, permutations=39, seed=seed).p)
        moved.append(permutation_test(x, y + shifted, permutations=39, seed=seed).p)
    # 200 draws of 5 %: more than 20 happen once in 600.
    assert np.mean(np.array(null) <= 0.05) <= 0.10
    assert np.mean(np.array(moved) <= 0.05) > 0.5


def test_a_family_sees_a_fine_grain_that_the_median_alone_misses():
    one, family = [], []
    for seed in range(20):
        x, y = draw(seed, 60, 1), draw(1000 + seed, 60, 1)
        y = 1.2 * np.round(y / 1.2) + 0.05 * draw(2000 + seed, 60, 1)
        found = permutation_test(x, y, permutations=99, seed=seed)
        family.append(found.p)
        middle = permutation_test(x, y, exponents=[0.0], permutations=99, seed=seed)
        assert middle.bandwidths == pytest.approx(found.bandwidths[3:4])
        one.append(middle.p)
    assert np.mean(np.array(family) <= 0.05) > 0.5 > np.mean(np.array(one) <= 0.05)


def test_single_precision_is_enough_for_large_samples():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((1500, 4)), rng.standard_normal((900, 4)) + 0.02
    found = permutation_test(x, y, permutations=20)
    exact = [mmd2(x, y, sigma) for sigma in found.bandwidths]
    # The deviation of the statistic without a change is about 1e-4 here.
    assert found.mmd2 == pytest.approx(exact, abs=2e-7)


def test_the_given_order_comes_first_and_the_others_keep_the_sizes():
    W = draw_assignments(3, 5, 50, 1)
    assert W[0].tolist() == [1, 1, 1, 0, 0, 0, 0, 0]
    assert (W.sum(axis=1) == 3).all()
    assert not W.flags.writeable


def test_dependent_samples_need_whole_trials():
    rng, by_sample, by_trial = np.random.default_rng(2), [], []
    labels = np.repeat(np.arange(6), 20)
    for seed in range(60):
        x, y = (draw_ar(rng, 6, 20, 2, 0.98).reshape(-1, 2) for _ in range(2))
        kwargs = {"permutations": 39, "seed": seed}
        by_sample.append(permutation_test(x, y, **kwargs).p)
        by_trial.append(permutation_test(x, y, groups=(labels, labels), **kwargs).p)
    assert np.mean(np.array(by_sample) <= 0.05) > 0.85
    # 60 draws of 5 %: more than 9 happen once in 700.
    assert np.mean(np.array(by_trial) <= 0.05) <= 0.15


def test_too_few_trials_are_refused():
    x = draw(0, 20)
    labels = np.repeat([0, 1], 10)
    with pytest.raises(UnitError, match="6 ways"):
        permutation_test(x, x, groups=(labels, labels))
    with pytest.raises(MonitoringError, match="groups label"):
        permutation_test(x, x, groups=(labels[1:], labels))


def test_equal_samples_are_never_told_apart():
    x = draw(3, 10)
    assert permutation_test(x, x.copy()).p == 1.0


def test_constant_samples_are_refused():
    with pytest.raises(MonitoringError, match="coincide"):
        permutation_test(np.ones((5, 2)), np.ones((5, 2)))


def test_constant_rows_standardise_to_zero():
    assert standardise(np.full((1, 5), 0.3)).tolist() == [[0.0] * 5]


@pytest.mark.parametrize("m", [2, 7, 30])
def test_cached_reference_gives_the_same_result(m):
    x, y = draw(0, 20), draw(1, m) + 0.5
    cached = ReferenceTest(x, permutations=60, seed=4)
    for sample in (y, y[::-1]):
        found = cached.test(sample)
        direct = permutation_test(x, sample, permutations=60, seed=4, bandwidths=cached.bandwidths)
        assert found.p == direct.p
        assert found.mmd2 == pytest.approx(direct.mmd2, abs=1e-6)
        assert found.statistic == pytest.approx(direct.statistic, abs=1e-3)


def test_cached_reference_refuses_another_width():
    with pytest.raises(MonitoringError, match="3 features"):
        ReferenceTest(draw(0, 20)).test(draw(1, 20, 4))


@pytest.mark.parametrize(("x", "y"), [([3], [1] * 25), ([50], [1, 2, 3, 4, 5, 6] * 5)])
def test_a_deal_that_leaves_a_side_one_row_is_refused(x, y):
    groups = tuple(np.repeat(np.arange(len(sizes)), sizes) for sizes in (x, y))
    rows, moved = draw(0, sum(x)), draw(1, sum(y)) + 50.0
    for first, second, labels in ((rows, moved, groups), (moved, rows, groups[::-1])):
        with pytest.raises(UnitError, match="one row on a side"):
            permutation_test(first, second, groups=labels)


@pytest.mark.parametrize(("x", "y"), [([3], [2] * 25), ([3, 1], [1] * 25), ([50], [2, 3, 6] * 10)])
def test_unequal_trials_are_told_apart(x, y):
    groups = tuple(np.repeat(np.arange(len(sizes)), sizes) for sizes in (x, y))
    found = permutation_test(draw(0, sum(x)), draw(1, sum(y)) + 50.0, groups=groups)
    assert found.p <= 0.06  # with one trial on a side the given order is one deal of 26


def test_a_common_offset_changes_nothing():
    x, y = draw(0, 40), draw(1, 40) + 1.0
    here, there = (permutation_test(x + far, y + far, seed=1) for far in (0.0, 1e9))
    assert there.p == here.p
    assert there.mmd2 == pytest.approx(here.mmd2, abs=1e-5)
