"""Causal features of a dressing, accumulated at the sensor's rate and read on a slower grid.

One row of measurements goes in per wrench sample; a memory of first-order filters keeps what the
network needs. The same compiled step serves the node (a row at a time) and the batch (a whole
trial), so online and offline features are equal to the bit.

All vectors are in the world frame. `anchor` is the filtered shoulder, about which the elbow's
direction and radius are estimated.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from elbowroom.core import JOINTS, ArmMeasurement
from elbowroom.models.features.grid import GRID, next_due
from elbowroom.models.features.names import NAMES, VISIBLE, WIDTH, hide
from elbowroom.models.features.rows import EFFORT_AT, PROGRESS_AT, ROW, row_of, rows_of

__all__ = [
    "GRID",
    "NAMES",
    "ROW",
    "VISIBLE",
    "WIDTH",
    "advance",
    "anchor_of",
    "extract",
    "hide",
    "is_ready",
    "read",
    "row_of",
    "rows_of",
    "start_memory",
]

Array = NDArray[np.float64]

# Memory layout (offsets of 3-vectors unless said otherwise).
_TIME, _START, _COUNT, _SIGHTINGS, _WRISTS = 0, 1, 2, 3, 4
_FAST, _SLOW, _TORQUE, _LONG = 5, 8, 11, 14
_GRIPPER, _GRIPPER0, _GRIP_SPEED, _AXIS = 17, 20, 23, 26
_ANCHOR, _ANCHOR_SPEED, _ANCHOR0, _SEEN_AT = 29, 32, 35, 38
_SIGHTING, _WRIST, _WRIST_AT, _DIRECTION, _LENGTHS = 39, 42, 45, 46, 49
_WRIST_SPEED, _SIDE = 51, 54
_CUFF, _CUFF_SPEED, _CUFF_SEEN, _CUFF_COUNT = 57, 58, 59, 60
_JOINTS, _JOINTS_SEEN, _JOINTS_COUNT = 61, 61 + JOINTS, 62 + JOINTS
MEMORY = 63 + JOINTS


def start_memory(arm: ArmMeasurement) -> Array:
    """Memory before the first row of a person with these measured lengths, shape (MEMORY,)."""
    memory = np.zeros(MEMORY)
    memory[_LENGTHS : _LENGTHS + 2] = arm.upper_arm, arm.forearm
    return memory


@njit(cache=True)
def _track(memory: Array, value: int, speed: int, seen: Array, dt: float, tau: float) -> None:
    # Critically damped g-h tracker: position and velocity errors decay with time constant tau.
    theta = np.exp(-dt / tau)
    g = 1.0 - theta * theta
    h = (1.0 - theta) ** 2 / max(dt, 1e-6)
    for i in range(3):
        error = seen[i] - memory[value + i]
        memory[value + i] += g * error
        memory[speed + i] += h * error


@njit(cache=True)
def _blend(memory: Array, offset: int, value: Array, weight: float) -> None:
    for i in range(3):
        memory[offset + i] += weight * (value[i] - memory[offset + i])


@njit(cache=True)
def _begin(memory: Array, row: Array) -> None:
    memory[_START] = memory[_TIME] = row[0]
    for offset in (_FAST, _SLOW, _LONG):
        _blend(memory, offset, row[1:4], 1.0)
    _blend(memory, _TORQUE, row[4:7], 1.0)
    _blend(memory, _GRIPPER, row[7:10], 1.0)
    _blend(memory, _GRIPPER0, row[7:10], 1.0)
    memory[_SEEN_AT] = memory[_WRIST_AT] = -np.inf
    memory[_CUFF_SEEN] = memory[_JOINTS_SEEN] = -np.inf


@njit(cache=True)
def _see_shoulder(memory: Array, seen: Array) -> None:
    now = memory[_TIME]
    if memory[_SEEN_AT] == -np.inf:
        _blend(memory, _ANCHOR, seen, 1.0)
        _blend(memory, _ANCHOR0, seen, 1.0)
    else:
        _track(memory, _ANCHOR, _ANCHOR_SPEED, seen, now - memory[_SEEN_AT], 0.10)
    if now - memory[_START] < 0.25:
        # The first views are averaged: the sighting is taken relative to them.
        _blend(memory, _ANCHOR0, seen, 0.3)
    memory[_SEEN_AT] = now


@njit(cache=True)
def _see_wrist(memory: Array, seen: Array) -> None:
    now = memory[_TIME]
    if memory[_WRISTS] == 0 or now - memory[_WRIST_AT] > 0.5:
        _blend(memory, _WRIST, seen, 1.0)
        for i in range(3):
            memory[_WRIST_SPEED + i] = 0.0
    else:
        _track(memory, _WRIST, _WRIST_SPEED, seen, now - memory[_WRIST_AT], 0.08)
    memory[_WRISTS] += 1
    memory[_WRIST_AT] = now


@njit(cache=True)
def _see_progress(memory: Array, seen: float) -> None:
    now = memory[_TIME]
    since = now - memory[_CUFF_SEEN]
    if memory[_CUFF_COUNT] == 0 or since > 0.5:
        memory[_CUFF] = seen
        memory[_CUFF_SPEED] = 0.0
    else:
        # The same tracker as `_track`, slower because a single view is off by a centimetre.
        theta = np.exp(-since / 0.15)
        error = seen - memory[_CUFF]
        memory[_CUFF] += (1.0 - theta * theta) * error
        memory[_CUFF_SPEED] += (1.0 - theta) ** 2 / max(since, 1e-6) * error
    memory[_CUFF_COUNT] += 1
    memory[_CUFF_SEEN] = now


@njit(cache=True)
def _see_effort(memory: Array, seen: Array) -> None:
    now = memory[_TIME]
    since = now - memory[_JOINTS_SEEN]
    share = 1.0 if memory[_JOINTS_COUNT] == 0 or since > 0.5 else 1.0 - np.exp(-since / 0.15)
    for i in range(JOINTS):
        memory[_JOINTS + i] += share * (seen[i] - memory[_JOINTS + i])
    memory[_JOINTS_COUNT] += 1
    memory[_JOINTS_SEEN] = now


@njit(cache=True)
def _weight(memory: Array, seen: float) -> float:
    # 1 while a source reports, falling with a time constant of half a second when it is lost.
    return float(np.exp(-max(memory[_TIME] - seen - 0.05, 0.0) / 0.5))


@njit(cache=True)
def advance(memory: Array, row: Array) -> None:
    """Take one row into the memory, in place.

    Args:
        memory: shape (MEMORY,).
        row: shape (ROW,); finite apart from what was not seen; later than the last one.
    """
    if memory[_COUNT] == 0:
        _begin(memory, row)
    dt = row[0] - memory[_TIME]
    memory[_TIME] = row[0]
    memory[_COUNT] += 1
    _blend(memory, _FAST, row[1:4], 1 - np.exp(-dt / 0.05))
    _blend(memory, _SLOW, row[1:4], 1 - np.exp(-dt / 0.2))
    _blend(memory, _LONG, row[1:4], 1 - np.exp(-dt / 1.0))
    _blend(memory, _TORQUE, row[4:7], 1 - np.exp(-dt / 0.05))
    if dt > 0:
        speed = (row[7:10] - memory[_GRIPPER : _GRIPPER + 3]) / dt
        _blend(memory, _GRIP_SPEED, speed, 1 - np.exp(-dt / 0.1))
    _blend(memory, _GRIPPER, row[7:10], 1.0)
    x, y, z, w = row[10], row[11], row[12], row[13]
    memory[_AXIS] = 2 * (x * z + y * w)
    memory[_AXIS + 1] = 2 * (y * z - x * w)
    memory[_AXIS + 2] = 1 - 2 * (x * x + y * y)
    memory[_SIDE] = 1 - 2 * (y * y + z * z)
    memory[_SIDE + 1] = 2 * (x * y + z * w)
    memory[_SIDE + 2] = 2 * (x * z - y * w)
    if row[0] - memory[_SEEN_AT] > 0.1:
        # A shoulder that is lost is held, not extrapolated for ever.
        for i in range(3):
            memory[_ANCHOR_SPEED + i] *= np.exp(-dt / 0.1)
    for i in range(3):
        # Cameras are slower than the sensor: what they track coasts in between.
        memory[_ANCHOR + i] += memory[_ANCHOR_SPEED + i] * dt
        memory[_WRIST + i] += memory[_WRIST_SPEED + i] * dt
    if not np.isnan(row[14]):
        _see_shoulder(memory, row[14:17])
    if not np.isnan(row[17]):
        memory[_SIGHTINGS] += 1
        _blend(memory, _SIGHTING, row[17:20], 1.0 / memory[_SIGHTINGS])
    if not np.isnan(row[20]):
        _see_wrist(memory, row[20:23])
    elif row[0] - memory[_WRIST_AT] > 0.1:
        for i in range(3):
            memory[_WRIST_SPEED + i] *= np.exp(-dt / 0.1)
    memory[_CUFF] += memory[_CUFF_SPEED] * dt
    if not np.isnan(row[PROGRESS_AT]):
        _see_progress(memory, row[PROGRESS_AT])
    elif row[0] - memory[_CUFF_SEEN] > 0.1:
        memory[_CUFF_SPEED] *= np.exp(-dt / 0.1)
    if not np.isnan(row[EFFORT_AT]):
        _see_effort(memory, row[EFFORT_AT:])


@njit(cache=True)
def read(memory: Array) -> Array:
    """Features of the present memory, shape (WIDTH,); finite once a shoulder was seen."""
    out = np.zeros(WIDTH)
    anchor = memory[_ANCHOR : _ANCHOR + 3]
    fast = memory[_FAST : _FAST + 3]
    size = np.sqrt(np.sum(fast * fast))
    gripper = memory[_GRIPPER : _GRIPPER + 3]
    out[0:3] = fast
    out[3:6] = memory[_SLOW : _SLOW + 3]
    out[6:9] = memory[_LONG : _LONG + 3]
    out[9:12] = fast / (size + 0.2)
    out[12] = np.log(size + 0.2)
    out[13:16] = memory[_TORQUE : _TORQUE + 3]
    out[16:19] = gripper - anchor
    out[19:22] = memory[_GRIP_SPEED : _GRIP_SPEED + 3]
    out[22:25] = gripper - memory[_GRIPPER0 : _GRIPPER0 + 3]
    out[25:28] = memory[_AXIS : _AXIS + 3]
    out[28:31] = memory[_SIDE : _SIDE + 3]
    out[31:34] = anchor - memory[_ANCHOR0 : _ANCHOR0 + 3]
    out[34:37] = memory[_ANCHOR_SPEED : _ANCHOR_SPEED + 3]
    if memory[_SIGHTINGS] > 0:
        out[37:40] = memory[_SIGHTING : _SIGHTING + 3] - memory[_ANCHOR0 : _ANCHOR0 + 3]
        out[40] = 1.0
    out[41:44] = memory[_GRIPPER0 : _GRIPPER0 + 3] - memory[_ANCHOR0 : _ANCHOR0 + 3]
    out[44:46] = memory[_LENGTHS : _LENGTHS + 2]
    out[46] = memory[_TIME] - memory[_START]
    out[47] = np.sqrt(np.sum((gripper - anchor) ** 2))
    if memory[_WRISTS] > 0:
        weight = _weight(memory, memory[_WRIST_AT])
        out[48:51] = weight * (memory[_WRIST : _WRIST + 3] - anchor)
        out[51] = weight
        out[52:55] = weight * memory[_WRIST_SPEED : _WRIST_SPEED + 3]
    if memory[_CUFF_COUNT] > 0:
        weight = _weight(memory, memory[_CUFF_SEEN])
        out[55] = weight * memory[_CUFF]
        out[56] = weight * memory[_CUFF_SPEED]
        out[57] = weight
    if memory[_JOINTS_COUNT] > 0:
        weight = _weight(memory, memory[_JOINTS_SEEN])
        out[58 : 58 + JOINTS] = weight * memory[_JOINTS : _JOINTS + JOINTS]
        out[58 + JOINTS] = weight
    return out


@njit(cache=True)
def is_ready(memory: Array) -> bool:
    """Whether shoulder and elbow have both been seen, which the network starts from."""
    return bool(memory[_COUNT] > 0 and memory[_SEEN_AT] > -np.inf and memory[_SIGHTINGS] > 0)


@njit(cache=True, nogil=True)
def _extract(memory: Array, rows: Array, period: float) -> tuple[Array, NDArray[np.int64], Array]:
    steps = rows.shape[0]
    anchors = np.empty((steps, 3))
    features = np.empty((steps, WIDTH))
    index = np.empty(steps, np.int64)
    count = 0
    due = -np.inf
    for t in range(steps):
        advance(memory, rows[t])
        anchors[t] = memory[_ANCHOR : _ANCHOR + 3]
        if is_ready(memory) and rows[t, 0] >= due - 1e-9:
            features[count] = read(memory)
            index[count] = t
            count += 1
            due = next_due(due, rows[t, 0], period)
    return features[:count], index[:count], anchors


def extract(
    arm: ArmMeasurement, rows: Array, period: float = GRID
) -> tuple[Array, NDArray[np.int64], Array]:
    """Features of a whole trial on the grid.

    Args:
        arm: measured lengths.
        rows: see `rows_of`, shape (T, ROW).
        period: grid period [s].

    Returns:
        features (K, WIDTH), the rows they were read at (K,), and the anchor at every row (T, 3).
    """
    features, index, anchors = _extract(start_memory(arm), rows, period)
    return features, index, anchors


def anchor_of(memory: Array) -> Array:
    """Filtered shoulder [m], shape (3,)."""
    return memory[_ANCHOR : _ANCHOR + 3].copy()
