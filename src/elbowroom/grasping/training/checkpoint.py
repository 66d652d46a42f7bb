"""Checkpoints that survive a kill at any moment.

A folder holds immutable files and one `checkpoint.json` that names them with their hashes. A new
checkpoint writes new files first and then replaces the JSON in one step, so at every moment the
JSON names a whole, older or newer, state. The memory of transitions is appended in pieces.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load as read_tensors
from safetensors.torch import save as pack_tensors
from torch import Tensor

from elbowroom.grasping.errors import GraspError

NAME = "checkpoint.json"


@dataclass(frozen=True)
class Checkpoint:
    """What was read.

    Attributes:
        facts: JSON values.
        tensors: of the learner.
        pieces: arrays of the memory, oldest first.
    """

    facts: dict[str, Any]
    tensors: dict[str, Tensor]
    pieces: list[dict[str, NDArray[Any]]]


def save_checkpoint(
    folder: Path,
    facts: dict[str, Any],
    tensors: dict[str, Tensor],
    piece: dict[str, NDArray[Any]] | None = None,
    capacity: int | None = None,
) -> None:
    """Write a checkpoint.

    Args:
        folder: created when absent.
        facts: JSON values.
        tensors: of the learner; replaces those of the previous checkpoint.
        piece: what the memory got since the previous checkpoint; added to the earlier pieces.
        capacity: rows that the memory holds; pieces that it has forgotten altogether are dropped.
    """
    folder.mkdir(parents=True, exist_ok=True)
    old: dict[str, Any] = {"serial": 0, "pieces": []}
    if (folder / NAME).exists():
        old = _read_index(folder)
    serial = int(old["serial"]) + 1
    pieces = list(old["pieces"])
    if piece is not None:
        packed = {k: torch.from_numpy(np.ascontiguousarray(v)) for k, v in piece.items()}
        entry = _write(folder, f"memory-{serial:06d}.safetensors", pack_tensors(packed))
        pieces.append({**entry, "rows": len(next(iter(piece.values())))})
        pieces = _drop(pieces, capacity)
    learner = _write(folder, f"learner-{serial:06d}.safetensors", pack_tensors(tensors))
    index = {"serial": serial, "learner": learner, "pieces": pieces, "facts": facts}
    index["sha256"] = _digest(index)
    _replace(folder / NAME, json.dumps(index).encode())
    _sweep(folder, {learner["file"], *(p["file"] for p in pieces)})


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """Read a checkpoint; None where none was ever finished.

    Raises:
        GraspError: if a file is damaged or missing.
    """
    if not (folder / NAME).exists():
        return None
    index = _read_index(folder)
    try:
        tensors = _read(folder, index["learner"])
        pieces = [{k: v.numpy() for k, v in _read(folder, p).items()} for p in index["pieces"]]
    except (OSError, KeyError, SafetensorError) as error:
        raise GraspError(f"the checkpoint in {folder} is damaged: {error}") from error
    return Checkpoint(index["facts"], tensors, pieces)


def _drop(pieces: list[dict[str, Any]], capacity: int | None) -> list[dict[str, Any]]:
    later = 0
    for first in range(len(pieces) - 1, -1, -1):
        if capacity is not None and later >= capacity:
            return pieces[first + 1 :]
        later += pieces[first].get("rows", 0)
    return pieces


def _read_index(folder: Path) -> dict[str, Any]:
    try:
        index = json.loads((folder / NAME).read_text())
        claimed = index.pop("sha256")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise GraspError(f"{folder / NAME} cannot be read: {error}") from error
    if _digest(index) != claimed:
        raise GraspError(f"{folder / NAME} was changed or damaged; remove the folder to begin anew")
    return dict(index)


def _read(folder: Path, entry: dict[str, Any]) -> dict[str, Tensor]:
    blob = (folder / entry["file"]).read_bytes()
    if hashlib.sha256(blob).hexdigest() != entry["sha256"]:
        raise GraspError(f"{folder / entry['file']} does not match its hash")
    return read_tensors(blob)


def _write(folder: Path, name: str, blob: bytes) -> dict[str, Any]:
    _replace(folder / name, blob)
    return {"file": name, "sha256": hashlib.sha256(blob).hexdigest()}


def _replace(path: Path, blob: bytes) -> None:
    temporary = path.with_name(path.name + ".part")
    with temporary.open("wb") as file:
        file.write(blob)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _sweep(folder: Path, wanted: set[str]) -> None:
    """Remove the files of older checkpoints and of interrupted ones."""
    for path in folder.iterdir():
        ours = path.name.startswith(("learner-", "memory-")) or path.suffix == ".part"
        if ours and path.name not in wanted:
            path.unlink(missing_ok=True)


def _digest(index: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(index, sort_keys=True).encode()).hexdigest()
