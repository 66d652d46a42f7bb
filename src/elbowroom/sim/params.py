"""Every setting of the simulator, declared once."""

from __future__ import annotations

from dataclasses import dataclass

from elbowroom.core import Params, param


@dataclass(frozen=True)
class SimParams(Params):
    """Settings of a `DressingScene`; person, garment and motion are arguments of the scene.

    The defaults of the wrist sensor are those of an OnRobot HEX (noise and quantisation measured
    on public recordings) with the gravity-compensation residual of an ATI Axia80.
    """

    rate: float = param(240.0, "Ticks and samples a second.", unit="Hz", low=60.0, high=1000.0)
    substeps: int = param(12, "Steps of the sleeve within a tick.", low=1, high=200)
    settle_time: float = param(
        0.4, "Unrecorded time in which the sleeve hangs itself up.", unit="s", low=0.0, high=5.0
    )
    max_duration: float = param(
        30.0, "Longest dressing; a step beyond it is refused.", unit="s", low=0.1, high=600.0
    )
    garment_model: str = param(
        "tube",
        "Cloth model: own mass-spring tube, or the deformable cloth of Bullet as a cross-check.",
        choices=("tube", "bullet"),
    )
    lead: float = param(
        0.05, "Way of the cuff past the knuckles at the start.", unit="m", low=0.0, high=0.08
    )
    grip_hold: float = param(
        11.0,
        "Pull at which the cloth slides between the fingers: twice the grip force times the "
        "coefficient of friction. The last, passive line of safety.",
        unit="N",
        low=0.5,
        high=1e6,
    )
    length_error: float = param(
        0.005, "Standard deviation of measured arm lengths.", unit="m", low=0.0, high=0.05
    )
    noise_force: tuple[float, ...] = param(
        (0.03, 0.03, 0.1), "White force noise of the sensor's axes.", unit="N", low=0.0, high=10.0
    )
    noise_torque: tuple[float, ...] = param(
        (0.0015, 0.0015, 0.0015), "White torque noise.", unit="N m", low=0.0, high=1.0
    )
    quantum_force: tuple[float, ...] = param(
        (0.024, 0.024, 0.13), "Resolution of force; 0 for none.", unit="N", low=0.0, high=5.0
    )
    quantum_torque: tuple[float, ...] = param(
        (0.001, 0.001, 0.001), "Resolution of torque; 0 for none.", unit="N m", low=0.0, high=1.0
    )
    bias_force: float = param(
        0.1, "Standard deviation of each axis' constant offset.", unit="N", low=0.0, high=5.0
    )
    bias_torque: float = param(
        0.005, "Standard deviation of each axis' constant offset.", unit="N m", low=0.0, high=1.0
    )
    drift_force: float = param(
        0.0015, "Standard deviation of each axis' drift rate.", unit="N/s", low=0.0, high=0.5
    )
    compensation_mass: float = param(
        0.02, "Standard deviation of the hand mass assumed too large.", unit="kg", low=0.0, high=0.5
    )
    compensation_offset: float = param(
        0.002, "Standard deviation of the assumed hand centre.", unit="m", low=0.0, high=0.05
    )
    saturation_force: float = param(
        200.0, "Force at which an axis saturates.", unit="N", low=1.0, high=1000.0
    )
    saturation_torque: float = param(
        10.0, "Torque at which an axis saturates.", unit="N m", low=0.1, high=100.0
    )
    camera_rate: float = param(30.0, "Images a second.", unit="Hz", low=1.0, high=240.0)
    camera_slow_time: float = param(
        2.0, "Correlation time of the slow camera error.", unit="s", low=0.01, high=100.0
    )
    shoulder_noise: float = param(
        0.0057, "White error of the seen shoulder (3-D rms).", unit="m", low=0.0, high=0.1
    )
    shoulder_slow: float = param(
        0.0057, "Slow error of the seen shoulder (3-D rms).", unit="m", low=0.0, high=0.1
    )
    sighting_noise: float = param(
        0.008, "White error of the elbow sighting (3-D rms).", unit="m", low=0.0, high=0.1
    )
    sighting_time: float = param(
        0.25, "Time until robot and garment hide the elbow.", unit="s", low=0.0, high=600.0
    )
    wrist_noise: float = param(
        0.008, "White error of the seen wrist (3-D rms).", unit="m", low=0.0, high=0.1
    )
    wrist_slow: float = param(
        0.006, "Slow error of the seen wrist (3-D rms).", unit="m", low=0.0, high=0.1
    )
    wrist_visible: str = param(
        "half", "How much of the time the wrist is seen.", choices=("never", "half", "always")
    )
    progress_noise: float = param(
        0.01, "White error of the cuff's seen way along the arm.", unit="m", low=0.0, high=0.2
    )
    progress_bias: float = param(
        0.005, "Standard deviation of its constant offset.", unit="m", low=0.0, high=0.2
    )
    progress_visible: str = param(
        "half", "How much of the time it is seen.", choices=("never", "half", "always")
    )
    effort_rate: float = param(
        60.0, "Readings of the joint torques a second.", unit="Hz", low=1.0, high=1000.0
    )
    effort_noise: float = param(
        0.3, "White error of each joint's external torque.", unit="N m", low=0.0, high=20.0
    )
    effort_bias: float = param(
        0.3,
        "Standard deviation of its constant offset (friction, imperfect gravity compensation).",
        unit="N m",
        low=0.0,
        high=20.0,
    )
    effort_visible: str = param(
        "half", "How much of the time it is reported.", choices=("never", "half", "always")
    )
    hand_hidden: bool = param(
        True,
        "Whether the sleeve hides the wrist until the hand has come out of it; not so for a "
        "marker or a tracker worn on the hand.",
    )
    passed_margin: float = param(
        0.03, "Way of the cuff beyond the elbow that counts as past.", unit="m", low=0.0, high=0.2
    )
    robot_base: tuple[float, ...] = param(
        (0.50, -0.55, 0.55),
        "Base of the robot for a right arm (mirrored for a left one), shoulder at (0, 0, 1).",
        unit="m",
        low=-2.0,
        high=2.0,
    )
