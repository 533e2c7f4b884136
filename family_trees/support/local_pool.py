"""The default executor: processes on this machine, which leave Ctrl-C to their parent and end when it ends."""

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
    """Do `work` on every item in several processes; yield the number of each item with its result, as they finish.

    An exception from an item is raised here. If an item raises, or the work is stopped, all processes end at once, in
    the middle of their items: so an item must leave nothing half-done that matters.

    Args:
        workers: the number of processes; by default one per core.
    """
    with ExitStack() as stack:
        with _signals_held():  # an exception that comes while processes are made would be lost
            # A pipe, not an event: setting an event waits for its listeners, and these may have been killed.
            listener, stop = (stack.enter_context(end) for end in multiprocessing.Pipe(duplex=False))
            pool = stack.enter_context(ProcessPoolExecutor(workers, initializer=_follow_parent, initargs=(listener,)))
            stack.push(partial(_end_if_stopped, pool, stop))
            futures = {pool.submit(work, item): number for number, item in enumerate(items)}
        for future in as_completed(futures):
            yield futures.pop(future), future.result()


def _end_if_stopped(pool: ProcessPoolExecutor, stop: Connection, kind: type[BaseException] | None, *_: object) -> None:
    """If the work was stopped, end all processes at once."""
    if kind is not None:
        stop.send_bytes(b"stop")  # every process sees it, because none takes it out of the pipe
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Delay Ctrl-C and SIGTERM until the block has ended. Outside the main thread there is nothing to delay."""
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


def _follow_parent(listener: Connection) -> None:
    """Leave Ctrl-C to the parent. End this process when the parent ends for any reason, or sends a stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent and not listener.poll(0.5):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
