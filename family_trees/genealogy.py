"""Reading a family of one's own: GEDCOM, our CSV of people, marriages and children, or plain triples.

Real files are messy. What cannot be used is left out and counted; what is no family file at all is refused in one line.
Nothing in a file is ever executed or followed.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from family_trees.errors import FamilyTreesError
from family_trees.families import RELATIONS, Families, Person, Sex, Triple, derive

LARGEST = 100_000_000
"""Bytes of the largest file that is read."""
LONGEST = 100_000
"""Characters of the longest line that is read."""
SEXES: Mapping[str, Sex] = {"m": "male", "male": "male", "f": "female", "female": "female"}


class Reading(NamedTuple):
    """What a file says."""

    people: tuple[str, ...]
    """Distinct, readable labels, in the order of the file."""
    relations: tuple[str, ...]
    """In the usual order; those of triples in the order of the file."""
    triples: tuple[Triple, ...]
    left_out: Mapping[str, int]
    """What was left out, and how often, by reason."""


@dataclass(frozen=True)
class _Record:
    """Someone in a file."""

    key: str
    name: str
    sex: Sex | None
    born: str = ""
    died: str = ""


def read_tree(path: Path) -> Reading:
    """The facts of a family file; which kind it is, its content says.

    Raises:
        FamilyTreesError: it cannot be read, is too large, is none of the three kinds, or holds no fact; names file,
            line where there is one, and what to do.
    """
    text = _text(path)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first:
        raise FamilyTreesError(f"{path}: this file is empty")
    if re.match(r"\ufeff?\s*0\s+HEAD\b", first):
        found = _gedcom(path, text)
    else:
        rows = _rows(path, text)
        head = [cell.strip().lower() for cell in rows[0][1]]
        found = _people_csv(path, rows) if {"kind", "person"} <= set(head) else _triples(path, rows)
    if not found.triples:
        raise FamilyTreesError(f"{path}: no fact can be had from this file: it holds no relatives of a known sex")
    return found


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise FamilyTreesError(f"{path}: {size:,} bytes; files of up to {LARGEST:,} are read")
        raw = path.read_bytes()
    except OSError as problem:
        raise FamilyTreesError(f"{path}: cannot read: {problem.strerror or problem}") from problem
    if b"\0" in raw[:10_000] and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FamilyTreesError(f"{path}: this is no text file; give a GEDCOM file, our CSV, or triples")
    for encoding in ("utf-16",) if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "latin-1"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FamilyTreesError(f"{path}: this is no text in UTF-8, UTF-16 or Latin-1")


# -- triples, and our CSV


def _rows(path: Path, text: str) -> list[tuple[int, list[str]]]:
    """The lines of a table, with their numbers: split at tabs if the first line has one, else at commas.

    What begins with `#` is a comment.
    """
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST:
            raise FamilyTreesError(f"{path}, line {number}: longer than {LONGEST:,} characters")
    delimiter = "\t" if "\t" in next(line for line in lines if line.strip()) else ","
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
    try:
        rows = [
            (reader.line_num, [" ".join(cell.split()) for cell in row])
            for row in reader
            if any(cell.strip() for cell in row) and not row[0].lstrip().startswith("#")
        ]
    except csv.Error as problem:
        raise FamilyTreesError(f"{path}, line {reader.line_num}: {problem}") from problem
    if not rows:
        raise FamilyTreesError(f"{path}: this file holds nothing but comments")
    return rows


def _triples(path: Path, rows: Iterable[tuple[int, list[str]]]) -> Reading:
    """Plain triples: person, relation, person; any relations."""
    triples: dict[Triple, None] = {}
    left_out: Counter[str] = Counter()
    for number, row in rows:
        if len(row) != 3 or not all(row):
            raise FamilyTreesError(
                f"{path}, line {number}: not a triple of person, relation and person, separated by commas or tabs; nor "
                "is this a GEDCOM file, which begins with 0 HEAD, nor our CSV, whose first line begins with kind,person"
            )
        if [cell.lower() for cell in row] in (["person1", "relation", "person2"], ["person 1", "relation", "person 2"]):
            continue
        triple = Triple(row[0], row[1].removeprefix("has-"), row[2])
        if triple.person1 == triple.person2:
            left_out["people related to themselves"] += 1
        elif triple in triples:
            left_out["facts said twice"] += 1
        else:
            triples[triple] = None
    people = dict.fromkeys(name for triple in triples for name in (triple.person1, triple.person2))
    return Reading(tuple(people), tuple(dict.fromkeys(triple.relation for triple in triples)), tuple(triples), left_out)


def _people_csv(path: Path, rows: list[tuple[int, list[str]]]) -> Reading:
    """Our CSV: kind, person, sex, other, parent2, born, died; a line a person, marriage or child."""
    head = [cell.lower() for cell in rows[0][1]]
    people: dict[str, _Record] = {}
    marriages, births = [], []
    left_out: Counter[str] = Counter()
    for number, row in rows[1:]:
        cells = dict(zip(head, row, strict=False))
        kind, name, other = (cells.get(key, "") for key in ("kind", "person", "other"))
        if kind not in ("person", "marriage", "child") or not name:
            raise FamilyTreesError(
                f"{path}, line {number}: give a person, marriage or child as kind, and a person, not {','.join(row)!r}"
            )
        if kind == "person":
            if name in people:
                raise FamilyTreesError(
                    f"{path}, line {number}: {name!r} is there twice; give each person a name of their own"
                )
            people[name] = _Record(name, name, SEXES.get(cells.get("sex", "").lower()))
        elif not other:
            raise FamilyTreesError(f"{path}, line {number}: a {kind} needs another person, in the column other")
        elif kind == "marriage":
            marriages.append((name, other))
        else:
            births.append((name, *(parent for parent in (other, cells.get("parent2", "")) if parent)))
    return _derived(path, people, marriages, births, left_out)


# -- GEDCOM


def _gedcom(path: Path, text: str) -> Reading:
    """GEDCOM 5.5.1, read with ged4py, which knows its encodings; all but UTF-16."""
    try:
        from ged4py.parser import CodecError, GedcomReader, IntegrityError, ParserError
    except ImportError as problem:
        raise FamilyTreesError("to read GEDCOM, install the extra: pip install 'family-trees[gedcom]'") from problem
    people: dict[str, _Record] = {}
    marriages: list[tuple[str, str]] = []
    births: list[tuple[str, ...]] = []
    left_out: Counter[str] = Counter()
    if not re.search(r"^\s*0\s+TRLR\b", text, re.MULTILINE):
        left_out["end of the file: it is cut off (no TRLR)"] = 1
    utf_16 = path.read_bytes()[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        as_utf_8 = re.sub(r"^(\s*1\s+CHAR)\b.*$", r"\1 UTF-8", text, count=1, flags=re.MULTILINE)
        source = io.BytesIO(as_utf_8.encode()) if utf_16 else str(path)
        with GedcomReader(source, encoding="utf-8" if utf_16 else None, errors="replace") as reader:
            record: Any
            for record in reader.records0("INDI"):
                name = " ".join((record.name.format() or "").split())
                born, died = (_year(record.sub_tag_value(f"{tag}/DATE")) for tag in ("BIRT", "DEAT"))
                sex = SEXES.get((record.sex or "").lower())
                key = str(record.xref_id)
                people[key] = _Record(key, name or "(no name)", sex, born, died)
            for record in reader.records0("FAM"):
                partners = [str(tag.value) for tag in record.sub_tags("HUSB", "WIFE", follow=False)]
                children = [str(tag.value) for tag in record.sub_tags("CHIL", follow=False)]
                if len(partners) == 2:
                    marriages.append((partners[0], partners[1]))
                births += [(child, *partners) for child in children if partners]
                # Children of no recorded parent are no siblings of each other: they share none.
                left_out["children of families without parents"] += 0 if partners else len(children)
    except (
        ParserError,
        IntegrityError,
        CodecError,
        ValueError,
        AttributeError,
        TypeError,
        KeyError,
        OSError,
    ) as problem:
        raise FamilyTreesError(f"{path}: damaged GEDCOM: {' '.join(str(problem).split())[:300]}") from problem
    if not people:
        raise FamilyTreesError(f"{path}: this GEDCOM file holds no people (INDI records)")
    return _derived(path, people, marriages, births, left_out)


def _year(date: Any) -> str:
    found = re.search(r"\b(\d{3,4})\b", str(date or ""))
    return found.group(1) if found else ""


# -- from people to facts


def _derived(
    path: Path,
    people: Mapping[str, _Record],
    marriages: Iterable[tuple[str, str]],
    births: Iterable[tuple[str, ...]],
    left_out: Counter[str],
) -> Reading:
    """The facts of recorded people; references to people who are not there are left out and counted."""

    def known(keys: Iterable[str]) -> Iterator[str]:
        for key in keys:
            if key in people:
                yield key
            else:
                left_out["references to people who are not in the file"] += 1

    labels = _labels(people.values())
    couples = []
    for pair in marriages:
        both = list(known(pair))
        if len(both) == 2 and both[0] != both[1]:
            couples.append((labels[both[0]], labels[both[1]]))
    children = []
    for child, *parents in births:
        if child not in people:
            left_out["references to people who are not in the file"] += 1
            continue
        others = [labels[parent] for parent in known(parents) if parent != child]
        if others:
            children.append((labels[child], *others))
    _check_descent(path, children)
    families = Families(
        tuple(Person(labels[each.key], each.sex) for each in people.values()), tuple(couples), tuple(children)
    )
    found = derive(families)
    left_out["facts about a person of unknown sex, which chooses the word"] += found.of_unknown_sex
    in_facts = {name for triple in found.triples for name in (triple.person1, triple.person2)}
    left_out["people without a fact"] += len(families.people) - len(in_facts)
    relations = tuple(word for word in RELATIONS if any(triple.relation == word for triple in found.triples))
    names = tuple(person.name for person in families.people if person.name in in_facts)
    return Reading(names, relations, found.triples, {reason: count for reason, count in left_out.items() if count})


def _labels(people: Iterable[_Record]) -> dict[str, str]:
    """A label for each key: the name; where two have the same, with years; where these are the same, with a number."""
    records = list(people)

    def told_apart(label: Callable[[_Record], str]) -> dict[str, list[_Record]]:
        groups: dict[str, list[_Record]] = {}
        for record in records:
            groups.setdefault(label(record), []).append(record)
        return groups

    labels: dict[str, str] = {}
    for name, same in told_apart(lambda record: record.name).items():
        for record in same:
            years = f"{record.born}-{record.died}" if record.born or record.died else ""
            labels[record.key] = name if len(same) == 1 or not years else f"{name} ({years})"
    taken: set[str] = set()
    counts = Counter(labels.values())
    for record in records:
        label, number = labels[record.key], 1
        while (wanted := label if counts[label] == 1 and number == 1 else f"{label} #{number}") in taken:
            number += 1
        labels[record.key] = wanted
        taken.add(wanted)
    return labels


def _check_descent(path: Path, births: Iterable[tuple[str, ...]]) -> None:
    """Refuse a loop of descent: a person who is their own ancestor."""
    parents: dict[str, list[str]] = {}
    for child, *own in births:
        parents.setdefault(child, []).extend(own)
    done: set[str] = set()
    for start in parents:
        path_up: list[str] = []
        on_path: set[str] = set()
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            name, left = stack.pop()
            if left:
                path_up.pop()
                on_path.discard(name)
                done.add(name)
            elif name in on_path:
                loop = [*path_up[path_up.index(name) :], name]
                told = " <- ".join(loop[:6]) + (" ..." if len(loop) > 6 else "")
                raise FamilyTreesError(
                    f"{path}: a loop of descent, {told}: nobody is their own ancestor; mend the file"
                )
            elif name not in done:
                path_up.append(name)
                on_path.add(name)
                stack.append((name, True))
                stack += [(parent, False) for parent in parents.get(name, ())]


def to_gedcom(families: Families) -> str:
    """`families` as GEDCOM 5.5.1, a record a person and a record a couple or set of parents."""
    number = {person.name: f"@I{k}@" for k, person in enumerate(families.people, start=1)}
    sexes = {person.name: person.sex for person in families.people}
    letters = {"male": "M", "female": "F", None: "U"}
    lines = ["0 HEAD", "1 GEDC", "2 VERS 5.5.1", "2 FORM LINEAGE-LINKED", "1 CHAR UTF-8"]
    for person in families.people:
        lines += [f"0 {number[person.name]} INDI", f"1 NAME {person.name}", f"1 SEX {letters[person.sex]}"]
    couples: dict[tuple[str, ...], list[str]] = {tuple(sorted(pair)): [] for pair in families.marriages}
    for child, *parents in families.births:
        couples.setdefault(tuple(sorted(parents)), []).append(child)
    for k, (couple, children) in enumerate(couples.items(), start=1):
        lines.append(f"0 @F{k}@ FAM")
        lines += [f"1 {'WIFE' if sexes[name] == 'female' else 'HUSB'} {number[name]}" for name in couple]
        lines += [f"1 CHIL {number[child]}" for child in children]
    return "\n".join([*lines, "0 TRLR", ""])
