"""Record dressings of many new people, one file a person, for training and calibration.

Every person, garment, movement and driving policy is drawn from the seed, so the same command
gives the same trials on any machine with any number of workers. Use different seeds for training,
calibration and test. Files already there are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elbowroom.campaign.policy import PolicyParams
from elbowroom.campaign.run import RunParams
from elbowroom.core import Params, param
from elbowroom.estimation import EstimatorParams
from elbowroom.verbs.casting import cast_groups, read_cast
from elbowroom.verbs.options import Options
from elbowroom.verbs.tables import number, percent, show_figures


@dataclass(frozen=True)
class CollectParams(Params):
    """How much is collected, and where to."""

    people: int = param(100, "people to dress", low=1, high=1_000_000)
    first: int = param(0, "index of the first person", low=0, high=1_000_000)
    folder: str = param("data/trials/train", "where the trials are written")
    workers: int = param(0, "processes, 0 for one per core", low=0, high=1024)
    planner: str = param(
        "robust", "planner that drives beside the straight line", choices=("robust", "point")
    )


@dataclass(frozen=True)
class CollectRunParams(RunParams):
    """When a dressing ends."""

    control_every: int = param(
        4, "samples for which the gripper keeps one command", low=1, high=240
    )


GROUPS = {
    "": CollectParams,
    "policy": PolicyParams,
    "estimator": EstimatorParams,
    "run": CollectRunParams,
    **cast_groups(),
}
RESUME = "the same command goes on with the people that are missing"


def run(options: Options) -> dict[str, Any]:
    """Collect and print what was collected."""
    from elbowroom.campaign.collect import collect

    p = options.of(CollectParams)
    figures = collect(
        p.people,
        options.seed,
        Path(p.folder),
        workers=p.workers,
        planner=p.planner,
        cast=read_cast(options),
        policy=options.of(PolicyParams),
        run=options.of(CollectRunParams),
        first=p.first,
        estimator=options.of(EstimatorParams),
    )
    _show(p.folder, figures)
    return figures


def _show(folder: str, figures: dict[str, Any]) -> None:
    show_figures(
        f"Dressings in {folder}",
        {
            "people": f"{figures['people']} ({figures['new']} new)",
            "unreachable draws thrown away": f"{figures['redraws']}",
            "failed simulations": f"{len(figures['failures'])}",
            "sleeve past the elbow": percent(figures["passed_elbow"]),
            "mean duration": number(figures["duration_mean_s"], "s"),
            "CPU time a trial": number(figures["cpu_per_trial_s"], "s"),
        },
    )
