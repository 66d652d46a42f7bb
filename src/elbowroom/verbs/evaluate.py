"""Dress new people in closed loop and print the figures of one or several methods.

The first method is in the loop: the planner sees its box. The others filter the same recorded
dressing afterwards. With --recorded no simulator runs: stored trials are filtered by every method.
Coverage is judged at every sample of the sensor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elbowroom.campaign.judge import PLANNERS
from elbowroom.campaign.run import RunParams
from elbowroom.core import param
from elbowroom.estimation import EstimatorParams
from elbowroom.verbs.casting import cast_groups, pick_estimator, read_cast
from elbowroom.verbs.options import Options
from elbowroom.verbs.tables import centimetres, number, percent, show_figures, show_rows


@dataclass(frozen=True)
class EvaluateParams(EstimatorParams):
    """What is evaluated."""

    method: str = param("set", "methods, separated by commas; the first one is in the loop")
    trials: int = param(
        100, "new people to dress; with --recorded 0 takes every file", low=0, high=1_000_000
    )
    planner: str = param("robust", "who drives", choices=PLANNERS)
    motion: str = param("", "recorded movement to use (npz, MVNX or BVH)")
    recorded: str = param(
        "", "folders of stored trials to filter instead of new dressings, separated by commas"
    )
    folder: str = param(
        "", "result files, for resuming; by default runs/evaluate-<planner>-<method>-<seed>"
    )
    keep: bool = param(False, "store every trial and track beside its figures")
    workers: int = param(0, "processes, 0 for one per core", low=0, high=1024)
    scheduler: str = param("", "address of a dask.distributed scheduler, such as tcp://host:8786")


GROUPS = {"": EvaluateParams, "run": RunParams, **cast_groups()}
RESUME = "the same command goes on with the trials that are missing"


def run(options: Options) -> dict[str, Any]:
    """Evaluate and print the tables."""
    from elbowroom.campaign.evaluate import evaluate, plan_jobs

    p = options.of(EvaluateParams)
    methods = tuple(name.strip() for name in p.method.split(",") if name.strip())
    jobs = plan_jobs(
        p.trials,
        options.seed,
        Path(p.folder or f"runs/evaluate-{p.planner}-{'-'.join(methods)}-{options.seed}"),
        methods,
        planner=p.planner,
        estimator=pick_estimator(p, methods[0] if methods else ""),
        keep=p.keep,
        recorded=p.recorded or None,
        cast=read_cast(options, p.motion),
        run=options.of(RunParams),
    )
    figures = evaluate(jobs, workers=p.workers, scheduler=p.scheduler)
    show_evaluation(figures)
    return figures


def show_evaluation(figures: dict[str, Any]) -> None:
    """Print what `evaluate` returned."""
    force, duration = figures["force_peak_n"], figures["duration_s"]
    show_figures(
        f"{figures['trials']} dressings of {_people(figures)}",
        {
            "planner": _planner(figures),
            "sleeve past the elbow": percent(figures["passed_elbow"]),
            "the same by flexion": _by_flexion(figures["passed_by_flexion"]),
            "peak force": f"{force['median']:.1f} N median, {force['p95']:.1f} N p95, "
            f"{force['max']:.1f} N max",
            "duration": f"{duration['median']:.1f} s median, {duration['p95']:.1f} s p95",
            "stops a dressing": number(figures["stops"]),
            "planning time": _times(figures["plan_ms"], "ms"),
            "failed simulations": f"{len(figures['failures'])}",
        },
    )
    methods = figures["methods"]
    table = [[name, *(cell(m) for m in methods.values())] for name, cell in _ROWS.items()]
    show_rows("The elbow's box", ["", *methods], table)


def _people(figures: dict[str, Any]) -> str:
    known = figures["known_people"]
    if known:
        return f"{figures['people']} people, {known} of them known to the model"
    return f"{figures['people']} new people"


def _planner(figures: dict[str, Any]) -> str:
    told = f", told by {figures['method']}"
    return str(figures["planner"]) + ("" if figures["planner"] == "as recorded" else told)


_ROWS: dict[str, Callable[[dict[str, Any]], str]] = {
    "delta": lambda m: number(m["delta"]),
    "people inside throughout": lambda m: percent(m["coverage_trajectory"]),
    "samples inside": lambda m: percent(m["coverage_step"], 2),
    "inside, or void said in time": lambda m: percent(m["honest"]),
    "void samples": lambda m: percent(m["status_share"]["VOID"], 2),
    "cube edge, mean": lambda m: centimetres(m["edge_mean_m"]),
    "longest side, mean": lambda m: centimetres(m["side_longest_mean_m"]),
    "error of the guess, rms": lambda m: centimetres(m["error_rms_m"]),
    "step, median": lambda m: number(m["step_us"]["p50"], "us", 0),
    "step, p99": lambda m: number(m["step_us"]["p99"], "us", 0),
}


def _by_flexion(groups: list[dict[str, Any]]) -> str:
    parts = [
        f"from {g['from_rad']:g} rad {percent(g['passed_elbow'], 0)} of {g['trials']}"
        for g in groups
        if g["trials"]
    ]
    return ", ".join(parts)


def _times(spread: dict[str, float] | None, unit: str) -> str:
    if spread is None:
        return "-"
    return f"{spread['p50']:.2f} {unit} median, {spread['p99']:.2f} {unit} p99"
