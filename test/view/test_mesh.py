from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from elbowroom.core import Pose, exp_so3
from elbowroom.core.rotation import quaternion_from_matrix
from elbowroom.view.mesh import MeshError, ball, read_obj, smooth, tube
from elbowroom.view.panda import panda_at
from elbowroom.view.robot import read_urdf

CUBE = "\n".join(
    [f"v {x} {y} {z}" for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    + ["f 1 2 4 3", "f 5 7 8 6", "f 1 5 6 2", "f 3 4 8 7", "f 1 3 7 5", "f 2 6 8 4"]
)
ARM = """<robot name="r"><link name="base"/><link name="fore"><collision>
<geometry><mesh filename="file://{path}"/></geometry></collision></link>
<joint name="j" type="revolute"><parent link="base"/><child link="fore"/>
<origin xyz="0 0 1" rpy="0 0 1.5707963267948966"/><axis xyz="0 0 1"/></joint></robot>"""


def area(mesh):
    c = mesh.corners
    return np.linalg.norm(np.cross(c[:, 1] - c[:, 0], c[:, 2] - c[:, 0]), axis=1).sum() / 2


def test_a_ball_has_its_radius_centre_and_nearly_its_surface():
    mesh = ball(np.array([1.0, 2.0, 3.0]), 0.5)
    np.testing.assert_allclose(np.linalg.norm(mesh.corners - [1, 2, 3], axis=-1), 0.5)
    assert area(mesh) == pytest.approx(np.pi, rel=0.02)


def test_a_tube_stays_within_its_radii_of_the_arm():
    points = np.array([[0.0, 0, 0], [0.3, 0, 0], [0.3, 0.25, 0]])
    mesh = tube(points, np.array([0.05, 0.04, 0.03]))
    x = mesh.corners.reshape(-1, 3)
    distances = []
    for a, b in pairwise(points):
        share = np.clip((x - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
        distances.append(np.linalg.norm(x - a - share[:, None] * (b - a), axis=1))
    assert np.min(distances, axis=0).max() <= 0.05 + 1e-9
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=-1), 1.0, atol=1e-9)


def test_sharp_edges_keep_flat_sides_and_round_ones_share_normals(tmp_path):
    (tmp_path / "cube.obj").write_text(CUBE)
    cube = read_obj(tmp_path / "cube.obj")
    assert area(cube) == pytest.approx(6.0)
    np.testing.assert_allclose(np.abs(cube.normals).max(axis=-1), 1.0)
    unit = ball(np.zeros(3), 1.0)
    corners, faces = np.unique(unit.corners.reshape(-1, 3).round(9), axis=0, return_inverse=True)
    again = smooth(corners, faces.reshape(-1, 3))
    assert np.sum(again.normals * again.corners, axis=-1).min() > 0.97


@pytest.mark.parametrize("text", ["v 0 0\nf 1 2 3", "v 0 0 0\nf 1 2 9", "f a b c"])
def test_mangled_meshes_are_refused(tmp_path, text):
    (tmp_path / "m.obj").write_text(text)
    with pytest.raises(MeshError, match=r"m\.obj"):
        read_obj(tmp_path / "m.obj")


def test_a_joint_turns_its_link(tmp_path):
    (tmp_path / "cube.obj").write_text(CUBE)
    robot = read_urdf(ARM.format(path=tmp_path / "cube.obj"))
    assert robot.root == "base"
    (mesh,) = robot.pose({"j": np.pi / 2})
    np.testing.assert_allclose(mesh.corners.reshape(-1, 3).max(axis=0), [0, 0, 2], atol=1e-9)
    np.testing.assert_allclose(mesh.corners.reshape(-1, 3).min(axis=0), [-1, -1, 1], atol=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "<robot",
        "<!DOCTYPE x><robot/>",
        "<robot/>",
        "<robot><joint name='a' type='fixed'><parent link='p'/><child link='c'/>"
        "<origin xyz='0 0'/></joint></robot>",
        "<robot><joint name='a' type='fixed'><parent link='p'/><child link='c'/></joint>"
        "<joint name='b' type='fixed'><parent link='q'/><child link='c'/></joint></robot>",
    ],
)
def test_mangled_robots_are_refused(text):
    with pytest.raises(MeshError):
        read_urdf(text)


def test_the_panda_stands_where_its_gripper_says():
    angles = np.array([0.3, -0.5, 0.2, -2.0, 0.1, 1.6, 0.7])
    gripper = Pose(np.array([0.6, 0.1, 1.2]), quaternion_from_matrix(exp_so3([0.0, 0.0, 0.8])))
    robot = panda_at(angles, gripper)
    names = [j.name for j in robot.joints if j.kind == "revolute"][:7]
    rotation, position = robot.frames(dict(zip(names, angles, strict=True)))["panda_grasptarget"]
    np.testing.assert_allclose(position, gripper.position, atol=2e-3)
    np.testing.assert_allclose(rotation, exp_so3([0.0, 0.0, 0.8]), atol=1e-6)
