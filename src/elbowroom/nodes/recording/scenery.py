"""Puts messages together to what a picture shows."""

from __future__ import annotations

from typing import Any

import numpy as np

from elbowroom.core import Estimate, InputError, PlanMode, Status
from elbowroom.core.types import Array
from elbowroom.nodes.messages import convert
from elbowroom.view.frame import Frame

TOPICS = (
    "arm_markers",
    "sleeve_markers",
    "joint_states",
    "elbow_box",
    "truth/elbow",
    "plan",
    "plan_state",
    "wrench",
)
"""Topics that a scenery takes in."""


class Scenery:
    """The newest of everything that is drawn.

    Args:
        world: name of the fixed frame.
    """

    def __init__(self, world: str = "world") -> None:
        self._world = world
        self._estimate: Estimate | None = None
        self._arm, self._radii = np.zeros((0, 3)), np.zeros(0)
        self._cloth, self._path = np.zeros((0, 3, 3)), np.zeros((0, 3))
        self._joints: dict[str, float] = {}
        self._elbow: Array | None = None
        self._force, self._caption = 0.0, ""
        self._stamp = 0.0

    def take(self, topic: str, message: Any) -> Frame | None:
        """Take a message in; a frame when a new sleeve was drawn and the arm is known.

        Args:
            topic: one of `TOPICS`; others are left out.
            message: of the topic's type; a mangled one is left out.
        """
        reader = getattr(self, "_take_" + topic.replace("/", "_"), None)
        if reader is None:
            return None
        try:
            reader(message)
        except InputError:
            return None
        drawn = topic == "sleeve_markers" and len(self._arm) > 0
        return self.frame() if drawn else None

    def frame(self) -> Frame:
        """What is known now."""
        estimate = self._estimate
        return Frame(
            time=self._stamp,
            arm=self._arm,
            radii=self._radii,
            cloth=self._cloth,
            joints=self._joints,
            elbow=self._elbow,
            box=estimate.box if estimate else None,
            status=estimate.status if estimate else Status.PRIOR,
            path=self._path,
            force=self._force,
            caption=self._caption,
        )

    def _take_arm_markers(self, message: Any) -> None:
        balls = [m for m in message.markers if m.ns == "joints"]
        self._arm = np.array([_xyz(m.pose.position) for m in balls]).reshape(-1, 3)
        self._radii = np.array([m.scale.x / 2 for m in balls])

    def _take_sleeve_markers(self, message: Any) -> None:
        for marker in message.markers:
            self._stamp = convert.seconds(marker.header.stamp)
            corners = np.array([_xyz(p) for p in marker.points])
            self._cloth = corners.reshape(-1, 3, 3)

    def _take_joint_states(self, message: Any) -> None:
        self._joints = dict(zip(message.name, message.position, strict=True))

    def _take_elbow_box(self, message: Any) -> None:
        self._estimate = convert.read_box(message, self._world)

    def _take_truth_elbow(self, message: Any) -> None:
        self._elbow = convert.read_point(message, self._world)

    def _take_plan(self, message: Any) -> None:
        path = [_xyz(pose.pose.position) for pose in message.poses]
        self._path = np.array(path).reshape(-1, 3)

    def _take_plan_state(self, message: Any) -> None:
        mode = PlanMode(message.state).name.lower()
        self._caption = ": ".join(words for words in (mode, message.reason) if words)

    def _take_wrench(self, message: Any) -> None:
        self._force = float(np.linalg.norm(convert.read_wrench(message).force))


def _xyz(value: Any) -> tuple[float, float, float]:
    return value.x, value.y, value.z
