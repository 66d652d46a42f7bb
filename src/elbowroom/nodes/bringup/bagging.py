"""A recording beside running nodes, whose failure ends the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from elbowroom.nodes.bringup.errand import BringupError
from elbowroom.nodes.graph import Graph
from elbowroom.nodes.recording.recorder import Recorder, RecordingError


@contextmanager
def record(graph: Graph, folder: Path, **options: Any) -> Iterator[Recorder]:
    """Record every topic of a graph within a `with` block; see `Recorder`.

    Raises:
        BringupError: if something could not be recorded.
    """
    try:
        with Recorder(graph, folder, **options) as recorder:
            yield recorder
    except RecordingError as error:
        raise BringupError(str(error)) from error
