"""Messages to the package's types and back; only this and `convert_optional` know both.

Reading refuses: a message in another frame than the one asked for, or with a number that is not
finite, raises `InputError` and never becomes a value. Writing copies the stamp of the measurement.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from geometry_msgs.msg import (
    Point,
    PointStamped,
    PoseStamped,
    Quaternion,
    TwistStamped,
    Vector3,
    WrenchStamped,
)
from nav_msgs.msg import Path
from sensor_msgs.msg import JointState
from std_msgs.msg import Header

from elbowroom.core import (
    ArmMeasurement,
    Box,
    Command,
    Estimate,
    InputError,
    PlanReport,
    Pose,
    Status,
    Truth,
    Wrench,
    matrix_from_quaternion,
)
from elbowroom.core.types import Array
from elbowroom.msg import ArmMeasurement as ArmMeasurementMsg
from elbowroom.msg import ElbowBox, PlanState, SleeveState

_NANO = 1_000_000_000


def seconds(stamp: Time) -> float:
    """A stamp as a number [s]."""
    return stamp.sec + stamp.nanosec / _NANO


def time_message(stamp: float) -> Time:
    """A time [s] as a stamp.

    Raises:
        InputError: if `stamp` is negative or not finite.
    """
    if not (math.isfinite(stamp) and stamp >= 0):
        raise InputError(f"a stamp must be finite and not negative, got {stamp}")
    sec, nanosec = divmod(round(stamp * _NANO), _NANO)
    return Time(sec=sec, nanosec=nanosec)


def header(stamp: Time, frame: str) -> Header:
    """A header with this very stamp."""
    return Header(stamp=stamp, frame_id=frame)


def read_point(message: PointStamped, frame: str) -> Array:
    """A position [m] in `frame`, shape (3,)."""
    _require_frame(message.header.frame_id, frame)
    return _finite("a position", _xyz(message.point))


def read_pose(message: PoseStamped, frame: str) -> Pose:
    """A pose in `frame`; the quaternion is normalised."""
    _require_frame(message.header.frame_id, frame)
    turn = message.pose.orientation
    quaternion = np.array([turn.x, turn.y, turn.z, turn.w])
    length = float(np.linalg.norm(quaternion))
    if not 0.9 <= length <= 1.1:
        raise InputError(f"an orientation must be a unit quaternion, got length {length:.3g}")
    return Pose(_finite("a position", _xyz(message.pose.position)), quaternion / length)


def read_wrench(message: WrenchStamped) -> Wrench:
    """A wrench in the axes of the message's own frame."""
    force, torque = _xyz(message.wrench.force), _xyz(message.wrench.torque)
    return Wrench(_finite("a force", force), _finite("a torque", torque))


def turn_wrench(wrench: Wrench, rotation: Array) -> Wrench:
    """The same wrench in other axes, v' = R v about the same origin; R of shape (3, 3)."""
    return Wrench(rotation @ wrench.force, rotation @ wrench.torque)


def read_arm(message: ArmMeasurementMsg) -> ArmMeasurement:
    """Segment lengths; refuses what no human arm has, and errors that were left at 0."""
    numbers = (message.upper_arm, message.forearm, message.upper_arm_error, message.forearm_error)
    _finite("an arm measurement", np.array(numbers))
    if min(numbers) <= 0:
        raise InputError(f"lengths and their errors must be positive, got {numbers}")
    return ArmMeasurement(*numbers)


def read_command(message: TwistStamped, frame: str) -> Command:
    """A gripper velocity in `frame`."""
    _require_frame(message.header.frame_id, frame)
    linear, angular = _xyz(message.twist.linear), _xyz(message.twist.angular)
    return Command(_finite("a velocity", linear), _finite("an angular velocity", angular))


def read_box(message: ElbowBox, frame: str) -> Estimate:
    """An estimate as received; refuses boxes that are not finite."""
    _require_frame(message.header.frame_id, frame)
    turn = message.orientation
    quaternion = np.array([turn.x, turn.y, turn.z, turn.w])
    box = Box(_xyz(message.centre), _xyz(message.size), quaternion)
    if not box.is_finite() or not 0.9 <= float(np.linalg.norm(quaternion)) <= 1.1:
        raise InputError("a box must be finite with a unit quaternion and sides >= 0")
    return Estimate(
        stamp=seconds(message.header.stamp),
        box=box,
        status=_status(message.status),
        point=box.centre,
        delta=1.0 if math.isnan(message.delta) else message.delta,
        people=message.people,
        unit=message.unit,
        rule=message.rule,
        group=message.group,
        reason=message.reason,
        method=message.method,
        version=message.model_version,
    )


def point_message(head: Header, position: Array) -> PointStamped:
    """A position [m], shape (3,)."""
    return PointStamped(header=head, point=_point(position))


def pose_message(head: Header, pose: Pose) -> PoseStamped:
    """A pose."""
    message = PoseStamped(header=head)
    message.pose.position = _point(pose.position)
    message.pose.orientation = _quaternion(pose.orientation)
    return message


def wrench_message(head: Header, wrench: Wrench) -> WrenchStamped:
    """A wrench, in the axes that the header names."""
    message = WrenchStamped(header=head)
    message.wrench.force, message.wrench.torque = _vector(wrench.force), _vector(wrench.torque)
    return message


def wrench_in_gripper(wrench: Wrench, pose: Pose) -> Wrench:
    """A world wrench in the gripper's axes, as a wrist sensor reports it."""
    return turn_wrench(wrench, matrix_from_quaternion(pose.orientation).T)


def arm_message(head: Header, arm: ArmMeasurement) -> ArmMeasurementMsg:
    """Segment lengths."""
    return ArmMeasurementMsg(
        header=head,
        upper_arm=float(arm.upper_arm),
        forearm=float(arm.forearm),
        upper_arm_error=float(arm.upper_arm_error),
        forearm_error=float(arm.forearm_error),
    )


def command_message(head: Header, command: Command) -> TwistStamped:
    """A gripper velocity."""
    message = TwistStamped(header=head)
    message.twist.linear = _vector(command.linear)
    message.twist.angular = _vector(command.angular)
    return message


def box_message(head: Header, estimate: Estimate, now: float) -> ElbowBox:
    """An estimate as published; `now` is the node's clock [s].

    The promise (delta, people, rule) is filled in for a GUARANTEED box only, so that no other box
    can be mistaken for one.
    """
    lower, upper = estimate.box.hull
    promised = estimate.status is Status.GUARANTEED
    return ElbowBox(
        header=head,
        centre=_point(estimate.box.centre),
        size=_vector(estimate.box.size),
        orientation=_quaternion(estimate.box.orientation),
        hull_min=_point(lower),
        hull_max=_point(upper),
        volume=estimate.box.volume,
        age=now - seconds(head.stamp),
        delta=float(estimate.delta) if promised else math.nan,
        people=int(estimate.people) if promised else 0,
        unit=estimate.unit,
        rule=estimate.rule if promised else "",
        group=estimate.group if promised else "",
        status=int(estimate.status),
        reason=estimate.reason,
        method=estimate.method,
        model_version=estimate.version,
    )


def plan_message(head: Header, report: PlanReport) -> Path:
    """The planned positions of the cuff."""
    upright = Quaternion(w=1.0)
    path = Path(header=head)
    for position in report.path:
        pose = PoseStamped(header=head)
        pose.pose.position, pose.pose.orientation = _point(position), upright
        path.poses.append(pose)
    return path


def plan_state_message(head: Header, report: PlanReport) -> PlanState:
    """What the planner decided and why."""
    clearance = float(report.clearance)
    return PlanState(
        header=head,
        state=int(report.mode),
        reason=report.reason,
        speed_limit=float(report.speed_limit),
        progress=float(report.progress),
        force=float(report.force),
        clearance=clearance if math.isfinite(clearance) else math.nan,
        solve_time=float(report.solve_time),
        active_constraints=list(report.active_constraints),
    )


def sleeve_message(head: Header, truth: Truth) -> SleeveState:
    """Where the sleeve truly is."""
    return SleeveState(
        header=head,
        progress=float(truth.progress),
        threaded=bool(truth.threaded),
        past_elbow=bool(truth.passed),
    )


def joint_message(
    head: Header, names: tuple[str, ...], positions: Array, effort: Array | None = None
) -> JointState:
    """Joint angles [rad] and, where they are measured, external torques [N m], shapes (n,)."""
    return JointState(
        header=head,
        name=list(names),
        position=np.asarray(positions, float).tolist(),
        effort=[] if effort is None else np.asarray(effort, float).tolist(),
    )


def _require_frame(got: str, wanted: str) -> None:
    if got.lstrip("/") != wanted:
        raise InputError(f"expected frame {wanted!r}, got {got!r}")


def _finite(what: str, values: Array) -> Array:
    if not np.isfinite(values).all():
        raise InputError(f"{what} must be finite, got {values.tolist()}")
    return values


def _status(value: int) -> Status:
    try:
        return Status(value)
    except ValueError as error:
        raise InputError(f"unknown status {value}") from error


def _xyz(value: Any) -> Array:
    return np.array([value.x, value.y, value.z])


def _point(values: Array) -> Point:
    x, y, z = np.asarray(values, dtype=float).tolist()
    return Point(x=x, y=y, z=z)


def _vector(values: Array) -> Vector3:
    x, y, z = np.asarray(values, dtype=float).tolist()
    return Vector3(x=x, y=y, z=z)


def _quaternion(values: Array) -> Quaternion:
    x, y, z, w = np.asarray(values, dtype=float).tolist()
    return Quaternion(x=x, y=y, z=z, w=w)
