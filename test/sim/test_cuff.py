from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.core import exp_so3
from elbowroom.sim.cloth.cuff import is_whole, locate, measure_clearance
from elbowroom.sim.cloth.sleeve import ALONG, AROUND, triangles

ARM = np.array([[0.0, 0, 1.0], [0.3, 0, 0.8], [0.55, 0, 0.9], [0.63, 0, 0.93]])


def make_ring(centre: np.ndarray, normal: np.ndarray, radius: float = 0.06) -> np.ndarray:
    angle = 2 * np.pi * np.arange(AROUND) / AROUND
    first = np.cross(normal, [0.0, 1.0, 0.0])
    first /= np.linalg.norm(first)
    second = np.cross(normal, first) / np.linalg.norm(normal)
    return centre + radius * (np.cos(angle)[:, None] * first + np.sin(angle)[:, None] * second)


@given(st.floats(0.05, 0.95))
def test_progress_on_the_forearm(share: float) -> None:
    way = ARM[1] - ARM[2]
    progress, through = locate(make_ring(ARM[2] + share * way, way), ARM)
    assert through
    assert progress == pytest.approx(share * np.linalg.norm(way), abs=1e-9)


def test_progress_on_the_hand_is_negative() -> None:
    way = ARM[2] - ARM[3]
    progress, through = locate(make_ring(ARM[3] + 0.5 * way, way), ARM)
    assert through
    assert progress == pytest.approx(-0.5 * np.linalg.norm(way))


def test_a_ring_beside_the_arm_is_not_threaded_but_has_a_place() -> None:
    way = ARM[1] - ARM[2]
    beside = ARM[2] + 0.5 * way + np.array([0.0, 0.2, 0.0])
    progress, through = locate(make_ring(beside, way), ARM)
    assert not through
    assert progress == pytest.approx(0.5 * np.linalg.norm(way), abs=1e-6)


def test_answers_do_not_depend_on_the_frame() -> None:
    turn = exp_so3([0.4, -1.0, 0.3])
    ring = make_ring(ARM[2] + 0.3 * (ARM[1] - ARM[2]), ARM[1] - ARM[2])
    there = locate(ring @ turn.T, ARM @ turn.T)
    assert there == pytest.approx(locate(ring, ARM))


def test_a_sleeve_that_the_arm_leaves_through_the_wall_is_seen() -> None:
    way = ARM[1] - ARM[2]
    way = way / np.linalg.norm(way)
    centres = ARM[2] + np.linspace(0.2, -0.02, ALONG)[:, None] * way
    rings = [make_ring(c, way) for c in centres]
    assert is_whole(np.concatenate(rings), triangles(), ARM, 0.03)
    bent = [ring + np.array([0, 0.25, 0]) * (k > 4) for k, ring in enumerate(rings)]
    assert not is_whole(np.concatenate(bent), triangles(), ARM, 0.03)


def test_clearance_from_tapered_limbs() -> None:
    limbs = np.array([[0.0, 0, 0, 1, 0, 0, 0.05, 0.03], [1.0, 0, 0, 1, 1, 0, 0.03, 0.03]])
    assert measure_clearance(np.array([0.5, 0.0, 0.1]), limbs) == pytest.approx(0.06)
    assert measure_clearance(np.array([0.5, 0.0, 0.01]), limbs) == pytest.approx(-0.03)
    assert measure_clearance(np.array([1.0, 2.0, 0.0]), limbs) == pytest.approx(0.97)
