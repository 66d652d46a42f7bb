from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from elbowroom.motion import Clip, RecordingError, read_recording
from elbowroom.motion.recordings.bvh import read_bvh
from motion.makers import bvh_text


def _read(folder: Path, text: str) -> tuple[Clip, ...]:
    path = folder / "walk.bvh"
    path.write_text(text, encoding="utf-8")
    return read_recording(path)


@pytest.mark.parametrize("unit", [1.0, 100.0, 1000.0])
def test_angles_become_directions_ahead_of_the_person(tmp_path: Path, unit: float) -> None:
    right, left = _read(tmp_path, bvh_text(unit=unit))
    lift = np.deg2rad(np.arange(90))
    upper = right.elbow - right.shoulder
    expected = 0.28 * np.stack([np.sin(lift), 0 * lift, -np.cos(lift)], axis=1)
    np.testing.assert_allclose(upper, expected, atol=1e-6)
    fore = 0.25 * np.stack([np.sin(1.5 * lift), 0 * lift, -np.cos(1.5 * lift)], axis=1)
    np.testing.assert_allclose(right.wrist - right.elbow, fore, atol=1e-6)
    np.testing.assert_allclose(left.wrist - left.elbow, np.tile([0, 0, -0.25], (90, 1)), atol=1e-6)
    assert right.duration == pytest.approx(89 * 0.0166667)


def test_rotations_compose_in_the_order_of_the_channels(tmp_path: Path) -> None:
    text = bvh_text(60)
    values = "10 95 20 0 0 0 90 -90 0" + " 0" * 15
    lines = text.split("Frame Time: 0.0166667\n")[0] + "Frame Time: 0.0166667\n"
    right, _ = _read(tmp_path, lines + "\n".join([values] * 60) + "\n")
    # Rx(-90 deg) first brings the hanging arm ahead, along the axis of the Rz that follows.
    expected = np.tile([0.28, 0, 0], (60, 1))
    np.testing.assert_allclose(right.elbow - right.shoulder, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("HIERARCHY", "HIERARHCY", "HIERARCHY"),
        ("MOTION", "", "MOTION"),
        ("Frames: 90", "Frames: 91", "numbers for 91 frames"),
        ("Frames: 90", "Frames: 999999999", "999999999 frames"),
        ("Frames: 90", "Frames: -3", "Frames:"),
        ("Frame Time: 0.0166667", "Frame Time: 0", "0.0 s apart"),
        ("Zrotation Xrotation", "Zrotation Zrotation", "channels"),
        ("Zrotation Xrotation", "Zrotation Wrotation", "channels"),
        ("OFFSET 0 -28.0", "OFFSET 0 abc", "not readable BVH"),
        ("RightForeArm", "Tail", "no joints that are known"),
        ("OFFSET 0 -28", "OFFSET 0 -2", "fits neither"),
        ("10 95 20", "nan 95 20", "not finite"),
        ("End Site { OFFSET 0 -10.0 0 }", "End Site { OFFSET 0 -10.0 0 } }", "not readable BVH"),
        ("ROOT Hips {", "ROOT Hips { ROOT Tail {", "misplaced ROOT"),
        (" } \nMOTION", " \nMOTION", "closed tree"),
    ],
)
def test_mangled_files_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = bvh_text()
    assert old in text
    with pytest.raises(RecordingError, match=message):
        _read(tmp_path, text.replace(old, new))


def test_a_file_that_ends_in_the_hierarchy_or_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="not readable BVH"):
        _read(tmp_path, bvh_text()[:120] + " MOTION ")
    path = tmp_path / "raw.bvh"
    path.write_bytes(b"\xff\xfe\x00HIERARCHY")
    with pytest.raises(RecordingError, match="not readable BVH"):
        read_bvh(path)


def test_a_given_scale_is_used(tmp_path: Path) -> None:
    path = tmp_path / "odd.bvh"
    path.write_text(bvh_text(unit=50.0), encoding="utf-8")
    right, _ = read_bvh(path, scale=0.02)
    assert np.linalg.norm(right.elbow[0] - right.shoulder[0]) == pytest.approx(0.28)
