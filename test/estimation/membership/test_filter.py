from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from elbowroom.core import OPTIONAL, SUBSETS, ParameterError, Sample, Status, Wrench
from elbowroom.estimation.conformal.calibration import CalibrationError
from elbowroom.estimation.conformal.promise import Promise
from elbowroom.estimation.factory import shipped_artefacts
from elbowroom.estimation.membership.batch import boxes
from elbowroom.estimation.membership.filter import SetFilter, SetFilterParams
from elbowroom.estimation.membership.model import LAGS, plain_scores
from elbowroom.estimation.membership.store import load_set
from elbowroom.estimation.membership.training import batch_of, score_people, train_set
from elbowroom.models.dataset import gather
from elbowroom.models.names import VISIBLE
from elbowroom.models.scale import CONTEXT, INPUTS, Scale
from elbowroom.models.scale import OUTPUTS as MULTIPLIERS
from elbowroom.models.training import TrainParams
from estimation.toy import LEVERS, draw_trial

SMALL = TrainParams(members=2, epochs=6, refine=2, hidden=16, batch=16)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    data = gather([(str(i), draw_trial(i)) for i in range(60)], steps=50)
    trained = train_set(data, SMALL, tmp_path_factory.mktemp("run"))
    people = gather([(str(i), draw_trial(i)) for i in range(1000, 1060)], steps=50)
    own, plain = score_people([trained, trained.plain()], people)
    return trained.with_scores(own | plain_scores(plain))


@pytest.fixture(scope="module")
def filter_(model):
    return SetFilter(model, SetFilterParams(delta=0.1))


def run(estimator, samples, arm):
    state, found = estimator.start(arm), []
    for sample in samples:
        state, estimate = estimator.step(state, sample)
        found.append(estimate)
    return found


def test_new_people_are_covered_throughout(filter_):
    trials = [draw_trial(i) for i in range(2000, 2030)]
    held = []
    for trial in trials:
        found = run(filter_, trial.samples(), trial.arm)
        first = next(i for i, e in enumerate(found) if e.status == Status.GUARANTEED)
        assert trial.time[first] < 0.1
        inside = [e.box.contains(p) for e, p in zip(found, trial.true_elbow, strict=True)]
        held.append(all(inside[first:]))
    # 30 people at 0.9: fewer than 23 happens once in 400 such runs.
    assert sum(held) >= 23


@pytest.mark.parametrize("inputs", ["none", "wrist", "progress+effort", "wrist+progress+effort"])
def test_online_and_offline_boxes_agree(model, inputs):
    trial = draw_trial(3000)
    estimator = SetFilter(model, SetFilterParams(delta=0.1, inputs=inputs))
    found = run(estimator, trial.samples(), trial.arm)
    data = gather([("a", trial)], steps=50)
    offline = boxes(model, batch_of(model, data, inputs), estimator.calibration.scale)
    online = np.array([e.box.size for e in found[0:480:10]])
    np.testing.assert_allclose(online, offline.size[0, : len(online)], atol=1e-6)


def test_the_promise_travels_with_the_box(filter_):
    trial = draw_trial(3001)
    last = run(filter_, trial.samples(), trial.arm)[-1]
    assert (last.delta, last.people, last.unit, last.rule) == (0.1, 60, "person", "confident")
    assert last.method == "set"
    assert last.stamp == trial.time[-1]


def test_a_tolerance_is_said_with_the_rule_and_makes_the_box_larger(model):
    trial = draw_trial(3001)
    wide = SetFilter(model, SetFilterParams(delta=0.1, tolerance=0.04))
    usual = SetFilter(model, SetFilterParams(delta=0.1))
    assert wide.calibration.scale > usual.calibration.scale
    last = run(wide, trial.samples(), trial.arm)[-1]
    assert (last.delta, last.rule) == (0.1, "confident, tolerance 0.04")


def test_the_plain_network_promises_the_same_with_its_own_scale(model):
    estimator = SetFilter(model.plain(), SetFilterParams(delta=0.1), "network")
    trial = draw_trial(3050)
    found = run(estimator, trial.samples(), trial.arm)
    assert found[-1].status == Status.GUARANTEED
    assert found[-1].method == "network"
    assert (
        estimator.calibration.scale
        != SetFilter(model, SetFilterParams(delta=0.1)).calibration.scale
    )


@pytest.mark.parametrize("name", OPTIONAL)
def test_losing_an_input_never_breaks_the_box_of_whom_the_scale_holds(model, name):
    """The lemma: whose score is at most q is inside at every sample, whatever was lost when."""
    estimator = SetFilter(model, SetFilterParams(delta=0.1, inputs=name))
    meant = 0
    for seed in range(3200, 3212):
        trial = see_always(draw_trial(seed), name)
        lost = getattr(trial, name).copy()
        lost[120:] = np.nan
        trial = replace(trial, **{name: lost})
        found = run(estimator, trial.samples(), trial.arm)
        score = score_people([model], gather([("lost", trial)], steps=50))[0][name][0]
        # A millionth for the truth's single precision in a data set.
        if score <= (1.0 - 1e-6) * estimator.calibration.scale:
            meant += 1
            assert all(e.status == Status.GUARANTEED for e in found[10:])
            inside = [e.box.contains(p) for e, p in zip(found, trial.true_elbow, strict=True)]
            assert all(inside), seed
    assert meant > 0


@pytest.mark.parametrize("name", OPTIONAL)
def test_a_lost_input_widens_the_box_back_to_that_without_it(name):
    """With networks blind to it and multipliers that shrink every bound while it is seen."""
    first, second = np.zeros((INPUTS, 1)), np.full((1, MULTIPLIERS), -1.0)
    first[3 + len(LAGS) + CONTEXT.index(f"{name}_weight")] = 1.0
    scale = Scale(first, np.zeros(1), second, np.zeros(MULTIPLIERS))
    shipped = load_set(shipped_artefacts() / "elbow_set")
    blind = {"embed": shipped.ensemble.weights["embed"] * VISIBLE[0][:, None]}
    ensemble = replace(shipped.ensemble, weights=shipped.ensemble.weights | blind)
    model = replace(shipped, ensemble=ensemble, scale=scale, wrist_bound=np.inf)
    trial = see_always(draw_trial(3260, 4.0), name)
    lost, never = getattr(trial, name).copy(), np.full_like(getattr(trial, name), np.nan)
    lost[240:] = np.nan
    estimator = SetFilter(model, SetFilterParams(delta=0.1, inputs=name))
    kept, cut, none = (
        [e.box.edge for e in run(estimator, replace(trial, **{name: v}).samples(), trial.arm)]
        for v in (getattr(trial, name), lost, never)
    )
    np.testing.assert_array_equal(cut[:240], kept[:240])
    assert kept[239] < 0.8 * none[239]
    grown = np.array(cut[240:]) / np.array(kept[240:])
    assert grown[480] > grown[24]
    assert grown.min() > 0.99
    # Three seconds are six time constants of the weight: as if it had never been seen.
    assert cut[-1] == pytest.approx(none[-1], rel=0.02)


def see_always(trial, name):
    rng, seen = np.random.default_rng(trial.facts["person"]), np.arange(len(trial)) % 8 == 0
    if name == "wrist":
        value = trial.true_wrist + rng.normal(0, 0.004, (len(trial), 3))
    elif name == "progress":
        value = trial.true_progress + rng.normal(0, 0.01, len(trial))
    else:
        value = trial.true_force @ LEVERS + rng.normal(0, 0.3, (len(trial), 7))
    value[~seen] = np.nan
    return replace(trial, **{name: value})


def test_scores_are_kept_for_every_choice_of_inputs(model):
    assert set(model.scores) == {*SUBSETS, *(f"network.{s}" for s in SUBSETS)}
    assert {len(s) for s in model.scores.values()} == {60}


def test_inputs_may_be_named_in_any_order(model):
    params = SetFilterParams(delta=0.1, inputs="effort+wrist")
    assert params.inputs == "wrist+effort"
    estimator = SetFilter(model, params)
    assert estimator.calibration == model.calibration(Promise(delta=0.1, inputs="wrist+effort"))
    with pytest.raises(ParameterError, match="joined by"):
        SetFilterParams(inputs="camera")


@pytest.mark.parametrize("inputs", ["none", "wrist", "effort"])
def test_inputs_that_were_not_asked_for_change_nothing(model, inputs):
    trial = draw_trial(3250)
    hidden = {n: np.full_like(getattr(trial, n), np.nan) for n in OPTIONAL if n != inputs}
    estimator = SetFilter(model, SetFilterParams(delta=0.1, inputs=inputs))
    given = run(estimator, list(trial.samples())[:120], trial.arm)
    alone = run(estimator, list(replace(trial, **hidden).samples())[:120], trial.arm)
    for one, other in zip(given, alone, strict=True):
        np.testing.assert_array_equal(one.box.size, other.box.size)


def test_a_delta_the_people_cannot_carry_is_refused(model):
    with pytest.raises(CalibrationError, match=r"60 people cannot carry delta 0\.01"):
        SetFilter(model, SetFilterParams(delta=0.01))
    with pytest.raises(CalibrationError, match="0 people cannot carry"):
        SetFilter(model.with_scores({}), SetFilterParams(delta=0.1))


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
