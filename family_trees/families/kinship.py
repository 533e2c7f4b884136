"""What is known of the people of any task from its triples alone: kinship, where its relations are words of kinship."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from family_trees.families.of_1986 import is_of_1986, load_families
from family_trees.families.pedigree import Pedigree, pedigree
from family_trees.families.people import Families, Person, Sex, Triple
from family_trees.families.relations import RELATIONS, SEX_OF_RELATIVE
from family_trees.families.task import Task

MAX_PEOPLE_SHOWN = 24
"""People that a figure shows, if not told otherwise."""


class ShownPeople(NamedTuple):
    """The people of a task that a figure shows."""

    people: tuple[str, ...]
    """In the order of the task."""
    total: int
    """How many there are."""
    around: str = ""
    """Whom the others are near to; empty where everybody is shown."""

    @property
    def caption(self) -> str:
        """Such as "24 of 294 people, around Louis XIV"; empty where everybody is shown."""
        return (
            f"{len(self.people)} of {self.total:,} people, around {self.around}"
            if len(self.people) < self.total
            else ""
        )


@lru_cache(maxsize=8)
def families_of(task: Task) -> Families | None:
    """The families that the triples tell of; None where none of the twelve words of kinship is among the relations.

    A sex is known of whom some fact calls by a word that tells it. Of couples the husband is named first, where there
    is one.
    """
    if is_of_1986(task):
        return load_families()
    if not {*RELATIONS} & {*task.relations}:
        return None
    sexes: dict[str, Sex] = {}
    marriages: dict[frozenset[str], tuple[str, str]] = {}
    parents: dict[str, dict[str, None]] = {}
    for one, relation, other in task.triples:
        if relation not in RELATIONS or one == other:
            continue
        sexes.setdefault(other, SEX_OF_RELATIVE[relation])
        if relation in ("husband", "wife"):
            marriages.setdefault(frozenset((one, other)), (other, one) if relation == "husband" else (one, other))
        elif relation in ("father", "mother"):
            parents.setdefault(one, {})[other] = None
        elif relation in ("son", "daughter"):
            parents.setdefault(other, {})[one] = None
    return Families(
        tuple(Person(name, sexes.get(name)) for name in task.people),
        tuple(marriages.values()),
        tuple((child, *parents[child]) for child in task.people if child in parents),
    )


def nearest_people(task: Task, person: str, most: int) -> tuple[str, ...]:
    """The `most` people who are nearest to `person`, who is the first; fewer where no more can be reached.

    Steps are those of a pedigree, to parents, spouses and children, so that those who are found hang together in a
    tree; whom these do not reach, other facts do.
    """
    families = families_of(task)
    facts: dict[str, list[str]] = {name: [] for name in task.people}
    for one, _, other in task.triples:
        facts[one].append(other)
    for one, _, other in task.triples:
        facts[other].append(one)
    near, far = deque([person]), deque[str]()
    found: dict[str, None] = {}
    while (near or far) and len(found) < most:
        name = near.popleft() if near else far.popleft()
        if name in found:
            continue
        found[name] = None
        if families is not None:
            near += [*families.parents(name), *families.spouses(name), *families.children(name)]
        far += facts[name]
    return tuple(found)


def people_around(task: Task, person: str | None, most: int) -> ShownPeople:
    """The people to show: everybody, if there are no more than `most`; else who is near to one of them.

    Args:
        person: the one; None for the one with the most facts, where not everybody is shown.
        most: how many at most.
    """
    if person is None and len(task.people) <= most:
        return ShownPeople(task.people, len(task.people))
    middle = person_with_most_facts(task.triples) if person is None else person
    near = {*nearest_people(task, middle, most)}
    return ShownPeople(tuple(name for name in task.people if name in near), len(task.people), middle)


def person_with_most_facts(triples: Iterable[Triple]) -> str:
    """The person with the most facts; the first of several."""
    counts: dict[str, int] = {}
    for triple in triples:
        counts[triple.person1] = counts.get(triple.person1, 0) + 1
    return max(counts, key=counts.__getitem__)


def families_among(families: Families, people: Iterable[str]) -> Families:
    """The families of some of the people: whom they married and whose children they are, among themselves."""
    kept = {*people}
    births = ((child, *(parent for parent in parents if parent in kept)) for child, *parents in families.births)
    return Families(
        tuple(person for person in families.people if person.name in kept),
        tuple(couple for couple in families.marriages if kept.issuperset(couple)),
        tuple((child, *parents) for child, *parents in births if child in kept and parents),
    )


def pedigree_of(task: Task, people: Iterable[str]) -> Pedigree | None:
    """How some people of a task stand in a pedigree; None where the facts tell of no parents and no marriages."""
    families = families_of(task)
    shown = None if families is None else families_among(families, people)
    return None if shown is None or not (shown.marriages or shown.births) else pedigree(shown)
