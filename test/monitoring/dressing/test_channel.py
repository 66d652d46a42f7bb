"""The alarm within a dressing: its promise, its power, what it refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from elbowroom.estimation.layers.sensor import SENSOR
from elbowroom.monitoring import MonitoringError
from elbowroom.monitoring.dressing.channel import (
    ChannelParams,
    fit_channel,
    pack_channel,
    score_dressing,
    trace_dressing,
    unpack_channel,
)
from elbowroom.monitoring.dressing.dressings import DressingReadings, fit_projection
from elbowroom.monitoring.dressing.statistics import (
    FIRST,
    FIRST_AT,
    MAX,
    MEAN,
    MIN,
    NOW,
    WARM,
    fold,
)
from monitoring.made import LAYERS, draw_dressing


def test_new_people_alarm_no_more_often_than_promised(reference):
    channel = reference.channel
    scores = [
        score_dressing(channel, draw_dressing(seed), reference.projections)
        for seed in range(1000, 1200)
    ]
    # 200 people at 5 %, threshold from 70: more than 28 happens once in 2000 such runs.
    assert np.sum(np.array(scores) > channel.threshold) <= 28


def test_a_change_is_noticed_after_it_came_and_named(reference):
    channel, found = reference.channel, []
    for seed in range(2000, 2020):
        dressing = draw_dressing(seed, shift=12.0)
        trace = trace_dressing(channel, dressing, reference.projections)
        over = [i for i, s in enumerate(trace) if s.score > channel.threshold]
        found.append(over[0] if over else None)
        if over:
            assert trace[-1].worst.split()[0] in LAYERS
    assert sum(f is not None and 24 <= f < 40 for f in found) >= 15


def test_the_score_of_a_dressing_never_falls(reference):
    trace = trace_dressing(reference.channel, draw_dressing(5), reference.projections)
    assert np.all(np.diff([s.score for s in trace]) >= 0)
    assert trace[-1].score == max(s.recent for s in trace)


def test_a_reading_at_a_time_is_the_same_as_all_at_once(reference):
    dressing = draw_dressing(6)
    state = reference.channel.start()
    for k, stamp in enumerate(dressing.stamps):
        layers = {name: rows[k] for name, rows in dressing.layers.items()}
        state = reference.channel.step(state, float(stamp), layers, reference.projections)
    assert state.score == pytest.approx(
        score_dressing(reference.channel, dressing, reference.projections), rel=1e-6
    )


def test_too_few_people_for_alpha_are_refused():
    people = [draw_dressing(i) for i in range(30)]
    projections = {n: fit_projection([d.layers[n] for d in people], 4) for n in LAYERS}
    with pytest.raises(MonitoringError, match="15 people are too few"):
        fit_channel(tuple(LAYERS), people[:15], people[15:], projections)
    loose = ChannelParams(alpha=0.2)
    assert fit_channel(tuple(LAYERS), people[:15], people[15:], projections, loose).people == 15
    with pytest.raises(MonitoringError, match="12 people are needed"):
        fit_channel(tuple(LAYERS), people[:5], people[5:], projections)


def test_a_constant_layer_is_refused():
    with pytest.raises(MonitoringError, match="constant"):
        fit_projection([np.full((20, 3), 2.5)], 2)


@pytest.mark.parametrize(
    ("rows", "match"), [(np.zeros((0, 3)), "at least 1"), ([[1.0, np.nan]], "finite")]
)
def test_bad_readings_are_refused(rows, match):
    with pytest.raises(MonitoringError, match=match):
        DressingReadings("d", np.arange(len(rows)), {"input": np.asarray(rows)})


def test_folds_are_running_extremes_means_and_first_values():
    values = np.random.default_rng(0).normal(size=(20, 5))
    kinds, held = np.array([MAX, MIN, MEAN, NOW, FIRST]), np.full(5, np.nan)
    for k, row in enumerate(values):
        held = fold(kinds, held, row, k)
    np.testing.assert_allclose(
        held,
        [
            values[:, 0].max(),
            values[WARM:, 1].min(),
            values[:, 2].mean(),
            values[-1, 3],
            values[FIRST_AT, 4],
        ],
    )


def test_a_channel_that_does_not_fit_together_is_refused(reference):
    arrays, facts = pack_channel(reference.channel)
    with pytest.raises(MonitoringError, match="shape"):
        unpack_channel(arrays | {"centre": arrays["centre"][:-1]}, facts)
    with pytest.raises(MonitoringError, match="threshold"):
        unpack_channel(arrays | {"threshold": np.array([np.nan])}, facts)


def test_what_takes_time_to_be_known_is_not_judged_by_its_first_readings():
    def draw(seed: int, lever: float) -> DressingReadings:
        rng = np.random.default_rng(seed)
        rows = rng.normal(0.0, 0.1, (40, len(SENSOR)))
        # The lever is a quotient of what hardly differs from nothing until the cloth pulls.
        rows[:, SENSOR.index("lever_dressing")] = lever + 0.1 * rng.normal()
        rows[:6, SENSOR.index("lever_dressing")] = 20 * rng.standard_cauchy(6)
        return DressingReadings(f"d{seed}", np.arange(40) / 24, {"sensor": rows})

    people = [draw(seed, 1.0) for seed in range(120)]
    projections = {"sensor": fit_projection([d.layers["sensor"] for d in people], 4)}
    channel = fit_channel(("sensor",), people[:60], people[60:], projections)
    turned = [trace_dressing(channel, draw(seed, -1.0), projections) for seed in range(200, 220)]
    assert all(t[-1].score > channel.threshold for t in turned)
    assert all(t[-1].worst == "sensor lever_dressing, now" for t in turned)
    assert all(t[WARM - 1].recent <= channel.threshold for t in turned)


def test_one_strange_statistic_counts_less_than_three_that_agree():
    rng = np.random.default_rng(0)

    def draw(shifts: tuple[str, ...] = ()) -> DressingReadings:
        rows = rng.normal(0.0, 0.1, (40, len(SENSOR))) + rng.normal(0.0, 0.2, len(SENSOR))
        for name in shifts:
            rows[:, SENSOR.index(name)] += 2.0
        return DressingReadings("d", np.arange(40) / 24, {"sensor": rows})

    people = [draw() for _ in range(200)]
    projections = {"sensor": fit_projection([d.layers["sensor"] for d in people], 4)}
    channel = fit_channel(("sensor",), people[:100], people[100:], projections)
    names = ("level_fx", "level_ty", "lever_dressing")
    alone, together = (
        [score_dressing(channel, draw(chosen), projections) for _ in range(20)]
        for chosen in (names[:1], names)
    )
    assert np.median(together) > 1.5 * np.median(alone)
    assert min(together) > channel.threshold


@pytest.mark.parametrize(
    ("layers", "period", "inputs", "match"),
    [
        (["input"], 0.0, "none", "read these layers"),
        (None, 1.0, "none", "every"),
        (None, 0.0, "wrist", "fitted for"),
    ],
)
def test_readings_taken_otherwise_than_the_references_are_refused(
    reference, layers, period, inputs, match
):
    known = replace(reference, facts=reference.facts | {"inputs": "none"})
    layers = layers or [*known.layers, "more"]
    known.check_readings([*known.layers, "more"], known.period, "none")
    with pytest.raises(MonitoringError, match=match):
        known.check_readings(layers, known.period + period, inputs)
