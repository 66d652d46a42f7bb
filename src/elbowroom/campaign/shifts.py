"""Dressings that are not like those calibrated on: one planted change each.

A shift changes person, movement, garment or what the wrist sensor says, in the loop: the estimator
and the planner work with the changed inputs. At strength 1 it lies outside the ranges that people,
garments and sensors are drawn from; "fast_person:2" is that shift at twice its strength.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from elbowroom.campaign.attack import WrenchAttack
from elbowroom.campaign.cast import Cast, Setup, Stage, draw_setup
from elbowroom.campaign.pool import CampaignError
from elbowroom.core import ArmMeasurement, Command, Sample, Truth, Wrench, matrix_from_quaternion

if TYPE_CHECKING:
    from elbowroom.motion import ArmMotion, Garment, Person

NONE = "none"
SOFTER, FASTER = 0.25, 1.0
"""Factor on an arm's stiffness, and what a movement's speed grows by, at strength 1."""
BIAS_FORCE, BIAS_TORQUE, GAIN = 1.5, 0.1, 1.6
"""Offset [N], [N m] in a random direction and factor on what the sensor says, at strength 1."""
WIDER = 0.1
"""By what share a baggy sleeve's radius grows for each further strength."""

Spoil: TypeAlias = Callable[[Sample], Sample]
"""Changes a sample as measured."""
_STREAM = 77


class SpoiledScene:
    """A scene whose samples are changed before anybody sees them."""

    def __init__(self, scene: Any, spoil: Spoil) -> None:
        self._scene, self._spoil = scene, spoil
        self._newest = spoil(scene.observe())

    @property
    def arm(self) -> ArmMeasurement:
        """The person's lengths as measured."""
        return self._scene.arm

    def observe(self) -> Sample:
        """The newest sample."""
        return self._newest

    def step(self, command: Command) -> Sample:
        """Move for one tick and measure."""
        self._newest = self._spoil(self._scene.step(command))
        return self._newest

    def truth(self) -> Truth:
        """What really is."""
        return self._scene.truth()

    def close(self) -> None:
        """Free the scene."""
        self._scene.close()


def stage_of(shift: str) -> Stage:
    """What draws the scenes of a shift, for the jobs of a campaign.

    Args:
        shift: a name of `SHIFTS`, with ":strength" behind it if that is not 1.

    Raises:
        CampaignError: if the shift is unknown or the strength no positive number.
    """
    name, strength = read_shift(shift)
    return draw_setup if name == NONE else partial(draw_shifted, shift=name, strength=strength)


def read_shift(shift: str) -> tuple[str, float]:
    """Name and strength of a shift.

    Raises:
        CampaignError: if it is unknown or the strength no positive number.
    """
    name, _, strength = shift.partition(":")
    try:
        value = float(strength or 1.0)
    except ValueError:
        value = -1.0
    if name not in SHIFTS or not 0 < value < np.inf:
        raise CampaignError(f"a shift is NAME or NAME:STRENGTH of {list(SHIFTS)}, got {shift!r}")
    return name, value


def draw_shifted(
    seed: int, index: int, attempt: int, cast: Cast, shift: str, strength: float = 1.0
) -> Setup:
    """The person of `draw_setup` under a shift.

    Raises:
        UnreachableError, MotionError, RecordingError: see `draw_setup`.
    """
    rng = np.random.default_rng([seed, index, attempt, _STREAM])
    setup = SHIFTS[shift](draw_setup(seed, index, attempt, cast), rng, strength)
    return Setup(setup.scene, setup.facts | {"shift": shift, "strength": strength})


def _rebuild(setup: Setup, rng: np.random.Generator, **changed: Any) -> Setup:
    from elbowroom.sim import DressingScene

    old = setup.scene
    old.close()
    parts = {"person": old.person, "garment": old.garment, "motion": old.motion} | changed
    scene = DressingScene(**parts, params=old.params, seed=int(rng.integers(2**31)))
    return Setup(scene, setup.facts | {"garment": dataclasses.asdict(parts["garment"])})


def _soften(setup: Setup, rng: np.random.Generator, strength: float) -> Setup:
    person: Person = setup.scene.person
    factor = SOFTER**strength
    stiffness = tuple(factor * k for k in person.stiffness)
    damping = tuple(factor**0.5 * d for d in person.damping)
    softer = dataclasses.replace(person, stiffness=stiffness, damping=damping)
    return _rebuild(setup, rng, person=softer)


def _hurry(setup: Setup, rng: np.random.Generator, strength: float) -> Setup:
    motion: ArmMotion = setup.scene.motion
    start = motion.time[0]
    faster = dataclasses.replace(
        motion, time=start + (motion.time - start) / (1 + FASTER * strength)
    )
    return _rebuild(setup, rng, motion=faster)


def _redress(setup: Setup, rng: np.random.Generator, strength: float, kind: str) -> Setup:
    from elbowroom.motion import draw_garment

    old: Garment = setup.scene.garment
    new = draw_garment(rng, kind, old.identity)
    more = 1 + WIDER * (strength - 1)
    if kind == "baggy":
        return _rebuild(setup, rng, garment=dataclasses.replace(new, radius=new.radius * more))
    stiffer = {n: getattr(new, n) * strength for n in ("elasticity", "bending")}
    return _rebuild(setup, rng, garment=dataclasses.replace(new, **stiffer))


def _spoiled(
    setup: Setup,
    rng: np.random.Generator,
    strength: float,
    make: Callable[[Setup, np.random.Generator, float], Spoil],
) -> Setup:
    return Setup(SpoiledScene(setup.scene, make(setup, rng, strength)), setup.facts)


def _offset(setup: Setup, rng: np.random.Generator, strength: float) -> Spoil:
    ways = rng.standard_normal((2, 3))
    ways *= strength / np.linalg.norm(ways, axis=1, keepdims=True)
    return lambda s: respond(s, np.eye(3), BIAS_FORCE * ways[0], BIAS_TORQUE * ways[1])


def _scale(setup: Setup, rng: np.random.Generator, strength: float) -> Spoil:
    return lambda s: respond(s, GAIN**strength * np.eye(3))


def _swap(setup: Setup, rng: np.random.Generator, strength: float) -> Spoil:
    # Two axes of the gripper exchanged; beyond strength 1 the axis of the sleeve is one of them.
    order = [1, 0, 2] if strength <= 1 else [2, 1, 0]
    return lambda s: respond(s, np.eye(3)[order])


def _attack(setup: Setup, rng: np.random.Generator, strength: float) -> Spoil:
    return WrenchAttack.shipped(setup.scene.arm, setup.scene.params, strength)


def respond(sample: Sample, matrix: Any, force: Any = 0.0, torque: Any = 0.0) -> Sample:
    """The sample of a sensor that says M f + b instead of f, in the gripper's axes.

    Args:
        sample: as a good sensor has it, world axes.
        matrix: M, shape (3, 3), the same for force and torque.
        force: b of the force [N], shape (3,).
        torque: b of the torque [N m], shape (3,).
    """
    if sample.wrench is None or sample.gripper is None:
        return sample
    turn = matrix_from_quaternion(sample.gripper.orientation)
    said = [
        turn @ (matrix @ (turn.T @ true) + offset)
        for true, offset in ((sample.wrench.force, force), (sample.wrench.torque, torque))
    ]
    return dataclasses.replace(sample, wrench=Wrench(*said))


SHIFTS: dict[str, Callable[[Setup, np.random.Generator, float], Setup]] = {
    NONE: lambda setup, rng, strength: setup,
    "soft_arm": _soften,
    "fast_person": _hurry,
    "baggy_sleeve": partial(_redress, kind="baggy"),
    "stiff_fabric": partial(_redress, kind="stiff"),
    "sensor_bias": partial(_spoiled, make=_offset),
    "sensor_gain": partial(_spoiled, make=_scale),
    "axis_swap": partial(_spoiled, make=_swap),
    "adversarial": partial(_spoiled, make=_attack),
}
"""Every planted change by name."""
