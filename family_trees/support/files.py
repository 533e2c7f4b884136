"""Writing files so that none is ever half-written, and an old one stays whole until the new one is.

A new file is written beside its place, synced to the disk, and then moved into place. So a file is whole or absent
after a crash, too: the move never reaches the disk before what it moves.
"""

from __future__ import annotations

import csv
import errno
import io
import os
import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from family_trees.support.errors import FamilyTreesError


@contextmanager
def staged_file(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` to write to; it moves to `path`, synced, if the block ends well, else it goes.

    Opened before long work, it also tells at once whether `path` can be written.

    Raises:
        FamilyTreesError: `path` cannot be written; names path and reason.
    """
    with naming_write_errors(path):
        place = path.resolve()  # through a link, it is what the link points to that is replaced
        if place.is_dir():
            raise FamilyTreesError(f"{path}: cannot write: this is a directory; give the path of a file")
        if place.exists() and not place.is_file():
            raise FamilyTreesError(f"{path}: cannot write: this is a device or a pipe; give the path of a file")
        if place.exists() and not os.access(place, os.W_OK):
            raise FamilyTreesError(f"{path}: cannot write: {os.strerror(errno.EACCES)}")
        # The name is known before the file is there: whenever Ctrl-C comes, the file is found and removed.
        temporary = place.with_name(f".{place.stem}-{os.urandom(4).hex()}{place.suffix}")
        with ensured_directory(place.parent):
            try:
                temporary.touch(exist_ok=False)
                yield temporary
                _sync(temporary)
                temporary.replace(place)
                _sync_directory(place.parent)
            finally:
                temporary.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """See before long work whether the file `path` can be written; it is left as it is.

    Raises:
        FamilyTreesError: it cannot; names path and reason.
    """

    class Fine(Exception):  # noqa: N818
        pass

    with suppress(Fine), staged_file(path):
        raise Fine


@contextmanager
def staged_directory(path: Path) -> Iterator[Path]:
    """A temporary directory inside `path` to write files to; they move up into `path`, synced, if the block ends well.

    Opened before long work, it also tells at once whether `path` can be written. If the block fails, the files that
    were in `path` are as they were.

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
    """Write `text` as UTF-8 to `path`, all or nothing.

    Raises:
        FamilyTreesError: `path` cannot be written; names path and reason.
    """
    with staged_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def remove_leftovers(path: Path) -> None:
    """Remove the temporary files that runs which were killed left beside `path`.

    Only for who is alone in the directory: a temporary file of another program that writes `path` now goes, too.
    """
    name = re.compile(rf"\.{re.escape(path.stem)}-[0-9a-f]{{8}}{re.escape(path.suffix)}")
    for file in [each for each in path.parent.glob(".*") if name.fullmatch(each.name)]:
        file.unlink(missing_ok=True)


def check_written(path: Path, digest: str) -> None:
    """See that the file `path` holds what was written.

    Args:
        path: a file that was just written.
        digest: the SHA-256 of what was written to it, in hexadecimal digits.

    Raises:
        FamilyTreesError: it holds something else, or cannot be read.
    """
    import hashlib

    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise FamilyTreesError(f"{path}: cannot be read back: {problem.strerror or problem}") from problem
    if found != digest:
        raise FamilyTreesError(f"{path}: does not hold what was written to it; the disk may be failing")


def _sync(file: Path) -> None:
    """Wait until the disk holds what was written to `file`."""
    with file.open("r+b") as opened:
        os.fsync(opened.fileno())


def _sync_directory(directory: Path) -> None:
    """Wait until the disk holds the names in `directory`, where the system can say so."""
    with suppress(OSError):  # on Windows, and on some file systems, directories cannot be synced
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def ensured_directory(directory: Path) -> Iterator[None]:
    """Make `directory`; if the block fails, remove what was made of it and is empty.

    Raises:
        FamilyTreesError: there is a file in its place, or in that of a directory above it.
    """
    for each in (directory, *directory.parents):
        if each.exists() and not each.is_dir():
            raise FamilyTreesError(f"{directory}: cannot write there: {each} is a file, not a directory")
    missing = [each for each in (directory, *directory.parents) if not each.exists()]
    try:
        directory.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for each in missing:
            with suppress(OSError):
                each.rmdir()
        raise


@contextmanager
def naming_write_errors(path: Path) -> Iterator[None]:
    """Tell in one line, with `path` and the reason, that something cannot be written.

    Raises:
        FamilyTreesError: the block raised an OSError.
    """
    try:
        yield
    except OSError as problem:
        raise FamilyTreesError(f"{path}: cannot write: {problem.strerror or problem}") from problem


def check_not_an_input(out: Path, *read: Path | None) -> None:
    """See that the file to be written is none of those that are read.

    Raises:
        FamilyTreesError: it is.
    """
    for path in read:
        if path is not None and out.resolve() == path.resolve():
            raise FamilyTreesError(f"{out}: this file is read; give another name with --out")


def csv_text(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table as CSV, in which no cell is a formula for a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([safe_for_spreadsheets(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue()


def safe_for_spreadsheets(cell: str) -> str:
    """A cell of a table as it can stand in a spreadsheet: before what would be a formula there comes an apostrophe.

    What would be one also stands after blanks and what cannot be seen, begins with a wide letter, or comes after what
    parts the cells of a table elsewhere, as the semicolon does.
    """
    parts = re.split(r"([;\t\r\n])", cell)
    safe = "".join(f"'{part}" if _is_formula(part) else part for part in parts)
    return f"'{safe}" if safe[:1] in ("\t", "\r", "\n") else safe


def _is_formula(text: str) -> bool:
    shown = (letter for letter in unicodedata.normalize("NFKC", text) if letter.isprintable() and not letter.isspace())
    return next(shown, "a") in "=+-@"
