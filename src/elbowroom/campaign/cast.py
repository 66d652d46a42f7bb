"""Who is dressed, in what, and how the arm moves: drawn anew for every person."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from elbowroom.core import Params, param
from elbowroom.motion.movements.draw import KINDS
from elbowroom.motion.people import GARMENTS

if TYPE_CHECKING:
    from elbowroom.motion import ArmMotion, MotionParams, Person
    from elbowroom.sim import SimParams

_WRIST_SHARES = {"never": 0.5, "half": 0.4, "always": 0.1}
_OTHER_SHARES = {"never": 0.25, "half": 0.5, "always": 0.25}
_OTHER_STREAM, _DRESSING_STREAM, POLICY_STREAM = 1, 2, 3
"""Set the other optional inputs, a further dressing and who drives apart from all else drawn."""
_ATTEMPTS = 50


@dataclass(frozen=True)
class CastParams(Params):
    """What the people of a campaign, their garments and their movements are drawn from."""

    garment: str = param(
        "mixed",
        "kind of garment; mixed draws any radius from taut to loose",
        choices=("mixed", *GARMENTS),
    )
    motion: str = param(
        "generator", "source of movement", choices=("generator", "recordings", "mix")
    )
    motion_file: str = param("", "recordings (npz, MVNX or BVH) for the sources that need them")
    motion_subjects: str = param("", "use only these subjects' recordings, separated by commas")
    motion_kind: str = param(
        "mixed", "kind of generated movement; mixed draws it", choices=("mixed", *KINDS)
    )
    motion_duration: float = param(
        9.0, "length of movement and scene", unit="s", low=0.5, high=120.0
    )
    wrist: str = param(
        "mixed",
        "how much of the time the wrist is seen; mixed draws one of the others for each person",
        choices=("mixed", "never", "half", "always"),
    )
    progress: str = param(
        "mixed",
        "how much of the time the cuff's way along the arm is seen, likewise",
        choices=("mixed", "never", "half", "always"),
    )
    effort: str = param(
        "mixed",
        "how much of the time the joints' external torques are reported, likewise",
        choices=("mixed", "never", "half", "always"),
    )
    dressing: int = param(
        0,
        "which dressing of the person: the same body and sleeve, other movement and sensors",
        low=0,
        high=1000,
    )
    side: str = param(
        "right", "arm that is dressed; mixed draws it", choices=("right", "left", "mixed")
    )


@dataclass(frozen=True)
class Cast:
    """All settings from which a scene is drawn; None stands for the defaults."""

    people: CastParams = field(default_factory=CastParams)
    motion: MotionParams | None = None
    sim: SimParams | None = None


@dataclass(frozen=True)
class Setup:
    """A scene ready to start, with the facts to be stored with its trial.

    Attributes:
        scene: see `elbowroom.campaign.run.Scene`; it also has `close()`.
        facts: JSON values on person, garment, motion and sensor.
    """

    scene: Any
    facts: dict[str, Any]


Stage: TypeAlias = Callable[[int, int, int, Cast], Setup]
"""Draws a scene from (seed, index of the person, attempt, cast)."""


def draw_setup(seed: int, index: int, attempt: int, cast: Cast) -> Setup:
    """Draw person, garment, motion and sensor, and build the simulated scene.

    Args:
        seed: of the campaign.
        index: number of the person within it.
        attempt: 0, or how often the draw had to be thrown away before.
        cast: what to draw from.

    Raises:
        UnreachableError: if the robot cannot reach along this arm.
        MotionError: if no movement can be drawn.
        RecordingError: if the recordings cannot be read.
    """
    from elbowroom.motion import draw_garment, draw_person
    from elbowroom.sim import DressingScene, SimParams

    asked, identity = cast.people, person_identity(seed, index)
    first = _find_first(seed, index, cast) if asked.dressing else attempt
    rng = np.random.default_rng([seed, index, first])
    side = str(rng.choice(["right", "left"])) if asked.side == "mixed" else asked.side
    person = draw_person(rng, identity, side)
    garment = draw_garment(rng, asked.garment, identity)
    if asked.dressing:
        rng = np.random.default_rng([seed, index, attempt, _DRESSING_STREAM, asked.dressing])
    wrist = _draw_view(rng, asked.wrist, _WRIST_SHARES)
    further = [asked.dressing] if asked.dressing else []
    others = np.random.default_rng([seed, index, attempt, _OTHER_STREAM, *further])
    progress, effort = (
        _draw_view(others, mode, _OTHER_SHARES) for mode in (asked.progress, asked.effort)
    )
    motion = _draw_motion(rng, person, cast)
    sim = dataclasses.replace(
        cast.sim or SimParams(),
        wrist_visible=wrist,
        progress_visible=progress,
        effort_visible=effort,
        max_duration=asked.motion_duration,
    )
    scene = DressingScene(person, garment, motion, sim, int(rng.integers(2**31)))
    facts = {
        "person": identity,
        "seed": seed,
        "index": index,
        "dressing": asked.dressing,
        "side": side,
        "upper_arm_true": person.upper_arm,
        "forearm_true": person.forearm,
        "garment": dataclasses.asdict(garment),
        "motion": {
            "kind": motion.kind,
            "source": motion.source,
            "file": Path(asked.motion_file).name,
        },
        "wrist_visible": wrist,
        "progress_visible": progress,
        "effort_visible": effort,
        "sim": dataclasses.asdict(sim),
    }
    return Setup(scene, facts)


def person_identity(seed: int, index: int) -> int:
    """A number that no other person of any campaign has (up to a million people a seed)."""
    return seed * 1_000_000 + index


def _find_first(seed: int, index: int, cast: Cast) -> int:
    """The attempt that drew this person's first dressing, and with it the body."""
    from elbowroom.sim import UnreachableError

    once = dataclasses.replace(cast, people=dataclasses.replace(cast.people, dressing=0))
    for attempt in range(_ATTEMPTS):
        try:
            draw_setup(seed, index, attempt, once).scene.close()
        except UnreachableError:
            continue
        return attempt
    raise UnreachableError(f"nothing reachable in {_ATTEMPTS} draws")


def _draw_motion(rng: np.random.Generator, person: Person, cast: Cast) -> ArmMotion:
    from elbowroom.motion import draw_motion

    asked = cast.people
    return draw_motion(
        rng,
        person,
        asked.motion_duration,
        asked.motion,
        recordings=_read(asked.motion_file) if asked.motion_file else None,
        subjects=[s.strip() for s in asked.motion_subjects.split(",") if s.strip()] or None,
        kind=None if asked.motion_kind == "mixed" else asked.motion_kind,
        params=cast.motion,
    )


@cache
def _read(path: str) -> Any:
    from elbowroom.motion import read_recording

    return read_recording(Path(path))


def _draw_view(rng: np.random.Generator, asked: str, shares: dict[str, float]) -> str:
    drawn = str(rng.choice(list(shares), p=list(shares.values())))
    return drawn if asked == "mixed" else asked
