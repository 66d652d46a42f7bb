"""A small set model, trained and calibrated on toy arms once for every test of the filter."""

from __future__ import annotations

import pytest

from elbowroom.estimation.membership.filter import SetFilter, SetFilterParams
from elbowroom.estimation.membership.model import plain_scores
from elbowroom.estimation.membership.training import score_people, train_set
from elbowroom.models.training.dataset import gather
from elbowroom.models.training.member import TrainParams
from estimation.toy import draw_trial

SMALL = TrainParams(members=2, epochs=6, refine=2, hidden=16, batch=16)


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    data = gather([(str(i), draw_trial(i)) for i in range(60)], steps=50)
    trained = train_set(data, SMALL, tmp_path_factory.mktemp("run"))
    people = gather([(str(i), draw_trial(i)) for i in range(1000, 1060)], steps=50)
    own, plain = score_people([trained, trained.plain()], people)
    return trained.with_scores(own | plain_scores(plain))


@pytest.fixture(scope="session")
def filter_(model):
    return SetFilter(model, SetFilterParams(delta=0.1))
