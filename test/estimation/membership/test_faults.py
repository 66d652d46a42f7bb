"""What the set filter does when its inputs are not as they were in calibration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from elbowroom.core import Sample, Status, Wrench
from elbowroom.estimation.membership.filter import SetFilter, SetFilterParams
from estimation.toy import draw_trial, run


def test_nothing_is_promised_before_shoulder_and_elbow_were_seen(filter_):
    trial = draw_trial(3300)
    blind = replace(trial, sighting=np.full_like(trial.sighting, np.nan))
    found = run(filter_, blind.samples(), trial.arm)
    assert {e.status for e in found} == {Status.PRIOR}
    assert "not been seen" in found[-1].reason
    assert all(e.box.contains(p) for e, p in zip(found[8:], trial.true_elbow[8:], strict=True))


def test_a_gap_ends_the_promise_until_the_elbow_is_seen_again(filter_):
    trial = draw_trial(3400)
    samples = list(trial.samples())
    again = [
        replace(s, sighting=p) for s, p in zip(samples[300:], trial.true_elbow[300:], strict=True)
    ]
    found = run(filter_, samples[:100] + samples[160:300] + again, trial.arm)
    assert found[99].status == Status.GUARANTEED
    assert {e.status for e in found[100:240]} == {Status.VOID}
    assert "no usable sample for 0.25 s" in found[100].reason
    assert found[-1].status == Status.GUARANTEED
    for estimate, sample in zip(found[100:240], samples[160:300], strict=True):
        assert estimate.stamp == sample.stamp
        assert estimate.box.contains(trial.true_elbow[round(sample.stamp * 240)])


def test_a_lost_shoulder_ends_the_promise(filter_):
    trial = draw_trial(3500)
    lost = trial.shoulder.copy()
    lost[100:] = np.nan
    found = run(filter_, replace(trial, shoulder=lost).samples(), trial.arm)
    assert found[120].status == Status.GUARANTEED
    assert found[200].status == Status.VOID
    assert "the shoulder" in found[200].reason


def test_an_empty_intersection_is_said_and_latched(model):
    estimator = SetFilter(
        model.with_scores({"none": np.full(60, 0.02)}), SetFilterParams(delta=0.1)
    )
    trial = draw_trial(3600)
    # That the elbow is seen again proves nothing about the bounds.
    trial = replace(trial, sighting=trial.true_elbow)
    found = run(estimator, trial.samples(), trial.arm)
    statuses = [e.status for e in found]
    first = statuses.index(Status.VOID)
    assert set(statuses[first:]) == {Status.VOID}
    assert "exclude each other" in found[-1].reason


def test_nothing_is_promised_for_longer_than_anybody_was_scored(model):
    trial = draw_trial(3610)
    found = run(SetFilter(replace(model, horizon=30), SetFilterParams(delta=0.1)), *given(trial))
    statuses = [e.status for e in found]
    end = statuses.index(Status.VOID)
    # The first set is made at the first sample with shoulder and elbow; thirty are promised.
    assert statuses[1:end] == [Status.GUARANTEED] * (end - 1)
    assert end == statuses.index(Status.GUARANTEED) + 300
    assert "beyond 1.2 s" in found[-1].reason


def test_a_set_too_old_is_not_promised_and_a_step_missed_ends_the_promise(filter_):
    trial = draw_trial(3620)
    samples = list(trial.samples())
    for lost, status in ((4, Status.GUARANTEED), (14, Status.VOID)):
        found = run(filter_, samples[:120] + samples[120 + lost :], trial.arm)
        assert found[120].status == status
    unusable = [replace(s, wrench=None) if 120 <= k < 124 else s for k, s in enumerate(samples)]
    found = run(filter_, unusable, trial.arm)
    assert {e.status for e in found[120:124]} <= {Status.GUARANTEED, Status.PRIOR}
    assert found[-1].status == Status.GUARANTEED
    for k, estimate in enumerate(found[100:130], 100):
        if estimate.status == Status.GUARANTEED:
            assert estimate.box.contains(trial.true_elbow[k])


@pytest.mark.parametrize("rate", [100.0, 120.0, 240.0])
def test_a_lag_is_the_same_time_at_any_rate_of_the_sensor(filter_, rate):
    trial = draw_trial(3630)
    times = np.arange(0.0, trial.time[-1], 1 / rate)
    samples = list(trial.samples())
    some = [samples[round(t * 240)] for t in times]
    state, counts = filter_.start(trial.arm), []
    for t, sample in zip(times, some, strict=True):
        state, _ = filter_.step(state, replace(sample, stamp=t))
        counts.append(state.count)
    assert counts[-1] == pytest.approx(24 * times[-1], abs=2)


def test_a_hop_to_another_shoulder_is_refused(filter_):
    trial = draw_trial(3640)
    hopped = trial.shoulder.copy()
    hopped[240:] += [0.0, 0.4, 0.0]
    found = run(filter_, replace(trial, shoulder=hopped).samples(), trial.arm)
    assert "the shoulder jumped" in found[240].reason
    later = found[300:]
    assert Status.GUARANTEED not in {e.status for e in later}


def test_a_sighting_that_is_no_upper_arm_away_is_left_out(filter_):
    trial = draw_trial(3650)
    wrong = trial.sighting.copy()
    seen = np.isfinite(wrong[:, 0])
    wrong[seen] = trial.true_shoulder[seen] + [0.0, 0.0, 0.8]
    found = run(filter_, replace(trial, sighting=wrong).samples(), trial.arm)
    assert {e.status for e in found} == {Status.PRIOR}
    assert "not an upper arm away" in found[8].reason


def given(trial):
    return trial.samples(), trial.arm


BAD = {
    "nan force": lambda s: replace(s, wrench=Wrench(np.array([np.nan, 0, 0]), np.zeros(3))),
    "infinite torque": lambda s: replace(s, wrench=Wrench(np.zeros(3), np.full(3, np.inf))),
    "no wrench": lambda s: replace(s, wrench=None),
    "saturated": lambda s: replace(s, wrench=Wrench(np.full(3, 500.0), np.zeros(3))),
    "no gripper": lambda s: replace(s, gripper=None),
    "nan stamp": lambda s: replace(s, stamp=float("nan")),
    "far shoulder": lambda s: replace(s, shoulder=np.array([9.0, 9, 9])),
    "wrong shape": lambda s: replace(s, shoulder=np.zeros(2)),
    "nan wrist": lambda s: replace(s, wrist=np.full(3, np.nan)),
    "nan progress": lambda s: replace(s, progress=float("nan")),
    "impossible effort": lambda s: replace(s, effort=np.full(7, 1e4)),
}


@pytest.mark.parametrize("name", BAD)
def test_one_bad_sample_is_survived_and_named(filter_, name):
    trial = draw_trial(3700)
    samples: list[Sample] = list(trial.samples())
    samples[200] = BAD[name](samples[200])
    found = run(filter_, samples, trial.arm)
    assert all(e.box.is_finite() for e in found)
    assert found[200].reason
    assert found[-1].status == Status.GUARANTEED
    assert found[-1].reason == ""


@pytest.mark.parametrize("name", ["nan force", "no wrench", "saturated", "no gripper"])
def test_lasting_bad_input_ends_the_promise(filter_, name):
    trial = draw_trial(3800)
    samples = list(trial.samples())
    samples[200:300] = [BAD[name](s) for s in samples[200:300]]
    found = run(filter_, samples, trial.arm)
    assert found[290].status == Status.VOID
    assert found[-1].status == Status.VOID
    assert all(e.box.is_finite() for e in found)


def test_time_going_back_begins_anew(filter_):
    trial = draw_trial(3900)
    samples = list(trial.samples())
    found = run(filter_, samples[:300] + samples[:300], trial.arm)
    assert all(e.box.is_finite() for e in found)
    # The second pass sees the elbow again, so the promise comes back.
    assert found[-1].status == Status.GUARANTEED


def test_the_state_is_never_changed_in_place(filter_):
    trial = draw_trial(4000)
    samples = list(trial.samples())
    state = filter_.start(trial.arm)
    for sample in samples[:100]:
        state, _ = filter_.step(state, sample)
    first = filter_.step(state, samples[100])[1]
    for sample in samples[100:200]:
        filter_.step(state, sample)
    second = filter_.step(state, samples[100])[1]
    np.testing.assert_array_equal(first.box.centre, second.box.centre)
    np.testing.assert_array_equal(first.box.size, second.box.size)
