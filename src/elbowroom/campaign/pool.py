"""Many independent jobs in parallel processes, with a progress bar and a clean interrupt."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from typing import Any, TypeVar

from tqdm import tqdm

Job = TypeVar("Job")
Result = TypeVar("Result")

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class CampaignError(RuntimeError):
    """A campaign that cannot start or whose workers died."""


def run_jobs(
    work: Callable[[Job], Result],
    jobs: Sequence[Job],
    *,
    workers: int = 0,
    label: str = "",
    scheduler: str = "",
) -> Iterator[Result]:
    """Do every job once and yield the results in the order in which they are ready.

    Workers are fresh processes with one numerical thread each, so that results depend neither on
    their number nor on the state of this process. On an interrupt the jobs already running are
    let finish and no new one is started.

    Args:
        work: a function at the top of a module.
        jobs: arguments, one a job.
        workers: processes; 0 for one per core, 1 to stay in this process.
        label: shown before the progress bar.
        scheduler: address of a dask.distributed scheduler, or empty.

    Raises:
        CampaignError: if a worker process died or dask is asked for and not installed.
    """
    if workers < 0:
        raise CampaignError(f"workers must be >= 0, got {workers}")
    count = min(workers or os.cpu_count() or 1, max(len(jobs), 1))
    if scheduler:
        results = _cluster(work, jobs, scheduler)
    elif count == 1:
        results = map(work, jobs)
    else:
        results = _processes(work, jobs, count)
    quiet = not sys.stderr.isatty()
    yield from tqdm(
        results, total=len(jobs), desc=label, unit="trial", mininterval=30.0 if quiet else 0.2
    )


def _processes(
    work: Callable[[Job], Result], jobs: Sequence[Job], workers: int
) -> Iterator[Result]:
    with _single_threaded():
        pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_ignore_interrupt)
        waiting = iter(jobs)
        pending = {pool.submit(work, job) for job in islice(waiting, 2 * workers)}
    try:
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            pending |= {pool.submit(work, job) for job in islice(waiting, len(done))}
            yield from (future.result() for future in done)
    except BrokenProcessPool as error:
        raise CampaignError("a worker process died; run the same command to resume") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _cluster(work: Callable[[Job], Result], jobs: Sequence[Job], address: str) -> Iterator[Result]:
    client = connect(address)
    futures = client.map(work, list(jobs), pure=False)
    from distributed import as_completed

    try:
        for future in as_completed(futures):
            yield future.result()
    finally:
        client.cancel(futures)
        client.close()


def connect(address: str) -> Any:
    """A dask.distributed client.

    Args:
        address: such as "tcp://host:8786".

    Raises:
        CampaignError: if dask is not installed or the scheduler does not answer.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise CampaignError(
            "a scheduler needs dask.distributed: pip install 'elbowroom[cluster]'"
        ) from error
    try:
        return Client(address, timeout="15s")
    except (OSError, ValueError) as error:
        raise CampaignError(f"no dask scheduler answers at {address}: {error}") from error


def _ignore_interrupt() -> None:
    # The terminal sends SIGINT to the whole group; only the parent decides what stops.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _single_threaded() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
