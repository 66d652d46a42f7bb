from __future__ import annotations

import pytest

from elbowroom.monitoring.dressing.quantile import (
    LEAST_FITTED,
    count_calibrated,
    count_needed,
    find_rank,
)


@pytest.mark.parametrize(("alpha", "count"), [(0.5, 1), (0.1, 9), (0.05, 19), (0.02, 49)])
def test_one_less_than_needed_has_no_threshold(alpha, count):
    assert count_calibrated(alpha) == count
    assert find_rank(count, alpha) == count
    assert find_rank(count - 1, alpha) > count - 1


@pytest.mark.parametrize("alpha", [0.5, 0.05, 0.001])
@pytest.mark.parametrize("share", [0.1, 0.33, 0.5, 0.9])
def test_as_few_as_needed_are_enough_for_both_parts(share, alpha):
    def is_enough(count):
        fitted = round(share * count)
        return fitted >= LEAST_FITTED and count - fitted >= count_calibrated(alpha)

    needed = count_needed(share, alpha)
    assert is_enough(needed)
    assert not is_enough(needed - 1)
