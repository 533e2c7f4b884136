"""Reading a file of facts: GEDCOM, our CSV of people, marriages and children, or plain triples of any relations.

Real files are messy. What cannot be used is left out and counted. A file that is not a family file is refused in one
line. Nothing in a file is ever executed, and no reference to another file is followed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from family_trees.families.people import Families, Person, Triple
from family_trees.families.readers.descent import without_loops
from family_trees.families.readers.gedcom import is_gedcom, read_gedcom
from family_trees.families.readers.records import (
    MAX_FILE_BYTES,
    MAX_PEOPLE,
    LeftOut,
    Record,
    Records,
    Tally,
    as_utf_8,
    shortened,
)
from family_trees.families.readers.sheets import check_people_head, is_people_head, read_people, read_rows
from family_trees.families.readers.triples import read_facts
from family_trees.families.relations import MAX_FACTS, RELATIONS, derive_facts, facts_upper_bound
from family_trees.families.task import Task
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import read_limited
from family_trees.support.wording import folded, noun_for


class Reading(NamedTuple):
    """The people, relations and facts that were read from a file, and what was left out."""

    people: tuple[str, ...]
    """Readable labels, in the order of the file. No two are equal, even without regard to case."""
    relations: tuple[str, ...]
    """The relations: kinship in the usual order; those of plain triples in the order of the file."""
    triples: tuple[Triple, ...]
    left_out: Mapping[str, LeftOut]
    """What was left out, by reason: how often, and the first line. A reason begins with a noun in the singular."""
    born: Mapping[str, int] = {}
    """The years of birth that the file tells, by label."""

    def task(self) -> Task:
        """The facts as a task for a network."""
        return Task(self.people, self.relations, self.triples)


def read_tree(path: Path) -> Reading:
    """Read the facts of a family file. Its content, not its name, decides which of the three kinds it is.

    Raises:
        FamilyTreesError: the file cannot be read, is too large, is of none of the three kinds, or holds no fact; names
            the file, the line if there is one, and what to do.
    """
    raw = as_utf_8(read_limited(path, MAX_FILE_BYTES, "a family file"))
    if not raw.strip():
        raise FamilyTreesError(f"{path}: this file is empty")
    if is_gedcom(raw):
        reading = _derived(path, read_gedcom(path, raw))
    elif b"\0" in raw[:10_000]:
        raise FamilyTreesError(f"{path}: this is not a text file; give a GEDCOM file, our CSV, or triples")
    else:
        left_out = Tally()
        rows = read_rows(path, raw, left_out)
        first = next(rows, None)
        if first is None:
            raise FamilyTreesError(f"{path}: this file holds nothing but comments and empty lines")
        if is_people_head(first.cells):
            reading = _derived(path, read_people(path, first, rows, left_out))
        else:
            check_people_head(path, first)
            triples = read_facts(chain([first], rows), f"{path}, line", left_out)
            reading = _as_they_are(path, triples, left_out)
    if not reading.triples:
        left = "; left out: " * bool(reading.left_out) + "; ".join(left_out_lines(reading.left_out))
        raise FamilyTreesError(
            f"{path}: this file gives no fact: it holds no relatives of a known sex, no triples{left}"
        )
    return reading


def left_out_lines(left_out: Mapping[str, LeftOut]) -> list[str]:
    """One line of words for each reason of what was left out: "3 lines unlike GEDCOM (the first is line 17)"."""
    words = []
    for reason, (times, line) in left_out.items():
        noun, _, rest = reason.partition(" ")
        where = "" if line is None else f" (line {line:,})" if times == 1 else f" (the first is line {line:,})"
        words.append(f"{times:,} {noun_for(times, noun)} {rest}{where}")
    return words


def _as_they_are(path: Path, triples: list[Triple], left_out: Tally) -> Reading:
    """The reading of plain triples, with labels for the people or entities."""
    names = dict.fromkeys(name for triple in triples for name in (triple.person1, triple.person2))
    if len(names) > MAX_PEOPLE:
        raise FamilyTreesError(
            f"{path}: {len(names):,} entities, but at most {MAX_PEOPLE:,} are read; give a part of them"
        )
    labels = _labels([Record(name, name) for name in names])
    relations = dict.fromkeys(triple.relation for triple in triples)
    labelled = tuple(Triple(labels[one], relation, labels[other]) for one, relation, other in triples)
    return Reading(tuple(labels.values()), tuple(relations), labelled, left_out)


def _derived(path: Path, records: Records) -> Reading:
    """The reading of people, couples and births, with the facts that follow from them."""
    people, left_out = records.people, records.left_out
    labels = _labels(people.values())
    births = without_loops(records.births, labels, left_out)
    families = Families(
        tuple(Person(labels[each.key], each.sex) for each in people.values()),
        tuple((labels[one], labels[other]) for one, other in records.couples),
        tuple((labels[birth.child], *(labels[parent] for parent in birth.parents)) for birth in births),
        tuple(tuple(labels[key] for key in group) for group in records.sibling_groups),
    )
    _check_size(path, records, labels, families)
    derived = derive_facts(families)
    tied = {key for pair in records.couples for key in pair}
    tied.update(key for birth in births for key in (birth.child, *birth.parents))
    tied.update(key for group in records.sibling_groups for key in group)
    of_unknown_sex = (each.line for each in people.values() if each.sex is None and each.key in tied)
    left_out.add(
        "fact about a person of unknown sex, which chooses the word", next(of_unknown_sex, None), derived.of_unknown_sex
    )
    in_facts = {name for triple in derived.triples for name in (triple.person1, triple.person2)}
    for each in people.values():
        if labels[each.key] not in in_facts:
            left_out.add("person without a fact", each.line)
    known = {triple.relation for triple in derived.triples}
    names = tuple(person.name for person in families.people if person.name in in_facts)
    born = {labels[each.key]: int(each.born) for each in people.values() if each.born}
    return Reading(names, tuple(word for word in RELATIONS if word in known), derived.triples, left_out, born)


def _labels(people: Iterable[Record]) -> dict[str, str]:
    """A label for each key: the name. Namesakes get their years added, or a number where years do not tell them apart.

    So a shared name is nobody's label, and typing a shared name lists the candidates. Names that differ only in case
    count as the same name.
    """
    records = list(people)
    names = {each.key: shortened(each.name or "(no name)") for each in records}
    namesakes = Counter(folded(name) for name in names.values())
    labels = {
        each.key: f"{names[each.key]} ({each.born}-{each.died})"
        if (each.born or each.died) and namesakes[folded(names[each.key])] > 1
        else names[each.key]
        for each in records
    }
    counts = Counter(folded(label) for label in labels.values())
    used = {label for label, count in counts.items() if count == 1}
    numbers: Counter[str] = Counter()
    for key, label in labels.items():
        wanted, same = label, folded(label)
        shared = counts[same] > 1 or namesakes[same] > 1
        while shared and (wanted == label or folded(wanted) in used):
            numbers[same] += 1
            wanted = f"{label} #{numbers[same]}"
        labels[key] = wanted
        used.add(folded(wanted))
    return labels


def _check_size(path: Path, records: Records, labels: Mapping[str, str], families: Families) -> None:
    """Refuse families with too many facts. The facts between siblings grow with the square of their number."""
    facts = facts_upper_bound(families)
    if facts <= MAX_FACTS:
        return
    born: Counter[str] = Counter(parent for birth in records.births for parent in birth.parents)
    wed: Counter[str] = Counter(key for pair in records.couples for key in pair)
    together: Counter[str] = Counter()
    for group in records.sibling_groups:
        together[group[0]] += len(group) - 1
    (key, _), *_ = (born + wed + together).most_common(1)
    siblings = f" and {together[key]:,} brothers and sisters" * (key in together)
    raise FamilyTreesError(
        f"{path}, line {records.people[key].line}: {labels[key]} has {born[key]:,} children and {wed[key]:,} partners"
        f"{siblings}; "
        f"up to {facts:,} facts would follow from this file, but at most {MAX_FACTS:,} are derived; "
        "give a part of the family"
    )
