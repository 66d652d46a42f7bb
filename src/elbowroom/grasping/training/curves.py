"""Learning curves as CSV and as a picture."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

COLUMNS = ("steps", "episodes", "horizon", "combined", "alone", "cpu_s")


def write_curve(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write the rows of a training as CSV; what was not measured is left empty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    with temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    temporary.replace(path)


def draw_curve(path: Path, rows: list[dict[str, Any]], title: str, guide: float | None) -> None:
    """Draw success of the combined policy and of the learner alone, and h, over the steps.

    Args:
        path: of the picture.
        rows: of the training.
        title: above it.
        guide: success rate of the guide, drawn as a line; None for none.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    steps = [r["steps"] for r in rows]
    alone = [(r["steps"], r["alone"]) for r in rows if r["alone"] is not None]
    axes.plot(steps, [r["combined"] for r in rows], label="combined, at h")
    axes.plot(*zip(*alone, strict=True), "o-", label="exploration policy alone, h = 0")
    if guide is not None:
        axes.axhline(guide, color="grey", linestyle="--", label="guide")
    axes.set(xlabel="steps", ylabel="success", ylim=(-0.03, 1.03), title=title)
    other = axes.twinx()
    other.step(steps, [r["horizon"] for r in rows], color="tab:green", alpha=0.5, where="post")
    other.set_ylabel("h, steps of the guide")
    axes.legend(loc="center right")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
