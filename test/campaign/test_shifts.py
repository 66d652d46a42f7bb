"""Planted changes and the judging of alarms against them."""

from __future__ import annotations

import numpy as np
import pytest

from elbowroom.campaign.attack import WrenchAttack
from elbowroom.campaign.cast import draw_setup
from elbowroom.campaign.pool import CampaignError
from elbowroom.campaign.shifts import SHIFTS, read_shift, respond, stage_of
from elbowroom.campaign.surveillance import summarise
from elbowroom.core import (
    ARTEFACTS,
    ArmMeasurement,
    Pose,
    Sample,
    Wrench,
    exp_so3,
    quaternion_from_matrix,
)
from elbowroom.estimation.factory import make_estimator
from elbowroom.estimation.membership.store import load_set
from elbowroom.monitoring.attendant import SHIPPED
from elbowroom.monitoring.watching.reference import load_reference


def draw_sample(seed: int = 0, stamp: float = 0.0) -> Sample:
    rng = np.random.default_rng(seed)
    turn = quaternion_from_matrix(exp_so3(rng.normal(size=3)))
    return Sample(stamp, Wrench(rng.normal(size=3), rng.normal(size=3)), Pose(np.zeros(3), turn))


def test_a_sensor_responds_in_its_own_axes():
    sample = draw_sample()
    doubled = respond(sample, 2 * np.eye(3))
    np.testing.assert_allclose(doubled.wrench.force, 2 * sample.wrench.force)
    offset = respond(sample, np.eye(3), np.array([0.0, 0, 1.5]))
    moved = offset.wrench.force - sample.wrench.force
    assert np.linalg.norm(moved) == pytest.approx(1.5)
    np.testing.assert_allclose(offset.wrench.torque, sample.wrench.torque)
    twice = respond(respond(sample, np.eye(3)[[1, 0, 2]]), np.eye(3)[[1, 0, 2]])
    np.testing.assert_allclose(twice.wrench.torque, sample.wrench.torque)


@pytest.mark.parametrize(
    "text", ["nobody", "soft_arm:", "soft_arm:x", "soft_arm:-1", "soft_arm:nan"]
)
def test_unknown_shifts_and_strengths_are_refused(text):
    if text == "soft_arm:":
        assert read_shift(text) == ("soft_arm", 1.0)
        return
    with pytest.raises(CampaignError, match="NAME:STRENGTH"):
        stage_of(text)


def test_no_shift_is_the_ordinary_draw():
    assert stage_of("none") is draw_setup


def test_the_attacker_keeps_within_the_sensors_errors_and_moves_the_elbow():
    limit = np.array([0.3, 0.3, 0.4, 0.02, 0.02, 0.02])
    model = load_set(ARTEFACTS / "elbow_set")
    arm = ArmMeasurement(0.28, 0.25)
    attack, estimator = WrenchAttack(model, arm, limit), make_estimator("set")
    states, gaps = [estimator.start(arm), estimator.start(arm)], []
    for k in range(240):
        t = k / 240
        sample = Sample(
            t,
            Wrench(np.array([-1.5, 0.3 * np.sin(4 * t), 0.4]), np.array([0.01, 0.15, 0.0])),
            Pose(np.array([0.5 - 0.1 * t, 0.1, 1.0])),
            shoulder=np.array([0.0, 0, 1.0]),
            sighting=np.array([0.25, 0.1, 0.95]) if t < 0.2 else None,
        )
        spoiled = attack(sample)
        added = np.concatenate(
            [
                spoiled.wrench.force - sample.wrench.force,
                spoiled.wrench.torque - sample.wrench.torque,
            ]
        )
        assert np.all(np.abs(added) <= limit + 1e-9)
        found = []
        for i, s in enumerate((sample, spoiled)):
            states[i], estimate = estimator.step(states[i], s)
            found.append(estimate.point)
        gaps.append(np.linalg.norm(found[0] - found[1]))
    assert gaps[-1] > 0.003
    assert set(SHIFTS) >= {"adversarial", "axis_swap", "fast_person"}


def test_alarms_are_counted_in_time_only_before_the_violation():
    rows = [
        {"shift": shift, "index": index, "violated_s": violated, "alarm_s": alarm}
        for shift, index, violated, alarm in [
            ("none", 0, None, None),
            ("none", 1, 1.0, 2.0),
            ("fast_person", 0, 2.0, 1.5),
            ("fast_person", 1, 2.0, 2.5),
            ("fast_person", 2, 2.0, None),
            ("fast_person", 3, None, 1.0),
        ]
    ]
    figures = summarise(rows, load_reference(SHIPPED))
    assert figures["false_alarms"] == 0.5
    found = figures["changed"]
    assert (found["violated"], found["alarmed_before"]) == (3, 1)
    assert found["share_in_time"] == pytest.approx(1 / 3)
    assert found["lead_median_s"] == 0.5
    assert found["alarmed"] == 0.75
    # Person 1 leaves the box without the change as well.
    assert (found["caused"]["violated"], found["caused"]["alarmed_before"]) == (2, 1)
    assert figures["shifts"]["none"]["caused"]["violated"] == 0
