"""Messages of the table scene to the package's types and back; refuses like `convert`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from geometry_msgs.msg import PoseStamped, Vector3
from numpy.typing import NDArray
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Header

from elbowroom.core import Command, InputError
from elbowroom.msg import GraspState, GripperOpening, SceneObject, SceneObjects
from elbowroom.nodes.grasping.grasper import Report
from elbowroom.nodes.grasping.shapes import recognise
from elbowroom.nodes.grasping.view import Move, Seen
from elbowroom.nodes.messages import convert

ENCODING = "rgb8"
WIDEST = 0.5
"""An opening beyond this is a mistake of units [m]."""


def objects_message(head: Header, objects: Iterable[Seen]) -> SceneObjects:
    """The objects seen."""
    message = SceneObjects(header=head)
    for seen in objects:
        pose = convert.pose_message(head, seen.pose).pose
        x, y, z = np.asarray(seen.size, dtype=float).tolist()
        size = Vector3(x=x, y=y, z=z)
        item = SceneObject(name=seen.name, shape=seen.shape, pose=pose, size=size)
        message.objects.append(item)
    return message


def read_objects(message: SceneObjects, frame: str) -> dict[str, Seen]:
    """The objects by name, boxes and spheres by the shapes of this package; see `recognise`.

    Raises:
        InputError: if the frame is another, a number is not finite, a size is not positive, or a
            name is empty or used twice.
    """
    found: dict[str, Seen] = {}
    for item in message.objects:
        pose = convert.read_pose(PoseStamped(header=message.header, pose=item.pose), frame)
        size = np.array([item.size.x, item.size.y, item.size.z])
        if not (np.isfinite(size).all() and (size > 0).all()):
            raise InputError(f"{item.name!r} must have a positive size, got {size.tolist()}")
        if not item.name or item.name in found:
            raise InputError(f"objects must have names that differ, got {item.name!r}")
        found[item.name] = recognise(Seen(item.name, item.shape, pose, size))
    if not found and message.header.frame_id.lstrip("/") != frame:
        raise InputError(f"expected frame {frame!r}, got {message.header.frame_id!r}")
    return found


def image_message(head: Header, image: NDArray[np.uint8]) -> Image:
    """An image of shape (h, w, 3), uint8."""
    height, width, _ = image.shape
    data = np.ascontiguousarray(image).tobytes()
    return Image(
        header=head, height=height, width=width, encoding=ENCODING, step=3 * width, data=data
    )


def read_image(message: Image) -> NDArray[np.uint8]:
    """Colours, shape (h, w, 3); the channels of bgr8 are put in order.

    Raises:
        InputError: for another encoding, or data that do not fill the image.
    """
    if message.encoding not in (ENCODING, "bgr8"):
        raise InputError(f"an image must be rgb8 or bgr8, got {message.encoding!r}")
    height, width, step = message.height, message.width, message.step
    if height < 1 or width < 1 or step < 3 * width or len(message.data) != height * step:
        got = f"{width}x{height}, step {step}, {len(message.data)} bytes"
        raise InputError(f"an image must be filled by its data, got {got}")
    rows = np.frombuffer(message.data, dtype=np.uint8).reshape(height, step)
    image = rows[:, : 3 * width].reshape(height, width, 3)
    return image[:, :, ::-1].copy() if message.encoding == "bgr8" else image.copy()


def read_fingers(message: JointState, fingers: Sequence[str]) -> float | None:
    """Distance between the fingertips [m]: the sum of the finger joints' positions.

    None for a message of other joints only: an arm and its hand may report separately.

    Raises:
        InputError: if one of the fingers is missing or a position is not finite.
    """
    if len(message.name) != len(message.position):
        raise InputError(
            f"joint_states has {len(message.name)} names and {len(message.position)} positions"
        )
    held = dict(zip(message.name, message.position, strict=True))
    missing = [name for name in fingers if name not in held]
    if len(missing) == len(fingers):
        return None
    if missing:
        raise InputError(f"joint_states lacks {', '.join(missing)}")
    opening = sum(float(held[name]) for name in fingers)
    if not math.isfinite(opening):
        raise InputError(f"finger joints must be finite, got {opening}")
    return opening


def opening_message(head: Header, opening: float) -> GripperOpening:
    """How far the fingers shall be open [m]."""
    return GripperOpening(header=head, opening=float(opening))


def read_opening(message: GripperOpening) -> float:
    """How far the fingers shall be open [m].

    Raises:
        InputError: if it is negative, not finite or wider than any hand.
    """
    if not 0.0 <= message.opening <= WIDEST:
        raise InputError(f"an opening must lie in [0, {WIDEST}] m, got {message.opening}")
    return float(message.opening)


def move_command(move: Move) -> Command:
    """A move as a gripper velocity."""
    return Command(np.asarray(move.linear, float), np.array([0.0, 0.0, move.turn]))


def grasp_state_message(head: Header, report: Report) -> GraspState:
    """What the grasping does and why."""
    return GraspState(
        header=head,
        state=int(report.phase),
        request=report.request,
        object=report.object,
        attempts=report.attempts,
        success=report.success,
        step=report.step,
        horizon=report.horizon,
        reason=report.reason,
    )
