"""The job runner: long work is a list of jobs that can be stopped at any moment and resumed.

A job has a name and an input. The work is a pure function from the input to bytes. Any executor can do the jobs: the
runner uses only its `submit` and the futures that this returns. The results come back to this process, which writes
each to a file, its *piece*. So workers need no common file system, and a lost worker leaves nothing half-written.

A piece begins with a line that holds a SHA-256 over the run, the name of the job and the result. So the runner notices
a piece that was cut, altered, swapped with another, or written by another run, and does its job again.
"""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Future
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol, TypeVar

from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import staged_file
from family_trees.support.local_pool import in_parallel

Input = TypeVar("Input")


Result = TypeVar("Result")


class Executor(Protocol):
    """What does jobs: an executor of the standard library, loky, Dask (`Client.get_executor()`) or mpi4py."""

    def submit(self, work: Callable[[Input], Result], item: Input, /) -> Future[Result]:
        """Schedule `work(item)`. Both must be picklable where another process does it."""
        ...


log_warning = logging.getLogger("family_trees").warning
"""Log a warning of one line. Where a program has set up no logging, it appears on standard error."""


@dataclass(frozen=True)
class Pieces:
    """The results of the jobs of one run, as files in a directory of their own."""

    directory: Path
    about: str
    """A text that identifies the run: everything that its results depend on, except the names of the jobs."""

    def path(self, name: str) -> Path:
        """The path of the piece of a job.

        Raises:
            ValueError: the name cannot be part of a file name.
        """
        if not re.fullmatch(r"[\w.+-]+", name, re.ASCII):
            raise ValueError(f"the name of a job has letters, digits, '.', '+', '-' and '_' alone; got {name!r}")
        return self.directory / f"{name}.piece"

    def write(self, name: str, result: bytes) -> None:
        """Write the result of a job: all of it or nothing.

        Raises:
            FamilyTreesError: it cannot be written; names path and reason.
        """
        with staged_file(self.path(name)) as temporary:
            temporary.write_bytes(self._header(name, result) + result)

    def find(self, name: str) -> bytes | None:
        """The result of a job; None if its piece is missing, damaged, or of another run."""
        try:
            written = self.path(name).read_bytes()
        except OSError:
            return None
        header, newline, result = written.partition(b"\n")
        return result if header + newline == self._header(name, result) else None

    def read(self, name: str) -> bytes:
        """The result of a finished job.

        Raises:
            FamilyTreesError: its piece is missing, damaged, or of another run.
        """
        result = self.find(name)
        if result is None:
            raise FamilyTreesError(f"{self.path(name)}: is missing or damaged; resume this run to make it again")
        return result

    def missing(self, names: Iterable[str], warn: Callable[[str], None] = log_warning) -> list[str]:
        """The jobs that have no valid piece, in the order of `names`; `warn` gets a line about damaged pieces."""
        left = [name for name in names if self.find(name) is None]
        damaged = [path.name for path in map(self.path, left) if path.exists()]
        if damaged:
            examples = ", ".join(damaged[:3]) + (", ..." if len(damaged) > 3 else "")
            pieces = "1 piece is" if len(damaged) == 1 else f"{len(damaged)} pieces are"
            warn(f"{self.directory}: {pieces} damaged or of another run ({examples}): made again")
        return left

    def remove(self) -> None:
        """Remove the directory of the pieces with all its files."""
        shutil.rmtree(self.directory, ignore_errors=True)

    def _header(self, name: str, result: bytes) -> bytes:
        digest = hashlib.sha256()
        for part in (hashlib.sha256(self.about.encode()).digest(), name.encode(), result):
            digest.update(len(part).to_bytes(8, "big") + part)
        return f"family-trees piece, SHA-256 {digest.hexdigest()}\n".encode()


def run_jobs(
    work: Callable[[Input], bytes],
    jobs: Mapping[str, Input],
    pieces: Pieces,
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    report: Callable[[Sequence[str]], None] | None = None,
    warn: Callable[[str], None] = log_warning,
) -> None:
    """Do all jobs that have no piece yet, and write their results to `pieces`.

    Only one run at a time may do this in a directory: see `family_trees.support.locks`.

    Args:
        work: a pure function of the input of a job, defined at the top level of a module so that it can be pickled.
        jobs: the input of each job by its name. A name must be able to stand in a file name.
        pieces: where results are looked for and written.
        executor: what does the jobs; by default, processes on this machine.
        workers: the number of these processes; by default one per core.
        report: called with the names of finished jobs: first those found, then each one as it is done.
        warn: called with one line about damaged pieces; by default the line is logged.

    Raises:
        FamilyTreesError: a piece cannot be written, or a worker was lost.
    """
    left = pieces.missing(jobs, warn)
    if report is not None:
        to_do = {*left}
        report([name for name in jobs if name not in to_do])
    items = [jobs[name] for name in left]
    try:
        with closing(results_as_done(work, items, executor=executor, workers=workers)) as results:
            for number, result in results:
                pieces.write(left[number], result)
                if report is not None:
                    report([left[number]])
    except BrokenExecutor as problem:
        raise FamilyTreesError(
            f"{pieces.directory}: a worker process was killed, perhaps for lack of memory; finished work is kept: "
            "resume this run, with fewer workers if memory was short"
        ) from problem


def results_as_done(
    work: Callable[[Input], Result],
    items: Sequence[Input],
    *,
    executor: Executor | None = None,
    workers: int | None = None,
) -> Generator[tuple[int, Result]]:
    """Do `work` on every item; yield the number of each item with its result, in the order in which they finish.

    An exception from an item is raised here. After an exception, or if the iteration ends early, no further item is
    begun. The processes of the default executor then end at once.
    """
    if not items:
        return
    if executor is None:
        yield from in_parallel(work, items, workers)
        return
    done: SimpleQueue[Future[Result]] = SimpleQueue()
    numbers: dict[Future[Result], int] = {}
    try:
        for number, item in enumerate(items):
            numbers[executor.submit(work, item)] = number
        for future in list(numbers):
            future.add_done_callback(done.put)
        while numbers:
            future = done.get()
            yield numbers.pop(future), future.result()
            del future  # with its result, before the next one is waited for
    finally:
        for future in numbers:
            future.cancel()
