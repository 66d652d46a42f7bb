"""The camera's geometry against the renderer."""

from __future__ import annotations

import math

import numpy as np
import torch

from elbowroom.grasping.seeing.projection import Projection
from elbowroom.sim.grasping import Item, Seen
from elbowroom.sim.grasping.camera import picture_from_wrist
from elbowroom.sim.grasping.hand import pointing_down

SIZE = 48
TILE = 0.05


def rays() -> torch.Tensor:
    """(u, v) of the pixels' centres, shape (SIZE, SIZE, 2)."""
    line = (torch.arange(SIZE, dtype=torch.float64) * 2 + 1) / SIZE - 1
    v, u = torch.meshgrid(line, line, indexing="ij")
    return torch.stack([u, v], -1).float()


def test_every_pixel_of_the_table_lies_on_the_tile_that_it_shows() -> None:
    position, yaw = np.array([0.53, -0.02, 0.13]), 0.4
    away = np.array([0.04, 0.04])
    image, shown = picture_from_wrist(position, pointing_down(yaw), away, (), SIZE)
    height = torch.full((SIZE, SIZE), -float(position[2]))
    local = Projection().meet(rays(), height).numpy()
    c, s = math.cos(yaw), math.sin(yaw)
    table = local @ np.array([[c, s], [-s, c]]) + position[:2]
    dark = np.floor(table / TILE).sum(-1) % 2 == 1
    # Closer to a tile's edge than rounding, a point may lie on either side.
    clear = (shown == -1) & (np.abs((table / TILE + 0.5) % 1 - 0.5).min(-1) > 1e-3)
    assert clear.sum() > 1500
    np.testing.assert_array_equal((image[..., 0] < image[clear][:, 0].mean())[clear], dark[clear])


def test_a_ball_is_seen_where_its_centre_is_projected() -> None:
    position, yaw = np.array([0.5, 0.05, 0.15]), -0.7
    centre = np.array([0.56, 0.09, 0.012])
    ball = Seen(Item("ball", "red", 0.5), centre, np.array([0.0, 0.0, 0.0, 1.0]))
    _, shown = picture_from_wrist(
        position, pointing_down(yaw), np.array([0.04, 0.04]), (ball,), 480
    )
    line = (np.arange(480) * 2 + 1) / 480 - 1
    v, u = (line[k].mean() for k in np.nonzero(shown == 0))
    x, y = (centre - position)[:2]
    c, s = math.cos(yaw), math.sin(yaw)
    local = torch.tensor([c * x + s * y, c * y - s * x, centre[2] - position[2]]).float()
    camera = Projection()
    seen = camera.see(local)
    # A sphere's outline is an ellipse whose middle lies a little farther out than its centre.
    np.testing.assert_allclose(seen.numpy(), [u, v], atol=0.01)
    np.testing.assert_allclose(camera.meet(seen, local[2]).numpy(), local[:2].numpy(), atol=1e-6)
