"""The memory of the machine, and how the C library handles it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import numpy as np


def available_memory() -> int:
    """Bytes of memory that this process can still use; 8 GB where the system does not say.

    It is the least of three numbers: the free memory, what a container has left, and the memory of the machine.
    """
    known: list[int] = []
    with contextlib.suppress(AttributeError, ValueError, OSError):  # Windows has no sysconf
        known.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    with contextlib.suppress(OSError, ValueError, StopIteration):  # Linux
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        known.append(next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")))
    with contextlib.suppress(OSError, ValueError):  # a container; "max" where it has no limit
        limit, used = (int(Path(f"/sys/fs/cgroup/memory.{name}").read_text()) for name in ("max", "current"))
        known.append(max(0, limit - used))
    return min(known, default=8_000_000_000)


def keep_freed_memory() -> None:
    """Make the C library keep freed memory for reuse, instead of returning it to the system after every operation.

    For arrays of about 100 kB, as in a block of networks, glibc returns the memory each time, and training takes up to
    twice as long. After a larger array was freed once, glibc keeps memory up to that size. With other C libraries this
    function has no effect.
    """
    np.empty(31 << 20, dtype=np.uint8)
