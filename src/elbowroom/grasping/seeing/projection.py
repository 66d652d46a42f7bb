"""Where the camera on the wrist sees a point, and where the ray of a pixel meets a level plane.

The hand is level, its camera is fixed to it. A point p in the hand's level frame (x forward, y
left, z up, from the point between the fingers) is seen by the pinhole camera at c with the axes
R = (right, down, forward) at

    q = R^T (p - c),  (u, v) = (q_0, q_1) / (q_2 t),

with t the tangent of half the field of view: the picture is [-1, 1]^2, and the centre of column j
of n lies at u = (2 j + 1) / n - 1. The hand's height alone says where a level plane lies.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from elbowroom.sim.grasping.camera import FIELD, place_on_wrist

_LEVEL = np.diag([1.0, -1.0, -1.0])
"""Axes of the hand that points down, in its level frame."""
_NEAREST = 1e-3
"""Points less far than this in front of the camera [m] are seen as if they were so far."""


class Projection:
    """The camera on the wrist, in the hand's level frame.

    Attributes:
        centre: of the camera [m], shape (3,).
        axes: right, down and forward as columns, shape (3, 3).
        slope: tangent of half the field of view.
    """

    def __init__(self) -> None:
        centre, axes = place_on_wrist(np.zeros(3), _LEVEL)
        self.centre = torch.from_numpy(centre).float()
        self.axes = torch.from_numpy(axes).float()
        self.slope = math.tan(FIELD / 2)

    def see(self, points: Tensor) -> Tensor:
        """Where points [m], shape (..., 3), are in the picture: (u, v), shape (..., 2)."""
        ray = (points - self.centre) @ self.axes
        return ray[..., :2] / (self.slope * ray[..., 2:].clamp(min=_NEAREST))

    def meet(self, seen: Tensor, height: Tensor) -> Tensor:
        """Where the rays of (u, v) meet a level plane.

        Args:
            seen: shape (..., 2).
            height: of the plane over the point between the fingers, below the camera [m],
                shape (...).

        Returns:
            x and y [m], shape (..., 2).
        """
        right, down = self.slope * seen[..., :1], self.slope * seen[..., 1:]
        ray = right * self.axes[:, 0] + down * self.axes[:, 1] + self.axes[:, 2]
        fall = (height - self.centre[2])[..., None] / ray[..., 2:].clamp(max=-_NEAREST)
        return self.centre[:2] + fall * ray[..., :2]
