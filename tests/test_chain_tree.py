"""Trees of the chain rule: their sums over paths are the gradient of the engine, and finite differences."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib.text import Text

from family_trees.analysis.explain import graph
from family_trees.analysis.explain.case import moment_of_model
from family_trees.analysis.explain.chain_rule import (
    chain_rule_of_example,
    chain_rule_of_model,
    chain_rule_sections,
)
from family_trees.analysis.explain.chain_tree import ChainNode, ChainTree, ends, graph_tree, weight_tree
from family_trees.analysis.explain.examples import EXAMPLE_NETWORK, example_moment
from family_trees.analysis.explain.moment import Moment, UnitPlace
from family_trees.analysis.explain.sections import eight_decimals
from family_trees.analysis.explain.text import as_markdown, as_text
from family_trees.cli import cli
from family_trees.engine.cases import Cases
from family_trees.engine.evaluation import evaluate
from family_trees.engine.learning import gradient
from family_trees.engine.network import BIAS
from family_trees.engine.units import ErrorSignal
from family_trees.families.task import Case
from family_trees.models.saved import load
from family_trees.support.errors import FamilyTreesError
from family_trees.views.figures.chain_tree import draw_chain_trees

COLIN_AUNT = Case("Colin", "aunt")


def paths(node: ChainNode, above: tuple[float, ...] = ()) -> list[tuple[float, ...]]:
    """The factors along every path down to an end."""
    here = (*above, *(number for _, number in node.factors))
    return [path for each in node.below for path in paths(each, here)] if node.below else [here]


def check_products(tree: ChainTree) -> None:
    """Every product is that of the factors along its path."""
    assert [node.product for node in ends(tree.root)] == pytest.approx([prod(path) for path in paths(tree.root)])


def by_difference(
    at: Moment, below: UnitPlace, above: UnitPlace, signal: ErrorSignal = "squared", h: float = 1e-6
) -> float:
    """dE/dw of the case by two small changes of the weight, without any back-propagation."""
    connection, found = at.connection(below, above), []
    one = Cases({layer.name: at.y[layer.name] for layer in at.network.inputs}, at.desired, np.ones((1, 1)))
    for sign in (1, -1):
        weights = {name: each.copy() for name, each in at.state.weights.items()}
        weights[connection][0, below.place, above.place] += sign * h
        found.append(float(evaluate(at.network, weights, one, signal).objective[0]))
    return (found[0] - found[1]) / (2 * h)


@pytest.mark.parametrize("below", [("x", 0), ("x", 1), ("h", 0), ("h", 1)])
@pytest.mark.parametrize("place", [0, 1])
def test_every_weight_of_the_worked_example(below: tuple[str, int], place: int) -> None:
    at = example_moment()
    unit, above = UnitPlace(*below), UnitPlace("h" if below[0] == "x" else "y", place)
    tree = weight_tree(at, unit, above, None)
    check_products(tree)
    (found,) = tree.sums
    assert len(found.products) == (2 if below[0] == "x" else 1)
    cases = Cases({"x": np.array([[0.1, 0.2]])}, at.desired, np.ones((1, 1)))
    connection = at.connection(unit, above)
    engine = gradient(EXAMPLE_NETWORK, at.state.weights, cases)[connection][0, unit.place, place]
    assert found.total == pytest.approx(engine, rel=1e-12)
    assert found.total == pytest.approx(by_difference(at, unit, above), rel=1e-6)


@pytest.mark.parametrize(
    ("below", "above"),
    [
        (UnitPlace("person", 5), UnitPlace("person code", 5)),
        (UnitPlace("relation", 3), UnitPlace("relation code", 0)),
        (UnitPlace("penultimate", 1), UnitPlace("answer", 9)),
        (UnitPlace(BIAS, 0), UnitPlace("central", 7)),
    ],
)
@pytest.mark.parametrize("signal", ["squared", "cross-entropy", "softmax"])
def test_weights_of_a_family_trees_network(below: UnitPlace, above: UnitPlace, signal: ErrorSignal) -> None:
    model = load()
    network = model.network
    if signal == "softmax":
        *lower, output = network.layers
        network = replace(network, layers=(*lower, replace(output, kind="softmax")))
    recipe = replace(model.recipe, error_signal=signal, margin=0.0)
    model = replace(model, recipe=recipe, architecture=network)
    person, answer = model.task.people.index("Colin"), model.task.people.index("Jennifer")
    below, above = (replace_place(unit, person, answer) for unit in (below, above))
    at = moment_of_model(model, COLIN_AUNT, 300, changes=False)
    direct = float(at.case_gradient[at.connection(below, above)][0, below.place, above.place])
    whole, few = weight_tree(at, below, above, None), weight_tree(at, below, above, 4)
    for tree in (whole, few):
        check_products(tree)
        assert tree.sums[0].total == pytest.approx(direct, rel=1e-9, abs=1e-18)
    assert direct == pytest.approx(by_difference(at, below, above, signal), rel=1e-4, abs=1e-10)
    assert whole.left_out is None
    count = len(whole.sums[0].products)
    if count > 4:
        drawn = few.sums[0].products
        assert few.left_out is not None
        assert few.left_out.left_out == count - 4
        strongest = sorted(map(abs, whole.sums[0].products), reverse=True)
        assert sorted(map(abs, drawn), reverse=True) == pytest.approx(strongest[:4])
        weaker = sum(whole.sums[0].products) - sum(drawn)
        assert few.left_out.left_out_sum == pytest.approx(weaker, rel=1e-9, abs=1e-18)


def replace_place(unit: UnitPlace, person: int, answer: int) -> UnitPlace:
    """The unit, but of a person who is asked about, or who is an answer."""
    return UnitPlace(unit.layer, {"person": person, "answer": answer}.get(unit.layer, unit.place))


@pytest.mark.parametrize("of", [graph.APPLES, graph.APPLES_AND_ORANGES, graph.SQUARE_OF_A_SUM, graph.NESTED])
@pytest.mark.parametrize("squares_apart", [True, False])
def test_trees_of_graphs_are_their_derivatives(of: graph.Graph, *, squares_apart: bool) -> None:
    tree = graph_tree(of, squares_apart=squares_apart)
    check_products(tree)
    derivatives = graph.backward(of, graph.forward(of))
    given = [node.name for node in of.nodes if node.kind == "given"]
    assert [each.total for each in tree.sums] == pytest.approx([derivatives[name] for name in given])
    by_name = {name: sum(node.product for node in ends(tree.root) if node.name == name) for name in given}
    assert by_name == pytest.approx({name: derivatives[name] for name in given})


def test_two_ways_lead_to_x_in_a_square() -> None:
    apart, once = (graph_tree(graph.SQUARE_OF_A_SUM, squares_apart=each) for each in (True, False))
    assert [each.products for each in apart.sums] == [(7.0, 7.0), (7.0, 7.0)]
    assert [each.products for each in once.sums] == [(14.0,), (14.0,)]


def test_a_tree_as_text() -> None:
    (tree,) = chain_rule_of_example("worked-example")
    text = as_text(chain_rule_sections((tree,)), eight_decimals)
    assert "|- y 1      dE/dy 0.20944600 x slope 0.23802157      0.04985267" in text
    assert "`- w  y of x 1 0.10000000                      0.00024893" in text
    assert "dE/dw = 0.00055995 + 0.00024893 = 0.00080888" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "```text\n" in as_markdown(chain_rule_sections((tree,)))
    assert "dz/dx = 7 + 7 = 14" in as_text(chain_rule_sections(chain_rule_of_example("apples")))
    assert "-sin(f2) -0.89482" in as_text(chain_rule_sections(chain_rule_of_example("nested")))


def test_what_has_no_tree() -> None:
    model = load()
    with pytest.raises(FamilyTreesError, match="xor has no tree of the chain rule; worked-example, apples, nested"):
        chain_rule_of_example("xor")
    with pytest.raises(FamilyTreesError, match="apples: its tree has all numbers"):
        chain_rule_of_example("apples", ("x 1", "h 1"))
    with pytest.raises(FamilyTreesError, match="Christopher has no father in the trees: no error"):
        chain_rule_of_model(model, Case("Christopher", "father"), ("person Christopher", "person code 1"))
    with pytest.raises(FamilyTreesError, match="no weight leads from central 3"):
        chain_rule_of_model(model, COLIN_AUNT, ("central 3", "person code 1"))
    sure = replace(model, recipe=replace(model.recipe, margin=0.4))
    with pytest.raises(FamilyTreesError, match="no error reaches this weight"):
        chain_rule_of_model(sure, COLIN_AUNT, ("bias", "person code 1"))


def test_the_drawing_has_every_number_of_the_tree() -> None:
    trees = (chain_rule_of_model(load(), COLIN_AUNT, ("person Colin", "person code 6"), 100, 3),)
    figure = draw_chain_trees(trees, str)
    texts = [each.get_text() for each in figure.findobj(Text)]

    def check(node: ChainNode) -> None:
        assert node.name in texts
        for words, number in node.factors:
            alone = len(node.factors) == 1  # in words above the arc, as a number below it
            assert {words, f"= {number}"} <= {*texts} if alone else f"{words} = {number}" in texts
        for each in node.below:
            check(each)

    check(trees[0].tree.root)
    (found,) = trees[0].tree.sums
    assert f"dE/dw = {found.total}" in texts
    assert f"along {found.left_out} more, left out here: {found.left_out_sum}" in texts
    assert all(float(each.get_fontsize()) >= 8 for each in figure.findobj(Text) if each.get_text())


def test_matrices_have_no_tree(tmp_path: Path) -> None:
    model = str(tmp_path / "m.npz")
    CliRunner().invoke(cli, ["train", "--learner", "matrices", "--sweeps", "2", "--out", model])
    failed = CliRunner().invoke(cli, ["explain", "Colin", "aunt", "--chain-rule", "--model", model])
    assert isinstance(failed.exception, FamilyTreesError)
    assert "--chain-rule: it needs a network of 1986, and this model is of matrices" in str(failed.exception)


def test_on_the_command_line(tmp_path: Path) -> None:
    run = CliRunner().invoke
    picture = tmp_path / "tree.svg"
    weight = ("--weight", "person Colin", "person code 6")
    found = run(cli, ["explain", "Colin", "aunt", *weight, "--sweep", "100", "--chain-rule", "--draw", str(picture)])
    assert found.exit_code == 0, found.output
    assert "along 210 more, left out here" in found.output
    assert ">person code 6</text>" in picture.read_text(encoding="utf-8")
    few = run(cli, ["explain", "Colin", "aunt", *weight, "--sweep", "100", "--chain-rule", "--paths", "2"])
    assert "along the 2 strongest paths" in few.output
    other = run(cli, ["explain", "worked-example", "--chain-rule", "--weight", "x 2", "h 1"])
    assert "Equation 6 gives dE/dw = 0.00161775." in other.output
    for words, told in (
        (("Colin", "aunt", "--chain-rule"), "--chain-rule: give the weight"),
        (("Colin", "aunt", "--draw", "a.svg"), "it draws the tree of --chain-rule"),
        (("Colin", "aunt", "--unit", "central 1", "--chain-rule"), "give one of them"),
        (("apples", "--weight", "x 1", "h 1"), "apples has only the options --markdown and --chain-rule"),
    ):
        failed = run(cli, ["explain", *words])
        assert failed.exit_code == 2
        assert told in failed.output
