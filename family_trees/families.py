"""From people, marriages and children to facts: the twelve relations of the family-tree task.

A *fact* is a triple <person 1><relation><person 2>, read "person 1 has-relation person 2": (Colin, aunt, Jennifer)
says that Colin has an aunt Jennifer. The files in `data/` hold only what a family Bible would: who there was, who
married whom, and whose child each one is. The twelve relations are derived here, once.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, NamedTuple, cast, get_args

Sex = Literal["male", "female"]


MOST_FACTS = 5_000_000
"""Facts that can be derived within a gigabyte or so of memory."""


class Triple(NamedTuple):
    """A fact: `person1` has, as `relation`, `person2`."""

    person1: str
    relation: str
    person2: str


@dataclass(frozen=True)
class Person:
    """Someone in a tree.

    In the trees of 1986, `equivalent` is the person at the same place in the other tree (Nature, fig. 2).
    """

    name: str
    sex: Sex | None
    """None where it is not known."""
    nationality: str = ""
    equivalent: str = ""


@dataclass(frozen=True)
class Families:
    """People, marriages of two, and births as (child, parent, ...), with as many parents as are recorded."""

    people: tuple[Person, ...]
    marriages: tuple[tuple[str, str], ...]
    births: tuple[tuple[str, ...], ...]

    @cached_property
    def _kin(self) -> dict[str, tuple[list[str], list[str], list[str]]]:
        """Of everybody: spouses, parents and children, each once."""
        kin: dict[str, tuple[list[str], list[str], list[str]]] = {person.name: ([], [], []) for person in self.people}
        for one, other in self.marriages:
            kin[one][0].append(other)
            kin[other][0].append(one)
        for child, *parents in self.births:
            for parent in parents:
                kin[child][1].append(parent)
                kin[parent][2].append(child)
        return {name: (_distinct(s), _distinct(p), _distinct(c)) for name, (s, p, c) in kin.items()}

    def spouses(self, name: str) -> list[str]:
        """Everyone married to `name`."""
        return self._kin[name][0]

    def parents(self, name: str) -> list[str]:
        """The recorded parents of `name`; empty for who founds a tree or marries into it."""
        return self._kin[name][1]

    def children(self, name: str) -> list[str]:
        """Everyone who has `name` for a parent."""
        return self._kin[name][2]

    def siblings(self, name: str) -> list[str]:
        """Everyone who shares at least one recorded parent with `name`."""
        shared = [child for parent in self.parents(name) for child in self.children(parent)]
        return _distinct(child for child in shared if child != name)

    def uncles_and_aunts(self, name: str) -> list[str]:
        """Brothers and sisters of a parent, and whoever is married to one of them (Nature, fig. 2)."""
        by_blood = [sibling for parent in self.parents(name) for sibling in self.siblings(parent)]
        by_marriage = [spouse for relative in by_blood for spouse in self.spouses(relative)]
        return _distinct([*by_blood, *by_marriage])

    def nephews_and_nieces(self, name: str) -> list[str]:
        """Everyone who has `name` for an uncle or aunt."""
        own = self.siblings(name)
        of_spouse = [sibling for spouse in self.spouses(name) for sibling in self.siblings(spouse)]
        return _distinct(child for sibling in [*own, *of_spouse] for child in self.children(sibling))

    def founders(self, name: str) -> frozenset[str]:
        """The ancestors of `name`, or `name` itself, that have no recorded parents; of who married in, the spouse's."""
        lines, couples = self._lines
        return frozenset().union(*(couple for k, couple in enumerate(couples) if lines[name] >> k & 1))

    def branch(self, name: str) -> frozenset[str]:
        """The founders of the one line that `name` descends from or married into; empty for who has several."""
        lines, couples = self._lines
        several = lines[name] & (lines[name] - 1)
        return frozenset() if several else couples[lines[name].bit_length() - 1]

    def family(self, name: str) -> int:
        """The number of the family: of all those who are joined by births and marriages, from 0."""
        return self._standing[name][0]

    def generation(self, name: str) -> int:
        """How far below the oldest of the family `name` stands, who stand at 1.

        Children stand below their parents, and spouses side by side, as far as the marriages of a family allow both.
        """
        return self._standing[name][1]

    @cached_property
    def _lines(self) -> tuple[dict[str, int], list[frozenset[str]]]:
        """Of everybody, the founding couples as bits of a number; and the couples."""
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
        """Of everybody, the number of the family and the generation.

        Descent decides before marriage does; where the two disagree, as between an uncle and his niece, a child stands
        below both parents, and the spouses may stand on different steps.
        """
        family: dict[str, int] = {}
        level: dict[str, int] = {}
        for number, first in enumerate(self._kin):
            near, married = deque([(first, 0)]), deque[tuple[str, int]]()
            while near or married:
                name, own = near.popleft() if near else married.popleft()
                if name in family:
                    continue
                family[name], level[name] = number, own
                spouses, parents, children = self._kin[name]
                near += [(parent, own - 1) for parent in parents] + [(child, own + 1) for child in children]
                married += [(spouse, own) for spouse in spouses]
        for name in _in_order({name: self.parents(name) for name in self._kin}):
            level[name] = max([level[name], *(level[parent] + 1 for parent in self.parents(name))])
        for name in self._kin:  # who founds a tree or marries in stands with the others, wherever these have come to
            if not self.parents(name) and self.children(name):
                level[name] = min(level[child] for child in self.children(name)) - 1
        for name, (spouses, parents, children) in self._kin.items():
            if spouses and not parents and not children:
                level[name] = max(level[spouse] for spouse in spouses)
        numbers = {number: k for k, number in enumerate(dict.fromkeys(family.values()))}
        oldest: dict[int, int] = {}
        for name, own in level.items():
            oldest[family[name]] = min(own, oldest.get(family[name], own))
        return {name: (numbers[family[name]], level[name] - oldest[family[name]] + 1) for name in self._kin}


RELATIVES: tuple[tuple[str, str, Callable[[Families, str], list[str]]], ...] = (
    ("husband", "wife", Families.spouses),
    ("son", "daughter", Families.children),
    ("father", "mother", Families.parents),
    ("brother", "sister", Families.siblings),
    ("nephew", "niece", Families.nephews_and_nieces),
    ("uncle", "aunt", Families.uncles_and_aunts),
)
"""What a male and what a female relative is called, and who they are."""

RELATIONS: tuple[str, ...] = tuple(word for male, female, _ in RELATIVES for word in (male, female))
"""The twelve relations in the usual order of the relation units."""

SEX_SAID: Mapping[str, Sex] = {
    **dict.fromkeys((male for male, _, _ in RELATIVES), "male"),
    **dict.fromkeys((female for _, female, _ in RELATIVES), "female"),
}
"""By relation, the sex of whom it names."""


class Derived(NamedTuple):
    """The facts that hold in families."""

    triples: tuple[Triple, ...]
    """By person 1, then relation, then person 2, in the order of the people."""
    of_unknown_sex: int
    """Facts that are left out, as the sex of person 2, which chooses the word, is not known."""


def derive(families: Families) -> Derived:
    """All facts that hold in `families`: the twelve relations, defined here and nowhere else.

    Father and mother are recorded parents, son and daughter the reverse; husband and wife are partners; brother and
    sister share at least one recorded parent; uncle and aunt are a brother or sister of a parent, or the spouse of one;
    nephew and niece the reverse of that. Nobody is their own relative.
    """
    sexes = {person.name: person.sex for person in families.people}
    order = {person.name: k for k, person in enumerate(families.people)}
    triples: list[Triple] = []
    unknown = 0
    for person in families.people:
        for male, female, relatives in RELATIVES:
            found = sorted(
                (each for each in relatives(families, person.name) if each != person.name), key=order.__getitem__
            )
            for word, sex in ((male, "male"), (female, "female")):
                triples += [Triple(person.name, word, relative) for relative in found if sexes[relative] == sex]
            unknown += sum(sexes[relative] is None for relative in found)
    return Derived(tuple(triples), unknown)


def most_facts(families: Families) -> int:
    """An upper bound of the facts in `families`, and of the steps of finding them; itself found at once."""
    names = [person.name for person in families.people]
    siblings = {name: sum(len(families.children(parent)) for parent in families.parents(name)) for name in names}
    with_partners = {name: sum(1 + len(families.spouses(child)) for child in families.children(name)) for name in names}
    uncles = {name: sum(with_partners[parent] for parent in families.parents(name)) for name in names}  # of children
    total = 0
    for name in names:
        near = len(families.spouses(name)) + len(families.children(name)) + len(families.parents(name))
        of_partners = sum(siblings[partner] for partner in families.spouses(name))
        of_parents = sum(uncles[parent] for parent in families.parents(name))
        total += near + siblings[name] + of_partners + 2 * of_parents  # each of these has a nephew or niece in turn
    return total


def derive_triples(families: Families) -> tuple[Triple, ...]:
    """The facts of `derive`."""
    return derive(families).triples


@cache
def load_families() -> Families:
    """The two isomorphic trees of 1986, 12 English and 12 Italian people, in the column order of Nature, fig. 4."""
    people = tuple(
        Person(row["person"], _sex(row["sex"]), row["nationality"], row["equivalent"]) for row in _rows("people.csv")
    )
    marriages = tuple((row["husband"], row["wife"]) for row in _rows("marriages.csv"))
    births = tuple((row["child"], row["father"], row["mother"]) for row in _rows("children.csv"))
    return Families(people, marriages, births)


def data_file(name: str) -> Path:
    """Where the data file `name` lies: inside an installed wheel, else in `data/` of the checkout."""
    package = Path(__file__).parent
    packed = package / "data" / name
    return packed if packed.exists() else package.parent / "data" / name


def _rows(name: str) -> list[dict[str, str]]:
    with data_file(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _sex(word: str) -> Sex:
    if word not in get_args(Sex):
        raise ValueError(f"people.csv: sex is one of {get_args(Sex)}, not {word!r}")
    return cast("Sex", word)


def _in_order(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """Everybody, each after those that he or she needs; where needs go round in a circle, one comes before."""
    found: dict[str, None] = {}
    entered: set[str] = set()
    for first in needs:
        stack = [first]
        while stack:
            name = stack[-1]
            if name not in entered:
                entered.add(name)
                stack += [each for each in needs[name] if each not in entered]
            else:
                found[stack.pop()] = None
    return list(found)


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
