from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elbowroom.motion import RecordingError, read_recording
from motion.makers import make_track, write_npz


def test_both_arms_of_every_clip_are_read_as_right_arms(tmp_path: Path) -> None:
    clips = read_recording(write_npz(tmp_path / "two.npz"))
    assert [c.name for c in clips] == ["c0/R", "c0/L", "c1/R", "c1/L"]
    assert [c.active for c in clips] == [True, False, True, False]
    np.testing.assert_allclose(clips[0].elbow, clips[1].elbow, atol=1e-6)
    truth = make_track(0)[1][:, :4]
    assert np.max(np.abs(clips[0].postures[:, :4] - truth)) < 0.02


def test_the_torso_turns_the_arm(tmp_path: Path) -> None:
    half = np.float32([np.cos(np.pi / 4), 0, 0, np.sin(np.pi / 4)])
    rows = len(np.load(write_npz(tmp_path / "a.npz", (0,)))["time"])
    plain = read_recording(tmp_path / "a.npz")[0]
    path = write_npz(tmp_path / "b.npz", (0,), torso_quat_wxyz=np.tile(half, (rows, 1)))
    turned = read_recording(path)[0]
    np.testing.assert_allclose(turned.elbow[:, 0], -plain.elbow[:, 1], atol=1e-6)
    np.testing.assert_allclose(turned.elbow[:, 1], plain.elbow[:, 0], atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"time": None}, "lacks time"),
        ({"clip_start": np.array([0, 400, 300])}, "rise"),
        ({"clip_start": np.array([0.0, 1.0])}, "whole numbers"),
        ({"subject": np.array(["a"])}, "one entry a clip"),
        ({"subject": np.array([{"a": 1}, None], dtype=object)}, "not a readable archive"),
        ({"pos": np.zeros((720, 8, 2), np.float32)}, "shape"),
        ({"pos": np.full((720, 8, 3), np.nan, np.float32)}, "not finite"),
        ({"pos": np.zeros((720, 8, 3), np.float32)}, "units"),
        ({"time": np.zeros(720)}, "order of time"),
        ({"time": np.zeros((720, 2))}, "time must be"),
        ({"torso_quat_wxyz": np.zeros((720, 4), np.float32)}, "quaternion"),
    ],
)
def test_inconsistent_archives_are_refused(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(RecordingError, match=message):
        read_recording(write_npz(tmp_path / "bad.npz", **changes))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**31), st.floats(0.0, 1.0))
def test_a_cut_or_scrambled_archive_is_refused_or_read(
    tmp_path: Path, seed: int, share: float
) -> None:
    whole = write_npz(tmp_path / "whole.npz", (0,)).read_bytes()
    rng = np.random.default_rng(seed)
    cut = bytearray(whole[: int(share * len(whole))])
    for place in rng.integers(len(cut), size=20) if cut else []:
        cut[place] = int(rng.integers(256))
    path = tmp_path / "cut.npz"
    path.write_bytes(cut)
    # Whatever the bytes, nothing but the reader's own error may come out.
    with suppress(RecordingError):
        clips = read_recording(path)
        assert all(np.all(np.isfinite(c.postures)) for c in clips)


def test_unknown_suffix_and_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="suffix"):
        read_recording(tmp_path / "dance.fbx")
    with pytest.raises(RecordingError, match="not a file"):
        read_recording(tmp_path / "nowhere.npz")
