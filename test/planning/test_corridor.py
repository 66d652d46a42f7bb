"""The cuff's way: where it passes, and how uncertain it is there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.core import Box, exp_so3, quaternion_from_matrix
from elbowroom.planning import PlannerParams
from elbowroom.planning.way.corridor import describe_bend, half_width, lay_corridor
from elbowroom.planning.way.route import choose_corridor, measure_clearance

SHOULDER = np.array([0.0, 0.0, 1.0])
ELBOW = np.array([0.0, 0.0, 0.7])


def place_wrist(flexion: float, forearm: float = 0.26) -> np.ndarray:
    return ELBOW + forearm * np.array([np.sin(flexion), 0.0, -np.cos(flexion)])


@given(st.floats(0.05, 2.6))
def test_flexion_and_outside_of_a_bend(flexion: float) -> None:
    bend = describe_bend(place_wrist(flexion), ELBOW, SHOULDER)
    assert bend.flexion == pytest.approx(flexion, abs=1e-6)
    assert bend.outward @ bend.to_wrist < 0.0
    assert bend.outward @ bend.to_shoulder < 0.0
    assert np.linalg.norm(bend.outward) == pytest.approx(1.0)


def test_a_straight_arm_has_a_direction_all_the_same() -> None:
    bend = describe_bend(place_wrist(0.0) + np.array([1e-4, 0, 0]), ELBOW, SHOULDER)
    assert np.linalg.norm(bend.outward) <= 1.0
    assert np.all(np.isfinite(bend.outward))


@given(st.floats(0.1, 2.4), st.floats(-0.02, 0.05), st.floats(0.05, 0.12))
def test_the_way_passes_the_elbow_at_the_offset(
    flexion: float, offset: float, rounding: float
) -> None:
    corridor = lay_corridor(place_wrist(flexion), ELBOW, SHOULDER, offset, rounding)
    bend = corridor.bend
    depth = (corridor.points - ELBOW) @ bend.outward
    across = (corridor.points - ELBOW) - depth[:, None] * bend.outward
    middle = int(np.argmin(np.linalg.norm(across, axis=1)))
    assert depth[middle] == pytest.approx(offset, abs=2e-3)


@given(st.floats(0.0, 2.4))
def test_the_way_is_connected_and_ends_at_the_shoulder(flexion: float) -> None:
    corridor = lay_corridor(place_wrist(flexion), ELBOW, SHOULDER, 0.01, 0.1)
    assert np.all(np.diff(corridor.lengths) > 0.0)
    assert np.max(np.diff(corridor.lengths)) < 0.02
    np.testing.assert_allclose(corridor.points[-1], SHOULDER, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(corridor.tangent, axis=1), 1.0)


def test_uncertainty_is_full_at_the_elbow_and_none_at_the_shoulder() -> None:
    corridor = lay_corridor(place_wrist(1.0), ELBOW, SHOULDER, 0.0, 0.1)
    assert corridor.share.max() > 0.97
    assert corridor.share[-1] == pytest.approx(0.0, abs=1e-9)
    assert corridor.share[0] == pytest.approx(0.0, abs=1e-9)


def test_a_cuff_is_found_again_near_where_it_was() -> None:
    corridor = lay_corridor(place_wrist(2.5), ELBOW, SHOULDER, 0.0, 0.05)
    on_forearm = ELBOW + 0.15 * corridor.bend.to_wrist
    place = corridor.locate(on_forearm)
    assert place < corridor.elbow_length
    # On the inside of a sharp bend the upper arm may be nearer; the window keeps the forearm.
    between = on_forearm - 0.10 * corridor.bend.outward
    assert abs(corridor.locate(between, around=place) - place) <= 0.08


boxes = st.builds(
    lambda size, turn: Box(ELBOW, np.array(size), quaternion_from_matrix(exp_so3(np.array(turn)))),
    st.tuples(*[st.floats(0.0, 0.2)] * 3),
    st.tuples(*[st.floats(-1.0, 1.0)] * 3),
)


@given(boxes, st.tuples(*[st.floats(-1.0, 1.0)] * 3))
def test_half_width_is_that_of_the_corners(box: Box, way: tuple[float, float, float]) -> None:
    direction = np.array(way)
    expected = np.max((box.corners - box.centre) @ direction)
    assert half_width(box, direction) == pytest.approx(expected, abs=1e-9)


def test_a_wider_box_sends_the_way_farther_outside() -> None:
    params, wrist = PlannerParams(), place_wrist(1.4)
    passes = []
    for side in (0.0, 0.05, 0.1):
        corridor = choose_corridor(wrist, SHOULDER, Box(ELBOW, np.full(3, side)), params)
        passes.append(np.max((corridor.points - ELBOW) @ corridor.bend.outward))
    assert passes[0] < passes[1] < passes[2]
    assert passes[2] <= params.offset_limit + 1e-3


def test_clearance_is_zero_inside_the_box() -> None:
    box = Box(ELBOW, np.full(3, 0.1))
    assert measure_clearance(np.array([ELBOW, SHOULDER]), box) == 0.0
    assert measure_clearance(SHOULDER[None], box) == pytest.approx(0.25)
