"""Merging objects, images, poses and fingers into views, and naming what is missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from elbowroom.core import Pose
from elbowroom.nodes.grasping.gallery import Gallery, GalleryParams

POSE = Pose(np.array([0.5, 0.0, 0.2]))


@pytest.fixture
def gallery() -> Gallery:
    return Gallery(GalleryParams(timeout=0.4, pairing_limit=0.05), "objects")


def fill(gallery: Gallery, stamp: float, **changes: Any) -> Any:
    values: dict[str, Any] = {"gripper": POSE, "fingers": 0.08, "objects": {}} | changes
    view = None
    for source, value in values.items():
        view = gallery.put(source, stamp, value, stamp, token=f"at {stamp}") or view
    return view


def test_a_view_has_everything_at_the_stamp_of_the_objects(gallery: Gallery) -> None:
    view = fill(gallery, 10.0, fingers=0.05)
    assert view is not None
    assert (view.stamp, view.token, view.opening) == (10.0, "at 10.0", 0.05)
    assert view.gripper is POSE
    assert view is gallery.newest


@pytest.mark.parametrize("last", ["gripper", "fingers"])
def test_a_list_that_overtook_the_rest_waits_for_it(gallery: Gallery, last: str) -> None:
    fill(gallery, 10.0)
    order = [s for s in gallery.sources if s != last]
    assert all(gallery.put(s, 10.1, _value(s), 10.1) is None for s in order)
    view = gallery.put(last, 10.1, _value(last), 10.1)
    assert view is not None
    assert view.stamp == 10.1


def _value(source: str) -> Any:
    return {"gripper": POSE, "fingers": 0.02, "objects": {}}[source]


def test_the_pose_nearest_in_stamp_belongs_to_the_list(gallery: Gallery) -> None:
    for k in range(5):
        pose = Pose(np.array([0.5, 0.0, float(k)]))
        gallery.put("gripper", 10.0 + 0.02 * k, pose, 10.1)
        gallery.put("fingers", 10.0 + 0.02 * k, 0.08, 10.1)
    view = gallery.put("objects", 10.041, {}, 10.1)
    assert view is not None
    assert view.gripper.position[2] == 2.0


def test_a_pose_too_far_from_the_list_makes_no_view(gallery: Gallery) -> None:
    gallery.put("gripper", 10.0, POSE, 10.0)
    gallery.put("fingers", 10.2, 0.08, 10.2)
    gallery.put("objects", 10.1, {}, 10.2)
    assert gallery.put("gripper", 10.2, POSE, 10.2) is None
    assert "no gripper pose near its stamp" in gallery.last_refusal["objects"]


@pytest.mark.parametrize(
    ("stamp", "now", "reason"),
    [
        (10.0, 10.0, "not after the last"),
        (9.9, 10.0, "not after the last"),
        (11.0, 10.1, "ahead of the clock"),
        (10.1, 10.6, "0.50 s old"),
    ],
)
def test_a_stamp_that_makes_no_sense_is_left_out(
    gallery: Gallery, stamp: float, now: float, reason: str
) -> None:
    fill(gallery, 10.0)
    assert gallery.put("objects", stamp, {}, now) is None
    assert reason in gallery.last_refusal["objects"]
    assert gallery.refused["objects"] == 1


def test_silence_names_what_is_missing_and_why(gallery: Gallery) -> None:
    assert gallery.silence(10.0) == ""
    gallery.put("gripper", 10.3, POSE, 10.3)
    gallery.put("fingers", 10.3, 0.08, 10.3)
    assert gallery.silence(10.5) == "no list of objects for 0.50 s"
    gallery.refuse("objects", "expected frame 'world'")
    assert "last refusal: expected frame 'world'" in gallery.silence(10.5)
    fill(gallery, 10.6)
    assert gallery.silence(10.7) == ""
    assert "gripper pose for 0.50" in _silence_without(gallery, "gripper")


def _silence_without(gallery: Gallery, source: str) -> str:
    for other in gallery.sources:
        if other != source:
            gallery.put(other, 11.1, _value(other), 11.1)
    return gallery.silence(11.1)


def test_a_skill_that_looks_at_images_needs_no_objects() -> None:
    gallery = Gallery(GalleryParams(), "image")
    image = np.zeros((48, 48, 3), np.uint8)
    view = None
    for source, value in (("gripper", POSE), ("fingers", 0.08), ("image", image)):
        view = gallery.put(source, 5.0, value, 5.0)
    assert view is not None
    assert view.image is image
    assert "no image" in gallery.silence(5.5)


def test_a_clock_that_went_back_does_not_make_everything_late(gallery: Gallery) -> None:
    fill(gallery, 10.0)
    gallery.reset()
    assert gallery.silence(1.0) == ""
    assert fill(gallery, 1.1) is not None


def test_a_source_that_lags_the_lists_makes_views_of_older_ones(gallery: Gallery) -> None:
    views = []
    for k in range(60):
        now = 10.0 + k / 60
        gallery.put("objects", now, {}, now, token=k)
        gallery.put("fingers", now, 0.08, now)
        view = gallery.put("gripper", now - 0.03, POSE, now)
        views += [view] if view is not None else []
    assert len(views) > 50
    assert [v.token for v in views] == sorted(v.token for v in views)
    assert gallery.silence(now) == ""


def test_views_that_never_become_whole_are_silence() -> None:
    gallery = Gallery(GalleryParams(timeout=0.4, pairing_limit=0.001), "objects")
    for k in range(60):
        now = 10.0 + k / 60
        gallery.put("objects", now, {}, now)
        gallery.put("fingers", now, 0.08, now)
        gallery.put("gripper", now - 0.03, POSE, now)
        said = gallery.silence(now)
    assert "no view for" in said
    assert "no gripper pose near its stamp" in said


def test_a_fast_robot_and_a_slow_detector_come_together(gallery: Gallery) -> None:
    views = 0
    for k in range(1000):
        now = 10.0 + k / 1000
        gallery.put("gripper", now, POSE, now)
        gallery.put("fingers", now, 0.08, now)
        if k % 33 == 0:
            views += gallery.put("objects", now - 0.2, {}, now) is not None
    assert views >= 22
