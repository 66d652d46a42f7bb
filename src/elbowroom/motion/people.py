"""Random people and garments.

Ranges: segment lengths from optical motion capture of eleven adults (UE_ADL database, San
Francisco State University); radii, masses and joint impedance are those at which the arm and
sleeve simulation was found stable and lifelike, spread to cover unlike people.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

UPPER_ARM = (0.231, 0.316)
FOREARM = (0.218, 0.291)
HAND = (0.078, 0.100)
UPPER_ARM_RADIUS = (0.038, 0.052)
ELBOW_RADIUS = (0.033, 0.043)
WRIST_RADIUS = (0.026, 0.033)
STIFFNESS = (30.0, 30.0, 10.0, 12.0, 3.0)
DAMPING = (3.0, 3.0, 1.0, 1.2, 0.15)
COMPLIANCE = (0.5, 2.0)

# Correlation of every segment with a common "stature" or "girth"; bones share more than flesh.
_STATURE, _GIRTH = 0.85, 0.7


class PersonError(ValueError):
    """A person or garment that cannot exist."""


@dataclass(frozen=True)
class Person:
    """One arm as the simulator needs it.

    Attributes:
        identity: number that stays the same over all trials of this person.
        upper_arm: shoulder to elbow [m].
        forearm: elbow to wrist [m].
        hand: wrist to knuckles [m].
        upper_arm_radius, elbow_radius, wrist_radius: of the tapered limb [m].
        upper_arm_mass, forearm_mass, hand_mass: [kg].
        stiffness: of three shoulder axes, elbow and forearm twist [N m/rad].
        damping: of the same joints [N m s/rad].
        side: "right" or "left".
    """

    identity: int
    upper_arm: float
    forearm: float
    hand: float
    upper_arm_radius: float
    elbow_radius: float
    wrist_radius: float
    upper_arm_mass: float
    forearm_mass: float
    hand_mass: float
    stiffness: tuple[float, float, float, float, float] = (30.0, 30.0, 10.0, 12.0, 3.0)
    damping: tuple[float, float, float, float, float] = (3.0, 3.0, 1.0, 1.2, 0.15)
    side: str = "right"

    def __post_init__(self) -> None:
        _refuse_non_positive(self, skip=("identity", "side"))
        if self.side not in ("right", "left"):
            raise PersonError(f"side must be 'right' or 'left', got {self.side!r}")
        for name in ("stiffness", "damping"):
            if len(getattr(self, name)) != len(STIFFNESS):
                raise PersonError(f"{name} must have {len(STIFFNESS)} numbers")


@dataclass(frozen=True)
class Garment:
    """One sleeve as the simulator needs it.

    Attributes:
        identity: number of the garment.
        kind: name of the range it was drawn from.
        length: cuff to shoulder seam [m].
        radius: unstretched [m].
        mass: [kg].
        elasticity: tensile stiffness of the cloth's threads [N/m].
        friction: Coulomb coefficient against skin.
        bending: stiffness of the springs that span two threads and resist folding [N/m].
    """

    identity: int
    kind: str
    length: float
    radius: float
    mass: float
    elasticity: float
    friction: float
    bending: float

    def __post_init__(self) -> None:
        _refuse_non_positive(self, skip=("identity", "kind"))


@dataclass(frozen=True)
class GarmentRange:
    """Inclusive ranges from which a garment of one kind is drawn; units as in `Garment`."""

    length: tuple[float, float] = (0.20, 0.24)
    radius: tuple[float, float] = (0.055, 0.065)
    mass: tuple[float, float] = (0.09, 0.15)
    elasticity: tuple[float, float] = (180.0, 340.0)
    friction: tuple[float, float] = (0.25, 0.40)
    bending: tuple[float, float] = (8.0, 30.0)


GARMENTS: dict[str, GarmentRange] = {
    "taut": GarmentRange(),
    "loose": GarmentRange(radius=(0.070, 0.080)),
    "stiff": GarmentRange(elasticity=(500.0, 900.0), bending=(60.0, 120.0)),
    "baggy": GarmentRange(radius=(0.085, 0.095)),
    "rough": GarmentRange(friction=(0.50, 0.65)),
}
"""Kinds of garment; "mixed" (any radius from taut to loose) is drawn over the first two."""

_MIXED = GarmentRange(radius=(0.055, 0.080))


def draw_person(rng: np.random.Generator, identity: int = 0, side: str = "right") -> Person:
    """A random adult.

    Lengths share a latent stature and radii a latent girth (Gaussian copula with uniform
    margins over the ranges above), masses follow volume, and stiffness is scaled by a factor
    that is log-uniform over `COMPLIANCE`, with damping following its square root so that the
    damping ratio stays.

    Args:
        rng: source of every random number.
        identity: number of the person.
        side: which arm is dressed, "right" or "left".
    """
    upper_arm, forearm, hand = _draw_together(rng, (UPPER_ARM, FOREARM, HAND), _STATURE)
    radii = _draw_together(rng, (UPPER_ARM_RADIUS, ELBOW_RADIUS, WRIST_RADIUS), _GIRTH)
    shoulder_r, elbow_r, wrist_r = radii
    density = rng.uniform(0.92, 1.08, 3)
    factor = np.exp(rng.uniform(*np.log(COMPLIANCE)) + rng.uniform(-0.2, 0.2, 5))
    stiffness = np.array(STIFFNESS) * factor
    damping = np.array(DAMPING) * np.sqrt(factor) * rng.uniform(0.8, 1.25)
    return Person(
        identity=identity,
        upper_arm=upper_arm,
        forearm=forearm,
        hand=hand,
        upper_arm_radius=shoulder_r,
        elbow_radius=elbow_r,
        wrist_radius=wrist_r,
        upper_arm_mass=1.9 * float(density[0]) * upper_arm / 0.30 * (shoulder_r / 0.045) ** 2,
        forearm_mass=1.1 * float(density[1]) * forearm / 0.26 * (elbow_r / 0.038) ** 2,
        hand_mass=0.4 * float(density[2]) * (hand / 0.09) ** 3,
        stiffness=tuple(float(k) for k in stiffness),  # type: ignore[arg-type]
        damping=tuple(float(d) for d in damping),  # type: ignore[arg-type]
        side=side,
    )


def draw_garment(rng: np.random.Generator, kind: str = "mixed", identity: int = 0) -> Garment:
    """A random sleeve of one kind.

    Args:
        rng: source of every random number.
        kind: a key of `GARMENTS`, or "mixed" for every radius from taut to loose.
        identity: number of the garment.

    Raises:
        PersonError: if the kind is unknown.
    """
    if kind != "mixed" and kind not in GARMENTS:
        raise PersonError(f"garment must be one of {['mixed', *GARMENTS]}, got {kind!r}")
    ranges = _MIXED if kind == "mixed" else GARMENTS[kind]
    drawn = {f.name: float(rng.uniform(*getattr(ranges, f.name))) for f in fields(ranges)}
    return Garment(identity=identity, kind=kind, **drawn)


def _draw_together(
    rng: np.random.Generator, ranges: tuple[tuple[float, float], ...], loading: float
) -> list[float]:
    common = rng.standard_normal()
    own = rng.standard_normal(len(ranges))
    latent = loading * common + math.sqrt(1 - loading**2) * own
    shares = [0.5 * (1 + math.erf(z / math.sqrt(2))) for z in latent]
    return [low + share * (high - low) for (low, high), share in zip(ranges, shares, strict=True)]


def _refuse_non_positive(thing: Person | Garment, skip: tuple[str, ...]) -> None:
    for f in fields(thing):
        if f.name in skip:
            continue
        value = np.asarray(getattr(thing, f.name), dtype=float)
        if not np.all(np.isfinite(value) & (value > 0)):
            raise PersonError(f"{f.name} must be finite and positive, got {getattr(thing, f.name)}")
