"""The two trees of 1986: their people, nationalities and equivalents, and the paper's order and places of them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple, cast, get_args

from family_trees.families.drawing import Drawing, Line
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
    """Whether the facts are those of the trees of 1986, in any order. Names alone do not decide this."""
    return {*task.triples} == {*derive_triples(load_families())}


def is_in_the_papers_order(task: Task) -> bool:
    """Whether the facts are those of 1986, with people and relations in the column order of Nature, fig. 4."""
    people = tuple(person.name for person in load_families().people)
    return is_of_1986(task) and (task.people, task.relations) == (people, RELATIONS)


def people_by_nationality() -> dict[str, tuple[str, ...]]:
    """The 12 English and the 12 Italian people, in the paper's order. Equivalents have the same place in both."""
    names: dict[str, tuple[str, ...]] = {}
    for person in load_families().people:
        names[person.nationality] = (*names.get(person.nationality, ()), person.name)
    return names


def equivalents() -> dict[str, str]:
    """The equivalent of each person: the person at the same place in the other tree."""
    return {person.name: person.equivalent for person in load_families().people}


class TreeGeometry(NamedTuple):
    """The measures of the drawing of a tree of 1986. All have the unit of the places."""

    places: Mapping[str, tuple[float, float]]
    """(x, y) of the English, y downward. Their equivalents stand at the same places of the Italian tree."""
    marriage_offsets: tuple[float, float]
    """How far below the couple the two lines of a marriage run, in the order of drawing."""
    bar_depth: float
    """How far below a couple the line runs that joins its children."""


NATURE_FIGURE_2 = TreeGeometry(
    places={
        "Christopher": (0.9, 0),
        "Penelope": (2.2, 0),
        "Andrew": (3.8, 0),
        "Christine": (5.1, 0),
        "Margaret": (-0.2, 1),
        "Arthur": (0.95, 1),
        "Victoria": (2.15, 1),
        "James": (3.85, 1),
        "Jennifer": (5.05, 1),
        "Charles": (6.2, 1),
        "Colin": (2.4, 2),
        "Charlotte": (3.6, 2),
    },
    marriage_offsets=(0.025, -0.025),
    bar_depth=0.52,
)
"""The places in Nature, fig. 2, in columns and rows."""

PAGE_FIELD = TreeGeometry(
    places={
        "Christopher": (14, 12),
        "Penelope": (36, 12),
        "Andrew": (64, 12),
        "Christine": (86, 12),
        "Margaret": (8, 50),
        "Arthur": (24.8, 50),
        "Victoria": (41.6, 50),
        "James": (58.4, 50),
        "Jennifer": (75.2, 50),
        "Charles": (92, 50),
        "Colin": (38, 88),
        "Charlotte": (62, 88),
    },
    marriage_offsets=(-1.2, 1.2),
    bar_depth=20,
)
"""The same places in percent of a field of the explorer's page. The middle row is wider, because names are buttons."""


def trees_of_1986(geometry: TreeGeometry = NATURE_FIGURE_2) -> tuple[Drawing, ...]:
    """The English and the Italian tree: a double line joins a couple, a line leads from it to its children."""
    english = {name: name if name in geometry.places else other for name, other in equivalents().items()}
    return tuple(
        _tree(f"{nationality} family", {name: geometry.places[english[name]] for name in names}, geometry)
        for nationality, names in people_by_nationality().items()
    )


def _tree(title: str, places: Mapping[str, tuple[float, float]], geometry: TreeGeometry) -> Drawing:
    families = load_families()
    lines: list[Line] = []
    for husband, wife in families.marriages:
        if husband not in places:
            continue
        (x1, y), (x2, _) = places[husband], places[wife]
        lines += [Line(((x1, y + offset), (x2, y + offset))) for offset in geometry.marriage_offsets]
        children = [places[child] for child, *parents in families.births if parents == [husband, wife]]
        if children:
            middle, bar = (x1 + x2) / 2, y + geometry.bar_depth
            lines.append(Line(((middle, y + max(geometry.marriage_offsets)), (middle, bar))))
            lines.append(Line(((min(x for x, _ in children), bar), (max(x for x, _ in children), bar))))
            lines += [Line(((x, bar), (x, row))) for x, row in children]
    return Drawing(places, tuple(lines), title)
