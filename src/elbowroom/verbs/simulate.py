"""Dress one arm in this process, without ROS, and draw what happened.

Writes a moving picture, plots and the recorded trial into a folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from elbowroom.campaign.judge import PLANNERS
from elbowroom.campaign.run import RunParams
from elbowroom.core import param
from elbowroom.estimation import EstimatorParams
from elbowroom.verbs.casting import cast_groups, pick_estimator, read_cast
from elbowroom.verbs.options import Options
from elbowroom.verbs.tables import centimetres, number, percent, show_figures


@dataclass(frozen=True)
class SimulateParams(EstimatorParams):
    """What is simulated."""

    person: int = param(0, "number of the person within the seed", low=0, high=999_999)
    planner: str = param("robust", "who drives", choices=PLANNERS)
    motion: str = param("", "recorded movement to use (npz, MVNX or BVH)")
    folder: str = param("runs/simulate", "where pictures and trial are written")
    rate: float = param(12.0, "images a second", unit="Hz", low=1.0, high=60.0)
    width: int = param(640, "width of the moving picture", unit="pixels", low=160, high=1920)


GROUPS = {"": SimulateParams, "run": RunParams, **cast_groups()}
RESUME = "the same command simulates the same dressing again"


def run(options: Options) -> dict[str, Any]:
    """Simulate, draw, print."""
    from elbowroom.campaign.judge import EvaluateJob, dress_one
    from elbowroom.campaign.metrics import score_run, score_track
    from elbowroom.core import save_trial
    from elbowroom.view.film import Film

    p = options.of(SimulateParams)
    folder = Path(p.folder)
    job = EvaluateJob(
        p.person,
        options.seed,
        folder,
        (p.method,),
        p.planner,
        estimator=pick_estimator(p, p.method),
        cast=read_cast(options, p.motion),
        run=options.of(RunParams),
    )
    film = Film(p.rate, p.width)
    done = dress_one(job, watch=film.watch)
    figures = {
        "run": score_run(done.trial, done.plans),
        "box": score_track(done.trial, done.estimates),
        "facts": done.trial.facts,
    }
    save_trial(folder / "trial.npz", done.trial)
    files = film.write(folder, done.trial, done.estimates, "A box for the elbow that nobody sees")
    _show(figures, [*map(str, files)])
    return figures


def _show(figures: dict[str, Any], files: list[str]) -> None:
    run_, box = figures["run"], figures["box"]
    show_figures(
        "One dressing",
        {
            "elbow in the box at all times": "yes" if box["inside"] else "NO",
            "samples inside": percent(box["inside_steps"] / box["steps"], 2),
            "mean cube edge": centimetres(box["edge_mean_m"]),
            "mean longest side": centimetres(box["side_longest_mean_m"]),
            "sleeve past the elbow": "yes" if run_["passed_elbow"] else "NO",
            "peak and mean force": f"{run_['force_peak_n']:.1f} N, {run_['force_mean_n']:.1f} N",
            "duration": number(run_["duration_s"], "s"),
            "estimator step, median": number(float(np.median(box["step_us_quantiles"])), "us", 0),
            "files": "\n".join(files),
        },
    )
