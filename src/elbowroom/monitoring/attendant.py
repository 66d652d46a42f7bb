"""A watch that is kept running: gathers layers, remembers past readings, keeps and reports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from elbowroom.core import ARTEFACTS, ArtefactError, Params, param
from elbowroom.core.artefact import MANIFEST, TENSORS
from elbowroom.models.layers.reading import UNTOLD, Origin, Reading, Single
from elbowroom.monitoring.checks import MonitoringError
from elbowroom.monitoring.reporting.report import PAGE, ReportParams, write_report
from elbowroom.monitoring.reporting.writer import ReportWriter
from elbowroom.monitoring.watching.gatherer import Gatherer
from elbowroom.monitoring.watching.history import History
from elbowroom.monitoring.watching.keeper import load_alarm, load_state, save_state, set_aside
from elbowroom.monitoring.watching.reference import load_reference
from elbowroom.monitoring.watching.verdict import Level, Verdict
from elbowroom.monitoring.watching.watch import Watch, WatchParams, WatchState

SHIPPED = ARTEFACTS / "elbow_monitor"
"""Folder of the reference that comes with the package."""


@dataclass(frozen=True)
class AttendantParams(Params):
    """Where the reference comes from, what is kept, and when reports are written."""

    reference: str = param("", "folder of the reference; empty for the one that ships")
    state: str = param("", "folder in which past dressings are remembered; empty for none")
    report: str = param("", "folder that reports are written to; empty for none")
    report_period: float = param(
        0.0, "time from one report to the next, 0 for on demand only", unit="s", low=0.0, high=1e6
    )
    bag: str = param("", "recording that the reports point to, if one is made")
    remember: int = param(20000, "readings kept for reports", low=100, high=1_000_000)


class Attendant:
    """Everything the monitor does besides listening and speaking.

    Args:
        params: where things come from and go to.
        watch: when to warn and alarm.

    Raises:
        ArtefactError: if the reference is missing, tampered with, or does not fit.
        MonitoringError: if it is too small.

    Attributes:
        watch: what judges.
        reports: what writes reports beside the work.
    """

    def __init__(self, params: AttendantParams, watch: WatchParams) -> None:
        self.params = params
        folder = Path(params.reference) if params.reference else SHIPPED
        self.watch = Watch(load_reference(folder), watch)
        self._gatherer = Gatherer(self.watch.reference.layers)
        self._state = self.watch.start()
        self._history = History(params.remember, params.bag)
        self._kept = self._state.detector.units
        self._forgotten = self._unkept = ""
        self._due: float | None = None
        self.reports = ReportWriter()

    def restore(self) -> str:
        """Go on from the state on disk, if there is one; returns why not, or empty.

        A state that is mangled, of another reference or of other settings is moved aside; of other
        settings, its alarm stays.
        """
        folder = self._folder(self.params.state)
        if folder is None or not any((folder / name).exists() for name in (MANIFEST, TENSORS)):
            return ""
        try:
            self._state = load_state(folder, self.watch)
        except ArtefactError as error:
            self._forgotten = f"past dressings are forgotten: {error}"
            self._state = replace(self._state, latched=load_alarm(folder, self.watch))
            self._move(folder)
        self._kept = self._state.detector.units
        return self._forgotten

    @property
    def trouble(self) -> str:
        """What is wrong with the memory of past dressings, or empty."""
        return "; ".join(text for text in (self._forgotten, self._unkept) if text)

    def begin(self, recording: str = "") -> None:
        """A new dressing begins, of another recording if one is named."""
        self._turn(self.watch.begin(self._state))
        self._history.begin(recording)

    def interrupt(self, why: str) -> None:
        """The dressing under way breaks off: what follows is not judged before another begins."""
        self._turn(self.watch.interrupt(self._state, why))

    def take(
        self, stamp: float, version: str, layer: str, values: Single, origin: Origin = UNTOLD
    ) -> bool:
        """Take one layer; returns whether it completed a reading."""
        reading = self._gatherer.put(stamp, version, layer, values, origin)
        if reading is None:
            return False
        self.take_reading(reading, version)
        return True

    def take_reading(self, reading: Reading, version: str) -> None:
        """Take a whole reading."""
        before = self._state
        self._turn(self.watch.take(before, reading, version))
        if self._state.refused == before.refused:
            self._history.add(self._state, reading.stamp)

    def _turn(self, state: WatchState) -> None:
        """Go over to the next state; keep what shall survive a restart."""
        before, self._state = self._state, state
        if before.rows and state.rows is not before.rows and len(state.rows) <= 1:
            self._history.begin()
        raised = state.alarmed if self.watch.params.keep_alarm else ""
        if state.detector.units != self._kept or (raised and not before.alarmed):
            self._keep()

    def judge(self, now: float, fault: str = "") -> Verdict:
        """The verdict now [s].

        Args:
            now: time on the clock of the stamps [s].
            fault: why that clock cannot be trusted, or empty; then nothing but an alarm is told.
        """
        verdict, lacking = self.watch.judge(self._state, now), self._gatherer.lacking
        if verdict.level is Level.ERROR:
            return verdict
        if fault:
            return replace(verdict, level=Level.STALE, reason=fault)
        if verdict.level is Level.STALE and lacking:
            reason = f"{verdict.reason}; the features lack {', '.join(lacking)}"
            return replace(verdict, reason=reason)
        return verdict

    def declare(self, level: int, reason: str) -> Verdict:
        """A verdict of a level that is known without looking, as of a monitor that is stopped."""
        verdict = self.judge(float("nan"))
        return replace(verdict, level=Level(level), reason=reason)

    def reset(self) -> str:
        """Take the alarms back; returns what was taken back."""
        text = self._state.latched or self._state.alarmed or "there was no alarm"
        self._state = self.watch.reset(self._state)
        self._keep()
        return text

    def describe(self, verdict: Verdict) -> dict[str, Any]:
        """The verdict's numbers, for diagnostics."""
        return {
            "e-value": verdict.e_value,
            "threshold": verdict.threshold,
            "units seen": verdict.units_seen,
            "dressing score": verdict.dressing_score,
            "dressing threshold": verdict.dressing_threshold,
            "strangest": self._state.channel.worst,
            "tau [s]": verdict.tau,
            "model": self.watch.reference.model_version,
            "reference": verdict.reference_hash[:12],
            **{f"layer {k}": v for k, v in verdict.scores.items()},
            "readings refused": self._state.refused,
            "readings refused, why": self._state.refusal,
            "readings incomplete": self._gatherer.broken,
            "memory": self.trouble,
            "last report": self.reports.last,
        }

    def close(self) -> None:
        """Keep what is known; wait for a report under way."""
        self._keep()
        self.reports.wait()

    def conclude(self, now: float) -> Verdict:
        """The verdict after a recording that has come to its end, its last dressing counted."""
        last = self.judge(now)
        self.begin()
        whole = self.judge(now)
        kept: dict[str, Any] = {"dressing_score": last.dressing_score}
        if whole.level is not Level.ERROR:
            kept |= {"level": last.level, "reason": last.reason}
        return Verdict(**vars(whole) | kept)

    def report(self, now: float, verdict: Verdict | None = None) -> Path:
        """Write a report with a verdict, by default that of now; returns its page.

        Raises:
            MonitoringError: if no folder was named or nothing was seen yet.
        """
        return self._prepare(verdict or self.judge(now))()

    def ask_report(self, now: float) -> tuple[bool, str]:
        """Have a report of what is known now [s] written beside the work.

        Returns whether it is under way, and where its page will be or why there will be none.
        """
        try:
            self.reports.start(self._prepare(self.judge(now)))
        except MonitoringError as error:
            return False, str(error)
        return True, f"{Path(self.params.report).expanduser() / PAGE} is being written"

    def report_if_due(self, now: float) -> None:
        """Write a report beside the work if the period has passed, `now` being any clock [s]."""
        if not (self.params.report and self.params.report_period):
            return
        if self._due is None or now < self._due - self.params.report_period:
            self._due = now + self.params.report_period
        if now >= self._due and not self.reports.busy:
            self._due = now + self.params.report_period
            self.ask_report(now)

    def _prepare(self, verdict: Verdict) -> partial[Path]:
        """What writes a report of what is known now, whatever is heard meanwhile."""
        folder = self._folder(self.params.report)
        if folder is None:
            raise MonitoringError("no folder for reports was named")
        if not len(self._history):
            raise MonitoringError(f"nothing was seen yet: there is nothing to report{self._why()}")
        settings = ReportParams(bag=self.params.bag)
        return partial(_write, folder, self.watch, self._history.copy(), verdict, settings)

    def _why(self) -> str:
        refused, broken = self._state.refused, self._gatherer.broken
        left_out = [f"; {refused} readings were refused: {self._state.refusal}"] if refused else []
        if broken:
            named = ", ".join(self.watch.reference.layers)
            left_out.append(f"; {broken} readings lacked one of the layers {named}")
        return "".join(left_out)

    def _keep(self) -> None:
        folder = self._folder(self.params.state)
        self._kept = self._state.detector.units
        if folder is None:
            return
        try:
            save_state(folder, self.watch, self._state)
            self._unkept = ""
        except OSError as error:
            # A full disk must not end the watch over the dressing under way.
            self._unkept = f"past dressings cannot be kept: {error}"

    def _move(self, folder: Path) -> None:
        try:
            self._forgotten += f"; they lie in {set_aside(folder).name}"
        except OSError as error:
            self._forgotten += f"; they cannot be moved aside: {error}"

    def _folder(self, name: str) -> Path | None:
        return Path(name).expanduser() if name else None


def _write(
    folder: Path, watch: Watch, seen: History, verdict: Verdict, settings: ReportParams
) -> Path:
    # Arrays are made of the readings here: it takes time when there are many.
    return write_report(folder, watch, seen.snapshot(), verdict, settings)
