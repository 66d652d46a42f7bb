from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.core import rotation_between
from elbowroom.motion import posture
from elbowroom.motion.posture import joints_from_postures, postures_from_joints

_ANGLE = st.floats(-1.2, 1.2)


@given(st.tuples(*[_ANGLE] * 7))
def test_postures_and_joints_are_inverse(values: tuple[float, ...]) -> None:
    rows = np.array([values, values[::-1]])
    origin = np.array([0.1, -0.2, 1.0])
    joints = joints_from_postures(rows, 0.3, 0.25, origin)
    np.testing.assert_allclose(postures_from_joints(*joints, origin), rows, atol=1e-9)


@given(st.tuples(*[_ANGLE] * 7))
def test_flexion_is_the_length_of_the_forearm_part(values: tuple[float, ...]) -> None:
    shoulder, elbow, wrist = joints_from_postures(np.array([values]), 0.3, 0.25, np.zeros(3))
    cosine = (elbow - shoulder)[0] @ (wrist - elbow)[0] / (0.3 * 0.25)
    # Near a straight arm the cosine is flat: 1e-7 rad^2 is its rounding error.
    flexion = np.hypot(values[2], values[3])
    assert abs(np.cos(flexion) - cosine) < 1e-9


def test_the_forearm_is_carried_along_the_great_circle() -> None:
    rows = np.array([[0.4, -0.7, 0.9, 0.2, 0.0, 0.0, 0.0]])
    shoulder, elbow, wrist = joints_from_postures(rows, 1.0, 1.0, np.zeros(3))
    still = joints_from_postures(rows * [0, 0, 1, 1, 0, 0, 0], 1.0, 1.0, np.zeros(3))
    turn = rotation_between(posture._CENTRE, elbow[0] - shoulder[0])
    np.testing.assert_allclose((wrist - elbow)[0], turn @ (still[2] - still[1])[0], atol=1e-12)
