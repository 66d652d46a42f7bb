"""Child processes that are started, heard and stopped together."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence

GRACE = 8.0
"""Time a process has to end after SIGINT, and again after SIGTERM [s]."""


class Process:
    """A child in a process group of its own, whose output is handed on line by line.

    Its own group keeps a terminal's Ctrl-C away from it: it is stopped exactly once, by `stop`.

    Args:
        name: put before every line, in brackets.
        command: program and arguments.
        say: takes the lines.
        environment: added to this process's own.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        say: Callable[[str], None],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._child = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            bufsize=1,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        )
        self._reader = threading.Thread(target=self._read, args=(say,), daemon=True)
        self._reader.start()

    @property
    def code(self) -> int | None:
        """Exit code, negative for a signal; None while it runs."""
        return self._child.poll()

    @property
    def pid(self) -> int:
        """Process number."""
        return self._child.pid

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self.code is None:
            self._child.send_signal(number)

    def wait(self, timeout: float) -> bool:
        """Whether it ended within a time [s]."""
        try:
            self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        self._reader.join(timeout=1.0)
        return True

    def _read(self, say: Callable[[str], None]) -> None:
        assert self._child.stdout is not None, "made with a pipe"
        with self._child.stdout as lines:
            for line in lines:
                say(f"[{self.name}] {line.rstrip()}")


def stop_all(processes: Sequence[Process], grace: float = GRACE) -> dict[str, int]:
    """Stop processes together: SIGINT once each, SIGTERM for who lingers, then SIGKILL.

    Every signal is given `grace` [s] to work.

    Returns:
        Exit codes by name.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            process.signal(number)
        end = time.monotonic() + grace
        ended = [p.wait(max(end - time.monotonic(), 0.01)) for p in processes]
        if all(ended):
            break
    return {p.name: p.code if p.code is not None else -signal.SIGKILL for p in processes}
