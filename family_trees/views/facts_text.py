"""The facts of a task, as text for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from family_trees.families.gaps import relations_of_one_fact, without_training_fact
from family_trees.families.task import Case, Task
from family_trees.support.wording import count, joined_names, noun_for


def facts_text(task: Task) -> str:
    """The facts, a line for each case, such as "Colin has-uncle Arthur, Charles"."""
    has = task.words.has
    return "\n".join(
        f"{case.person} {has}{case.relation} {', '.join(answers)}" for case, answers in task.answers.items()
    )


def facts_count(task: Task) -> str:
    """The numbers of facts and cases, such as "7 triples, 5 cases"."""
    return f"{count(len(task.triples), 'triple')}, {count(len(task.answers), 'case')}"


def facts_by_relation(task: Task) -> str:
    """The number of facts of each relation, a line each. The last line counts all facts."""
    counts = Counter(triple.relation for triple in task.triples)
    lines = [f"{counts[name]:7,}  {name}" for name in task.relations]
    people = count(len(task.people), task.words.one)
    facts = noun_for(len(task.triples), "fact")
    return "\n".join([*lines, f"{len(task.triples):7,}  {facts}, in {count(len(task.answers), 'case')}, of {people}"])


MOST_NAMED = 5
"""The most names of a note."""


def gaps_text(task: Task, held_out: Collection[Case]) -> list[str]:
    """A line for each kind of gap in the facts that a network is trained on, with the number of names, and the first.

    Args:
        held_out: the cases that are held out of its training.
    """
    notes = []
    if alone := relations_of_one_fact(task):
        notes.append(
            f"{count(len(alone), 'relation')} with a single fact, from which nothing can be inferred: "
            f"{joined_names(alone, MOST_NAMED)}"
        )
    if untold := without_training_fact(task, held_out):
        notes.append(
            f"{count(len(untold), task.words.one)} without a training fact, as all are held out; nothing can be "
            f"learned: {joined_names(untold, MOST_NAMED)}"
        )
    return notes
