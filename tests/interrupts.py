"""A process that hears Ctrl-C: a test run in the background may have been told to ignore it."""

from __future__ import annotations

import signal


def hear_interrupts() -> None:
    """For `preexec_fn`: the process ends at Ctrl-C, as from a terminal."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
