"""What only the two trees of 1986 have: people, nationalities, equivalents, the order of the paper."""

from __future__ import annotations

import csv
from functools import cache
from typing import cast, get_args

from family_trees.families.people import Families, Person, Sex
from family_trees.families.relations import RELATIONS, derive_triples
from family_trees.families.task import Task
from family_trees.support.data import data_file


def family_trees_task() -> Task:
    """The task of 1986: 24 people, 12 relations, 112 triples, 104 cases."""
    families = load_families()
    return Task(tuple(person.name for person in families.people), RELATIONS, derive_triples(families))


@cache
def load_families() -> Families:
    """The two isomorphic trees of 1986, 12 English and 12 Italian people, in the column order of Nature, fig. 4."""
    people = tuple(
        Person(row["person"], _sex(row["sex"]), row["nationality"], row["equivalent"]) for row in _rows("people.csv")
    )
    marriages = tuple((row["husband"], row["wife"]) for row in _rows("marriages.csv"))
    births = tuple((row["child"], row["father"], row["mother"]) for row in _rows("children.csv"))
    return Families(people, marriages, births)


def _rows(name: str) -> list[dict[str, str]]:
    with data_file(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _sex(word: str) -> Sex:
    if word not in get_args(Sex):
        raise ValueError(f"people.csv: sex is one of {get_args(Sex)}, not {word!r}")
    return cast("Sex", word)


def is_of_1986(task: Task) -> bool:
    """Whether the facts are those of the two trees of 1986, in whatever order: people of these names may be others."""
    return {*task.triples} == {*derive_triples(load_families())}
