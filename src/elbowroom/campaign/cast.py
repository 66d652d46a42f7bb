"""Who is dressed, in what, and how the arm moves: drawn anew for every person."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from elbowroom.core import Params, param

_WRIST_SHARES = {"never": 0.5, "half": 0.4, "always": 0.1}


@dataclass(frozen=True)
class CastParams(Params):
    """What the people of a campaign, their garments and their movements are drawn from."""

    garment: str = param("mixed", "kind of garment: mixed, taut, loose, stiff, baggy or rough")
    motion: str = param("mixed", "source of movement: mixed, generator, recordings or still")
    motion_file: str = param("", "recordings (npz, MVNX or BVH) used where the source asks for it")
    wrist: str = param(
        "mixed",
        "how much of the time the wrist is seen; mixed draws one of the others for each person",
        choices=("mixed", "never", "half", "always"),
    )


@dataclass(frozen=True)
class Setup:
    """A scene ready to start, with the facts to be stored with its trial.

    Attributes:
        scene: see `elbowroom.campaign.run.Scene`; it also has `close()`.
        facts: JSON values on person, garment, motion and sensor.
    """

    scene: Any
    facts: dict[str, Any]


def draw_setup(seed: int, index: int, attempt: int, params: CastParams) -> Setup:
    """Draw person, garment, motion and sensor, and build the simulated scene.

    Args:
        seed: of the campaign.
        index: number of the person within it.
        attempt: 0, or how often the draw had to be thrown away before.
        params: what to draw from.

    Raises:
        UnreachableError: if the robot cannot reach along this arm.
    """
    from elbowroom.motion import draw_garment, draw_motion, draw_person
    from elbowroom.sim import DressingScene, SimParams

    rng = np.random.default_rng([seed, index, attempt])
    identity = person_identity(seed, index)
    person = draw_person(rng, identity)
    garment = draw_garment(rng, params.garment, identity)
    motion = draw_motion(rng, person)
    sim = SimParams(wrist_visible=_draw_wrist(rng, params.wrist))
    scene = DressingScene(person, garment, motion, sim, int(rng.integers(2**31)))
    facts = {
        "person": identity,
        "seed": seed,
        "index": index,
        "upper_arm_true": person.upper_arm,
        "forearm_true": person.forearm,
        "garment": dataclasses.asdict(garment),
        "motion": {"kind": motion.kind, "source": motion.source},
        "sim": dataclasses.asdict(sim),
    }
    return Setup(scene, facts)


def _draw_wrist(rng: np.random.Generator, asked: str) -> str:
    drawn = str(rng.choice(list(_WRIST_SHARES), p=list(_WRIST_SHARES.values())))
    return drawn if asked == "mixed" else asked


def person_identity(seed: int, index: int) -> int:
    """A number that no other person of any campaign has (up to a million people a seed)."""
    return seed * 1_000_000 + index
