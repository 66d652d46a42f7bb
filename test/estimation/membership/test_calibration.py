"""Calibrating the shipped networks on recorded people of a toy arm."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from elbowroom.core import ARTEFACTS, Status, load_artefact, save_artefact, save_trial
from elbowroom.estimation import make_estimator
from elbowroom.estimation.conformal.calibration import CalibrationError
from elbowroom.estimation.conformal.promise import Promise
from elbowroom.estimation.membership.calibration import arrange, calibrate_set, make_profile
from elbowroom.estimation.membership.people import TRAINED, hash_people, write_people
from elbowroom.estimation.membership.profile import load_history, save_profile
from elbowroom.estimation.membership.store import load_set
from elbowroom.models.training.dataset import build
from estimation.toy import draw_trial

PEOPLE, DRESSINGS = 24, 2


def record(folder, person, dressing, seed):
    trial = draw_trial(seed, 0.6)
    garment = {"kind": "taut" if person % 3 else "loose"}
    trial = replace(trial, facts=trial.facts | {"person": person, "garment": garment})
    path = folder / f"{dressing}-{person:03d}.npz"
    save_trial(path, trial)
    return path


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trials")
    pairs = [(d, p) for d in range(DRESSINGS) for p in range(PEOPLE)]
    return [record(folder, p, d, 100 * d + p) for d, p in pairs]


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory, trials):
    folder = tmp_path_factory.mktemp("artefacts")
    shutil.copytree(ARTEFACTS / "elbow_set", folder / "elbow_set")
    calibrate_set(folder / "elbow_set", trials, {"note": "toy"}, delta=0.1)
    return folder


def test_several_dressings_of_a_person_make_one_score_the_largest(artefacts):
    model = load_set(artefacts / "elbow_set")
    for name, values in model.scores.items():
        assert values.shape == (PEOPLE,)
        np.testing.assert_array_equal(values, model.repeated[name].max(axis=1))
    assert model.repeated["wrist+effort"].shape == (PEOPLE, DRESSINGS)
    assert model.groups == tuple(f"{'taut' if p % 3 else 'loose'}/swing" for p in range(PEOPLE))


def test_people_trained_on_are_refused_and_the_artefact_is_left(tmp_path, trials):
    found = load_artefact(ARTEFACTS / "elbow_set", "elbow_set")
    facts = found.facts | {TRAINED: write_people(hash_people(build(trials[:1])))}
    before = save_artefact(tmp_path, "elbow_set", found.tensors, facts)
    with pytest.raises(CalibrationError, match="trained on"):
        calibrate_set(tmp_path, trials, delta=0.1)
    assert load_artefact(tmp_path, "elbow_set").sha256 == before.sha256


def test_first_dressings_in_the_order_given():
    order = arrange(["b", "a", "b", "a", "b"])
    np.testing.assert_array_equal(order, [[0, 2], [1, 3]])


def test_the_manifest_says_what_is_promised_to_whom(artefacts):
    facts = load_artefact(artefacts / "elbow_set", "elbow_set").facts
    assert facts["note"] == "toy"
    assert facts["people_calibrated"]["none"] == PEOPLE
    for found in facts["calibration"].values():
        # Eight loose people cannot carry 0.1, so they are left out.
        assert set(found) == {"all", "taut", "*/swing", "taut/swing"}
        assert {(c["delta"], c["rule"], c["unit"]) for c in found.values()} == {
            (0.1, "plain", "person")
        }
        assert (found["all"]["people"], found["taut"]["people"]) == (24, 16)
    model = load_set(artefacts / "elbow_set")
    stored = facts["calibration"]["progress"]["taut"]["scale"]
    asked = Promise(delta=0.1, rule="plain", inputs="progress", group="taut")
    assert model.calibration(asked).scale == stored


def test_a_delta_the_people_cannot_carry_leaves_the_artefact_alone(artefacts, trials):
    before = (artefacts / "elbow_set/manifest.json").read_bytes()
    with pytest.raises(CalibrationError, match=r"24 people cannot carry delta 0\.01"):
        calibrate_set(artefacts / "elbow_set", trials, delta=0.01)
    with pytest.raises(CalibrationError, match="by the confident rule"):
        calibrate_set(artefacts / "elbow_set", trials, delta=0.1, rule="confident")
    assert (artefacts / "elbow_set/manifest.json").read_bytes() == before


def run(estimator, trial):
    state = estimator.start(trial.arm)
    for sample in trial.samples():
        state, estimate = estimator.step(state, sample)
    return estimate


def test_a_group_is_promised_its_own_scale(artefacts, caplog):
    trial = draw_trial(5000, 0.3)
    taut = make_estimator("set", artefacts, 0.1, group="taut", rule="plain")
    last = run(taut, trial)
    assert (last.status, last.group, last.people) == (Status.GUARANTEED, "taut", 16)
    everybody = run(make_estimator("set", artefacts, 0.1, rule="plain"), trial)
    assert (everybody.group, everybody.people) == ("all", PEOPLE)
    fallen = make_estimator("set", artefacts, 0.1, group="loose", rule="plain")
    assert run(fallen, trial).group == "all"
    (said,) = caplog.messages
    assert said == fallen.calibration.note
    assert said.startswith("8 people of group loose cannot carry delta 0.1")
    with pytest.raises(CalibrationError, match="there are loose, taut"):
        make_estimator("set", artefacts, 0.1, group="silk")


def test_a_profile_gives_a_person_their_own_scale(artefacts, trials, tmp_path):
    model = load_set(artefacts / "elbow_set")
    save_profile(tmp_path / "p.json", make_profile(model, build(trials[7:8])))
    history = load_history(tmp_path / "p.json", model, "wrist")
    assert history == (pytest.approx(model.repeated["wrist"][7, 0]),)
    estimator = make_estimator(
        "set", artefacts, 0.1, inputs="wrist", rule="plain", profile=str(tmp_path / "p.json")
    )
    last = run(estimator, draw_trial(5001, 0.3))
    assert (last.status, last.group) == (Status.GUARANTEED, "dressed 1 times before")
    asked = Promise(delta=0.1, rule="plain", inputs="wrist")
    assert estimator.calibration == model.calibration(asked, history)


def test_a_profile_of_another_model_or_a_mangled_one_is_refused(artefacts, trials, tmp_path):
    model = load_set(artefacts / "elbow_set")
    path = tmp_path / "p.json"
    save_profile(path, make_profile(model, build(trials[:1])))
    with pytest.raises(CalibrationError, match="under another model"):
        load_history(path, replace(model, wrist_bound=0.021), "none")
    # Scores that other people added to the artefact do not matter.
    assert load_history(path, replace(model.with_scores({}), horizon=30), "none")
    good = json.loads(path.read_text())
    for change in ({"scores": {}}, {"scores": {"none": [-1.0]}}, {"scores": {"none": []}}):
        path.write_text(json.dumps(good | change))
        with pytest.raises(CalibrationError, match=r"p\.json"):
            load_history(path, model, "none")
    path.write_text("{")
    with pytest.raises(CalibrationError, match="not a usable profile"):
        load_history(path, model, "none")


def test_a_profile_is_of_one_person(artefacts, trials):
    with pytest.raises(CalibrationError, match="one person needed"):
        make_profile(load_set(artefacts / "elbow_set"), build(trials[:2]))
