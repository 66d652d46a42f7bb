"""A table with objects and a Panda over it, behind a tick."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pybullet
from numpy.typing import NDArray

from elbowroom.core import Closable, Command, Pose
from elbowroom.sim.errors import SimulationError
from elbowroom.sim.grasping.camera import (
    Image,
    Segments,
    picture_from_stand,
    picture_from_wrist,
)
from elbowroom.sim.grasping.hand import Hand
from elbowroom.sim.grasping.items import BALL, CYLINDER, PRIMITIVES, Placed
from elbowroom.sim.grasping.params import GraspSceneParams
from elbowroom.sim.grasping.seen import Seen
from elbowroom.sim.robot.panda import JOINT_NAMES
from elbowroom.sim.vectors import quaternion_of

Array = NDArray[np.float64]

_TABLE = (0.6, 0.6, 0.05)
_SINK = 1e-5
"""How deep the contact solver lets an object rest in the table [m]. Boxes that only just touch have
no contact yet: one that is laid down so falls for a step, and would sleep where it fell to."""
_MOST = 1200
"""Bodies that come and go before the world is built anew: PyBullet keeps 3.5 KB of every one."""
RIGID = True
"""Everything but the robot is a rigid body of its own, not an articulated one without joints: the
contacts between two of them then cost a fraction, and asleep they cost nothing."""
_FIXED = 2
"""Bodies that are always there: the table and the robot."""


class GraspScene(Closable):
    """The table is the plane z = 0, the robot's base the origin, x points to the field.

    The same resets and commands give the same bits, whether or not pictures are taken.

    Args:
        params: settings.
    """

    def __init__(self, params: GraspSceneParams | None = None) -> None:
        self.params = params or GraspSceneParams()
        self.period = 1.0 / self.params.rate
        self._client = pybullet.connect(pybullet.DIRECT)
        if self._client < 0:
            raise SimulationError("PyBullet has no free connection; close scenes after use")
        self._bodies: list[int] = []
        self._gone = 0
        self._placed: tuple[Placed, ...] = ()
        self._build()

    def _build(self) -> None:
        p, client = self.params, self._client
        pybullet.setGravity(0, 0, -9.81, physicsClientId=client)
        pybullet.setPhysicsEngineParameter(
            fixedTimeStep=self.period,
            numSubSteps=p.substeps,
            numSolverIterations=p.iterations,
            deterministicOverlappingPairs=1,
            physicsClientId=client,
        )
        shape = pybullet.createCollisionShape(
            pybullet.GEOM_BOX, halfExtents=_TABLE, physicsClientId=client
        )
        pybullet.createMultiBody(
            0,
            shape,
            basePosition=(0.5, 0.0, -_TABLE[2]),
            useMaximalCoordinates=RIGID,
            physicsClientId=client,
        )
        self.hand = Hand(client, self.period, p.substeps)
        x, y = p.field
        side = p.reach + p.margin
        self.low = np.array([x - side, y - side, p.lowest])
        self.high = np.array([x + side, y + side, p.highest])

    def reset(self, placed: tuple[Placed, ...], position: Array, yaw: float) -> None:
        """Clear the table, lay out objects and put the open hand above.

        Args:
            placed: the objects.
            position: of the point between the fingers [m], shape (3,).
            yaw: of the hand [rad].

        Raises:
            UnreachableError: if the hand cannot be there.
            SimulationError: if two objects have the same name, or the scene is closed.
        """
        self._check_open()
        names = [p.item.name for p in placed]
        if len(set(names)) != len(names):
            raise SimulationError(f"objects need different names, got {names}")
        self._remove(self._bodies)
        self._bodies = [_make_body(self._client, p) for p in placed]
        self._placed = placed
        self.hand.place(position, yaw)
        self.hand.drive(Command(np.zeros(3)), False, self.low, self.high)
        self._look()

    def _remove(self, bodies: Sequence[int]) -> None:
        """Take bodies away; once many have gone and none is left, build the world anew."""
        for body in bodies:
            pybullet.removeBody(body, physicsClientId=self._client)
        self._gone += len(bodies)
        if self._gone >= _MOST and pybullet.getNumBodies(self._client) == _FIXED:
            pybullet.resetSimulation(physicsClientId=self._client)
            self._build()
            self._gone = 0

    def advance(self, command: Command, closed: bool) -> None:
        """Advance by one tick.

        Args:
            command: gripper velocity; of the turn only that about the vertical counts.
            closed: whether the fingers shall be shut.

        Raises:
            SimulationError: if the scene is closed or the robot's state no longer finite.
        """
        self._check_open()
        self.hand.drive(command, closed, self.low, self.high)
        pybullet.stepSimulation(physicsClientId=self._client)
        self.hand.read()
        if not math.isfinite(sum(self.hand.q.tolist())):
            raise SimulationError("the state of the robot is no longer finite")
        self._looked = False

    def _look(self) -> None:
        """See where the objects are; done once a tick, and only if somebody asks."""
        self._looked = True
        poses = [
            pybullet.getBasePositionAndOrientation(b, physicsClientId=self._client)
            for b in self._bodies
        ]
        self._positions = [p for p, _ in poses]
        self._orientations = [q for _, q in poses]
        if not math.isfinite(sum(sum(p) for p in self._positions)):
            raise SimulationError("the state of an object is no longer finite")

    def objects(self) -> tuple[Seen, ...]:
        """Every object as it is now."""
        if not self._looked:
            self._look()
        return tuple(
            Seen(p.item, np.array(x), np.array(q))
            for p, x, q in zip(self._placed, self._positions, self._orientations, strict=True)
        )

    def shown(self) -> tuple[Seen, ...]:
        """What a camera sees on the table."""
        return self.objects()

    def lifted(self) -> tuple[str, ...]:
        """Names of the objects that are off the table by `GraspSceneParams.lift`."""
        if not self._looked:
            self._look()
        return tuple(
            p.item.name
            for p, x in zip(self._placed, self._positions, strict=True)
            if x[2] > p.item.height + self.params.lift
        )

    @property
    def gripper(self) -> Pose:
        """Pose of the point between the fingers."""
        return Pose(self.hand.position.copy(), quaternion_of(self.hand.rotation))

    def picture(self, size: int = 48) -> Image:
        """What the camera on the wrist sees, shape (size, size, 3)."""
        return self.segment(size)[0]

    def segment(self, size: int = 48) -> tuple[Image, Segments]:
        """What the camera on the wrist sees, and which of `shown` in every pixel.

        See `picture_from_wrist`.
        """
        hand = self.hand
        return picture_from_wrist(hand.position, hand.rotation, hand.fingers, self.shown(), size)

    def render(self, width: int = 320, height: int = 240) -> Image:
        """What a camera beside the table sees, shape (height, width, 3)."""
        hand = self.hand
        return picture_from_stand(
            hand.position, hand.rotation, hand.fingers, self.shown(), width, height
        )

    def robot_joints(self) -> tuple[tuple[str, ...], Array]:
        """Names and angles [rad] of the arm's joints, shape (7,)."""
        return JOINT_NAMES, self.hand.q.copy()

    def _check_open(self) -> None:
        if self._client < 0:
            raise SimulationError("the scene is closed")

    def close(self) -> None:
        """Give the connection to PyBullet back."""
        if self._client >= 0:
            pybullet.disconnect(physicsClientId=self._client)
            self._client = -1


def _make_body(client: int, placed: Placed) -> int:
    half = placed.item.half
    kind = PRIMITIVES[placed.item.shape]
    if kind == BALL:
        size = {"shapeType": pybullet.GEOM_SPHERE, "radius": half[0]}
    elif kind == CYLINDER:
        size = {"shapeType": pybullet.GEOM_CYLINDER, "radius": half[0], "height": 2 * half[2]}
    else:
        size = {"shapeType": pybullet.GEOM_BOX, "halfExtents": half}
    shape = pybullet.createCollisionShape(**size, physicsClientId=client)
    turn = (0.0, 0.0, math.sin(placed.yaw / 2), math.cos(placed.yaw / 2))
    body = int(
        pybullet.createMultiBody(
            placed.item.mass,
            shape,
            -1,
            (placed.x, placed.y, half[2] - _SINK),
            turn,
            useMaximalCoordinates=RIGID,
            physicsClientId=client,
        )
    )
    pybullet.changeDynamics(
        body,
        -1,
        lateralFriction=0.8,
        rollingFriction=0.01,
        spinningFriction=0.005,
        activationState=pybullet.ACTIVATION_STATE_ENABLE_SLEEPING | pybullet.ACTIVATION_STATE_SLEEP,
        physicsClientId=client,
    )
    return body
