"""The speed law."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.core import Box, Status
from elbowroom.planning import Health, PlannerParams
from elbowroom.planning.way.corridor import half_width
from elbowroom.planning.way.pace import choose_speed, measure_width
from planning.mock import World

PARAMS = PlannerParams()
BOX = World().box()


@given(st.floats(0.0, 0.6), st.floats(0.0, 0.2))
def test_a_wider_box_is_never_faster(width: float, more: float) -> None:
    narrow, _ = choose_speed(BOX, width, Health.OK, PARAMS)
    wide, _ = choose_speed(BOX, width + more, Health.OK, PARAMS)
    assert PARAMS.speed_slow <= wide <= narrow <= PARAMS.speed


def test_the_ends_of_the_law() -> None:
    assert choose_speed(BOX, PARAMS.width_near, Health.OK, PARAMS) == (PARAMS.speed, "")
    speed, reason = choose_speed(BOX, PARAMS.width_far, Health.OK, PARAMS)
    assert speed == pytest.approx(PARAMS.speed_slow)
    assert "wide" in reason


def test_a_prior_box_and_a_warning_are_slow() -> None:
    prior = replace(BOX, status=Status.PRIOR)
    assert choose_speed(prior, 0.01, Health.OK, PARAMS)[0] == PARAMS.speed_slow
    assert choose_speed(BOX, 0.01, Health.WARN, PARAMS)[0] == PARAMS.speed_slow


@given(st.tuples(*[st.floats(0.01, 0.2)] * 3), st.integers(0, 1000))
def test_the_width_is_nearly_the_greatest_across(size: tuple, seed: int) -> None:
    rng = np.random.default_rng(seed)
    along = rng.normal(size=3)
    along /= np.linalg.norm(along)
    box = Box(np.zeros(3), np.array(size))
    across = np.cross(along, rng.normal(size=(400, 3)))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    greatest = max(2 * half_width(box, d) for d in across)
    width = measure_width(box, along)
    assert 0.9 * greatest <= width <= 1.01 * greatest + 1e-9 or width >= greatest
