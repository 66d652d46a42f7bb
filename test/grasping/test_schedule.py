"""The schedules against cases worked out by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.training.schedule import Curriculum, NoGuide, RandomHorizon


def test_horizons_fall_from_the_guides_steps_to_none() -> None:
    curriculum = Curriculum(20, stages=10, window=1)
    seen = [curriculum.horizon()]
    while curriculum.record(1.0):
        seen.append(curriculum.horizon())
    assert seen == [20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0]


def test_a_stage_goes_on_when_the_average_is_within_the_tolerance_of_the_best() -> None:
    curriculum = Curriculum(10, stages=5, window=3, tolerance=0.1)
    # Averages of the last three: -, -, 0.6, 0.7, 0.6, 0.5, 0.5, 0.6.
    scores = [0.6, 0.6, 0.6, 0.9, 0.3, 0.3, 0.9, 0.6]
    advanced = [curriculum.record(s) for s in scores]
    # 0.6 is the first; 0.7 is better; 0.6 >= 0.7 - 0.1; 0.5 is not; 0.5 is not; 0.6 is.
    assert advanced == [False, False, True, True, True, False, False, True]
    assert curriculum.stage == 4
    assert curriculum.horizon() == 2


def test_always_failing_is_not_as_good_as_ever() -> None:
    curriculum = Curriculum(10, stages=5, window=2)
    assert not any(curriculum.record(0.0) for _ in range(20))
    assert curriculum.horizon() == 10


def test_after_the_last_stage_the_guide_is_gone() -> None:
    curriculum = Curriculum(3, stages=3, window=1)
    for _ in range(10):
        curriculum.record(1.0)
    assert curriculum.stage == 3
    assert curriculum.horizon() == 0


@given(st.lists(st.sampled_from([0.0, 0.2, 0.5, 0.8, 1.0]), max_size=40), st.integers(0, 40))
def test_a_restored_schedule_goes_on_alike(scores: list[float], cut: int) -> None:
    whole = Curriculum(17.3, stages=6, window=3)
    first, second = Curriculum(17.3, stages=6, window=3), Curriculum(17.3, stages=6, window=3)
    expected = [(whole.record(s), whole.horizon()) for s in scores]
    got = [(first.record(s), first.horizon()) for s in scores[:cut]]
    second.restore(json.loads(json.dumps(first.state())))
    got += [(second.record(s), second.horizon()) for s in scores[cut:]]
    assert got == expected


@given(st.lists(st.floats(0, 1), max_size=60), st.floats(0, 40), st.integers(1, 12))
def test_the_horizon_never_rises(scores: list[float], first: float, stages: int) -> None:
    curriculum = Curriculum(first, stages=stages, window=2)
    horizons = [curriculum.horizon()]
    for score in scores:
        curriculum.record(score)
        horizons.append(curriculum.horizon())
    assert horizons == sorted(horizons, reverse=True)
    assert min(horizons) >= 0


def test_random_horizons_are_even_over_all_steps() -> None:
    rng = np.random.default_rng(0)
    drawn = [RandomHorizon(4.2).draw(rng) for _ in range(5000)]
    counts = np.bincount(drawn)
    assert len(counts) == 5
    assert np.all(abs(counts - 1000) < 150)  # five standard deviations


def test_without_a_guide_the_learner_acts_from_the_first_step() -> None:
    assert {NoGuide().draw(np.random.default_rng(k)) for k in range(20)} == {0}


@pytest.mark.parametrize("first", [-1.0, float("nan"), float("inf")])
def test_an_impossible_first_horizon_is_refused(first: float) -> None:
    with pytest.raises(GraspError, match="first horizon"):
        Curriculum(first)


def test_a_score_beyond_one_is_refused() -> None:
    with pytest.raises(GraspError, match=r"\[0, 1\]"):
        Curriculum(3).record(1.5)
