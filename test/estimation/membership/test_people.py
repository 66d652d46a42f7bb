from __future__ import annotations

from dataclasses import replace

import pytest

from elbowroom.estimation.conformal.calibration import CalibrationError
from elbowroom.estimation.membership.people import TRAINED, hash_people, refuse_trained
from elbowroom.models.dataset import gather
from estimation.toy import draw_trial


def people(*persons, name="{}.npz"):
    """Dressings of these people; None for one whose file does not say."""
    trials = []
    for k, person in enumerate(persons):
        trial = draw_trial(k, 0.3)
        facts = {n: v for n, v in trial.facts.items() if n != "person"}
        facts |= {} if person is None else {"person": person}
        trials.append((name.format(k), replace(trial, facts=facts)))
    return gather(trials, 8)


def trained_on(data):
    return {TRAINED: " ".join(sorted(hash_people(data)))}


def test_people_trained_on_are_refused_whatever_their_files_are_called():
    facts = trained_on(people(1_000_001, 1_000_002))
    refuse_trained(facts, people(2_000_001, 2_000_002))
    with pytest.raises(CalibrationError, match="trained on 1 of these people"):
        refuse_trained(facts, people(2_000_001, 1_000_002, name="again-{}.npz"))


def test_artefacts_that_do_not_say_are_taken_as_they_are():
    refuse_trained({}, people(1, 2))


def test_files_without_a_person_are_not_taken_for_those_of_other_folders():
    refuse_trained(trained_on(people(None)), people(None))
