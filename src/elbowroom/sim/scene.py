"""One simulated dressing: robot, arm, sleeve and sensors behind a step."""

from __future__ import annotations

import numpy as np
import pybullet
from numpy.typing import NDArray

from elbowroom.core import (
    ArmMeasurement,
    Box,
    Closable,
    Command,
    InputError,
    Sample,
    Truth,
    quaternion_from_matrix,
)
from elbowroom.motion import ArmMotion, Garment, Person
from elbowroom.sim.cloth.bullet_cloth import BulletCloth, open_deformable_world
from elbowroom.sim.cloth.cuff import is_whole, locate, measure_clearance
from elbowroom.sim.cloth.sleeve import ALONG, AROUND, Sleeve, triangles
from elbowroom.sim.drawing.picture import Picture
from elbowroom.sim.drawing.raster import Camera, Image
from elbowroom.sim.errors import SimulationError
from elbowroom.sim.params import SimParams
from elbowroom.sim.person.arm import Arm
from elbowroom.sim.person.limb import hand_radius
from elbowroom.sim.person.reference import make_reference
from elbowroom.sim.robot.body import Robot
from elbowroom.sim.robot.panda import JOINT_NAMES
from elbowroom.sim.robot.placement import place_cuff
from elbowroom.sim.sensing.sensors import Senses

Array = NDArray[np.float64]

_GRAVITY = -9.81
_STILL = Command(np.zeros(3))


class DressingScene(Closable):
    """A robot pulls a sleeve up a person's moving arm.

    Time advances in ticks. In each, the sleeve moves first (`SimParams.substeps` steps) against
    the limbs and fingers as these move on, then robot and arm take its mean pull for one step of
    PyBullet.

    Args:
        person: whose arm is dressed.
        garment: what is pulled over it.
        motion: what the person does.
        params: settings.
        seed: of measurement and sensor errors; the same seed gives the same bits.

    Raises:
        UnreachableError: if the robot cannot do this dressing.
        SimulationError: if motion and person do not fit together.
    """

    def __init__(
        self,
        person: Person,
        garment: Garment,
        motion: ArmMotion,
        params: SimParams | None = None,
        seed: int = 0,
    ) -> None:
        self.person, self.garment, self.motion = person, garment, motion
        self.params = params or SimParams()
        self._period = 1.0 / self.params.rate
        self._tick, self._closed = 0, False
        self._picture: Picture | None = None
        self._client = pybullet.connect(pybullet.DIRECT)
        if self._client < 0:
            raise SimulationError("PyBullet has no free connection; close scenes after use")
        try:
            self._build(seed)
        except BaseException:
            self.close()
            raise

    def _build(self, seed: int) -> None:
        params, person, client = self.params, self.person, self._client
        solid = params.garment_model == "bullet"
        if solid:
            open_deformable_world(client)
        pybullet.setTimeStep(self._period, physicsClientId=client)
        pybullet.setGravity(0, 0, _GRAVITY, physicsClientId=client)
        rng = np.random.default_rng(seed)
        self.arm = _measure_arm(rng, person, params)
        ticks = round(params.max_duration * params.rate) + 1
        reference = make_reference(person, self.motion, ticks, self._period)
        self._limb = Arm(client, person, reference, self._period, solid)
        self._place_robot(reference.shoulder[0])
        self._sleeve.grasp(self._robot.pose)
        self._faces, self._fist = triangles(), hand_radius(person)
        self._pull = np.zeros(6)
        for _ in range(round(params.settle_time * params.rate)):
            self._advance(_STILL)
        self._senses = Senses(params, rng)
        self._sample = self._sense()

    def _place_robot(self, shoulder: Array) -> None:
        params, garment, client = self.params, self.garment, self._client
        offset = np.array(params.robot_base) - (0.0, 0.0, 1.0)
        if self.person.side == "left":
            offset[1] *= -1
        base = shoulder + offset
        aim = self._limb.points[2] - base
        self._robot = Robot(client, base, float(np.arctan2(aim[1], aim[0])), self._period)
        start = place_cuff(self._limb.points, params.lead, garment.radius, base, self._robot.turn)
        self._robot.place(start.q)
        self._sleeve: Sleeve | BulletCloth
        hold = params.grip_hold
        if params.garment_model == "bullet":
            cloth = BulletCloth(client, garment, start.centre, start.axis, start.grip, hold)
            self._sleeve = cloth
        else:
            self._sleeve = Sleeve(garment, start.centre, start.axis, start.grip, hold)

    @property
    def time(self) -> float:
        """Since the first sample [s]."""
        return self._tick * self._period

    @property
    def cuff_offset(self) -> tuple[float, float, float]:
        """Centre of the round cuff as seen from the fingers, in their axes [m]."""
        return (0.0, 0.0, self.garment.radius)

    def observe(self) -> Sample:
        """The newest sample."""
        return self._sample

    def step(self, command: Command) -> Sample:
        """Advance by one tick with the gripper following a velocity; returns the new sample.

        Raises:
            InputError: if the command is not finite or of the wrong shape.
            SimulationError: if the scene is closed, over, or no longer finite.
        """
        _check_command(command)
        if self._closed:
            raise SimulationError("the scene is closed")
        if self.time >= self.params.max_duration:
            raise SimulationError(f"the scene ends after {self.params.max_duration} s")
        self._tick += 1
        self._advance(command)
        self._sample = self._sense()
        return self._sample

    def _advance(self, command: Command) -> None:
        robot, limb = self._robot, self._limb
        pull = self._sleeve.advance(
            limb.capsules,
            limb.motion,
            robot.position,
            robot.rotation,
            robot.twist,
            self._period,
            self.params.substeps,
        )
        self._pull = pull.gripper
        limb.drive(self._tick, pull.limbs)
        robot.drive(command, pull.gripper)
        pybullet.stepSimulation(physicsClientId=self._client)
        limb.read(self._tick)
        robot.read()
        if not (np.isfinite(limb.points).all() and np.isfinite(robot.q).all()):
            raise SimulationError("the state of the arm or the robot is no longer finite")

    def _sense(self) -> Sample:
        self._progress, through = locate(self._sleeve.cuff, self._limb.points)
        self._threaded = through and is_whole(
            self._sleeve.x, self._faces, self._limb.points, self._fist
        )
        return self._senses.sense(
            self.time,
            self._robot,
            self._pull,
            self._limb.points,
            self._sleeve.tail,
            self._progress,
        )

    def truth(self) -> Truth:
        """What really is, at the time of the newest sample."""
        points = self._limb.points
        beyond = self._progress - self.person.forearm
        return Truth(
            elbow=points[1].copy(),
            shoulder=points[0].copy(),
            wrist=points[2].copy(),
            progress=self._progress,
            threaded=self._threaded,
            passed=self._threaded and beyond >= self.params.passed_margin,
            flexion=self._limb.angles[0],
            force=self._pull[:3].copy(),
        )

    def sleeve_nodes(self) -> Array:
        """Nodes of the sleeve [m], shape (n, 3), the cuff's ring first."""
        return np.array(self._sleeve.x)

    def arm_points(self) -> Array:
        """Shoulder, elbow, wrist and fingertips [m], shape (4, 3)."""
        return self._limb.points.copy()

    def finger_clearance(self) -> float:
        """Distance of the grip point from the arm's skin [m], negative inside the arm.

        Robot and arm do not collide in the simulation, so a good plan keeps this positive.
        """
        return measure_clearance(self._robot.position, self._limb.capsules)

    @property
    def slip(self) -> float:
        """How far the cloth has slid between the fingers [m]."""
        return self._sleeve.slip

    def robot_joints(self) -> tuple[tuple[str, ...], Array]:
        """Names and angles [rad] of the robot's joints, shape (7,)."""
        return JOINT_NAMES, self._robot.q.copy()

    def render(
        self,
        width: int = 640,
        height: int = 480,
        camera: Camera | None = None,
        box: Box | None = None,
        elbow: bool = False,
    ) -> Image:
        """A picture of robot, arm and sleeve, shape (height, width, 3).

        Args:
            width: of the picture [pixels].
            height: of the picture [pixels].
            camera: where it is taken from; None for the default.
            box: drawn as a frame.
            elbow: whether to mark the true elbow.
        """
        if self._closed:
            raise SimulationError("the scene is closed")
        if self._picture is None:
            self._picture = Picture(self.person, self._robot.base, self._robot.turn)
        limb = self._limb
        return self._picture.draw(
            self._robot.q,
            limb.points[0],
            quaternion_from_matrix(limb.frames[0]),
            limb.angles,
            self._sleeve.x.reshape(ALONG, AROUND, 3),
            width,
            height,
            camera or Camera(),
            box,
            limb.points[1] if elbow else None,
        )

    def close(self) -> None:
        """Free the PyBullet connection; closing twice does no harm."""
        if not self._closed and self._client >= 0:
            pybullet.disconnect(self._client)
            if self._picture is not None:
                self._picture.close()
        self._closed = True

    def __del__(self) -> None:
        if hasattr(self, "_closed"):
            self.close()


def _measure_arm(rng: np.random.Generator, person: Person, params: SimParams) -> ArmMeasurement:
    upper, fore = params.length_error * rng.standard_normal(2)
    error = max(params.length_error, 1e-6)
    return ArmMeasurement(person.upper_arm + upper, person.forearm + fore, error, error)


def _check_command(command: Command) -> None:
    for name in ("linear", "angular"):
        value = np.asarray(getattr(command, name), dtype=float)
        if value.shape != (3,) or not np.isfinite(value).all():
            raise InputError(f"command.{name} must be three finite numbers, got {value}")
