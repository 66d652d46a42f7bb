"""Where the shoulder's range of motion lets an elbow be, as seen from the shoulder."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import Params, param

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TrunkParams(Params):
    """How the person sits, if that is known, and how far a shoulder goes."""

    trunk_known: bool = param(False, "whether the trunk's heading is known; no joint limit without")
    heading: float = param(
        0.0, "where the chest faces, about the vertical from x", unit="rad", low=-3.2, high=3.2
    )
    heading_error: float = param(
        0.4, "farthest that the trunk may be turned from it", unit="rad", low=0.0, high=1.6
    )
    side: str = param("right", "arm that is dressed", choices=("right", "left"))
    extension: float = param(
        1.05, "farthest of the upper arm behind the frontal plane", unit="rad", low=0.0, high=1.6
    )
    adduction: float = param(
        0.87, "farthest of the upper arm across the chest", unit="rad", low=0.0, high=1.6
    )


def reach_factors(trunk: TrunkParams) -> tuple[Array, Array]:
    """How far an upper arm of length 1 goes along -x, -y, -z and along +x, +y, +z, shapes (3,).

    A shoulder extends by some 60 degrees and adducts across the chest by some 50 (ranges of motion
    of Norkin and White, Measurement of Joint Motion, 5th ed. 2016), so a direction u from shoulder
    to elbow stays, up to a turn of the trunk by `heading_error`, in

        backward . u <= sin(extension),   medial . u <= sin(adduction).

    The farthest along a unit axis d under n . u <= sin(l) is cos((pi/2 - l - phi)+), where phi is
    the angle between d and n; a turn of n by e is the same as a limit l + e.
    """
    low, high = np.ones(3), np.ones(3)
    if not trunk.trunk_known:
        return low, high
    ahead = np.array([math.cos(trunk.heading), math.sin(trunk.heading), 0.0])
    left = np.array([-ahead[1], ahead[0], 0.0])
    medial = left if trunk.side == "right" else -left
    for normal, limit in ((-ahead, trunk.extension), (medial, trunk.adduction)):
        apart = 0.5 * math.pi - limit - trunk.heading_error
        for sign, factors in ((-1.0, low), (1.0, high)):
            phi = np.arccos(np.clip(sign * normal, -1.0, 1.0))
            np.minimum(factors, np.cos(np.maximum(apart - phi, 0.0)), out=factors)
    return low, high
