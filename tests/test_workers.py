"""Work in several processes: every item once; stopped at once, whenever the signal comes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from interrupts import hear_interrupts

from family_trees.support.local_pool import in_parallel


def square(number: int) -> int:
    if number < 0:
        raise ZeroDivisionError(number)
    return number * number


def test_every_item_with_its_result() -> None:
    assert sorted(in_parallel(square, range(7), 2)) == [(k, k * k) for k in range(7)]


def test_what_an_item_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_parallel(square, [1, -1, 2], 1))


WAITING = """
import sys, time
from family_trees.support.local_pool import in_parallel
print("here", flush=True)
try:
    list(in_parallel(time.sleep, [60.0] * 4, 2))
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a POSIX matter")
@pytest.mark.parametrize("delay", [0.0, 0.003, 0.01, 0.03, 0.1, 0.4])
def test_ctrl_c_is_heard_at_any_moment_and_ends_all(tmp_path: Path, delay: float) -> None:
    """While the processes are being made, too, where an exception would be lost."""
    command = [sys.executable, "-c", WAITING]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, text=True, preexec_fn=hear_interrupts, start_new_session=True
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "here\n"
            time.sleep(delay)
            child.send_signal(signal.SIGINT)
            out, _ = child.communicate(timeout=60)
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
    assert out == "stopped\n" or delay == 0  # before the work began, it ends the program as it ends any other
