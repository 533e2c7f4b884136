"""The records that readers take from a family file: people, couples and births, each with its line in the file.

This module also has what all readers share: splitting bytes into lines, decoding and cleaning text, and counting
what was left out.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from family_trees.families.people import Sex

MAX_FILE_BYTES = 100_000_000
"""The size in bytes of the largest file that is read."""


MAX_PEOPLE = 1_000_000
"""The most people of one file."""


MAX_NAME_LENGTH = 100
"""The most characters of a name. Longer names are cut."""


SEXES: Mapping[str, Sex] = {"m": "male", "male": "male", "f": "female", "female": "female"}
"""The sex that a word in a file means."""


class LeftOut(NamedTuple):
    """How often something was left out, and the first line where this happened."""

    times: int
    first_line: int | None = None


class Tally(dict[str, LeftOut]):
    """What was left out, by reason. A reason begins with a noun in the singular: "line unlike GEDCOM"."""

    def add(self, reason: str, line: int | None = None, times: int = 1) -> None:
        """Count `times` more for `reason`, seen in `line`."""
        if times:
            before, first = self.get(reason, LeftOut(0, line))
            self[reason] = LeftOut(
                before + times, line if first is None or (line is not None and line < first) else first
            )


class Row(NamedTuple):
    """A row of a table, and the line in which it begins."""

    line: int
    cells: list[str]


class Record(NamedTuple):
    """A person in a file."""

    key: str
    """The key by which the file refers to the person."""
    name: str
    sex: Sex | None = None
    born: str = ""
    died: str = ""
    line: int | None = None


class Birth(NamedTuple):
    """A child and its recorded parents, as keys."""

    child: str
    parents: tuple[str, ...]
    line: int


@dataclass
class Records:
    """All records of a file. The keys in a couple, birth or group are keys of `people`, and differ from each other."""

    people: dict[str, Record] = field(default_factory=dict)
    couples: list[tuple[str, str]] = field(default_factory=list)
    births: list[Birth] = field(default_factory=list)
    sibling_groups: list[tuple[str, ...]] = field(default_factory=list)
    """Children, as keys, of one family whose parents the file refers to but has no record of."""
    left_out: Tally = field(default_factory=Tally)


def as_utf_8(raw: bytes) -> bytes:
    """`raw` without a byte-order mark, and converted to UTF-8 if it was UTF-16."""
    if raw.startswith(codecs.BOM_UTF8):
        return raw.removeprefix(codecs.BOM_UTF8)
    start = raw[:100]
    zeros = [
        2 * start[odd::2].count(0) > len(start[odd::2]) for odd in (0, 1)
    ]  # where UTF-16 has the zeros of Latin letters
    if raw.startswith(codecs.BOM_UTF16_LE) or zeros == [False, True]:
        codec = "utf-16-le"
    elif raw.startswith(codecs.BOM_UTF16_BE) or zeros == [True, False]:
        codec = "utf-16-be"
    else:
        return raw
    return raw.decode(codec, "replace").removeprefix("\ufeff").encode()


def numbered_lines(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines of `raw` with their numbers, from 1. Lines may end in CR, LF or both."""
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
    """Whether all of `raw` is valid UTF-8. Non-ASCII text in another encoding almost never is."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def decoded(line: bytes, number: int, codec: str, left_out: Tally) -> str:
    """A line decoded with `codec`, else as UTF-8.

    Each line is decoded by itself, because files may be joined from parts in several encodings. Decoding never fails: a
    line in neither encoding is counted, and read with `codec`, or as Windows-1252 where `codec` is UTF-8; invalid bytes
    are replaced.
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
    """`text` in one line of printable characters, so that no name can control the terminal."""
    text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(text.split())


def shortened(text: str, most: int = MAX_NAME_LENGTH) -> str:
    """`text`, cut to `most` characters, by default the length that a name may have."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def first_year(date: str) -> str:
    """The first year in a date of any format; empty if there is none."""
    year = re.search(r"\b(\d{3,4})\b", date)
    return year.group(1) if year else ""
