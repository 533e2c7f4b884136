"""What a network cannot learn from facts, whatever it is: relations and entities of which they say too little."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from family_trees.families.task import Case, Task


def relations_of_one_fact(task: Task) -> list[str]:
    """The relations with a single fact. A network can learn it by heart, and infer nothing from it."""
    counts = Counter(fact.relation for fact in task.triples)
    return [name for name in task.relations if counts[name] == 1]


def without_training_fact(task: Task, held_out: Collection[Case]) -> list[str]:
    """Who or what stands in facts of held-out cases alone, so that a network is told nothing of it."""
    untrained = {*held_out}
    told = {
        name
        for fact in task.triples
        if Case(fact.person1, fact.relation) not in untrained
        for name in (fact.person1, fact.person2)
    }
    return [name for name in task.people if name not in told]
