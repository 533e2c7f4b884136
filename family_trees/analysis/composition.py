"""Which relations compose: brother of father is uncle. It follows from the facts, those held out among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from family_trees.families.task import Case, Task

SELF = "the same person"
"""The result of a composition that leads back, such as husband of wife."""


class Question(NamedTuple):
    """A person from whom two relations lead to others, one after the other."""

    person: str
    first: str
    second: str
    answers: tuple[str, ...]
    """The people to whom they lead."""


class Composition(NamedTuple):
    """Two relations, one after the other: `second` of `first`."""

    first: str
    second: str
    result: str
    """The relation that has the same answers wherever there are any; or `SELF`; or "" where no name fits."""
    questions: tuple[Question, ...]

    def __str__(self) -> str:
        return f"{self.second} of {self.first}" + (f" = {self.result}" if self.result else "")


def compositions(task: Task) -> tuple[Composition, ...]:
    """All pairs of relations that lead somewhere, one after the other, with their result.

    A relation is the result if it holds of all people to whom the two lead, from everybody from whom they lead.
    """
    of_person: dict[str, list[tuple[str, tuple[str, ...]]]] = {name: [] for name in task.people}
    for case, answers in task.answers.items():
        of_person[case.person].append((case.relation, answers))
    ends: dict[tuple[str, str], dict[str, set[str]]] = {}
    for (person, first), between in task.answers.items():
        for each in between:
            for second, answers in of_person[each]:
                ends.setdefault((first, second), {}).setdefault(person, set()).update(answers)
    order, place = task.relation_index, task.person_index
    found = []
    for first, second in sorted(ends, key=lambda pair: (order[pair[0]], order[pair[1]])):
        questions = tuple(
            Question(person, first, second, tuple(sorted(reached, key=lambda name: place[name])))
            for person, reached in ends[first, second].items()
        )
        found.append(Composition(first, second, _result(task, questions), questions))
    return tuple(found)


def _result(task: Task, questions: Sequence[Question]) -> str:
    """The relation that holds of all answers; of several, the one with the fewest answers more."""
    if all(each.answers == (each.person,) for each in questions):
        return SELF
    fitting = []
    for relation in task.relations:
        named = [{*task.answers.get(Case(each.person, relation), ())} for each in questions]
        if all({*each.answers} <= people for each, people in zip(questions, named, strict=True)):
            fitting.append((sum(map(len, named)), relation))
    return min(fitting)[1] if fitting else ""
