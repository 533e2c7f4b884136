"""A lock on a directory: while one run works there, a second one is refused.

The operating system keeps the lock for the process. When the process ends, however it ends, the lock is free. That is
why this is a POSIX record lock (`fcntl.lockf`) and not `flock`. Forked worker processes inherit an `flock`, which would
then outlive a killed run until the last of its workers has noticed.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import ensured_directory, naming_write_errors, resolved

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_NAME = ".lock"
"""The name of the locked file. It says who holds the lock, and is removed when the lock becomes free."""


_held: dict[Path, str] = {}
"""The lock files of this process with their texts, because a record lock does not keep out its own process."""


_guard = threading.Lock()


@contextmanager
def directory_lock(directory: Path) -> Iterator[None]:
    """Hold the lock of `directory` until the block ends. The directory is made if it is missing.

    Raises:
        FamilyTreesError: another run holds it, named by process, host and time; or the directory cannot be written to.
    """
    with ensured_directory(directory):
        path = resolved(directory) / LOCK_NAME
        with naming_write_errors(directory):
            descriptor = _acquire(path, directory)
        try:
            yield
        finally:
            _release(path, descriptor)


def _acquire(path: Path, directory: Path) -> int:
    who = {
        "process": os.getpid(),
        "host": platform.node(),
        "since": datetime.now().astimezone().isoformat(" ", "seconds"),
    }
    with _guard:
        if path in _held:  # do not open the file: closing it again would free the lock
            raise FamilyTreesError(_refusal(directory, _held[path]))
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            locked = False
            try:
                if not _lock(descriptor):
                    raise FamilyTreesError(_refusal(directory, os.read(descriptor, 1000).decode(errors="replace")))
                locked = True
                # A holder removes the file before it frees the lock, so the file locked here may be the removed one.
                if _is_at(path, descriptor):
                    text = json.dumps(who)
                    os.ftruncate(descriptor, 0)
                    os.write(descriptor, text.encode())
                    _held[path] = text
                    return descriptor
            except BaseException:
                if locked and _is_at(path, descriptor):  # a full disk has no room for the text
                    with suppress(OSError):
                        path.unlink()
                os.close(descriptor)
                raise
            os.close(descriptor)


def _release(path: Path, descriptor: int) -> None:
    with _guard:
        with suppress(OSError):  # Windows removes no file that is open
            path.unlink()
        os.close(descriptor)
        if sys.platform == "win32":
            with suppress(OSError):
                path.unlink()
        del _held[path]


def _lock(descriptor: int) -> bool:
    """Lock the file without waiting. Return false if another process has locked it.

    Raises:
        OSError: the file system has no locks.
    """
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, 1 << 30, os.SEEK_SET)  # beyond the text, so that others may read it
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            finally:
                os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether the open file is the one at `path`."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _refusal(directory: Path, text: str) -> str:
    """The message to the second run, with what the lock file says of the first one."""
    try:
        who = json.loads(text)
        first = f"process {who['process']:d} on {who['host']}, since {who['since']}"
    except (ValueError, KeyError, TypeError, RecursionError):  # the first run is just writing it
        first = "another process"
    if not first.isprintable():
        first = "another process"
    return f"{directory}: another run is at work here: {first}; wait until it ends, or give another directory"
