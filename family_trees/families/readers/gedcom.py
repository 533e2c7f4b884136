"""GEDCOM, the format that genealogy programs write: 5.5, 5.5.1 and 7.0.

A first pass over the lines keeps the few kinds that name people and their families. It repairs or drops broken lines,
and counts them, so that a damaged file is read as far as it is usable. The lines kept go to ged4py, which knows what a
record is and how programs write names.
"""

from __future__ import annotations

import io
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from family_trees.families.people import Families
from family_trees.families.readers.records import (
    MAX_PEOPLE,
    SEXES,
    Birth,
    Record,
    Records,
    Tally,
    clean_text,
    decoded,
    first_year,
    is_utf_8,
    numbered_lines,
)
from family_trees.support.errors import FamilyTreesError

MAX_LINE_BYTES = 10_000
"""The most bytes that are read of a line."""


MAX_RECORD_LINES = 200_000
"""The most lines that are read of one record. More relatives would give more facts than can be derived."""


KEPT_TAG_PATHS = frozenset(
    tuple(path.split())
    for path in (
        "HEAD",
        "HEAD SOUR",
        "INDI",
        "INDI NAME",
        "INDI NAME TYPE",
        "INDI NAME SURN",
        "INDI NAME _MARNM",
        "INDI SEX",
        "INDI BIRT",
        "INDI BIRT DATE",
        "INDI DEAT",
        "INDI DEAT DATE",
        "INDI FAMC",
        "INDI FAMS",
        "FAM",
        "FAM HUSB",
        "FAM WIFE",
        "FAM CHIL",
    )
)
"""The lines that are kept, each by its own tag after those of the lines above it. From SOUR and the lines below NAME,
ged4py knows how the program that wrote the file writes names."""


RECORD_REFERRED_TO: Mapping[str, str] = {
    **dict.fromkeys(("HUSB", "WIFE", "CHIL"), "INDI"),
    **dict.fromkeys(("FAMC", "FAMS"), "FAM"),
}
"""The kind of record that a line refers to, by the tag of the line."""


VOID = "@VOID@"
"""What GEDCOM 7 writes in place of a reference to somebody who has no record."""


CODECS: Mapping[str, str] = {
    "ANSEL": "gedcom",  # as ged4py calls it
    **dict.fromkeys(("ANSI", "CP1252", "WINDOWS", "WINDOWS-1252", "IBM WINDOWS", "IBM_WINDOWS"), "cp1252"),
    **dict.fromkeys(("ISO-8859-1", "ISO8859-1", "ISO8859", "LATIN1", "LATIN-1"), "cp1252"),
    **dict.fromkeys(("ISO-8859-2", "ISO8859-2"), "iso8859-2"),
    **dict.fromkeys(("ISO-8859-15", "ISO8859-15"), "iso8859-15"),
    **dict.fromkeys(("CP1250", "WINDOWS-1250"), "cp1250"),
    **dict.fromkeys(("CP1251", "WINDOWS-1251"), "cp1251"),
    **dict.fromkeys(("IBMPC", "IBM-PC", "IBM", "OEM"), "cp437"),
    **dict.fromkeys(("MSDOS", "MS-DOS", "IBM DOS"), "cp850"),
    "MACINTOSH": "mac-roman",
}
"""The Python names of the encodings that a header may declare under CHAR. Any other is read as UTF-8."""


_LINE = re.compile(rb"\s*(\d{1,2})[ \t]+(?:(@[^@]+@)[ \t]*)?([A-Za-z0-9_]+)(?:[ \t](.*))?", re.DOTALL)


_POINTER = re.compile(rb"\s*@([^@#][^@]*)@\s*")


def is_gedcom(raw: bytes) -> bool:
    """Whether `raw` contains the head of a GEDCOM file, or a record of a person or a family."""
    return bool(re.search(rb"(?:\A|[\r\n])[ \t]*0[ \t]+(?:HEAD\b|@[^@\r\n]+@[ \t]*(?:INDI|FAM)\b)", raw))


def read_gedcom(path: Path, raw: bytes) -> Records:
    """The people and families of a GEDCOM file.

    The members of a family are those that the family names (HUSB, WIFE, CHIL) and those that name the family (FAMS,
    FAMC), each counted once. The first two partners are the couple, and the parents of the children, whether by birth
    or adoption. If the family refers to partners of whom none has a record, its children are brothers and sisters all
    the same.

    Raises:
        FamilyTreesError: ged4py is not installed, or the file holds no people.
    """
    try:
        from ged4py.parser import GedcomReader
    except ImportError as problem:
        raise FamilyTreesError("to read GEDCOM, install the extra: pip install 'family-trees[gedcom]'") from problem
    records = Records()
    cleaning = _Cleaning(path, raw, records.left_out)
    families: dict[str, list[_Member]] = {}
    of_people: list[tuple[str, _Member]] = []
    record: Any
    with GedcomReader(io.BytesIO(cleaning.cleaned), encoding="utf-8", errors="replace") as reader:
        for record in reader.records0("INDI"):
            key, line = str(record.xref_id), cleaning.line_at(record.offset)
            born, died = (first_year(str(record.sub_tag_value(f"{tag}/DATE") or "")) for tag in ("BIRT", "DEAT"))
            sex = SEXES.get((record.sex or "").lower())
            records.people[key] = Record(key, clean_text(record.name.format()), sex, born, died, line)
            of_people += [
                (str(tag.value), _Member(key, tag.tag == "FAMC", cleaning.line_at(tag.offset)))
                for tag in record.sub_tags("FAMS", "FAMC", follow=False)
            ]
        for record in reader.records0("FAM"):
            families[str(record.xref_id)] = [
                _Member(str(tag.value), tag.tag == "CHIL", cleaning.line_at(tag.offset))
                for tag in record.sub_tags("HUSB", "WIFE", "CHIL", follow=False)
            ]
    if not records.people:
        raise FamilyTreesError(f"{path}: this GEDCOM file holds no people (INDI records)")
    recorded = len(families)
    for family, member in of_people:
        families.setdefault(family, []).append(member)
    for members in [*families.values()][recorded:]:
        records.left_out.add("family without a record, known from its members alone", members[0].line)
    for members in families.values():
        _add(members, records)
    return records


class _Member(NamedTuple):
    """A member of a family, as child or as partner, and the line that says so."""

    key: str
    child: bool
    line: int


def _add(members: Iterable[_Member], records: Records) -> None:
    """Add the couple and the births of a family, for the members that the file has records of."""
    left_out = records.left_out
    referred_to = False
    """Whether a partner is referred to who has no record."""
    partners: dict[str, int] = {}
    children: dict[str, int] = {}
    for key, child, line in members:
        if key in records.people:
            (children if child else partners).setdefault(key, line)
            continue
        referred_to = referred_to or not child
        if key != VOID:
            left_out.add("reference to people who are not in the file", line)
    parents = tuple(partners)[:2]
    for line in [*partners.values()][2:]:
        left_out.add("partner beyond two in one family", line)
    if len(parents) == 2:
        records.couples.append((parents[0], parents[1]))
    if referred_to and not parents and len(children) > 1:
        records.sibling_groups.append(tuple(children))
        return
    for key, line in children.items():
        if key in parents:
            left_out.add("person said to be their own child", line)
        # Where the file refers to no parent, nothing says that the children have one in common.
        elif not parents:
            left_out.add("child of families without parents", line)
        else:
            records.births.append(Birth(key, parents, line))


class _Cleaning:
    """The first pass over the lines: the cleaned text for ged4py, and the line of the file behind each cleaned line."""

    def __init__(self, path: Path, raw: bytes, left_out: Tally) -> None:
        declared = re.search(rb"[\r\n][ \t]*1[ \t]+CHAR[ \t]+([^\r\n]*)", raw[:20_000])
        encoding = declared.group(1).decode("ascii", "replace").strip().upper() if declared else ""
        # Many programs write UTF-8 but declare another encoding. Text in another encoding is almost never valid UTF-8.
        self.codec = "utf-8" if is_utf_8(raw) else CODECS.get(encoding, "utf-8")
        self.file = path
        self.left_out = left_out
        self.cleaned = bytearray(b"0 HEAD\n1 CHAR UTF-8\n")
        self.offsets, self.numbers = array("q"), array("q")
        self.keys: dict[tuple[str, bytes], str] = {}
        self.defined: set[str] = set()
        self.lines_left = 0
        """How many more lines the current record may have."""
        self.path: list[str] = []
        """The tags of the previous line and of those above it. "" marks a line that is skipped with all below it."""
        self.last: _KeptLine | None = None
        """The previous line, if it is kept. The next line may continue it."""
        tags, number = set(), 0
        for number, line in numbered_lines(raw):
            if line.strip():
                self._take(number, line)
                tags.add(self.path[0] if len(self.path) == 1 else "")
        self._flush()
        if "HEAD" not in tags:
            left_out.add("opening line (0 HEAD), as if the file were damaged", 1)
        if "TRLR" not in tags:
            left_out.add("closing line (0 TRLR), as if the file were cut off", number)
        self.cleaned += b"0 TRLR\n"

    def line_at(self, offset: int) -> int:
        """The number, in the file, of the cleaned line at `offset`."""
        return self.numbers[bisect_left(self.offsets, offset)]

    def _take(self, number: int, line: bytes) -> None:
        found = _LINE.fullmatch(line[:MAX_LINE_BYTES])
        if not found:
            self.left_out.add("line unlike GEDCOM", number)
            spoiled = re.match(rb"\s*(\d{1,2})(?!\d)", line)
            if spoiled and int(spoiled[1]) < len(self.path):  # lines below it must not go to the line above it
                self._flush()
                self.path[int(spoiled[1]) :] = [""]
            return
        level, tag, value = int(found[1]), found[3].decode("ascii").upper(), found[4] or b""
        if tag in ("CONC", "CONT"):
            if level != len(self.path) or level == 0:
                self.left_out.add("CONC or CONT out of place", number)
            elif self.last and len(self.last.text) < MAX_LINE_BYTES:
                self.last.text += b" " * (tag == "CONT") + value
            elif self.last:
                self.last.cut = True
            return
        self._flush()
        if level > len(self.path):
            self.left_out.add("line more than a level below the line above it", number)
            self.path += [""] * (level + 1 - len(self.path))
            return
        self.path[level:] = [tag]
        if tuple(self.path) not in KEPT_TAG_PATHS:
            return
        if level == 0:
            self._begin_record(number, tag, found[2])
        elif self.defined and self.lines_left == 0:
            self.left_out.add(f"line beyond the {MAX_RECORD_LINES:,} that are read of one record", number)
            self.path[-1] = ""
        elif tag in RECORD_REFERRED_TO:
            self._refer(number, tag, value)
        elif tag != "SOUR" or not self.defined:  # later heads, of files joined to this one, are ignored
            self.lines_left -= 1
            self.last = _KeptLine(number, bytearray(value), cut=len(line) > MAX_LINE_BYTES)

    def _begin_record(self, number: int, tag: str, xref: bytes | None) -> None:
        if tag == "HEAD":
            return
        if not xref:
            self.left_out.add("record without a key (@...@)", number)
        key = self._key(number, tag, xref[1:-1] if xref else b"@%d" % number)  # no key of a file holds an @
        if key in self.defined:
            self.left_out.add("record whose key (@...@) another one has", number)
            self.path[-1] = ""
        else:
            self.defined.add(key)
            self.lines_left = MAX_RECORD_LINES
            self._write(number, f"0 {key} {tag}")

    def _refer(self, number: int, tag: str, value: bytes) -> None:
        pointer = _POINTER.fullmatch(value)
        if not pointer:
            self.left_out.add("reference that cannot be read", number)
        elif pointer[1].upper() == b"VOID":
            if tag in ("HUSB", "WIFE"):
                self.lines_left -= 1
                self._write(number, f"1 {tag} {VOID}")
        else:
            self.lines_left -= 1
            self._write(number, f"1 {tag} {self._key(number, RECORD_REFERRED_TO[tag], pointer[1])}")

    def _key(self, number: int, kind: str, xref: bytes) -> str:
        """A new key for a record, because the keys in files may contain anything."""
        if len(self.keys) == MAX_PEOPLE:
            raise FamilyTreesError(
                f"{self.file}, line {number}: more than {MAX_PEOPLE:,} people and families; give a part of them"
            )
        return self.keys.setdefault((kind, xref.strip()), f"@{kind}{len(self.keys)}@")

    def _flush(self) -> None:
        """Write the previous line, which is now complete."""
        if not self.last:
            return
        number, tag, level = self.last.number, self.path[-1], len(self.path) - 1
        if self.last.cut:
            self.left_out.add(f"line longer than {MAX_LINE_BYTES:,} bytes, of which the beginning is read", number)
        text = clean_text(decoded(bytes(self.last.text), number, self.codec, self.left_out))
        text = first_year(text) if tag == "DATE" else text.strip("@ ") if text.startswith("@") else text
        if text or tag in ("BIRT", "DEAT"):
            self._write(number, f"{level} {tag} {text}".rstrip())
        else:
            self.path[-1] = ""
        self.last = None

    def _write(self, number: int, line: str) -> None:
        self.offsets.append(len(self.cleaned))
        self.numbers.append(number)
        self.cleaned += line.encode() + b"\n"


@dataclass
class _KeptLine:
    """A line that is kept."""

    number: int
    text: bytearray
    cut: bool
    """Whether text was cut off."""


def to_gedcom(families: Families) -> str:
    """`families` as GEDCOM 5.5.1: one record for each person, and one for each couple or set of parents."""
    number = {person.name: f"@I{k}@" for k, person in enumerate(families.people, start=1)}
    sexes = {person.name: person.sex for person in families.people}
    letters = {"male": "M", "female": "F", None: "U"}
    lines = ["0 HEAD", "1 GEDC", "2 VERS 5.5.1", "2 FORM LINEAGE-LINKED", "1 CHAR UTF-8"]
    for person in families.people:
        lines += [f"0 {number[person.name]} INDI", f"1 NAME {person.name}", f"1 SEX {letters[person.sex]}"]
    couples: dict[tuple[str, ...], list[str]] = {tuple(sorted(pair)): [] for pair in families.marriages}
    for child, *parents in families.births:
        couples.setdefault(tuple(sorted(parents)), []).append(child)
    written = [*couples.items(), *(((), group) for group in families.sibling_groups)]
    for k, (couple, children) in enumerate(written, start=1):
        lines += [f"0 @F{k}@ FAM", *([] if couple else [f"1 HUSB {VOID}"])]
        lines += [f"1 {'WIFE' if sexes[name] == 'female' else 'HUSB'} {number[name]}" for name in couple]
        lines += [f"1 CHIL {number[child]}" for child in children]
    return "\n".join([*lines, "0 TRLR", ""])
