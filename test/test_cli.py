from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

import elbowroom
from elbowroom import cli
from elbowroom.campaign import CampaignError
from elbowroom.core import Params, param
from elbowroom.sim import SimulationError


@dataclass(frozen=True)
class Settings(Params):
    """Settings of a verb."""

    count: int = param(3, "how many", low=1, high=9)
    speed: float = param(0.5, "how fast", unit="m/s", low=0.0, high=2.0)
    offset: tuple[float, float] = param((0.0, 1.0), "where", unit="m")
    loud: bool = param(False, "whether to shout")
    colour: str = param("red", "which colour", choices=("red", "blue"))


@pytest.fixture
def verb(monkeypatch):
    """The collect verb replaced by one that returns what it was given."""
    seen = {}

    def run(options):
        seen["options"] = options
        if "error" in seen:
            raise seen["error"]
        return {"count": options.of(Settings).count, "seed": options.seed}

    module = SimpleNamespace(
        __doc__="Do something.", GROUPS={"": Settings}, RESUME="run it again", run=run
    )
    real = importlib.import_module

    def load(name, package=None):
        """Libraries that the package needs load parts of themselves this way too."""
        return module if name.startswith("elbowroom.verbs.") else real(name, package)

    monkeypatch.setattr(cli.importlib, "import_module", load)
    return seen


def test_values_reach_the_verb(verb):
    line = "collect --count 4 --speed 2 --offset 1 2 --loud --colour blue --seed 5"
    assert cli.main(line.split()) == 0
    got = verb["options"].of(Settings)
    assert got == Settings(count=4, speed=2.0, offset=(1.0, 2.0), loud=True, colour="blue")
    assert verb["options"].seed == 5


def test_figures_are_written_as_json(verb, tmp_path):
    assert cli.main(["collect", "--json", str(tmp_path / "new/figures.json")]) == 0
    assert json.loads((tmp_path / "new/figures.json").read_text()) == {"count": 3, "seed": 0}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("collect --count 10", "count must lie in [1, 9]"),
        ("collect --speed nan", "speed must be finite"),
        ("collect --colour green", "invalid choice"),
        ("collect --count three", "invalid int"),
        ("collect --unknown 1", "unrecognized arguments"),
        ("collect --seed -1", "must be >= 0"),
        ("fly", "invalid choice"),
    ],
)
def test_wrong_use_is_refused_with_the_reason(verb, capsys, line, message):
    with pytest.raises(SystemExit) as stop:
        cli.main(line.split())
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_help_names_unit_bounds_and_default(verb, capsys):
    with pytest.raises(SystemExit):
        cli.main(["collect", "--help"])
    text = capsys.readouterr().out
    assert "how fast [0..2 m/s] (default: 0.5)" in text
    assert "Do something." in text


def test_an_interrupt_says_how_to_resume(verb, capsys):
    verb["error"] = KeyboardInterrupt()
    assert cli.main(["collect"]) == 130
    assert "run it again" in capsys.readouterr().err


@pytest.mark.parametrize("error", [CampaignError, SimulationError])
def test_a_known_error_is_one_line(verb, capsys, error):
    verb["error"] = error("no dressing")
    assert cli.main(["collect"]) == 1
    assert capsys.readouterr().err == "elbowroom collect: no dressing\n"


def test_every_error_of_the_package_is_known():
    """Those of the solver and of the bringup never leave the planner and the two verbs of nodes."""
    root = Path(elbowroom.__file__).parent
    found = {
        (path.relative_to(root).with_suffix(""), name)
        for path in root.rglob("*.py")
        for name in re.findall(r"^class (\w+Error)\(", path.read_text(), re.MULTILINE)
        if name not in ("BringupError", "SolverError")
    }
    assert len(found) > 15
    for path, name in found:
        module = importlib.import_module(".".join(("elbowroom", *path.parts)))
        assert issubclass(getattr(module, name), cli._known_errors()), name


def test_an_unknown_error_is_not_swallowed(verb):
    verb["error"] = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        cli.main(["collect"])


def test_no_verb_prints_the_list(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([])
    assert stop.value.code == 2
    assert "evaluate" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name",
    [
        *sorted(set(cli.VERBS) - {"grasp", "monitor"}),
        "grasp train",
        "grasp evaluate",
        "monitor fit",
        "monitor report",
        "monitor evaluate",
    ],
)
def test_every_verb_has_its_help(name, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([*name.split(), "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert "--seed" in text
    assert "--json" in text


def test_help_loads_nothing_heavy():
    heavy = "{'torch', 'pybullet', 'cvxpy', 'rclpy', 'matplotlib', 'numba'}"
    code = (
        "import sys, contextlib; from elbowroom import cli\n"
        "for verb in set(cli.VERBS) - {'train'}:\n"  # its options are those of the networks
        "    with contextlib.suppress(SystemExit): cli.main([verb, '--help'])\n"
        f"print(sorted({heavy} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
