"""Anything long is a list of jobs, which can be stopped at any moment and gone on with.

A job has a name and an input; the work is a pure function from the input to bytes. Any executor does the jobs: only its
`submit` is used, and the futures that it returns. The results come back to this process, which writes each to a file,
its *piece*. So workers need no file system in common, and a worker that is lost leaves nothing half-written.

A piece begins with a line that holds a SHA-256 over the run, the name of the job and the result. So a piece that was
cut, altered or swapped with another, or that belongs to another run, is found, and its job is done again.
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
    """What does jobs: an executor of the standard library, of loky, `Client.get_executor()` of Dask, of mpi4py."""

    def submit(self, work: Callable[[Input], Result], item: Input, /) -> Future[Result]:
        """Have `work(item)` done some time; both must be picklable where it is done in another process."""
        ...


log_warning = logging.getLogger("family_trees").warning
"""Tell a line by the log of the package. A program that has set up no log prints it on standard error."""


@dataclass(frozen=True)
class Pieces:
    """The results of the jobs of one run, as files in a directory of their own."""

    directory: Path
    about: str
    """What run it is: everything that its results depend on, but for the names of the jobs."""

    def path(self, name: str) -> Path:
        """Where the result of a job is.

        Raises:
            ValueError: the name is not fit for a file.
        """
        if not re.fullmatch(r"[\w.+-]+", name, re.ASCII):
            raise ValueError(f"the name of a job has letters, digits, '.', '+', '-' and '_' alone; got {name!r}")
        return self.directory / f"{name}.piece"

    def write(self, name: str, result: bytes) -> None:
        """Write the result of a job, all or nothing.

        Raises:
            FamilyTreesError: it cannot be written; names path and reason.
        """
        with staged_file(self.path(name)) as temporary:
            temporary.write_bytes(self._header(name, result) + result)

    def find(self, name: str) -> bytes | None:
        """The result of a job, as it was written; None if there is none, or not this one."""
        try:
            written = self.path(name).read_bytes()
        except OSError:
            return None
        header, newline, result = written.partition(b"\n")
        return result if header + newline == self._header(name, result) else None

    def read(self, name: str) -> bytes:
        """The result of a job that was done.

        Raises:
            FamilyTreesError: it is not there, or not as it was written.
        """
        result = self.find(name)
        if result is None:
            raise FamilyTreesError(f"{self.path(name)}: is damaged; go on with this run, and it is made again")
        return result

    def missing(self, names: Iterable[str], warn: Callable[[str], None] = log_warning) -> list[str]:
        """The jobs whose results are not there, in the order of `names`; `warn` gets a line on those damaged."""
        left = [name for name in names if self.find(name) is None]
        damaged = [path.name for path in map(self.path, left) if path.exists()]
        if damaged:
            some = ", ".join(damaged[:3]) + (", ..." if len(damaged) > 3 else "")
            told = "1 piece is" if len(damaged) == 1 else f"{len(damaged)} pieces are"
            warn(f"{self.directory}: {told} damaged or of another run ({some}): made again")
        return left

    def remove(self) -> None:
        """Remove the directory of the pieces, and all in it."""
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
    """Do all jobs whose results are not among `pieces`, and write their results there.

    Only one run may do so at a time: see `family_trees.support.locks`.

    Args:
        work: a pure function of the input of a job, defined at the top of a module, so that it can be pickled.
        jobs: the input of each job by its name, which is fit for a file.
        pieces: where results are written and looked for.
        executor: what does the jobs; by default, processes on this machine.
        workers: so many of these; by default one a core.
        report: called with the names of the jobs whose results are there: first those found, then each that is done.
        warn: called with one line that tells of damaged pieces; by default, the log gets it.

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
            f"{pieces.directory}: a worker process was killed, perhaps for want of memory; what is done is kept: go on "
            "with this run, with fewer workers if memory was short"
        ) from problem


def results_as_done(
    work: Callable[[Input], Result],
    items: Sequence[Input],
    *,
    executor: Executor | None = None,
    workers: int | None = None,
) -> Generator[tuple[int, Result]]:
    """`work` on every item: the number of each item with its result, as it is done.

    If the iteration ends early or an item raises, which is raised here, what was not begun is not begun any more. Of
    the default executor, all processes end at once.
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
