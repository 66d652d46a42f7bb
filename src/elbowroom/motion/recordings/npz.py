"""Reader of arm recordings stored as NumPy archives."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import matrix_from_quaternion
from elbowroom.core.archive import MANGLED
from elbowroom.motion.recordings.recording import Clip, RecordingError

Array = NDArray[np.float64]

_NEEDED = ("pos", "time", "clip_start", "clip_id", "subject", "action", "active_arm")
_TORSO = ("torso_quat_wxyz", "torso_pos")
_MIRROR = np.array([1.0, -1.0, 1.0])
_LARGEST = 2**31


def read_npz(path: Path) -> tuple[Clip, ...]:
    """Both arms of every clip of an archive.

    Keys: `pos` (N, 8, 3) m in the torso frame, joints shoulder, elbow, wrist, hand of the right
    and then of the left arm; `time` (N,) s; `clip_start` (C + 1,) rows; and per clip `clip_id`,
    `subject`, `action`, `active_arm` ("R" or "L"). With `torso_quat_wxyz` (N, 4) and `torso_pos`
    (N, 3) joints are turned into the room's frame, else the torso is taken as fixed.

    Raises:
        RecordingError: if the file is missing, mangled, inconsistent or needs pickles.
    """
    arrays = _load(path)
    starts = _check(path, arrays)
    joints = _in_room(path, arrays)
    clips: list[Clip] = []
    for i, (first, last) in enumerate(pairwise(starts)):
        rows = slice(int(first), int(last))
        clips += [_clip(arrays, i, joints[rows], arrays["time"][rows], s) for s in ("R", "L")]
    return tuple(clips)


def _load(path: Path) -> dict[str, NDArray[Any]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            sizes = [info.file_size for info in stored.zip.infolist()]
            if sum(sizes) > _LARGEST:
                raise RecordingError(f"{path.name} unpacks to more than 2 GiB")
            return {k: stored[k] for k in (*_NEEDED, *_TORSO) if k in stored}
    except RecordingError:
        raise
    except MANGLED as error:
        raise RecordingError(f"{path.name} is not a readable archive: {error}") from error


def _check(path: Path, arrays: dict[str, NDArray[Any]]) -> NDArray[np.int64]:
    missing = [k for k in _NEEDED if k not in arrays]
    if missing:
        raise RecordingError(f"{path.name} lacks {', '.join(missing)}")
    if arrays["time"].ndim != 1 or arrays["time"].dtype.kind != "f":
        raise RecordingError(f"{path.name}: time must be floats of shape (N,)")
    starts, rows = arrays["clip_start"], len(arrays["time"])
    if starts.ndim != 1 or len(starts) < 2 or starts.dtype.kind not in "iu":
        raise RecordingError(f"{path.name}: clip_start must be at least two whole numbers")
    if starts[0] != 0 or starts[-1] != rows or not np.all(np.diff(starts) > 0):
        raise RecordingError(f"{path.name}: clip_start must rise from 0 to {rows}")
    for key in ("clip_id", "subject", "action", "active_arm"):
        if arrays[key].shape != (len(starts) - 1,):
            raise RecordingError(f"{path.name}: {key} must have one entry a clip")
    return np.asarray(starts, dtype=np.int64)


def _in_room(path: Path, arrays: dict[str, NDArray[Any]]) -> Array:
    rows = len(arrays["time"])
    shapes = {"pos": (rows, 8, 3), "torso_quat_wxyz": (rows, 4), "torso_pos": (rows, 3)}
    for key, shape in shapes.items():
        if key in arrays and (arrays[key].shape != shape or arrays[key].dtype.kind != "f"):
            raise RecordingError(f"{path.name}: {key} must be floats of shape {shape}")
    joints = arrays["pos"].astype(np.float64)
    if not all(k in arrays for k in _TORSO):
        return joints
    try:
        turn = matrix_from_quaternion(np.roll(arrays["torso_quat_wxyz"], -1, axis=1))
    except ValueError as error:
        raise RecordingError(f"{path.name}: torso_quat_wxyz: {error}") from error
    return np.asarray(
        np.einsum("tij,tkj->tki", turn, joints) + arrays["torso_pos"][:, None].astype(np.float64)
    )


def _clip(
    arrays: dict[str, NDArray[Any]], index: int, joints: Array, time: NDArray[Any], arm: str
) -> Clip:
    first = 0 if arm == "R" else 4
    mine = joints[:, first : first + 3] * (1.0 if arm == "R" else _MIRROR)
    return Clip(
        name=f"{arrays['clip_id'][index]}/{arm}",
        subject=str(arrays["subject"][index]),
        action=str(arrays["action"][index]),
        side="right" if arm == "R" else "left",
        active=str(arrays["active_arm"][index]) == arm,
        time=time.astype(np.float64),
        shoulder=mine[:, 0],
        elbow=mine[:, 1],
        wrist=mine[:, 2],
    )
