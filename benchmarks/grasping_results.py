"""The finished runs of `grasping.py` as a table and as curves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np


def read(out: Path) -> list[dict[str, Any]]:
    """The results that are there, with the names of their row and column in the table."""
    results = [json.loads(path.read_text()) for path in sorted(out.glob("*-s*.json"))]
    for result in results:
        given = result["params"]
        labels = ", labels inferred" if given.get("infer") else ", no labels"
        mark = "" if given["labels"] else labels
        mark += ", guide cloned" if result["guide"] == "clone" else ""
        image = ", image" if result["obs"] == "image" else ""
        result |= {"row": result["method"] + mark, "column": result["task"] + image}
    return results


def show(out: Path) -> None:
    """Print mean success and its standard error by method and task."""
    results = read(out)
    tasks = sorted({r["column"] for r in results})
    print("| method | " + " | ".join(tasks) + " |\n|---|" + "---|" * len(tasks))
    for method in sorted({r["row"] for r in results}):
        cells = [
            _cell([r for r in results if (r["row"], r["column"]) == (method, t)], "success")
            for t in tasks
        ]
        print(f"| {method} | " + " | ".join(cells) + " |")
    guided = [r for r in results if r["guide_success"] is not None and r["guide"] == "clumsy"]
    known = list({(r["column"], r["seed"]): r for r in guided}.values())
    cells = [_cell([r for r in known if r["column"] == t], "guide_success") for t in tasks]
    print("| the guide | " + " | ".join(cells) + " |")


def _cell(results: list[dict[str, Any]], key: str) -> str:
    if not results:
        return "-"
    scores = [r[key] for r in results]
    steps = round(float(np.mean([r["steps"] for r in results])) / 1000)
    if len(scores) == 1:
        return f"{scores[0]:.2f} (1 seed, {steps}k)"
    error = np.std(scores, ddof=1) / np.sqrt(len(scores))
    return f"{np.mean(scores):.2f} ± {error:.2f} ({len(scores)} seeds, {steps}k)"


_ABREAST = 3
"""Panels in a row of the picture."""


def draw(out: Path, path: Path) -> None:
    """Draw success at h = 0 over the steps, the mean over the seeds, a panel a task."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    results = [r for r in read(out) if r["curve"]]
    tasks = sorted({r["column"] for r in results})
    # There are more methods than colours: those of the second round are dotted.
    names = sorted({r["row"] for r in results})
    styles = {m: {"color": f"C{i % 10}", "linestyle": "-:"[i // 10]} for i, m in enumerate(names)}
    rows = -(-len(tasks) // _ABREAST)
    figure = Figure(figsize=(5.2 * _ABREAST, 4 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(rows, _ABREAST, squeeze=False).ravel()
    for axes in panels[len(tasks) :]:
        axes.axis("off")
    for axes, task in zip(panels, tasks, strict=False):
        here = [r for r in results if r["column"] == task]
        for method in sorted({r["row"] for r in here}):
            found = [r for r in here if r["row"] == method]
            last = min(r["steps"] for r in found)
            grid = np.append(np.arange(0, last, 400), last)
            mean = np.mean([_alone(r, grid) for r in found], 0)
            axes.plot(grid, mean, label=f"{method} ({len(found)})", **styles[method])
        guides = [
            r["guide_success"]
            for r in here
            if r["guide_success"] is not None and r["guide"] == "clumsy"
        ]
        if guides:
            axes.axhline(float(np.mean(guides)), color="grey", linestyle="--", label="the guide")
        axes.set(xlabel="steps", ylabel="success at h = 0", ylim=(-0.03, 1.03), title=task)
        axes.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def _alone(result: dict[str, Any], grid: Any) -> Any:
    """Success at h = 0 at given steps, a moving mean of three evaluations of ten episodes.

    The last point is the result's own success, of a hundred.
    """
    end = result["steps"] - 200
    rows = [
        (r["steps"], r["alone"])
        for r in result["curve"]
        if r["alone"] is not None and r["steps"] < end
    ]
    steps, scores = zip(*rows, strict=True)
    smooth = [np.mean(scores[max(k - 2, 0) : k + 1]) for k in range(len(scores))]
    # Before the first evaluation nothing is known.
    known = (*steps, result["steps"]), (*smooth, result["success"])
    return np.interp(grid, *known, left=np.nan)
