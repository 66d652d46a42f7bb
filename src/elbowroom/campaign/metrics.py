"""Was the elbow in the box, how large was the box, and did the sleeve get there.

Coverage is judged at every sample of the sensor, never on a thinned grid.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.campaign.track import EstimateTrack, PlanTrack
from elbowroom.core import PlanMode, Status, Trial, TrialError

Array = NDArray[np.float64]

FLEXION_BINS = (0.0, 0.6, 0.9, 1.2)
"""Lower ends of the groups of `passed_by_flexion` [rad]."""

_TOLERANCE = 1e-9
_QUANTILES = np.linspace(0.0, 1.0, 201)


def score_track(trial: Trial, track: EstimateTrack) -> dict[str, Any]:
    """Figures of one estimator on one trial, as JSON values.

    Returns:
        `inside` (at every sample), `inside_steps`, `steps`; `needed`: the factor by which the
        trial's boxes had to grow about their centres to hold the elbow at every sample;
        `edge_mean_m` (of the cube of the same volume), `side_longest_mean_m`, `side_longest_max_m`;
        `error_mean_m` and `error_rms_m` of the point estimate; shares of every status; `warned`:
        whether VOID was said no later than the first sample outside (None if there is none);
        `delta`: the largest stated while guaranteed; quantiles of the step's time.
    """
    reach = track.reach(trial.true_elbow)
    outside = np.flatnonzero(reach > 1 + _TOLERANCE)
    void = np.flatnonzero(track.status == Status.VOID)
    error = np.linalg.norm(track.point - trial.true_elbow, axis=1)
    longest = np.max(track.size, axis=1)
    first = int(outside[0]) if len(outside) else None
    stated = track.delta[track.status == Status.GUARANTEED]
    return {
        "inside": first is None,
        "inside_steps": len(track) - len(outside),
        "steps": len(track),
        "needed": float(np.max(reach)),
        "first_outside_s": None if first is None else float(track.time[first] - track.time[0]),
        "outside_max_m": _farthest_outside(trial, track),
        "edge_mean_m": float(np.mean(np.cbrt(np.prod(track.size, axis=1)))),
        "side_longest_mean_m": float(np.mean(longest)),
        "side_longest_max_m": float(np.max(longest)),
        "error_mean_m": float(np.mean(error)),
        "error_rms_m": float(np.sqrt(np.mean(error**2))),
        "status_share": {s.name: float(np.mean(track.status == s)) for s in Status},
        "warned": None if first is None else bool(len(void) and void[0] <= first),
        "delta": float(np.max(stated)) if len(stated) else None,
        "step_us_quantiles": np.quantile(track.step_us, _QUANTILES).round(2).tolist(),
    }


def score_run(trial: Trial, plans: PlanTrack | None = None) -> dict[str, Any]:
    """Figures of the dressing itself, as JSON values.

    Args:
        trial: recorded dressing.
        plans: what the planner decided, where it is known.

    Returns:
        `person`, `passed_elbow`, `ending`, `duration_s`, `force_peak_n` and `force_mean_n` of the
        cloth on the gripper, `elbow_way_m` (farthest from its start), `flexion`; with plans also
        `stops`, `stopped_s` and quantiles of the planning time.
    """
    missing = [name for name in ("person", "passed_elbow") if name not in trial.facts]
    if missing:
        raise TrialError(f"the trial's facts lack {', '.join(missing)}: it cannot be judged")
    force = np.linalg.norm(trial.true_force, axis=1)
    way = np.linalg.norm(trial.true_elbow - trial.true_elbow[0], axis=1)
    figures = {
        "person": str(trial.facts["person"]),
        "passed_elbow": bool(trial.facts["passed_elbow"]),
        "ending": trial.facts.get("ending", ""),
        "duration_s": float(trial.time[-1] - trial.time[0]),
        "force_peak_n": float(np.max(force)),
        "force_mean_n": float(np.mean(force)),
        "elbow_way_m": float(np.max(way)),
        "flexion": _flexion(trial),
        "threaded_share": float(np.mean(trial.true_threaded)),
    }
    return figures | (_score_plans(plans) if plans is not None and len(plans.time) > 1 else {})


def summarise_runs(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Figures over many dressings from those of `score_run`."""
    solve = [q for row in rows for q in row.get("plan_ms_quantiles", [])]
    return {
        "trials": len(rows),
        "people": len({row["person"] for row in rows}),
        "passed_elbow": _mean(rows, "passed_elbow"),
        "passed_by_flexion": _passed_by_flexion(rows),
        "endings": {e: sum(r["ending"] == e for r in rows) for e in {r["ending"] for r in rows}},
        "duration_s": _spread([row["duration_s"] for row in rows]),
        "force_peak_n": _spread([row["force_peak_n"] for row in rows]),
        "force_mean_n": _mean(rows, "force_mean_n"),
        "elbow_way_m": _spread([row["elbow_way_m"] for row in rows]),
        "stops": _mean(rows, "stops"),
        "stopped_s": _mean(rows, "stopped_s"),
        "plan_ms": _percentiles(solve),
    }


def summarise_tracks(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Figures of one estimator over many trials from those of `score_track`.

    `coverage_step` is the share of all samples with the elbow inside, `coverage_trajectory` the
    share of trials with the elbow inside at every sample, `honest` the share of trials that were
    inside throughout or said VOID no later than their first sample outside.
    """
    missed = [row for row in rows if not row["inside"]]
    stated = [row["delta"] for row in rows if row["delta"] is not None]
    return {
        "delta": max(stated) if stated else None,
        "coverage_step": sum(r["inside_steps"] for r in rows) / sum(r["steps"] for r in rows),
        "coverage_trajectory": _mean(rows, "inside"),
        "honest": float(np.mean([r["inside"] or r["warned"] for r in rows])),
        "void_before_violation": _mean(missed, "warned"),
        "edge_mean_m": _mean(rows, "edge_mean_m"),
        "side_longest_mean_m": _mean(rows, "side_longest_mean_m"),
        "error_rms_m": float(np.sqrt(np.mean([r["error_rms_m"] ** 2 for r in rows]))),
        "needed": _spread([row["needed"] for row in rows]),
        "outside_max_m": max(row["outside_max_m"] for row in rows),
        "status_share": {
            s.name: float(np.mean([r["status_share"][s.name] for r in rows])) for s in Status
        },
        "step_us": _percentiles([q for row in rows for q in row["step_us_quantiles"]]),
    }


def _farthest_outside(trial: Trial, track: EstimateTrack) -> float:
    grown = (track.reach(trial.true_elbow) - 1) * np.max(track.size, axis=1) / 2
    return float(max(np.max(grown), 0.0))


def _flexion(trial: Trial) -> float:
    upper = trial.true_elbow - trial.true_shoulder
    fore = trial.true_wrist - trial.true_elbow
    lengths = np.linalg.norm(upper, axis=1) * np.linalg.norm(fore, axis=1)
    cosine = np.sum(upper * fore, axis=1) / np.maximum(lengths, 1e-9)
    return float(np.median(np.arccos(np.clip(cosine, -1.0, 1.0))))


def _score_plans(plans: PlanTrack) -> dict[str, Any]:
    stopped = plans.mode == PlanMode.STOPPED
    solved = plans.solve_time[np.diff(plans.solve_time, prepend=0.0) != 0]
    quantiles = np.quantile(solved, _QUANTILES) * 1e3 if len(solved) else np.zeros(0)
    return {
        "stops": int(np.sum(np.diff(stopped.astype(int), prepend=0) == 1)),
        "stopped_s": float(np.sum(np.diff(plans.time)[stopped[:-1]])),
        "plan_ms_quantiles": quantiles.round(4).tolist(),
    }


def _passed_by_flexion(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    flexion = np.array([row["flexion"] for row in rows])
    passed = np.array([row["passed_elbow"] for row in rows], dtype=float)
    edges = (*FLEXION_BINS, np.inf)
    groups = []
    for low, high in pairwise(edges):
        chosen = (flexion >= low) & (flexion < high)
        share = float(np.mean(passed[chosen])) if np.any(chosen) else None
        groups.append({"from_rad": low, "trials": int(np.sum(chosen)), "passed_elbow": share})
    return groups


def _mean(rows: list[dict[str, Any]], key: str) -> float | None:
    values = [row[key] for row in rows if row.get(key) is not None]
    return float(np.mean(values)) if values else None


def _spread(values: list[float]) -> dict[str, float]:
    return {
        "median": float(np.median(values)),
        "p95": float(np.quantile(values, 0.95)),
        "p99": float(np.quantile(values, 0.99)),
        "max": float(np.max(values)),
    }


def _percentiles(values: list[float]) -> dict[str, float] | None:
    if not values:
        return None
    return {"p50": float(np.quantile(values, 0.5)), "p99": float(np.quantile(values, 0.99))}
