"""Reader of BVH motion recordings."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from elbowroom.motion.recordings.alignment import Skeleton, clips_from_skeleton
from elbowroom.motion.recordings.bvh_tree import parse_bvh
from elbowroom.motion.recordings.recording import Clip, RecordingError

Array = NDArray[np.float64]

_NAMES = (
    ("rightarm", "rightforearm", "righthand"),
    ("rightupperarm", "rightforearm", "righthand"),
    ("rightupperarm", "rightlowerarm", "righthand"),
    ("rightuparm", "rightlowarm", "righthand"),
    ("rightshoulder", "rightelbow", "rightwrist"),
    ("rightshoulder", "rightelbow", "righthand"),
    ("rshldr", "rforearm", "rhand"),
    ("rshoulder", "relbow", "rwrist"),
    ("rupperarm", "rforearm", "rhand"),
    ("rupperarm", "rlowerarm", "rhand"),
)
"""Shoulder, elbow and wrist as tools name them, letters only."""

_SCALES = (1.0, 0.01, 0.001)
_BONE = (0.15, 0.45)
_LARGEST = 2**29


def read_bvh(path: Path, scale: float | None = None) -> tuple[Clip, ...]:
    """Both arms of a BVH file.

    The vertical is the axis of the file along which the shoulders are farthest from the root.

    Args:
        path: the file.
        scale: metres per unit of the file; None to choose among m, cm and mm the one that makes
            the upper arm 0.15 to 0.45 m long.

    Raises:
        RecordingError: if the file is missing, mangled, or its arms or unit are not recognised.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise RecordingError(f"{path.name} is larger than 512 MiB")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise RecordingError(f"{path.name} is not readable BVH: {error}") from error
    tree = parse_bvh(text, path.name)
    places = {_letters(name): place for name, place in tree.positions().items()}
    right, left = _find_arms(places, path.name)
    root = places[_letters(tree.joints[0].name)]
    if scale is not None and not 0 < scale < 1e3:
        raise RecordingError(f"scale must lie in (0, 1000) m, got {scale}")
    factor = scale or _guess_scale(right, path.name)
    skeleton = Skeleton(
        time=np.arange(len(root), dtype=float) * tree.step,
        root=root * factor,
        right=right * factor,
        left=left * factor,
        up=_guess_up(right[:, 0] + left[:, 0] - 2 * root),
    )
    return clips_from_skeleton(skeleton, path.stem, path.stem)


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.rpartition(":")[2].lower())


def _find_arms(places: dict[str, Array], name: str) -> tuple[Array, Array]:
    for right in _NAMES:
        left = [n.replace("right", "left") if "right" in n else "l" + n[1:] for n in right]
        if all(n in places for n in (*right, *left)):
            return (
                np.stack([places[n] for n in right], axis=1),
                np.stack([places[n] for n in left], axis=1),
            )
    raise RecordingError(f"{name}: no joints that are known to be shoulder, elbow and wrist")


def _guess_scale(arm: Array, name: str) -> float:
    length = float(np.median(np.linalg.norm(arm[:, 1] - arm[:, 0], axis=1)))
    for scale in _SCALES:
        if _BONE[0] <= length * scale <= _BONE[1]:
            return scale
    raise RecordingError(f"{name}: an upper arm of {length:g} units fits neither m, cm nor mm")


def _guess_up(rise: Array) -> Array:
    mean = rise.mean(axis=0)
    axis = int(np.argmax(np.abs(mean)))
    return np.asarray(np.sign(mean[axis]) * np.eye(3)[axis])
