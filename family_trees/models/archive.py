"""Reading the arrays of a `.npz` file of unknown origin: strictly, and never into more memory than the file has bytes.

Such a file is a zip archive of `.npy` files. `numpy.savez` stores them as they are. So a compressed member is refused,
and no file unpacks to more than its own size.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal, NamedTuple, TypeAlias
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

from family_trees.support.files import READ_AT_ONCE, open_limited
from family_trees.support.wording import shown

Kind: TypeAlias = Literal["float64", "float32", "int64", "uint8"]
"""The types of numbers that a model file holds."""

MAX_ARCHIVE_BYTES = 2_000_000_000
"""The most bytes of an archive."""


MAX_MEMBERS = 20_000
"""The most arrays of an archive."""


MAX_DIRECTORY_BYTES = 5_000_000
"""The most bytes of the list of members at the end of an archive."""


END = struct.Struct("<4s4H2LH")
"""The record that ends an archive: signature, disks, entries, bytes and place of the list, bytes of a comment."""


ZIP64_LOCATOR = b"PK\x06\x07"
"""What stands 20 bytes before the end of an archive that has a second, longer such record."""


HEADER = re.compile(
    rb"\{'descr': '([^'\\]{1,20})', 'fortran_order': (True|False), "
    rb"'shape': \(((?:\d{1,19}(?:, \d{1,19}){0,9},?)?)\), \} *\n"
)
"""The header of an array of plain numbers, as NumPy writes it."""


MAX_HEADER_BYTES = 1000
"""The most bytes of a header."""


class Archive(NamedTuple):
    """An open archive of arrays."""

    file: ZipFile
    members: dict[str, ZipInfo]
    """The members by the names of the arrays. Together they take no more bytes than the file."""

    def read(self, name: str, kind: Kind, shape: tuple[int | None, ...], most: int = MAX_ARCHIVE_BYTES) -> NDArray[Any]:
        """An array, if it is what it should be. Before that is known, no more than its header is read.

        Args:
            kind: its type.
            shape: its shape. None stands for any length of at least 1.
            most: the most numbers that it may have.

        Raises:
            ValueError: it is missing or something else; names array and reason.
            BadZipFile: the archive is damaged.
        """
        if name not in self.members:
            raise ValueError(f"array '{name}' is missing")
        member = self.members[name]
        with _naming_damage():
            opened = self.file.open(member)
        with opened as data:
            found_kind, found_shape, header_bytes = _header(data, name)
            fits = len(found_shape) == len(shape) and all(
                found == each if each is not None else found >= 1
                for found, each in zip(found_shape, shape, strict=True)
            )
            if found_kind != kind or not fits:
                sizes = ", ".join("at least 1" if each is None else str(each) for each in shape)
                wanted = f"({sizes},)" if len(shape) == 1 else f"({sizes})"
                raise ValueError(f"array '{name}' is {found_kind} {found_shape}, and should be {kind} {wanted}")
            numbers = math.prod(found_shape)
            if numbers > most:
                raise ValueError(f"array '{name}' holds {numbers:,} numbers; at most {most:,} are read")
            if member.file_size != header_bytes + numbers * np.dtype(kind).itemsize:
                raise ValueError(f"array '{name}' has {member.file_size:,} bytes, which is not the size of its numbers")
            array = np.empty(found_shape, dtype=kind)
            room = array.reshape(-1).data.cast("B")
            while room:
                part = _bytes(data, min(len(room), READ_AT_ONCE))
                room[: len(part)] = part
                room = room[len(part) :]
        if array.dtype.kind == "f" and not np.all(np.isfinite(array)):
            raise ValueError(f"array '{name}' holds numbers that are not finite")
        return array


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open an archive of arrays.

    Raises:
        FamilyTreesError: the file cannot be read, is no regular file, or is too large.
        ValueError: it has a member that no archive of plain arrays has.
        BadZipFile: it is no archive, or a damaged one.
    """
    with open_limited(path, MAX_ARCHIVE_BYTES, "a model file") as file:
        size, entries = _check_end(file)
        with _naming_damage():
            archive = ZipFile(file)
        if len(archive.infolist()) != entries:  # the comment of one member may have swallowed those that follow
            raise BadZipFile("members are missing")
        members: dict[str, ZipInfo] = {}
        for member in archive.infolist():
            name = member.filename.removesuffix(".npy")
            if name == member.filename:
                raise ValueError(f"member {shown(member.filename)} is no array")
            if name in members:
                raise ValueError(f"array {shown(name)} is there twice")
            if member.compress_type != ZIP_STORED or member.compress_size != member.file_size:
                raise ValueError(f"array {shown(name)} is compressed; 'family-trees train' stores arrays as they are")
            members[name] = member
        if sum(member.file_size for member in members.values()) > size:
            raise ValueError("its arrays take more bytes than the file")
        yield Archive(archive, members)


def _check_end(file: BinaryIO) -> tuple[int, int]:
    """Check the size of the list of members before `ZipFile` reads it.

    Returns:
        The bytes of the file, and the number of its members.

    Raises:
        BadZipFile: the file does not end as an archive does, or has too many members.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - END.size - 20))
    tail = file.read()
    if len(tail) < END.size:
        raise BadZipFile("too short")
    signature, *_, entries, directory_bytes, _, comment = END.unpack(tail[-END.size :])
    if signature != b"PK\x05\x06" or comment or tail.startswith(ZIP64_LOCATOR):
        raise BadZipFile("no end of an archive")
    if entries > MAX_MEMBERS or directory_bytes > MAX_DIRECTORY_BYTES:
        raise BadZipFile("too many members")
    return size, entries


def _bytes(data: IO[bytes], number: int) -> bytes:
    """The next so many bytes of a member.

    Raises:
        BadZipFile: it ends before, or its checksum is wrong.
    """
    with _naming_damage():
        part = data.read(number)
    if len(part) < number:
        raise BadZipFile("ends early")
    return part


def _header(data: IO[bytes], name: str) -> tuple[str, tuple[int, ...], int]:
    """Type and shape of an array, and the bytes of its header.

    Raises:
        ValueError: the header is not one of plain numbers in C order.
    """
    start = _bytes(data, 10)
    length = int.from_bytes(start[8:], "little")
    if start[:8] != b"\x93NUMPY\x01\x00" or length > MAX_HEADER_BYTES:
        raise ValueError(f"array '{name}' has no header of NumPy's version 1.0")
    header = HEADER.fullmatch(_bytes(data, length))
    if header is None:
        raise ValueError(f"array '{name}' is no array of plain numbers")
    if header[2] == b"True":
        raise ValueError(f"array '{name}' is in Fortran order, and should be in C order")
    kinds = {np.dtype(kind).str: kind for kind in ("float64", "float32", "int64", "uint8")}
    descr = header[1].decode("latin-1")
    return kinds.get(descr, shown(descr)), tuple(int(part) for part in header[3].split(b",") if part), 10 + length


@contextmanager
def _naming_damage() -> Iterator[None]:
    """Turn the dozen types of exceptions that `zipfile` raises for a damaged archive into `BadZipFile`."""
    try:
        yield
    except (OSError, BadZipFile):
        raise
    except Exception as problem:
        raise BadZipFile(str(problem)) from problem
