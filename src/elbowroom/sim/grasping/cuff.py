"""A sleeve on the table or a stand, whose cuff has to be picked up: the bridge to dressing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pybullet
from numpy.typing import NDArray

from elbowroom.core import Command
from elbowroom.motion import Garment, draw_garment
from elbowroom.sim.cloth.kernels import advance, move_grip
from elbowroom.sim.cloth.sleeve import AROUND, Sleeve
from elbowroom.sim.errors import SimulationError
from elbowroom.sim.grasping.items import Item
from elbowroom.sim.grasping.params import GraspSceneParams
from elbowroom.sim.grasping.scene import RIGID, GraspScene
from elbowroom.sim.grasping.seen import Seen

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

CUFF = Item("cuff", "blue")
_CUFF_DOT, _DOT = Item("ball", "blue", 0.6), Item("ball", "purple", 0.6)
PINCH = (0.016, 0.016)
"""Half length, along the fingers' faces, and half height of what the fingers close on [m]."""
LEAST = 2
"""Nodes of the cuff that have to be between the fingers for a grasp."""
_STEP = 1.0 / 1440
_SETTLE = 0.5
_EARTH = 200.0
"""Radius of the capsule whose top is the table [m]: 0.1 mm lower at 0.2 m from the middle."""
_THICK = 0.004
_UNDER = 0.008
"""The cuff's place is so far under the highest point of its ring [m]."""
PEG = (0.13, 0.035)
"""Height of the stand's peg over the table, and its radius [m]."""
_OVERHANG = 0.045
"""By which the cuff hangs over the peg's end, so that the fingers can close on it [m]."""
_POST = 0.012


class CuffScene(GraspScene):
    """A sleeve on the table or over the peg of a stand, and the hand over it, behind a tick.

    The cloth is the mass-spring tube of the dressing. When the fingers close, the nodes of the
    cuff that are between them are held; with fewer than `LEAST` nothing is. The cloth does not
    feel the fingers otherwise. The one object is the cuff: its place is just under the top of the
    ring, its yaw the direction from the cuff into the sleeve.

    Args:
        params: settings.
    """

    def __init__(self, params: GraspSceneParams | None = None) -> None:
        super().__init__(params)
        x, y = self.params.field
        earth = [x - 0.01, y, -_EARTH - _THICK, x + 0.01, y, -_EARTH - _THICK, _EARTH, _EARTH]
        self._earth = np.array([earth])
        self._stand: tuple[int, ...] = ()
        self._post: tuple[Seen, ...] = ()
        self._substeps = max(1, round(self.period / _STEP))
        self._cloth: Sleeve | None = None

    def lay(
        self,
        rng: np.random.Generator,
        garment: Garment,
        place: Array,
        yaw: float,
        stand: bool = False,
    ) -> None:
        """Lay a sleeve down, or pull it over the stand, and let it settle; call before `reset`.

        Args:
            rng: crumples it a little.
            garment: what it is.
            place: of the cuff's centre on the table [m], shape (2,).
            yaw: direction from the cuff into the sleeve [rad].
            stand: whether it hangs on a stand, a level peg that ends before the cuff.

        Raises:
            SimulationError: if the peg does not fit into the sleeve.
        """
        self._check_open()
        axis = np.array([math.cos(yaw), math.sin(yaw), 0.0])
        height = PEG[0] + PEG[1] + _THICK - garment.radius if stand else garment.radius + _THICK
        cloth = Sleeve(garment, np.array([*place, height]), axis, np.array([0.0, 0.0, 1.0]))
        cloth.x += rng.normal(0, 0.002, cloth.x.shape)
        self._put_stand(garment, np.array([*place, PEG[0]]), axis, yaw, stand)
        self._cloth = cloth
        self._held = np.zeros(0, dtype=np.int64)
        self._offsets = np.zeros((0, 3))
        count = len(self._solid)
        self._still = np.zeros((count, 6))
        self._tangent = np.zeros((count, len(cloth.x) + len(cloth.faces), 3))
        for _ in range(round(_SETTLE / self.period)):
            self._move_cloth(np.zeros(3), np.eye(3), np.zeros(6))
        self._rest = cloth.cuff[:, 2].copy()

    def _put_stand(
        self, garment: Garment, place: Array, axis: Array, yaw: float, stand: bool
    ) -> None:
        self._remove(self._stand)
        self._stand, self._post, self._solid = (), (), self._earth
        if not stand:
            return
        height, radius = PEG
        if garment.radius < radius + 2 * _THICK:
            raise SimulationError(
                f"a peg of radius {radius} m does not fit into a sleeve of radius {garment.radius}"
            )
        ends = place + (_OVERHANG + radius) * axis, place + (garment.length + 0.04) * axis
        self._solid = np.array([*self._earth, [*ends[0], *ends[1], radius, radius]])
        foot = ends[1] * (1, 1, 0.5)
        turn = np.array([0.0, 0.0, math.sin(yaw / 2), math.cos(yaw / 2)])
        lying = pybullet.getQuaternionFromEuler((0.0, math.pi / 2, yaw))
        long = float(np.linalg.norm(ends[1] - ends[0]))
        capsule = {"shapeType": pybullet.GEOM_CAPSULE, "radius": radius, "height": long}
        box = {"shapeType": pybullet.GEOM_BOX, "halfExtents": (_POST, _POST, height / 2)}
        parts = (capsule, lying, (ends[0] + ends[1]) / 2), (box, turn, foot)
        self._stand = tuple(_fix(self._client, *part) for part in parts)
        self._post = (Seen(_Post("bar", "yellow"), foot, turn),)

    def advance(self, command: Command, closed: bool) -> None:
        """Advance by one tick; see `GraspScene.advance`."""
        hand = self.hand
        before = hand.position.copy(), hand.rotation.copy(), hand.twist.copy()
        was_open = hand.opening > 0.01
        super().advance(command, closed)
        if not closed:
            self._held, self._offsets = np.zeros(0, dtype=np.int64), np.zeros((0, 3))
        elif was_open and hand.opening <= 0.01:
            self._pinch()
        self._move_cloth(*before)

    def _pinch(self) -> None:
        """Hold the nodes of the cuff between the fingers, as they were when these came together."""
        hand = self.hand
        seen = (self._tube().cuff - hand.position) @ hand.rotation
        inside = np.abs(seen) < (PINCH[0], 0.04, PINCH[1])
        nodes = np.flatnonzero(inside.all(axis=1))
        if len(nodes) >= LEAST:
            self._held = nodes.astype(np.int64)
            # The fingers gather the cloth in the middle.
            self._offsets = seen[nodes] * (1.0, 0.2, 1.0)

    def _move_cloth(self, position: Array, rotation: Array, twist: Array) -> None:
        cloth = self._tube()
        target, motion = move_grip(self._offsets, position, rotation, twist)
        advance(
            cloth.x,
            cloth.v,
            self._tangent,
            cloth.springs,
            cloth.faces,
            cloth.cloth,
            cloth.grip,
            cloth.law,
            self._solid,
            self._still,
            self._held,
            target,
            motion,
            self._substeps,
            self.period / self._substeps,
        )
        if not np.isfinite(cloth.x).all():
            raise SimulationError("the sleeve's state is no longer finite")

    def objects(self) -> tuple[Seen, ...]:
        """The cuff."""
        cloth = self._tube()
        ring = cloth.cuff
        upper = ring[ring[:, 2] >= np.median(ring[:, 2])]
        place = np.array([upper[:, 0].mean(), ring[:, 1].mean(), ring[:, 2].max() - _UNDER])
        way = cloth.tail.mean(0) - ring.mean(0)
        yaw = math.atan2(way[1], way[0])
        turn = np.array([0.0, 0.0, math.sin(yaw / 2), math.cos(yaw / 2)])
        return (Seen(CUFF, place, turn),)

    def shown(self) -> tuple[Seen, ...]:
        """The sleeve as a camera sees it, a ball a node, and the stand's post."""
        level = np.array([0.0, 0.0, 0.0, 1.0])
        nodes = self._tube().x
        dots = (Seen(_CUFF_DOT if k < AROUND else _DOT, x, level) for k, x in enumerate(nodes))
        return (*dots, *self._post)

    def lifted(self) -> tuple[str, ...]:
        """The cuff's name once the held part of it is `GraspSceneParams.lift` above its rest."""
        if len(self._held) < LEAST:
            return ()
        rise = self._tube().cuff[self._held, 2] - self._rest[self._held]
        return (CUFF.name,) if float(rise.mean()) > self.params.lift else ()

    def cloth_nodes(self) -> Array:
        """Nodes of the sleeve [m], shape (n, 3), the cuff's ring first."""
        return self._tube().x.copy()

    def _tube(self) -> Sleeve:
        if self._cloth is None:
            raise SimulationError("no sleeve was laid down")
        return self._cloth


class _Post(Item):
    """What the peg is fixed to."""

    half = np.array([_POST, _POST, PEG[0] / 2])


def _fix(client: int, shape: dict[str, Any], turn: Any, place: Array) -> int:
    """A body that does not move."""
    solid = pybullet.createCollisionShape(**shape, physicsClientId=client)
    return int(
        pybullet.createMultiBody(
            0, solid, -1, place, turn, useMaximalCoordinates=RIGID, physicsClientId=client
        )
    )


def draw_sleeve(rng: np.random.Generator, scene: CuffScene, reach: float, stand: bool) -> None:
    """A random sleeve on table or stand, its cuff within `reach` of the field's centre [m]."""
    garment = draw_garment(rng, "mixed")
    place = np.array(scene.params.field) + rng.uniform(-reach, reach, 2)
    scene.lay(rng, garment, place, float(rng.uniform(-0.6, 0.6)), stand)
