"""Views of people: who is shown, and in which layout, the paper's or that of a pedigree.

Every figure of people takes a view, so that one function draws it in both layouts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from family_trees.engine.embedding import Embedding
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
    """Names that stand in one row of a figure."""

    label: str
    """Such as "English" or "generation 2"; may be empty."""
    names: tuple[str, ...]


@dataclass(frozen=True)
class View:
    """The people that figures show, and their layout."""

    part: ShownPeople
    """The people that are shown, and of how many they are a part."""
    rows: tuple[NameRow, ...]
    """The people in rows: the two nationalities in the paper, the generations in a pedigree, else one row."""
    relation_rows: tuple[NameRow, ...]
    """The relations in rows: two rows of six in the paper, else one row."""
    drawings: tuple[Drawing, ...] = ()
    """The trees of figure 2: two in the paper, else one pedigree; none if the facts hold no tree."""
    equivalents: tuple[tuple[str, str], ...] = ()
    """In the paper's layout, each English person with the Italian equivalent below; else empty."""
    generation: Mapping[str, int] = field(default_factory=dict)
    """In the paper's layout, the generation of each person, from 1, the oldest; else empty."""

    @property
    def people(self) -> tuple[str, ...]:
        """The people that are shown, row by row."""
        return tuple(name for row in self.rows for name in row.names)

    @property
    def has_paper_layout(self) -> bool:
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


def name_rows_of_task(task: Task) -> tuple[NameRow, ...]:
    """All people of a task: in the two rows of the paper if they are those of 1986 in its order, else in one row."""
    return paper_view().rows if is_in_the_papers_order(task) else (NameRow("", task.people),)


def pedigree_view(task: Task, part: ShownPeople) -> View:
    """A part of the people of any task in a pedigree, a row a generation; in one row if the facts hold no tree."""
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
    """The view of a model: the paper's layout for the network of the paper, else a pedigree.

    Args:
        around: show the people near to this person, in a pedigree. By default, if there are many people, it is the one
            with the most facts.
        most: the most people to show.
    """
    if around is None and is_paper_network(model) and len(model.task.people) <= most:
        return paper_view()
    return pedigree_view(model.task, people_around(model.task, around, most))


def is_paper_network(model: Model) -> bool:
    """Whether people and relations are those of the paper in its order, and so are the layers and their sizes.

    Vectors and matrices of these people count, too.
    """
    if isinstance(model.architecture, Embedding):
        return is_in_the_papers_order(model.task)
    layers, paper_layers = (
        [(layer.name, layer.units) for layer in each.layers] for each in (model.architecture, FAMILY_TREE_NETWORK)
    )
    return is_in_the_papers_order(model.task) and layers == paper_layers


def check_is_layered(model: Model) -> None:
    """See that a model has units in layers, as a figure of them needs it.

    Raises:
        FamilyTreesError: it has vectors or matrices.
    """
    if isinstance(model.architecture, Embedding):
        raise FamilyTreesError(
            "this figure is of units in layers, and a model of vectors or matrices has none; draw_product, "
            "draw_people_as_matrices and draw_relations_as_matrices draw it"
        )


def check_paper_layers(model: Model) -> None:
    """See that the layers have the names and order of the paper's, in any sizes.

    Raises:
        FamilyTreesError: the layers are others, or there are none.
    """
    check_is_layered(model)
    layers, known = ([layer.name for layer in each.layers] for each in (model.architecture, FAMILY_TREE_NETWORK))
    if layers != known:
        raise FamilyTreesError(
            f"the figures are of networks with the layers {', '.join(known)}, not {', '.join(layers)}"
        )
