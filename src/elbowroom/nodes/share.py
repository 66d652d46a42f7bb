"""Where launch files and parameter files lie."""

from __future__ import annotations

import sys
from pathlib import Path

import elbowroom

# The package lies in PREFIX/lib/pythonX/site-packages, or one folder deeper (local/) on Debian.
_DEPTH = 6


def find_share(folder: str) -> Path:
    """The folder `config` or `launch`: of the source tree if run from there, else as installed.

    Raises:
        FileNotFoundError: if it is in neither place.
    """
    source = Path(elbowroom.__file__).resolve().parents[2]
    places = [source / folder] if (source / "package.xml").is_file() else []
    # Below the prefix that this very package was installed to comes before any other.
    own = Path(elbowroom.__file__).parents[1:_DEPTH]
    places += [place / "share" / "elbowroom" / folder for place in (*own, Path(sys.prefix))]
    for place in places + _list_ament_places(folder):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"no folder {folder!r} in {', '.join(map(str, places))}")


def _list_ament_places(folder: str) -> list[Path]:
    try:
        from ament_index_python import get_package_share_directory

        return [Path(get_package_share_directory("elbowroom")) / folder]
    except (ImportError, LookupError, OSError):
        return []
