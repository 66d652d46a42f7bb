"""The alarm within one dressing: it must come before the elbow leaves the box.

Each statistic (`statistics`) is compared with what it was, at the same time since the start, in
the dressings of the fitted people, z = log(3 + |x - median| / deviation) (log 3 while the statistic
is not known well yet), and brought to the scale of its own largest value over a dressing,
y = (z - c) / r, c the median and c + r the 0.9-quantile over the fitted people. The logarithm keeps
statistics with heavy tails from setting the threshold for all. The score of a reading is the mean
of its three largest y: a change of the inputs shows in several statistics, one person's oddity in
one. The score of a dressing S is the largest so far.

One S a person of the calibration people, none of whom was fitted to, gives the threshold h: the
k-th smallest with k = ceil((n + 1)(1 - alpha)). For a new person exchangeable with them

    P(S > h at any time of the dressing) <= alpha         (split conformal).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Params, param
from elbowroom.monitoring.checks import Array, require
from elbowroom.monitoring.dressing.dressings import DressingReadings, Projection
from elbowroom.monitoring.dressing.quantile import LEAST_FITTED, count_calibrated, find_rank
from elbowroom.monitoring.dressing.statistics import (
    Statistic,
    choose_statistics,
    fold,
    read_columns,
    start_folds,
)

EDGES = np.array([4, 8, 14, 24, 36, 54, 72, 96, 130]) / 24.0
"""Ends of the intervals of time since the start in which the reference is alike [s]."""
FLOOR = 0.5
"""Least deviation in an interval as a share of its median over the intervals."""
SOFTENING = 3.0
"""What is added to a distance in deviations before the logarithm is taken."""

UNSCORED = -99.0
"""The score before there is one."""


@dataclass(frozen=True)
class ChannelParams(Params):
    """How the alarm within a dressing is made."""

    alpha: float = param(
        0.05, "Share of new people for whom it may alarm without a change.", low=0.001, high=0.5
    )
    agree: int = param(
        3, "Statistics, the strangest ones, whose mean is the score.", low=1, high=20
    )
    smooth: int = param(1, "Readings over which strangeness is averaged.", low=1, high=100)
    quiet: int = param(0, "Readings at the start that are not judged.", low=0, high=1000)


class ChannelState(NamedTuple):
    """What is remembered of the dressing under way.

    Attributes:
        seen: readings so far.
        begin: stamp of the first [s].
        folds: folded statistics, shape (p,).
        smooth: their strangeness, low-passed, shape (p,).
        recent: score of the newest reading.
        score: largest so far.
        worst: name of the statistic that gave it.
    """

    seen: int
    begin: float
    folds: Array
    smooth: Array
    recent: float
    score: float
    worst: str


@dataclass(frozen=True)
class DressingChannel:
    """The fitted alarm.

    Attributes:
        statistics: what is followed.
        median, deviation: of the folded statistics in each interval of time, shape (B, p).
        centre, scale: c and r, shape (p,).
        threshold: h.
        people: n.
        params: how it was made.
    """

    statistics: tuple[Statistic, ...]
    median: Array
    deviation: Array
    centre: Array
    scale: Array
    threshold: float
    people: int
    params: ChannelParams

    def start(self) -> ChannelState:
        """State before a dressing."""
        empty = start_folds(len(self.statistics))
        return ChannelState(0, 0.0, empty, np.zeros(len(empty)), UNSCORED, UNSCORED, "")

    def step(
        self,
        state: ChannelState,
        stamp: float,
        layers: Mapping[str, NDArray[np.floating]],
        projections: Mapping[str, Projection],
    ) -> ChannelState:
        """Take one reading of all layers, shape (d,) each; widths have been checked."""
        values = read_columns(self.statistics, layers, projections)
        return self.advance(state, stamp, values)

    def advance(self, state: ChannelState, stamp: float, values: Array) -> ChannelState:
        """The same with the columns read."""
        begin = stamp if state.seen == 0 else state.begin
        kinds = np.array([s.fold for s in self.statistics])
        folds = fold(kinds, state.folds, values, state.seen)
        at = int(np.searchsorted(EDGES, stamp - begin, side="right"))
        known = np.array([s.wait for s in self.statistics]) <= state.seen
        away = np.where(known, np.abs(folds - self.median[at]) / self.deviation[at], 0.0)
        strange = np.log(SOFTENING + away)
        gain = max(1.0 / self.params.smooth, 1.0 / (state.seen + 1))
        smooth = state.smooth + gain * (strange - state.smooth)
        recent, score, worst = UNSCORED, state.score, state.worst
        if state.seen >= self.params.quiet:
            each = (smooth - self.centre) / self.scale
            recent = float(np.sort(each)[-self.params.agree :].mean())
            if recent > score:
                score, worst = recent, self.statistics[int(np.argmax(each))].name
        return ChannelState(state.seen + 1, begin, folds, smooth, recent, score, worst)


def fit_channel(
    layers: tuple[str, ...],
    fitted: Sequence[DressingReadings],
    calibrated: Sequence[DressingReadings],
    projections: Mapping[str, Projection],
    params: ChannelParams | None = None,
) -> DressingChannel:
    """Fit the alarm to some people and calibrate it on others.

    Args:
        layers: that are followed.
        fitted: one dressing a person, on which the projections were fitted too.
        calibrated: one dressing a person, used for nothing else.
        projections: by layer.
        params: see `ChannelParams`.

    Raises:
        MonitoringError: if there are too few people for alpha or to fit to.
    """
    p = params or ChannelParams()
    require(
        len(fitted) >= LEAST_FITTED,
        f"{LEAST_FITTED} people are needed to fit to, got {len(fitted)}",
    )
    rank = find_rank(len(calibrated), p.alpha)
    require(
        1 <= rank <= len(calibrated),
        f"{len(calibrated)} people are too few to calibrate alpha = {p.alpha:g}: "
        f"{count_calibrated(p.alpha)} are needed",
    )
    chosen = choose_statistics(layers)
    median, deviation = _fit_course(chosen, fitted, projections)
    count = len(chosen)
    bare = DressingChannel(chosen, median, deviation, np.zeros(count), np.ones(count), np.inf, 0, p)
    most = np.stack([_most(bare, d, projections) for d in fitted])
    centre = np.median(most, axis=0)
    scale = np.quantile(most, 0.9, axis=0) - centre + 0.05
    ready = DressingChannel(chosen, median, deviation, centre, scale, np.inf, 0, p)
    scores = np.sort([score_dressing(ready, d, projections) for d in calibrated])
    return DressingChannel(
        chosen, median, deviation, centre, scale, float(scores[rank - 1]), len(scores), p
    )


def score_dressing(
    channel: DressingChannel, dressing: DressingReadings, projections: Mapping[str, Projection]
) -> float:
    """Largest score over a dressing."""
    return trace_dressing(channel, dressing, projections)[-1].score


def trace_dressing(
    channel: DressingChannel, dressing: DressingReadings, projections: Mapping[str, Projection]
) -> list[ChannelState]:
    """State after every reading of a dressing."""
    columns = read_columns(channel.statistics, dressing.layers, projections)
    state, trace = channel.start(), []
    for stamp, values in zip(dressing.stamps, columns, strict=True):
        state = channel.advance(state, float(stamp), values)
        trace.append(state)
    return trace


def _most(
    bare: DressingChannel, dressing: DressingReadings, projections: Mapping[str, Projection]
) -> Array:
    quiet = bare.params.quiet
    trace = trace_dressing(bare, dressing, projections)
    return np.max([s.smooth for s in trace[min(quiet, len(trace) - 1) :]], axis=0)


def _fit_course(
    chosen: tuple[Statistic, ...],
    dressings: Sequence[DressingReadings],
    projections: Mapping[str, Projection],
) -> tuple[Array, Array]:
    """Median and deviation over people in each interval of time, shapes (B, p)."""
    kinds = np.array([s.fold for s in chosen])
    people: list[list[Array]] = [[] for _ in range(len(EDGES) + 1)]
    for dressing in dressings:
        columns, held = read_columns(chosen, dressing.layers, projections), start_folds(len(chosen))
        rows = []
        for index, values in enumerate(columns):
            held = fold(kinds, held, values, index)
            rows.append(held)
        at = np.searchsorted(EDGES, dressing.stamps - dressing.stamps[0], side="right")
        for b in np.unique(at):
            people[b].append(np.mean(np.array(rows)[at == b], axis=0))
    median, deviation = [], []
    for values in people:
        if len(values) >= LEAST_FITTED:
            x = np.stack(values)
            median.append(np.median(x, axis=0))
            middle = 1.48 * np.median(np.abs(x - median[-1]), axis=0)
            deviation.append(0.5 * (x.std(axis=0) + middle) + 0.02)
        else:
            # Few dressings last that long: the last interval that many reached stands for it.
            median.append(median[-1])
            deviation.append(deviation[-1])
    spread = np.array(deviation)
    # Where nothing has happened yet people hardly differ; the first who does is no alarm.
    return np.array(median), np.maximum(spread, FLOOR * np.median(spread, axis=0))


def pack_channel(channel: DressingChannel) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Arrays and JSON facts of a channel."""
    names = ("median", "deviation", "centre", "scale")
    facts = {
        "statistics": [list(s) for s in channel.statistics],
        "people": channel.people,
        "params": dict(vars(channel.params)),
    }
    # The threshold is an array, so that the hash of the arrays tells two alarms apart.
    threshold = {"threshold": np.array([channel.threshold])}
    return {n: getattr(channel, n) for n in names} | threshold, facts


def unpack_channel(arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> DressingChannel:
    """The channel that `pack_channel` packed.

    Raises:
        MonitoringError: if arrays and facts do not fit together.
    """
    statistics = tuple(Statistic(*row) for row in facts["statistics"])
    names, count = ("median", "deviation", "centre", "scale"), len(statistics)
    for name in names:
        shape = (len(EDGES) + 1, count) if name in names[:2] else (count,)
        require(arrays[name].shape == shape, f"channel: {name} has shape {arrays[name].shape}")
    require(arrays["threshold"].shape == (1,), "channel: threshold is no single number")
    threshold = float(arrays["threshold"][0])
    require(np.isfinite(threshold) and threshold > 0, f"channel: threshold {threshold}")
    median, deviation, centre, scale = (np.asarray(arrays[n], dtype=np.float64) for n in names)
    return DressingChannel(
        statistics,
        median,
        deviation,
        centre,
        scale,
        threshold,
        int(facts["people"]),
        ChannelParams.from_mapping(facts["params"]),
    )
