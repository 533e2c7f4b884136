"""Work in several processes, which leave Ctrl-C to their parent and end with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing.connection import Connection
from typing import TypeVar

Item = TypeVar("Item")


Result = TypeVar("Result")


def in_parallel(
    work: Callable[[Item], Result], items: Sequence[Item], workers: int | None = None
) -> Iterator[tuple[int, Result]]:
    """`work` on every item, in `workers` processes (one a core by default): its number with its result, as it is done.

    If the work is stopped, or an item raises, which is raised here, all processes end at once with what they have in
    hand: an item must leave nothing half-done that matters.
    """
    with ExitStack() as stack:
        with _signals_held():  # while processes are made, an exception would be lost
            # A pipe, and no event: to set an event waits for those that wait for it, and they may have been killed.
            heard, stop = (stack.enter_context(end) for end in multiprocessing.Pipe(duplex=False))
            pool = stack.enter_context(ProcessPoolExecutor(workers, initializer=_quiet, initargs=(heard,)))
            stack.push(partial(_end, pool, stop))
            futures = {pool.submit(work, item): number for number, item in enumerate(items)}
        for future in as_completed(futures):
            yield futures.pop(future), future.result()


def _end(pool: ProcessPoolExecutor, stop: Connection, kind: type[BaseException] | None, *_: object) -> None:
    """If the work was stopped, end all processes at once."""
    if kind is not None:
        stop.send_bytes(b"stop")  # which all see, as none takes it out of the pipe
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Put off Ctrl-C and the signal to end until the block has ended; outside the main thread, nothing to do."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: caught.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        for each in caught:
            signal.raise_signal(each)


def _quiet(heard: Connection) -> None:
    """Leave Ctrl-C to the parent, and end with it, whatever ends it, or when told to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent and not heard.poll(0.5):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
