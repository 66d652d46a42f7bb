"""Compile a numeric kernel, with a cache on disk where one can be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compile_kernel(function: Kernel) -> Kernel:
    """Return `function` compiled by numba in nopython mode, IEEE arithmetic, cached if possible.

    A read-only installation without a writable user cache has no place for the cache: the kernel
    is then compiled anew by every process, silently.
    """
    try:
        return cast(Kernel, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:
        return cast(Kernel, numba.njit(nogil=True, error_model="numpy")(function))
