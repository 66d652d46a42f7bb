"""Drawing the movement of one trial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from elbowroom.core import ParameterError, Params, param
from elbowroom.motion.arm_motion import SHOULDER, ArmMotion, MotionError, mirror
from elbowroom.motion.dressable import FLEXION_MAX, is_dressable
from elbowroom.motion.movements.draw import KINDS, Style, draw_postures
from elbowroom.motion.movements.model import MovementModel, load_shipped
from elbowroom.motion.people import Person
from elbowroom.motion.posture import joints_from_postures
from elbowroom.motion.recordings.recording import Clip, select_subjects
from elbowroom.motion.retarget import RATE, dressable_starts, retarget, yaw_matrix

SOURCES = ("generator", "recordings", "mix")

_TRIES = 60
_SPEED_MAX = 2.0
_ACCELERATION_MAX = 16.0
_SLOW = 0.4
_SHOULDER_MAX = 0.25


@dataclass(frozen=True)
class MotionParams(Params):
    """How the movement of a trial is drawn."""

    still_share: float = param(
        0.05, "Share of generated trials in which the arm only sways.", low=0.0, high=1.0
    )
    slow_share: float = param(
        0.20, "Share of generated trials with slow movements.", low=0.0, high=1.0
    )
    reaching_share: float = param(
        0.25,
        "Share of generated trials that go from one held-out posture to another.",
        low=0.0,
        high=1.0,
    )
    recordings_share: float = param(
        0.5, "Share of retargeted recordings in source 'mix'.", low=0.0, high=1.0
    )
    amplitude_low: float = param(0.3, "Least factor on the size of movements.", low=0.0, high=2.0)
    amplitude_high: float = param(
        0.95, "Greatest factor on the size of movements.", low=0.0, high=2.0
    )
    pace_spread: float = param(
        0.2, "Standard deviation of the logarithm of the factor on speeds.", low=0.0, high=1.0
    )
    novelty: float = param(
        0.25, "Chance that a generated movement takes a new direction.", low=0.0, high=1.0
    )
    spread: float = param(1.15, "Factor on the generator's standard deviations.", low=0.1, high=3.0)
    flexion_max: float = param(
        1.6, "Greatest elbow flexion at the start.", unit="rad", low=0.2, high=FLEXION_MAX
    )
    yaw: float = param(
        0.3,
        "Greatest turn of the whole movement about the vertical.",
        unit="rad",
        low=0.0,
        high=0.8,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.amplitude_low > self.amplitude_high:
            raise ParameterError("amplitude_low must not exceed amplitude_high")
        if self.still_share + self.slow_share + self.reaching_share > 1:
            raise ParameterError("still_share, slow_share and reaching_share exceed one together")


def draw_motion(
    rng: np.random.Generator,
    person: Person,
    duration: float,
    source: str = "generator",
    recordings: Sequence[Clip] | None = None,
    subjects: Sequence[str] | None = None,
    kind: str | None = None,
    params: MotionParams | None = None,
    model: MovementModel | None = None,
) -> ArmMotion:
    """The movement of one arm during one trial, starting where a dressing can begin.

    Source "generator" draws from the fitted model, one kind by the shares of `params`;
    "recordings" plays a random window of a random clip (see `retarget`); "mix" chooses between
    the two by `recordings_share`. Size and pace of the movement vary as `params` says.

    Args:
        rng: source of every random number.
        person: whose lengths and side the arm has.
        duration: [s], 0.2 to 600.
        source: "generator", "recordings" or "mix".
        recordings: clips as `read_recording` gives them; needed by the last two sources.
        subjects: use only the clips of these; None for all.
        kind: one of "still", "slow", "active", "reaching"; None to draw it. For recordings it
            has no effect.
        params: shares and ranges; None for the defaults.
        model: fitted movement model; None for the shipped one.

    Raises:
        MotionError: if an argument is out of range or no clip has a dressable start.
        RecordingError: if a subject has no clip.
    """
    params = params or MotionParams()
    if source not in SOURCES:
        raise MotionError(f"source must be one of {list(SOURCES)}, got {source!r}")
    if not 0.2 <= duration <= 600:
        raise MotionError(f"duration must lie in [0.2, 600] s, got {duration}")
    if source != "generator" and not recordings:
        raise MotionError(f"source {source!r} needs recordings")
    if source == "mix":
        source = "recordings" if rng.uniform() < params.recordings_share else "generator"
    if source == "recordings":
        clips = select_subjects(recordings or (), subjects)
        motion = _play(rng, person, duration, clips, params)
    else:
        motion = _generate(rng, person, duration, kind, params, model or load_shipped())
    return mirror(motion) if person.side == "left" else motion


def _generate(
    rng: np.random.Generator,
    person: Person,
    duration: float,
    kind: str | None,
    params: MotionParams,
    model: MovementModel,
) -> ArmMotion:
    kind = kind or _draw_kind(rng, params)
    style = Style(
        kind=kind,
        pace=float(np.exp(rng.normal(0.0, params.pace_spread))),
        amplitude=_draw_amplitude(rng, params),
        novelty=params.novelty,
        spread=params.spread,
        flexion_max=params.flexion_max,
    )
    for _ in range(_TRIES):
        postures = draw_postures(rng, model, duration, style)
        postures[:, 4:] -= postures[0, 4:]
        joints = joints_from_postures(postures, person.upper_arm, person.forearm, np.zeros(3))
        turn = yaw_matrix(rng.uniform(-params.yaw, params.yaw))
        shoulder, elbow, wrist = (j @ turn.T + np.array(SHOULDER) for j in joints)
        time = np.arange(len(postures)) / RATE
        motion = ArmMotion(time, shoulder, elbow, wrist, kind, "generator")
        if _is_human(motion, _SLOW if kind == "slow" else 1.0) and is_dressable(
            motion, flexion_max=params.flexion_max
        ):
            return motion
    raise MotionError("the movement model gives no start that a dressing can begin from")


def _play(
    rng: np.random.Generator,
    person: Person,
    duration: float,
    clips: Sequence[Clip],
    params: MotionParams,
) -> ArmMotion:
    for _ in range(_TRIES):
        clip = clips[int(rng.integers(len(clips)))]
        starts = dressable_starts(clip, params.flexion_max)
        if not clip.active or len(starts) == 0:
            continue
        pace = float(np.exp(rng.normal(0.0, params.pace_spread)))
        rate = pace * (1 if rng.uniform() < 0.5 else -1)
        window = (float(rng.choice(starts)), duration)
        motion = retarget(clip, person, rng, window, rate, _draw_amplitude(rng, params), params.yaw)
        seated = (
            np.max(np.linalg.norm(motion.shoulder - motion.shoulder[0], axis=1)) < _SHOULDER_MAX
        )
        if seated and is_dressable(motion, flexion_max=params.flexion_max):
            return motion
    raise MotionError("no recording has a window that a dressing can begin from")


def _is_human(motion: ArmMotion, share: float) -> bool:
    """No elbow speed or acceleration beyond a share of what arms were seen to do and a margin."""
    velocity = np.diff(motion.elbow, axis=0) * RATE
    acceleration = np.diff(velocity, axis=0) * RATE
    return bool(
        np.max(np.linalg.norm(velocity, axis=1)) <= share * _SPEED_MAX
        and np.max(np.linalg.norm(acceleration, axis=1)) <= share * _ACCELERATION_MAX
    )


def _draw_kind(rng: np.random.Generator, params: MotionParams) -> str:
    shares = [params.still_share, params.slow_share, 0.0, params.reaching_share]
    shares[2] = max(0.0, 1.0 - sum(shares))
    return str(rng.choice(KINDS, p=shares))


def _draw_amplitude(rng: np.random.Generator, params: MotionParams) -> float:
    return float(rng.uniform(params.amplitude_low, params.amplitude_high))
