from __future__ import annotations

import numpy as np
import pytest

from elbowroom.campaign import EstimatorGuide, RunParams, filter_trial, run_dressing
from elbowroom.campaign.recorder import Recorder, read_facts
from elbowroom.campaign.track import load_track, save_track
from elbowroom.core import InputError, PlanMode, Sample, TrialError, save_trial


def dress(room, planner, sighted, **params):
    scene = room()
    return run_dressing(
        scene, planner(), EstimatorGuide(sighted(), scene.arm), RunParams(**params), {"person": 7}
    )


def test_a_dressing_ends_when_the_cuff_has_arrived(room, towards_shoulder, sighted):
    trial = dress(room, towards_shoulder, sighted, goal_share=0.5).trial
    assert trial.facts["passed_elbow"] is True
    assert trial.facts["ending"] == "arrived"
    assert trial.true_progress[-1] >= 0.25 + 0.15
    assert trial.true_progress[-2] < 0.25 + 0.15
    assert trial.facts["person"] == 7
    assert trial.facts["upper_arm"] == 0.30


def test_a_dressing_ends_after_its_longest_duration(room, towards_shoulder, sighted):
    trial = dress(room, towards_shoulder, sighted, max_duration=0.5).trial
    assert trial.facts["ending"] == "time"
    assert trial.time[-1] == pytest.approx(0.5)


def test_a_stopped_planner_is_waited_for_and_then_given_up(room, towards_shoulder, sighted):
    class Stopped(towards_shoulder):
        mode = PlanMode.STOPPED

    trial = dress(room, Stopped, sighted, patience=0.25).trial
    assert trial.facts["ending"] == "stopped"
    assert 0.25 < trial.time[-1] < 0.3


def test_rows_of_trial_and_tracks_belong_together(room, towards_shoulder, sighted):
    done = dress(room, towards_shoulder, sighted, max_duration=0.5)
    assert len(done.trial) == len(done.estimates) == len(done.plans.time) + 1
    np.testing.assert_array_equal(done.trial.time, done.estimates.time)
    assert np.all(done.estimates.step_us > 0)


def test_a_recorded_trial_filtered_again_gives_the_same_boxes(room, towards_shoulder, sighted):
    done = dress(room, towards_shoulder, sighted)
    again = filter_trial(sighted(), done.trial)
    np.testing.assert_array_equal(again.centre, done.estimates.centre)
    np.testing.assert_array_equal(again.status, done.estimates.status)


def test_unseen_camera_rows_are_nan_and_come_back_as_none(room, towards_shoulder, sighted):
    trial = dress(room, towards_shoulder, sighted, max_duration=0.2).trial
    assert trial.sample(0).sighting is not None
    assert trial.sample(1).sighting is None
    assert trial.sample(4).shoulder is not None
    assert trial.sample(5).shoulder is None


def test_reach_is_one_on_the_surface_of_a_turned_box(room, towards_shoulder, sighted):
    track = dress(room, towards_shoulder, sighted, max_duration=0.2).estimates
    corner = np.array([track.box(i).corners[0] for i in range(len(track))])
    np.testing.assert_allclose(track.reach(corner), 1.0)
    np.testing.assert_allclose(track.reach(track.centre), 0.0)
    lower, upper = track.hull()
    np.testing.assert_allclose(lower, [track.box(i).hull[0] for i in range(len(track))])
    np.testing.assert_allclose(upper, [track.box(i).hull[1] for i in range(len(track))])


def test_tracks_and_facts_survive_a_file(room, towards_shoulder, sighted, tmp_path):
    done = dress(room, towards_shoulder, sighted, max_duration=0.2)
    save_track(tmp_path / "track.npz", done.estimates)
    np.testing.assert_array_equal(load_track(tmp_path / "track.npz").centre, done.estimates.centre)
    save_trial(tmp_path / "trial.npz", done.trial)
    assert read_facts(tmp_path / "trial.npz") == done.trial.facts


def test_mangled_files_are_refused(tmp_path):
    path = tmp_path / "x.npz"
    path.write_bytes(b"PK\x03\x04 no")
    with pytest.raises(TrialError, match="not a readable trial"):
        read_facts(path)
    with pytest.raises(TrialError, match="not a readable track"):
        load_track(path)


def test_a_sample_without_wrench_is_not_recorded(room):
    with pytest.raises(InputError, match="needs a wrench"):
        Recorder().add(Sample(0.0), room().truth())
