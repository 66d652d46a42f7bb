"""A dressing filmed while it runs: moving picture and plots in one folder."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from elbowroom.campaign.track import EstimateTrack
from elbowroom.core import Estimate, PlanReport, Trial
from elbowroom.view.frame import Frame, frame_of_scene
from elbowroom.view.movie import Timeline, caption, stack, write_movie
from elbowroom.view.panda import panda_at
from elbowroom.view.picture import Picture
from elbowroom.view.plots import draw_timeline, plot_box, plot_force
from elbowroom.view.robot import RobotModel

_STRIP = 0.34


class Film:
    """Keeps frames at a fixed rate and draws them afterwards.

    Args:
        rate: frames a second of the dressing [Hz].
        width: of the moving picture [pixels].
    """

    def __init__(self, rate: float = 12.0, width: int = 640) -> None:
        self._period, self._width = 1.0 / rate, width
        self._rate = rate
        self._next = float("-inf")
        self.frames: list[Frame] = []
        self.robot: RobotModel | None = None

    def watch(self, scene: Any, estimate: Estimate, report: PlanReport) -> None:
        """Take a frame of a simulated scene if one is due."""
        if estimate.stamp < self._next:
            return
        frame = frame_of_scene(scene, estimate.box, estimate.status)
        words = ": ".join(w for w in (report.mode.name.lower(), report.reason) if w)
        frame = dataclasses.replace(frame, path=report.path, caption=words)
        if self.robot is None:
            self.robot = panda_at(scene.robot_joints()[1], scene.observe().gripper)
        self.add(frame)

    def add(self, frame: Frame) -> None:
        """Append a frame; the next one is due a period later."""
        self._next = frame.time + self._period - 1e-6
        self.frames.append(frame)

    def offer(self, frame: Frame) -> None:
        """Append a frame if one is due."""
        if frame.time >= self._next:
            self.add(frame)

    def write(self, folder: Path, trial: Trial, track: EstimateTrack, title: str) -> list[Path]:
        """Draw the moving picture and the plots.

        Args:
            folder: created when absent.
            trial: recorded dressing.
            track: boxes over it.
            title: headline.

        Returns:
            The files written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        plot_force(folder / "force.png", trial)
        plot_box(folder / "box.png", trial, track)
        height = round(0.75 * self._width)
        picture = Picture(self.robot, width=self._width, height=height)
        strip, span = draw_timeline(trial, track, self._width, round(_STRIP * self._width))
        begin = float(track.time[0])
        timeline = Timeline(strip, span, float(track.time[-1]) - begin)
        pictures = [caption(picture.draw(f), f, title) for f in self.frames]
        middle = folder / "picture.png"
        Image.fromarray(pictures[self._find_middle(trial)]).save(middle, optimize=True)
        images = [
            stack(image, timeline.at(f.time - begin))
            for image, f in zip(pictures, self.frames, strict=True)
        ]
        movies = write_movie(folder / "dressing", images, self._rate)
        return [*movies, middle, folder / "force.png", folder / "box.png"]

    def _find_middle(self, trial: Trial) -> int:
        """The frame in which the cuff has come half way along the forearm."""
        half = np.flatnonzero(trial.true_progress >= 0.5 * trial.facts["forearm"])
        when = trial.time[half[0]] if len(half) else trial.time[len(trial) // 2]
        return int(np.argmin([abs(f.time - when) for f in self.frames]))
