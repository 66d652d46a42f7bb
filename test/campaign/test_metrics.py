from __future__ import annotations

import numpy as np
import pytest

from elbowroom.campaign import EstimatorGuide, RunParams, run_dressing
from elbowroom.campaign.metrics import (
    score_run,
    score_track,
    summarise_runs,
    summarise_tracks,
)
from elbowroom.core import PlanMode


def dress(room, planner, estimator, sway=0.02, **params):
    scene = room(sway=sway)
    guide = EstimatorGuide(estimator, scene.arm)
    return run_dressing(scene, planner(), guide, RunParams(**params), {"person": 3})


def test_a_box_that_is_wide_enough_is_inside_throughout(room, towards_shoulder, sighted):
    done = dress(room, towards_shoulder, sighted(side=0.05))
    score = score_track(done.trial, done.estimates)
    assert score["inside"]
    assert score["inside_steps"] == score["steps"] == len(done.trial)
    assert score["needed"] == pytest.approx(0.02 / 0.025, rel=0.01)
    assert score["warned"] is None
    assert score["outside_max_m"] == 0.0
    assert score["edge_mean_m"] == pytest.approx(0.05)
    assert score["delta"] == 0.05


def test_one_sample_outside_breaks_the_trajectory(room, towards_shoulder, sighted):
    done = dress(room, towards_shoulder, sighted(side=0.02))
    score = score_track(done.trial, done.estimates)
    true_outside = np.abs(done.trial.true_elbow[:, 1]) > 0.01 + 1e-9
    assert not score["inside"]
    assert score["steps"] - score["inside_steps"] == true_outside.sum()
    assert score["first_outside_s"] == pytest.approx(done.trial.time[np.argmax(true_outside)])
    assert score["outside_max_m"] == pytest.approx(0.01, rel=0.01)
    assert score["warned"] is False


@pytest.mark.parametrize(("void_from", "warned"), [(0.1, True), (1.0, False)])
def test_a_warning_counts_only_before_the_violation(
    room, towards_shoulder, sighted, void_from, warned
):
    done = dress(room, towards_shoulder, sighted(side=0.02, void_from=void_from))
    score = score_track(done.trial, done.estimates)
    assert score["warned"] is warned
    assert summarise_tracks([score])["honest"] == float(warned)


def test_figures_over_trials_are_means_over_people(room, towards_shoulder, sighted):
    good = dress(room, towards_shoulder, sighted(side=0.05))
    bad = dress(room, towards_shoulder, sighted(side=0.03))
    scores = [score_track(d.trial, d.estimates) for d in (good, bad)]
    figures = summarise_tracks(scores)
    assert figures["coverage_trajectory"] == 0.5
    assert 0.5 < figures["coverage_step"] < 1.0
    assert figures["edge_mean_m"] == pytest.approx(0.04)
    assert figures["step_us"]["p99"] >= figures["step_us"]["p50"] > 0


def test_the_dressing_is_scored_by_true_force_and_arrival(room, towards_shoulder, sighted):
    done = dress(room, towards_shoulder, sighted(), goal_share=0.5)
    row = score_run(done.trial, done.plans)
    assert row["passed_elbow"]
    assert row["force_peak_n"] == pytest.approx(np.linalg.norm(done.trial.true_force, axis=1).max())
    figures = summarise_runs([row, row | {"passed_elbow": False, "person": 4}])
    assert figures["people"] == 2
    assert figures["passed_elbow"] == 0.5
    groups = figures["passed_by_flexion"]
    assert sum(g["trials"] for g in groups) == 2
    assert figures["plan_ms"]["p50"] > 0


def test_stops_are_counted_once_each(room, towards_shoulder, sighted):
    class Hesitant(towards_shoulder):
        @property
        def mode(self):
            self.calls = getattr(self, "calls", 0) + 1
            return PlanMode.STOPPED if self.calls // 40 % 2 else PlanMode.FOLLOWING

    done = dress(room, Hesitant, sighted(), max_duration=2.0)
    row = score_run(done.trial, done.plans)
    mode = done.plans.mode
    starts = np.sum((mode[1:] == PlanMode.STOPPED) & (mode[:-1] != PlanMode.STOPPED))
    assert row["stops"] == starts > 1
    assert row["stopped_s"] == pytest.approx(np.mean(mode == PlanMode.STOPPED) * 2.0, abs=0.05)
