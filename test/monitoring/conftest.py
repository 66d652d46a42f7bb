from __future__ import annotations

from pathlib import Path

import pytest

from elbowroom.monitoring.watching.reference import Reference, load_reference, save_reference
from monitoring.made import make_reference


@pytest.fixture(scope="session")
def reference_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference")
    save_reference(folder, make_reference())
    return folder


@pytest.fixture(scope="session")
def reference(reference_folder: Path) -> Reference:
    return load_reference(reference_folder)
