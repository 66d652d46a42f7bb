from __future__ import annotations

import numpy as np
import pytest

from elbowroom.core import ArmMeasurement, ParameterError, Pose, Sample, Wrench
from elbowroom.estimation import METHODS, EstimatorParams, make_estimator
from elbowroom.estimation.factory import list_unused, share_settings
from elbowroom.estimation.guard import Guard, GuardSettings

UNUSUAL = {
    "delta": 0.1,
    "rule": "plain",
    "confidence": 0.9,
    "tolerance": 0.01,
    "inputs": "wrist+progress",
    "group": "taut",
    "profile": "me.json",
}


def test_nothing_asked_by_default_is_left_unused():
    assert {m: list_unused(EstimatorParams(method=m)) for m in METHODS} == {m: [] for m in METHODS}


def test_every_method_says_what_has_no_effect_on_it():
    unused = {m: set(list_unused(EstimatorParams(method=m, **UNUSUAL))) for m in METHODS}
    assert unused.pop("set") == set()
    assert unused.pop("network") == {"profile"}
    assert all(names == set(UNUSUAL) for names in unused.values())
    assert list_unused(EstimatorParams(method="ukf", inputs="wrist")) == []
    assert list_unused(EstimatorParams(method="hold", inputs="wrist")) == ["inputs"]


@pytest.mark.parametrize(("name", "value"), UNUSUAL.items())
def test_what_has_no_effect_is_refused(name, value):
    with pytest.raises(ParameterError, match=f"{name} has no effect on the method gp_ekf"):
        make_estimator("gp_ekf", **{name: value})


def test_a_network_has_no_history():
    with pytest.raises(ParameterError, match="profile has no effect on the method network"):
        make_estimator("network", profile="me.json")


def test_methods_share_what_one_of_them_knows():
    asked = EstimatorParams(delta=0.1, inputs="wrist+effort")
    taken, unused = share_settings(asked, ["set", "ukf", "hold"])
    assert (taken["set"].delta, taken["set"].inputs) == (0.1, "wrist+effort")
    assert (taken["ukf"].delta, taken["ukf"].inputs) == (0.05, "wrist")
    assert unused == {"set": [], "ukf": ["delta", "inputs"], "hold": ["delta", "inputs"]}
    with pytest.raises(ParameterError, match="delta has no effect on the method ukf, hold"):
        share_settings(EstimatorParams(delta=0.1), ["ukf", "hold"])


@pytest.mark.parametrize("method", METHODS)
def test_every_method_takes_the_range_of_another_sensor(method):
    torque = np.array([0.0, 2.0, 0.0])
    sample = Sample(1.0, Wrench(np.zeros(3), torque), Pose(np.zeros(3)), shoulder=np.zeros(3))
    arm = ArmMeasurement(0.3, 0.25)
    for guard, saturated in ((None, False), (Guard(GuardSettings(torque_limit=1.5)), True)):
        estimator = make_estimator(method, guard=guard)
        _, estimate = estimator.step(estimator.start(arm), sample)
        assert ("saturated" in estimate.reason) == saturated
