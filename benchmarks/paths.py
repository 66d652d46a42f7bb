"""Pictures of the planned way for a straight and for a bent arm, each with the elbow's box.

    python benchmarks/paths.py [--folder docs/images] [--seed 31]

Draws still people until one has a nearly straight and one a well bent arm, dresses them with the
set filter in the loop, and draws the instant at which the cuff is 10 cm before the elbow.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from elbowroom.campaign.cast import Cast, CastParams, draw_setup
from elbowroom.campaign.run import EstimatorGuide, RunParams, run_dressing
from elbowroom.core import Estimate, PlanReport
from elbowroom.estimation import make_estimator
from elbowroom.planning import make_planner
from elbowroom.sim import UnreachableError
from elbowroom.view.frame import Frame, frame_of_scene
from elbowroom.view.movie import caption
from elbowroom.view.panda import panda_at
from elbowroom.view.picture import Picture
from elbowroom.view.raster import Camera

WANTED = {"straight": (0.0, 0.45), "bent": (1.35, 1.7)}
BEFORE = 0.10
WIDTH, HEIGHT = 480, 360


class Shot:
    """Keeps the frame at which the cuff is BEFORE the elbow."""

    def __init__(self, forearm: float) -> None:
        self._place = forearm - BEFORE
        self.frame: Frame | None = None
        self.robot: Any = None

    def watch(self, scene: Any, estimate: Estimate, report: PlanReport) -> None:
        """Take the frame when it is time."""
        if self.frame is not None or scene.truth().progress < self._place:
            return
        frame = frame_of_scene(scene, estimate.box, estimate.status)
        words = ": ".join(w for w in (report.mode.name.lower(), report.reason) if w)
        self.frame = dataclasses.replace(frame, path=report.path, caption=words)
        self.robot = panda_at(scene.robot_joints()[1], scene.observe().gripper)


def find(seed: int, low: float, high: float) -> Any:
    """The first scene whose arm is bent by so much."""
    cast = Cast(CastParams(motion_kind="still"))
    for index in range(400):
        try:
            setup = draw_setup(seed, index, 0, cast)
        except UnreachableError:
            continue
        if low <= setup.scene.truth().flexion <= high:
            return setup
        setup.scene.close()
    raise SystemExit(f"no arm bent by {low} to {high} rad among 400 people")


def stand_beside(arm: np.ndarray) -> Camera:
    """A camera that looks across the arm's plane, from the person's other side."""
    shoulder, elbow, wrist = arm[:3]
    across = np.cross(wrist - elbow, shoulder - elbow)
    across /= np.linalg.norm(across)
    across *= np.copysign(1.0, across[1])
    target = 0.4 * elbow + 0.3 * (shoulder + wrist)
    direction = across + np.array([0.25, 0.0, 0.25])
    return Camera(target + 1.25 * direction / np.linalg.norm(direction), target)


def shoot(setup: Any) -> np.ndarray:
    """Dress the person and draw the instant."""
    shot = Shot(setup.facts["forearm_true"])
    with setup.scene as scene:
        guide = EstimatorGuide(make_estimator("set"), scene.arm)
        limit = RunParams(max_duration=6.0)
        run_dressing(scene, make_planner("robust"), guide, limit, watch=shot.watch)
    if shot.frame is None:
        raise SystemExit("the cuff did not come near the elbow")
    camera = stand_beside(shot.frame.arm)
    picture = Picture(shot.robot, camera, width=WIDTH, height=HEIGHT)
    return caption(picture.draw(shot.frame), shot.frame, "A box for the elbow that nobody sees")


def main() -> None:
    """Draw both pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("docs/images"))
    parser.add_argument("--seed", type=int, default=31)
    asked = parser.parse_args()
    for name, (low, high) in WANTED.items():
        image = shoot(find(asked.seed, low, high))
        Image.fromarray(image).save(asked.folder / f"{name}.png", optimize=True)
        print(asked.folder / f"{name}.png")


if __name__ == "__main__":
    main()
