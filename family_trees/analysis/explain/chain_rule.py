"""The chain rule as a tree, for a weight of a model or for an example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from family_trees.analysis.explain import graph
from family_trees.analysis.explain.case import moment_of_model
from family_trees.analysis.explain.chain_tree import PATHS_IN_TREE, ChainTree, graph_tree, weight_tree
from family_trees.analysis.explain.examples import example_moment
from family_trees.analysis.explain.graph import Graph
from family_trees.analysis.explain.moment import Moment, find_unit
from family_trees.analysis.explain.sections import Section
from family_trees.families.task import Case
from family_trees.models.model import Model
from family_trees.models.successors import learner_name
from family_trees.support.errors import FamilyTreesError

RULE = "Multiply along each path from the root. Add over the paths that end at the same number."

EXAMPLE_WEIGHT = ("x 1", "h 1")
"""The weight of the worked example whose tree is drawn if none is named."""


class TitledTree(NamedTuple):
    """A tree and what it shows."""

    title: str
    tree: ChainTree
    where: str = ""
    """Of a network: the question, and when it is asked."""
    note: str = ""
    """What the sum can be held against."""


GRAPHS: Mapping[str, tuple[tuple[str, Graph], ...]] = {
    "apples": (
        ("2 apples at 100 and 3 oranges at 150, tax 1.1", graph.APPLES_AND_ORANGES),
        ("z = t * t with t = x + y, at x = 3 and y = 4", graph.SQUARE_OF_A_SUM),
    ),
    "nested": (("l = (f3 - d)^2, f3 = b3 + w3 cos(b2 + w2 exp(b1 + w1 sin(b0 + w0 x)))", graph.NESTED),),
}
"""The computation graphs of the examples, each with its title."""


def check_has_tree(model: Model) -> None:
    """Check that a model is a network of 1986, whose weights lie on paths from unit to unit.

    Raises:
        FamilyTreesError: it is a successor.
    """
    if (name := learner_name(model.architecture)) != "network":
        raise FamilyTreesError(
            f"--chain-rule: it needs a network of 1986, and this model is of {name}; leave it out, or train with "
            "--learner network"
        )


def chain_rule_of_model(
    model: Model, case: Case, weight: tuple[str, str], sweep: int | None = None, most: int | None = PATHS_IN_TREE
) -> TitledTree:
    """The tree from the error of a question down to a weight.

    Args:
        weight: its units, such as ("person Colin", "person code 6").
        sweep: of the network after this sweep; by default after the last one.
        most: how many of the strongest paths to draw.

    Raises:
        FamilyTreesError: no such weight or sweep; the question has no answer; no error reaches the weight; or the model
            is no network of 1986.
    """
    check_has_tree(model)
    at = moment_of_model(model, case, sweep, changes=False)
    if case not in model.task.answers:
        words = model.task.words
        raise FamilyTreesError(f"{case.person} has no {case.relation} in the {words.source}: no error, and no gradient")
    asked = f"The error of {case.person} {model.task.words.has}{case.relation} ?, after sweep {at.t - 1}."
    return _of_weight(at, weight, most, asked)


def chain_rule_of_example(
    name: str, weight: tuple[str, str] | None = None, most: int | None = PATHS_IN_TREE
) -> tuple[TitledTree, ...]:
    """The trees of an example: of a weight of the worked example, or of computation graphs.

    Raises:
        FamilyTreesError: the example has no tree, or no such weight.
    """
    if name == "worked-example":
        return (
            _of_weight(
                example_moment(), weight or EXAMPLE_WEIGHT, most, "The error of the worked example, before its sweep."
            ),
        )
    if name not in GRAPHS:
        raise FamilyTreesError(
            f"{name} has no tree of the chain rule; {', '.join(('worked-example', *GRAPHS))} have one"
        )
    if weight:
        raise FamilyTreesError(
            f"{name}: its tree has all numbers; --weight goes with worked-example, or with a question"
        )
    return tuple(TitledTree(title, graph_tree(of, squares_apart=name != "nested")) for title, of in GRAPHS[name])


def _of_weight(at: Moment, weight: tuple[str, str], most: int | None, where: str) -> TitledTree:
    below, above = (find_unit(at.network, at.names, text) for text in weight)
    tree = weight_tree(at, below, above, most)
    direct = float(at.case_gradient[at.connection(below, above)][0, below.place, above.place])
    title = f"The weight w from {at.name(below)} to {at.name(above)}"
    return TitledTree(title, tree, where, f"Equation 6 gives dE/dw = {direct:.6g}.")


def chain_rule_sections(trees: tuple[TitledTree, ...]) -> list[Section]:
    """The trees as the parts of an explanation."""
    return [
        Section(each.title, tuple(filter(None, (f"{each.where} {RULE}".strip(), each.tree, each.note))))
        for each in trees
    ]
