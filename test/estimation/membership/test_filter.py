from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from elbowroom.core import ARTEFACTS, OPTIONAL, SUBSETS, ParameterError, Status
from elbowroom.estimation.conformal.calibration import CalibrationError
from elbowroom.estimation.conformal.promise import Promise
from elbowroom.estimation.membership.batch import boxes
from elbowroom.estimation.membership.filter import SetFilter, SetFilterParams
from elbowroom.estimation.membership.model import LAGS
from elbowroom.estimation.membership.store import load_set
from elbowroom.estimation.membership.training import batch_of, score_people
from elbowroom.models.elbow.scale import CONTEXT, INPUTS, Scale
from elbowroom.models.elbow.scale import OUTPUTS as MULTIPLIERS
from elbowroom.models.features.names import VISIBLE
from elbowroom.models.training.dataset import gather
from estimation.toy import LEVERS, draw_trial, run


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
    shipped = load_set(ARTEFACTS / "elbow_set")
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
