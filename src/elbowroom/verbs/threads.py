"""How many threads a verb computes with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute with one thread; also a decorator.

    Two threads gain nothing on layers a hundred wide, cost several times as much where another
    process wants the core, and change the last bits of what is learned.
    """
    import torch  # only here: a verb's help must not wait for it

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
