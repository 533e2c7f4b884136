"""The one kind of progress bar, and what is said where long work is stopped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar as ClickBar

EXIT_INTERRUPTED = 130
"""128 and the number of the signal that Ctrl-C sends."""


TERMINAL_COLUMNS = 80
"""Columns of a terminal that a bar fits."""


BAR_COLUMNS = 16
"""Columns of the bar itself."""


COLUMNS_BESIDE_BAR = len("  [" + "]  100%  1d 00:00:00  ")
"""Columns, at most, of what stands around the bar: share and time left."""


class Progress:
    """A bar on standard error: how much of the work is done, how long the rest takes, and what is being done.

    It appears with the first report, so that an error in the options is printed without it. Where standard error is no
    terminal, only the label is printed.
    """

    def __init__(self, label: str, length: int, unit: str | None, stack: ExitStack) -> None:
        self._label, self._length, self._unit, self._stack = label, length, unit, stack
        self._done = 0
        self._bar: ClickBar[str] | None = None

    def advance(self, steps: int, doing: str | None = None) -> None:
        """Report so many more steps as done, and what is being done; by default how many steps are."""
        self.reach(self._done + steps, doing)

    def reach(self, done: int, doing: str | None = None) -> None:
        """Report so many steps as done since the beginning."""
        if self._bar is None:
            bar: ClickBar[str] = click.progressbar(
                length=self._length, label=self._label, file=sys.stderr, width=BAR_COLUMNS, item_show_func=self._fitted
            )
            self._bar = self._stack.enter_context(bar)
        if doing is None and self._unit is not None:
            doing = f"{done:,} of {self._length:,} {self._unit}"
        self._bar.update(done - self._done, doing)
        self._done = done

    def _fitted(self, doing: str | None) -> str | None:
        """What is being done, cut to the columns that are left."""
        return doing and doing[: max(0, TERMINAL_COLUMNS - 1 - len(self._label) - BAR_COLUMNS - COLUMNS_BESIDE_BAR)]


@contextmanager
def progress(label: str, length: int, unit: str | None = None) -> Iterator[Progress]:
    """A progress bar for the work of the block.

    Args:
        label: what the work is, in a word or three.
        length: all its steps.
        unit: what a step is, in the plural; if given, the bar shows how many are done where nothing else is reported.
    """
    with ExitStack() as stack:
        yield Progress(label, length, unit, stack)


@contextmanager
def stoppable(kept_in: Path | None = None) -> Iterator[None]:
    """End the program at Ctrl-C, and say what is kept of the work.

    Args:
        kept_in: the directory in which what is done stays, for --resume; none if nothing is kept.
    """
    try:
        yield
    except KeyboardInterrupt:
        kept = "" if kept_in is None else f"; what is done is kept in {kept_in}, and --resume goes on"
        click.echo(f"\nStopped by you{kept}.", err=True)
        sys.exit(EXIT_INTERRUPTED)
