"""Selecting facts of a task: those of one person, of one relation, or of both."""

from __future__ import annotations

from family_trees.families.task import Task


def select_facts(task: Task, person: str | None = None, relation: str | None = None) -> Task:
    """The task with only the facts of `person`, of `relation`, or of both, in any spelling that `Task` understands.

    People and relations stay as they are, and so does the order of all units.

    Raises:
        FamilyTreesError: the person or the relation is unknown; suggests the nearest.
    """
    person = None if person is None else task.find_person(person)
    relation = None if relation is None else task.find_relation(relation)
    facts = [fact for fact in task.triples if person in (None, fact.person1) and relation in (None, fact.relation)]
    return Task(task.people, task.relations, tuple(facts))
