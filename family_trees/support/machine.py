"""What the machine has: memory, and how the C library handles it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import numpy as np


def available_memory() -> int:
    """Bytes of memory that are left for this process, where the system tells; else 8 GB.

    Of what is free, of what a container has left, and of what the machine has, the least.
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
    """Keep the C library from handing memory back to the system after every operation, only to ask for it again.

    Where arrays are of some 100 kB, as in a block of networks, glibc would do that, and training takes up to twice as
    long. It stops for sizes up to that of the largest array that was ever freed; elsewhere this does nothing.
    """
    np.empty(31 << 20, dtype=np.uint8)
