from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.core import ArmMeasurement, Box, InputError

number = st.floats(-2, 2)


def box_of(centre, size, quaternion):
    return Box(np.array(centre), np.array(size), np.array(quaternion))


boxes = st.builds(
    box_of,
    st.tuples(number, number, number),
    st.tuples(*[st.floats(0.01, 1)] * 3),
    st.tuples(number, number, number, number).filter(lambda q: np.linalg.norm(q) > 0.1),
)


@given(boxes, st.tuples(*[st.floats(-1, 1)] * 3))
def test_points_of_a_box_are_inside_it_and_inside_its_hull(box, share):
    point = box.centre + box.rotation @ (0.499999 * np.array(share) * box.size)
    assert box.contains(point)
    lower, upper = box.hull
    assert np.all(point >= lower - 1e-9)
    assert np.all(point <= upper + 1e-9)


@given(boxes)
def test_the_hull_touches_the_corners(box):
    lower, upper = box.hull
    np.testing.assert_allclose(box.corners.min(axis=0), lower, atol=1e-9)
    np.testing.assert_allclose(box.corners.max(axis=0), upper, atol=1e-9)
    assert box.edge**3 == pytest.approx(box.volume)


def test_a_point_past_a_side_is_outside():
    box = Box(np.zeros(3), np.array([0.1, 0.2, 0.3]))
    assert not box.contains(np.array([0.0501, 0, 0]))
    assert box.contains(np.array([0.0499, 0.0999, 0.1499]))


def test_a_box_of_nan_is_not_finite():
    assert not Box(np.array([0, np.nan, 0]), np.ones(3)).is_finite()
    assert not Box(np.zeros(3), np.array([1.0, -1.0, 1.0])).is_finite()


@pytest.mark.parametrize("length", [0.0, 0.05, 3.0, float("nan")])
def test_an_impossible_arm_is_refused(length):
    with pytest.raises(InputError, match="upper_arm"):
        ArmMeasurement(length, 0.26)
