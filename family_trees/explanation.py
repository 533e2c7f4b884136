"""What `explain` finds, written down: as text for the terminal, and as Markdown with formulas in LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from textwrap import fill, wrap
from typing import NamedTuple

import numpy as np

from family_trees import graph
from family_trees.errors import FamilyTreesError
from family_trees.explain import (
    Moment,
    Path,
    Step,
    Term,
    Unit,
    backward_steps,
    check_unshared,
    error_step,
    find_unit,
    forward_steps,
    moment,
    paths,
    weight_steps,
)
from family_trees.learning import Cases, State, start
from family_trees.model import Model
from family_trees.network import Architecture, Connection, Layer
from family_trees.recipe import Recipe
from family_trees.task import Case

TERMS = 6
"""Terms of a sum that are written out, the largest; the rest is added up."""
PATHS = 3
ROWS = 40
"""Units of a layer, at most, in a table."""


class Table(NamedTuple):
    """Numbers in rows."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A part of an explanation."""

    title: str
    content: tuple[Step | Path | Table | str, ...]


# -- what to explain


def moment_of(model: Model, case: Case, sweep: int | None, *, changes: bool) -> Moment:
    """A model and a question, after `sweep` sweeps of its training; by default, after all of them.

    Args:
        changes: whether the last change of each weight is wanted, for equation 9; then, and for a sweep before the
            last, the model is trained again.

    Raises:
        FamilyTreesError: no such sweep; or the model's weights are not what its recipe and seed give.
    """
    task, recipe = model.task, model.recipe
    last = recipe.sweeps
    if sweep is not None and not 0 <= sweep <= last:
        raise FamilyTreesError(f"sweep {sweep}: this network was trained for {last} sweeps; give 0 to {last}")
    check_unshared(model.architecture)
    how = model.course()
    state = State(last, model.weights, start(model.weights).change)
    if changes or (sweep is not None and sweep < last):
        wanted, end = last if sweep is None else sweep, state
        for end in how.states:
            if end.sweep == wanted:
                state = end
        if not model.has(end.weights):
            raise FamilyTreesError(
                "trained again from its recipe and seed, this model gets other weights: it comes from another version, "
                "or another kind of processor. Without --sweep and --weight its units can be explained; "
                "'family-trees train' makes a model whose weights can be, too"
            )
    inputs = task.inputs([case], model.precision)
    answers = task.answers.get(case, ())
    desired = np.array([[float(name in answers) for name in task.people]], dtype=model.precision)
    names = {layer.name: tuple(str(k + 1) for k in range(layer.units)) for layer in model.architecture.layers} | {
        "person": task.people,
        "relation": task.relations,
        model.architecture.output.name: task.people,
    }
    counts = case in task.answers and case not in model.held_out
    return moment(
        model.architecture, recipe, names, state, how.cases, inputs, desired, counts=counts, orders=how.orders
    )


def explain_case(
    model: Model,
    case: Case,
    *,
    unit: str | None = None,
    weight: tuple[str, str] | None = None,
    sweep: int | None = None,
) -> list[Section]:
    """The forward pass, the error, the backward pass and the weight change, for a unit or a weight, or over all layers.

    Raises:
        FamilyTreesError: no such unit, weight or sweep.
    """
    at = moment_of(model, case, sweep, changes=weight is not None)
    network, names = at.network, at.names
    title = f"{case.person} has-{case.relation} ? - after sweep {at.t - 1}"
    answers = [
        f"{name} ({y:.3f})"
        for name, y in zip(model.task.people, at.y[network.output.name].reshape(-1), strict=True)
        if y > 0.5
    ]
    facts = model.task.answers.get(case, ())
    said = (
        f"Above 0.5: {', '.join(answers) or 'nobody'}. "
        + (f"The trees say {', '.join(facts)}. " if facts else "The trees hold no answer to this. ")
        + ("It is a training case." if at.counts else "The network is not trained on it.")
    )
    if not facts:
        if weight is not None:
            raise FamilyTreesError(f"{case.person} has no {case.relation} in the trees: no error, and no gradient")
        if unit is None:
            return [Section(title, (said,)), *(_layer_section(at, each, back=False) for each in network.computed)]
        wanted = find_unit(network, names, unit)
        nothing = (
            "The trees hold no answer, so nothing is desired of the output: there is no error, and nothing goes back."
        )
        return [Section(title, (said,)), Section(f"Forward: {at.name(wanted)}", (*forward_steps(at, wanted), nothing))]
    if weight is not None:
        below, above = (find_unit(network, names, text) for text in weight)
        at.connection(below, above)
        return [
            Section(title, (said,)),
            Section(f"Forward: {at.name(above)}", tuple(forward_steps(at, above))),
            Section("Error", (error_step(at),)),
            Section(f"Backward: {at.name(above)}", tuple(backward_steps(at, above))),
            Section(f"The weight from {at.name(below)} to {at.name(above)}", tuple(weight_steps(at, below, above))),
            _path_section(at, below, above),
        ]
    if unit is not None:
        wanted = find_unit(network, names, unit)
        if wanted.layer == "bias":
            raise FamilyTreesError("the bias unit is always 1; explain a weight that leads from it")
        backward = tuple(backward_steps(at, wanted)) or ("It is set by the question: nothing goes back to it.",)
        return [
            Section(title, (said,)),
            Section(f"Forward: {at.name(wanted)}", tuple(forward_steps(at, wanted))),
            Section("Error", (error_step(at),)),
            Section(f"Backward: {at.name(wanted)}", backward),
        ]
    return [
        Section(title, (said,)),
        *(_layer_section(at, layer) for layer in network.computed),
        Section(
            "Error",
            (
                error_step(at),
                f"Over all {at.training_cases} training cases E is {at.whole_error:.5g}.",
                "--unit 'person code 3' shows the equations of a unit with their numbers, --weight 'person "
                f"{case.person}' 'person code 3' those of a weight.",
            ),
        ),
    ]


def _layer_section(at: Moment, layer: Layer, *, back: bool = True) -> Section:
    """Total input, activity and, going back, the derivatives of the units of a layer: of all, or of the most active."""
    title = f"{'Forward and backward' if back else 'Forward'}: {layer.name}"
    if layer.units <= ROWS:
        return Section(title, (_layer_table(at, layer, range(layer.units), back=back),))
    y = at.y[layer.name][0, 0]
    desired = at.desired[0] if layer == at.network.output else np.zeros(layer.units)
    places = np.lexsort((-y, -desired))[:ROWS]
    said = f"The {ROWS} most active of {layer.units:,} units" + (", the right ones first." if desired.any() else ".")
    return Section(title, (said, _layer_table(at, layer, places.tolist(), back=back)))


def _layer_table(at: Moment, layer: Layer, places: Iterable[int], *, back: bool) -> Table:
    output = layer == at.network.output
    head = ("unit", "x (1)", "y (2)", *(("d" if output else "dE/dy (7)", "dE/dx (5)") if back else ()))
    none = np.zeros((1, 1, layer.units))
    rows = []
    for k in places:
        numbers = [at.x[layer.name][0, 0, k], at.y[layer.name][0, 0, k]]
        if back:
            third = at.desired[0, k] if output else at.case.dE_dy.get(layer.name, none)[0, 0, k]
            numbers += [third, at.case.dE_dx.get(layer.name, none)[0, 0, k]]
        rows.append((at.names[layer.name][k], *(f"{float(value) + 0.0:.4g}" for value in numbers)))
    return Table(head, tuple(rows))


def _path_section(at: Moment, below: Unit, above: Unit) -> Section:
    ways = paths(at, below, above, PATHS)
    by_paths = ways.total
    direct = float(at.case.dE_dw[at.connection(below, above)][0, below.place, above.place])
    if not np.isclose(by_paths, direct, rtol=1e-4, atol=1e-12):
        raise AssertionError(f"the paths add up to {by_paths}, and the gradient is {direct}")
    told = (
        f"{ways.number:,} paths lead from an error to this weight; multiply along each, and add: {by_paths:.6g}. "
        f"Equation 6 gives {direct:.6g}. The strongest:"
        if ways.number
        else "No error reaches this weight: every output unit is within its margin."
    )
    return Section("The chain rule, path by path (this case)", (told, *ways.strongest))


# -- the worked example, and the two graphs

EXAMPLE = Architecture((Layer("x", 2), Layer("h", 2, ("x",)), Layer("y", 2, ("h",))))
EXAMPLE_RECIPE = Recipe(
    "by hand", sweeps=1, epsilon=(0.5, 0.5), alpha=(0.0, 0.0), decay=0.0, margin=0.0, initial_range=1.0
)


def worked_example() -> list[Section]:
    """Two inputs, two hidden and two output units, one sweep: small enough to do by hand."""
    cases = Cases({"x": np.array([[0.1, 0.2]])}, np.array([[0.4, 0.6]]), np.ones((1, 1)))
    weights = {
        Connection("x", "h"): np.array([[[0.3, 0.4], [0.25, 0.35]]]),
        Connection("h", "y"): np.array([[[0.45, 0.7], [0.4, 0.6]]]),
    }
    names = {layer.name: ("1", "2") for layer in EXAMPLE.layers}

    def at(state: State) -> Moment:
        return moment(EXAMPLE, EXAMPLE_RECIPE, names, state, cases, cases.inputs, cases.desired, counts=True)

    before = at(start(weights))
    after = at(before.after)
    rows: list[tuple[str, ...]] = [
        (
            f"w from {name(below)} to {name(above)}",
            eight(before.weight(below, above)),
            eight(after.weight(below, above)),
        )
        for above_layer, below_layer in (("h", "x"), ("y", "h"))
        for above in (Unit(above_layer, 0), Unit(above_layer, 1))
        for below in (Unit(below_layer, 0), Unit(below_layer, 1))
        for name in (before.name,)
    ]
    rows += [
        (f"y of {before.name(Unit(layer, k))}", *(eight(float(each.y[layer][0, 0, k])) for each in (before, after)))
        for layer in ("h", "y")
        for k in (0, 1)
    ]
    rows.append(("E", eight(before.error), eight(after.error)))
    first, hidden = Unit("y", 0), Unit("h", 0)
    w1, w5 = (Unit("x", 0), hidden), (hidden, first)
    return [
        Section(
            "A worked example: 2 inputs, 2 hidden and 2 output units, no biases",
            ("Inputs 0.1 and 0.2, desired 0.4 and 0.6, epsilon 0.5, alpha 0, one sweep.",),
        ),
        Section("Before and after", (Table(("", "before", "after one sweep"), tuple(rows)),)),
        Section("Forward: h 1, then y 1", (*forward_steps(before, hidden), *forward_steps(before, first))),
        Section("Error", (error_step(before),)),
        Section("Backward: y 1", tuple(backward_steps(before, first))),
        Section("The weight from h 1 to y 1", tuple(weight_steps(before, *w5))),
        Section("Backward: h 1", tuple(backward_steps(before, hidden))),
        Section("The weight from x 1 to h 1", tuple(weight_steps(before, *w1))),
        _path_section(before, *w1),
    ]


def eight(value: float) -> str:
    """A number to eight decimals."""
    return f"{value:.8f}"


def apples() -> list[Section]:
    """Two computation graphs of sums and products: values forward, derivatives of the result backward."""
    sections = []
    for title, each in (
        ("2 apples at 100, tax 1.1", graph.APPLES),
        ("2 apples at 100 and 3 oranges at 150, tax 1.1", graph.APPLES_AND_ORANGES),
    ):
        values = graph.forward(each)
        derivatives = graph.backward(each, values)
        signs = {"given": "", "sum": " + ", "product": " x "}
        rows = tuple(
            (node.name, signs[node.kind].join(node.of), f"{values[node.name]:.6g}", f"{derivatives[node.name]:.6g}")
            for node in each.nodes
        )
        head = ("node", "is", "value (forward)", f"d {each.nodes[-1].name} / d node (backward)")
        told = (
            "Forward, each node is computed from those above it; backward, each hands its derivative on to them: a sum "
        )
        told += "as it is, a product times the other factors."
        sections.append(Section(title, (told, Table(head, rows))))
    return sections


# -- writing it down


def as_text(sections: Iterable[Section], number: Callable[[float], str] | None = None) -> str:
    """For the terminal."""
    form = number or _short
    lines: list[str] = []
    for section in sections:
        lines += [section.title, "-" * len(section.title)]
        for item in section.content:
            if isinstance(item, str):
                lines.append(fill(item, 79))
            elif isinstance(item, Table):
                lines += _aligned(item)
            elif isinstance(item, Path):
                lines += _path_lines(item, form)
            else:
                lines += _step_lines(item, form)
        lines.append("")
    return "\n".join(lines).rstrip()


def _short(value: float) -> str:
    return f"{value + 0.0:.5g}"


def _aligned(table: Table) -> list[str]:
    widths = [max(len(row[k]) for row in (table.head, *table.rows)) for k in range(len(table.head))]
    return [
        "  "
        + "  ".join(
            cell.ljust(w) if k == 0 else cell.rjust(w) for k, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in (table.head, *table.rows)
    ]


def _path_lines(path: Path, form: Callable[[float], str]) -> list[str]:
    lines = [f"  {form(value):>12}  {told}" for told, value in path.factors]
    return [*lines, f"  {form(path.value):>12}  product", ""]


def _step_lines(step: Step, form: Callable[[float], str]) -> list[str]:
    head = f"({step.equation})  " if step.equation else ""
    given = f", where x_j = {form(step.argument)}" if step.argument is not None else ""
    lines = [f"{head}{step.formula}{step.sign}{form(step.value)}{given}"]
    shown, rest = _largest(step)
    for term in shown:
        product = " x ".join(form(factor) for factor in term.factors)
        equals = f" = {form(term.value)}" if len(term.factors) > 1 else ""
        lines.append(f"       {product}{equals}   {term.of}")
    if rest:
        lines.append(f"       {form(sum(term.value for term in rest))}   {len(rest)} more, added up")
    if step.note:
        lines += wrap(f"({step.note})", 79, initial_indent="       ", subsequent_indent="        ")
    return lines


def _largest(step: Step) -> tuple[list[Term], list[Term]]:
    """The terms to write out, largest first, and the others."""
    ranked = sorted(step.terms, key=lambda term: -abs(term.value))
    if len(ranked) > TERMS + 1:
        ranked = [term for term in ranked if term.value]
    cut = len(ranked) if len(ranked) <= TERMS + 1 else TERMS
    return ranked[:cut], ranked[cut:]


def as_markdown(sections: Sequence[Section], number: Callable[[float], str] | None = None) -> str:
    """With formulas in LaTeX, for a notebook or a lecture."""
    form = number or _short
    lines: list[str] = []
    for level, section in enumerate(sections):
        lines += [f"{'#' if not level else '##'} {section.title}", ""]
        for item in section.content:
            if isinstance(item, str):
                lines += [item, ""]
            elif isinstance(item, Table):
                cells = (item.head, ("---",) * len(item.head), *item.rows)
                lines += [*(f"| {' | '.join(map(_escaped, row))} |" for row in cells), ""]
            elif isinstance(item, Path):
                factors = r" \cdot ".join(_latex(form(value)) for _, value in item.factors)
                told = "; ".join(told for told, _ in item.factors)
                lines += [f"$${factors} = {_latex(form(item.value), alone=True)}$$", "", f"({told})", ""]
            else:
                lines += _step_markdown(item, form)
    return "\n".join(lines).rstrip()


def _step_markdown(step: Step, form: Callable[[float], str]) -> list[str]:
    shown, rest = _largest(step)
    terms = [r" \cdot ".join(_latex(form(factor)) for factor in term.factors) for term in shown]
    if rest:
        added = _latex(form(sum(term.value for term in rest)), alone=True)
        terms.append(rf"\underbrace{{{added}}}_{{\text{{{len(rest)} more}}}}")
    middle = f" = {' + '.join(terms)}" if terms else ""
    given = rf", \quad x_j = {_latex(form(step.argument), alone=True)}" if step.argument is not None else ""
    tag = rf" \tag{{{step.equation}}}" if step.equation else ""
    lines = [f"$${step.latex}{middle} = {_latex(form(step.value), alone=True)}{given}{tag}$$", ""]
    if step.note:
        lines += [f"({step.note})", ""]
    return lines


def _escaped(cell: str) -> str:
    return cell.replace("|", r"\|")


def _latex(number: str, *, alone: bool = False) -> str:
    """A number in LaTeX; one below 0 in brackets, unless it stands alone."""
    if "e" in number:
        digits, power = number.split("e")
        number = rf"{digits} \cdot 10^{{{int(power)}}}"
    return f"({number})" if number.startswith("-") and not alone else number
