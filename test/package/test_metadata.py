"""The files that describe the package agree with each other."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

import elbowroom

OTHERWISE_SHIPPED = {".py", ".so", ".typed"}


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def manifest(root: Path) -> ElementTree.Element:
    return ElementTree.parse(root / "package.xml").getroot()


def normalise(requirement: str) -> str:
    """Return the name of a requirement as package indices compare it."""
    name = re.split(r"[<>=!~;\[ ]", requirement)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def test_versions_agree(root: Path, manifest: ElementTree.Element) -> None:
    changelog = (root / "CHANGELOG.rst").read_text()
    newest = re.search(r"^(\d+\.\d+\.\d+) \(", changelog, re.MULTILINE)
    assert newest is not None
    versions = {
        "package.xml": manifest.findtext("version"),
        "CHANGELOG.rst": newest.group(1),
        "installed": importlib.metadata.version("elbowroom"),
        "imported": elbowroom.__version__,
    }
    assert len(set(versions.values())) == 1, versions


def test_names_and_licence_agree(
    root: Path, manifest: ElementTree.Element, project: dict[str, Any]
) -> None:
    assert manifest.findtext("name") == project["project"]["name"] == "elbowroom"
    assert manifest.findtext("license") == project["project"]["license"] == "Apache-2.0"
    assert "Apache License" in (root / "LICENSE").read_text()


def test_colcon_takes_the_package_as_cmake(manifest: ElementTree.Element) -> None:
    assert manifest.findtext("export/build_type") == "ament_cmake"
    assert manifest.findtext("member_of_group") == "rosidl_interface_packages"


def test_the_ros_package_tells_of_every_library_that_pip_installs(
    root: Path, manifest: ElementTree.Element, project: dict[str, Any]
) -> None:
    """By a dependency, or among those that come from pip; the middleware is the user's choice."""
    comments = re.findall(r"<!--(.*?)-->", (root / "package.xml").read_text(), re.DOTALL)
    told = re.findall(r"[\w-]+", " ".join(comments))
    told += [(e.text or "").removeprefix("python3-") for e in manifest if "depend" in e.tag]
    needed = {normalise(name) for name in project["project"]["dependencies"]}
    needed = {name.removeprefix("ros-kilted-") for name in needed}
    assert needed - {normalise(name) for name in told} == {"pyyaml", "rmw-fastrtps-cpp"}


def test_isolated_and_shared_builds_need_the_same(project: dict[str, Any]) -> None:
    assert project["build-system"]["requires"] == project["dependency-groups"]["build"]


def test_every_requirement_is_pinned(root: Path, project: dict[str, Any]) -> None:
    lines = (root / "constraints.txt").read_text().split()
    pinned = {normalise(line) for line in lines if "==" in line}
    table = project["project"]
    groups = [*project["dependency-groups"].values(), *table["optional-dependencies"].values()]
    needed = {normalise(name) for names in [table["dependencies"], *groups] for name in names}
    assert needed - pinned == set()


def test_ros_wheels_are_of_one_distribution(project: dict[str, Any]) -> None:
    needed = project["project"]["dependencies"] + project["build-system"]["requires"]
    assert not [name for name in needed if re.match("ros-(?!kilted-)", name)]


def test_both_builds_ship_every_data_file(
    root: Path, source: Path, project: dict[str, Any]
) -> None:
    text = (root / "cmake" / "python_package.cmake").read_text()
    listed = re.search(r"set\(ELBOWROOM_DATA_SUFFIXES ([^)]*)\)", text)
    assert listed is not None
    cmake = {f".{suffix}" for suffix in listed.group(1).split()}
    patterns = project["tool"]["setuptools"]["package-data"]["elbowroom"]
    pip = {Path(pattern).suffix for pattern in patterns if "*" in pattern}
    files = [path for path in source.rglob("*") if path.is_file()]
    shipped = [path for path in files if path.parent.name != "__pycache__"]
    found = {path.suffix for path in shipped} - OTHERWISE_SHIPPED
    assert pip == cmake
    assert found <= cmake


def test_every_folder_of_modules_is_a_package(source: Path, modules: list[Path]) -> None:
    folders = {path.parent for path in modules}
    assert [str(f.relative_to(source)) for f in folders if not (f / "__init__.py").exists()] == []
