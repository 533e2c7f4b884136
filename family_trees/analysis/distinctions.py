"""The distinctions that units may encode: nationality, generation, branch and sex of people, and those of relations."""

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
"""A family or a branch of fewer people is not a group."""


@dataclass(frozen=True)
class Distinction:
    """A way to part people or relations into groups. A name that it says nothing about has no group."""

    name: str
    groups: Mapping[str, Hashable]

    def group_numbers(self, names: Sequence[str]) -> NDArray[np.int64]:
        """The number of each name's group, (names,); -1 for a name without a group."""
        numbers = {group: k for k, group in enumerate(dict.fromkeys(self.groups.values()))}
        return np.array([numbers[self.groups[name]] if name in self.groups else -1 for name in names])


@lru_cache(maxsize=16)
def distinctions(group: str, task: Task) -> tuple[Distinction, ...]:
    """The distinctions of the "person" or of the "relation" units: those of the paper, and a few more.

    The branch of a person is the founding couple from whom he or she descends, or into whose line he or she married.
    A person with two branches, such as a grandchild of 1986, is left out. For people other than those of 1986, the
    family replaces the nationality. Families and branches of fewer than `SMALLEST_GROUP` people are left out. So is a
    distinction with only one group: where nothing is known of the names, the result is empty.

    Raises:
        ValueError: `group` is neither "person" nor "relation".
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
        first = Distinction(
            "family", _without_small_groups({name: families.family_number(name) for name in task.people})
        )
    branch_groups = _without_small_groups({name: branch for name, branch in branches.items() if branch})
    return first, generation, Distinction("branch", branch_groups), Distinction("sex", sexes)


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


def _without_small_groups(groups: Mapping[str, Hashable]) -> dict[str, Hashable]:
    """`groups` without those of fewer than `SMALLEST_GROUP` names: a group of one explains anything about its name."""
    sizes = Counter(groups.values())
    return {name: group for name, group in groups.items() if sizes[group] >= SMALLEST_GROUP}
