"""The reference: frozen, hashed, tied to a model."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from elbowroom.core import ARTEFACTS, ArtefactError, load_artefact
from elbowroom.monitoring import MonitoringError
from elbowroom.monitoring.attendant import SHIPPED
from elbowroom.monitoring.watching.fit import FitParams, fit_reference
from elbowroom.monitoring.watching.reference import load_reference, save_reference
from monitoring.made import PERIOD, VERSION, draw_dressing, draw_readings, make_reference


def test_a_reference_comes_back_as_it_was_saved(reference):
    made = make_reference()
    assert reference.layers == made.layers
    assert (reference.model_version, reference.period) == (VERSION, PERIOD)
    assert reference.channel.threshold == made.channel.threshold
    assert len(reference.digest) == 64
    np.testing.assert_allclose(reference.units["input"], made.units["input"], rtol=1e-6)
    live = draw_readings(1)[0].layers
    np.testing.assert_allclose(reference.project(live)["hidden"], made.project(live)["hidden"])


def test_the_same_people_and_seed_make_the_same_reference(reference):
    assert make_reference().facts["data"] == reference.facts["data"]
    assert make_reference(seed=1).channel.threshold != reference.channel.threshold


def test_another_models_version_is_refused(reference_folder):
    with pytest.raises(ArtefactError, match="other, the reference of abc123"):
        load_reference(reference_folder, "other")
    assert load_reference(reference_folder, VERSION).model_version == VERSION


def test_detectors_compare_with_people_that_nothing_was_fitted_to(reference):
    calibrated = reference.facts["people_calibrated"]
    assert calibrated == reference.facts["people"] // 2
    assert {len(rows) for rows in reference.units.values()} == {calibrated}
    assert set(reference.owners) == set(range(calibrated))


def test_the_hash_tells_alarms_of_other_thresholds_apart(reference, tmp_path):
    found = set()
    for name, threshold in (("low", 1.0), ("high", 2.0)):
        channel = replace(reference.channel, threshold=threshold)
        save_reference(tmp_path / name, replace(reference, channel=channel))
        found.add(load_reference(tmp_path / name).digest)
    assert len(found) == 2


@pytest.mark.parametrize("name", ["model.safetensors", "manifest.json"])
def test_a_tampered_reference_is_refused(reference_folder, tmp_path, name):
    folder = shutil.copytree(reference_folder, tmp_path / "copy")
    path = folder / name
    blob = bytearray(path.read_bytes())
    at = blob.rindex(b"people") + 10 if name == "manifest.json" else len(blob) - 5
    blob[at] = blob[at] + 1
    path.write_bytes(bytes(blob))
    with pytest.raises(ArtefactError):
        load_reference(folder)


def test_a_missing_or_foreign_reference_is_refused(tmp_path):
    with pytest.raises(ArtefactError, match="cannot be read"):
        load_reference(tmp_path / "nowhere")
    with pytest.raises(ArtefactError, match="elbow_set"):
        load_reference(ARTEFACTS / "elbow_set")


def test_an_empty_reference_cannot_be_made():
    with pytest.raises(MonitoringError, match="none of the 0"):
        fit_reference([], VERSION, PERIOD)
    short = [draw_dressing(i, count=3) for i in range(40)]
    with pytest.raises(MonitoringError, match="none of the 40"):
        fit_reference(short, VERSION, PERIOD, FitParams(least=12))


@pytest.mark.parametrize(
    ("layers", "match"),
    [
        ({"input": np.zeros(6)}, "no layer hidden"),
        ({"input": np.zeros(5), "hidden": np.zeros(10)}, "has 5 values, expected 6"),
        ({"input": np.full(6, np.nan), "hidden": np.zeros(10)}, "not finite"),
    ],
)
def test_readings_that_do_not_fit_are_refused(reference, layers, match):
    with pytest.raises(MonitoringError, match=match):
        reference.project(layers)


def test_the_shipped_reference_is_of_the_shipped_model():
    model = load_artefact(ARTEFACTS / "elbow_set", "elbow_set")
    reference = load_reference(SHIPPED, model.version)
    size = sum(f.stat().st_size for f in SHIPPED.iterdir())
    assert size < 1.5e6
    assert reference.channel.people >= 19
    facts = json.loads((SHIPPED / "manifest.json").read_text())["facts"]
    assert facts["people_fitted"] + facts["people_calibrated"] == facts["people"]
