"""The people of a task as its triples show them: their families, where relations name kin, and who is near whom."""

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
"""People that a figure shows by default, at most."""


class ShownPeople(NamedTuple):
    """The people of a task that a figure shows."""

    people: tuple[str, ...]
    """Their names, in the order of the task."""
    total: int
    """How many people the task has."""
    around: str = ""
    """The person in the middle, to whom the others are near; empty where everybody is shown."""

    @property
    def caption(self) -> str:
        """A text such as "24 of 294 people, around Louis XIV"; empty where everybody is shown."""
        return (
            f"{len(self.people)} of {self.total:,} people, around {self.around}"
            if len(self.people) < self.total
            else ""
        )


@lru_cache(maxsize=8)
def families_of(task: Task) -> Families | None:
    """The families that follow from the triples; None where no relation is one of the twelve words of kinship.

    The sex of a person is known if a fact names the person by such a word. In a couple, the husband comes first, if
    there is one.
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


def nearest_people(task: Task, person: str, limit: int) -> tuple[str, ...]:
    """The `limit` people nearest to `person`, who comes first; fewer where fewer can be reached.

    Steps lead to parents, spouses and children, so that the people found make one connected tree. Where such steps end,
    other facts lead on.
    """
    families = families_of(task)
    facts: dict[str, list[str]] = {name: [] for name in task.people}
    for one, _, other in task.triples:
        facts[one].append(other)
    for one, _, other in task.triples:
        facts[other].append(one)
    near, far = deque([person]), deque[str]()
    found: dict[str, None] = {}
    while (near or far) and len(found) < limit:
        name = near.popleft() if near else far.popleft()
        if name in found:
            continue
        found[name] = None
        if families is not None:
            near += [*families.parents(name), *families.spouses(name), *families.children(name)]
        far += facts[name]
    return tuple(found)


def people_around(task: Task, person: str | None, limit: int) -> ShownPeople:
    """The people that a figure shows: those nearest to `person`, or everybody.

    Args:
        person: the person in the middle. None means everybody if there are at most `limit` people, and otherwise the
            person with the most facts in the middle.
        limit: the most people to show.
    """
    if person is None and len(task.people) <= limit:
        return ShownPeople(task.people, len(task.people))
    middle = person_with_most_facts(task.triples) if person is None else person
    near = {*nearest_people(task, middle, limit)}
    return ShownPeople(tuple(name for name in task.people if name in near), len(task.people), middle)


def person_with_most_facts(triples: Iterable[Triple]) -> str:
    """The person with the most facts; of several, the one whose facts come first."""
    counts: dict[str, int] = {}
    for triple in triples:
        counts[triple.person1] = counts.get(triple.person1, 0) + 1
    return max(counts, key=counts.__getitem__)


def families_among(families: Families, people: Iterable[str]) -> Families:
    """The families of some of the people: their marriages and births among themselves."""
    chosen = {*people}
    births = ((child, *(parent for parent in parents if parent in chosen)) for child, *parents in families.births)
    return Families(
        tuple(person for person in families.people if person.name in chosen),
        tuple(couple for couple in families.marriages if chosen.issuperset(couple)),
        tuple((child, *parents) for child, *parents in births if child in chosen and parents),
    )


def pedigree_of(task: Task, people: Iterable[str]) -> Pedigree | None:
    """The pedigree of some people of a task; None where no fact tells of parents or marriages among them."""
    families = families_of(task)
    shown = None if families is None else families_among(families, people)
    return None if shown is None or not (shown.marriages or shown.births) else pedigree(shown)
