"""What a file of a family says, before facts are derived from it: people, couples and births, each with its line.

Here too is what all readers share: bytes from a file, lines from bytes, clean text from lines, and the tally of what
was left out.
"""

from __future__ import annotations

import codecs
import re
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from family_trees.families.people import Sex
from family_trees.support.errors import FamilyTreesError

MAX_FILE_BYTES = 100_000_000
"""Bytes of the largest file that is read."""


MAX_PEOPLE = 1_000_000
"""Of one file."""


MAX_NAME_LENGTH = 100
"""Characters of the longest name; of a longer one, the beginning is shown."""


SEXES: Mapping[str, Sex] = {"m": "male", "male": "male", "f": "female", "female": "female"}


class LeftOut(NamedTuple):
    """How often something was left out, and the line where it was first."""

    times: int
    first_line: int | None = None


class Tally(dict[str, LeftOut]):
    """What was left out, by reason, which is in the singular and begins with what is counted: "line unlike GEDCOM"."""

    def add(self, reason: str, line: int | None = None, times: int = 1) -> None:
        """Count one more, or more of them, seen in `line`."""
        if times:
            before, first = self.get(reason, LeftOut(0, line))
            self[reason] = LeftOut(
                before + times, line if first is None or (line is not None and line < first) else first
            )


class Record(NamedTuple):
    """Someone in a file."""

    key: str
    """What the file refers to them by."""
    name: str
    sex: Sex | None = None
    born: str = ""
    died: str = ""
    line: int | None = None


class Birth(NamedTuple):
    """Whose child someone is, by keys."""

    child: str
    parents: tuple[str, ...]
    line: int


@dataclass
class Records:
    """What a file says. The keys in a couple or a birth are of `people`, and differ."""

    people: dict[str, Record] = field(default_factory=dict)
    couples: list[tuple[str, str]] = field(default_factory=list)
    births: list[Birth] = field(default_factory=list)
    left_out: Tally = field(default_factory=Tally)


def read_bytes(path: Path) -> bytes:
    """What the file `path` holds. What has no end, as a device or a pipe may have none, is not even opened.

    Raises:
        FamilyTreesError: it cannot be read, is too large, or is no regular file.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            what = "a directory" if stat.S_ISDIR(found.st_mode) else "a device or a pipe"
            raise FamilyTreesError(f"{path}: this is {what}; give the path of a file")
        if found.st_size > MAX_FILE_BYTES:
            raise FamilyTreesError(
                f"{path}: {found.st_size:,} bytes; files of up to {MAX_FILE_BYTES:,} are read: "
                "give a part of the family"
            )
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as problem:
        raise FamilyTreesError(f"{path}: cannot read: {getattr(problem, 'strerror', None) or problem}") from problem
    if len(raw) > MAX_FILE_BYTES:
        raise FamilyTreesError(f"{path}: files of up to {MAX_FILE_BYTES:,} bytes are read, and this one grows")
    return raw


def as_utf_8(raw: bytes) -> bytes:
    """`raw` without a byte-order mark, and in UTF-8 if it was in UTF-16, with or without the mark."""
    if raw.startswith(codecs.BOM_UTF8):
        return raw.removeprefix(codecs.BOM_UTF8)
    start = raw[:100]
    zeros = [2 * start[odd::2].count(0) > len(start[odd::2]) for odd in (0, 1)]  # as Latin letters have them in UTF-16
    if raw.startswith(codecs.BOM_UTF16_LE) or zeros == [False, True]:
        codec = "utf-16-le"
    elif raw.startswith(codecs.BOM_UTF16_BE) or zeros == [True, False]:
        codec = "utf-16-be"
    else:
        return raw
    return raw.decode(codec, "replace").removeprefix("\ufeff").encode()


def numbered_lines(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines of `raw`, numbered from 1, however they end."""
    number = 0
    for found in re.finditer(rb"[^\r\n]+|[\r\n]+", raw):
        part = found.group()
        if part[0] not in b"\r\n":
            number += 1
            yield number, part
        elif len(part) > 1:
            blank = part.count(b"\n") + part.count(b"\r") - part.count(b"\r\n") - (found.start() > 0)
            for _ in range(blank):
                number += 1
                yield number, b""
        elif found.start() == 0:
            number += 1
            yield number, b""


def is_utf_8(raw: bytes) -> bool:
    """Whether all of `raw` is; text in another encoding that has any letters beyond ASCII hardly ever is."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def decoded(line: bytes, number: int, codec: str, left_out: Tally) -> str:
    """A line in `codec`, else in UTF-8, else in Windows-1252: a line at a time, as files are put together from several.

    It never fails: a line that is not in `codec` is counted, and bytes that mean nothing are replaced.
    """
    if line.isascii():
        return line.decode("ascii")
    for each in dict.fromkeys((codec, "utf-8")):
        try:
            return line.decode(each)
        except UnicodeDecodeError:
            pass
    name = {"gedcom": "ANSEL"}.get(codec, codec.upper())
    left_out.add(f"line not in {name}, read as well as possible", number)
    return line.decode("cp1252" if codec == "utf-8" else codec, "replace")


def clean_text(text: str) -> str:
    """`text` in one line of letters that can be shown: nothing in a name may steer the terminal."""
    text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(text.split())


def shortened(text: str) -> str:
    """`text`, of which not more is shown than a name may have."""
    return text if len(text) <= MAX_NAME_LENGTH else f"{text[: MAX_NAME_LENGTH - 1].rstrip()}…"


def first_year(date: str) -> str:
    """The first year in a date, however it is written; empty if there is none."""
    found = re.search(r"\b(\d{3,4})\b", date)
    return found.group(1) if found else ""
