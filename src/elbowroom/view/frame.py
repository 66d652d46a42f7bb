"""What one picture shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Box, Status

Array = NDArray[np.float64]

COLOURS = {
    Status.GUARANTEED: (0.05, 0.60, 0.36),
    Status.UNCALIBRATED: (0.12, 0.45, 0.90),
    Status.PRIOR: (0.95, 0.60, 0.05),
    Status.VOID: (0.86, 0.14, 0.14),
}
"""Colour of a box by what it promises."""


@dataclass(frozen=True)
class Frame:
    """A dressing at one instant, in the world frame.

    Attributes:
        time: since the start [s].
        arm: shoulder, elbow, wrist, fingertips [m], shape (n, 3).
        radii: of the limb at these points [m], shape (n,).
        cloth: triangles [m], shape (m, 3, 3).
        joints: angles of the robot's joints by name [rad].
        elbow: true elbow [m], shape (3,), or None.
        box: published box, or None.
        status: what the box promises.
        path: planned way of the cuff [m], shape (k, 3).
        force: size of the measured force [N].
        caption: one line below the picture.
    """

    time: float
    arm: Array
    radii: Array
    cloth: Array
    joints: Mapping[str, float] = field(default_factory=dict)
    elbow: Array | None = None
    box: Box | None = None
    status: Status = Status.PRIOR
    path: Array = field(default_factory=lambda: np.zeros((0, 3)))
    force: float = 0.0
    caption: str = ""


def frame_of_scene(scene: Any, box: Box | None, status: Status) -> Frame:
    """The present state of a simulated dressing.

    Args:
        scene: see `elbowroom.sim.DressingScene`.
        box: what an estimator says now.
        status: what the box promises.
    """
    from elbowroom.sim.cloth.sleeve import triangles
    from elbowroom.sim.person.limb import hand_radius

    person, sample = scene.person, scene.observe()
    names, angles = scene.robot_joints()
    radii = (person.upper_arm_radius, person.elbow_radius, person.wrist_radius)
    return Frame(
        time=float(sample.stamp),
        arm=scene.arm_points(),
        radii=np.array([*radii, hand_radius(person)]),
        cloth=scene.sleeve_nodes()[triangles()],
        joints=dict(zip(names, np.asarray(angles, dtype=float).tolist(), strict=True)),
        elbow=scene.truth().elbow,
        box=box,
        status=status,
        force=float(np.linalg.norm(sample.wrench.force)),
    )
