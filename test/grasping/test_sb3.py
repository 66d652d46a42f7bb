"""Models of Stable-Baselines3 as guides, without the library."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

from elbowroom.grasping.errors import GraspError
from elbowroom.grasping.guides.named import find_guide
from elbowroom.grasping.guides.sb3 import SB3Guide


class Model:
    """Gives the middle of its first action, and the upper end of its second."""

    observation_space: Any = spaces.Box(-np.inf, np.inf, (3,))
    action_space: Any = spaces.Box(np.float32([0, -4]), np.float32([2, 4]))

    def predict(self, observation: Any, deterministic: bool) -> Any:
        return np.array([1.0, 4.0]), None


def test_actions_are_mapped_from_the_models_own_box() -> None:
    np.testing.assert_allclose(SB3Guide(Model(), size=(3, 2)).act(np.zeros(3), {}), [0.0, 1.0])


@pytest.mark.parametrize(
    ("changes", "size", "reason"),
    [
        ({}, (4, 2), "sees 3 numbers, not 4"),
        ({}, (3, 1), "gives 2 numbers, not 1"),
        ({"action_space": spaces.Discrete(3)}, (3, 2), "a vector of numbers is needed"),
        ({"action_space": spaces.Box(-np.inf, np.inf, (2,))}, (3, 2), "bounded"),
        ({"observation_space": spaces.Dict({})}, (3, 2), "a vector of numbers is needed"),
    ],
)
def test_a_model_of_other_spaces_is_refused(
    changes: dict[str, Any], size: tuple[int, int], reason: str
) -> None:
    model = Model()
    vars(model).update(changes)
    with pytest.raises(GraspError, match=reason):
        SB3Guide(model, size=size)


def test_a_file_that_holds_no_model_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(path: str, device: str) -> Any:
        if Path(path).read_bytes() != b"model":
            raise KeyError("data")
        return Model()

    library = SimpleNamespace(SAC=SimpleNamespace(load=load))
    monkeypatch.setitem(sys.modules, "stable_baselines3", library)
    path = tmp_path / "expert.zip"
    path.write_bytes(b"model")
    assert isinstance(find_guide(f"sb3:SAC:{path}", (3, 2), "line"), SB3Guide)
    with pytest.raises(GraspError, match="sees 3 numbers"):
        find_guide(f"sb3:SAC:{path}", (5, 2), "line")
    path.write_bytes(b"mod")
    with pytest.raises(GraspError, match="does not hold a model of SAC"):
        find_guide(f"sb3:SAC:{path}", (3, 2), "line")
