"""Small recordings of known content, in memory and as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from elbowroom.motion import Clip
from elbowroom.motion.posture import joints_from_postures

Array = NDArray[np.float64]

UPPER_ARM, FOREARM = 0.28, 0.25


def make_track(seed: int, rate: float = 60.0, duration: float = 6.0) -> tuple[Array, Array]:
    """Time (T,) and postures (T, 7) that rest, reach out, rest and come back."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(duration * rate)) / rate
    near = np.array([-0.2, 0.0, 1.3, 0.0, 0.0, 0.0, 0.0]) + rng.normal(0, 0.05, 7) * 0.5
    far = near + np.array([0.6, 0.3, -0.8, 0.3, 0.05, 0.0, 0.02]) * rng.uniform(0.7, 1.3)
    gone = np.clip((time - 1.0) / rng.uniform(0.8, 1.4), 0, 1)
    back = np.clip((time - 3.5) / rng.uniform(0.8, 1.4), 0, 1)
    share = (gone**3 * (10 - 15 * gone + 6 * gone**2)) - (back**3 * (10 - 15 * back + 6 * back**2))
    sway = 0.004 * np.sin(2 * np.pi * 0.7 * time[:, None] + rng.uniform(0, 6, 7))
    return time, near + (far - near) * share[:, None] + sway


def make_walk(seed: int, subject: str = "s0", name: str = "clip", active: bool = True) -> Clip:
    """A clip of `make_track`."""
    time, postures = make_track(seed)
    shoulder, elbow, wrist = joints_from_postures(postures, UPPER_ARM, FOREARM, np.zeros(3))
    return Clip(name, subject, "reach", "right", active, time, shoulder, elbow, wrist)


def make_skeleton(seed: int, rate: float = 60.0) -> tuple[Array, Array, Array]:
    """Time (T,), right and left arm (T, 3, 3) in a room frame, pelvis at the origin.

    The left arm does what the right one does, mirrored.
    """
    time, postures = make_track(seed, rate)
    joints = joints_from_postures(postures, UPPER_ARM, FOREARM, np.array([0.0, -0.18, 0.5]))
    right = np.stack(joints, axis=1)
    return time, right, right * np.array([1.0, -1.0, 1.0])


def write_npz(path: Path, seeds: tuple[int, ...] = (0, 1), **changes: object) -> Path:
    """An archive with one clip a seed, right arms active; `changes` replaces or drops arrays."""
    tracks = [make_skeleton(s) for s in seeds]
    hand = [np.concatenate([a, a[:, 2:]], axis=1) for _, r, m in tracks for a in (r, m)]
    both = [np.concatenate(hand[i : i + 2], axis=1) for i in range(0, len(hand), 2)]
    rows = sum(len(b) for b in both)
    arrays: dict[str, object] = {
        "pos": np.concatenate(both).astype(np.float32),
        "time": np.concatenate([t for t, _, _ in tracks]),
        "torso_quat_wxyz": np.tile(np.float32([1, 0, 0, 0]), (rows, 1)),
        "torso_pos": np.zeros((rows, 3), np.float32),
        "clip_start": np.cumsum([0, *(len(b) for b in both)]),
        "clip_id": np.array([f"c{s}" for s in seeds]),
        "subject": np.array([f"s{s % 3}" for s in seeds]),
        "action": np.array(["reach"] * len(seeds)),
        "active_arm": np.array(["R"] * len(seeds)),
    }
    arrays |= changes
    np.savez(path, **{k: v for k, v in arrays.items() if v is not None})  # type: ignore[arg-type]
    return path


def mvnx_text(
    seed: int, rate: float = 120.0, turn: Array | None = None, drop: tuple[int, ...] = ()
) -> str:
    """An MVNX document whose person is turned in the room by `turn`; frames in `drop` are lost."""
    time, right, left = make_skeleton(seed, rate)
    turn = np.eye(3) if turn is None else turn
    names = ["Pelvis", *(s + j for s in ("Right", "Left") for j in ("UpperArm", "ForeArm", "Hand"))]
    points = np.concatenate([np.zeros((len(time), 1, 3)), right, left], axis=1) @ turn.T
    points = points + np.array([3.0, -2.0, 0.9])
    segments = "".join(f'<segment label="{n}" id="{i + 1}"/>' for i, n in enumerate(names))
    frames = '<frame time="0" index="" type="tpose"><position>0 0 0</position></frame>'
    for i, row in enumerate(points):
        if i not in drop:
            numbers = " ".join(f"{x:.6f}" for x in row.ravel())
            stamp = round(time[i] * 1000)
            frames += (
                f'<frame time="{stamp}" index="{i}" type="normal">'
                f"<position>{numbers}</position></frame>"
            )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<mvnx version="4" xmlns="http://www.xsens.com/mvn/mvnx">'
        f'<subject label="anna" frameRate="{rate:g}" segmentCount="7">'
        f"<segments>{segments}</segments><frames>{frames}</frames></subject></mvnx>"
    )


def bvh_text(frames: int = 90, unit: float = 100.0) -> str:
    """A BVH document, y up, in cm: the right shoulder flexes by 1 deg and the elbow by 0.5 deg a
    frame, about the axis to the person's right; arms hang down at first."""

    def arm(side: str, x: float) -> str:
        return (
            f"JOINT {side}Arm {{ OFFSET {x * unit} {0.5 * unit} 0 CHANNELS 3 Zrotation Xrotation "
            f"Yrotation JOINT {side}ForeArm {{ OFFSET 0 {-0.28 * unit} 0 CHANNELS 3 Zrotation "
            f"Xrotation Yrotation JOINT {side}Hand {{ OFFSET 0 {-0.25 * unit} 0 CHANNELS 3 "
            f"Zrotation Xrotation Yrotation End Site {{ OFFSET 0 {-0.1 * unit} 0 }} }} }} }} "
        )

    head = (
        "HIERARCHY ROOT Hips { OFFSET 0 0 0 CHANNELS 6 Xposition Yposition Zposition Zrotation "
        f"Xrotation Yrotation {arm('Right', -0.18)} {arm('Left', 0.18)} }} "
    )
    lines = []
    for i in range(frames):
        row = np.zeros(24)
        row[:3] = 10.0, 95.0, 20.0
        row[7] = -1.0 * i
        row[10] = -0.5 * i
        lines.append(" ".join(f"{v:g}" for v in row))
    return f"{head}\nMOTION\nFrames: {frames}\nFrame Time: 0.0166667\n" + "\n".join(lines) + "\n"
