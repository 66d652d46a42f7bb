"""Numeric cases of the shared case file, and streams that several tests draw."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.signal import lfilter

SHARED = Path(os.environ.get("ELBOWROOM_SHARED", Path(__file__).parents[2].parent / "shared"))
CASES = SHARED / "cases" / "mmd.json"


@lru_cache(maxsize=1)
def read_cases() -> dict[str, Any]:
    """The cases, or a skip where the file is absent."""
    if not CASES.is_file():
        pytest.skip("the shared numeric cases are not here")
    return json.loads(CASES.read_text())


def draw_ar(rng: np.random.Generator, count: int, length: int, width: int, a: float) -> np.ndarray:
    """Trials of a stationary AR(1) process of unit variance, shape (count, length, width)."""
    noise = rng.standard_normal((count, length, width)) * np.sqrt(1 - a * a)
    noise[:, 0] /= np.sqrt(1 - a * a)
    return lfilter([1.0], [1.0, -a], noise, axis=1)
