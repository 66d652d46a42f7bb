from __future__ import annotations

import numpy as np
import pytest

from elbowroom.view.raster import Camera, Canvas

WHITE, RED, BLUE = np.ones(3), np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
CAMERA = Camera(np.array([0.0, -2.0, 0.0]), np.zeros(3), 0.5)


def square(y, size=0.2):
    a, b = -size, size
    p = np.array([[a, y, a], [b, y, a], [b, y, b], [a, y, b]])
    return p[[[0, 1, 2], [0, 2, 3]]]


def draw(canvas, triangles, colour, alpha=1.0):
    corners = CAMERA.project(triangles.reshape(-1, 3), 64, 64).reshape(-1, 3, 3)
    canvas.fill(corners, np.broadcast_to(colour, corners.shape), alpha)


def test_the_target_is_in_the_middle_and_up_is_up():
    centre, above = CAMERA.project(np.array([[0, 0, 0], [0, 0, 0.1]]), 64, 64)
    np.testing.assert_allclose(centre, [32, 32, 0.5])
    assert above[0] == pytest.approx(32)
    assert above[1] < 32


def test_size_on_the_screen_follows_the_field_of_view():
    top = CAMERA.project(np.array([[0.0, 0.0, 2.0 * np.tan(0.25)]]), 64, 64)[0]
    assert top[1] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("order", [(0.0, 0.5), (0.5, 0.0)])
def test_the_nearer_triangle_hides_the_farther_in_any_order(order):
    canvas = Canvas(64, 64, WHITE)
    for y in order:
        draw(canvas, square(y), RED if y == 0.0 else BLUE)
    np.testing.assert_allclose(canvas.colour[32, 32], RED)


def test_translucent_triangles_mix_and_hide_nothing():
    canvas = Canvas(64, 64, WHITE)
    draw(canvas, square(0.0), RED, alpha=0.5)
    np.testing.assert_allclose(canvas.colour[32, 32], [1.0, 0.5, 0.5])
    draw(canvas, square(0.5), BLUE)
    np.testing.assert_allclose(canvas.colour[32, 32], BLUE)


def test_nothing_is_drawn_behind_a_wall():
    canvas = Canvas(64, 64, WHITE)
    draw(canvas, square(0.0), RED)
    draw(canvas, square(0.5), BLUE, alpha=0.5)
    np.testing.assert_allclose(canvas.colour[32, 32], RED)


def test_a_hidden_line_is_fainter():
    ends = CAMERA.project(np.array([[-0.1, 0.5, 0.0], [0.1, 0.5, 0.0]]), 64, 64)
    shown, behind = Canvas(64, 64, WHITE), Canvas(64, 64, WHITE)
    draw(behind, square(0.0), WHITE)
    for canvas in (shown, behind):
        canvas.line(ends, BLUE, 3.0, alpha=1.0, hidden=0.25)
    np.testing.assert_allclose(shown.colour[32, 32], BLUE)
    np.testing.assert_allclose(behind.colour[32, 32], [0.75, 0.75, 1.0])


def test_the_image_is_the_mean_of_its_samples():
    canvas = Canvas(64, 32, WHITE)
    canvas.colour[:, 1::2] = 0.0
    image = canvas.image(2)
    assert image.shape == (16, 32, 3)
    assert np.all(image == 128)
