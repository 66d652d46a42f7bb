"""Where the repository lies, for the tests that read its files."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def source(root: Path) -> Path:
    return root / "src" / "elbowroom"


@pytest.fixture(scope="session")
def modules(source: Path) -> list[Path]:
    """Every hand-written module of the package."""
    generated = {source / "msg", source / "srv"}
    return [p for p in sorted(source.rglob("*.py")) if not generated & set(p.parents)]
