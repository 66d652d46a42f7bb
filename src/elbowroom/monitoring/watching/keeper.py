"""The monitor's memory on disk, so that a restart goes on where it stopped.

What is kept is what is known of whole dressings: a restart within one starts that dressing anew.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from elbowroom.core import ArtefactError, load_artefact, save_artefact
from elbowroom.monitoring.checks import require
from elbowroom.monitoring.sequential.restoring import pack_state, unpack_state
from elbowroom.monitoring.watching.watch import Watch, WatchState

SCHEMA = "monitor_state"


def save_state(folder: Path, watch: Watch, state: WatchState) -> None:
    """Write what the monitor knows of past dressings."""
    tensors: dict[str, NDArray[Any]] = {
        f"detector.{k}": v for k, v in pack_state(state.detector).items()
    }
    for name, window in state.windows.items():
        tensors |= {f"window.{name}.{k}": v for k, v in pack_state(window).items()}
    facts = {
        "reference": watch.reference.digest,
        "settings": _settings(watch),
        "latched": state.latched,
        "warned": state.warned,
        "alarmed": state.alarmed if watch.params.keep_alarm else "",
        "refused": state.refused,
    }
    save_artefact(folder, SCHEMA, tensors, facts)


def load_state(folder: Path, watch: Watch) -> WatchState:
    """Read it back for a watch of the same reference and settings.

    What was refused can be moved out of the way by `set_aside`.

    Raises:
        ArtefactError: if it is missing, tampered with, or of another reference or settings.
    """
    artefact = load_artefact(folder, SCHEMA)
    facts, fresh = artefact.facts, watch.start()
    try:
        require(facts["reference"] == watch.reference.digest, "the state is of another reference")
        require(facts["settings"] == _settings(watch), "the state is of other settings")
        detector = unpack_state(_part(artefact.tensors, "detector."), fresh.detector)
        windows = {
            name: unpack_state(_part(artefact.tensors, f"window.{name}."), like)
            for name, like in fresh.windows.items()
        }
        latched, warned, alarmed = (str(facts[k]) for k in ("latched", "warned", "alarmed"))
        refused = int(facts["refused"])
    except (KeyError, TypeError, ValueError) as error:
        raise ArtefactError(f"{folder.name}: {error}") from error
    return replace(
        fresh,
        detector=detector,
        windows=windows,
        refused=refused,
        latched=latched,
        warned=warned,
        alarmed=alarmed,
    )


def load_alarm(folder: Path, watch: Watch) -> str:
    """Why the level was ERROR until a reset, in a state that may be of other settings; or empty."""
    try:
        facts = load_artefact(folder, SCHEMA).facts
    except ArtefactError:
        return ""
    return str(facts["latched"]) if facts.get("reference") == watch.reference.digest else ""


def set_aside(folder: Path) -> Path:
    """Move a state that is of no use to this watch out of its way; returns where it lies now."""
    for number in itertools.count(1):
        other = folder.with_name(f"{folder.name}.refused-{number}")
        if not other.exists():
            break
    return folder.rename(other)


def _settings(watch: Watch) -> dict[str, float]:
    return {"run_length": watch.params.run_length, "window": watch.params.window}


def _part(tensors: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
