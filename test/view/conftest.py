"""A frame and a short recorded dressing without a simulator."""

from __future__ import annotations

import numpy as np
import pytest

from elbowroom.campaign.track import EstimateTrack
from elbowroom.core import Box, Status, Trial
from elbowroom.view.frame import Frame

ARM = np.array([[0.0, 0.0, 1.0], [0.2, -0.1, 0.85], [0.42, 0.0, 0.9], [0.5, 0.0, 0.9]])


@pytest.fixture
def frame():
    angle = np.linspace(0, 2 * np.pi, 9)[:-1]
    ring = 0.06 * np.stack([np.zeros(8), np.cos(angle), np.sin(angle)], axis=1)
    near, far = ring + [0.40, 0, 0.9], ring + [0.5, 0, 0.9]
    cloth = [[near[i], near[i - 1], far[i]] for i in range(8)]
    cloth += [[near[i - 1], far[i - 1], far[i]] for i in range(8)]
    return Frame(
        time=0.5,
        arm=ARM,
        radii=np.array([0.045, 0.038, 0.03, 0.035]),
        cloth=np.array(cloth),
        elbow=ARM[1],
        box=Box(ARM[1], np.array([0.12, 0.1, 0.14])),
        status=Status.GUARANTEED,
        path=np.array([[0.4, 0, 0.9], [0.2, -0.1, 0.85]]),
        caption="following",
    )


@pytest.fixture
def dressing():
    """A trial of 1 s and boxes over it that miss the elbow in the last quarter."""
    steps = 61
    time = np.linspace(5.0, 6.0, steps)
    still = np.repeat(ARM[:3], steps, axis=0).reshape(3, steps, 3)
    force = np.stack([np.sin(time), np.zeros(steps), np.ones(steps)], axis=1)
    upright = np.tile([0.0, 0.0, 0.0, 1.0], (steps, 1))
    trial = Trial(
        time=time,
        force=force,
        torque=force,
        gripper_position=still[2],
        gripper_orientation=upright,
        shoulder=still[0],
        sighting=np.full((steps, 3), np.nan),
        wrist=np.full((steps, 3), np.nan),
        true_elbow=still[1],
        true_shoulder=still[0],
        true_wrist=still[2],
        true_force=force + 0.1,
        true_progress=np.linspace(0, 0.4, steps),
        true_threaded=np.ones(steps),
        facts={"forearm": 0.25, "upper_arm": 0.28},
    )
    centre = still[1].copy()
    centre[45:] += 0.2
    size = np.full((steps, 3), 0.12)
    ones = np.ones(steps)
    track = EstimateTrack(time, centre, size, upright, centre, ones, 0.05 * ones, 100 * ones)
    return trial, track
