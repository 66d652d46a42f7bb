"""Plots of a dressing and of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from elbowroom.campaign.recalibration import Recalibrations
from elbowroom.campaign.track import EstimateTrack
from elbowroom.core import Status, Trial
from elbowroom.view.frame import COLOURS

mpl.use("Agg")
from matplotlib import pyplot as plt

Array = NDArray[np.float64]

_STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e8ec",
    "axes.edgecolor": "#8a9099",
    "axes.labelcolor": "#26292f",
    "xtick.color": "#555b64",
    "ytick.color": "#555b64",
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.dpi": 130,
}
_BIN = 0.02
"""Width of a bin along the arm [m]."""
_TRUTH = "#d99a00"
_FORCE = "#2f5fd0"
_LINES = ("#0c9a5b", "#2f5fd0", "#c2410c", "#7c3aed", "#0891b2", "#be123c", "#65a30d")


def plot_box(path: Path, trial: Trial, track: EstimateTrack, title: str = "") -> None:
    """Hull of the box and the true elbow over time, one panel per axis.

    Args:
        path: of the picture.
        trial: recorded dressing.
        track: boxes of an estimator over it.
        title: headline.
    """
    lower, upper = track.hull()
    time = track.time - track.time[0]
    with mpl.rc_context(_STYLE):
        figure, axes = plt.subplots(3, 1, figsize=(7.2, 5.6), sharex=True, layout="constrained")
        for i, (panel, name) in enumerate(zip(axes, "xyz", strict=True)):
            _band(panel, time, lower[:, i], upper[:, i], track.status)
            panel.plot(time, track.point[:, i], color="#444", lw=0.8, label="best guess")
            panel.plot(time, trial.true_elbow[:, i], color=_TRUTH, lw=1.8, label="true elbow")
            panel.set_ylabel(f"{name} [m]")
        axes[0].set_title(title, loc="left", fontsize=10)
        axes[-1].set_xlabel("time [s]")
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
        _save(figure, path)


def plot_force(path: Path, trial: Trial, title: str = "") -> None:
    """Measured and true force on the gripper over time.

    Args:
        path: of the picture.
        trial: recorded dressing.
        title: headline.
    """
    time = trial.time - trial.time[0]
    with mpl.rc_context(_STYLE):
        figure, panel = plt.subplots(figsize=(7.2, 2.8), layout="constrained")
        measured = np.linalg.norm(trial.force, axis=1)
        panel.plot(time, measured, color="#9db7ee", lw=1.0, label="measured")
        if not np.array_equal(trial.force, trial.true_force):
            true = np.linalg.norm(trial.true_force, axis=1)
            panel.plot(time, true, color=_FORCE, lw=1.4, label="true")
        _mark_elbow(panel, trial)
        panel.set(xlabel="time [s]", ylabel="force of the cloth [N]", ylim=(0, None))
        panel.set_title(title, loc="left", fontsize=10)
        panel.legend(loc="upper left", ncols=2)
        _save(figure, path)


def plot_edge(path: Path, tracks: Mapping[str, Sequence[EstimateTrack]]) -> None:
    """Mean edge of the cube of the box's volume along the dressing.

    Args:
        path: of the picture.
        tracks: of every method over many trials.
    """
    grid = np.linspace(0.0, 1.0, 101)
    with mpl.rc_context(_STYLE):
        figure, panel = plt.subplots(figsize=(5.4, 3.4), layout="constrained")
        for colour, (name, many) in zip(_LINES * 9, tracks.items(), strict=False):
            edges = np.array([_edge_over_share(t, grid) for t in many])
            panel.plot(100 * grid, 100 * edges.mean(axis=0), color=colour, lw=1.8, label=name)
            low, high = np.quantile(edges, [0.1, 0.9], axis=0)
            panel.fill_between(100 * grid, 100 * low, 100 * high, color=colour, alpha=0.12, lw=0)
        panel.set(xlabel="way of the dressing [%]", ylabel="cube edge [cm]", ylim=(0, None))
        panel.legend()
        _save(figure, path)


def plot_coverage(path: Path, deltas: Array, curves: Mapping[str, Array]) -> None:
    """Trajectory coverage against 1 - delta; on or above the diagonal the promise is kept.

    Args:
        path: of the picture.
        deltas: admitted probabilities, shape (n,).
        curves: measured coverage of every method, shape (n,) each.
    """
    wanted = 1 - np.asarray(deltas, dtype=float)
    low = min(wanted.min(), *(float(np.min(c)) for c in curves.values()))
    with mpl.rc_context(_STYLE):
        figure, panel = plt.subplots(figsize=(4.4, 4.0), layout="constrained")
        panel.plot([low, 1], [low, 1], color="#8a9099", lw=1, ls="--", label="promised")
        for colour, (name, curve) in zip(_LINES * 9, curves.items(), strict=False):
            panel.plot(wanted, curve, "o-", color=colour, ms=4, lw=1.5, label=name)
        panel.set(xlabel="promised 1 - δ", ylabel="measured share of people inside throughout")
        panel.legend(loc="lower right")
        _save(figure, path)


def plot_recalibrations(path: Path, rules: Mapping[str, Recalibrations]) -> None:
    """Coverage over many calibrations against 1 - delta: mean and the middle 90 %, per rule.

    Args:
        path: of the picture.
        rules: by the name of the quantile rule.
    """
    with mpl.rc_context(_STYLE):
        figure, panel = plt.subplots(figsize=(4.4, 4.0), layout="constrained")
        for colour, (name, found) in zip(_LINES * 9, rules.items(), strict=False):
            carried = ~np.isnan(found.coverage).any(axis=0)
            wanted, coverage = 1 - found.deltas[carried], found.coverage[:, carried]
            low, high = np.quantile(coverage, [0.05, 0.95], axis=0)
            panel.plot(wanted, coverage.mean(axis=0), "o-", color=colour, ms=4, lw=1.5, label=name)
            panel.fill_between(wanted, low, high, color=colour, alpha=0.14, lw=0)
        least = 1 - max(float(found.deltas.max()) for found in rules.values())
        panel.plot([least, 1], [least, 1], color="#8a9099", lw=1, ls="--", label="promised")
        panel.set(xlabel="promised 1 - δ", ylabel="share of other people covered throughout")
        panel.legend(loc="lower right")
        _save(figure, path)


def plot_edge_on_arm(path: Path, trials: Sequence[Trial], tracks: Sequence[EstimateTrack]) -> None:
    """Edge of the cube of the box's volume against where the cuff is on the arm.

    Args:
        path: of the picture.
        trials: recorded dressings.
        tracks: boxes of one estimator over them.
    """
    way = np.concatenate([t.true_progress - t.facts["forearm"] for t in trials])
    edge = np.concatenate([np.cbrt(np.prod(t.size, axis=1)) for t in tracks])
    bins = np.arange(np.floor(way.min() / _BIN), np.ceil(way.max() / _BIN) + 1) * _BIN
    groups = [edge[(way >= low) & (way < low + _BIN)] for low in bins]
    kept = [(low + _BIN / 2, g) for low, g in zip(bins, groups, strict=True) if len(g) >= 20]
    middles = 100 * np.array([m for m, _ in kept])
    mean = np.array([g.mean() for _, g in kept])
    low, high = np.array([np.quantile(g, [0.1, 0.9]) for _, g in kept]).reshape(-1, 2).T
    with mpl.rc_context(_STYLE):
        figure, panel = plt.subplots(figsize=(5.4, 3.4), layout="constrained")
        panel.plot(middles, 100 * mean, color=_LINES[0], lw=1.8, label="mean")
        panel.fill_between(middles, 100 * low, 100 * high, color=_LINES[0], alpha=0.15, lw=0)
        panel.axvline(0.0, color=_TRUTH, lw=1.2, ls="--", label="elbow")
        panel.set(xlabel="way of the cuff from the elbow [cm]", ylabel="cube edge [cm]")
        panel.set_ylim(0, None)
        panel.legend(loc="upper left")
        _save(figure, path)


def draw_timeline(
    trial: Trial, track: EstimateTrack, width: int, height: int
) -> tuple[NDArray[np.uint8], tuple[float, float]]:
    """A strip with force and distance of the elbow from the box's centre against its reach.

    Returns:
        The image, shape (height, width, 3), and the columns of start and end of time.
    """
    time = track.time - track.time[0]
    with mpl.rc_context(_STYLE | {"font.size": 7.5}):
        figure, (left, right) = plt.subplots(
            2, 1, figsize=(width / 100, height / 100), dpi=100, sharex=True
        )
        figure.subplots_adjust(left=0.10, right=0.975, top=0.97, bottom=0.21, hspace=0.18)
        left.plot(time, np.linalg.norm(trial.force, axis=1), color=_FORCE, lw=1.2)
        left.set(ylabel="force [N]", ylim=(0, None))
        right.fill_between(time, 0, 1, color=COLOURS[Status.GUARANTEED], alpha=0.15, lw=0)
        right.plot(time, np.minimum(track.reach(trial.true_elbow), 1.6), color=_TRUTH, lw=1.4)
        right.axhline(1.0, color=COLOURS[Status.GUARANTEED], lw=1.2)
        right.set(ylabel="elbow / box", xlabel="time [s]", ylim=(0, 1.6), xlim=(0, time[-1]))
        figure.canvas.draw()
        image = np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()  # type: ignore[attr-defined]
        ends = right.transData.transform([(0.0, 0.0), (time[-1], 0.0)])[:, 0]
        plt.close(figure)
    return image, (float(ends[0]), float(ends[1]))


def _band(panel: Any, time: Array, lower: Array, upper: Array, status: Array) -> None:
    for value in Status:
        chosen = status == value
        if np.any(chosen):
            label = f"box, {value.name.lower()}"
            panel.fill_between(
                time,
                lower,
                upper,
                where=chosen,
                color=COLOURS[value],
                alpha=0.22,
                lw=0,
                label=label,
            )


def _edge_over_share(track: EstimateTrack, grid: Array) -> Array:
    share = (track.time - track.time[0]) / max(track.time[-1] - track.time[0], 1e-9)
    return np.asarray(np.interp(grid, share, np.cbrt(np.prod(track.size, axis=1))))


def _mark_elbow(panel: Any, trial: Trial) -> None:
    past = np.flatnonzero(trial.true_progress >= trial.facts["forearm"])
    if len(past):
        when = trial.time[past[0]] - trial.time[0]
        panel.axvline(when, color=_TRUTH, lw=1.2, ls="--")
        panel.annotate(
            "cuff at the elbow", (when, 1.0), xycoords=("data", "axes fraction"),
            xytext=(4, -10), textcoords="offset points", color=_TRUTH, fontsize=8,
        )  # fmt: skip


def _save(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    plt.close(figure)
