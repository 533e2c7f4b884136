"""Files that appear whole or not at all, and the one way to read a file that a user names.

A file is never half-written, and an old file stays until the new one is whole. A new file is written beside its
destination, synced to the disk, and then moved there. After a crash, too, a file is either whole or absent, because the
move never reaches the disk before the contents.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from family_trees.support.errors import FamilyTreesError
from family_trees.support.wording import shown

READ_AT_ONCE = 1 << 20
"""The bytes that are read at once."""


class CannotWriteError(FamilyTreesError):
    """A file cannot be written: its path and the reason, in one line."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: cannot write: {reason}")
        self.path = path
        self.reason = reason


@contextmanager
def staged_file(path: Path) -> Iterator[Path]:
    """Give a temporary file beside `path` to write to.

    If the block succeeds, the file is synced and moved to `path`. If it fails, the file is removed. Opened before long
    work, it fails at once where `path` cannot be written.

    Raises:
        FamilyTreesError: `path` cannot be written; names path and reason.
    """
    with naming_write_errors(path):
        place = resolved(path)  # of a link, the file that it points to is replaced
        if path.is_symlink() and not place.parent.exists():
            raise FamilyTreesError(f"{path}: cannot write: this is a link into {place.parent}, which does not exist")
        _check_links(path.parent)
        if place.is_dir():
            raise FamilyTreesError(f"{path}: cannot write: this is a directory; give the path of a file")
        if place.exists() and not place.is_file():
            raise FamilyTreesError(f"{path}: cannot write: this is a device or a pipe; give the path of a file")
        if place.exists() and not os.access(place, os.W_OK):
            raise FamilyTreesError(f"{path}: cannot write: {os.strerror(errno.EACCES)}")
        # The name is known before the file exists, so that the file is removed whenever Ctrl-C comes.
        temporary = place.with_name(f".{place.stem}-{os.urandom(4).hex()}{place.suffix}")
        with ensured_directory(place.parent):
            try:
                temporary.touch(exist_ok=False)
                with _naming_what_was_asked_for(temporary, path):
                    yield temporary
                _sync(temporary)
                temporary.replace(place)
                _sync_directory(place.parent)
            finally:
                temporary.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Check before long work that the file `path` can be written. The file is left as it is.

    Raises:
        FamilyTreesError: it cannot be written; names path and reason.
    """

    class Discard(Exception):  # noqa: N818
        pass

    with suppress(Discard), staged_file(path):
        raise Discard


@contextmanager
def staged_directory(path: Path) -> Iterator[Path]:
    """Give a temporary directory inside `path` to write files to.

    If the block succeeds, the files are synced and moved up into `path`. If it fails, they are removed, and the files
    that were in `path` stay as they were. Opened before long work, it fails at once where `path` cannot be written.

    Raises:
        FamilyTreesError: `path` cannot be written; names path and reason.
    """
    with naming_write_errors(path):
        if path.exists() and not path.is_dir():
            raise FamilyTreesError(f"{path}: cannot write: this is a file; give the path of a directory")
        temporary = path / f".unfinished-{os.urandom(4).hex()}"
        with ensured_directory(path):
            try:
                temporary.mkdir()
                with _naming_what_was_asked_for(temporary, path):
                    yield temporary
                files = sorted(temporary.iterdir())
                for file in files:
                    _sync(file)
                for file in files:
                    file.replace(path / file.name)
                _sync_directory(path)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 to `path`: all of it or nothing.

    Raises:
        FamilyTreesError: `path` cannot be written; names path and reason.
    """
    with staged_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def remove_leftover_directories(path: Path) -> None:
    """Remove the temporary directories that killed runs left in the directory `path`; see `staged_directory`.

    Call it only while holding the lock of the directory.
    """
    name = re.compile(r"\.unfinished-[0-9a-f]{8}")
    for directory in [each for each in path.glob(".unfinished-*") if name.fullmatch(each.name)]:
        shutil.rmtree(directory, ignore_errors=True)


def remove_leftovers(path: Path) -> None:
    """Remove the temporary files that killed runs left beside `path`.

    Call it only while holding the lock of the directory: it would also remove the temporary file of another program
    that is writing `path`.
    """
    name = re.compile(rf"\.{re.escape(path.stem)}-[0-9a-f]{{8}}{re.escape(path.suffix)}")
    for file in [each for each in path.parent.glob(".*") if name.fullmatch(each.name)]:
        file.unlink(missing_ok=True)


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits.

    Raises:
        OSError: the file cannot be read.
    """
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_written(path: Path, digest: str) -> None:
    """Check that the file `path` holds what was written to it.

    Args:
        path: a file that was just written.
        digest: the SHA-256 of what was written, in hexadecimal digits.

    Raises:
        FamilyTreesError: the file holds something else, or cannot be read.
    """
    try:
        actual = file_sha256(path)
    except OSError as problem:
        raise FamilyTreesError(f"{path}: cannot be read back: {problem.strerror or problem}") from problem
    if actual != digest:
        raise FamilyTreesError(f"{path}: does not hold what was written to it; the disk may be failing")


def _sync(file: Path) -> None:
    """Wait until the disk holds what was written to `file`."""
    with file.open("r+b") as opened:
        os.fsync(opened.fileno())


def _sync_directory(directory: Path) -> None:
    """Wait until the disk holds the names in `directory`, where the system supports that."""
    with suppress(OSError):  # on Windows, and on some file systems, directories cannot be synced
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _check_links(directory: Path) -> None:
    """Check that no link to nothing leads to `directory`, so that no directory is made through one.

    Raises:
        FamilyTreesError: one does.
    """
    for each in (directory, *directory.parents):
        if each.is_symlink() and not each.exists():
            raise FamilyTreesError(f"{directory}: cannot write there: {each} is a link to nothing; remove it")


def resolved(path: Path) -> Path:
    """The path without links.

    Raises:
        FamilyTreesError: a link leads back to itself.
    """
    try:
        return path.resolve()
    except (OSError, RuntimeError) as problem:
        raise FamilyTreesError(f"{path}: this is a link that leads back to itself; remove it") from problem


@contextmanager
def ensured_directory(directory: Path) -> Iterator[None]:
    """Make `directory` if it is missing. If the block fails, remove the new directories that are empty.

    Raises:
        FamilyTreesError: a file or a link to nothing stands in place of the directory or of one above it, or it cannot
            be made.
    """
    for each in (directory, *directory.parents):
        if each.exists() and not each.is_dir():
            raise FamilyTreesError(f"{directory}: cannot write there: {each} is a file, not a directory")
    _check_links(directory)
    missing = [each for each in (directory, *directory.parents) if not each.exists()]
    try:
        with naming_write_errors(directory):
            directory.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for each in missing:
            with suppress(OSError):
                each.rmdir()
        raise


@contextmanager
def naming_write_errors(path: Path) -> Iterator[None]:
    """Turn an `OSError` of the block into one line that names `path` and the reason.

    Raises:
        CannotWriteError: the block raised an `OSError`.
    """
    try:
        yield
    except OSError as problem:
        raise CannotWriteError(path, problem.strerror or str(problem)) from problem


@contextmanager
def _naming_what_was_asked_for(temporary: Path, path: Path) -> Iterator[None]:
    """Name `path` in a write error of the block that names `temporary`, or what lies in it.

    A block may write its temporary file through `staged_file` again, and that knows only the temporary name.

    Raises:
        CannotWriteError: the block raised one.
    """
    try:
        yield
    except CannotWriteError as problem:
        if not problem.path.is_relative_to(temporary):
            raise
        raise CannotWriteError(path / problem.path.relative_to(temporary), problem.reason) from problem


@contextmanager
def open_limited(path: Path, most_bytes: int, what: str) -> Iterator[BinaryIO]:
    """Open a file that a user named, to read it. Only a regular file is opened, and only one up to a size.

    Pipes, sockets and devices, which may never end, are refused without waiting for them.

    Args:
        most_bytes: the most bytes that the file may have.
        what: what the file should be, with its article, such as "a model file".

    Raises:
        FamilyTreesError: the file cannot be read, is no regular file, or is larger than `most_bytes`; names which.
    """
    try:
        os.fsencode(path)
        status = path.stat()
    except ValueError as problem:  # the path holds a character that no path can have
        raise FamilyTreesError(f"{shown(str(path))}: no path of a file") from problem
    except OSError as problem:
        raise FamilyTreesError(f"{path}: cannot read: {problem.strerror or problem}") from problem
    _check_regular(path, status, what)
    try:
        # Between the two checks, something else may have taken the place of the file. A pipe is then opened without
        # waiting for a writer, and is refused.
        flags = sum(getattr(os, flag, 0) for flag in ("O_NONBLOCK", "O_NOCTTY", "O_BINARY"))
        with os.fdopen(os.open(path, os.O_RDONLY | flags), "rb") as file:
            status = os.fstat(file.fileno())
            _check_regular(path, status, what)
            if status.st_size > most_bytes:
                raise FamilyTreesError(f"{path}: {status.st_size:,} bytes; {what} may have at most {most_bytes:,}")
            yield file
    except OSError as problem:
        raise FamilyTreesError(f"{path}: cannot read: {problem.strerror or problem}") from problem


def read_limited(path: Path, most_bytes: int, what: str) -> bytes:
    """All bytes of a file that a user named. Arguments and errors as for `open_limited`."""
    with open_limited(path, most_bytes, what) as file:
        parts: list[bytes] = []
        room = most_bytes + 1
        while room and (part := file.read(min(room, READ_AT_ONCE))):
            parts.append(part)
            room -= len(part)
    if not room:
        raise FamilyTreesError(f"{path}: {what} may have at most {most_bytes:,} bytes, and this one is growing")
    return b"".join(parts)


def _check_regular(path: Path, status: os.stat_result, what: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        found = "a directory" if stat.S_ISDIR(status.st_mode) else "a device or a pipe"
        raise FamilyTreesError(f"{path}: this is {found}; give the path of {what}")


def check_not_an_input(out: Path, *read: Path | None) -> None:
    """Check that the output file `out` is none of the files that are read.

    Raises:
        FamilyTreesError: it is one of them.
    """
    for path in read:
        if path is not None and resolved(out) == resolved(path):
            raise FamilyTreesError(f"{out}: this file is an input; give another name with --out")
