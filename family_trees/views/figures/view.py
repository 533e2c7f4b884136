"""One view of people: who is shown, and how they stand, in the paper's layout or in a pedigree of any family.

Every figure of people takes a view and asks it, so that each is drawn by one function.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from family_trees.families.drawing import Drawing, drawing_of
from family_trees.families.kinship import MAX_PEOPLE_SHOWN, ShownPeople, families_of, pedigree_of, people_around
from family_trees.families.of_1986 import (
    equivalents,
    is_in_the_papers_order,
    load_families,
    people_by_nationality,
    trees_of_1986,
)
from family_trees.families.relations import RELATIONS
from family_trees.families.task import Task
from family_trees.models.layered import FAMILY_TREE_NETWORK
from family_trees.models.model import Model
from family_trees.support.errors import FamilyTreesError


class NameRow(NamedTuple):
    """Names that stand in one row of the figures."""

    label: str
    """Such as "English" or "generation 2"; empty where there is nothing to say."""
    names: tuple[str, ...]


@dataclass(frozen=True)
class View:
    """The people whom the figures show, and how they stand."""

    part: ShownPeople
    """Who is shown, of how many."""
    rows: tuple[NameRow, ...]
    """The people as they stand: the two nationalities in the paper, the generations in a pedigree, else one row."""
    relation_rows: tuple[NameRow, ...]
    """The relations: two rows of six in the paper, else one row."""
    drawings: tuple[Drawing, ...] = ()
    """The trees, for figure 2: two in the paper, one pedigree, none where the facts tell of no tree."""
    equivalents: tuple[tuple[str, str], ...] = ()
    """In the paper's layout, who stands above whom: the English, each with the Italian equivalent. Else empty."""
    generation: Mapping[str, int] = field(default_factory=dict)
    """The generation of everybody in the paper's layout, from 1, the oldest. Else empty: rows tell it."""

    @property
    def people(self) -> tuple[str, ...]:
        """The shown people as they stand, row by row."""
        return tuple(name for row in self.rows for name in row.names)

    @property
    def is_the_papers(self) -> bool:
        """Whether this is the paper's layout, 12 English people over their Italian equivalents."""
        return bool(self.equivalents)

    def rows_of(self, group: str) -> tuple[NameRow, ...]:
        """The rows of the "person" or of the "relation" units."""
        return self.rows if group == "person" else self.relation_rows


def paper_view() -> View:
    """The layout of the paper: 12 English people over their 12 Italian equivalents, the trees of Nature, fig. 2."""
    families = load_families()
    people = tuple(person.name for person in families.people)
    rows = tuple(NameRow(label, names) for label, names in people_by_nationality().items())
    half = len(RELATIONS) // 2
    return View(
        ShownPeople(people, len(people)),
        rows,
        (NameRow("", RELATIONS[:half]), NameRow("", RELATIONS[half:])),
        trees_of_1986(),
        tuple((name, equivalents()[name]) for name in rows[0].names),
        {name: families.generation(name) for name in people},
    )


def rows_of_task(task: Task) -> tuple[NameRow, ...]:
    """All people of a task: in the two rows of the paper where they are those of 1986 in its order, else in one."""
    return paper_view().rows if is_in_the_papers_order(task) else (NameRow("", task.people),)


def pedigree_view(task: Task, part: ShownPeople) -> View:
    """Some people of any task as they stand in a pedigree, a row a generation, where the facts tell of a tree."""
    relations = (NameRow("", task.relations),)
    families, laid_out = families_of(task), pedigree_of(task, part.people)
    if families is None or laid_out is None:
        return View(part, (NameRow("", part.people),), relations)
    rows = []
    for names in laid_out.rows:
        numbers = sorted({families.generation(name) for name in names})
        several = f"s {numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f" {numbers[0]}"
        rows.append(NameRow(f"generation{several}", names))
    return View(part, tuple(rows), relations, (drawing_of(laid_out),))


def view_of(model: Model, around: str | None = None, most: int = MAX_PEOPLE_SHOWN) -> View:
    """The view of a model: the paper's of the network of the paper, else a pedigree.

    Args:
        around: who the shown people are near to, in a pedigree; by default, of many, who has the most facts.
        most: how many people to show at most.
    """
    if around is None and is_of_the_paper(model) and len(model.task.people) <= most:
        return paper_view()
    return pedigree_view(model.task, people_around(model.task, around, most))


def is_of_the_paper(model: Model) -> bool:
    """Whether facts and layers are those of the paper, in its order; other sizes need other places."""
    own, papers = (
        [(layer.name, layer.units) for layer in each.layers] for each in (model.architecture, FAMILY_TREE_NETWORK)
    )
    return is_in_the_papers_order(model.task) and own == papers


def check_layers(model: Model) -> None:
    """See that the layers are those of the paper, of whatever sizes.

    Raises:
        FamilyTreesError: they are others.
    """
    own, known = ([layer.name for layer in each.layers] for each in (model.architecture, FAMILY_TREE_NETWORK))
    if own != known:
        raise FamilyTreesError(f"the figures are of networks with the layers {', '.join(known)}, not {', '.join(own)}")
