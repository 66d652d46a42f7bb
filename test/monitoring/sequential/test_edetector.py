from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elbowroom.monitoring import (
    DetectorSettings,
    EDetector,
    MonitoringError,
    pack_state,
    unpack_state,
)
from elbowroom.monitoring.sequential.bet_kernel import place_bets
from elbowroom.monitoring.sequential.promise import choose_threshold

RNG = np.random.default_rng(0)
REFERENCE = RNG.standard_normal((400, 3))
DETECTOR = EDetector(REFERENCE)


def run(detector, units, state=None):
    state, values = state or detector.start(), []
    for unit in units:
        state, value = detector.step(state, unit)
        values.append(value)
    return state, np.array(values)


@given(st.integers(1, 8), st.integers(1, 5), st.integers(0, 999))
def test_a_bet_is_fair_whatever_the_numbers(draws, bets, seed):
    """Exchangeable units: the mean of e over who of them is the live one is exactly 1."""
    rng = np.random.default_rng(seed)
    rows, average = rng.standard_cauchy((1 + draws, 3)), rng.standard_normal((bets, 3))
    turned = [place(np.roll(rows, -i, axis=0), average) for i in range(1 + draws)]
    assert np.mean(turned, axis=0) == pytest.approx(np.ones((2, bets, 2)))
    assert (np.array(turned) >= 0).all()


def test_a_bet_is_what_the_equation_says():
    rng = np.random.default_rng(1)
    rows, average = rng.standard_normal((5, 3)), rng.standard_normal((2, 3))
    h = np.exp(0.5 * rows[:, 1:] @ average[1, 1:])
    assert place(rows, average, 3.0)[1, 1, 0] == pytest.approx(4.0 * h[0] / h.mean())


def place(rows, average, before=0.0):
    """Bets on two blocks, one feature and two."""
    bets = np.full((2, len(average), 2), before)
    _, bets, _ = place_bets(
        rows, average, np.ones(len(average)), np.array([0, 1, 3]), np.array([0.5, 1.0]), bets, bets
    )
    return bets


def test_the_mean_value_grows_by_no_more_than_one_a_unit():
    """E[value_t] = t without a change, also for heavy tails, over many references and streams."""
    settings = DetectorSettings(draws=2)
    values = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        reference, live = (rng.standard_t(2, (count, 2)) for count in (60, 15))
        detector = EDetector(reference, DetectorSettings(draws=2, seed=seed))
        values.append(run(detector, live)[1])
    assert settings.draws == 2
    means, errors = np.mean(values, axis=0), np.std(values, axis=0) / np.sqrt(len(values))
    assert (np.abs(means - np.arange(1, 16)) < 4 * errors + 1e-9).all()


@pytest.mark.parametrize(("shift", "latest"), [(1.0, 45), (2.0, 18), (5.0, 9)])
def test_a_shift_is_found(shift, latest):
    delays = []
    for seed in range(9):
        rng = np.random.default_rng(100 + seed)
        state, _ = run(DETECTOR, rng.standard_normal((20, 3)))
        moved = rng.standard_normal((60, 3)) + [shift, 0.0, 0.0]
        _, values = run(DETECTOR, moved, state)
        delays.append(np.argmax(values >= DETECTOR.threshold) + 1 if values.max() > 0 else 60)
    assert np.median(delays) <= latest


@pytest.mark.parametrize("change", ["wider", "narrower", "two lumps"])
def test_a_change_without_a_shift_is_found(change):
    rng = np.random.default_rng(5)
    live = {
        "wider": 2.5 * rng.standard_normal((70, 3)),
        "narrower": 0.3 * rng.standard_normal((70, 3)),
        "two lumps": np.sign(rng.standard_normal((70, 3))) + 0.1 * rng.standard_normal((70, 3)),
    }[change]
    assert (run(DETECTOR, live)[1] >= DETECTOR.threshold).any()


def test_quiet_without_a_change():
    rng = np.random.default_rng(11)
    alarms = [
        (run(DETECTOR, rng.standard_normal((60, 3)))[1] >= DETECTOR.threshold).any()
        for _ in range(25)
    ]
    # Each of 25 has at most 60 / threshold = 6 %; more than 6 happen once in 3000.
    assert sum(alarms) <= 6


def test_a_step_changes_no_state_and_depends_on_nothing_else():
    before = DETECTOR.start()
    copies = [np.array(field) for field in before]
    first, _ = DETECTOR.step(before, RNG.standard_normal(3))
    DETECTOR.step(first, RNG.standard_normal(3))
    assert all((np.array(a) == b).all() for a, b in zip(before, copies, strict=True))
    run(DETECTOR, RNG.standard_normal((100, 3)))
    unit = np.array([0.3, -0.2, 1.0])
    assert DETECTOR.step(first, unit)[1] == EDetector(REFERENCE).step(first, unit)[1]


def test_a_restored_state_goes_on_as_if_nothing_had_happened(tmp_path):
    units = RNG.standard_normal((60, 3))
    state, _ = run(DETECTOR, units[:30])
    np.savez(tmp_path / "state.npz", **pack_state(state))
    with np.load(tmp_path / "state.npz", allow_pickle=False) as arrays:
        again = EDetector(REFERENCE)
        restored = unpack_state(arrays, like=again.start())
    assert (
        run(again, units[30:], restored)[1].tolist() == run(DETECTOR, units[30:], state)[1].tolist()
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a.pop("bets"), "a state has"),
        (lambda a: a.update(bets=a["bets"][1:]), "bets of the state"),
        (lambda a: a.update(average=np.full(a["average"].shape, np.nan)), "not finite"),
        (lambda a: a.update(units=np.array(1.5)), "units of the state"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(change, message):
    arrays = pack_state(DETECTOR.start())
    change(arrays)
    with pytest.raises(MonitoringError, match=message):
        unpack_state(arrays, like=DETECTOR.start())


@pytest.mark.parametrize(
    ("unit", "message"),
    [
        ([0.0, np.nan, 0.0], "finite"),
        ([0.0, np.inf, 0.0], "finite"),
        ([0.0, 1e180, 0.0], "beyond all measure"),
        ([0.0, 1.0], "3 features"),
        (np.zeros((2, 3)), "one vector"),
        ({"other": [0.0, 0.0, 0.0]}, "lacks the layers"),
        (["a", "b", "c"], "numbers"),
    ],
)
def test_a_bad_unit_is_refused_and_the_state_still_good(unit, message):
    state, _ = run(DETECTOR, RNG.standard_normal((5, 3)))
    good = np.array([0.1, 0.2, 0.3])
    expected = DETECTOR.step(state, good)[1]
    with pytest.raises(MonitoringError, match=message), np.errstate(over="ignore"):
        DETECTOR.step(state, unit)
    assert DETECTOR.step(state, good)[1] == expected


def test_integers_and_lists_are_units_too():
    state = DETECTOR.start()
    assert DETECTOR.step(state, [1, 0, 2])[1] == DETECTOR.step(state, np.array([1.0, 0, 2]))[1]


def test_layers_are_weighted_alike_and_the_changed_one_stands_out():
    reference = {"quiet": RNG.standard_normal((300, 2)), "moved": RNG.standard_normal((300, 4))}
    detector = EDetector(reference)
    state = detector.start()
    for _ in range(15):
        unit = {"moved": RNG.standard_normal(4) + 2.0, "quiet": RNG.standard_normal(2)}
        state, value = detector.step(state, unit)
    by_layer = detector.layer_values(state)
    assert list(by_layer) == ["quiet", "moved"]
    assert np.mean(list(by_layer.values())) == pytest.approx(value)
    assert by_layer["moved"] > detector.threshold > by_layer["quiet"]


def test_the_value_begins_anew_when_the_reference_is_used_up():
    detector = EDetector(REFERENCE, DetectorSettings(draws=30))
    assert detector.pass_length == 10
    assert detector.threshold == pytest.approx(choose_threshold(500.0, 10))
    state, _ = run(detector, RNG.standard_normal((10, 3)))
    assert (state.value, state.passes, state.used, state.units) == (0.0, 1, 0, 10)
    assert not state.bets.any()
    assert not state.average.any()


@pytest.mark.parametrize(("size", "draws", "length"), [(40, 1, 30), (400, 3, 100), (2000, 8, 187)])
def test_a_small_reference_is_used_sparingly(size, draws, length):
    detector = EDetector(RNG.standard_normal((size, 2)))
    assert (detector.draws, detector.pass_length) == (draws, length)


def test_a_strong_change_never_overflows():
    detector = EDetector(RNG.standard_normal((4000, 2)))
    _, values = run(detector, np.full((700, 2), 30.0))
    assert np.isfinite(values).all()
    assert values[-1] > 1e200


def test_a_constant_feature_harms_nothing():
    reference = np.hstack([RNG.standard_normal((200, 2)), np.full((200, 1), 5.0)])
    detector = EDetector(reference)
    calm = np.hstack([RNG.standard_normal((20, 2)), np.full((20, 1), 5.0 + 1e-9)])
    assert run(detector, calm)[1].max() < detector.threshold


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ({}, "empty"),
        (np.zeros((0, 3)), "at least 2 samples"),
        (np.ones((100, 3)), "constant"),
        (RNG.standard_normal((15, 3)), "too few"),
        ({"a": RNG.standard_normal((90, 3)), "b": RNG.standard_normal((91, 3))}, "number of units"),
    ],
)
def test_a_bad_reference_is_refused(reference, message):
    with pytest.raises(MonitoringError, match=message):
        EDetector(reference)
