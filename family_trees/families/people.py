"""People, marriages and births, and the kin that follow from them.

A *fact* is a triple <person 1><relation><person 2>, read "person 1 has-relation person 2": (Colin, aunt, Jennifer)
says that Colin has an aunt Jennifer. The files in `data/` hold only what a family Bible would: the people, who married
whom, and whose child each one is. The relatives are found here, and `relations` makes facts of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

Sex = Literal["male", "female"]


class Triple(NamedTuple):
    """A fact: `person1` has, as `relation`, `person2`."""

    person1: str
    relation: str
    person2: str


@dataclass(frozen=True)
class Person:
    """A person in a family tree.

    In the trees of 1986, `equivalent` is the person at the same place in the other tree (Nature, fig. 2).
    """

    name: str
    sex: Sex | None
    """None where it is not known."""
    nationality: str = ""
    equivalent: str = ""


@dataclass(frozen=True, repr=False)
class Families:
    """People, marriages of two, and births as (child, parent, ...), with as many parents as are recorded."""

    people: tuple[Person, ...]
    marriages: tuple[tuple[str, str], ...]
    births: tuple[tuple[str, ...], ...]
    sibling_groups: tuple[tuple[str, ...], ...] = ()
    """Children of one family of whose parents none is recorded."""

    def __repr__(self) -> str:
        people, marriages = f"{len(self.people):,} people", f"{len(self.marriages):,} marriages"
        return f"Families({people}, {marriages}, {len(self.births):,} children)"

    @cached_property
    def _kin(self) -> dict[str, tuple[list[str], list[str], list[str]]]:
        """For each person: spouses, parents and children, each once."""
        kin: dict[str, tuple[list[str], list[str], list[str]]] = {person.name: ([], [], []) for person in self.people}
        for one, other in self.marriages:
            kin[one][0].append(other)
            kin[other][0].append(one)
        for child, *parents in self.births:
            for parent in parents:
                kin[child][1].append(parent)
                kin[parent][2].append(child)
        return {name: (_distinct(s), _distinct(p), _distinct(c)) for name, (s, p, c) in kin.items()}

    @cached_property
    def _groups(self) -> dict[str, list[tuple[str, ...]]]:
        """The sibling groups of each person who is in one."""
        groups: dict[str, list[tuple[str, ...]]] = {}
        for group in self.sibling_groups:
            for name in dict.fromkeys(group):
                groups.setdefault(name, []).append(group)
        return groups

    def groups_of(self, name: str) -> list[tuple[str, ...]]:
        """The sibling groups that `name` is in."""
        return self._groups.get(name, [])

    def spouses(self, name: str) -> list[str]:
        """Everyone married to `name`."""
        return self._kin[name][0]

    def parents(self, name: str) -> list[str]:
        """The recorded parents of `name`; none for people who found a tree or marry into it."""
        return self._kin[name][1]

    def children(self, name: str) -> list[str]:
        """Everyone of whom `name` is a parent."""
        return self._kin[name][2]

    def siblings(self, name: str) -> list[str]:
        """Everyone who shares at least one recorded parent, or a sibling group, with `name`."""
        shared = [child for parent in self.parents(name) for child in self.children(parent)]
        shared += [child for group in self.groups_of(name) for child in group]
        return _distinct(child for child in shared if child != name)

    def uncles_and_aunts(self, name: str) -> list[str]:
        """Brothers and sisters of a parent, and whoever is married to one of them (Nature, fig. 2)."""
        by_blood = [sibling for parent in self.parents(name) for sibling in self.siblings(parent)]
        by_marriage = [spouse for relative in by_blood for spouse in self.spouses(relative)]
        return _distinct([*by_blood, *by_marriage])

    def nephews_and_nieces(self, name: str) -> list[str]:
        """Everyone of whom `name` is an uncle or aunt."""
        siblings = self.siblings(name)
        of_spouse = [sibling for spouse in self.spouses(name) for sibling in self.siblings(spouse)]
        return _distinct(child for sibling in [*siblings, *of_spouse] for child in self.children(sibling))

    def founders(self, name: str) -> frozenset[str]:
        """The founders of the lines of `name`: ancestors, or `name`, without recorded parents, and their spouses.

        A person who married in has the founders of the spouse.
        """
        lines, couples = self._lines
        return frozenset().union(*(couple for k, couple in enumerate(couples) if lines[name] >> k & 1))

    def branch(self, name: str) -> frozenset[str]:
        """The founders of the one line that `name` descends from or married into; empty if there are several lines."""
        lines, couples = self._lines
        several = lines[name] & (lines[name] - 1)
        return frozenset() if several else couples[lines[name].bit_length() - 1]

    def family_number(self, name: str) -> int:
        """The number of the family of `name`, from 0. A family is all people who are joined by births and marriages."""
        return self._standing[name][0]

    def generation(self, name: str) -> int:
        """The generation of `name`: 1 for the oldest of the family, 2 for the next, and so on.

        Children stand below their parents, and spouses in the same generation, as far as the marriages allow both.
        """
        return self._standing[name][1]

    @cached_property
    def _lines(self) -> tuple[dict[str, int], list[frozenset[str]]]:
        """For each person, the founding couples as the bits of a number; and the list of these couples."""
        couples: list[frozenset[str]] = []
        number: dict[str, int] = {}
        needs = {
            name: parents or [spouse for spouse in spouses if self.parents(spouse)][:1]
            for name, (spouses, parents, _) in self._kin.items()
        }
        lines: dict[str, int] = {}
        for name in _in_order(needs):
            lines[name] = 0
            for each in needs[name]:
                lines[name] |= lines.get(each, 0)
            if not lines[name]:
                together = [name, *(spouse for spouse in self.spouses(name) if not needs[spouse])]
                known = next((number[each] for each in together if each in number), None)
                if known is None:
                    known = len(couples)
                    couples.append(frozenset(together))
                else:
                    couples[known] |= {*together}
                number[name] = known
                lines[name] = 1 << known
        return lines, couples

    @cached_property
    def _standing(self) -> dict[str, tuple[int, int]]:
        """For each person, the number of the family and the generation.

        Where descent and marriage disagree, as between an uncle and his niece, descent decides: a child stands below
        both parents, and the spouses may stand in different generations.
        """
        family: dict[str, int] = {}
        level: dict[str, int] = {}
        for number, first in enumerate(self._kin):
            near, married = deque([(first, 0)]), deque[tuple[str, int]]()
            while near or married:
                name, step = near.popleft() if near else married.popleft()
                if name in family:
                    continue
                family[name], level[name] = number, step
                spouses, parents, children = self._kin[name]
                near += [(parent, step - 1) for parent in parents] + [(child, step + 1) for child in children]
                married += [(spouse, step) for spouse in spouses]
        for name in _in_order({name: self.parents(name) for name in self._kin}):
            level[name] = max([level[name], *(level[parent] + 1 for parent in self.parents(name))])
        for name in self._kin:  # people without parents stand one generation above their children
            if not self.parents(name) and self.children(name):
                level[name] = min(level[child] for child in self.children(name)) - 1
        for name, (spouses, parents, children) in self._kin.items():
            if spouses and not parents and not children:
                level[name] = max(level[spouse] for spouse in spouses)
        numbers = {number: k for k, number in enumerate(dict.fromkeys(family.values()))}
        oldest: dict[int, int] = {}
        for name, step in level.items():
            oldest[family[name]] = min(step, oldest.get(family[name], step))
        return {name: (numbers[family[name]], level[name] - oldest[family[name]] + 1) for name in self._kin}


def _in_order(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """All names, each after those that it needs. Where needs make a circle, one name comes before a needed one."""
    ordered: dict[str, None] = {}
    entered: set[str] = set()
    for first in needs:
        stack = [first]
        while stack:
            name = stack[-1]
            if name not in entered:
                entered.add(name)
                stack += [each for each in needs[name] if each not in entered]
            else:
                ordered[stack.pop()] = None
    return list(ordered)


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
