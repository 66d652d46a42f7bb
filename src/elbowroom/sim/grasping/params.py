"""Settings of the grasping scene, declared once."""

from __future__ import annotations

from dataclasses import dataclass

from elbowroom.core import Params, param


@dataclass(frozen=True)
class GraspSceneParams(Params):
    """Settings of a `GraspScene`."""

    rate: float = param(60.0, "Ticks a second.", unit="Hz", low=30.0, high=240.0)
    substeps: int = param(2, "Steps of the physics within a tick.", low=1, high=16)
    iterations: int = param(20, "Iterations of the contact solver.", low=5, high=200)
    field: tuple[float, ...] = param(
        (0.52, 0.0), "Centre of the field on the table, from the robot's base.", unit="m"
    )
    reach: float = param(0.14, "Half the side of the field.", unit="m", low=0.05, high=0.25)
    margin: float = param(
        0.05, "How far beyond the field the fingers may go.", unit="m", low=0.0, high=0.2
    )
    lowest: float = param(
        0.014, "Least height of the fingers' point over the table.", unit="m", low=0.0, high=0.1
    )
    highest: float = param(
        0.30, "Greatest height of the fingers' point.", unit="m", low=0.1, high=0.6
    )
    lift: float = param(
        0.08, "Rise above its rest that makes an object lifted.", unit="m", low=0.01, high=0.3
    )
