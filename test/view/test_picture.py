from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PIL import Image

from elbowroom.core import Status
from elbowroom.view.film import Film
from elbowroom.view.frame import COLOURS
from elbowroom.view.movie import Timeline, caption, write_movie
from elbowroom.view.picture import Picture, body_side
from elbowroom.view.plots import draw_timeline, plot_box, plot_coverage, plot_edge, plot_force


def small():
    return Picture(width=160, height=120)


def near(image, colour, tolerance):
    distance = np.abs(image.astype(float) - 255 * np.asarray(colour)).max(axis=-1)
    return int(np.sum(distance < tolerance))


def test_the_elbow_stands_where_the_camera_sees_it(frame):
    picture = small()
    image = picture.draw(frame)
    column, row, _ = picture.camera.project(frame.elbow[None], 160, 120)[0]
    patch = image[int(row) - 2 : int(row) + 3, int(column) - 2 : int(column) + 3]
    assert near(patch, (1.0, 0.82, 0.05), 40) > 10


def test_the_box_has_the_colour_of_its_promise(frame):
    bare = small().draw(dataclasses.replace(frame, box=None))
    for status in Status:
        image = small().draw(dataclasses.replace(frame, status=status))
        tone = COLOURS[status]
        assert near(image, tone, 40) > near(bare, tone, 40) + 50


def test_the_camera_stays_while_the_arm_moves(frame):
    picture = small()
    picture.draw(frame)
    eye = picture.camera.eye
    picture.draw(dataclasses.replace(frame, arm=frame.arm + [0.1, 0.3, 0.0]))
    np.testing.assert_array_equal(picture.camera.eye, eye)


def test_the_body_is_on_the_other_side_of_a_left_arm(frame):
    assert body_side(frame.arm) == 1.0
    assert body_side(frame.arm * [1.0, -1.0, 1.0]) == -1.0


def test_a_caption_adds_bands_and_keeps_the_picture(frame):
    image = small().draw(frame)
    framed = caption(image, frame, "title")
    band = (len(framed) - len(image)) // 2
    assert band > 0
    np.testing.assert_array_equal(framed[band : band + 120], image)
    assert len(np.unique(framed[:band].reshape(-1, 3), axis=0)) > 2


def test_a_timeline_is_faint_after_now():
    strip = np.zeros((10, 100, 3), dtype=np.uint8)
    strip[:, ::2] = 255
    image = Timeline(strip, (20.0, 80.0), 2.0).at(1.0)
    np.testing.assert_array_equal(image[:, :48], strip[:, :48])
    assert np.all(image[:, 52:][:, 1::2] > 150)


def test_a_movie_has_all_images_at_its_rate(tmp_path, frame):
    images = [np.full((32, 48, 3), 40 * i, dtype=np.uint8) for i in range(4)]
    files = write_movie(tmp_path / "m", images, rate=10.0)
    with Image.open(files[0]) as gif:
        assert gif.n_frames == 4
        assert gif.size == (48, 32)
        assert gif.info["duration"] == 100
    assert all(f.stat().st_size > 0 for f in files)


def test_an_empty_movie_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one image"):
        write_movie(tmp_path / "m", [], 10.0)


def test_plots_are_written(tmp_path, dressing):
    trial, track = dressing
    plot_box(tmp_path / "box.png", trial, track, "box")
    plot_force(tmp_path / "force.png", trial)
    plot_edge(tmp_path / "edge.png", {"set": [track, track]})
    plot_coverage(tmp_path / "c.png", np.array([0.05, 0.1]), {"set": np.array([0.96, 0.92])})
    for name in ("box", "force", "edge", "c"):
        with Image.open(tmp_path / f"{name}.png") as image:
            assert len(set(image.convert("L").tobytes())) > 20


def test_the_strip_has_the_asked_size_and_its_time_axis_inside(dressing):
    strip, (start, end) = draw_timeline(*dressing, width=320, height=120)
    assert strip.shape == (120, 320, 3)
    assert 0 < start < end < 320


def test_a_film_keeps_its_rate_and_writes_everything(tmp_path, frame, dressing):
    film = Film(rate=10.0, width=160)
    for i in range(50):
        film.offer(dataclasses.replace(frame, time=5.0 + i / 50))
    assert len(film.frames) == 10
    film.frames = film.frames[:2]
    files = film.write(tmp_path / "out", *dressing, title="film")
    assert {f.name for f in files} >= {"dressing.gif", "force.png", "box.png"}
