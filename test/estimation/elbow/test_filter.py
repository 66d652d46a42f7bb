from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from elbowroom.core import (
    ArtefactError,
    ParameterError,
    Status,
    Wrench,
    load_artefact,
    save_artefact,
    save_trial,
)
from elbowroom.estimation.elbow.artefact import load_elbow_models, save_elbow_models
from elbowroom.estimation.elbow.filter import ElbowFilter, ElbowFilterSettings
from elbowroom.estimation.elbow.hold import HoldEstimator
from elbowroom.estimation.elbow.methods import make_elbow_estimator
from elbowroom.estimation.elbow.training import ElbowTraining, train_elbow_gp, train_gp
from elbowroom.estimation.filters.zonotopic import ZonotopicFilter
from estimation.toy import draw_trial, run

SMALL = ElbowTraining(inducing=60, likelihood_points=200, iterations=25, rows=2000, shortest=0.5)
METHODS = ("gp_zkf", "gp_ekf", "ukf", "particle", "hold")
NAN = np.full(3, np.nan)


@pytest.fixture(scope="module")
def artefact(tmp_path_factory):
    folder = tmp_path_factory.mktemp("artefacts") / "elbow_gp"
    models, facts = train_gp([draw_trial(i) for i in range(24)], 0, SMALL)
    save_elbow_models(folder, models, facts)
    return folder


@pytest.fixture(scope="module")
def trial():
    return draw_trial(900, duration=1.2)


@pytest.fixture(params=METHODS)
def estimator(request, artefact):
    return make_elbow_estimator(request.param, artefact)


def check(estimates):
    for e in estimates:
        assert e.box.is_finite()
        assert np.isfinite(e.stamp)
        assert np.isfinite(e.point).all()
        assert e.status in (Status.PRIOR, Status.VOID, Status.UNCALIBRATED)
        assert e.reason
        assert (e.delta, e.people) == (1.0, 0)


def misses(estimates, trial):
    """Samples of the trial whose own elbow is outside, by stamp; VOID boxes promise nothing."""
    at = np.searchsorted(trial.time, [e.stamp for e in estimates])
    return sum(
        not e.box.contains(trial.true_elbow[min(i, len(trial) - 1)])
        for e, i in zip(estimates, at, strict=True)
        if e.status is not Status.VOID
    )


def test_clean_dressing_is_followed(estimator, trial):
    estimates = run(estimator, trial.samples(), trial.arm)
    check(estimates)
    assert misses(estimates, trial) <= 0.1 * len(trial)
    assert all(e.status is Status.UNCALIBRATED for e in estimates[5:])
    errors = [np.linalg.norm(e.point - trial.true_elbow[i]) for i, e in enumerate(estimates)]
    # The zonotope keeps every worst case and soon is no more than the arm's lengths allow.
    assert np.sqrt(np.mean(np.square(errors))) < (0.3 if estimator.name == "gp_zkf" else 0.12)
    assert [e.stamp for e in estimates] == pytest.approx(trial.time)


def test_steps_repeat_to_the_bit(estimator, trial):
    samples = list(trial.samples())[:60]
    for a, b in zip(*(run(estimator, samples, trial.arm) for _ in range(2)), strict=True):
        np.testing.assert_array_equal(a.box.centre, b.box.centre)
        np.testing.assert_array_equal(a.box.size, b.box.size)


def nan_wrench(samples):
    return [
        replace(s, wrench=Wrench(NAN, NAN)) if 100 <= i < 140 else s for i, s in enumerate(samples)
    ]


def dropout(samples):
    return samples[:100] + samples[180:]


def long_dropout(samples):
    later = [replace(s, stamp=s.stamp + 5.0) for s in samples[100:]]
    return samples[:100] + later


def duplicated(samples):
    return [s for s in samples for _ in range(2)]


def shuffled(samples):
    order = np.arange(len(samples))
    order[1::7], order[2::7] = order[2::7].copy(), order[1::7][: len(order[2::7])].copy()
    return [samples[i] for i in order]


def saturated(samples):
    top = Wrench(np.array([200.0, 0, 0]), np.zeros(3))
    return [replace(s, wrench=top) if i % 50 > 40 else s for i, s in enumerate(samples)]


def wrong_frame(samples):
    moved = np.array([100.0, 0, 0])
    return [
        replace(s, shoulder=None if s.shoulder is None else s.shoulder + moved) if i > 60 else s
        for i, s in enumerate(samples)
    ]


def never_sighted(samples):
    return [replace(s, sighting=None) for s in samples]


def no_shoulder(samples):
    return [replace(s, shoulder=None) for s in samples]


def clock_switch(samples):
    return samples[:100] + [replace(s, stamp=s.stamp + 1.7e9) for s in samples[100:]]


def clock_back(samples):
    return samples[:150] + [replace(s, stamp=s.stamp - 0.5) for s in samples[150:]]


def paused(samples):
    return samples[:100] + [samples[99]] * 50 + samples[100:]


def nan_points(samples):
    return [
        replace(s, shoulder=NAN, sighting=NAN, wrist=NAN) if i > 30 else s
        for i, s in enumerate(samples)
    ]


def infinite_stamps(samples):
    return [replace(s, stamp=np.inf) if i % 3 == 0 else s for i, s in enumerate(samples)]


FAULTS = (
    nan_wrench,
    dropout,
    long_dropout,
    duplicated,
    shuffled,
    saturated,
    wrong_frame,
    never_sighted,
    no_shoulder,
    clock_switch,
    clock_back,
    paused,
    nan_points,
    infinite_stamps,
)
TELLING = {
    nan_wrench: "wrench",
    dropout: "no usable sample",
    long_dropout: "jumped",
    duplicated: "before",
    shuffled: "late",
    saturated: "saturated",
    wrong_frame: "wrong frame",
    no_shoulder: "no shoulder",
    clock_switch: "jumped",
    clock_back: "begun anew",
    paused: "before",
    nan_points: "not finite",
    infinite_stamps: "not finite",
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.__name__)
def test_bad_input_never_breaks_and_is_told(estimator, trial, fault):
    estimates = run(estimator, fault(list(trial.samples())), trial.arm)
    check(estimates)
    if fault in TELLING:
        assert any(TELLING[fault] in e.reason for e in estimates)
    if fault is no_shoulder:
        assert all(e.status is Status.VOID for e in estimates)
    if fault in (wrong_frame, nan_points):
        assert estimates[-1].status is Status.VOID


@pytest.mark.parametrize("fault", [nan_wrench, dropout], ids=lambda f: f.__name__)
def test_zonotope_widens_while_nothing_is_measured(artefact, trial, fault):
    models, settings = load_elbow_models(artefact), ElbowFilterSettings(curvature="none")
    estimator = ElbowFilter(ZonotopicFilter(), models, settings)
    estimates = run(estimator, fault(list(trial.samples())), trial.arm)
    assert misses(estimates, trial) == 0
    if fault is nan_wrench:
        assert estimates[139].box.volume > 1.2 * estimates[99].box.volume


def test_wrist_makes_the_box_smaller(artefact, trial):
    models, edges = load_elbow_models(artefact), []
    for inputs in ("none", "wrist"):
        settings = ElbowFilterSettings(curvature="none", inputs=inputs)
        estimator = ElbowFilter(ZonotopicFilter(), models, settings)
        edges.append(np.mean([e.box.edge for e in run(estimator, trial.samples(), trial.arm)]))
    assert edges[1] < edges[0]


def test_hold_stays_and_grows(trial):
    estimates = run(HoldEstimator(), trial.samples(), trial.arm)
    held = [e for e, t in zip(estimates, trial.time, strict=True) if t > 0.3]
    assert np.linalg.norm(held[0].box.centre - held[-1].box.centre) < 0.3
    assert held[-1].box.volume > held[0].box.volume


def test_artefact_comes_back_the_same(artefact):
    models = load_elbow_models(artefact)
    again = load_elbow_models(artefact)
    point = np.full((1, models.dynamics.process.width), 0.1)
    np.testing.assert_array_equal(
        models.dynamics.process.predict(point), again.dynamics.process.predict(point)
    )
    blob = (artefact / "model.safetensors").stat().st_size
    assert blob < 400_000


def test_training_from_files_repeats(tmp_path):
    paths = [tmp_path / f"{i}.npz" for i in range(6)]
    for i, path in enumerate(paths):
        save_trial(path, draw_trial(i))
    stages = []
    versions = {
        train_elbow_gp(
            paths, tmp_path / name, 3, lambda *stage: stages.append(stage), SMALL
        ).version
        for name in ("a", "b")
    }
    assert len(versions) == 1
    assert stages[3] == ("done", 3, 3)
    assert load_elbow_models(tmp_path / "a").version in versions


def test_too_few_people_are_refused():
    with pytest.raises(ValueError, match="four people"):
        train_gp([draw_trial(i) for i in range(3)], 0, SMALL)


@pytest.mark.parametrize("change", ["missing", "grid", "tensor"])
def test_unfit_artefacts_are_refused(artefact, tmp_path, change):
    stored = load_artefact(artefact, "elbow_gp")
    facts, tensors = dict(stored.facts), dict(stored.tensors)
    if change == "missing":
        del tensors["force.weights"]
    if change == "grid":
        facts["period"] = 0.1
    if change == "tensor":
        tensors["force.factor"] = tensors["force.factor"][:-1]
    save_artefact(tmp_path, "elbow_gp", tensors, facts)
    with pytest.raises(ArtefactError):
        load_elbow_models(tmp_path)


def test_unknown_method_is_refused(artefact):
    with pytest.raises(ParameterError, match="psychic"):
        make_elbow_estimator("psychic", artefact)


def test_estimates_name_their_artefact(artefact, trial):
    estimate = run(make_elbow_estimator("gp_ekf", artefact), trial.samples(), trial.arm)[-1]
    assert estimate.version == load_elbow_models(artefact).version
