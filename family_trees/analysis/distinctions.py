"""What may be told of people and relations: nationality, generation, branch, sex and the like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from family_trees.families.kinship import families_of
from family_trees.families.of_1986 import is_of_1986
from family_trees.families.relations import RELATIVES
from family_trees.families.task import Task

SMALLEST_GROUP = 3
"""People whom a family or a branch must have to be counted as a group."""


@dataclass(frozen=True)
class Distinction:
    """What may be told of people, or of relations: a group for each name, and none for names that it leaves out."""

    name: str
    groups: Mapping[str, Hashable]

    def of(self, names: Sequence[str]) -> NDArray[np.int64]:
        """The number of each name's group, -1 for those left out: (names,)."""
        numbers = {group: k for k, group in enumerate(dict.fromkeys(self.groups.values()))}
        return np.array([numbers[self.groups[name]] if name in self.groups else -1 for name in names])


@lru_cache(maxsize=16)
def distinctions(group: str, task: Task) -> tuple[Distinction, ...]:
    """Those that the paper speaks of, and the others at hand, for the "person" or the "relation" units.

    The branch of a person is the founding couple that he or she descends from or married into the line of; who has two,
    as the grandchildren have, is left out. Of people other than those of 1986, the family takes the place of the
    nationality; families and branches of fewer than `FEW` are left out. A distinction that tells nobody apart is none:
    where nothing is known, there are none.
    """
    if group == "person":
        found = _of_people(task)
    elif group == "relation":
        found = _of_relations(task.relations)
    else:
        raise ValueError(f"no distinctions are known for {group!r}")
    return tuple(each for each in found if len({*each.groups.values()}) > 1)


def _of_people(task: Task) -> tuple[Distinction, ...]:
    families = families_of(task)
    if families is None:
        return ()
    generation = Distinction("generation", {name: families.generation(name) for name in task.people})
    sexes = {person.name: person.sex for person in families.people if person.sex is not None}
    branches = {name: families.branch(name) for name in task.people}
    if is_of_1986(task):
        english = {p.name: p.name if p.nationality == "English" else p.equivalent for p in families.people}
        branches = {name: branches[english[name]] for name in english}
        first = Distinction("nationality", {person.name: person.nationality for person in families.people})
    else:
        first = Distinction("family", _not_of_few({name: families.family_number(name) for name in task.people}))
    told = _not_of_few({name: branch for name, branch in branches.items() if branch})
    return first, generation, Distinction("branch", told), Distinction("sex", sexes)


def _of_relations(relations: Sequence[str]) -> tuple[Distinction, ...]:
    steps = {"husband": 0, "son": -1, "father": 1, "brother": 0, "nephew": -1, "uncle": 1}
    kinds = {
        "husband": "marriage",
        "son": "line",
        "father": "line",
        "brother": "side",
        "nephew": "side",
        "uncle": "side",
    }
    pairs = [(word, male) for male, female, _ in RELATIVES for word in (male, female) if word in relations]
    return (
        Distinction("sex", {word: word == male for word, male in pairs}),
        Distinction("generation step", {word: steps[male] for word, male in pairs}),
        Distinction("kind", {word: kinds[male] for word, male in pairs}),
    )


def _not_of_few(groups: Mapping[str, Hashable]) -> dict[str, Hashable]:
    """Without the groups that hold fewer than `FEW`: who is alone in a group explains all that is his or her own."""
    sizes = Counter(groups.values())
    return {name: group for name, group in groups.items() if sizes[group] >= SMALLEST_GROUP}
