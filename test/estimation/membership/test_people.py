from __future__ import annotations

from dataclasses import replace

import pytest

from elbowroom.estimation.conformal.calibration import CalibrationError
from elbowroom.estimation.membership.people import (
    SCALED,
    TRAINED,
    hash_people,
    refuse_known,
    write_people,
)
from elbowroom.models.training.dataset import gather
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
    return {TRAINED: write_people(hash_people(data))}


def test_people_trained_on_are_refused_whatever_their_files_are_called():
    facts = trained_on(people(1_000_001, 1_000_002))
    refuse_known(facts, people(2_000_001, 2_000_002), TRAINED)
    with pytest.raises(CalibrationError, match="1 of these people are among those trained on"):
        refuse_known(facts, people(2_000_001, 1_000_002, name="again-{}.npz"), TRAINED)


def test_artefacts_that_do_not_say_are_taken_as_they_are():
    refuse_known({}, people(1, 2), TRAINED)


def test_files_without_a_person_are_not_taken_for_those_of_other_folders():
    refuse_known(trained_on(people(None)), people(None), TRAINED)


def test_multipliers_may_be_fitted_again_to_the_same_people():
    facts = {SCALED: write_people(hash_people(people(1)))}
    refuse_known(facts, people(1), TRAINED)
    with pytest.raises(CalibrationError, match="multipliers fitted to"):
        refuse_known(facts, people(1), TRAINED, SCALED)
