"""Learned artefacts: a folder with `model.safetensors` and `manifest.json`.

The manifest holds the SHA-256 of the tensor file, the shape of every tensor, a schema name and
free JSON facts (units, normalisation, data hash, seed, calibration). Loading checks all of it
before a single number is used. Nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

FORMAT = 1
TENSORS = "model.safetensors"
MANIFEST = "manifest.json"
ARTEFACTS = Path(str(files("elbowroom"))) / "artefacts"
"""Folder of the artefacts that come with the package."""
_PART = ".part"


class ArtefactError(ValueError):
    """An artefact that is missing, tampered with or of another kind than asked for."""


@dataclass(frozen=True)
class Artefact:
    """What `load_artefact` read.

    Attributes:
        schema: kind of the artefact, such as "elbow_network".
        version: short name derived from the tensors' hash.
        tensors: arrays by name.
        facts: everything else the manifest says.
        sha256: of the tensor file, hexadecimal.
    """

    schema: str
    version: str
    tensors: dict[str, NDArray[Any]]
    facts: dict[str, Any] = field(default_factory=dict)
    sha256: str = ""


def save_artefact(
    folder: Path, schema: str, tensors: dict[str, NDArray[Any]], facts: dict[str, Any]
) -> Artefact:
    """Write an artefact; whenever a save is cut short, the artefact before or the new one loads.

    Both files are written in full beside the old ones, then renamed, the tensors first. Between the
    two renames the new manifest lies beside the old, where loading finds it by the tensors' hash.

    Args:
        folder: created when absent.
        schema: kind of the artefact.
        tensors: arrays by name.
        facts: JSON values.
    """
    folder.mkdir(parents=True, exist_ok=True)
    blob = save_tensors({k: np.asarray(v, order="C") for k, v in tensors.items()})
    digest = hashlib.sha256(blob).hexdigest()
    manifest = {
        "format": FORMAT,
        "schema": schema,
        "sha256": digest,
        "shapes": {k: list(v.shape) for k, v in sorted(tensors.items())},
        "facts": facts,
    }
    manifest["manifest_sha256"] = _digest(manifest)
    (folder / (TENSORS + _PART)).write_bytes(blob)
    (folder / (MANIFEST + _PART)).write_text(json.dumps(manifest, indent=1) + "\n")
    for name in (TENSORS, MANIFEST):
        os.replace(folder / (name + _PART), folder / name)
    return Artefact(schema, digest[:12], tensors, facts, digest)


def load_artefact(folder: Path, schema: str) -> Artefact:
    """Read an artefact and check it.

    Args:
        folder: where `save_artefact` wrote.
        schema: the kind that is expected.

    Raises:
        ArtefactError: if a file is missing or unreadable, a hash or shape does not match, or the
            artefact is of another kind or format.
    """
    try:
        blob = (folder / TENSORS).read_bytes()
        digest = hashlib.sha256(blob).hexdigest()
        manifest = _read_aside(folder, digest) or json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise ArtefactError(f"artefact {folder.name} cannot be read: {error}") from error
    _check_manifest(folder, manifest, schema)
    if digest != manifest["sha256"]:
        raise ArtefactError(f"{folder.name}/{TENSORS} does not match the hash in its manifest")
    tensors = load_tensors(blob)
    shapes = {k: list(v.shape) for k, v in sorted(tensors.items())}
    if shapes != manifest["shapes"]:
        raise ArtefactError(f"{folder.name}: tensor shapes differ from the manifest")
    return Artefact(schema, digest[:12], tensors, manifest["facts"], digest)


def _read_aside(folder: Path, digest: str) -> Any:
    try:
        manifest = json.loads((folder / (MANIFEST + _PART)).read_text())
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and manifest.get("sha256") == digest else None


def _check_manifest(folder: Path, manifest: Any, schema: str) -> None:
    keys = {"format", "schema", "sha256", "shapes", "facts", "manifest_sha256"}
    if not isinstance(manifest, dict) or set(manifest) != keys:
        raise ArtefactError(f"{folder.name}/{MANIFEST} must have exactly the keys {sorted(keys)}")
    if manifest["format"] != FORMAT:
        raise ArtefactError(f"{folder.name}: format {manifest['format']}, expected {FORMAT}")
    if manifest["schema"] != schema:
        raise ArtefactError(f"{folder.name} is a {manifest['schema']}, expected a {schema}")
    claimed = manifest.pop("manifest_sha256")
    if _digest(manifest) != claimed:
        raise ArtefactError(f"{folder.name}/{MANIFEST} was changed after it was written")


def _digest(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
