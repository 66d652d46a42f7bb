from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from elbowroom.core import exp_so3
from elbowroom.motion import Clip, RecordingError, read_recording
from motion.makers import make_track, mvnx_text


def _read(folder: Path, text: str) -> tuple[Clip, ...]:
    path = folder / "suit.mvnx"
    path.write_text(text, encoding="utf-8")
    return read_recording(path)


@pytest.mark.parametrize("heading", [0.0, 1.3, -2.9])
def test_the_arm_is_found_whatever_way_the_person_faces(tmp_path: Path, heading: float) -> None:
    clips = _read(tmp_path, mvnx_text(2, turn=exp_so3([0, 0, heading])))
    truth = make_track(2, 120.0)[1][:, :4]
    assert [c.side for c in clips] == ["right", "left"]
    assert {c.subject for c in clips} == {"anna"}
    for clip in clips:
        assert np.max(np.abs(clip.postures[:, :4] - truth)) < 0.02


def test_lost_frames_leave_a_gap_in_time(tmp_path: Path) -> None:
    clip = _read(tmp_path, mvnx_text(0, drop=(10, 11, 12)))[0]
    steps = np.diff(clip.time) * 120
    assert steps[9] == pytest.approx(4.0)
    assert np.delete(steps, 9) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<mvnx", '<!DOCTYPE x [<!ENTITY a "aaaa">]><mvnx', "document types"),
        ("<mvnx", '<!DOCTYPE x SYSTEM "file:///etc/passwd"><mvnx', "document types"),
        ("</frames>", "", "not readable MVNX"),
        ("RightForeArm", "RightFoot", "lacks the segments RightForeArm"),
        ('frameRate="120"', 'frameRate="0"', "frameRate"),
        ('frameRate="120"', 'frameRate="fast"', "not a number"),
        ('type="normal"', 'type="tpose"', "no frame of type normal"),
        ('type="normal"><position>', 'type="normal"><position>1 ', "22 position numbers"),
        ('type="normal"><position>', 'type="normal"><position>x', "not a number"),
        ('type="normal"><position>', 'type="normal"><position>nan ', "22 position numbers"),
        ("<position>3.000000 ", "<position>inf ", "not finite"),
        ('time="25"', 'time="8"', "order of time"),
    ],
)
def test_mangled_files_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = mvnx_text(0)
    assert old in text
    with pytest.raises(RecordingError, match=message):
        _read(tmp_path, text.replace(old, new))


def test_an_endless_position_is_refused(tmp_path: Path) -> None:
    text = mvnx_text(0).replace(
        'type="normal"><position>', 'type="normal"><position>' + "1 " * 60000, 1
    )
    with pytest.raises(RecordingError, match="too long"):
        _read(tmp_path, text)
