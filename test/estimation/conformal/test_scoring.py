"""What is promised to whom, and a simulation of whether the promises hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import lognorm, norm

from elbowroom.estimation.conformal.calibration import CalibrationError
from elbowroom.estimation.conformal.scoring import SHRINKAGE, Scores, belongs, list_groups, promise

DELTA, DRAWS = 0.1, 1000
SPREAD = 0.4


def draw(rng, people, centre=0.0):
    return rng.lognormal(centre, SPREAD, people)


def coverage(scale, centre=0.0):
    """Probability that a new person's score is within a scale, known exactly."""
    return lognorm.cdf(scale, SPREAD, scale=np.exp(centre))


def test_the_plain_rule_keeps_its_word_on_average():
    rng = np.random.default_rng(1)
    found = [coverage(promise(Scores(draw(rng, 39)), DELTA).scale) for _ in range(DRAWS)]
    # The theorem gives k / (n + 1) = 36 / 40 exactly for continuous scores.
    assert np.mean(found) == pytest.approx(0.9, abs=4 * np.std(found) / np.sqrt(DRAWS))
    # Given the calibration people it is below half of the time or so: it is a mean.
    assert np.mean(np.array(found) < 1 - DELTA) > 0.3


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_confident_rule_keeps_its_word_for_most_calibrations(confidence):
    rng = np.random.default_rng(2)
    found = [
        coverage(
            promise(Scores(draw(rng, 120)), DELTA, rule="confident", confidence=confidence).scale
        )
        for _ in range(DRAWS)
    ]
    share = np.mean(np.array(found) >= 1 - DELTA)
    assert share >= confidence - 3 * np.sqrt(confidence * (1 - confidence) / DRAWS)
    assert share < confidence + 0.08


def test_a_tolerance_covers_people_of_whom_a_share_comes_from_elsewhere():
    rng = np.random.default_rng(5)
    elsewhere = 0.04  # this share of new people is covered by no scale: the worst there can be
    kept = {}
    for tolerance in (0.0, elsewhere):
        found = [
            promise(Scores(draw(rng, 200)), DELTA, tolerance=tolerance).scale for _ in range(DRAWS)
        ]
        kept[tolerance] = (1 - elsewhere) * np.mean([coverage(scale) for scale in found])
    assert kept[elsewhere] >= 1 - DELTA
    assert kept[0.0] < 1 - DELTA - 0.02
    # No more is asked for than the theorem needs: (1 - e)(1 - delta + e) instead of 1 - delta.
    assert kept[elsewhere] < 1 - DELTA + 0.01


def test_a_tolerance_makes_groups_and_histories_stricter_too():
    rng = np.random.default_rng(6)
    scores = Scores(draw(rng, 120), ("taut/still",) * 120, draw(rng, 240).reshape(120, 2))
    for asked in ({"group": "taut"}, {"history": (1.0,)}):
        loose, strict = (promise(scores, DELTA, tolerance=t, **asked) for t in (0.0, 0.05))
        assert strict.scale > loose.scale
        assert (strict.delta, strict.tolerance, strict.group) == (DELTA, 0.05, loose.group)
    few = promise(Scores(draw(rng, 40), ("a/b",) * 10 + ("c/d",) * 30), DELTA, tolerance=0.05)
    assert few.rank == 39
    fallen = promise(
        Scores(draw(rng, 40), ("a/b",) * 10 + ("c/d",) * 30), DELTA, tolerance=0.05, group="a"
    )
    assert "cannot carry delta 0.05" in fallen.note


@pytest.mark.parametrize("tolerance", [-0.01, 0.1, 0.2, np.nan])
def test_a_tolerance_that_leaves_nothing_of_delta_is_refused(tolerance):
    with pytest.raises(CalibrationError, match="less than delta"):
        promise(Scores(np.ones(200)), DELTA, tolerance=tolerance)


def test_mondrian_promises_hold_within_every_group_where_the_common_one_does_not():
    rng = np.random.default_rng(3)
    centres = {"taut/still": 0.0, "stiff/still": 0.5, "stiff/wild": 0.9}
    own = {g: [] for g in centres}
    common = {g: [] for g in centres}
    for _ in range(DRAWS // 3):
        groups = tuple(g for g in centres for _ in range(40))
        values = np.concatenate([draw(rng, 40, c) for c in centres.values()])
        scores = Scores(values, groups)
        whole = promise(scores, DELTA).scale
        for group, centre in centres.items():
            own[group].append(coverage(promise(scores, DELTA, group=group).scale, centre))
            common[group].append(coverage(whole, centre))
    for group in centres:
        slack = 4 * np.std(own[group]) / np.sqrt(len(own[group]))
        assert 1 - DELTA - slack < np.mean(own[group]) < 1 - DELTA + 1 / 41 + slack
    assert np.mean(common["stiff/wild"]) < 1 - DELTA - 0.05
    assert np.mean(list(common.values())) == pytest.approx(1 - DELTA, abs=0.01)


def draw_habits(rng, people, dressings):
    habit = rng.normal(0, 0.5, people)
    return habit, np.exp(habit[:, None] + rng.normal(0, 0.15, (people, dressings)))


@pytest.mark.parametrize("seen", [1, 3])
def test_personal_promises_hold_and_give_each_person_their_own_scale(seen):
    rng = np.random.default_rng(4)
    held, own, shared = [], [], []
    for _ in range(DRAWS):
        _, repeated = draw_habits(rng, 49, 4)
        scores = Scores(repeated.max(axis=1), (), repeated)
        habit, runs = draw_habits(rng, 1, seen)
        found = promise(scores, DELTA, history=runs[0])
        assert found.group == f"dressed {seen} times before"
        held.append(norm.cdf((np.log(found.scale) - habit[0]) / 0.15))
        own.append(found.scale)
        shared.append(promise(Scores(repeated[:, 0]), DELTA).scale)
    slack = 4 * np.std(held) / np.sqrt(DRAWS)
    assert 1 - DELTA - slack < np.mean(held) < 1 - DELTA + 1 / 50 + slack
    assert np.mean(own) < 0.85 * np.mean(shared)


def test_only_as_many_dressings_count_as_people_were_calibrated_with():
    _, repeated = draw_habits(np.random.default_rng(5), 60, 3)
    scores = Scores(repeated.max(axis=1), (), repeated)
    long = promise(scores, DELTA, history=[9.0, 9.0, 1.2, 0.8])
    assert long == promise(scores, DELTA, history=[1.2, 0.8])
    assert long.group == "dressed 2 times before"


def test_a_personal_scale_is_the_quantile_of_ratios_times_the_persons_guess():
    repeated = np.column_stack([np.linspace(1, 2, 20), np.linspace(2, 6, 20)])
    ratios = np.sort(repeated[:, 1] / ((SHRINKAGE + repeated[:, 0]) / (SHRINKAGE + 1)))
    found = promise(Scores(repeated.max(axis=1), (), repeated), 0.1, history=[4.0])
    # k = ceil(21 * 0.9) = 19.
    assert found.rank == 19
    assert found.scale == pytest.approx(ratios[18] * (SHRINKAGE + 4.0) / (SHRINKAGE + 1))


def test_a_group_that_is_too_small_falls_back_to_everybody_and_says_so():
    values = np.arange(1.0, 101.0)
    scores = Scores(values, ("taut/still",) * 95 + ("rough/still",) * 5)
    found = promise(scores, DELTA, group="rough")
    whole = promise(scores, DELTA)
    assert (found.scale, found.people, found.group) == (whole.scale, 100, "all")
    assert found.note == (
        "5 people of group rough cannot carry delta 0.1 by the plain rule "
        "(9 are needed): the scale is that of all 100 people"
    )
    assert whole.note == promise(scores, DELTA, group="taut").note == ""


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"group": "silk"}, "nobody of group 'silk' was calibrated on; there are rough, taut"),
        ({"group": "taut/wild"}, "nobody of group"),
        ({"group": "taut", "history": [1.0]}, "not split by group"),
        ({"history": [1.0]}, "nobody was dressed twice"),
        ({"delta": 0.005}, "100 people cannot carry delta"),
        ({"delta": 0.02, "rule": "confident"}, "at least 149"),
    ],
)
def test_what_cannot_be_promised_is_refused(given, message):
    scores = Scores(np.ones(100), ("taut/still",) * 50 + ("rough/still",) * 50)
    with pytest.raises(CalibrationError, match=message):
        promise(scores, **{"delta": 0.1} | given)


def test_without_groups_only_everybody_can_be_asked_for():
    with pytest.raises(CalibrationError, match="calibrate it anew"):
        promise(Scores(np.ones(100)), DELTA, group="taut")


@pytest.mark.parametrize(
    ("wanted", "member"),
    [
        ("taut", True),
        ("taut/*", True),
        ("*/reach", True),
        ("taut/reach", True),
        ("loose", False),
        ("taut/wave", False),
        ("*/wave", False),
    ],
)
def test_who_belongs_to_a_group(wanted, member):
    assert belongs("taut/reach", wanted) is member


def test_every_group_that_exists_is_listed():
    groups = ("taut/a", "taut/b", "loose/a")
    assert list_groups(groups) == ["loose", "taut", "*/a", "*/b", "loose/a", "taut/a", "taut/b"]
    assert all(any(belongs(g, wanted) for g in groups) for wanted in list_groups(groups))
