"""Drawing new movements from the fitted model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import Akima1DInterpolator
from scipy.ndimage import gaussian_filter1d

from elbowroom.motion.arm_motion import MotionError
from elbowroom.motion.dressable import is_start
from elbowroom.motion.movements.model import MovementModel
from elbowroom.motion.movements.moves import (
    CHANGE,
    LOG_SIZE,
    MINIMUM_JERK_SIZE,
    PHASES,
    SHAPE,
    TEMPO,
    measure_way,
    minimum_jerk,
    rebuild_way,
)
from elbowroom.motion.movements.segments import RATE
from elbowroom.motion.posture import SIZE, joints_from_postures

Array = NDArray[np.float64]

KINDS = ("still", "slow", "active", "reaching")

_SMOOTHING = 0.04
_SETTLE = 0.5
_TRIES = 12
_TRIES_A_SIZE = 4
_FLEXION = 2.6
_UPPER_ARM, _FOREARM = 0.275, 0.25
_SLOWNESS = 0.4
# Movements that leave the joint limits are drawn anew, which favours short ones, and the smoothing
# takes some speed. These two factors, on size and speed, bring the quantiles of speed and
# acceleration back to the recorded ones.
_STRIDE, _HASTE = 1.27, 1.14
_SWAY = (0.3, 1.0)
_HEAD = np.array([0.05, 0.18, 0.22])
_HEAD_RADIUS = 0.12
_TRUNK_DEPTH = 0.08


@dataclass(frozen=True)
class Style:
    """How one person moves in one trial.

    Attributes:
        kind: "still" (sway only), "slow", "active" (own accord) or "reaching" (from one
            held-out posture to another).
        pace: factor on every speed.
        amplitude: factor on every departure from the first posture.
        novelty: chance that a movement goes into another direction than people were seen to.
        spread: factor on the model's standard deviations.
        flexion_max: at the start [rad].
    """

    kind: str = "active"
    pace: float = 1.0
    amplitude: float = 1.0
    novelty: float = 0.0
    spread: float = 1.0
    flexion_max: float = 1.9

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise MotionError(f"kind must be one of {list(KINDS)}, got {self.kind!r}")


def draw_postures(
    rng: np.random.Generator, model: MovementModel, duration: float, style: Style
) -> Array:
    """A posture track at 60 Hz that begins at rest, shape (T, 7).

    Via points of successive movements are joined by a modified Akima cubic, which keeps rests at
    rest and its slope through the joints, and low-passed by a Gaussian kernel of 40 ms. The sway
    of a resting arm, a Gaussian process with the fitted covariance and time constant, is faded in
    over 0.5 s.

    Args:
        rng: source of every random number.
        model: fitted movement model.
        duration: [s].
        style: how to move.
    """
    steps = round(duration * RATE) + 1
    first = draw_start(rng, model, style)
    times, knots = _draw_knots(rng, model, duration, style, first)
    margin = int(4 * _SMOOTHING * RATE)
    at = np.maximum(np.arange(steps + margin) / RATE, 0.0)
    track = Akima1DInterpolator(times, knots, method="makima")(at)
    track = gaussian_filter1d(track, _SMOOTHING * RATE, axis=0, mode="nearest")[:steps]
    track = first + style.amplitude * (track - track[0])
    return np.asarray(track + _sway(rng, model, steps))


def draw_start(rng: np.random.Generator, model: MovementModel, style: Style) -> Array:
    """A posture with the hand held out, shape (7,).

    Raises:
        MotionError: if the model has none below the wanted flexion.
    """
    for _ in range(200):
        posture = model.starts.draw(rng, style.spread)
        if _is_possible(model, posture) and _is_held_out(posture, style.flexion_max):
            return posture
    raise MotionError(f"no start posture with a flexion below {style.flexion_max} rad was found")


def measure_duration(model: MovementModel, length: float, tempo: float) -> float:
    """Time that a movement takes: exp(tempo + a + b log length), but no less than people need.

    Args:
        model: has the law (a, b) and the greatest length over duration and over its square.
        length: of the way, see `elbowroom.motion.movements.moves.measure_way` [m].
        tempo: departure from the law.

    Returns:
        Duration [s].
    """
    law = float(np.exp(tempo + model.law[0] + model.law[1] * np.log(length)))
    return max(law, length / model.brisk[0], float(np.sqrt(length / model.brisk[1])))


def _draw_knots(
    rng: np.random.Generator, model: MovementModel, duration: float, style: Style, first: Array
) -> tuple[Array, Array]:
    pace = _HASTE * style.pace * (_SLOWNESS if style.kind == "slow" else 1.0)
    clock = 0.15 + _draw_rest(rng, model) * rng.uniform()
    times, knots = [0.0, clock / 2, clock], [first, first, first]
    while style.kind != "still" and clock < duration + 1.0:
        way, seconds = _draw_move(rng, model, style, knots[-1])
        seconds /= pace
        times += list(clock + seconds * np.append(PHASES, 1.0))
        knots += list(way)
        clock += seconds
        pause = _draw_pause(rng, model)
        if pause > 0.02:
            # Akima's cubic stands still where two pieces beside each other do.
            times += [clock + pause / 2, clock + pause]
            knots += [knots[-1], knots[-1]]
            clock += pause
    end = max(clock, duration)
    return np.array([*times, end + 1.0, end + 2.0]), np.array([*knots, knots[-1], knots[-1]])


def _draw_move(
    rng: np.random.Generator, model: MovementModel, style: Style, posture: Array
) -> tuple[Array, float]:
    """Via points, shape (P + 1, 7), and duration [s] of one movement from a posture.

    A movement that leads out of the limits is replaced by others of its size, and only then by
    one of another size, for otherwise large movements would be lost.
    """
    stride = 0.0 if style.kind == "reaching" else np.log(_STRIDE)
    size = 0.0
    for attempt in range(_TRIES):
        if attempt % _TRIES_A_SIZE == 0:
            size = _draw_size(rng, model, style)
        z = _draw_description(rng, model, style, posture, size)
        if rng.uniform() < style.novelty:
            z = _turn(rng, z)
        way = rebuild_way(posture, z[CHANGE], z[LOG_SIZE] + stride, z[SHAPE])
        if _is_possible(model, way[-1]):
            return way, measure_duration(model, measure_way(posture, way), z[TEMPO])
    return np.tile(posture, (len(PHASES) + 1, 1)), 0.5


def _draw_size(rng: np.random.Generator, model: MovementModel, style: Style) -> float:
    """Logarithm of a movement's size, regardless of the posture.

    People make large movements from everywhere, while in an unusual posture the density knows
    small adjustments only.
    """
    drawn = model.moves.draw(rng, style.spread)[LOG_SIZE]
    return float(drawn * model.scale[LOG_SIZE] + model.offset[LOG_SIZE])


def _draw_description(
    rng: np.random.Generator, model: MovementModel, style: Style, posture: Array, log_size: float
) -> Array:
    """A movement's z given its posture and size, its shape no longer reduced."""
    if style.kind == "reaching":
        way = draw_start(rng, model, style) - posture
        size = MINIMUM_JERK_SIZE * float(np.linalg.norm(way)) + 1e-3
        known = np.concatenate([posture, [np.log(size)], way / size])
    else:
        known = np.append(posture, log_size)
    n = len(known)
    density = model.moves.condition((known - model.offset[:n]) / model.scale[:n])
    rest = density.draw(rng, style.spread) * model.scale[n:] + model.offset[n:]
    z = np.concatenate([known, rest])
    return np.concatenate([z[: SHAPE.start], model.shape_mean + z[SHAPE] @ model.shape_basis])


def _turn(rng: np.random.Generator, z: Array) -> Array:
    """The same movement into another direction of the upper arm and of the forearm."""
    turn = np.eye(SIZE)
    for first in (0, 2):
        angle = rng.uniform(-np.pi, np.pi)
        c, s = np.cos(angle), np.sin(angle)
        turn[first : first + 2, first : first + 2] = [[c, -s], [s, c]]
    shape = z[SHAPE].reshape(-1, SIZE) @ turn.T
    return np.concatenate(
        [z[: CHANGE.start], turn @ z[CHANGE], z[TEMPO : SHAPE.start], shape.ravel()]
    )


def _draw_pause(rng: np.random.Generator, model: MovementModel) -> float:
    chain, at_once, mean, spread = model.rhythm[:4]
    if rng.uniform() >= chain:
        return _draw_rest(rng, model)
    if rng.uniform() < at_once:
        return 0.0
    return float(np.exp(rng.normal(mean, spread)))


def _draw_rest(rng: np.random.Generator, model: MovementModel) -> float:
    return float(np.exp(rng.normal(model.rhythm[4], model.rhythm[5])))


def _sway(rng: np.random.Generator, model: MovementModel, steps: int) -> Array:
    width = model.sway_time * RATE
    white = rng.standard_normal((steps, SIZE))
    smooth = gaussian_filter1d(white, width, axis=0, mode="wrap") * np.sqrt(
        2 * np.sqrt(np.pi) * width
    )
    fade = minimum_jerk(np.clip(np.arange(steps) / (_SETTLE * RATE), 0.0, 1.0))
    size = rng.uniform(*_SWAY)
    return np.asarray((smooth - smooth[0]) @ (size * model.sway).T * fade[:, None])


def _is_possible(model: MovementModel, posture: Array) -> bool:
    """Within the joint limits and with the hand outside trunk and head."""
    low, high = model.limits
    if np.any(posture < low) or np.any(posture > high) or np.hypot(*posture[2:4]) > _FLEXION:
        return False
    wrist = _wrist(posture)
    in_trunk = wrist[0] < _TRUNK_DEPTH and wrist[1] > 0.0 and wrist[2] < 0.0
    return not in_trunk and float(np.linalg.norm(wrist - _HEAD)) > _HEAD_RADIUS


def _is_held_out(posture: Array, flexion_max: float) -> bool:
    return bool(is_start(_wrist(posture), float(np.hypot(*posture[2:4])), flexion_max))


def _wrist(posture: Array) -> Array:
    shoulder, _, wrist = joints_from_postures(posture[None], _UPPER_ARM, _FOREARM, np.zeros(3))
    return np.asarray(wrist[0] - shoulder[0])
