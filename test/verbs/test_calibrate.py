"""Calibrating and personalising from the command line, on the shipped networks and a toy arm."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

from elbowroom import cli
from elbowroom.core import ARTEFACTS, save_trial
from estimation.toy import draw_trial


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """Twenty people, the second dressing of each in a folder of its own."""
    root = tmp_path_factory.mktemp("room")
    for dressing in range(2):
        for person in range(20):
            trial = draw_trial(100 * dressing + person, 0.4)
            facts = trial.facts | {"person": person, "garment": {"kind": "taut"}}
            folder = root / ("first", "second")[dressing]
            save_trial(folder / f"{person:03d}.npz", replace(trial, facts=facts))
    save_trial(root / "own/a.npz", draw_trial(7, 0.4))
    shutil.copytree(ARTEFACTS / "elbow_set", root / "artefacts/elbow_set")
    return root


def run(room, verb, *line, capsys=None):
    code = cli.main([verb, *line, "--json", str(room / "figures.json")])
    return code, json.loads((room / "figures.json").read_text()) if code == 0 else {}


@pytest.fixture(scope="module")
def calibrated(room):
    recorded = f"{room / 'first'},{room / 'second'}"
    line = ["--recorded", recorded, "--artefacts", str(room / "artefacts"), "--delta", "0.1"]
    code, figures = run(room, "calibrate", *line, "--rule", "plain")
    assert code == 0
    return figures


def test_calibrating_prints_and_stores_what_is_promised(room, calibrated):
    assert calibrated["people_calibrated"]["none"] == 20
    stored = calibrated["facts"]["calibration"]
    assert len(stored) == 8
    assert set(stored["wrist+progress"]) == {"all", "taut", "*/swing", "taut/swing"}
    one = stored["none"]["all"]
    assert (one["delta"], one["people"], one["unit"], one["rule"]) == (0.1, 20, "person", "plain")


def test_a_delta_the_people_cannot_carry_is_refused(room, calibrated, capsys):
    line = ["--recorded", str(room / "first"), "--artefacts", str(room / "artefacts")]
    assert cli.main(["calibrate", *line, "--delta", "0.04", "--rule", "plain"]) == 1
    error = capsys.readouterr().err
    assert "20 people cannot carry delta 0.04 by the plain rule; at least 24 are needed" in error
    assert error.count("\n") == 1
    assert cli.main(["calibrate", *line, "--delta", "0.1"]) == 1
    assert "by the confident rule; at least 29 are needed" in capsys.readouterr().err


def test_what_is_refused_leaves_the_artefact_as_it_was(room, calibrated, capsys):
    folder = room / "artefacts/elbow_set"
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    line = ["--artefacts", str(room / "artefacts"), "--delta", "0.1", "--rule", "plain"]
    first, second = str(room / "first"), str(room / "second")
    assert cli.main(["calibrate", *line, "--recorded", first, "--scale", second]) == 1
    assert "20 of these people are among those multipliers fitted to" in capsys.readouterr().err
    few = ["--recorded", str(room / "own"), "--scale", first]
    assert cli.main(["calibrate", *line, *few]) == 1
    assert "1 people cannot carry delta 0.1" in capsys.readouterr().err
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_a_person_gets_a_profile_and_a_box_of_their_own(room, calibrated, capsys):
    profile, artefacts = str(room / "me.json"), str(room / "artefacts")
    line = ["--recorded", str(room / "own"), "--profile", profile, "--artefacts", artefacts]
    code, figures = run(
        room, "personalise", *line, "--promise.delta", "0.1", "--promise.rule", "plain"
    )
    assert code == 0
    assert figures["person"] == "7"
    assert len(figures["scores"]["wrist"]) == 1
    line = ["--recording", str(room / "own/a.npz"), "--folder", str(room / "replay")]
    line += ["--artefacts", artefacts, "--delta", "0.1", "--rule", "plain", "--profile", profile]
    code, _ = run(room, "replay", *line)
    assert code == 0
    assert cli.main(["replay", *line, "--group", "taut"]) == 1
    assert "not split by group" in capsys.readouterr().err


def test_a_group_nobody_was_of_is_refused(room, calibrated, capsys):
    line = ["--recording", str(room / "own/a.npz"), "--folder", str(room / "replay")]
    line += ["--artefacts", str(room / "artefacts"), "--delta", "0.1", "--group", "silk"]
    assert cli.main(["replay", *line]) == 1
    assert "nobody of group 'silk' was calibrated on; there are taut" in capsys.readouterr().err
