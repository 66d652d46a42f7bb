"""The monitor itself: readings in, a verdict out; a pure state machine.

Three alarms. Within a dressing, the strangest reading so far against a threshold that all but a
share alpha of new people stay below (`DressingChannel`): ERROR for the rest of the dressing. Over
dressings, the e-detector with its guaranteed average run length: ERROR until it is reset. Over the
last dressings, the windowed test: WARN.

A dressing not seen from its start, or what is left of one after an interruption, cannot be compared
with whole ones: it is not judged, which is a WARN, and is no unit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from elbowroom.core import Params, param
from elbowroom.models.layers.reading import Reading
from elbowroom.monitoring.checks import Array, MonitoringError, require
from elbowroom.monitoring.dressing.channel import ChannelState
from elbowroom.monitoring.sequential.edetector import DetectorSettings, EDetector, EState
from elbowroom.monitoring.sequential.units import summarise_unit
from elbowroom.monitoring.sequential.window import FastWindow, WindowState
from elbowroom.monitoring.watching.course import NEW, Course, doubt, follow, is_early, is_jump
from elbowroom.monitoring.watching.reference import Reference
from elbowroom.monitoring.watching.verdict import Level, Verdict

_MOST = 5000
"""Readings of one dressing that are kept."""


@dataclass(frozen=True)
class WatchParams(Params):
    """When the monitor warns, alarms and falls silent."""

    timeout: float = param(
        0.5, "Time without features after which the verdict is STALE.", unit="s", low=0.05, high=60
    )
    run_length: float = param(
        200.0, "Promised mean number of dressings between false alarms.", low=10.0, high=1e6
    )
    window: int = param(6, "Dressings in the window of the warning test.", low=2, high=100)
    warn_share: float = param(
        0.8, "Share of the dressing's threshold from which on the monitor warns.", low=0.1, high=1
    )
    calm_share: float = param(
        0.7, "Share of the threshold below which a warning ends.", low=0.1, high=1.0
    )
    warn_hold: float = param(
        0.5, "Least time for which a warning lasts.", unit="s", low=0.0, high=60.0
    )
    least_readings: int = param(
        12, "Readings below which a dressing is no unit and is not judged.", low=2, high=10000
    )
    longest_gap: float = param(
        2.0, "Gap between readings that ends a dressing.", unit="s", low=0.1, high=600.0
    )
    keep_alarm: bool = param(
        False, "Whether an alarm within a dressing lasts until a reset, not only to its end."
    )


@dataclass(frozen=True)
class WatchState:
    """Everything the monitor remembers.

    Attributes:
        detector, windows: of the alarms over dressings.
        channel: of the alarm within the dressing under way.
        borne: score up to which there is no alarm, because one was taken back there.
        rows: components of its readings by layer, the newest.
        course: where its readings stand in time.
        latched: why the level is ERROR until a reset, or empty.
        alarmed: why it is ERROR for this dressing, or empty.
        warned: why the last dressings give a warning, or empty.
        warm_until: a warning within the dressing lasts to this stamp at least [s].
        refused: readings left out, and why the last one was.
        refusal: why.
    """

    detector: EState
    windows: Mapping[str, WindowState]
    channel: ChannelState
    borne: float = -math.inf
    rows: tuple[dict[str, Array], ...] = ()
    course: Course = NEW
    latched: str = ""
    alarmed: str = ""
    warned: str = ""
    warm_until: float = -math.inf
    refused: int = 0
    refusal: str = ""

    @property
    def stamp(self) -> float:
        """Of the newest reading of the dressing under way [s]; NaN before the first."""
        return self.course.stamp


class Watch:
    """Judges readings against a reference.

    Args:
        reference: see `load_reference`.
        params: when to warn and alarm.

    Raises:
        MonitoringError: if the reference is too small for the detectors.
    """

    def __init__(self, reference: Reference, params: WatchParams | None = None) -> None:
        self.reference, self.params = reference, params or WatchParams()
        settings = DetectorSettings(run_length=self.params.run_length)
        self.detector = EDetector(reference.units, settings)
        self.windows = {
            name: FastWindow(
                rows,
                size=self.params.window,
                run_length=self.params.run_length * len(reference.layers) / 2,
            )
            for name, rows in reference.units.items()
        }

    def start(self) -> WatchState:
        """State before the first dressing."""
        windows = {name: w.start() for name, w in self.windows.items()}
        return WatchState(self.detector.start(), windows, self.reference.channel.start())

    def reset(self, state: WatchState) -> WatchState:
        """Take every alarm back; what was counted stays, the evidence begins anew.

        The dressing under way goes on with a warning: it alarms again only if it becomes stranger
        than it was.
        """
        fresh, passes = self.start(), state.detector.passes + 1
        detector = fresh.detector._replace(passes=passes, units=state.detector.units)
        return replace(
            state,
            detector=detector,
            windows=fresh.windows,
            borne=max(state.borne, state.channel.score),
            latched="",
            alarmed="",
            warned="",
            warm_until=-math.inf,
        )

    def begin(self, state: WatchState) -> WatchState:
        """A new dressing begins: the one before becomes a unit, if it was seen and long enough."""
        if len(state.rows) >= self.params.least_readings and not state.course.broken:
            state = self._judge_unit(state)
        kept = state.alarmed if self.params.keep_alarm else ""
        return replace(
            state,
            channel=self.reference.channel.start(),
            borne=-math.inf,
            rows=(),
            course=NEW,
            alarmed=kept,
            warm_until=-math.inf,
        )

    def interrupt(self, state: WatchState, why: str) -> WatchState:
        """The dressing under way breaks off; what follows is not judged before another begins."""
        if is_early(state.course, len(state.rows)):
            return self.begin(state)
        return replace(self.begin(state), course=Course(broken=why, begun=False))

    def take(self, state: WatchState, reading: Reading, version: str) -> WatchState:
        """Take one reading in; a bad one is left out and counted, the state stays good.

        Args:
            state: as the last call gave it.
            reading: of all the reference's layers.
            version: of the model it was read from.
        """
        try:
            components = self._check(reading, version)
        except MonitoringError as error:
            return replace(state, refused=state.refused + 1, refusal=str(error))
        try:
            if is_jump(state.course, reading, self.params.longest_gap):
                state = self.interrupt(state, "it was interrupted")
        except MonitoringError as error:
            course = doubt(state.course, reading, self.params.longest_gap)
            return replace(state, refused=state.refused + 1, refusal=str(error), course=course)
        course = follow(state.course, reading, self.reference.period)
        channel = state.channel
        if course.judged:
            channel = self.reference.channel.step(
                channel, reading.stamp, reading.layers, self.reference.projections
            )
        rows = (*state.rows[1 - _MOST :], components)
        state = replace(state, channel=channel, rows=rows, course=course, refusal="")
        return self._judge_score(state)

    def _check(self, reading: Reading, version: str) -> dict[str, Array]:
        """Components by layer of a reading that is as the reference's were."""
        self.reference.check_version(version)
        told, known = reading.origin.inputs, self.reference.facts.get("inputs")
        require(
            not told or known in (None, told),
            f"the model is given the inputs {told!r}, the reference was fitted for {known!r}",
        )
        return self.reference.project(reading.layers)

    def judge(self, state: WatchState, now: float) -> Verdict:
        """The verdict at a time [s] of the readings' clock."""
        level, reason = self._find_level(state, now)
        channel = self.reference.channel
        return Verdict(
            stamp=state.stamp,
            level=level,
            reason=reason,
            e_value=state.detector.value,
            threshold=self.detector.threshold,
            units_seen=state.detector.units,
            tau=self.reference.tau,
            reference_hash=self.reference.digest,
            scores=self.detector.layer_values(state.detector),
            dressing_score=state.channel.score,
            dressing_threshold=channel.threshold,
        )

    def _find_level(self, state: WatchState, now: float) -> tuple[Level, str]:
        if state.latched or state.alarmed:
            return Level.ERROR, state.latched or state.alarmed
        age = now - state.stamp
        if not age <= self.params.timeout:
            why = "no features yet" if math.isnan(age) else f"no features for {age:.2f} s"
            return Level.STALE, f"{why} ({state.refusal})" if state.refusal else why
        if age < -self.params.timeout:
            return Level.STALE, f"the newest features lie {-age:.2f} s ahead of the clock"
        if state.course.out_of_step:
            step, period = state.course.step, self.reference.period
            return Level.STALE, (
                f"a reading comes every {step:.3f} s, the reference's came every {period:.3f} s"
            )
        if state.warned:
            return Level.WARN, state.warned
        if state.course.broken:
            return Level.WARN, f"this dressing is not judged: {state.course.broken}"
        if state.borne > self.reference.channel.threshold:
            return Level.WARN, "this dressing's alarm was taken back"
        if now <= state.warm_until:
            share = state.channel.score / self.reference.channel.threshold
            return Level.WARN, f"this dressing is at {share:.2f} of the alarm's threshold"
        return Level.OK, ""

    def _judge_score(self, state: WatchState) -> WatchState:
        channel, p = self.reference.channel, self.params
        share = state.channel.recent / channel.threshold
        if state.channel.score > max(channel.threshold, state.borne):
            worst = state.channel.worst
            alarmed = state.alarmed or f"this dressing is unlike all calibrated on: {worst}"
            return replace(state, alarmed=alarmed)
        warm = now = state.stamp
        if share >= p.warn_share or (now <= state.warm_until and share >= p.calm_share):
            warm = now + p.warn_hold
        return replace(state, warm_until=max(state.warm_until, warm if warm > now else -math.inf))

    def _judge_unit(self, state: WatchState) -> WatchState:
        names = self.reference.layers
        unit = {n: summarise_unit(np.stack([r[n] for r in state.rows])) for n in names}
        detector, value = self.detector.step(state.detector, unit)
        windows, warned = {}, []
        for name, window in self.windows.items():
            windows[name], statistic = window.step(state.windows[name], unit[name])
            if statistic >= window.threshold:
                warned.append(name)
        latched = state.latched
        if value >= self.detector.threshold:
            latched = latched or (
                f"the last dressings are unlike those calibrated on (evidence {value:.3g} of "
                f"{self.detector.threshold:.3g})"
            )
        text = f"the last dressings look changed in {', '.join(warned)}" if warned else ""
        return replace(state, detector=detector, windows=windows, latched=latched, warned=text)
