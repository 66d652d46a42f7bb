"""From the shapes that detectors name to those that the policies were trained on."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from elbowroom.core import Pose
from elbowroom.nodes.grasping.view import Seen

_SQUARE = 0.005
"""Level extents [m] that differ by less are equal: detectors err."""


def recognise(seen: Seen) -> Seen:
    """The object by a shape of this package; one of another word is left as it is.

    A sphere is a ball. A box with equal level extents is a cube. Any other box is a bar, whose
    longer level extent lies along its first axis: where it does not, both are exchanged and the
    pose is turned by a quarter about the third axis.
    """
    if seen.shape == "sphere":
        return replace(seen, shape="ball")
    if seen.shape != "box":
        return seen
    x, y, z = np.asarray(seen.size, float).tolist()
    if abs(x - y) < _SQUARE:
        side = (x + y) / 2
        return replace(seen, shape="cube", size=np.array([side, side, z]))
    if x < y:
        return replace(seen, shape="bar", size=np.array([y, x, z]), pose=_quarter(seen.pose))
    return replace(seen, shape="bar")


def _quarter(pose: Pose) -> Pose:
    x, y, z, w = pose.orientation
    # The product with (0, 0, s, s), s the root of 1/2: a turn about the object's own third axis.
    turned = math.sqrt(0.5) * np.array([x + y, y - x, z + w, w - z])
    return Pose(pose.position, turned)
