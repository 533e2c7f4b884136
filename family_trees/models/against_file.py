"""Comparing a trained network with a file of facts, which may have changed since the training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from family_trees.families.task import Task
from family_trees.models.model import Answer, Model
from family_trees.support.errors import FamilyTreesError


def check_names(model: Model, model_path: Path, facts: Task, tree: Path) -> None:
    """Check that the network has a unit for every person and every relation of the facts.

    Args:
        model_path: the file of the model, for the message.
        tree: the file of the facts, for the message.

    Raises:
        FamilyTreesError: a unit is missing; names the first such person or relation.
    """
    for kind, names, known in (
        (facts.words.somebody, facts.people, model.task.person_index),
        ("a relation", facts.relations, model.task.relation_index),
    ):
        new = next((name for name in names if name not in known), None)
        if new is not None:
            raise FamilyTreesError(
                f"{tree}: has {kind} that {model_path} was not trained on, {new!r}; 'family-trees train --tree {tree}' "
                "trains a network on it"
            )


def check_facts(model: Model, model_path: Path, facts: Task, tree: Path) -> None:
    """Check that the facts are those that the network was trained on, in any order.

    Raises:
        FamilyTreesError: they differ.
    """
    if {*facts.triples} != {*model.task.triples}:
        raise FamilyTreesError(
            f"{tree}: its facts are not those that {model_path} was trained on; train again, or leave out --tree to "
            "look at the network as it is"
        )


def judged_by(answer: Answer, facts: Task) -> Answer:
    """The answer, judged by `facts` instead of the facts of the training."""
    return replace(answer, facts=facts.answers.get(answer.case, ()))
