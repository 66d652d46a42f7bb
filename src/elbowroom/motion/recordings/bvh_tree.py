"""BVH files: a tree of joints and their channels over time, and its forward kinematics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from elbowroom.motion.recordings.recording import RecordingError

Array = NDArray[np.float64]

_CHANNELS = re.compile(r"[XYZ](position|rotation)")
_DEEPEST = 200
_MOST_NUMBERS = 50_000_000


@dataclass
class Joint:
    """One joint of the tree.

    Attributes:
        name: as in the file.
        parent: index of the parent, -1 for the root.
        offset: from the parent [file units], shape (3,).
        channels: such as ("Zrotation", "Xrotation", "Yrotation").
    """

    name: str
    parent: int
    offset: Array = field(default_factory=lambda: np.zeros(3))
    channels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tree:
    """A parsed BVH file.

    Attributes:
        joints: parents before children.
        step: [s].
        values: every channel of every joint in order (file units, degrees), shape (T, C).
    """

    joints: tuple[Joint, ...]
    step: float
    values: Array

    def positions(self) -> dict[str, Array]:
        """Every joint's place over time [file units], shape (T, 3), by name."""
        frames = len(self.values)
        places: list[Array] = []
        turns: list[Rotation] = []
        column = 0
        for joint in self.joints:
            mine = self.values[:, column : column + len(joint.channels)]
            column += len(joint.channels)
            shift, turn = _move(joint, mine)
            if joint.parent < 0:
                places.append(np.broadcast_to(shift, (frames, 3)))
                turns.append(turn)
            else:
                parent = turns[joint.parent]
                places.append(places[joint.parent] + parent.apply(shift))
                turns.append(parent * turn)
        return {j.name: np.asarray(p) for j, p in zip(self.joints, places, strict=True)}


def _move(joint: Joint, values: Array) -> tuple[Array, Rotation]:
    """Displacement from the parent and rotation; BVH composes rotations in channel order."""
    shift = np.tile(joint.offset, (len(values), 1))
    order, angles = "", []
    for name, value in zip(joint.channels, values.T, strict=True):
        if name.endswith("position"):
            # A position channel replaces the offset's component.
            shift[:, "XYZ".index(name[0])] = value
        else:
            order += name[0]
            angles.append(value)
    if not order:
        return shift, Rotation.identity(len(values))
    stacked = np.stack(angles, axis=1)
    return shift, Rotation.from_euler(order, stacked if len(order) > 1 else stacked[:, 0], True)


def parse_bvh(text: str, name: str) -> Tree:
    """Parse a BVH file.

    Args:
        text: of the whole file.
        name: for error messages.

    Raises:
        RecordingError: if the file is mangled.
    """
    head, keyword, motion = text.partition("MOTION")
    if not keyword or not head.lstrip().startswith("HIERARCHY"):
        raise RecordingError(f"{name} must begin with HIERARCHY and have a MOTION part")
    try:
        joints = _parse_hierarchy(iter(head.split()[1:]))
        width = sum(len(j.channels) for j in joints)
        step, values = _parse_motion(motion, width)
    except (ValueError, StopIteration) as error:
        raise RecordingError(f"{name} is not readable BVH: {error or 'it ends early'}") from error
    return Tree(joints, step, values)


def _parse_hierarchy(words: Iterator[str]) -> tuple[Joint, ...]:
    joints: list[Joint] = []
    # Indices of the open joints; None stands for an end site, which only ends a bone.
    stack: list[int | None] = []
    for word in words:
        match word:
            case "ROOT" | "JOINT" | "End":
                _open(words, word, joints, stack)
            case "OFFSET":
                offset = np.array([float(next(words)) for _ in range(3)])
                _put(joints, stack, "offset", offset)
            case "CHANNELS":
                # A list: a generator would turn the end of the words into a RuntimeError.
                names = tuple([next(words) for _ in range(int(next(words)))])
                if not all(_CHANNELS.fullmatch(n) for n in names) or len(set(names)) < len(names):
                    raise ValueError(f"channels {' '.join(names)[:60]}")
                _put(joints, stack, "channels", names)
            case "}":
                stack.pop()
                if not stack:
                    break
            case _:
                raise ValueError(f"unexpected {word[:20]!r} in the hierarchy")
    if stack or not joints or next(words, None) is not None:
        raise ValueError("the hierarchy must be one closed tree")
    return tuple(joints)


def _open(words: Iterator[str], word: str, joints: list[Joint], stack: list[int | None]) -> None:
    title = next(words)
    if (word == "ROOT") != (not stack) or (stack and stack[-1] is None):
        raise ValueError(f"misplaced {word}")
    if next(words) != "{" or len(stack) >= _DEEPEST:
        raise ValueError(f"{word} {title[:20]} is not followed by a bracket or lies too deep")
    if word == "End":
        stack.append(None)
        return
    parent = stack[-1] if stack else None
    stack.append(len(joints))
    joints.append(Joint(title, -1 if parent is None else parent))


def _put(joints: list[Joint], stack: list[int | None], what: str, value: object) -> None:
    if not stack:
        raise ValueError(f"{what} outside a joint")
    if stack[-1] is not None:
        setattr(joints[stack[-1]], what, value)


def _parse_motion(text: str, width: int) -> tuple[float, Array]:
    match = re.match(r"\s*Frames:\s*(\d{1,9})\s+Frame\s+Time:\s*(\S+)", text)
    if match is None:
        raise ValueError("MOTION lacks 'Frames:' and 'Frame Time:'")
    frames, step = int(match[1]), float(match[2])
    if not (0 < step < 1) or width == 0 or frames * width > _MOST_NUMBERS:
        raise ValueError(f"{frames} frames of {width} channels, {step} s apart")
    values = np.array([float(w) for w in text[match.end() :].split()])
    if len(values) != frames * width:
        raise ValueError(f"{len(values)} numbers for {frames} frames of {width} channels")
    if not np.all(np.isfinite(values)):
        raise ValueError("values that are not finite")
    return step, values.reshape(frames, width)
