"""A live 3-D page in the browser."""

from __future__ import annotations

from typing import Any

import numpy as np

from elbowroom.core.rotation import quaternion_from_matrix
from elbowroom.view.frame import COLOURS, Frame
from elbowroom.view.mesh import Mesh, ball, tube
from elbowroom.view.picture import body_side, torso
from elbowroom.view.robot import RobotModel

_SKIN = (237, 184, 153)
_CLOTH = (76, 133, 235)
_SHIRT = (194, 201, 214)
_ROBOT = (210, 212, 219)
_ELBOW = (255, 209, 13)
_PATH = (140, 51, 178)


class WebScene:
    """Shows frames of a dressing at a local address.

    Args:
        port: of the page; another one is taken if it is in use.
        host: address on which the page is served.
    """

    def __init__(self, port: int = 8080, host: str = "127.0.0.1") -> None:
        import viser

        self._server = viser.ViserServer(host=host, port=port, verbose=False)
        self._server.scene.set_up_direction("+z")
        self._server.initial_camera.position = (1.3, 1.0, 1.7)
        self._server.initial_camera.look_at = (0.25, 0.0, 0.95)
        self._text = self._server.gui.add_markdown("waiting for the first frame")
        self._robot: RobotModel | None = None
        self._links: dict[str, Any] = {}
        self._body = False
        self.address = f"http://localhost:{self._server.get_port()}"

    def set_robot(self, robot: RobotModel) -> None:
        """Show a robot; its joints follow the frames."""
        self._robot = robot
        self._links = {
            name: self._add(f"robot/{name}", mesh, _ROBOT) for name, mesh in robot.meshes.items()
        }

    def update(self, frame: Frame) -> None:
        """Show a frame."""
        with self._server.atomic():
            self._update_robot(frame)
            self._update_person(frame)
            self._update_box(frame)
        edge = f", edge {100 * frame.box.edge:.1f} cm" if frame.box is not None else ""
        self._text.content = (
            f"**{frame.time:.2f} s**, force {frame.force:.1f} N\n\n"
            f"box: **{frame.status.name}**{edge}\n\n{frame.caption}"
        )

    @property
    def text(self) -> str:
        """What stands beside the scene."""
        return str(self._text.content)

    def close(self) -> None:
        """Take the page down."""
        self._server.stop()

    def _update_robot(self, frame: Frame) -> None:
        if self._robot is None:
            return
        frames = self._robot.frames(frame.joints)
        for name, handle in self._links.items():
            rotation, position = frames[name]
            x, y, z, w = quaternion_from_matrix(rotation)
            handle.wxyz, handle.position = (w, x, y, z), position

    def _update_person(self, frame: Frame) -> None:
        if not self._body:
            self._add("torso", torso(frame.arm, body_side(frame.arm)), _SHIRT)
            self._body = True
        self._add("arm", tube(frame.arm, frame.radii, around=20, along=2), _SKIN)
        if len(frame.cloth):
            cloth = Mesh(frame.cloth, np.zeros_like(frame.cloth))
            self._add("sleeve", cloth, _CLOTH, opacity=0.7)
        if frame.elbow is not None:
            self._add("elbow", ball(frame.elbow, 0.009), _ELBOW)
        if len(frame.path) > 1:
            self._server.scene.add_spline_catmull_rom(
                "path", points=frame.path, color=_PATH, thickness=0.004
            )

    def _update_box(self, frame: Frame) -> None:
        if frame.box is None:
            return
        red, green, blue = (round(255 * c) for c in COLOURS[frame.status])
        x, y, z, w = frame.box.orientation
        for name, wire, opacity in (("box", False, 0.22), ("box_edges", True, 0.9)):
            self._server.scene.add_box(
                name,
                dimensions=tuple(frame.box.size),
                position=frame.box.centre,
                wxyz=(w, x, y, z),
                color=(red, green, blue),
                opacity=opacity,
                wireframe=wire,
            )

    def _add(
        self, name: str, mesh: Mesh, colour: tuple[int, int, int], opacity: float | None = None
    ) -> Any:
        vertices, faces = np.unique(mesh.corners.reshape(-1, 3), axis=0, return_inverse=True)
        return self._server.scene.add_mesh_simple(
            name,
            vertices=vertices.astype(np.float32),
            faces=faces.reshape(-1, 3).astype(np.uint32),
            color=colour,
            opacity=opacity,
            side="double",
        )
