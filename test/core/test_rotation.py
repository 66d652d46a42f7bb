from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from elbowroom.core import (
    exp_so3,
    matrix_from_quaternion,
    quaternion_from_matrix,
    rotation_between,
)

unit = st.floats(-1, 1, allow_nan=False)
vectors = st.tuples(unit, unit, unit).filter(lambda v: np.linalg.norm(v) > 1e-2)


@given(vectors, st.floats(-3.1, 3.1))
def test_quaternions_agree_with_scipy(axis, angle):
    vector = angle * np.array(axis) / np.linalg.norm(axis)
    expected = Rotation.from_rotvec(vector)
    matrix = matrix_from_quaternion(expected.as_quat())
    np.testing.assert_allclose(matrix, expected.as_matrix(), atol=1e-12)
    np.testing.assert_allclose(exp_so3(vector), expected.as_matrix(), atol=1e-9)
    back = quaternion_from_matrix(matrix)
    np.testing.assert_allclose(matrix_from_quaternion(back), matrix, atol=1e-12)
    assert back[3] >= 0


@given(vectors, vectors)
def test_rotation_between_maps_one_direction_onto_the_other(a, b):
    rotation = rotation_between(a, b)
    expected = np.array(b) / np.linalg.norm(b)
    np.testing.assert_allclose(rotation @ (np.array(a) / np.linalg.norm(a)), expected, atol=1e-6)
    np.testing.assert_allclose(rotation.T @ rotation, np.eye(3), atol=1e-6)


def test_opposite_directions_have_a_half_turn():
    rotation = rotation_between([0, 0, 1], [0, 0, -1])
    np.testing.assert_allclose(rotation @ [0, 0, 1], [0, 0, -1], atol=1e-9)
    assert np.linalg.det(rotation) == pytest.approx(1)


@pytest.mark.parametrize("bad", [[0, 0, 0, 0], [np.nan, 0, 0, 1]])
def test_a_useless_quaternion_is_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        matrix_from_quaternion(bad)


def test_a_zero_direction_is_refused():
    with pytest.raises(ValueError, match="non-zero"):
        rotation_between([0, 0, 0], [1, 0, 0])


@given(st.lists(vectors, min_size=1, max_size=4))
def test_many_quaternions_give_the_same_as_one_by_one(axes):
    quaternions = np.array([Rotation.from_rotvec(3 * np.array(a)).as_quat() for a in axes])
    many = matrix_from_quaternion(quaternions)
    one = np.stack([matrix_from_quaternion(q) for q in quaternions])
    np.testing.assert_allclose(many, one, atol=1e-14)
