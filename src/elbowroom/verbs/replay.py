"""Run an estimator over a recorded dressing and draw its boxes.

The recording is a trial (`.npz`, as `collect` and `simulate` write them) or the folder of a bag.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elbowroom.core import ParameterError, Trial, load_trial, param
from elbowroom.estimation import EstimatorParams
from elbowroom.verbs.casting import pick_estimator
from elbowroom.verbs.options import Options
from elbowroom.verbs.tables import centimetres, percent, show_figures


@dataclass(frozen=True)
class ReplayParams(EstimatorParams):
    """What is replayed, and how."""

    recording: str = param("", "trial (.npz) or folder of a bag")
    folder: str = param("runs/replay", "where plots and track are written")


GROUPS = {"": ReplayParams}
RESUME = "the same command starts again"


def run(options: Options) -> dict[str, Any]:
    """Filter, draw, print."""
    from dataclasses import asdict

    from elbowroom.campaign.metrics import score_track
    from elbowroom.campaign.track import filter_trial, save_track
    from elbowroom.estimation import make_estimator
    from elbowroom.view.plots import plot_box, plot_force

    p = options.of(ReplayParams)
    trial, folder = _load(p.recording), Path(p.folder)
    track = filter_trial(make_estimator(**asdict(pick_estimator(p, p.method))), trial)
    save_track(folder / f"{p.method}.npz", track)
    plot_box(folder / f"box_{p.method}.png", trial, track, p.method)
    plot_force(folder / "force.png", trial)
    figures = score_track(trial, track)
    show_figures(
        f"{p.method} over {p.recording}",
        {
            "elbow in the box at all times": "yes" if figures["inside"] else "NO",
            "samples inside": percent(figures["inside_steps"] / figures["steps"], 2),
            "mean cube edge": centimetres(figures["edge_mean_m"]),
            "mean longest side": centimetres(figures["side_longest_mean_m"]),
            "error of the best guess, rms": centimetres(figures["error_rms_m"]),
            "written to": str(folder),
        },
    )
    return figures


def _load(recording: str) -> Trial:
    if not recording:
        raise ParameterError("--recording names a trial (.npz) or the folder of a bag")
    path = Path(recording)
    if path.is_dir():
        from elbowroom.nodes.recording.bag import read_recording

        return read_recording(path).trial
    return load_trial(path)
