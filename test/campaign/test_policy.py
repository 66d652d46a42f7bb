from __future__ import annotations

import numpy as np
import pytest

from elbowroom.campaign.policy import (
    PacedPlanner,
    Policy,
    PolicyParams,
    WanderingGuide,
    draw_policy,
)
from elbowroom.core import ParameterError, Sample, Status


def wander(policy, rate, seconds, truth):
    guide = WanderingGuide(policy, np.random.default_rng(3))
    looks = [guide.look(Sample(i / rate), truth) for i in range(int(rate * seconds))]
    return np.array([e.box.centre for e in looks]) - truth.elbow, looks[0]


@pytest.mark.parametrize("rate", [20.0, 240.0])
def test_the_error_has_the_stated_size_and_memory_at_any_rate(room, rate):
    policy = Policy("box", 0.05, 0.5, (0.1, 0.1, 0.1), 1.0)
    error, _ = wander(policy, rate, 400.0, room().truth())
    assert np.sqrt(np.mean(np.sum(error**2, axis=1))) == pytest.approx(0.05, rel=0.1)
    lag = int(0.5 * rate)
    correlation = np.mean(error[lag:] * error[:-lag]) / np.mean(error**2)
    assert correlation == pytest.approx(np.exp(-1), abs=0.1)


def test_the_oracle_box_promises_nothing(room):
    _, first = wander(Policy("box", 0.0, 1.0, (0.1, 0.2, 0.3), 1.0), 60.0, 0.1, room().truth())
    assert first.status == Status.UNCALIBRATED
    np.testing.assert_array_equal(first.box.size, [0.1, 0.2, 0.3])


def test_policies_vary_within_their_bounds():
    rng = np.random.default_rng(0)
    params = PolicyParams()
    drawn = [draw_policy(rng, params, "box") for _ in range(400)]
    sides = np.array([p.side for p in drawn])
    assert sides.min() >= params.side_low
    assert sides.max() <= params.side_high
    assert max(p.error for p in drawn) <= params.error_high
    straight = np.mean([p.planner == "straight" for p in drawn])
    assert straight == pytest.approx(params.straight_share, abs=0.07)


def test_a_paced_planner_scales_commands(room, towards_shoulder):
    planner = PacedPlanner(towards_shoulder(), 0.5)
    _, command, _ = planner.step(planner.start(room.arm), Sample(0.0), None)
    assert command.linear[0] == pytest.approx(-0.1)


def test_a_share_beyond_one_is_refused():
    with pytest.raises(ParameterError, match="straight_share"):
        PolicyParams(straight_share=1.5)


def test_the_estimator_drives_its_share_and_leaves_other_draws_alone():
    some = [
        draw_policy(np.random.default_rng(i), PolicyParams(estimator_share=0.5), "box")
        for i in range(400)
    ]
    none = [draw_policy(np.random.default_rng(i), PolicyParams(), "box") for i in range(400)]
    assert np.mean([p.estimated for p in some]) == pytest.approx(0.5, abs=0.08)
    assert all(p.planner == "box" and not p.truthful for p in some if p.estimated)
    assert all(a == b for a, b in zip(some, none, strict=True) if not a.estimated)
