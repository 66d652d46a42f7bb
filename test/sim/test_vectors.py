from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.core import exp_so3, matrix_from_quaternion, quaternion_from_matrix
from elbowroom.sim import vectors


@given(st.integers(0, 10**6))
def test_compiled_operations_agree_with_numpy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, 3))
    angle = rng.normal(size=3)
    angle *= rng.choice([1e-13, 0.3, np.pi - 1e-7]) / np.linalg.norm(angle)
    r = exp_so3(angle)
    np.testing.assert_allclose(vectors.cross(a, b), np.cross(a, b))
    np.testing.assert_allclose(vectors.turn(r, a), r @ a)
    np.testing.assert_allclose(vectors.turn_back(r, a), r.T @ a)
    q = vectors.quaternion_of(r)
    np.testing.assert_allclose(matrix_from_quaternion(q), r, atol=1e-9)
    np.testing.assert_allclose(np.abs(q @ quaternion_from_matrix(r)), 1.0)
    np.testing.assert_allclose(vectors.rotation_from(q), r, atol=1e-9)
    np.testing.assert_allclose(vectors.spin_rotation(r, angle), exp_so3(angle) @ r, atol=1e-7)


@given(st.integers(0, 10**6))
def test_rotation_error_is_the_small_rotation_vector(seed: int) -> None:
    rng = np.random.default_rng(seed)
    r, small = exp_so3(rng.normal(size=3)), 1e-3 * rng.normal(size=3)
    np.testing.assert_allclose(vectors.rotation_error(r, exp_so3(small) @ r), small, atol=1e-7)
