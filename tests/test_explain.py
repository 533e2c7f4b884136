"""Equations with their numbers: every step adds up, every path multiplies, and all is what the engine trains by."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from family_trees.analysis.explain import graph
from family_trees.analysis.explain.case import explain_case, moment_of_model
from family_trees.analysis.explain.examples import worked_example
from family_trees.analysis.explain.graph_examples import apples, nested
from family_trees.analysis.explain.moment import Moment, UnitPlace, find_unit
from family_trees.analysis.explain.paths import ErrorPath, error_paths
from family_trees.analysis.explain.sections import Section, eight_decimals
from family_trees.analysis.explain.steps import Step, backward_steps, error_step, forward_steps, weight_steps
from family_trees.analysis.explain.text import as_markdown, as_text
from family_trees.analysis.explain.unit_examples import (
    XOR_OF_THRESHOLDS,
    kinds_of_units,
    xor_by_threshold_units,
    xor_weights,
)
from family_trees.engine.cases import Cases
from family_trees.engine.learning import gradient
from family_trees.engine.network import BIAS, Architecture, Connection, Layer
from family_trees.engine.recipe import DEFAULT
from family_trees.families.task import Case, Task
from family_trees.models.model import Model
from family_trees.models.saved import load
from family_trees.models.symmetry import xor_task
from family_trees.models.training import train
from family_trees.support.errors import FamilyTreesError

COLIN_AUNT = Case("Colin", "aunt")


@pytest.fixture(scope="module")
def at() -> Moment:
    return moment_of_model(load(), COLIN_AUNT, 300, changes=True)


def adds_up(step: Step) -> bool:
    return not step.terms or sum(term.value for term in step.terms) == pytest.approx(step.value, rel=1e-9, abs=1e-15)


def units(at: Moment) -> list[UnitPlace]:
    return [UnitPlace(layer.name, k) for layer in at.network.layers for k in range(layer.units)]


def test_every_step_of_every_unit_adds_up(at: Moment) -> None:
    for unit in units(at):
        steps = [*forward_steps(at, unit), *backward_steps(at, unit)]
        assert all(adds_up(step) for step in steps), unit
        layer = at.layer(unit.layer)
        if layer.sees:
            last = "4" if layer == at.network.output else "7"
            assert [step.equation for step in steps] == ["1", "2", last, "5"]
            assert steps[1].value == at.y[unit.layer][0, 0, unit.place]
            assert steps[3].value == at.case_derivatives.dE_dx[unit.layer][0, 0, unit.place]
        else:
            assert [step.equation for step in steps] == [""]
    assert adds_up(error_step(at))


def test_every_path_multiplies_and_all_add_up_to_the_gradient(at: Moment) -> None:
    for below, above, count in (
        (UnitPlace("person", 5), UnitPlace("person code", 5), 12 * 6),
        (UnitPlace("relation", 3), UnitPlace("relation code", 0), 12 * 6),
        (UnitPlace("central", 3), UnitPlace("penultimate", 1), 1),
        (UnitPlace("penultimate", 1), UnitPlace("answer", 9), None),
        (UnitPlace(BIAS, 0), UnitPlace("central", 7), 6),
    ):
        found = error_paths(at, below, above)
        ways = found.strongest
        gradient_of_case = at.case_gradient[at.connection(below, above)][0, below.place, above.place]
        assert sum(way.value for way in ways) == pytest.approx(gradient_of_case, rel=1e-9, abs=1e-18)
        assert all(way.value == pytest.approx(np.prod([value for _, value in way.factors])) for way in ways)
        assert [abs(way.value) for way in ways] == sorted((abs(way.value) for way in ways), reverse=True)
        if count is not None:
            wrong = np.count_nonzero(at.case_derivatives.dE_dx["answer"])
            assert len(ways) == count * wrong
        assert found.path_count == len(ways)
        assert found.total == pytest.approx(gradient_of_case, rel=1e-9, abs=1e-18)
        few = error_paths(at, below, above, 3)  # found without making the others
        assert few[:2] == pytest.approx(found[:2])
        assert [way.value for way in few.strongest] == [way.value for way in ways[:3]]


def test_the_weight_change_is_that_of_training(at: Moment, task: Task) -> None:
    below, above = UnitPlace("person", 5), UnitPlace("person code", 5)
    steps = weight_steps(at, below, above)
    assert [step.equation for step in steps] == ["6", "6", "8, 9", ""]
    assert all(adds_up(step) for step in steps)
    model = load()
    connection = at.connection(below, above)
    before, after = (model.state(t).weights[connection][0, 5, 5] for t in (300, 301))
    assert (at.weight(below, above), steps[-1].value) == (before, after)
    cases = Cases(task.inputs(), task.desired(), task.training_mask(model.held_out)[None])
    whole = gradient(at.network, model.state(300).weights, cases, model.recipe.error_signal, model.recipe.margin)
    assert steps[1].value == pytest.approx(whole[connection][0, 5, 5], rel=1e-9)


@pytest.mark.committed
def test_the_first_weight_changes_are_those_of_a_training_from_the_start(task: Task) -> None:
    """On every processor: of the 60 sweeps, none differs by more than about 1e-10."""
    model, below, above = load(), UnitPlace("person", 5), UnitPlace("person code", 5)
    recipe = replace(model.recipe, sweeps=61)
    trained = train(task, recipe, seed=model.seed, first=model.number, snapshots=[40, 41, 60, 61])
    for t in (40, 60):
        at = moment_of_model(model, COLIN_AUNT, t, changes=True)
        expected = [trained.snapshots[s][at.connection(below, above)][0, 5, 5] for s in (t, t + 1)]
        found = [at.weight(below, above), weight_steps(at, below, above)[-1].value]
        assert found == pytest.approx(expected, abs=1e-9)
        assert abs(expected[1] - expected[0]) > 1e-5


@pytest.mark.parametrize(
    "change",
    [
        {"error_signal": "cross-entropy"},
        {"units": "tanh"},
        {"units": "relu", "fan_in": True},
        {"averaged": True},
        {"error_signal": "softmax", "margin": 0.0},
        {"biases": False},
        {"decay_from": 100},
    ],
)
def test_other_recipes_add_up_too(task: Task, change: dict[str, object]) -> None:
    recipe = replace(DEFAULT, name="other", sweeps=4, **change)  # type: ignore[arg-type]
    model = train(task, recipe, seed=2, trajectory=True).model(0)
    at = moment_of_model(model, COLIN_AUNT, None, changes=True)
    for unit in units(at):
        assert all(adds_up(step) for step in (*forward_steps(at, unit), *backward_steps(at, unit)))
    assert all(adds_up(step) for step in weight_steps(at, UnitPlace("person", 5), UnitPlace("person code", 2)))
    assert as_text(explain_case(model, COLIN_AUNT))


def test_batches_change_weights_more_than_once_a_sweep(task: Task) -> None:
    model = train(task, replace(DEFAULT, name="batches", sweeps=2, batch=10), seed=2, trajectory=True).model(0)
    text = as_text(explain_case(model, COLIN_AUNT, weight=("person Colin", "person code 1"), sweep=1))
    assert "after every 10 cases" in text
    assert "(8, 9)" not in text


def test_the_worked_example_to_eight_decimals() -> None:
    text = as_text(worked_example(), eight_decimals)
    for printed in (
        *("0.29959556", "0.24919112", "0.39964496", "0.34928991", "0.43703857", "0.38685205", "0.69629578"),
        *("0.59624247", "0.51998934", "0.52747230", "0.51993887", "0.52742806", "0.60944600", "0.66384491"),
        *("0.60617688", "0.66295848", "0.02397190", "0.02323634", "0.20944600", "0.23802157", "0.02592286"),
        *("0.02243370", "0.00997311", "0.03240681", "0.00080888"),
    ):
        assert printed in text, printed


def test_apples() -> None:
    for given_graph, value, slopes in (
        (graph.APPLES, 220, {"price": 2.2, "count": 110, "tax": 200}),
        (
            graph.APPLES_AND_ORANGES,
            715,
            {"apple price": 2.2, "apple count": 110, "orange price": 3.3, "orange count": 165, "tax": 650},
        ),
        (graph.SQUARE_OF_A_SUM, (3 + 4) ** 2, {"x": 2 * (3 + 4), "y": 2 * (3 + 4), "t": 2 * (3 + 4)}),
    ):
        values = graph.forward(given_graph)
        assert values[given_graph.nodes[-1].name] == pytest.approx(value)
        derivatives = graph.backward(given_graph, values)
        assert {name: derivatives[name] for name in slopes} == pytest.approx(slopes)
    text = as_text(apples())
    assert "220" in text
    assert "3.3" in text
    assert re.search(r"x +3 +14\n", text)


def test_the_nested_function_to_eight_decimals() -> None:
    sections = nested()
    for text in (as_text(sections, eight_decimals), as_markdown(sections, eight_decimals)):
        for printed in (
            *("0.90000000", "0.78332691", "0.49166345", "1.63503376", "1.10802701", "0.44642785", "1.19285571"),
            *("0.03719332", "0.38571141", "0.77142283", "-0.69028429", "-0.55222743", "-0.90291050", "-0.45145525"),
            *("-0.28062908", "-0.11225163", "-0.70727409", "-1.12863812", "0.17219232"),
        ):
            assert printed in text, printed
        assert "-0.000000" not in text
    text = as_text(sections, eight_decimals)
    assert "dl/df2 = dl/dh3 (-sin(f2)) = -0.69028429" in text
    assert re.search(r"  2 +-0.69028429 +-0.69028429 +h2 = 1.63503376 +-1.12863812\n", text)
    assert max(map(len, text.splitlines())) <= 80
    latex = r"$$\frac{\partial l}{\partial f_1} = \frac{\partial l}{\partial h_2} \exp(f_1) = "
    assert latex in as_markdown(sections, eight_decimals)


def test_every_step_and_path_of_the_nested_function_is_its_derivative() -> None:
    derivatives = graph.backward(graph.NESTED, graph.forward(graph.NESTED))
    items = [item for section in nested() for item in section.content]
    steps = [item for item in items if isinstance(item, Step)]
    assert [step.formula.split(" = ")[0] for step in steps] == [
        *("dl/d error", "dl/df3", "dl/dh3", "dl/df2", "dl/dh2", "dl/df1", "dl/dh1", "dl/df0")
    ]
    for step in steps:
        assert adds_up(step)
        assert step.value == derivatives[step.formula.split(" = ")[0].removeprefix("dl/d").strip()]
    (path,) = (item for item in items if isinstance(item, ErrorPath))
    assert path.value == pytest.approx(derivatives["w0"], rel=1e-12)


def slope_by_differences(of: graph.Graph, place: int, h: float = 1e-6) -> float:
    """The derivative of the result by the given number at `place`, by central differences."""
    node, ends = of.nodes[place], []
    for sign in (1, -1):
        moved = (*of.nodes[:place], replace(node, value=node.value + sign * h), *of.nodes[place + 1 :])
        ends.append(graph.forward(graph.Graph(moved))[of.nodes[-1].name])
    return (ends[0] - ends[1]) / (2 * h)


@pytest.mark.parametrize("of", [graph.NESTED, graph.MAXOUT, graph.SQUARE_OF_A_SUM, graph.APPLES_AND_ORANGES])
def test_the_derivatives_of_the_examples_are_finite_differences(of: graph.Graph) -> None:
    derivatives = graph.backward(of, graph.forward(of))
    for place, node in enumerate(of.nodes):
        if node.kind == "given":
            assert derivatives[node.name] == pytest.approx(slope_by_differences(of, place), rel=1e-6), node.name


def test_units_and_their_slopes() -> None:
    text = as_text(kinds_of_units())
    assert re.search(r"threshold +1 above 0, else 0 +0 +0 +1 +1\n", text)
    assert re.search(r"leaky-relu +\(1 above 0, else 0.1\) +0.1 +0.1 +1 +1\n", text)
    assert re.search(r"logistic +y_j \(1 - y_j\) +0.006648 +0.1966 +0.1966 +0.006648\n", text)
    assert max(map(len, text.splitlines())) <= 80
    derivatives = graph.backward(graph.MAXOUT, graph.forward(graph.MAXOUT))
    assert [derivatives[name] for name in ("w1", "b1", "w2", "b2", "x")] == [2, 1, 0, 0, 1]


def test_xor_by_threshold_units() -> None:
    task = xor_task()
    y = XOR_OF_THRESHOLDS.activities(xor_weights(), {"x": task.inputs})
    bits = [(int(a), int(b)) for a, b in task.inputs]
    assert y["s"][0].tolist() == [[int(not (a and b)), int(a or b)] for a, b in bits]
    assert np.array_equal(XOR_OF_THRESHOLDS.answers(xor_weights(), {"x": task.inputs})[0], task.desired)
    assert re.findall(r"^ +(\d) +(\d) +\d +\d +(\d) +(\d)$", as_text(xor_by_threshold_units()), re.MULTILINE) == [
        (str(a), str(b), str(a ^ b), str(a ^ b)) for a, b in bits
    ]


@st.composite
def graphs(draw: st.DrawFn) -> graph.Graph:
    nodes = [graph.Node(f"g{k}", "given", value=draw(st.floats(-2, 2))) for k in range(draw(st.integers(1, 4)))]
    given_names = [node.name for node in nodes]
    for k in range(draw(st.integers(0, 6))):
        kind = draw(st.sampled_from([each for each in get_args(graph.NodeKind) if each != "given"]))
        # Functions take given numbers alone, so that no exponential overflows.
        names = given_names if kind in graph.FUNCTIONS else [node.name for node in nodes]
        least, most = (2, 2) if kind == "difference" else (1, 1) if kind in graph.FUNCTIONS else (1, 3)
        of = draw(st.lists(st.sampled_from(names), min_size=least, max_size=most))
        nodes.append(graph.Node(f"n{k}", kind, tuple(of)))
    return graph.Graph(tuple(nodes))


@given(graphs())
def test_derivatives_of_any_graph_are_finite_differences(of: graph.Graph) -> None:
    values = graph.forward(of)
    for node in of.nodes:
        if node.kind == "max":  # where two are equal, it has no derivative
            largest = sorted({*node.operands}, key=lambda name: -values[name])[:2]
            assume(len(largest) == 1 or values[largest[0]] - values[largest[1]] > 1e-2)
    derivatives = graph.backward(of, values)
    for k, node in enumerate(of.nodes):
        if node.kind == "given":
            assert derivatives[node.name] == pytest.approx(slope_by_differences(of, k), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(
    "nodes",
    [
        (),
        (graph.Node("a", "given"), graph.Node("a", "given")),
        (graph.Node("a", "sum"),),
        (graph.Node("a", "given", ("a",)),),
        (graph.Node("a", "sum", ("b",)),),
        (graph.Node("a", "given"), graph.Node("b", "difference", ("a",))),
        (graph.Node("a", "given"), graph.Node("b", "sin", ("a", "a"))),
    ],
)
def test_what_is_no_graph(nodes: tuple[graph.Node, ...]) -> None:
    with pytest.raises(ValueError, match=r"node|nodes"):
        graph.Graph(nodes)


def test_units_are_found_by_name_and_number(at: Moment) -> None:
    for text, unit in (
        ("person code 3", UnitPlace("person code", 2)),
        ("Person Colin", UnitPlace("person", 5)),
        ("answer: jennifer", UnitPlace("answer", 9)),
        ("relation aunt", UnitPlace("relation", 11)),
        ("person 6", UnitPlace("person", 5)),
        ("bias", UnitPlace(BIAS, 0)),
    ):
        assert find_unit(at.network, at.names, text) == unit
    for text, told in (
        ("central 13", "there are 1 to 12"),
        ("answer Jenifer", "did you mean Jennifer"),
        ("hidden 3", "layers: person, relation, person code"),
    ):
        with pytest.raises(FamilyTreesError, match=told):
            find_unit(at.network, at.names, text)


def test_markdown_has_the_formulas_and_their_numbers() -> None:
    text = as_markdown(explain_case(load(), COLIN_AUNT, weight=("person Colin", "person code 6")))
    for number in ("1", "2", "3", "5", "6", "7", "8, 9"):
        assert rf"\tag{{{number}}}" in text
    assert text.count("$$") % 2 == 0
    assert text.startswith("# Colin has-aunt ?")
    assert as_markdown([Section("a", ())]).startswith("# a")


def test_a_model_without_a_course_of_learning_says_so(model: Model) -> None:
    assert explain_case(model, COLIN_AUNT, unit="central 3")
    for weight, sweep in ((("bias", "central 3"), None), (("bias", "central 3"), 3), (None, 3)):
        with pytest.raises(FamilyTreesError, match=r"keeps no course of learning, .* 'family-trees train'"):
            explain_case(model, COLIN_AUNT, weight=weight, sweep=sweep)


def test_a_question_without_an_answer_is_explained_forward_alone(task: Task) -> None:
    question = Case("Colin", "husband")
    softmax = train(
        task,
        replace(DEFAULT, name="softmax", sweeps=2, error_signal="softmax", margin=0.0),
        seed=1,
        trajectory=True,
    ).model(0)
    for model in (load(), softmax):
        for text in (as_text(explain_case(model, question)), as_text(explain_case(model, question, unit="central 3"))):
            assert "The trees hold no answer" in text
            assert "nan" not in text
            assert "(5)" not in text
        with pytest.raises(FamilyTreesError, match="Colin has no husband in the trees: no error, and no gradient"):
            explain_case(model, question, weight=("bias", "central 3"))


def test_cross_entropy_has_its_own_equations(task: Task) -> None:
    recipe = replace(DEFAULT, name="entropy", sweeps=2, error_signal="cross-entropy")
    text = as_text(explain_case(train(task, recipe, seed=1).model(0), COLIN_AUNT, unit="answer Jennifer"))
    assert "E = -sum_j [d_j ln y_j + (1 - d_j) ln(1 - y_j)]" in text
    assert "(4, 5)  dE/dx_j = y_j - d_j" in text


def test_a_layer_that_nobody_sees_and_one_that_shares_its_weights(model: Model) -> None:
    *lower, answer = model.architecture.layers
    dead = Architecture((*lower, Layer("dead", 2, ("person",)), answer))
    weights = model.weights | {Connection("person", "dead"): np.ones((1, 24, 2))}
    blind = replace(model, architecture=dead, weights=weights)
    assert "no layer sees this unit" in as_text(explain_case(blind, COLIN_AUNT, unit="dead 1"))
    assert "Forward and backward: dead" in as_text(explain_case(blind, COLIN_AUNT))
    shared = Architecture((*lower, Layer("twin", 6, ("person", BIAS), copies="person code"), answer))
    with pytest.raises(FamilyTreesError, match="'twin' shares its weights with another"):
        explain_case(replace(model, architecture=shared), COLIN_AUNT)


def test_on_the_command_line() -> None:
    def ran(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "family_trees", "explain", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    whole = ran("Colin", "aunt").stdout
    assert "Above 0.5: Jennifer (0.835), Margaret (0.783)." in whole
    assert re.search(r"Forward and backward: answer\n-+\n", whole)
    assert max(map(len, whole.splitlines())) <= 80
    assert "0.00080888" in ran("worked-example").stdout
    assert "715" in ran("apples", "--markdown").stdout
    assert "-1.12863812" in ran("nested").stdout
    assert "after sweep 0" in ran("Sophia", "uncle", "--sweep", "0", "--unit", "central 2").stdout
    for words, told in (
        (("Colin",), "or one of worked-example, apples, nested, units, xor"),
        (("Colin", "aunt", "--unit", "x", "--weight", "x", "y"), "give one of them"),
        (("apples", "--sweep", "3"), "apples has only the options --markdown and --chain-rule"),
        (("Colin", "aunt", "--sweep", "1501"), "give 0 to 1500"),
        (("Colin", "aunt", "--weight", "central 3", "person code 1"), "no weight leads from central 3"),
    ):
        failed = ran(*words)
        assert failed.returncode != 0
        assert told in failed.stderr
        assert "Traceback" not in failed.stderr
