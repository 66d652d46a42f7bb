"""People, movements and pulls for the tests of the simulator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from elbowroom.core import Command, Sample, Truth, matrix_from_quaternion
from elbowroom.motion import ArmMotion, Garment, Person, mirror
from elbowroom.sim import DressingScene, SimParams

PERSON = Person(
    identity=7,
    upper_arm=0.29,
    forearm=0.26,
    hand=0.09,
    upper_arm_radius=0.045,
    elbow_radius=0.038,
    wrist_radius=0.030,
    upper_arm_mass=1.9,
    forearm_mass=1.1,
    hand_mass=0.4,
)
GARMENT = Garment(
    identity=1,
    kind="loose",
    length=0.22,
    radius=0.070,
    mass=0.12,
    elasticity=250.0,
    friction=0.3,
    bending=15.0,
)
EXACT = SimParams(
    noise_force=(0.0, 0.0, 0.0),
    noise_torque=(0.0, 0.0, 0.0),
    quantum_force=(0.0, 0.0, 0.0),
    quantum_torque=(0.0, 0.0, 0.0),
    bias_force=0.0,
    bias_torque=0.0,
    drift_force=0.0,
    compensation_mass=0.0,
    compensation_offset=0.0,
)


def hold_out(
    person: Person = PERSON, flexion: float = 0.5, sway: float = 0.0, duration: float = 10.0
) -> ArmMotion:
    """An arm held out to the robot: upper arm down and ahead, forearm flexed upwards.

    The elbow swings by `sway` radians about the vertical at a third of a hertz.
    """
    time = np.arange(0.0, duration, 1 / 60)
    swing = sway * np.sin(2 * np.pi * time / 3) * (1 - np.exp(-time))
    upper = np.stack(
        [0.8 * np.cos(swing - 0.2), 0.8 * np.sin(swing - 0.2), np.full_like(time, -0.6)], axis=1
    )
    across = np.array([0.5, 0.1, 0.85]) - (upper @ [0.5, 0.1, 0.85])[:, None] * upper
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    fore = np.cos(flexion) * upper + np.sin(flexion) * across
    shoulder = np.tile([0.0, 0.0, 1.0], (len(time), 1))
    elbow = shoulder + person.upper_arm * upper
    motion = ArmMotion(time, shoulder, elbow, elbow + person.forearm * fore, kind="test")
    return mirror(motion) if person.side == "left" else motion


def make_scene(
    params: SimParams | None = None,
    seed: int = 0,
    person: Person = PERSON,
    garment: Garment = GARMENT,
    flexion: float = 0.5,
    sway: float = 0.1,
) -> DressingScene:
    """A scene of ten seconds at most."""
    params = replace(params or SimParams(), max_duration=10.0)
    return DressingScene(person, garment, hold_out(person, flexion, sway), params, seed)


def pull_straight(
    scene: DressingScene,
    duration: float,
    speed: float = 0.14,
    watch: Callable[[Sample, Truth], None] | None = None,
    limit: float = 12.0,
    compliance: float = 1 / 110,
) -> Truth:
    """Pull the cuff's centre straight at the shoulder, slower by force and not beyond a limit."""
    for _ in range(round(duration * scene.params.rate)):
        sample, truth = scene.observe(), scene.truth()
        way = truth.shoulder - _cuff_centre(scene, sample)
        distance = float(np.linalg.norm(way))
        force = sample.wrench.force if sample.wrench else np.zeros(3)
        share = float(np.clip((limit - np.linalg.norm(force)) / 6.0, 0.0, 1.0))
        velocity = share * speed * way / max(distance, 0.05) + compliance * force
        scene.step(Command(velocity if distance > 0.08 else np.zeros(3)))
        if watch:
            watch(scene.observe(), scene.truth())
    return scene.truth()


def _cuff_centre(scene: DressingScene, sample: Sample) -> np.ndarray:
    assert sample.gripper is not None
    turn = matrix_from_quaternion(sample.gripper.orientation)
    return sample.gripper.position + turn @ np.array(scene.cuff_offset)
