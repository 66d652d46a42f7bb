"""Plots of an evaluation that was run with --keep: edge along the pull, best and worst person.

Given the figures of several evaluations that differ in delta (--json files), also coverage against
what was promised.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from elbowroom.campaign.pool import CampaignError
from elbowroom.core import Params, param
from elbowroom.verbs.options import Options
from elbowroom.verbs.tables import show_figures


@dataclass(frozen=True)
class ReportParams(Params):
    """What is plotted."""

    evaluation: str = param("", "folder of an evaluation run with --keep")
    figures: str = param("", "files written by --json for several deltas, separated by commas")
    folder: str = param("runs/report", "where the plots are written")


GROUPS = {"": ReportParams}
RESUME = "the same command draws them again"


def run(options: Options) -> dict[str, Any]:
    """Draw and print what was drawn."""
    p = options.of(ReportParams)
    if not p.evaluation and not p.figures:
        raise CampaignError("--evaluation or --figures says what to plot")
    folder = Path(p.folder)
    files = _draw_people(Path(p.evaluation), folder) if p.evaluation else []
    files += _draw_coverage(p.figures.split(","), folder) if p.figures else []
    show_figures("Plots", {f.name: str(f) for f in files})
    return {"files": [str(f) for f in files]}


def _draw_people(source: Path, folder: Path) -> list[Path]:
    from elbowroom.campaign.track import load_track
    from elbowroom.core import load_trial
    from elbowroom.view.plots import plot_box, plot_edge, plot_edge_on_arm

    rows = [json.loads(path.read_text()) for path in sorted(source.glob("[0-9]*.json"))]
    kept = [(source / f"{r['index']:06d}.trial.npz").exists() for r in rows]
    if not all(kept) or not rows:
        raise CampaignError(
            f"{source} holds no evaluation that was run with --keep to its end; the same "
            "`evaluate --keep` makes what is missing"
        )
    methods = list(rows[0]["methods"])
    tracks = {m: [load_track(source / f"{r['index']:06d}.{m}.npz") for r in rows] for m in methods}
    plot_edge(folder / "edge.png", tracks)
    trials = [load_trial(source / f"{r['index']:06d}.trial.npz") for r in rows]
    plot_edge_on_arm(folder / "edge_on_arm.png", trials, tracks[methods[0]])
    needed = [row["methods"][methods[0]]["needed"] for row in rows]
    files = [folder / "edge.png", folder / "edge_on_arm.png"]
    for name, k in (("best", int(np.argmin(needed))), ("worst", int(np.argmax(needed)))):
        title = (
            f"{name} of {len(rows)} people: {needed[k]:.2f} times the box would just hold the elbow"
        )
        plot_box(folder / f"{name}.png", trials[k], tracks[methods[0]][k], title)
        files.append(folder / f"{name}.png")
    return files


def _draw_coverage(paths: list[str], folder: Path) -> list[Path]:
    from elbowroom.view.plots import plot_coverage

    try:
        runs = [json.loads(Path(path.strip()).read_text()) for path in paths]
        runs.sort(key=lambda r: r["estimator"]["delta"])
        deltas = np.array([r["estimator"]["delta"] for r in runs])
        names = [m for m in runs[0]["methods"] if all(m in r["methods"] for r in runs)]
        curves = {
            m: np.array([r["methods"][m]["coverage_trajectory"] for r in runs]) for m in names
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CampaignError(f"not the figures of evaluations: {error}") from error
    plot_coverage(folder / "coverage.png", deltas, curves)
    return [folder / "coverage.png"]
