"""Builds the wheel: the CMake project makes the messages, setuptools adds the modules.

The same CMake project is what colcon builds on a ROS 2 installation. Here it is installed into a
staging folder; the generated part of the import package goes beside the hand-written modules, and
libraries, launch files, configuration and executables go below the prefix of the environment.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent
PACKAGE = "elbowroom"
# One module of each group of ROS packages that an isolated build may put under a prefix of its own.
ROS_MODULES = ("rosidl_cmake", "rosidl_generator_py", "std_msgs")


def read_version() -> str:
    """Return the version that package.xml states."""
    version = ElementTree.parse(ROOT / "package.xml").findtext("version")
    if not version:
        raise ValueError("package.xml states no version")
    return version


def find_prefixes() -> list[Path]:
    """Return the prefixes below which the ROS packages of this environment lie."""
    prefixes: dict[Path, None] = {}
    for name in ROS_MODULES:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"{name} is needed to generate the messages", name=name)
        prefixes[Path(spec.origin).parents[4]] = None
    return [*prefixes, *map(Path, filter(None, os.environ.get("AMENT_PREFIX_PATH", "").split(":")))]


def build_environment(prefixes: list[Path]) -> dict[str, str]:
    """Return the environment in which CMake and the generators find the ROS packages."""
    path = os.pathsep.join(map(str, prefixes))
    modules = os.pathsep.join(filter(None, sys.path))
    # An environment that is not activated still brings its own cmake and ninja.
    programs = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    return {
        **os.environ,
        "PATH": programs,
        "AMENT_PREFIX_PATH": path,
        "CMAKE_PREFIX_PATH": path,
        "PYTHONPATH": modules,
    }


class PlatformDistribution(Distribution):
    """A distribution of one platform, with files below the prefix."""

    def has_ext_modules(self) -> bool:
        """Say that the wheel holds compiled modules."""
        return True

    def has_data(self) -> bool:
        """Say that files go below the prefix, before it is known which."""
        return True


class BuildInterfaces(build_ext):
    """Builds the CMake project and spreads what it installs."""

    def run(self) -> None:
        """Build, stage, and hand the staged files to the wheel."""
        prefixes = find_prefixes()
        build = ROOT / "build" / f"cmake-{_digest(sys.executable, *map(str, prefixes))}"
        stage = build / "stage"
        shutil.rmtree(stage, ignore_errors=True)
        self._run_cmake(build, stage, build_environment(prefixes))
        generated = next(stage.glob(f"lib/python*/site-packages/{PACKAGE}"))
        self._add_generated(generated)
        self._add_data(stage, exclude=generated.parents[1])

    def get_outputs(self) -> list[str]:
        """Return the files that `run` added to the import package."""
        return list(self._added)

    def get_output_mapping(self) -> dict[str, str]:
        """Return no mapping: an editable install has the generated files in place."""
        return {}

    def _run_cmake(self, build: Path, stage: Path, environment: dict[str, str]) -> None:
        configure = [
            *("-S", str(ROOT), "-B", str(build), "-G", "Ninja"),
            "-DBUILD_TESTING=OFF",
            "-DCMAKE_BUILD_TYPE=Release",
            f"-DCMAKE_INSTALL_PREFIX={stage}",
            f"-DPython3_EXECUTABLE={sys.executable}",
        ]
        cmake = shutil.which("cmake", path=environment["PATH"])
        if cmake is None:
            raise FileNotFoundError("cmake is needed to generate the messages")
        for arguments in (configure, ["--build", str(build), "--target", "install"]):
            subprocess.run([cmake, *arguments], check=True, env=environment)

    def _add_generated(self, generated: Path) -> None:
        in_place = self.editable_mode or self.inplace
        target = (ROOT / "src" if in_place else Path(self.build_lib)) / PACKAGE
        files = [*generated.glob("msg/**/*.py"), *generated.glob("srv/**/*.py")]
        files += generated.glob("**/*.so")
        self._added = []
        for file in files:
            copy = target / file.relative_to(generated)
            copy.parent.mkdir(parents=True, exist_ok=True)
            # A process may be running the old library: replace the file, do not write into it.
            copy.unlink(missing_ok=True)
            shutil.copy2(file, copy)
            self._added.append(str(copy))

    def _add_data(self, stage: Path, exclude: Path) -> None:
        folders: dict[str, list[str]] = {}
        for file in sorted(stage.rglob("*")):
            if file.is_file() and not {exclude, stage / "bin"} & set(file.parents):
                folder = str(file.parent.relative_to(stage))
                folders.setdefault(folder, []).append(str(file.relative_to(ROOT)))
        self.distribution.data_files = list(folders.items())


def _digest(*words: str) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:12]


setup(
    version=read_version(),
    distclass=PlatformDistribution,
    cmdclass={"build_ext": BuildInterfaces},
)
