"""Real-time scheduling: every thread takes part, nothing is left behind, a refusal is told."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator

import pytest

from elbowroom.nodes.base.scheduling import TASKS, Scheduling, SchedulingParams


def policies() -> set[tuple[int, int]]:
    """Policy and priority of every thread of this process."""
    threads = [int(task.name) for task in TASKS.iterdir()]
    return {(os.sched_getscheduler(t), os.sched_getparam(t).sched_priority) for t in threads}


@pytest.fixture
def another() -> Iterator[threading.Thread]:
    """A second thread, made before the priority is asked for."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    yield thread
    end.set()
    thread.join()


def permitted() -> bool:
    """Whether this process may take a real-time priority."""
    scheduling = Scheduling(1)
    refused = scheduling.raise_()
    scheduling.lower()
    return not refused


def test_every_thread_takes_the_priority_and_gives_it_back(another: threading.Thread) -> None:
    if not permitted():
        pytest.skip("this user may not take a real-time priority")
    before = policies()
    scheduling = Scheduling(7)
    assert scheduling.raise_() == ""
    try:
        assert policies() == {(os.SCHED_FIFO, 7)}
    finally:
        scheduling.lower()
    assert policies() == before


def test_zero_leaves_everything_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_setscheduler", lambda *_: pytest.fail("was touched"))
    scheduling = Scheduling(SchedulingParams(priority=0).of(urgency=3))
    assert scheduling.raise_() == ""
    scheduling.lower()


def test_a_refusal_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    scheduling = Scheduling(10)
    assert scheduling.raise_() == "no real-time priority 10: Operation not permitted"
    # Nothing was taken, so nothing is given back.
    scheduling.lower()


def test_upstream_comes_first() -> None:
    params = SchedulingParams(priority=20)
    assert [params.of(urgency) for urgency in (3, 2, 1)] == [23, 22, 21]
