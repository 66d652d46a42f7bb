from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from elbowroom.core import ArmMeasurement, Trial, TrialError, load_trial, save_trial

OTHERS = {"time", "gripper_orientation", "true_progress", "true_threaded", "facts"}
OTHERS |= {"progress", "effort"}


def make_trial(steps=5):
    rng = np.random.default_rng(0)
    three = {f.name: rng.normal(size=(steps, 3)) for f in fields(Trial) if f.name not in OTHERS}
    three["sighting"][2:] = np.nan
    return Trial(
        time=np.arange(steps) / 240,
        gripper_orientation=np.tile([0.0, 0, 0, 1], (steps, 1)),
        true_progress=np.zeros(steps),
        true_threaded=np.ones(steps),
        facts={"upper_arm": 0.28, "forearm": 0.25, "person": 7},
        **three,
    )


def test_a_trial_survives_a_file(tmp_path):
    trial = make_trial()
    save_trial(tmp_path / "a.npz", trial)
    back = load_trial(tmp_path / "a.npz")
    np.testing.assert_array_equal(back.time, trial.time)
    np.testing.assert_allclose(back.force, trial.force, rtol=1e-6)
    assert back.facts == trial.facts
    assert back.arm.upper_arm == 0.28


def test_the_arm_has_the_errors_that_were_stored():
    errors = {"upper_arm_error": 0.012, "forearm_error": 0.009}
    trial = replace(make_trial(), facts=make_trial().facts | errors)
    assert trial.arm == ArmMeasurement(0.28, 0.25, 0.012, 0.009)
    assert make_trial().arm == ArmMeasurement(0.28, 0.25)


@pytest.mark.parametrize(
    "facts",
    [
        {"forearm": 0.25},
        {"upper_arm": 0.28, "forearm": None},
        {"upper_arm": 0.28, "forearm": 2.5},
        {"upper_arm": 0.28, "forearm": 0.25, "forearm_error": float("nan")},
    ],
)
def test_an_arm_that_cannot_be_is_refused(facts):
    with pytest.raises(TrialError, match="arm's lengths"):
        _ = replace(make_trial(), facts=facts).arm


def test_samples_carry_only_what_was_seen():
    samples = list(make_trial().samples())
    assert samples[0].sighting is not None
    assert samples[3].sighting is None
    assert samples[3].stamp == 3 / 240


@pytest.mark.parametrize("name", ["force", "true_elbow", "gripper_position"])
def test_values_that_are_not_finite_are_refused(name):
    trial = make_trial()
    broken = getattr(trial, name).copy()
    broken[1, 1] = np.nan
    with pytest.raises(TrialError, match=f"{name} has values that are not finite"):
        replace(trial, **{name: broken})


def test_optional_inputs_survive_a_file_with_their_gaps(tmp_path):
    seen, felt = np.full(5, np.nan), np.full((5, 7), np.nan)
    seen[1], felt[3] = 0.125, np.arange(7.0)
    trial = replace(make_trial(), progress=seen, effort=felt)
    save_trial(tmp_path / "a.npz", trial)
    back = load_trial(tmp_path / "a.npz")
    np.testing.assert_array_equal(back.progress, seen)
    np.testing.assert_array_equal(back.effort, felt)
    samples = list(back.samples())
    assert [s.progress for s in samples] == [None, 0.125, None, None, None]
    assert [s.effort is None for s in samples] == [True, True, True, False, True]
    np.testing.assert_array_equal(samples[3].effort, np.arange(7.0))


def test_a_file_from_before_the_optional_inputs_loads_without_them(tmp_path):
    save_trial(tmp_path / "a.npz", make_trial())
    with np.load(tmp_path / "a.npz") as stored:
        assert not {"progress", "effort"} & set(stored)
    back = load_trial(tmp_path / "a.npz")
    assert np.isnan(back.progress).all()
    assert back.effort.shape == (5, 7)
    assert all(s.progress is None and s.effort is None for s in back.samples())


def test_bad_optional_inputs_are_refused():
    half = np.full((5, 7), np.nan)
    half[2, :6] = 0.0
    with pytest.raises(TrialError, match="effort has values"):
        replace(make_trial(), effort=half)
    with pytest.raises(TrialError, match="progress has values"):
        replace(make_trial(), progress=np.array([0.0, 1, np.inf, 3, 4]))
    with pytest.raises(TrialError, match="effort must have shape"):
        replace(make_trial(), effort=np.zeros((5, 6)))


def test_half_a_sighting_is_refused():
    trial = make_trial()
    broken = trial.sighting.copy()
    broken[0, 1] = np.nan
    with pytest.raises(TrialError, match="sighting"):
        replace(trial, sighting=broken)


def test_wrong_shapes_and_orders_are_refused():
    trial = make_trial()
    with pytest.raises(TrialError, match="force must have shape"):
        replace(trial, force=trial.force[:3])
    with pytest.raises(TrialError, match="strictly increasing"):
        replace(trial, time=trial.time[::-1])


@pytest.mark.parametrize("blob", [b"", b"PK\x03\x04 not a zip", b"\x80\x04."])
def test_a_mangled_file_is_refused(tmp_path, blob):
    (tmp_path / "a.npz").write_bytes(blob)
    with pytest.raises(TrialError, match=r"a\.npz is not a readable trial"):
        load_trial(tmp_path / "a.npz")


def test_a_cut_file_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    save_trial(path, make_trial())
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(TrialError):
        load_trial(path)
