"""Compile a numeric kernel, with a cache on disk where one can be written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def _read_stamp() -> tuple[tuple[str, int, int], ...]:
    """Return name, time and size of every module that kernels are made of."""
    folder = Path(__file__).parent
    paths = [folder / "rounding.py", folder / "tolerances.py", *folder.glob("kernels/*.py")]
    stats = ((path.name, path.stat()) for path in sorted(paths))
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


_STAMP = _read_stamp()


def compile_kernel(function: Kernel) -> Kernel:
    """Return `function` compiled by numba in nopython mode, IEEE arithmetic, cached if possible.

    A read-only installation without a writable user cache has no place for the cache: the kernel
    is then compiled anew by every process, silently.
    """
    options = {"nogil": True, "error_model": "numpy"}
    try:
        kernel = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        return cast(Kernel, numba.njit(**options)(function))
    # numba looks at the kernel's own file only; one it calls may have changed in another.
    cache_file = getattr(getattr(kernel, "_cache", None), "_cache_file", None)
    if cache_file is not None and hasattr(cache_file, "_source_stamp"):
        cache_file._source_stamp = _STAMP
    return cast(Kernel, kernel)
