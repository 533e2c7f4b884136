"""From facts to cases: what a network is asked, and what it should answer.

A *case* is one pair of person 1 and relation, with the set of *all* its right answers. The 112 triples of 1986 make 104
cases. Eight of these, the uncles and aunts of the four grandchildren, have two answers. Inputs are *local codes*: one
unit is on for the person, and one for the relation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.cases import Cases
from family_trees.engine.onehot import OneHot
from family_trees.families.people import Triple
from family_trees.families.relations import RELATIONS
from family_trees.families.words import OF_ENTITIES, OF_FAMILIES, Words
from family_trees.support.errors import FamilyTreesError
from family_trees.support.html import html_table
from family_trees.support.philox import uniform
from family_trees.support.wording import count, folded, joined_names, shown

MIN_PART_LETTERS = 3
"""The fewest letters of a part of a name that can stand for the whole. In scripts other than Latin one is enough."""


MOST_NAMES = 8
"""The most names that a message lists."""


MIN_INVERSE_SHARE = 0.05
"""The least share of the facts of a relation of kinship that an inverse of it states, too, in the other direction. It
is small because a father has two inverses, of which daughter may be rare."""


MIN_INVERSE_SHARE_OF_ENTITIES = 0.5
"""The same for other relations. That Lima is in Peru is the reverse of its being the capital, but most of what is in
Peru is not."""


class Case(NamedTuple):
    """A question: who is `relation` of `person`?"""

    person: str
    relation: str

    def __str__(self) -> str:
        return f"{self.person} {self.relation}"


@dataclass(frozen=True)
class Task:
    """What a network learns: people and relations in the order of their units, and the triples.

    Raises:
        ValueError: a triple names a person or a relation that has no unit, or two units have one name.
    """

    people: tuple[str, ...]
    relations: tuple[str, ...]
    triples: tuple[Triple, ...]

    def __post_init__(self) -> None:
        for names in (self.people, self.relations):
            if len(set(names)) < len(names):
                raise ValueError("two units have one name")
        people, relations = {*self.people}, {*self.relations}
        for triple in self.triples:
            if not (triple.person1 in people and triple.person2 in people and triple.relation in relations):
                raise ValueError(f"no unit for a name in {shown(tuple(triple))}")

    def __repr__(self) -> str:
        sizes = {self.words.one: self.people, "relation": self.relations, "fact": self.triples, "case": self.cases}
        return f"Task({', '.join(count(len(several), noun) for noun, several in sizes.items())})"

    def _repr_html_(self) -> str:
        """HTML for notebooks: the number of facts of each relation, with the first one."""
        counts = Counter(triple.relation for triple in self.triples)
        first = {triple.relation: triple for triple in reversed(self.triples)}
        rows = [(name, f"{counts[name]:,}", " ".join(first[name]) if name in first else "") for name in self.relations]
        return html_table(repr(self), rows, ("relation", "facts", "the first one"))

    @cached_property
    def is_of_people(self) -> bool:
        """Whether all relations are words of kinship, so that texts may speak of people."""
        return {*self.relations} <= {*RELATIONS}

    @property
    def words(self) -> Words:
        """The words for what the facts are about: people, or entities of any kind."""
        return OF_FAMILIES if self.is_of_people else OF_ENTITIES

    @cached_property
    def person_index(self) -> dict[str, int]:
        """The index of each person among the person units."""
        return {name: k for k, name in enumerate(self.people)}

    @cached_property
    def relation_index(self) -> dict[str, int]:
        """The index of each relation among the relation units."""
        return {name: k for k, name in enumerate(self.relations)}

    @cached_property
    def answers(self) -> dict[Case, tuple[str, ...]]:
        """Each case with all its right answers, in the order of the units."""
        collected: dict[Case, list[str]] = {}
        for person1, relation, person2 in self.triples:
            collected.setdefault(Case(person1, relation), []).append(person2)
        ordered = sorted(
            collected, key=lambda case: (self.person_index[case.person], self.relation_index[case.relation])
        )
        return {case: tuple(sorted(collected[case], key=self.person_index.__getitem__)) for case in ordered}

    @cached_property
    def inverses(self) -> tuple[tuple[int, ...], ...]:
        """For each relation, the indices of its inverses: son and daughter are those of father.

        They are found from the facts, so relations of any kind may have them.
        """
        of_pair: dict[tuple[str, str], list[str]] = {}
        for one, relation, other in self.triples:
            of_pair.setdefault((one, other), []).append(relation)
        counts = Counter(relation for _, relation, _ in self.triples)
        backwards = Counter(
            (relation, inverse) for one, relation, other in self.triples for inverse in of_pair.get((other, one), ())
        )
        least = MIN_INVERSE_SHARE if self.is_of_people else MIN_INVERSE_SHARE_OF_ENTITIES
        found: dict[str, list[int]] = {name: [] for name in self.relations}
        for (relation, inverse), times in backwards.items():
            if times > least * counts[relation]:
                found[relation].append(self.relation_index[inverse])
        return tuple(tuple(sorted(found[name])) for name in self.relations)

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """All cases, by person, then relation, in the order of the units: the order of the case axis of all arrays."""
        return tuple(self.answers)

    def inputs(self, cases: Sequence[Case] | None = None) -> dict[str, NDArray[np.float64]]:
        """Local codes of `cases` (default: all): "person" is (cases, people), "relation" is (cases, relations)."""
        return {layer: codes.to_dense() for layer, codes in self.input_codes(cases).items()}

    def input_codes(self, cases: Sequence[Case] | None = None) -> dict[str, OneHot]:
        """The codes of `inputs`, as `OneHot`."""
        asked = self.cases if cases is None else cases
        relations = [(self.relation_index[case.relation],) for case in asked]
        return {
            "person": OneHot.of([(self.person_index[case.person],) for case in asked], len(self.people)),
            "relation": OneHot.of(relations, len(self.relations)),
        }

    def desired(self) -> NDArray[np.float64]:
        """Desired activities of the output units, (cases, people): 1 for every right answer, else 0."""
        return self.desired_codes().to_dense()

    def desired_codes(self) -> OneHot:
        """The activities of `desired`, as `OneHot`."""
        on = [[self.person_index[name] for name in names] for names in self.answers.values()]
        return OneHot.of(on, len(self.people))

    def training_mask(self, held_out: Iterable[Case]) -> NDArray[np.float64]:
        """Which cases train a network, (cases,): 1 for a training case, 0 for a held-out one."""
        untrained = frozenset(held_out)
        return np.array([case not in untrained for case in self.cases], dtype=np.float64)

    def find_person(self, text: str) -> str:
        """The person called `text`, in upper or lower case, or the only person whose name contains it.

        Raises:
            FamilyTreesError: nobody has this name, or several may be meant; suggests names.
        """
        if self._is_relation(text) and folded(text) not in map(folded, self.people):
            one = self.words.one
            raise FamilyTreesError(
                f"{text!r} is a relation; give the {one} first, then the relation: {self._example('Colin aunt')}"
            )
        return _find(text, self.people, self.words.one, self._listed, in_part=True)

    def find_relation(self, text: str) -> str:
        """The relation called `text`, in upper or lower case. "has-aunt" means "aunt".

        Raises:
            FamilyTreesError: there is no such relation; suggests the nearest ones.
        """
        known = {folded(name) for name in self.relations}
        return _find(
            text.strip() if folded(text) in known else _relation(text), self.relations, "relation", self._listed
        )

    def _listed(self, known: Sequence[str], noun: str) -> str:
        """Where names are listed, for somebody who gave an unknown one."""
        from family_trees.families.of_1986 import is_of_1986  # it imports this module

        if is_of_1986(self):
            return "family-trees facts lists them"
        names = joined_names(known, MOST_NAMES)
        return f"there {'is' if len(known) == 1 else 'are'} {count(len(known), noun)}: {names}"

    def _example(self, of_1986: str) -> str:
        """A case to show how one is written: that of 1986 if the task has it, otherwise its first one."""
        texts = [str(case) for case in self.cases]
        return of_1986 if of_1986 in texts or not texts else texts[0]

    def _is_relation(self, text: str) -> bool:
        known = {folded(name) for name in self.relations}
        return folded(text) in known or folded(_relation(text)) in known

    def find_case(self, text: str) -> Case:
        """The case written as "Colin aunt" or "Colin has-aunt"; names and relations may have any number of words.

        If the text can be split in several ways, a whole name is preferred to a part of one, then a long relation to a
        short one.

        Raises:
            FamilyTreesError: the text is not a person and a relation, or no fact answers it.
        """
        words = text.split()
        if len(words) < 2:
            example = self._example("Colin aunt")
            raise FamilyTreesError(f"case {text!r}: give {self.words.a_one} and a relation, such as {example!r}")
        splits = [(" ".join(words[:k]), " ".join(words[k:])) for k in range(1, len(words))]
        known = [(person, relation) for person, relation in splits if self._is_relation(relation)]
        people = {folded(name) for name in self.people}
        whole = [(person, relation) for person, relation in known if folded(person) in people]
        cases = [
            Case(self.find_person(person), self.find_relation(relation))
            for person, relation in whole or known[:1] or splits[-1:]
        ]
        case = next((each for each in cases if each in self.answers), cases[0])
        if case not in self.answers:
            has = ", ".join(each.relation for each in self.cases if each.person == case.person)
            raise FamilyTreesError(
                f"case {shown(str(case))} is not in the task; the relations that {case.person} has: {has}"
            )
        return case

    def find_cases(self, texts: Iterable[str]) -> tuple[Case, ...]:
        """The cases to hold out, written as for `find_case`, in the order of the task.

        Raises:
            FamilyTreesError: a case is unknown or named twice, or no case is left to train on.
        """
        return self.known_cases(self.find_case(text) for text in texts)

    def known_cases(self, cases: Iterable[Case]) -> tuple[Case, ...]:
        """The cases to hold out, in the order of the task.

        Raises:
            FamilyTreesError: a case is not in the task or is named twice, or no case is left to train on.
        """
        found: dict[Case, None] = {}
        for case in cases:
            if case not in self.answers:
                raise FamilyTreesError(f"case {shown(str(case))} is not in the task")
            if case in found:
                raise FamilyTreesError(f"case {shown(str(case))} is named twice; name each case to hold out once")
            found[case] = None
        self._check_held_out(len(found))
        return tuple(case for case in self.cases if case in found)

    def draw_held_out(self, count: int, seed: int, number: int) -> tuple[Case, ...]:
        """Draw `count` cases for network `number` of `seed` to hold out, each with the same probability.

        Every case draws a random number, and those with the smallest are held out. So a larger split of a network holds
        its smaller ones.

        Raises:
            FamilyTreesError: `count` is negative or leaves no case to train on; or the seed or the number is outside
                its range.

        Returns:
            The cases, in the order of the task.
        """
        self._check_held_out(count)
        drawn = np.argsort(uniform(seed, "split", number, len(self.cases)), kind="stable")[:count]
        return tuple(self.cases[k] for k in sorted(drawn))

    def _check_held_out(self, count: int) -> None:
        most = len(self.cases) - 1
        if not 0 <= count <= most:
            raise FamilyTreesError(
                f"held-out cases: {count} is not allowed; give 0 to {most}, so that at least one of the {most + 1} "
                "cases is left to train on"
            )


def _relation(text: str) -> str:
    return text.strip().lower().removeprefix("has-")


def _find(
    text: str, known: Sequence[str], kind: str, listed: Callable[[Sequence[str], str], str], *, in_part: bool = False
) -> str:
    if text in known:
        return text
    by_folded = {folded(name): name for name in known}
    wanted = folded(text)
    if wanted in by_folded:
        return by_folded[wanted]
    long_enough = in_part and (len(wanted) >= MIN_PART_LETTERS or any(letter > "\u024f" for letter in wanted))
    parts = [name for each, name in by_folded.items() if long_enough and wanted in each]
    parts = [
        name for name in parts if f" {wanted}" in f" {folded(name)}"
    ] or parts  # prefer names in which a word begins so
    if len(parts) == 1:
        return parts[0]
    if parts:
        names = joined_names(parts, MOST_NAMES)
        raise FamilyTreesError(f"{kind} {shown(text)} may be {names}; give more of the name, in quotes")
    from difflib import get_close_matches  # it is slow to import, and only an error needs it

    near = [by_folded[name] for name in get_close_matches(wanted, by_folded, n=3, cutoff=0.5)]
    hint = f"did you mean {' or '.join(near)}?" if near else listed(known, kind)
    raise FamilyTreesError(f"unknown {kind} {shown(text)}; {hint}")


def cases_for(task: Task, splits: Sequence[Sequence[Case]]) -> Cases:
    """The cases of `task` for several networks, each of which holds out the cases of its own split."""
    mask = np.array([task.training_mask(split) for split in splits])
    return Cases(task.input_codes(), task.desired_codes(), mask)
