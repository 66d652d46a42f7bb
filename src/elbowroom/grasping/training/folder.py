"""The folder of a training: can be written to, and belongs to one process at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from elbowroom.grasping.errors import GraspError

NAME = "lock"


def check_folder(folder: Path) -> None:
    """Refuse, before anything takes long, a folder in which nothing can be trained; makes none.

    Args:
        folder: of the checkpoints, there or not.

    Raises:
        GraspError: if it is a file, lies below one, cannot be written to, or is in use.
    """
    nearest = folder.absolute()
    while not os.path.lexists(nearest):
        nearest = nearest.parent
    if not nearest.is_dir():
        raise GraspError(f"{folder} cannot be a folder: {nearest} is none")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise GraspError(f"{folder} cannot be written to: {nearest} does not allow it")
    if (folder / NAME).exists():
        with hold(folder):
            pass


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep other processes from training in a folder, by a lock that ends with this process.

    Args:
        folder: of the checkpoints; made where it is absent.

    Raises:
        GraspError: if another process trains there, or the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / NAME).open("ab")
    except OSError as error:
        raise GraspError(f"{folder} cannot be written to: {error}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise GraspError(
                f"another process trains in {folder}; wait for it or choose another folder"
            ) from error
        except OSError as error:
            raise GraspError(f"{folder} cannot be locked: {error}") from error
        yield
