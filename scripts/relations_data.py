"""The data sets of `benchmark_relations.py`: facts as numbers, split into three.

A fact is a row (head, relation, tail) of indices. Nations, UMLS and Kinships come from the installed PyKEEN package,
with its split. The trees of 1986 and a family file are split here at random: 80% of the facts to train, 10% to choose
settings, 10% to measure.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from family_trees.families.of_1986 import family_trees_task
from family_trees.families.readers.tree import read_tree
from family_trees.families.task import Task
from family_trees.support.errors import FamilyTreesError

Facts = NDArray[np.int64]
"""Facts, (n, 3): the indices of head, relation and tail."""

OF_PYKEEN = {"nations": "Nations", "umls": "UMLS", "kinships": "Kinships"}
"""Data sets of the PyKEEN package: our name, and the class that holds it."""

TREES = "1986"
FAMILY = "royal92"
DATASETS = (TREES, *OF_PYKEEN, FAMILY)

SPLIT_SEED = 1414
"""The seed of our own splits."""


@dataclass(frozen=True)
class Dataset:
    """Facts to train, to choose settings and to measure with. No fact stands in two of the three."""

    name: str
    entities: tuple[str, ...]
    relations: tuple[str, ...]
    train: Facts
    valid: Facts
    test: Facts

    @property
    def facts(self) -> Facts:
        """All facts: the three parts one after another."""
        return np.concatenate([self.train, self.valid, self.test])


def load_dataset(name: str, seed: int, family: Path | None = None) -> Dataset:
    """One of `DATASETS`.

    Args:
        name: its name.
        seed: the trees of 1986 have another split for each seed, since they are so small. The others have one split.
        family: the file of the family.

    Raises:
        FamilyTreesError: the data set needs PyKEEN or a file, which is missing; says what to do.
    """
    if name in OF_PYKEEN:
        return _of_pykeen(name)
    if name == TREES:
        return _split(name, family_trees_task(), np.random.default_rng([SPLIT_SEED, seed]))
    if family is None:
        raise FamilyTreesError(f"{name} is read from a file: give the path of {name}.ged with --family")
    return _split(name, read_tree(family).task(), np.random.default_rng([SPLIT_SEED, 0]))


def with_inverses(facts: Facts) -> Facts:
    """The facts, (n, 3), and then their inverses: (2n, 3). Relation r becomes 2r, its inverse 2r + 1, as in PyKEEN."""
    head, relation, tail = facts.T
    both = [np.column_stack([head, 2 * relation, tail]), np.column_stack([tail, 2 * relation + 1, head])]
    return np.concatenate(both)


def _split(name: str, task: Task, rng: np.random.Generator) -> Dataset:
    person, relation = ({label: k for k, label in enumerate(each)} for each in (task.people, task.relations))
    facts = np.array([(person[one], relation[r], person[two]) for one, r, two in task.triples], dtype=np.int64)
    facts = facts[rng.permutation(len(facts))]
    part = len(facts) // 10
    test, valid, train = facts[:part], facts[part : 2 * part], facts[2 * part :]
    return Dataset(name, task.people, task.relations, train, valid, test)


def _of_pykeen(name: str) -> Dataset:
    try:
        from pykeen import datasets
    except ImportError as error:
        raise FamilyTreesError(f"{name} comes with PyKEEN: pip install -e '.[bench]'") from error
    data = getattr(datasets, OF_PYKEEN[name])()
    train, valid, test = (
        np.asarray(each.mapped_triples.numpy(), np.int64) for each in (data.training, data.validation, data.testing)
    )
    entities, relations = (tuple(sorted(ids, key=ids.get)) for ids in (data.entity_to_id, data.relation_to_id))
    return Dataset(name, entities, relations, train, valid, test)
