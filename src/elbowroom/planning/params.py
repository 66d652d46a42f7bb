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
    speed: float = param(0.2, "Fastest pull along the path.", unit="m/s", low=0.01, high=0.3)
    speed_slow: float = param(
        0.14,
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

    # The cuff in the gripper
    cuff_offset: tuple[float, ...] = param(
        (0.0, 0.0, 0.065),
        "Centre of the cuff's ring as seen from the grip, in the gripper's axes.",
        unit="m",
        low=-0.15,
        high=0.15,
    )
    ring_stiffness: float = param(
        100.0,
        "How stiffly the fingers hold the ring: its centre trails behind by force over this.",
        unit="N/m",
        low=20.0,
        high=1e5,
    )
    ring_trail: float = param(
        0.05, "Farthest that the ring is believed to trail.", unit="m", low=0.0, high=0.2
    )
    look_time: float = param(
        0.12, "How long wrist and box are looked at before the pull.", unit="s", low=0.0, high=5.0
    )
    turn_share: float = param(
        1.0, "Share of the way's turning that the gripper follows.", low=0.0, high=1.0
    )
    roll_limit: float = param(
        1.3,
        "Farthest that the gripper rolls round the arm, away from the inside of the bend.",
        unit="rad",
        low=0.0,
        high=3.0,
    )
    roll_clear: float = param(
        1.3,
        "Angle between the grip and the inside of the bend from which no roll is needed.",
        unit="rad",
        low=0.0,
        high=3.2,
    )
    turn_gain: float = param(
        4.0,
        "Turning speed for each radian between the cuff's axis and the way.",
        unit="1/s",
        low=0.0,
        high=50.0,
    )
    turn_speed: float = param(
        2.0, "Fastest turning of the gripper.", unit="rad/s", low=0.0, high=5.0
    )

    # The way round the elbow
    offset: float = param(
        0.01,
        "How far outside a right-angled elbow's centre the way passes.",
        unit="m",
        low=-0.05,
        high=0.15,
    )
    offset_limit: float = param(
        0.03, "Farthest that the way passes outside, whatever the box.", unit="m", low=0.0, high=0.2
    )
    box_share: float = param(
        0.15,
        "Share of the box's outward half width that the way is moved outside.",
        low=0.0,
        high=1.0,
    )
    rounding: float = param(
        0.11,
        "How far from the elbow the way leaves the arm's centre line.",
        unit="m",
        low=0.01,
        high=0.25,
    )
    slip: float = param(
        0.015,
        "How far the ring may pass inside of the arm's centre line.",
        unit="m",
        low=0.0,
        high=0.1,
    )
    give: float = param(
        0.06,
        "Farthest of the ring's centre from the arm's centre line below the comfort force.",
        unit="m",
        low=0.0,
        high=0.2,
    )

    # The program
    plan_every: int = param(12, "Samples between two plans.", low=1, high=1000)
    plan_age: float = param(
        0.15,
        "A plan older than this is made anew, however few samples have come since.",
        unit="s",
        low=0.01,
        high=1.0,
    )
    stages: int = param(10, "Stages of the horizon.", low=3, high=50)
    stage_time: float = param(0.1, "Time between two stages.", unit="s", low=0.01, high=1.0)
    smoothness: float = param(
        1.0, "Weight of a change of stride against a distance from the way.", low=0.0, high=1e4
    )
    slack_weight: float = param(
        30.0, "Weight of a violated clearance against a distance from the way.", low=0.1, high=1e5
    )
    workspace_low: tuple[float, ...] = param(
        (-0.8, -1.0, 0.3), "Lower corner of where the cuff may go.", unit="m", low=-5.0, high=5.0
    )
    workspace_high: tuple[float, ...] = param(
        (1.2, 1.0, 1.9), "Upper corner of where the cuff may go.", unit="m", low=-5.0, high=5.0
    )
    robot_base: tuple[float, ...] = param(
        (0.45, -0.32, 0.93),
        "The robot's shoulder, from which its reach counts.",
        unit="m",
        low=-5.0,
        high=5.0,
    )
    robot_reach: float = param(0.85, "Reach of the robot.", unit="m", low=0.1, high=3.0)

    # The speed law
    width_near: float = param(
        0.15, "Box width up to which the pull has full speed.", unit="m", low=0.0, high=1.0
    )
    width_far: float = param(
        0.50, "Box width from which the pull is slow.", unit="m", low=0.01, high=2.0
    )

    # Snags
    snag_force: float = param(
        6.0,
        "Filtered force above which no progress counts as a snag.",
        unit="N",
        low=0.5,
        high=50.0,
    )
    snag_time: float = param(
        0.35, "How long a snag lasts before the cuff retreats.", unit="s", low=0.05, high=10.0
    )
    snag_progress: float = param(
        0.01, "Least progress along the way within snag_time.", unit="m", low=0.0, high=0.1
    )
    retreat: float = param(
        0.05, "How far the cuff goes back along the way after a snag.", unit="m", low=0.0, high=0.2
    )
    retreat_speed: float = param(0.15, "Speed of a retreat.", unit="m/s", low=0.01, high=0.3)
    retreats: int = param(6, "Snags after which the planner waits for help.", low=0, high=100)

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
        7.5,
        "Hardly filtered force from which the gripper gives way softly in every direction.",
        unit="N",
        low=0.5,
        high=50.0,
    )
    yield_damping: float = param(
        20.0,
        "Damping against the force in excess of yield_force: how softly the gripper gives way.",
        unit="N s/m",
        low=5.0,
        high=1000.0,
    )
    yield_cutoff: float = param(
        60.0, "Cut-off of the low-pass for giving way.", unit="Hz", low=0.5, high=120.0
    )
    yield_lead: float = param(
        0.004,
        "How far ahead the force for giving way is extrapolated, which makes up for the delays of "
        "sensor and motors.",
        unit="s",
        low=0.0,
        high=0.1,
    )
    force_slow: float = param(
        5.0, "Filtered force from which the reference slows down.", unit="N", low=0.5, high=50.0
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
        0.5,
        "Share of the arm's own velocity at the cuff that the gripper goes along with.",
        low=0.0,
        high=1.0,
    )
    follow_cutoff: float = param(
        4.0,
        "Cut-off of the low-pass on the elbow's and the shoulder's velocity.",
        unit="Hz",
        low=0.1,
        high=30.0,
    )
    follow_speed: float = param(
        0.8, "Fastest arm that the gripper goes along with.", unit="m/s", low=0.0, high=2.0
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
        if self.width_near >= self.width_far:
            raise ParameterError(
                f"width_near < width_far must hold, got {self.width_near}, {self.width_far}"
            )
        if self.speed_slow > self.speed:
            raise ParameterError(
                f"speed_slow must not exceed speed, got {self.speed_slow} > {self.speed}"
            )
