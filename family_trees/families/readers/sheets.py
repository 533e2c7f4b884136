"""Tables, as spreadsheets write them, and one kind of them: our CSV of people, marriages and children."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from family_trees.families.readers.records import (
    MAX_PEOPLE,
    SEXES,
    Birth,
    Record,
    Records,
    Row,
    Tally,
    clean_text,
    decoded,
    first_year,
    numbered_lines,
    shortened,
)
from family_trees.families.relations import MAX_FACTS
from family_trees.support.errors import FamilyTreesError
from family_trees.support.wording import folded

MAX_LINE_BYTES = 100_000
"""The most bytes of a line."""


PEOPLE_COLUMNS = ("kind", "person", "sex", "other", "parent2", "born", "died")
"""The columns of our CSV."""


NOBODY = frozenset({"?", "-", "unknown", "nn", "n.n.", "n. n."})
"""What people write where they do not know a parent. It is nobody's name."""


def read_rows(path: Path, raw: bytes, left_out: Tally) -> Iterator[Row]:
    """The rows of a table, without empty rows and comments, which begin with `#`.

    Tabs, semicolons or commas separate cells: whichever makes sense of the first row.

    Raises:
        FamilyTreesError: a line is too long, a quotation mark is not closed, or there are too many rows.
    """
    start, fresh = 1, True

    def fed() -> Iterator[str]:
        nonlocal fresh
        for number, line in numbered_lines(raw):
            if len(line) > MAX_LINE_BYTES:
                raise FamilyTreesError(f"{path}, line {number}: longer than {MAX_LINE_BYTES:,} bytes")
            comment = fresh and line.lstrip().startswith(b"#")
            fresh = False
            yield "" if comment else decoded(line, number, "utf-8", left_out) + "\n"

    read = 0
    reader = csv.reader(fed(), delimiter=_delimiter(raw), skipinitialspace=True, strict=True)
    while True:
        start, fresh = reader.line_num + 1, True
        try:
            row = next(reader, None)
        except csv.Error as problem:
            raise FamilyTreesError(
                f"{path}, line {start}: a cell that begins with a quotation mark here does not end with one; close it, "
                "and write a quotation mark inside such a cell twice"
            ) from problem
        if row is None:
            return
        cells = [clean_text(cell) for cell in row]
        while cells and not cells[-1]:  # spreadsheets fill up short rows
            cells.pop()
        if cells:
            read += 1
            if read > MAX_FACTS:
                raise FamilyTreesError(f"{path}, line {start}: more than {MAX_FACTS:,} rows; give a part of them")
            yield Row(start, cells)


def _delimiter(raw: bytes) -> str:
    """What parts the cells of the first row that is no comment."""
    shown = (line[:MAX_LINE_BYTES].strip() for _, line in numbered_lines(raw))
    first = next((line for line in shown if line.strip(b"\t;,") and not line.startswith(b"#")), b"").decode("latin-1")
    for delimiter in ("\t", ";", ","):
        (cells,) = csv.reader([first], delimiter=delimiter, skipinitialspace=True)
        if is_people_head(cells) or len([cell for cell in cells if cell.strip()]) == 3:
            return delimiter
    return ","


def is_people_head(cells: list[str]) -> bool:
    """Whether `cells` is the first row of our CSV."""
    return {"kind", "person"} <= {_column(cell) for cell in cells}


def check_people_head(path: Path, first: Row) -> None:
    """Check that a first row that is no triple is not meant as that of our CSV.

    Raises:
        FamilyTreesError: it has several of its columns, but not both that it needs; names the missing one.
    """
    columns = {_column(cell) for cell in first.cells}
    missing = " and ".join(name for name in ("kind", "person") if name not in columns)
    if missing and (len(first.cells) != 3 or not all(first.cells)) and len(columns & set(PEOPLE_COLUMNS)) > 1:
        raise FamilyTreesError(
            f"{path}, line {first.line}: this looks like the head of our CSV, but the column {missing} is missing"
        )


def _column(cell: str) -> str:
    return re.sub(r"[\s_]", "", cell.lower())


def read_people(path: Path, first: Row, rows: Iterable[Row], left_out: Tally) -> Records:
    """Read our CSV: after the first row, one row for each person, marriage or child, in any order.

    Children whose rows name the same parents, none of whom has a row, are brothers and sisters all the same.

    Raises:
        FamilyTreesError: a row makes no sense, or a person or a column occurs twice; names the line.
    """
    records = Records(left_out=left_out)
    head = [_column(cell) for cell in first.cells]
    for column in PEOPLE_COLUMNS:
        if head.count(column) > 1:
            raise FamilyTreesError(f"{path}, line {first.line}: the column {column} is there twice")
    if "sex" not in head:
        raise FamilyTreesError(f"{path}, line {first.line}: the column sex, with m or f, is missing")
    ties: list[tuple[int, str, list[str]]] = []
    for number, row in rows:
        if len(row) > len(head):
            raise FamilyTreesError(
                f"{path}, line {number}: {len(row)} cells, but {len(head)} columns; put a cell in quotation marks "
                "if it holds what separates cells"
            )
        cells = dict(zip(head, row, strict=False))
        kind, name, other, other2 = (cells.get(key, "") for key in ("kind", "person", "other", "parent2"))
        kind = kind.lower()
        if kind not in ("person", "marriage", "child") or not name:
            raise FamilyTreesError(
                f"{path}, line {number}: give a person, marriage or child as kind, and a person, not "
                f"{shortened(','.join(row))!r}"
            )
        if kind == "person":
            if name in records.people:
                raise FamilyTreesError(
                    f"{path}, line {number}: {shortened(name)!r} is there twice, first in line "
                    f"{records.people[name].line}; give each person a name of their own"
                )
            if len(records.people) == MAX_PEOPLE:
                raise FamilyTreesError(f"{path}, line {number}: more than {MAX_PEOPLE:,} people; give a part of them")
            born, died = (first_year(cells.get(key, "")) for key in ("born", "died"))
            sex = cells.get("sex", "").lower()
            if sex not in (*SEXES, "", "u", "x", "?"):
                left_out.add("sex that is not understood; write m or f", number)
            records.people[name] = Record(name, name, SEXES.get(sex), born, died, number)
        elif not other and not (kind == "child" and other2):
            raise FamilyTreesError(f"{path}, line {number}: a {kind} needs another person, in the column other")
        else:
            ties.append((number, kind, [name, other] if kind == "marriage" else [name, other, other2]))
    for number, kind, names in ties:
        _tie(number, kind, [name for name in names if name], records)
    records.sibling_groups += _sibling_groups((names for _, kind, names in ties if kind == "child"), records)
    return records


def _tie(line: int, kind: str, names: list[str], records: Records) -> None:
    """Add a couple or a birth, for the people that the file has rows of."""
    first = names[0]
    known = []
    for name in dict.fromkeys(names):
        if name in records.people:
            known.append(name)
        else:
            records.left_out.add("reference to people who are not in the file", line)
    if first in names[1:]:
        what = "married to themselves" if kind == "marriage" else "said to be their own child"
        records.left_out.add(f"person {what}", line)
    if len(known) < 2 or known[0] != first:
        return
    if kind == "marriage":
        records.couples.append((first, known[1]))
    else:
        records.births.append(Birth(first, tuple(known[1:]), line))


def _sibling_groups(births: Iterable[list[str]], records: Records) -> list[tuple[str, ...]]:
    """The children of the same parents, where no parent has a row. A birth is a child, then one or two parents."""
    groups: dict[frozenset[str], dict[str, None]] = {}
    for child, *named in births:
        parents = frozenset(name for name in named if name)
        nobody = all(folded(name) in NOBODY for name in parents)
        if child in records.people and not nobody and not any(name in records.people for name in parents):
            groups.setdefault(parents, {})[child] = None
    return [tuple(children) for children in groups.values() if len(children) > 1]
