"""The progress bar of all commands, and the message when long work is stopped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar as ClickBar

    from family_trees.models.training import TrainingProgress

EXIT_INTERRUPTED = 130
"""The exit status after Ctrl-C: 128 plus the number of its signal."""


TERMINAL_COLUMNS = 80
"""The columns that a bar may take, with its label and its texts."""


BAR_COLUMNS = 16
"""Columns of the bar itself."""


COLUMNS_BESIDE_BAR = len("  [" + "]  100%  1d 00:00:00  ")
"""The most columns of the text beside the bar: the share done and the time left."""


class Progress:
    """A bar on standard error: the share of the work done, the time left, and the current step.

    It appears with the first report, so that an error in the options is printed without it. If standard error is not a
    terminal, only the label is printed.
    """

    def __init__(self, label: str, length: int, unit: str | None, stack: ExitStack) -> None:
        self._label, self._length, self._unit, self._stack = label, length, unit, stack
        self._done = 0
        self._bar: ClickBar[str] | None = None

    def advance(self, steps: int, doing: str | None = None) -> None:
        """Report `steps` more steps as done.

        Args:
            doing: what is being done; by default the number of steps done.
        """
        self.reach(self._done + steps, doing)

    def reach(self, done: int, doing: str | None = None) -> None:
        """Report that `done` steps have been done since the beginning. Arguments as for `advance`."""
        if self._bar is None:
            bar: ClickBar[str] = click.progressbar(
                length=self._length, label=self._label, file=sys.stderr, width=BAR_COLUMNS, item_show_func=self._fitted
            )
            self._bar = self._stack.enter_context(bar)
        if doing is None and self._unit is not None:
            doing = f"{done:,} of {self._length:,} {self._unit}"
        self._bar.update(done - self._done, doing)
        self._done = done

    def train(self, point: TrainingProgress) -> None:
        """Report a point of a training: E of equation 3, and the training cases that are right."""
        self.advance(point.steps, f"E {point.squared_error:.1f}, {point.training_right:.0f} cases right")

    def _fitted(self, doing: str | None) -> str | None:
        """The text `doing`, cut to the columns that are left."""
        return doing and doing[: max(0, TERMINAL_COLUMNS - 1 - len(self._label) - BAR_COLUMNS - COLUMNS_BESIDE_BAR)]


@contextmanager
def progress(label: str, length: int, unit: str | None = None) -> Iterator[Progress]:
    """Show a progress bar for the work of the block.

    Args:
        label: the work, in one to three words.
        length: the number of all its steps.
        unit: the name of the steps, in the plural. If given, the bar shows how many are done when nothing else is
            reported.
    """
    with ExitStack() as stack:
        yield Progress(label, length, unit, stack)


@contextmanager
def stoppable(kept_in: Path | None = None) -> Iterator[None]:
    """End the program at Ctrl-C, and say what is kept of the work.

    Args:
        kept_in: the directory that keeps the finished work for --resume; None if nothing is kept.
    """
    try:
        yield
    except KeyboardInterrupt:
        kept = "" if kept_in is None else f"; what is done is kept in {kept_in}, and --resume goes on"
        click.echo(f"\nStopped by you{kept}.", err=True)
        sys.exit(EXIT_INTERRUPTED)
