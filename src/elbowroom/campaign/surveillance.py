"""Does the alarm come before the elbow leaves the box: dressings with planted changes, judged.

The changed dressings run without the monitor in the loop, so that what it would have prevented
happens; then the alarm is run over what was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from elbowroom.campaign.evaluate import describe_job, plan_jobs
from elbowroom.campaign.judge import EvaluateJob, evaluate_one
from elbowroom.campaign.pool import CampaignError, run_jobs
from elbowroom.campaign.readings import ReadJob, open_tap, read_one
from elbowroom.campaign.run import RunParams
from elbowroom.campaign.settings import keep_settings
from elbowroom.campaign.shifts import NONE, stage_of
from elbowroom.campaign.track import load_track
from elbowroom.core import Status, load_trial
from elbowroom.estimation import EstimatorParams
from elbowroom.estimation.layers.tap import TapParams
from elbowroom.monitoring.attendant import SHIPPED
from elbowroom.monitoring.checks import MonitoringError
from elbowroom.monitoring.dressing.channel import trace_dressing
from elbowroom.monitoring.watching.reference import Reference, load_reference

METHOD = "set"
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class WatchJob:
    """One recorded dressing to be judged."""

    dressing: EvaluateJob
    shift: str
    tap: TapParams
    reference: Path


def survey(
    shifts: list[str],
    trials: int,
    seed: int,
    folder: Path,
    *,
    estimator: EstimatorParams,
    tap: TapParams,
    reference: Path | None = None,
    run: RunParams | None = None,
    workers: int = 0,
) -> dict[str, Any]:
    """Dress `trials` new people under every shift, run the alarm, put the figures together.

    Dressings already stored are kept; the alarm is run anew over all of them.

    Args:
        shifts: see `campaign.shifts`; the unchanged dressings are always among them.
        trials: people for each shift, the same people for all; unchanged ones twice as many.
        seed: different seeds give different people.
        folder: one folder a shift.
        estimator: in the loop; its method must be the set filter's.
        tap: layers that are read.
        reference: folder, None for the one that ships.
        run: when a dressing ends.
        workers: processes, 0 for one per core.

    Raises:
        CampaignError: if a shift is unknown, a folder holds dressings of other settings, nothing
            could be dressed, or readings are not taken as the reference's were.
        ArtefactError: if the reference does not fit the estimator's model.
    """
    where = reference or SHIPPED
    _, opened = open_tap(estimator, tap)
    known = load_reference(where, opened.version)
    try:
        known.check_readings(opened.layers, opened.period, opened.inputs)
    except MonitoringError as error:
        raise CampaignError(str(error)) from error
    jobs: list[WatchJob] = []
    for shift in dict.fromkeys((NONE, *shifts)):
        dressings = plan_jobs(
            trials * (2 if shift == NONE else 1),
            seed,
            folder / shift.replace(":", "-"),
            (METHOD,),
            estimator=estimator,
            keep=True,
            run=run or RunParams(),
            setup=stage_of(shift),
        )
        keep_settings(dressings[0].folder, describe_job(dressings[0]))
        jobs += [WatchJob(d, shift, tap, where) for d in dressings]
    todo = [j.dressing for j in jobs if not j.dressing.path.exists()]
    failures = [
        r for r in run_jobs(evaluate_one, todo, workers=workers, label="dress") if r["failure"]
    ]
    judged = [j for j in jobs if j.dressing.path.exists()]
    rows = list(run_jobs(watch_one, judged, workers=workers, label="watch"))
    if not rows:
        raise CampaignError(f"no dressing could be judged: {failures[:3]}")
    return summarise(rows, load_reference(where)) | {"seed": seed, "failures": failures}


def watch_one(job: WatchJob) -> dict[str, Any]:
    """When the box was violated and when the alarm came, for one recorded dressing [s]."""
    stem = job.dressing.path.with_suffix("")
    trial = load_trial(stem.with_suffix(".trial.npz"))
    track = load_track(stem.with_suffix(f".{METHOD}.npz"))
    outside = track.reach(trial.true_elbow) > 1 + _TOLERANCE
    violated = _first(trial.time, outside & (track.status == Status.GUARANTEED))
    row: dict[str, Any] = {
        "shift": job.shift,
        "index": job.dressing.index,
        "violated_s": violated,
        "void_s": _first(trial.time, track.status == Status.VOID),
        "alarm_s": None,
        "score": None,
        "why": "",
    }
    readings = read_one(ReadJob(stem.with_suffix(".trial.npz"), job.dressing.estimator, job.tap))
    if readings is None:
        return row
    reference = load_reference(job.reference)
    trace = trace_dressing(reference.channel, readings, reference.projections)
    scores = np.array([s.score for s in trace])
    alarm = _first(readings.stamps, scores > reference.channel.threshold)
    return row | {"alarm_s": alarm, "score": float(scores[-1]), "why": trace[-1].worst}


def summarise(rows: list[dict[str, Any]], reference: Reference) -> dict[str, Any]:
    """Figures over the rows of `watch_one`, by shift and together.

    A share of `delta` of all boxes is violated without any change. "caused" leaves out the people
    whose box is violated in the unchanged dressing too: no watch over the inputs foretells those.
    """
    names = list(dict.fromkeys(r["shift"] for r in rows))
    anyway = {r["index"] for r in rows if r["shift"] == NONE and r["violated_s"] is not None}
    by_shift = {n: _count([r for r in rows if r["shift"] == n], anyway) for n in names}
    changed = [r for r in rows if r["shift"] != NONE]
    return {
        "reference": reference.digest,
        "model": reference.model_version,
        "threshold": reference.channel.threshold,
        "alpha": reference.channel.params.alpha,
        "people_calibrated": reference.channel.people,
        "false_alarms": by_shift[NONE]["alarmed"] if NONE in by_shift else None,
        "changed": _count(changed, anyway) if changed else None,
        "shifts": by_shift,
        "rows": rows,
    }


def _count(rows: list[dict[str, Any]], anyway: set[int]) -> dict[str, Any]:
    alarms = [r["alarm_s"] for r in rows if r["alarm_s"] is not None]
    violated = [r for r in rows if r["violated_s"] is not None]
    return {
        "trials": len(rows),
        "alarmed": len(alarms) / len(rows),
        "alarm_median_s": float(np.median(alarms)) if alarms else None,
        **_count_timely(violated),
        "caused": _count_timely([r for r in violated if r["index"] not in anyway]),
    }


def _count_timely(violated: list[dict[str, Any]]) -> dict[str, Any]:
    # At the same stamp is too late: the box is published before its features are judged.
    timely = [r for r in violated if r["alarm_s"] is not None and r["alarm_s"] < r["violated_s"]]
    lead = [r["violated_s"] - r["alarm_s"] for r in timely]
    return {
        "violated": len(violated),
        "alarmed_before": len(timely),
        "share_in_time": len(timely) / len(violated) if violated else None,
        "lead_median_s": float(np.median(lead)) if lead else None,
    }


def _first(time: Any, condition: Any) -> float | None:
    found = np.flatnonzero(condition)
    return float(time[found[0]]) if len(found) else None
