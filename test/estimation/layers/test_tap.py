"""The tap on the set filter: what it reads, when, and what a changed sensor does to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from elbowroom.core import ParameterError, Pose, Sample, Wrench, exp_so3, quaternion_from_matrix
from elbowroom.estimation.factory import make_estimator
from elbowroom.estimation.layers.residuals import RESIDUALS
from elbowroom.estimation.layers.sensor import SENSOR
from elbowroom.estimation.layers.tap import ALL_LAYERS, LayerTap, TapParams, make_tap, read_samples
from elbowroom.models.features.causal import GRID, extract, rows_of
from estimation.toy import draw_trial


@pytest.fixture(scope="module")
def estimator():
    return make_estimator("set")


@pytest.fixture(scope="module")
def trial():
    return draw_trial(5, duration=1.5)


def read(estimator, trial, change=lambda s: s, every=1, layers=ALL_LAYERS):
    tap = LayerTap(estimator.model, layers, every)
    return read_samples(estimator, tap, trial.arm, (change(s) for s in trial.samples()))


def test_layers_are_those_of_the_networks_own_run(estimator, trial):
    readings = read(estimator, trial)
    features, index, _ = extract(trial.arm, rows_of(trial, "none"), GRID)
    assert len(readings) > 10
    ensemble, state = estimator.model.ensemble, estimator.model.ensemble.start()
    for k, reading in enumerate(readings):
        state, out = ensemble.step(state, features[k : k + 1])
        assert reading.stamp == trial.time[index[k]]
        np.testing.assert_allclose(reading.layers["hidden"], np.concatenate(state[:, 0]))
        np.testing.assert_allclose(reading.layers["output"], np.concatenate(out[:, 0]), rtol=1e-6)
        scaled = (features[k] - ensemble.mean) / ensemble.scale
        np.testing.assert_allclose(reading.layers["input"], scaled, rtol=1e-4, atol=1e-5)


def test_widths_are_named_and_everything_is_finite(estimator, trial):
    for reading in read(estimator, trial):
        assert set(reading.layers) == set(ALL_LAYERS)
        assert len(reading.layers["residual"]) == len(RESIDUALS)
        assert len(reading.layers["sensor"]) == len(SENSOR)
        assert all(np.isfinite(v).all() for v in reading.layers.values())


def test_only_every_nth_grid_step_is_read(estimator, trial):
    every, third = read(estimator, trial), read(estimator, trial, every=3)
    assert [r.stamp for r in third] == [r.stamp for r in every[::3]]


def test_nothing_is_read_before_the_elbow_was_seen(estimator, trial):
    assert read(estimator, trial, lambda s: replace(s, sighting=None)) == []


def spoil(matrix, offset=0.0):
    def change(sample: Sample) -> Sample:
        assert sample.wrench is not None
        force, torque = (
            np.asarray(matrix) @ v for v in (sample.wrench.force, sample.wrench.torque)
        )
        return replace(sample, wrench=Wrench(force + offset, torque))

    return change


def column(readings, name):
    return np.array([r.layers["sensor"][SENSOR.index(name)] for r in readings])


def test_a_gain_shows_in_the_noise_floor(estimator, trial):
    before = column(read(estimator, trial, layers=["sensor"]), "noise_fz")
    after = column(read(estimator, trial, spoil(2 * np.eye(3)), layers=["sensor"]), "noise_fz")
    np.testing.assert_allclose(after[5:] - before[5:], np.log(2), atol=0.02)


def test_the_lever_is_that_between_torque_and_force():
    trial = draw_trial(6)
    # About a flange 0.1 m behind the fingers, tau = 0.1 a x f.
    torque = 0.1 * np.cross([0.0, 0.0, 1.0], trial.force)
    readings = read(make_estimator("set"), replace(trial, torque=torque), layers=["sensor"])
    np.testing.assert_allclose(column(readings, "lever_dressing")[10:], 1.0, atol=0.02)
    exchanged = spoil(np.eye(3)[[1, 0, 2]])
    turned = read(
        make_estimator("set"), replace(trial, torque=torque), exchanged, layers=["sensor"]
    )
    assert np.all(column(turned, "lever_dressing")[10:] < 0)


def test_the_sensor_layer_does_not_depend_on_where_the_gripper_looks(estimator, trial):
    turn = exp_so3([0.3, -0.8, 0.5])

    def change(sample: Sample) -> Sample:
        assert sample.wrench is not None
        assert sample.gripper is not None
        wrench = Wrench(turn @ sample.wrench.force, turn @ sample.wrench.torque)
        return replace(
            sample,
            wrench=wrench,
            gripper=Pose(sample.gripper.position, quaternion_from_matrix(turn)),
        )

    straight = read(estimator, trial, layers=["sensor"])
    other = read(estimator, trial, change, layers=["sensor"])
    for a, b in zip(straight, other, strict=True):
        np.testing.assert_allclose(a.layers["sensor"], b.layers["sensor"], atol=1e-4)


def test_a_new_dressing_forgets_the_sensor(estimator, trial):
    tap = LayerTap(estimator.model, ["sensor"])
    first = read_samples(estimator, tap, trial.arm, trial.samples())
    again = read_samples(estimator, tap, trial.arm, trial.samples())
    np.testing.assert_array_equal(first[3].layers["sensor"], again[3].layers["sensor"])


def test_samples_that_are_not_finite_are_passed_over(estimator, trial):
    def change(sample: Sample) -> Sample:
        broken = 0.5 < sample.stamp < 0.51
        nan = Wrench(np.full(3, np.nan), np.zeros(3))
        return replace(sample, wrench=nan) if broken else sample

    for reading in read(estimator, trial, change):
        assert all(np.isfinite(v).all() for v in reading.layers.values())


@pytest.mark.parametrize("layers", [[], ["input", "input"], ["nothing"]])
def test_unknown_layers_are_refused(estimator, layers):
    with pytest.raises(ParameterError, match="layers must be different ones of"):
        LayerTap(estimator.model, layers)


def test_estimators_without_layers_have_no_tap(estimator):
    assert make_tap(make_estimator("hold"), TapParams()) is None
    assert make_tap(estimator, TapParams(layers="")) is None
    tap = make_tap(estimator, TapParams(layers="hidden, residual", every=2))
    assert tap is not None
    assert (tap.layers, tap.version) == (("hidden", "residual"), estimator.model.version)
