"""Plant changes in simulated dressings and judge the alarm.

New people are dressed with a softer arm, faster movement, a baggy sleeve, stiff fabric, an offset,
a wrong gain or exchanged axes of the wrist sensor, or an attacker on it, without the monitor in the
loop. Printed: how many boxes were violated, and before how many of these violations the alarm came;
and how often it came for new people without a change. "fast_person:2" is a change at twice its
strength. The recordings stay; the same command judges another reference on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elbowroom.campaign.run import RunParams
from elbowroom.core import Params, param
from elbowroom.estimation import EstimatorParams
from elbowroom.estimation.layers.tap import TapParams
from elbowroom.verbs.options import Options
from elbowroom.verbs.tables import number, percent, show_rows


@dataclass(frozen=True)
class MonitorEvaluateParams(Params):
    """What is planted, and in how many dressings."""

    shifts: str = param(
        "soft_arm,fast_person,baggy_sleeve,stiff_fabric,sensor_bias,sensor_gain,axis_swap,adversarial",
        "changes, separated by commas, each NAME or NAME:STRENGTH",
    )
    trials: int = param(40, "new people for each change; twice as many unchanged", low=1)
    delta: float = param(0.05, "miscoverage that the box is asked for", low=0.001, high=0.5)
    artefacts: str = param("", "folder of learned artefacts; empty for those that ship")
    reference: str = param("", "folder of the reference; empty for the one that ships")
    folder: str = param("runs/monitor", "where the dressings are stored")
    workers: int = param(0, "processes, 0 for one per core", low=0, high=1024)


GROUPS = {"": MonitorEvaluateParams, "features": TapParams, "run": RunParams}
RESUME = "the same command goes on with the dressings that are missing"


def run(options: Options) -> dict[str, Any]:
    """Dress, watch, print."""
    from elbowroom.campaign.surveillance import survey

    p = options.of(MonitorEvaluateParams)
    figures = survey(
        [name.strip() for name in p.shifts.split(",") if name.strip()],
        p.trials,
        options.seed,
        Path(p.folder),
        estimator=EstimatorParams(artefacts=p.artefacts, delta=p.delta),
        tap=options.of(TapParams),
        reference=Path(p.reference) if p.reference else None,
        run=options.of(RunParams),
        workers=p.workers,
    )
    show(figures)
    return figures


def show(figures: dict[str, Any]) -> None:
    """Print what `survey` returned."""
    rows = [_row(name, found) for name, found in figures["shifts"].items()]
    if figures["changed"]:
        rows.append(_row("all changes", figures["changed"]))
    names = (
        "change",
        "dressings",
        "alarmed",
        "after",
        "violated",
        "in time",
        "share",
        "lead",
        "by the change",
        "in time",
    )
    title = (
        f"Alarm within the dressing, at most {figures['alpha']:.0%} of new people promised "
        f"({figures['people_calibrated']} calibrated on)"
    )
    show_rows(title, names, rows)


def _row(name: str, found: dict[str, Any]) -> list[str]:
    return [
        name,
        f"{found['trials']}",
        percent(found["alarmed"]),
        number(found["alarm_median_s"], "s"),
        f"{found['violated']}",
        f"{found['alarmed_before']}",
        percent(found["share_in_time"], 0),
        number(found["lead_median_s"], "s"),
        f"{found['caused']['alarmed_before']} of {found['caused']['violated']}",
        percent(found["caused"]["share_in_time"], 0),
    ]
