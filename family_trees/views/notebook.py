"""The progress bar that a notebook shows while networks train."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from family_trees.models.training import TrainingProgress
from family_trees.support.wording import count

REDRAW_SHARE = 0.01
"""The bar is drawn again after each such share of the work."""


def in_a_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and shell.has_trait("kernel")


@contextmanager
def training_bar(steps: int) -> Iterator[Callable[[TrainingProgress], None] | None]:
    """Show a bar in a notebook during a training. Outside a notebook nothing is shown.

    Args:
        steps: the number of sweeps of the training, summed over its networks.

    Yields:
        The `report` to pass to `train`; None outside a notebook.
    """
    if not in_a_notebook():
        yield None
        return
    display: Any = import_module("IPython.display")

    done, drawn = 0, 0.0
    handle = display.display(display.HTML(bar_html(0, steps)), display_id=True)

    def report(progress: TrainingProgress) -> None:
        nonlocal done, drawn
        done += progress.steps
        if done - drawn >= REDRAW_SHARE * steps or done >= steps:
            drawn = done
            handle.update(display.HTML(bar_html(done, steps, progress)))

    yield report


def bar_html(done: int, steps: int, progress: TrainingProgress | None = None) -> str:
    """The bar as HTML, with the mean results of the networks in training."""
    doing = ""
    if progress is not None:
        doing = f", squared error {progress.squared_error:.1f}, {progress.training_right:.0f} training cases right"
    bar = f'<progress value="{done}" max="{max(1, steps)}"></progress>'
    return f"<label>training {bar} {done:,} of {count(steps, 'sweep')}{doing}</label>"
