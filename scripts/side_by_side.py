"""Measurements of scripts in parallel processes, with a progress bar and in order. Unfinished work can be stored."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import click

from family_trees.support.jobs import Pieces, results_as_done, run_jobs

Item = TypeVar("Item")


Result = TypeVar("Result")


def in_order(
    measure: Callable[[Item], Result], items: Sequence[Item], *, label: str, workers: int | None
) -> list[Result]:
    """The results of `measure` for every item, in the order of the items.

    Args:
        label: the text before the progress bar.
        workers: processes; by default one a core.
    """
    results: dict[int, Result] = {}
    with click.progressbar(length=len(items), label=label, file=sys.stderr) as bar:
        for number, result in results_as_done(measure, items, workers=workers):
            results[number] = result
            bar.update(1)
    return [results[number] for number in range(len(items))]


def rows_in_order(
    measure: Callable[[Item], Sequence[Result]],
    row: Callable[..., Result],
    items: Sequence[Item],
    pieces: Pieces,
    *,
    label: str,
    workers: int | None,
) -> list[Result]:
    """The rows that `measure` gives for every item, in the order of the items. Finished rows are stored in `pieces`.

    Args:
        measure: gives rows of numbers and texts for an item.
        row: makes a row from its cells.
        items: the items to measure; `pieces.about` must identify them.
        pieces: stores the rows, until the caller removes them.
        label: the text before the progress bar.
        workers: processes; by default one a core.
    """
    jobs = {f"{number:04}": item for number, item in enumerate(items)}
    with click.progressbar(length=len(items), label=label, file=sys.stderr) as bar:
        run_jobs(partial(_as_json, measure), jobs, pieces, workers=workers, report=lambda names: bar.update(len(names)))
    return [row(*cells) for name in jobs for cells in json.loads(pieces.read(name))]


def _as_json(measure: Callable[[Item], Sequence[object]], item: Item) -> bytes:
    def plain(number: Any) -> Any:
        return number.item()  # of numpy

    return json.dumps(list(measure(item)), default=plain).encode()
