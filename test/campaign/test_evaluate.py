from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from elbowroom.campaign import CampaignError, RunParams, Setup, collect, evaluate, plan_jobs
from elbowroom.core import (
    ARTEFACTS,
    ParameterError,
    TrialError,
    load_artefact,
    load_trial,
    save_artefact,
    save_trial,
)
from elbowroom.estimation import EstimatorParams
from elbowroom.estimation.membership.people import TRAINED, hash_person

KEYS = {
    "trials",
    "people",
    "delta",
    "coverage_step",
    "coverage_trajectory",
    "edge_mean_m",
    "side_longest_mean_m",
    "force_peak_n",
    "passed_elbow",
    "passed_by_flexion",
    "duration_s",
    "stops",
    "plan_ms",
    "step_us",
    "method",
    "motion",
}


@pytest.fixture
def plan(room, sighted, simulator, tmp_path):
    def setup(seed, index, attempt, params):
        if index == 2 and seed == 9:
            raise simulator.SimulationError("blew up")
        sway = np.random.default_rng([seed, index]).uniform(0.0, 0.05)
        facts = {"person": index, "motion": {"kind": "sway", "source": "generator:3"}}
        return Setup(room(sway=sway), facts)

    def make(params):
        return sighted(side={"set": 0.2, "hold": 0.01}[params.method])

    def build(trials=3, seed=1, methods=("set", "hold"), **others):
        folder = others.pop("folder", tmp_path / "run")
        run = RunParams(max_duration=1.0)
        return plan_jobs(trials, seed, folder, methods, setup=setup, make=make, run=run, **others)

    return build


def test_the_figures_have_every_key_and_every_method(plan):
    figures = evaluate(plan(), workers=1)
    assert figures.keys() >= KEYS
    assert figures["method"] == "set"
    assert figures["trials"] == 3
    assert figures["coverage_trajectory"] == 1.0
    assert figures["methods"]["hold"]["coverage_trajectory"] == 0.0
    assert figures["methods"]["hold"]["edge_mean_m"] == pytest.approx(0.01)
    assert figures["motion"] == {"generator": 3}
    assert json.loads(json.dumps(figures)) == figures


def test_an_interrupted_campaign_goes_on_where_it_was(plan, tmp_path):
    evaluate(plan(trials=2), workers=1)
    before = (tmp_path / "run/000000.json").stat().st_mtime_ns
    figures = evaluate(plan(trials=3), workers=1)
    assert figures["trials"] == 3
    assert (tmp_path / "run/000000.json").stat().st_mtime_ns == before


def test_results_of_other_settings_are_not_mixed_in(plan):
    evaluate(plan(trials=1), workers=1)
    with pytest.raises(CampaignError, match="other settings"):
        evaluate(plan(trials=1, seed=2), workers=1)


def test_results_of_another_calibration_are_not_mixed_in(plan, tmp_path):
    artefact = ARTEFACTS / "elbow_set"
    shutil.copytree(artefact, tmp_path / "learned/elbow_set")
    estimator = EstimatorParams(artefacts=str(tmp_path / "learned"))
    evaluate(plan(trials=1, estimator=estimator), workers=1)
    found = load_artefact(artefact, "elbow_set")
    tensors = {k: 2 * v if k.startswith("scores.") else v for k, v in found.tensors.items()}
    save_artefact(tmp_path / "learned/elbow_set", "elbow_set", tensors, found.facts)
    with pytest.raises(CampaignError, match="other settings"):
        evaluate(plan(trials=1, estimator=estimator), workers=1)


def test_what_a_method_does_not_know_is_said_once(plan, caplog):
    evaluate(plan(estimator=EstimatorParams(delta=0.1)), workers=1)
    assert caplog.messages == ["hold runs without delta, which it does not know"]


def test_what_no_method_knows_is_refused(plan):
    with pytest.raises(ParameterError, match="delta has no effect on the method hold"):
        plan(methods=("hold",), estimator=EstimatorParams(delta=0.1))


def test_failed_simulations_are_reported(plan):
    figures = evaluate(plan(seed=9), workers=1)
    assert figures["trials"] == 2
    assert figures["failures"] == [{"index": 2, "failure": "SimulationError: blew up"}]


def test_the_oracle_planner_is_driven_by_the_truth(plan):
    figures = evaluate(plan(planner="oracle"), workers=1)
    assert figures["planner"] == "oracle"
    assert figures["methods"]["set"]["coverage_trajectory"] == 1.0


def test_recorded_trials_are_filtered_without_a_simulator(plan, tmp_path):
    job = plan(trials=1)[0]
    collect(4, 5, tmp_path / "data", workers=1, run=job.run, setup=_with_garment(job.setup))
    recorded = plan(trials=0, recorded=tmp_path / "data", folder=tmp_path / "offline")
    figures = evaluate(recorded, workers=1)
    assert figures["trials"] == 4
    assert figures["methods"]["hold"]["coverage_trajectory"] == 0.0


def test_what_was_kept_is_filtered_again_with_other_recordings(plan, tmp_path):
    evaluate(plan(trials=2, keep=True), workers=1)
    job = plan(trials=1)[0]
    collect(1, 5, tmp_path / "data", workers=1, run=job.run, setup=_with_garment(job.setup))
    both = f"{tmp_path / 'run'},{tmp_path / 'data'}"
    recorded = plan(trials=0, recorded=both, folder=tmp_path / "offline")
    assert evaluate(recorded, workers=1)["trials"] == 3
    one = plan(trials=0, recorded=tmp_path / "data", folder=tmp_path / "offline")
    with pytest.raises(CampaignError, match="other settings"):
        evaluate(one, workers=1)


def test_kept_tracks_lie_beside_the_figures(plan, tmp_path):
    evaluate(plan(trials=1, keep=True), workers=1)
    names = {p.name for p in (tmp_path / "run").iterdir()}
    assert names >= {
        "000000.json",
        "000000.trial.npz",
        "000000.set.npz",
        "000000.hold.npz",
        "000000.plan.npz",
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"methods": ()}, "methods needed"),
        ({"methods": ("set", "set")}, "methods needed"),
        ({"planner": "fast"}, "planner must be"),
        ({"trials": 0}, "nothing to evaluate"),
    ],
)
def test_impossible_evaluations_are_refused(plan, change, message):
    with pytest.raises(CampaignError, match=message):
        plan(**change)


def _with_garment(setup):
    def staged(*args):
        done = setup(*args)
        return Setup(done.scene, done.facts | {"garment": {"kind": "taut"}})

    return staged


def test_results_of_other_recordings_are_not_mixed_in(plan, tmp_path):
    job = plan(trials=1)[0]
    setup = _with_garment(job.setup)
    collect(3, 5, tmp_path / "data", workers=1, run=job.run, setup=setup)
    first = tmp_path / "data/000000.npz"
    first.rename(tmp_path / "later.npz")
    how = {"trials": 0, "recorded": tmp_path / "data", "folder": tmp_path / "offline"}
    assert evaluate(plan(**how), workers=1)["people"] == 2
    (tmp_path / "later.npz").rename(first)
    with pytest.raises(CampaignError, match="is not of the recording"):
        evaluate(plan(**how), workers=1)


def test_tracks_that_were_not_kept_are_made_when_they_are_asked_for(plan, tmp_path):
    figures = evaluate(plan(trials=1), workers=1)
    assert not (tmp_path / "run/000000.trial.npz").exists()
    again = evaluate(plan(trials=1, keep=True), workers=1)
    assert (tmp_path / "run/000000.trial.npz").exists()
    assert again["edge_mean_m"] == figures["edge_mean_m"]


def test_people_whom_the_model_knows_are_counted(plan, tmp_path, caplog):
    shutil.copytree(ARTEFACTS / "elbow_set", tmp_path / "own/elbow_set")
    shipped = load_artefact(tmp_path / "own/elbow_set", "elbow_set")
    facts = shipped.facts | {TRAINED: hash_person("1")}
    save_artefact(tmp_path / "own/elbow_set", "elbow_set", shipped.tensors, facts)
    own = EstimatorParams(artefacts=str(tmp_path / "own"))
    assert evaluate(plan(estimator=own), workers=1)["known_people"] == 1
    assert "1 of these people are known to the model" in caplog.text


def test_a_recording_without_what_is_judged_is_refused_in_words(plan, tmp_path):
    job = plan(trials=1)[0]
    collect(1, 5, tmp_path / "data", workers=1, run=job.run, setup=_with_garment(job.setup))
    trial = load_trial(tmp_path / "data/000000.npz")
    facts = {k: v for k, v in trial.facts.items() if k != "passed_elbow"}
    save_trial(tmp_path / "data/000000.npz", replace(trial, facts=facts))
    with pytest.raises(TrialError, match="lack passed_elbow"):
        evaluate(plan(trials=0, recorded=tmp_path / "data", folder=tmp_path / "off"), workers=1)
