from __future__ import annotations

import numpy as np
import pytest

from elbowroom.monitoring import (
    MonitoringError,
    nearest_reference_distance,
    rank_samples,
    witness,
)
from elbowroom.monitoring.twosample.ranking import nearest_other_distance


def test_distance_is_the_mean_over_the_nearest():
    reference = np.array([[0.0], [1.0], [3.0], [10.0]])
    assert nearest_reference_distance(reference, [[0.0], [9.0]], 3) == pytest.approx(
        [(0 + 1 + 3) / 3, (1 + 6 + 8) / 3]
    )


def test_distance_to_others_is_as_to_a_reference_without_ones_own():
    rng = np.random.default_rng(0)
    samples, owners = rng.standard_normal((60, 4)), np.repeat(np.arange(20), 3)
    found = nearest_other_distance(samples, owners)
    for owner in range(20):
        mine = owners == owner
        expected = nearest_reference_distance(samples[~mine], samples[mine])
        np.testing.assert_allclose(found[mine], expected, rtol=1e-9)


def test_too_few_of_other_owners_are_refused():
    with pytest.raises(MonitoringError, match="5 of other owners"):
        nearest_other_distance(np.arange(9.0), [0] * 5 + [1] * 4)
    with pytest.raises(MonitoringError, match="owners must have shape"):
        nearest_other_distance(np.arange(9.0), [0] * 5)


def test_far_samples_come_first():
    rng = np.random.default_rng(0)
    sample = np.vstack([rng.standard_normal((50, 4)), rng.standard_normal((10, 4)) + 3.0])
    scores = nearest_reference_distance(rng.standard_normal((200, 4)), sample)
    assert np.mean(rank_samples(scores, 10) >= 50) >= 0.9


def test_ties_keep_their_order():
    assert rank_samples([1.0, 2.0, 2.0, 0.0]).tolist() == [1, 2, 0, 3]


def test_witness_is_positive_where_samples_abound():
    x, y = np.zeros((5, 1)), np.full((4, 1), 3.0)
    low, high = witness(x, y, [[0.0], [3.0]], [1.0])
    assert high == pytest.approx(-low)
    assert high == pytest.approx(1.0 - np.exp(-4.5))


def test_fewer_references_than_neighbours_are_refused():
    with pytest.raises(MonitoringError, match="at least 5"):
        nearest_reference_distance(np.zeros((4, 1)), np.zeros((3, 1)))
    with pytest.raises(MonitoringError, match="neighbour"):
        nearest_reference_distance(np.zeros((4, 1)), np.zeros((3, 1)), 0)
