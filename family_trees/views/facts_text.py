"""The facts of a task, as text for the terminal."""

from __future__ import annotations

from collections import Counter

from family_trees.families.task import Task
from family_trees.support.wording import count


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
    return "\n".join([*lines, f"{len(task.triples):7,}  facts, in {len(task.answers):,} cases, of {people}"])
