"""Reports that are written beside the work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from elbowroom.monitoring.checks import require


class ReportWriter:
    """Writes one report at a time in a thread.

    Attributes:
        last: what became of the last report: its page, or why there is none; empty before.
    """

    def __init__(self) -> None:
        self.last = ""
        self._thread: threading.Thread | None = None
        self._news: list[str] = []

    @property
    def busy(self) -> bool:
        """Whether a report is being written."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, write: Callable[[], Path]) -> None:
        """Write a report in a thread.

        Args:
            write: writes it and returns its page; may use nothing that changes meanwhile.

        Raises:
            MonitoringError: if the one before is not done.
        """
        require(not self.busy, "a report is being written: ask again when it is done")
        self._thread = threading.Thread(target=self._run, args=(write,), name="report")
        self._thread.start()

    def take_news(self) -> str:
        """What became of a report that is done since this was last asked, or empty."""
        return self._news.pop(0) if self._news else ""

    def wait(self) -> None:
        """Wait for a report under way."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, write: Callable[[], Path]) -> None:
        try:
            self.last = str(write())
            self._news.append(f"report written: {self.last}")
        except Exception as error:
            # Nobody sees what ends a thread; whoever watches over the monitor asks.
            self.last = f"failed: {error!r}"
            self._news.append(f"report {self.last}")
