"""From joints recorded anywhere in a room to clips of arms as seen by the person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from elbowroom.motion.recordings.recording import Clip, RecordingError

Array = NDArray[np.float64]

_MIRROR = np.array([1.0, -1.0, 1.0])
_HEADING_SMOOTHING = 1.0


@dataclass(frozen=True)
class Skeleton:
    """Joint centres of a moving person.

    Attributes:
        time: [s], strictly increasing, shape (T,).
        root: pelvis [m], shape (T, 3).
        right, left: shoulder, elbow and wrist [m], shape (T, 3, 3), second axis the joint.
        up: direction of the vertical, unit vector, shape (3,).
    """

    time: Array
    root: Array
    right: Array
    left: Array
    up: Array


def clips_from_skeleton(skeleton: Skeleton, name: str, subject: str) -> tuple[Clip, ...]:
    """Both arms relative to the pelvis, x ahead of the person, y left, z up.

    Ahead is at right angles to the line through both shoulders and to the vertical; the heading
    is low-passed over one second, so that a person may walk and turn while the twist of the trunk
    in a reach stays in the movement.

    Raises:
        RecordingError: if a value is not finite, the shoulders coincide or `Clip` refuses.
    """
    for joints in (skeleton.time, skeleton.root, skeleton.right, skeleton.left):
        if not np.all(np.isfinite(joints)):
            raise RecordingError(f"{name}: values that are not finite")
    if len(skeleton.time) < 2 or not np.all(np.diff(skeleton.time) > 0):
        raise RecordingError(f"{name}: needs at least two frames in order of time")
    axes = _axes(skeleton, name)
    clips = []
    for side, joints in (("right", skeleton.right), ("left", skeleton.left)):
        local = np.einsum("tij,tkj->tki", axes, joints - skeleton.root[:, None])
        local = local if side == "right" else local * _MIRROR
        clips.append(
            Clip(
                name=f"{name}/{side[0].upper()}",
                subject=subject,
                action="",
                side=side,
                active=True,
                time=skeleton.time,
                shoulder=local[:, 0],
                elbow=local[:, 1],
                wrist=local[:, 2],
            )
        )
    return tuple(clips)


def _axes(skeleton: Skeleton, name: str) -> Array:
    """Rows are the person's x, y and z axes at each frame, shape (T, 3, 3)."""
    left = skeleton.left[:, 0] - skeleton.right[:, 0]
    left = left - (left @ skeleton.up)[:, None] * skeleton.up
    step = (skeleton.time[-1] - skeleton.time[0]) / (len(left) - 1)
    left = gaussian_filter1d(left, _HEADING_SMOOTHING / step, axis=0, mode="nearest")
    length = np.linalg.norm(left, axis=1, keepdims=True)
    if length.min() < 1e-3:
        raise RecordingError(f"{name}: the line through the shoulders has no heading")
    left = left / length
    up = np.broadcast_to(skeleton.up, left.shape)
    return np.stack([np.cross(left, up), left, up], axis=1)
