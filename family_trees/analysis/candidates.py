"""Which facts could be missing from a file at all: those that its own facts do not exclude.

A person has at most one father, a husband is a man, a parent belongs to an older generation, and brothers share a
parent. Most of it is found in the facts themselves, so it holds for relations of any kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees.families.people import Sex, Triple
from family_trees.families.relations import SEX_OF_RELATIVE
from family_trees.families.task import Task

MULTI_ANSWER_TOLERANCE = 0.05
"""A relation with more than one answer in at most this share of its cases counts as one with a single answer."""

PARENTS, CHILDREN, SIBLINGS = ({"father", "mother"}, {"son", "daughter"}, {"brother", "sister"})
SPOUSES = {"husband", "wife"}


def fact_places(task: Task, facts: Sequence[Triple] | None = None) -> NDArray[np.int64]:
    """Facts as places of person 1, relation and person 2, (facts, 3); by default all facts of the task."""
    triples = task.triples if facts is None else facts
    return np.array(
        [
            (task.person_index[one], task.relation_index[relation], task.person_index[other])
            for one, relation, other in triples
        ],
        dtype=np.int64,
    ).reshape(-1, 3)


class Questions:
    """The questions that can be asked about the people of a task, and who may answer them.

    The number of a question is the place of the person times the number of relations, plus the place of the relation.
    """

    def __init__(self, task: Task, also: Sequence[Triple] = (), born: Mapping[str, int] | None = None) -> None:
        """Sort the facts of a task, and further facts, by question.

        Args:
            born: years of birth, where they are known.
        """
        self.task = task
        self.facts = fact_places(task, [*task.triples, *also])
        self.fits = fitting_people(task)
        asked = self.facts[:, 0] * len(task.relations) + self.facts[:, 1]
        order = np.argsort(asked, kind="stable")
        self._asked, self._answers = asked[order], self.facts[order, 2]
        self._kin = _Kin.of(task, [*task.triples, *also], born or {})
        self._related = _relatives(task, self.facts)
        single = single_answer_relations(task)
        self._no_more = np.zeros((len(task.relations), len(task.people)), dtype=bool)  # the only father is known, say
        self._no_more[self.facts[:, 1], self.facts[:, 0]] = single[self.facts[:, 1]]
        self._no_more |= without_spouse(task, self.facts)
        self._named_by: dict[tuple[int, int], list[int]] = {}  # (father, say, and person): that person's children
        for other, inverse, own in self.facts.tolist():
            self._named_by.setdefault((inverse, own), []).append(other)

    def rivals(self, asked: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Who may answer each question and is no answer yet, (questions, people)."""
        one, relation = np.divmod(asked, len(self.task.relations))
        found = self.fits[relation]
        found[np.arange(len(asked)), one] = False
        low, high = (np.searchsorted(self._asked, asked, side=side) for side in ("left", "right"))
        rows = np.repeat(np.arange(len(asked)), high - low)
        answers = [self._answers[first:last] for first, last in zip(low, high, strict=True)]
        found[rows, np.concatenate([self._answers[:0], *answers])] = False
        return found

    def candidates(self, asked: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Who could be a missing answer to each question, (questions, people).

        What is excluded is listed at `suspicious.missing_facts`.
        """
        found = self.rivals(asked)
        for row, (own, word) in enumerate(zip(*np.divmod(asked, len(self.task.relations)), strict=True)):
            if self._no_more[word, own]:
                found[row] = False
                continue
            backwards = [inverse for inverse in self.task.inverses[word] if self.fits[inverse, own]]
            if backwards:
                excluded = np.asarray(self._no_more[backwards].all(axis=0))
                told = [other for inverse in backwards for other in self._named_by.get((inverse, int(own)), ())]
                excluded[told] = False
                found[row, excluded] = False
            found[row, self._related.get(int(own), [])] = False
            found[row, list(self._kin.impossible(int(own), self.task.relations[word]))] = False
        return found

    @cached_property
    def told_backwards(self) -> NDArray[np.int64]:
        """The facts that the file tells backwards, (facts, 3): Bob as a son of Ann, where Ann is Bob's mother.

        The file may tell them forwards, too.
        """
        of_inverse: dict[int, list[int]] = {}
        for relation, inverses in enumerate(self.task.inverses):
            for inverse in inverses:
                of_inverse.setdefault(inverse, []).append(relation)
        told = [
            (other, relation, one)
            for one, inverse, other in self.facts.tolist()
            for relation in of_inverse.get(inverse, ())
        ]
        return np.array(told, dtype=np.int64).reshape(-1, 3)

    def told(self, asked: NDArray[np.int64], possible: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The `possible` answers to some questions that the file tells backwards, (facts, 3).

        Args:
            asked: the numbers of the questions, in ascending order.
            possible: (questions, people).
        """
        numbers = self.told_backwards[:, 0] * len(self.task.relations) + self.told_backwards[:, 1]
        rows = np.minimum(np.searchsorted(asked, numbers), len(asked) - 1)
        there = (asked[rows] == numbers) & possible[rows, self.told_backwards[:, 2]]
        return np.unique(self.told_backwards[there], axis=0)


class _Kin(NamedTuple):
    """Parents and children as the facts tell them."""

    parents: dict[int, set[int]]
    children: dict[int, set[int]]
    born: NDArray[np.float64]
    """The year of birth of each person, (people,); NaN where it is not known."""

    @classmethod
    def of(cls, task: Task, facts: Iterable[Triple], born: Mapping[str, int]) -> _Kin:
        """Read the four words for parents and children, in either direction."""
        kin = cls({}, {}, np.array([born.get(name, np.nan) for name in task.people], dtype=np.float64))
        for one, relation, other in facts:
            if relation in PARENTS or relation in CHILDREN:
                pair = (one, other) if relation in PARENTS else (other, one)
                child, parent = (task.person_index[name] for name in pair)
                kin.parents.setdefault(child, set()).add(parent)
                kin.children.setdefault(parent, set()).add(child)
        return kin

    def impossible(self, own: int, relation: str) -> Iterable[int]:
        """Who cannot be this relative: a descendant as a parent, an ancestor as a child, a brother of other parents.

        Nor can a parent be born in the year of the child or later. People of unknown years are not excluded by them.
        Brothers and sisters share a parent. Where both parents of each are known and all differ, they are none.
        """
        if relation in PARENTS:
            return {*_reached(self.children, own), *np.flatnonzero(self.born >= self.born[own]).tolist()}
        if relation in CHILDREN:
            return {*_reached(self.parents, own), *np.flatnonzero(self.born <= self.born[own]).tolist()}
        if relation in SIBLINGS and len(mine := self.parents.get(own, set())) > 1:
            return [other for other, theirs in self.parents.items() if len(theirs) > 1 and not mine & theirs]
        return ()


def _reached(steps: dict[int, set[int]], start: int) -> Iterator[int]:
    """Who is reached by one step or more."""
    seen: set[int] = set()
    ahead = [*steps.get(start, ())]
    while ahead:
        if (person := ahead.pop()) not in seen:
            seen.add(person)
            yield person
            ahead += steps.get(person, ())


def _called(task: Task) -> Mapping[Sex, NDArray[np.bool_]]:
    """By sex: whether a fact calls a person by a word for it, (people,)."""
    called: dict[Sex, NDArray[np.bool_]] = {
        sex: np.zeros(len(task.people), dtype=bool) for sex in SEX_OF_RELATIVE.values()
    }
    for _, relation, other in task.triples:
        if relation in SEX_OF_RELATIVE:
            called[SEX_OF_RELATIVE[relation]][task.person_index[other]] = True
    return called


def without_spouse(task: Task, facts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether a person's sex excludes this relation, (relations, people): a woman's wife, where no woman has one.

    It does where, by the facts, only people of the other sex have a husband, or a wife.
    """
    called = _called(task)
    found = np.zeros((len(task.relations), len(task.people)), dtype=bool)
    for place, word in enumerate(task.relations):
        if word in SPOUSES:
            married = facts[facts[:, 1] == place, 0]
            male, female = called["male"] & ~called["female"], called["female"] & ~called["male"]
            for own, other in ((male, female), (female, male)):
                found[place] |= own & (other[married].any() and not own[married].any())
    return found


def fitting_people(task: Task) -> NDArray[np.bool_]:
    """Whether a person or entity may answer a relation, (relations, people).

    A person may not if facts call the person by words for the other sex only. To a relation that is none of kinship,
    only what answers it in some fact is an answer: Paris is no language.
    """
    called = _called(task)
    fits = np.ones((len(task.relations), len(task.people)), dtype=bool)
    for place, word in enumerate(task.relations):
        if word in SEX_OF_RELATIVE:
            others = called["female" if SEX_OF_RELATIVE[word] == "male" else "male"]
            fits[place] = called[SEX_OF_RELATIVE[word]] | ~others
        else:
            fits[place] = False
    for _, word, other in task.triples:
        fits[task.relation_index[word], task.person_index[other]] |= word not in SEX_OF_RELATIVE
    return fits


def single_answer_relations(task: Task) -> NDArray[np.bool_]:
    """Whether a relation has a single answer, such as father, (relations,).

    It may have more than one in a share of `MULTI_ANSWER_TOLERANCE` of its cases. Father and mother always count as
    such, even if the file names more.
    """
    cases = Counter(case.relation for case in task.answers)
    several = Counter(case.relation for case, answers in task.answers.items() if len(answers) > 1)
    return np.array(
        [
            relation in PARENTS or several[relation] <= MULTI_ANSWER_TOLERANCE * cases[relation]
            for relation in task.relations
        ]
    )


def _relatives(task: Task, facts: NDArray[np.int64]) -> dict[int, list[int]]:
    """The relatives of each person, by any relation; empty if it is common for two people to be related in two ways."""
    pairs = Counter((fact.person1, fact.person2) for fact in task.triples)
    if sum(number > 1 for number in pairs.values()) > MULTI_ANSWER_TOLERANCE * len(pairs):
        return {}
    found: dict[int, list[int]] = {}
    for one, _, other in facts.tolist():
        found.setdefault(one, []).append(other)
    return found
