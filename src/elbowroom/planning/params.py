"""Parameters of the planners, declared once."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from elbowroom.core import ParameterError, Params, param


@dataclass(frozen=True)
class PlannerParams(Params):
    """What a planner may do, how carefully, and when it must stop.

    Raises:
        ParameterError: if a value is out of bounds or the force thresholds are out of order.
    """

    # The pull
    speed: float = param(0.14, "Fastest pull along the path.", unit="m/s", low=0.01, high=0.3)
    speed_slow: float = param(
        0.05,
        "Pull when the box says little or the inputs are doubtful.",
        unit="m/s",
        low=0.005,
        high=0.3,
    )
    acceleration: float = param(
        0.8, "Greatest acceleration of the reference.", unit="m/s^2", low=0.05, high=5.0
    )
    done_distance: float = param(
        0.08,
        "The dressing is done when the cuff is this near to the shoulder joint.",
        unit="m",
        low=0.02,
        high=0.3,
    )
    cuff_offset: tuple[float, float, float] = param(
        (0.0, 0.0, 0.0),
        "Centre of the cuff's ring as seen from the grip, in the gripper's axes.",
        unit="m",
        low=-0.15,
        high=0.15,
    )

    # The admittance
    damping: float = param(
        110.0,
        "D of v = v_ref + F / D: how stiffly the gripper holds its reference.",
        unit="N s/m",
        low=20.0,
        high=1000.0,
    )
    force_cutoff: float = param(
        6.0, "Cut-off of the low-pass on the wrist force.", unit="Hz", low=0.5, high=60.0
    )
    force_slow: float = param(
        6.0, "Filtered force from which the reference slows down.", unit="N", low=0.5, high=50.0
    )
    force_zero: float = param(
        10.0,
        "Filtered force at which the reference has slowed to nothing.",
        unit="N",
        low=1.0,
        high=50.0,
    )
    force_limit: float = param(
        12.0,
        "Hard limit: at this force, filtered or not, the pull stops.",
        unit="N",
        low=1.0,
        high=60.0,
    )
    force_resume: float = param(
        4.0,
        "After a force stop the pull goes on below this filtered force.",
        unit="N",
        low=0.1,
        high=50.0,
    )
    yield_speed: float = param(
        0.25,
        "Fastest motion by which the gripper gives way to a force.",
        unit="m/s",
        low=0.01,
        high=1.0,
    )

    # The envelope
    wrench_age: float = param(
        0.04, "A wrench older than this is lost.", unit="s", low=0.001, high=1.0
    )
    gripper_age: float = param(
        0.04, "A gripper pose older than this is lost.", unit="s", low=0.001, high=1.0
    )
    shoulder_age: float = param(
        0.5, "A shoulder sighting older than this is lost.", unit="s", low=0.01, high=5.0
    )
    box_age: float = param(0.04, "A box older than this is stale.", unit="s", low=0.001, high=1.0)
    resume_hold: float = param(
        0.1,
        "A stop lasts until its cause has been absent for this long.",
        unit="s",
        low=0.0,
        high=5.0,
    )
    accept_uncalibrated: bool = param(
        True, "Whether a box without measured coverage (UNCALIBRATED) may be planned on."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        order = ("force_resume", "force_slow", "force_zero", "force_limit")
        values = [getattr(self, name) for name in order]
        if any(a >= b for a, b in itertools.pairwise(values)):
            raise ParameterError(f"{' < '.join(order)} must hold, got {values}")
        if self.speed_slow > self.speed:
            raise ParameterError(
                f"speed_slow must not exceed speed, got {self.speed_slow} > {self.speed}"
            )
