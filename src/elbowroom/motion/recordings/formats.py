"""Reading motion recordings of every supported format."""

from __future__ import annotations

from pathlib import Path

from elbowroom.motion.recordings.bvh import read_bvh
from elbowroom.motion.recordings.mvnx import read_mvnx
from elbowroom.motion.recordings.npz import read_npz
from elbowroom.motion.recordings.recording import Clip, RecordingError

_READERS = {".npz": read_npz, ".mvnx": read_mvnx, ".bvh": read_bvh}


def read_recording(path: Path | str) -> tuple[Clip, ...]:
    """Clips of both arms from a file; the suffix says which format it has.

    Args:
        path: NumPy archive (.npz), Xsens recording (.mvnx) or Biovision hierarchy (.bvh).

    Raises:
        RecordingError: if the suffix is unknown or the file is missing or mangled.
    """
    path = Path(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise RecordingError(f"{path.name}: the suffix must be one of {sorted(_READERS)}")
    if not path.is_file():
        raise RecordingError(f"{path.name} is not a file")
    return reader(path)
