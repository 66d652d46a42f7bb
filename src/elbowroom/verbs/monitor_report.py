"""Run the monitor over a recording and write its report.

The recording is the folder of a bag, in which the features are taken as they were published (or,
if there are none, made anew by the estimator from arm measurement, wrench, gripper pose and what
the cameras saw), or a trial (`.npz`); several are separated by commas and taken as one dressing
after another. The report is a page, `index.html`, with `report.json` and
`violations.json` beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elbowroom.core import ArmMeasurement, ParameterError, Params, Sample, load_trial, param
from elbowroom.estimation import EstimatorParams
from elbowroom.estimation.layers.tap import TapParams
from elbowroom.monitoring.watching.watch import WatchParams
from elbowroom.nodes.base.frames import FrameParams
from elbowroom.nodes.base.joints import JointParams
from elbowroom.verbs.options import Options
from elbowroom.verbs.tables import percent, show_figures


@dataclass(frozen=True)
class MonitorReportParams(Params):
    """What is reported on."""

    recording: str = param("", "folders of bags or trials (.npz), separated by commas")
    reference: str = param("", "folder of the reference; empty for the one that ships")
    artefacts: str = param("", "folder of learned artefacts; empty for those that ship")
    inputs: str = param("none", "optional inputs of the estimator")
    folder: str = param("runs/monitor-report", "where the report is written")


GROUPS = {
    "": MonitorReportParams,
    "features": TapParams,
    "watch": WatchParams,
    "frames": FrameParams,
    "joints": JointParams,
}
PLAIN = "recording"
RESUME = "the same command starts again"


def run(options: Options) -> dict[str, Any]:
    """Watch, write, print."""
    import json

    from elbowroom.monitoring.attendant import Attendant, AttendantParams
    from elbowroom.monitoring.reporting.report import FIGURES

    p = options.of(MonitorReportParams)
    if not p.recording:
        raise ParameterError("name the folder of a bag or a trial (.npz)")
    keep = AttendantParams(reference=p.reference, report=p.folder, bag=p.recording)
    attendant, now = Attendant(keep, options.of(WatchParams)), 0.0
    for recording in map(str.strip, p.recording.split(",")):
        attendant.begin(recording)
        now = _feed(attendant, Path(recording), options)
    verdict = attendant.conclude(now)
    page = attendant.report(now, verdict)
    figures: dict[str, Any] = json.loads((page.parent / FIGURES).read_text())
    dressings, alarmed = figures["dressings"], len(figures["alarmed"])
    largest = max(d["score_max"] for d in dressings)
    level = "ERROR" if alarmed else verdict.level.name
    show_figures(
        f"Monitor over {p.recording}",
        {
            "verdict": f"{level} {verdict.reason}".strip(),
            "dressings that alarmed": f"{alarmed} of {len(dressings)}",
            "largest score": f"{largest:.3f} of {verdict.dressing_threshold:.3f}",
            "strange readings": ", ".join(f"{k} {percent(v)}" for k, v in figures["rate"].items()),
            "readings left out": f"{attendant.describe(verdict)['readings refused']}",
            "violations": f"{len(figures['violations'])}",
            "page": str(page),
        },
    )
    return figures


def _feed(attendant: Any, path: Path, options: Options) -> float:
    """Let the monitor hear a recording; returns the last stamp [s]."""
    if not path.is_dir():
        trial = load_trial(path)
        return _read(attendant, trial.arm, trial.samples(), options)
    from elbowroom.nodes.recording.bag_features import has_features, read_layers
    from elbowroom.nodes.recording.bag_samples import read_measurements

    if has_features(path):
        return _play(attendant, read_layers(path))
    now = 0.0
    for arm, samples in read_measurements(path, options.of(FrameParams), options.of(JointParams)):
        attendant.begin()
        now = _read(attendant, arm, samples, options)
    return now


def _play(attendant: Any, layers: Any) -> float:
    now, cut = 0.0, False
    for heard in layers:
        if heard is None:
            # What ends a recording is judged where it ends.
            cut = True
            continue
        if cut:
            attendant.begin()
        cut, now = False, heard[0]
        attendant.take(*heard)
    return now


def _read(
    attendant: Any, arm: ArmMeasurement, samples: Iterable[Sample], options: Options
) -> float:
    from elbowroom.campaign.readings import open_tap
    from elbowroom.estimation.layers.tap import read_samples

    p, heard = options.of(MonitorReportParams), list(samples)
    params = EstimatorParams(artefacts=p.artefacts, inputs=p.inputs)
    estimator, tap = open_tap(params, options.of(TapParams))
    attendant.watch.reference.check_readings(tap.layers, tap.period, tap.inputs)
    for reading in read_samples(estimator, tap, arm, heard):
        attendant.take_reading(reading, tap.version)
    return heard[-1].stamp
