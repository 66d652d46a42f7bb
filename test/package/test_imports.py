"""The arrow of imports: what may import what."""

from __future__ import annotations

import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from package.imports import list_imports, list_package_imports

LAYERS = (
    {"core", "sets"},
    {"motion", "sim", "models"},
    {"estimation"},
    {"planning", "grasping", "monitoring"},
    {"campaign", "view"},
    {"nodes", "verbs", "cli", "__main__"},
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
# Which part alone may import a library. The rest of the package must not need it.
HOMES = {
    "pybullet": {"sim"},
    "pybullet_data": {"sim"},
    "pybullet_utils": {"sim"},
    "cvxpy": {"planning"},
    "rclpy": {"nodes"},
    "rosidl_runtime_py": {"nodes"},
    "ament_index_python": {"nodes"},
}
# Inside a part: what each folder or module may import of its siblings. Those not named may import
# them all, and none that is named imports them.
SIBLINGS: dict[str, dict[str, set[str]]] = {
    "sets": {
        "errors": set(),
        "compiled": set(),
        "tolerances": set(),
        "checks": {"errors"},
        "rounding": {"checks", "compiled", "tolerances"},
        "kernels": {"checks", "compiled", "rounding", "tolerances"},
    },
    "motion": {
        "arm_motion": set(),
        "posture": set(),
        "dressable": {"arm_motion"},
        "recordings": {"posture"},
        "movements": {"arm_motion", "dressable", "posture", "recordings"},
    },
    "sim": {
        "errors": set(),
        "params": set(),
        "vectors": set(),
        "cloth": {"errors", "vectors"},
        "person": {"errors", "vectors"},
        "robot": {"errors", "vectors"},
        "sensing": {"cloth", "params", "robot", "vectors"},
        "drawing": {"cloth", "person", "robot"},
        "grasping": {"cloth", "errors", "robot", "vectors"},
    },
    "models": {
        "features": set(),
        "gaussian": set(),
        "layers": set(),
        "elbow": {"features"},
        "systems": {"gaussian"},
        "training": {"elbow", "features"},
    },
    "estimation": {
        "interface": set(),
        "guard": set(),
        "joint_limits": set(),
        "prior": {"guard", "joint_limits"},
        "conformal": set(),
        "filters": set(),
        "membership": {"conformal", "guard", "prior"},
        "elbow": {"filters", "guard", "interface", "prior"},
        "layers": {"membership"},
    },
    "monitoring": {
        "checks": set(),
        "twosample": {"checks"},
        "sequential": {"checks", "twosample"},
        "dressing": {"checks"},
        "watching": {"checks", "dressing", "sequential"},
        "reporting": {"checks", "dressing", "sequential", "twosample", "watching"},
    },
    "planning": {
        "state": set(),
        "vectors": set(),
        "safety_params": set(),
        "params": {"safety_params"},
        "safety": {"params", "state", "vectors"},
        "optimiser": {"params"},
        "way": {"optimiser", "params", "safety", "state", "vectors"},
    },
    "grasping": {
        "errors": set(),
        "environments": {"errors"},
        "experience": {"environments", "errors"},
        "networks": {"environments", "errors"},
        "learners": {"errors", "experience", "networks"},
        "guides": {"environments", "errors", "experience", "networks"},
        "seeing": {"environments", "errors", "guides", "networks"},
        "worlds": {"environments", "errors", "seeing"},
        "training": {
            "environments",
            "errors",
            "experience",
            "guides",
            "learners",
            "networks",
            "seeing",
            "worlds",
        },
    },
    "nodes": {
        "graph": set(),
        "share": set(),
        "base": {"graph"},
        "dressing": {"base"},
        "grasping": {"base"},
        "simulation": {"base"},
        "messages": {"grasping"},
        "endpoints": {"base", "dressing", "grasping", "messages", "simulation"},
        "recording": {"base", "dressing", "graph", "messages", "share"},
        "bringup": {"base", "graph", "messages", "recording", "share"},
    },
}
WITHOUT_ROS = ("dressing", "grasping", "simulation")
HEAVY = ("numpy", "torch", "pybullet", "cvxpy", "rclpy", "matplotlib", "scipy", "numba")


def part(name: str) -> str:
    """Return the subpackage of a dotted name of ours, empty for the package itself."""
    return [*name.split("."), ""][1]


def sibling(name: str) -> str:
    """Return the folder or module below the subpackage of a dotted name of ours, or empty."""
    return [*name.split("."), "", ""][2]


def is_message_library(name: str) -> bool:
    top = name.split(".")[0]
    return top.endswith(("_msgs", "_srvs", "_interfaces")) or name.startswith(
        ("elbowroom.msg", "elbowroom.srv")
    )


def find_upward_imports(imports: dict[str, set[str]]) -> list[str]:
    """Return the imports of a part by another on a lower layer."""
    return [
        f"{module} imports {name}"
        for module, names in imports.items()
        for name in sorted(names)
        if name.startswith("elbowroom.") and part(name) in RANK and part(module)
        if RANK[part(name)] > RANK[part(module)]
    ]


def find_strays(imports: dict[str, set[str]]) -> list[str]:
    """Return the imports of a library outside its home."""
    strays = []
    for module, names in imports.items():
        for name in sorted(names):
            home = {"nodes"} if is_message_library(name) else HOMES.get(name.split(".")[0])
            if home is not None and part(module) not in home:
                strays.append(f"{module} imports {name}")
    return strays


def find_sideways_imports(imports: dict[str, set[str]]) -> list[str]:
    """Return the imports of a folder by a sibling that may not."""
    return [
        f"{module} imports {name}"
        for module, names in imports.items()
        for name in sorted(names)
        if part(name) == part(module) in SIBLINGS and sibling(name) != sibling(module)
        if sibling(name) not in SIBLINGS[part(module)].get(sibling(module), {sibling(name)})
    ]


@pytest.fixture(scope="module")
def imports(source: Path, modules: list[Path]) -> dict[str, set[str]]:
    return list_package_imports(source, modules)


def test_every_part_has_a_layer(imports: dict[str, set[str]]) -> None:
    assert {part(module) for module in imports} - {""} <= set(RANK)


def test_no_part_imports_from_above(imports: dict[str, set[str]]) -> None:
    assert find_upward_imports(imports) == []


def test_no_folder_imports_a_sibling_it_may_not(imports: dict[str, set[str]]) -> None:
    assert find_sideways_imports(imports) == []


def test_every_folder_of_modules_has_its_siblings(source: Path) -> None:
    for name, siblings in SIBLINGS.items():
        folders = {path.parent.name for path in (source / name).glob("*/__init__.py")}
        assert folders <= set(siblings)


@pytest.mark.parametrize("name", SIBLINGS)
def test_siblings_may_not_import_in_a_circle(name: str) -> None:
    TopologicalSorter(SIBLINGS[name]).prepare()


def test_what_nodes_keep_running_needs_no_ros() -> None:
    program = f"""
import importlib, pkgutil, sys
for folder in {WITHOUT_ROS}:
    package = importlib.import_module("elbowroom.nodes." + folder)
    for found in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        importlib.import_module(found.name)
        print(found.name)
print([m for m in sys.modules if m == "rclpy" or m.endswith(("_msgs", "elbowroom.msg"))])
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    *names, loaded = ran.stdout.strip().splitlines()
    assert loaded == "[]", ran.stderr
    assert {name.split(".")[2] for name in names if name.startswith("elbowroom")} == {*WITHOUT_ROS}


def test_parts_of_one_layer_do_not_import_in_a_circle(imports: dict[str, set[str]]) -> None:
    graph: dict[str, set[str]] = {}
    for module, names in imports.items():
        used = {part(name) for name in names if name.startswith("elbowroom.")} & set(RANK)
        graph.setdefault(part(module), set()).update(used - {part(module)})
    TopologicalSorter(graph).prepare()


def test_only_the_command_line_imports_nodes(imports: dict[str, set[str]]) -> None:
    users = {
        part(module)
        for module, names in imports.items()
        if any(name.startswith("elbowroom.nodes") for name in names)
    }
    assert users <= {"nodes", "verbs", "cli", "__main__"}


def test_libraries_stay_in_their_home(imports: dict[str, set[str]]) -> None:
    assert find_strays(imports) == []


def test_sets_and_core_know_no_torch(imports: dict[str, set[str]]) -> None:
    users = {
        part(module)
        for module, names in imports.items()
        if any(name.split(".")[0] == "torch" for name in names)
    }
    assert not users & {"core", "sets"}


def test_importing_the_package_is_light() -> None:
    program = f"import elbowroom, sys; print([m for m in {HEAVY} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.stdout.strip() == "[]", ran.stderr


@pytest.mark.parametrize(
    ("text", "module", "is_package", "expected"),
    [
        ("import a.b as c", "elbowroom.core.x", False, {"a.b"}),
        ("from . import y", "elbowroom.core.x", False, {"elbowroom.core.y"}),
        ("from .y import z", "elbowroom.core", True, {"elbowroom.core.y.z"}),
        ("from ..sets import z", "elbowroom.core.x", False, {"elbowroom.sets.z"}),
        ("def f():\n    import rclpy", "elbowroom.core.x", False, {"rclpy"}),
    ],
)
def test_imports_are_read(text: str, module: str, is_package: bool, expected: set[str]) -> None:
    assert list_imports(text, module, is_package=is_package) == expected


def test_violations_are_found() -> None:
    imports = {
        "elbowroom.sets.box": {"elbowroom.estimation.filter", "std_msgs.msg.Header"},
        "elbowroom.models.a": {"pybullet", "elbowroom.msg.ElbowBox"},
        "elbowroom.nodes.sim": {"elbowroom.sim.Scene", "rclpy.node.Node"},
    }
    assert find_upward_imports(imports) == [
        "elbowroom.sets.box imports elbowroom.estimation.filter"
    ]
    sideways = {
        "elbowroom.estimation.membership.model": {"elbowroom.estimation.elbow.models.Noise"}
    }
    (found,) = find_sideways_imports(sideways)
    assert found.endswith("imports elbowroom.estimation.elbow.models.Noise")
    assert find_strays(imports) == [
        "elbowroom.sets.box imports std_msgs.msg.Header",
        "elbowroom.models.a imports elbowroom.msg.ElbowBox",
        "elbowroom.models.a imports pybullet",
    ]
