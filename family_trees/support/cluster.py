"""A cluster that does the jobs of the runner: a Dask scheduler at an address, and its workers on any machines.

Dask is imported here alone, and only when a cluster is asked for. Nothing is shared but the network: a job travels to a
worker as bytes, and its result travels back as bytes to this process, which writes it. If a worker is lost, the
scheduler gives its jobs to others.

Dask works in an event loop. Here the loop runs in a thread of its own, so that the thread that waits for results can
be stopped at any moment, by Ctrl-C for instance.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
import pkgutil
import re
import textwrap
import threading
import traceback
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, TypeVar

from family_trees.support.errors import FamilyTreesError
from family_trees.support.wording import count, shown
from family_trees.version import VERSION

ANSWER_SECONDS = 10.0
"""How long to wait for the first answer of a scheduler."""


WITHOUT_WORKERS_SECONDS = 60.0
"""How long a run waits for new workers when it has lost all of them."""


ATTEMPTS = 3
"""How often a job is tried before the run ends: its exception may be that of one machine, such as a full memory."""


CLOSING_SECONDS = 5.0
"""How long to wait at the end until the scheduler knows that this client is gone."""


MAX_REASON = 300
"""The most characters of a job's exception that a message quotes."""


Input = TypeVar("Input")


Result = TypeVar("Result")


class Cluster:
    """An executor for `family_trees.support.jobs`: the workers of a Dask scheduler. `connected_cluster` makes one."""

    def __init__(self, address: str, client: Any, threads: Mapping[str, int]) -> None:
        self.address = address
        """That of the scheduler."""
        self.workers = len(threads)
        """The number of workers at the start."""
        self.threads = sum(threads.values())
        """How many jobs the workers did at once, at the start."""
        self._client = client
        self._loop = asyncio.get_running_loop()
        self._without_workers = False

    def submit(self, work: Callable[[Input], Result], item: Input, /) -> Future[Result]:
        """Schedule `work(item)` on some worker. Both must be picklable, and importable there.

        The future raises a `FamilyTreesError` if the job or the cluster has failed for good.
        """
        return asyncio.run_coroutine_threadsafe(self._result_of(pickle.dumps((work, item))), self._loop)

    async def _result_of(self, job: bytes) -> Any:
        try:
            # Not pure: else Dask would take two jobs of equal bytes for one.
            return await self._client.submit(do_pickled, VERSION, job, pure=False, retries=ATTEMPTS - 1)
        except FamilyTreesError:
            raise
        except Exception as problem:
            raise FamilyTreesError(self._what_failed(problem)) from problem

    def _what_failed(self, problem: Exception) -> str:
        kept = "finished work is kept: resume this run"
        if self._without_workers:
            return f"{self.address}: no worker is left; {kept} when there are workers again"
        if isinstance(problem, CancelledError) or self._client.status != "running":
            return f"{self.address}: the scheduler was lost; {kept} when it is there again"
        if isinstance(problem, import_module("distributed").KilledWorker):
            return (
                f"{self.address}: a job was given up, because {problem.allowed_failures + 1} workers were killed while "
                f"they did it, perhaps for lack of memory; {kept}"
            )
        reason = textwrap.shorten("".join(traceback.format_exception_only(problem)), MAX_REASON, placeholder=" ...")
        return (
            f"{self.address}: a job failed {ATTEMPTS} times, the last time with {reason}; the log of the worker says "
            f"where; {kept}"
        )

    async def watch(self, seconds: float) -> None:
        """If there is no worker for so many seconds, let all jobs fail. Else they would wait without end."""
        clock = asyncio.get_running_loop().time
        last_seen = clock()
        while clock() - last_seen < seconds:
            await asyncio.sleep(min(1.0, seconds / 4))
            with suppress(OSError):  # the scheduler is lost: then the jobs fail of themselves
                if await self._client.nthreads():
                    last_seen = clock()
        self._without_workers = True
        await self._client.close()


def do_pickled(version: str, job: bytes) -> Any:
    """Do a job on a worker: the result of a pickled pair of a function and its argument.

    Raises:
        FamilyTreesError: this worker has another version of the package, so that the result might differ.
    """
    if version != VERSION:
        raise FamilyTreesError(f"a worker has family-trees {VERSION}; this run has {version}")
    work, item = pickle.loads(job)  # noqa: S301  # a worker does what it is told
    return work(item)


@contextmanager
def connected_cluster(
    address: str, *, answer_seconds: float = ANSWER_SECONDS, without_workers_seconds: float = WITHOUT_WORKERS_SECONDS
) -> Iterator[Cluster]:
    """The workers of the Dask scheduler at `address`, until the block ends.

    Jobs that are unfinished at the end of the block are given up. A worker finishes the one that it is doing, and its
    result is dropped.

    Args:
        address: such as "tcp://host:8786".
        answer_seconds: how long to wait for the scheduler.
        without_workers_seconds: if there is no worker for so long, all jobs fail.

    Raises:
        FamilyTreesError: Dask is not installed; `address` is no address; no scheduler answers there; it has no workers;
            or some have another version of this package.
    """
    _check_address(address)
    try:
        distributed = import_module("distributed")
    except ImportError as problem:
        raise FamilyTreesError(
            "to work on a cluster, install the extra: pip install 'family-trees[cluster]'"
        ) from problem
    with _quiet(), _event_loop() as loop:

        def wait_for(work: Coroutine[Any, Any, Result]) -> Result:
            return asyncio.run_coroutine_threadsafe(work, loop).result()

        client = wait_for(_connect(distributed, address, answer_seconds))
        try:
            cluster = wait_for(_checked_cluster(client, address))
            asyncio.run_coroutine_threadsafe(cluster.watch(without_workers_seconds), loop)
            yield cluster
        finally:
            wait_for(_close(client))


def _check_address(address: str) -> None:
    match = re.fullmatch(r"(?:tcp|tls)://(?:[\w.-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})", address)
    if match is None or not 0 < int(match[1]) < 2**16:
        raise FamilyTreesError(f"{shown(address)} is no address of a Dask scheduler; give one like tcp://host:8786")


async def _connect(distributed: Any, address: str, seconds: float) -> Any:
    """A client of the scheduler."""
    client = None
    try:
        client = distributed.Client(address, asynchronous=True, set_as_default=False, timeout=seconds)
        async with asyncio.timeout(seconds):  # a server of another kind may keep quiet
            return await client
    except BaseException as problem:
        if client is not None:
            await _close(client)
        if isinstance(problem, OSError):  # a TimeoutError is one
            raise FamilyTreesError(
                f"{address}: no Dask scheduler answers within {seconds:g} seconds; start one with 'dask scheduler', "
                "which prints its address"
            ) from problem
        if isinstance(problem, TypeError):  # tls without certificates
            raise FamilyTreesError(f"{address}: {problem}") from problem
        raise


async def _close(client: Any) -> None:
    with suppress(OSError):
        async with asyncio.timeout(CLOSING_SECONDS):
            await client.close()


async def _checked_cluster(client: Any, address: str) -> Cluster:
    threads = await client.nthreads()
    if not threads:
        raise FamilyTreesError(
            f"{address}: the scheduler has no workers; start some, on each machine: "
            f"dask worker {address} --nworkers -1 --nthreads 1"
        )
    # A function of the standard library, which every worker has, whatever it has of this package.
    versions = await client.run(pkgutil.resolve_name, "family_trees.version:VERSION", on_error="return")
    others = [
        f"{worker} has {'none' if isinstance(version, Exception) else version}"
        for worker, version in sorted(versions.items())
        if version != VERSION
    ]
    if others:
        several = ", ".join(others[:3]) + (f", and {count(len(others) - 3, 'more')}" if len(others) > 3 else "")
        raise FamilyTreesError(f"{address}: workers need family-trees {VERSION}, as here; {several}")
    return Cluster(address, client, threads)


@contextmanager
def _event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in a thread of its own. At the end all that is left in it is cancelled."""
    running: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        ended = asyncio.Event()
        running.set_result((asyncio.get_running_loop(), ended))
        await ended.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="cluster", daemon=True)
    thread.start()
    loop, ended = running.result()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what Dask logs from standard error: what matters is raised here, in one line."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client", "tornado.application")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
