"""The recordings, where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from elbowroom.motion import Clip, read_recording
from motion.makers import make_walk


@pytest.fixture(scope="session")
def recordings() -> tuple[Clip, ...]:
    """The training recordings; the test is skipped without them."""
    beside = Path(__file__).parents[3] / "shared"
    path = Path(os.environ.get("ELBOWROOM_SHARED", beside)) / "data" / "ue_adl_train.npz"
    if not path.is_file():
        pytest.skip("the recordings (data/ue_adl_train.npz of ELBOWROOM_SHARED) are not at hand")
    return read_recording(path)


@pytest.fixture(scope="session")
def reaches() -> tuple[Clip, ...]:
    """Made-up clips of an arm that reaches to and fro, by three subjects."""
    return tuple(make_walk(seed, subject=f"s{seed % 3}", name=f"clip{seed}") for seed in range(24))
