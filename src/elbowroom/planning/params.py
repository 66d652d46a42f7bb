"""Parameters of the planners, declared once."""

from __future__ import annotations

from dataclasses import dataclass

from elbowroom.core import ParameterError, param
from elbowroom.planning.safety_params import SafetyParams


@dataclass(frozen=True)
class PlannerParams(SafetyParams):
    """What a planner may do, how carefully, and when it must stop.

    Raises:
        ParameterError: if a value is out of bounds or contradicts another.
    """

    # The pull
    speed: float = param(0.25, "Fastest pull along the path.", unit="m/s", low=0.01, high=0.3)
    speed_slow: float = param(
        0.2,
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

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.width_near >= self.width_far:
            raise ParameterError(
                f"width_near < width_far must hold, got {self.width_near}, {self.width_far}"
            )
        if self.speed_slow > self.speed:
            raise ParameterError(
                f"speed_slow must not exceed speed, got {self.speed_slow} > {self.speed}"
            )
