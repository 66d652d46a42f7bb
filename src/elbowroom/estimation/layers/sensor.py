"""What the wrist sensor's own noise and lever say, at the sensor's full rate.

The wrench is taken in the gripper's axes. A changed gain scales the noise, a changed frame turns
it, an offset that somebody switches shows as jumps; none of this survives the low-passes in front
of the elbow network.

    second difference   d_t = w_t - 2 w_{t-1} + w_{t-2}
    noise               log of the deviation of d, low-pass 0.25 s
    jump                log of the decaying maximum of |d|, 0.25 s
    lever, left, along  least-squares h in  tau = h (a x f),  what it leaves of tau across a, and
                        tau along a, both relative to the force: 0.3 s, 1 s, and since the start
    level               low-pass 0.25 s of w

with a the gripper's axis.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]

_HOLD = 0.25
_WINDOWS = np.array([0.3, 1.0, 1e9])
_WRENCH = 6
_LAST, _BEFORE, _NOISE, _JUMP, _LEVEL = 2, 8, 14, 20, 26
_LEVER = 32
_EACH = 9
MEMORY = _LEVER + _EACH * 3

SENSOR: tuple[str, ...] = (
    *(f"noise_{n}" for n in ("fx", "fy", "fz", "tx", "ty", "tz")),
    *(f"jump_{n}" for n in ("fx", "fy", "fz", "tx", "ty", "tz")),
    *(f"level_{n}" for n in ("fx", "fy", "fz", "tx", "ty", "tz")),
    *(f"{n}_{w}" for w in ("300ms", "1s", "dressing") for n in ("lever", "left", "along")),
)
"""Names of the columns."""


def start_sensor() -> Array:
    """Memory before the first row, shape (MEMORY,)."""
    return np.zeros(MEMORY)


@njit(cache=True)
def advance_sensor(memory: Array, row: Array) -> None:
    """Take one row of `models.features.row_of`, shape (ROW,), into the memory, in place."""
    wrench = np.empty(_WRENCH)
    _turn_back(row, 1, wrench, 0)
    _turn_back(row, 4, wrench, 3)
    count = memory[0]
    dt = min(max(row[0] - memory[1], 1e-4), 0.1) if count > 0 else 1.0 / 240.0
    share = 1.0 - np.exp(-dt / _HOLD)
    for i in range(_WRENCH):
        w = wrench[i]
        if count == 0:
            memory[_LEVEL + i] = w
        memory[_LEVEL + i] += share * (w - memory[_LEVEL + i])
        if count >= 2:
            d = w - 2 * memory[_LAST + i] + memory[_BEFORE + i]
            # At first a plain mean, so that the start does not weigh for ever.
            gain = max(share, 1.0 / (count - 1))
            memory[_NOISE + i] += gain * (d * d - memory[_NOISE + i])
            memory[_JUMP + i] = max(np.abs(d), memory[_JUMP + i] * np.exp(-dt / _HOLD))
        memory[_BEFORE + i] = memory[_LAST + i]
        memory[_LAST + i] = w
    _lever(memory, wrench, dt)
    memory[0], memory[1] = count + 1, row[0]


@njit(cache=True)
def _lever(memory: Array, w: Array, dt: float) -> None:
    # a = z in the gripper's axes: a x f = (-fy, fx, 0).
    x, y = -w[1], w[0]
    values = np.array(
        [
            x * w[3] + y * w[4],
            x * x + y * y,
            w[3] * w[3] + w[4] * w[4],
            w[5] * w[5],
            w[5],
            x,
            y,
            w[3],
            w[4],
        ]
    )
    for j in range(3):
        gain = max(1.0 - np.exp(-dt / _WINDOWS[j]), 1.0 / (memory[0] + 1))
        for i in range(_EACH):
            place = _LEVER + _EACH * j + i
            memory[place] += gain * (values[i] - memory[place])


@njit(cache=True)
def read_sensor(memory: Array) -> Array:
    """The layer's values, shape (len(SENSOR),); finite once three rows were taken."""
    out = np.empty(27)
    for i in range(_WRENCH):
        unit = 1.0 if i < 3 else 0.05
        out[i] = 0.5 * np.log(memory[_NOISE + i] + (1e-3 * unit) ** 2)
        out[6 + i] = np.log(memory[_JUMP + i] + 1e-3 * unit)
        out[12 + i] = memory[_LEVEL + i] / unit
    for j in range(3):
        at = _LEVER + _EACH * j
        lever = memory[at] / (memory[at + 1] + 0.02)
        left = memory[at + 2] - 2 * lever * memory[at] + lever * lever * memory[at + 1]
        size = memory[at + 1] + 0.05
        out[18 + 3 * j] = lever / 0.1
        out[19 + 3 * j] = 0.5 * np.log(max(left, 0.0) / size + 1e-5)
        out[20 + 3 * j] = 0.5 * np.log(memory[at + 3] / size + 1e-5)
    return out


@njit(cache=True)
def _turn_back(row: Array, start: int, out: Array, place: int) -> None:
    """R(q)' v for the vector at `start` and the quaternion at 10 of a row."""
    x, y, z, w = -row[10], -row[11], -row[12], row[13]
    a, b, c = row[start], row[start + 1], row[start + 2]
    tx, ty, tz = 2 * (y * c - z * b), 2 * (z * a - x * c), 2 * (x * b - y * a)
    out[place] = a + w * tx + y * tz - z * ty
    out[place + 1] = b + w * ty + z * tx - x * tz
    out[place + 2] = c + w * tz + x * ty - y * tx


@njit(cache=True)
def sense_rows(rows: Array, index: NDArray[np.int64]) -> Array:
    """The layer at chosen rows of a recording, (T, ROW), (K,) -> (K, len(SENSOR))."""
    memory, out = np.zeros(MEMORY), np.empty((len(index), 27))
    k = 0
    for t in range(len(rows)):
        advance_sensor(memory, rows[t])
        if k < len(index) and index[k] == t:
            out[k] = read_sensor(memory)
            k += 1
    return out
