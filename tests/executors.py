"""Executors that do their work in this process, in an order that tests know."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

Input = TypeVar("Input")


Result = TypeVar("Result")


class Here:
    """Does every job at once when it is submitted."""

    def submit(self, work: Callable[[Input], Result], item: Input, /) -> Future[Result]:
        future: Future[Result] = Future()
        _do(future, work, item)
        return future


class Backwards:
    """Waits until `jobs` jobs are submitted; then does the last one first."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.waiting: list[tuple[Any, ...]] = []

    def submit(self, work: Callable[[Input], Result], item: Input, /) -> Future[Result]:
        future: Future[Result] = Future()
        self.waiting.append((future, work, item))
        if len(self.waiting) == self.jobs:
            for each in reversed(self.waiting):
                _do(*each)
        return future


class Nowhere:
    """Does nothing: there must be nothing to do."""

    def submit(self, work: Callable[[Input], Result], item: Input, /) -> Future[Result]:
        raise AssertionError(f"{work} is to be done on {item}")


def _do(future: Future[Result], work: Callable[[Input], Result], item: Input) -> None:
    try:
        future.set_result(work(item))
    except BaseException as problem:
        future.set_exception(problem)
