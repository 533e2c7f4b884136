"""Made-up families: one to check by hand, and random ones with cousins who marry, half-siblings and lone parents."""

from __future__ import annotations

from hypothesis import strategies as st

from family_trees.families.people import Families, Person, Sex
from family_trees.families.relations import RELATIONS, derive_triples
from family_trees.families.task import Task

SMITHS = Families(
    tuple(
        Person(name, "male" if name in {"Abe", "Cy", "Eli", "Gus", "Ira", "Kit", "Zeb"} else "female")
        for name in ("Abe", "Bea", "Cy", "Dot", "Eli", "Fay", "Gus", "Hua", "Ira", "Joy", "Kit", "Zeb", "Ada", "Yan")
    ),
    (("Abe", "Bea"), ("Cy", "Dot"), ("Eli", "Fay"), ("Gus", "Hua"), ("Gus", "Joy"), ("Zeb", "Ada")),
    (
        ("Eli", "Abe", "Bea"),
        ("Hua", "Abe", "Bea"),
        ("Fay", "Cy", "Dot"),
        ("Ira", "Eli", "Fay"),
        ("Kit", "Gus", "Joy"),
        ("Yan", "Zeb", "Ada"),
    ),
)
"""Abe and Bea have Eli and Hua; Eli marries Fay, a daughter of Cy and Dot, and has Ira; Gus marries Hua, then Joy, with
whom he has Kit. Zeb, Ada and Yan are another family."""


def task_of(families: Families) -> Task:
    """The task that the facts of some families make."""
    return Task(tuple(person.name for person in families.people), RELATIONS, derive_triples(families))


@st.composite
def random_families(draw: st.DrawFn, most: int = 24) -> Families:
    """Families of up to `most` people: parents come before their children, spouses may be of any kind of kin."""
    size = draw(st.integers(1, most))
    names = [f"P{k}" for k in range(size)]
    sexes: list[Sex | None] = [draw(st.sampled_from(("male", "female", None))) for _ in names]
    births = []
    for k in range(1, size):
        parents = draw(st.lists(st.integers(0, k - 1), max_size=2, unique=True))
        if parents:
            births.append((names[k], *(names[parent] for parent in parents)))
    pairs = st.tuples(st.sampled_from(names), st.sampled_from(names)).filter(lambda pair: pair[0] != pair[1])
    marriages = draw(st.lists(pairs, max_size=size // 2, unique_by=frozenset)) if size > 1 else []
    people = tuple(Person(name, sex) for name, sex in zip(names, sexes, strict=True))
    return Families(people, tuple(marriages), tuple(births))
