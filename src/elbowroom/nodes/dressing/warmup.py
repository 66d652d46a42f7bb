"""A made-up dressing, stepped over before the real one so that nothing is slow the first time.

Compiled kernels are loaded and optimisers are set up in the first steps; at sensor rate that
would make the first measurements late.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from elbowroom.core import JOINTS, ArmMeasurement, Box, Estimate, Pose, Sample, Status, Wrench

ARM = ArmMeasurement(0.30, 0.26)
PERIOD = 1 / 240
_SHOULDER = np.array([0.0, 0.0, 1.0])
_ELBOW = np.array([0.30, 0.0, 1.0])
_WRIST = np.array([0.55, -0.07, 1.0])
_START = np.array([0.60, -0.09, 1.06])
_SPEED = np.array([-0.12, 0.03, 0.0])
_FORCE = np.array([0.8, -0.2, 0.1])
_CAMERA = 8


def rehearse(count: int) -> Iterator[tuple[Sample, Estimate]]:
    """Samples of a cuff drawn from the hand towards the elbow, with a box about the elbow."""
    for k in range(count):
        stamp, seen = 1.0 + k * PERIOD, k % _CAMERA == 0
        sample = Sample(
            stamp=stamp,
            wrench=Wrench(_FORCE, np.zeros(3)),
            gripper=Pose(_START + k * PERIOD * _SPEED),
            shoulder=_SHOULDER if seen else None,
            sighting=_ELBOW if seen and k < count // 4 else None,
            wrist=_WRIST if seen else None,
            progress=0.1 if seen else None,
            effort=np.zeros(JOINTS) if seen else None,
        )
        yield sample, Estimate(stamp, Box(_ELBOW, np.full(3, 0.1)), Status.UNCALIBRATED, _ELBOW)
