"""The people whom the figures show, and how they stand."""

from __future__ import annotations

from dataclasses import dataclass

from family_trees.families.kinship import ShownPeople, families_among, families_of
from family_trees.families.of_1986 import is_of_1986, load_families
from family_trees.families.pedigree import Pedigree, pedigree
from family_trees.families.relations import RELATIONS
from family_trees.families.task import Task
from family_trees.models.layered import FAMILY_TREE_NETWORK
from family_trees.models.model import Model
from family_trees.support.errors import FamilyTreesError


@dataclass(frozen=True)
class View:
    """The people whom the figures show, and how they stand."""

    part: ShownPeople
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    """The label of each generation, such as "generation 2", and its people; one row without a label where the facts
    tell of no generations."""
    pedigree: Pedigree | None
    """None where the facts tell of no parents and no marriages."""

    @property
    def people(self) -> tuple[str, ...]:
        """As they stand, row by row."""
        return tuple(name for _, names in self.rows for name in names)


def view(task: Task, part: ShownPeople) -> View:
    """The people of `part` as they stand in a pedigree, where the facts tell of one."""
    whole = families_of(task)
    shown = None if whole is None else families_among(whole, part.people)
    if whole is None or shown is None or not (shown.marriages or shown.births):
        return View(part, (("", part.people),), None)
    laid_out = pedigree(shown)
    rows = []
    for names in laid_out.rows:
        numbers = sorted({whole.generation(name) for name in names})
        several = f"s {numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f" {numbers[0]}"
        rows.append((f"generation{several}", names))
    return View(part, tuple(rows), laid_out)


def is_of_the_paper(model: Model) -> bool:
    """Whether facts and layers are those of the paper, and in its order; other sizes need other places."""
    paper = tuple(person.name for person in load_families().people)
    sizes = [[(layer.name, layer.units) for layer in each.layers] for each in (model.architecture, FAMILY_TREE_NETWORK)]
    names = (model.task.people, model.task.relations)
    return is_of_1986(model.task) and names == (paper, RELATIONS) and sizes[0] == sizes[1]


def check_layers(model: Model) -> None:
    """See that the layers are those of the paper, of whatever sizes.

    Raises:
        FamilyTreesError: they are others.
    """
    own, known = ([layer.name for layer in each.layers] for each in (model.architecture, FAMILY_TREE_NETWORK))
    if own != known:
        raise FamilyTreesError(f"the figures are of networks with the layers {', '.join(known)}, not {', '.join(own)}")
