"""Compile the C engine in place, for a checkout that is used without being installed. Installation does it by itself.

    python scripts/build_kernel.py

Where there is no C compiler, nothing is compiled, and NumPy computes the same networks more slowly.
"""

from __future__ import annotations

import ctypes
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zlib
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "family_trees/engine/compiled"

SOURCES = ("kernel.c", "sweep.h", "embedding.h", "embedding_memory.h")
"""What the compiled file is made of. The first one includes the others. `compiled/library.py` names the same."""

FLAGS = ("-O3", "-std=gnu11", "-fPIC", "-shared", "-ffp-contract=off", "-fno-fast-math", "-Wno-psabi")
"""No contraction and no fast-math: the bytes depend on it. No flag for a processor: the kernel chooses when it runs."""


def library_name() -> str:
    """The name of the compiled file, which says for which platform it is. `compiled/library.py` looks for it."""
    return f"kernel-{sysconfig.get_platform()}.so"


def compiler() -> list[str] | None:
    """The command of a C compiler: the variable CC, the one that made this Python, or any that is known."""
    named = (os.environ.get("CC"), sysconfig.get_config_var("CC"), "cc", "gcc", "clang")
    for command in (shlex.split(each) for each in named if each):
        if command and shutil.which(command[0]):
            return command[:1]
    return None


def checksum(folder: Path) -> int:
    """The checksum of the sources. The compiled file holds it, and `compiled/library.py` refuses a file of others."""
    return zlib.crc32(b"".join((folder / name).read_bytes() for name in SOURCES))


def compile_kernel(folder: Path = FOLDER) -> Path | None:
    """Compile the kernel beside its source. Returns the file, or None where that fails."""
    command = compiler()
    target = folder / library_name()
    if command is None or sys.platform == "win32":
        return None
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        made = Path(scratch) / target.name
        call = [*command, *FLAGS, f"-DSOURCES={checksum(folder)}u", "-o", str(made), str(folder / "kernel.c")]
        try:
            if subprocess.run(call, capture_output=True, check=False, timeout=300).returncode:
                return None
            ctypes.CDLL(str(made))
        except (OSError, subprocess.TimeoutExpired):
            return None
        made.replace(target)
    return target


if __name__ == "__main__":
    made = compile_kernel()
    print(f"compiled: {made}" if made else "no compiler was found that can do it; NumPy computes")  # noqa: T201
