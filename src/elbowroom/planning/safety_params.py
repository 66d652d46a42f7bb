"""Parameters of whatever keeps a plan's force and inputs in bounds, declared once."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from elbowroom.core import ParameterError, Params, param


@dataclass(frozen=True)
class SafetyParams(Params):
    """When a planner gives way, slows down and stops.

    Raises:
        ParameterError: if a value is out of bounds or the force thresholds are out of order.
    """

    # The admittance
    damping: float = param(
        110.0,
        "D of v = v_ref + F / D: how stiffly the gripper holds its reference.",
        unit="N s/m",
        low=20.0,
        high=1000.0,
    )
    damping_across: float = param(
        20.0,
        "Damping across the way: how softly the ring centres itself on the arm.",
        unit="N s/m",
        low=5.0,
        high=1000.0,
    )
    speed_across: float = param(
        0.04,
        "Fastest planned motion across the way, against which the cloth can hold its own.",
        unit="m/s",
        low=0.005,
        high=0.5,
    )
    force_cutoff: float = param(
        6.0, "Cut-off of the low-pass on the wrist force.", unit="Hz", low=0.5, high=60.0
    )
    yield_force: float = param(
        7.0,
        "Hardly filtered force from which the gripper gives way softly in every direction.",
        unit="N",
        low=0.5,
        high=50.0,
    )
    yield_damping: float = param(
        12.0,
        "Damping against the force in excess of yield_force: how softly the gripper gives way.",
        unit="N s/m",
        low=5.0,
        high=1000.0,
    )
    yield_cutoff: float = param(
        60.0, "Cut-off of the low-pass for giving way.", unit="Hz", low=0.5, high=120.0
    )
    yield_lead: float = param(
        0.008,
        "How far ahead the force for giving way is extrapolated, which makes up for the delays of "
        "sensor and motors.",
        unit="s",
        low=0.0,
        high=0.1,
    )
    persist_gain: float = param(
        3.0,
        "How much more softly the gripper gives way to an excess that lasts: the arm goes on "
        "moving.",
        low=0.0,
        high=20.0,
    )
    persist_cutoff: float = param(
        1.0,
        "Cut-off of the low-pass that tells a lasting excess.",
        unit="Hz",
        low=0.05,
        high=20.0,
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
        1.2, "Fastest motion of the gripper, giving way included.", unit="m/s", low=0.01, high=2.0
    )
    follow_share: float = param(
        1.0,
        "Share of the arm's own velocity at the cuff that the gripper goes along with.",
        low=0.0,
        high=1.0,
    )
    follow_cutoff: float = param(
        6.0,
        "Cut-off of the low-pass on the elbow's and the shoulder's velocity.",
        unit="Hz",
        low=0.1,
        high=30.0,
    )
    follow_speed: float = param(
        0.8, "Fastest arm that the gripper goes along with.", unit="m/s", low=0.0, high=2.0
    )

    # The grip
    slip_force: float = param(
        9.0,
        "Force from which the cloth may have slid between the fingers.",
        unit="N",
        low=0.5,
        high=50.0,
    )
    slack_force: float = param(
        0.5, "Force below which nothing hangs from the fingers.", unit="N", low=0.0, high=5.0
    )
    slack_time: float = param(
        0.6,
        "After such a strain the cloth has slipped from the fingers when the force has been slack "
        "for this long.",
        unit="s",
        low=0.05,
        high=10.0,
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
    least_side: float = param(
        1e-4,
        "A box with a shorter side has shrunk to nothing: no measurement is that good.",
        unit="m",
        low=0.0,
        high=0.1,
    )
    elbow_speed: float = param(
        3.0,
        "An elbow faster than this is not believed: boxes that demand it have jumped.",
        unit="m/s",
        low=0.1,
        high=20.0,
    )
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
