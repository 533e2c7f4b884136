"""The explanation of one question to a model: of the whole network, of one unit, or of one weight."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from family_trees.analysis.explain.moment import Moment, UnitPlace, check_no_shared_weights, find_unit, moment_of_case
from family_trees.analysis.explain.paths import error_paths
from family_trees.analysis.explain.sections import Section, TextTable
from family_trees.analysis.explain.steps import backward_steps, error_step, forward_steps, weight_steps
from family_trees.analysis.explain.successor import explain_successor
from family_trees.engine.embedding import Embedding
from family_trees.engine.network import Layer
from family_trees.families.task import Case
from family_trees.models.model import Model
from family_trees.support.errors import FamilyTreesError

PATHS_SHOWN = 3
"""The number of strongest paths that are written out."""


UNITS_SHOWN = 40
"""A table shows at most this many units of a layer."""


def moment_of_model(model: Model, case: Case, sweep: int | None, *, changes: bool) -> Moment:
    """The moment of a question to a model after `sweep` sweeps of its training; by default, after all of them.

    Args:
        changes: whether the last change of each weight is needed, for equation 9.

    Raises:
        FamilyTreesError: there is no such sweep; or the model holds no trajectory (its weights during training), and
            the last changes or an earlier sweep are asked for.
    """
    task, recipe = model.task, model.recipe
    network = model.network
    check_no_shared_weights(network)
    state = model.state(recipe.sweeps if sweep is None else sweep, changes=changes)
    inputs = task.inputs([case])
    answers = task.answers.get(case, ())
    desired = np.array([[float(name in answers) for name in task.people]])
    names = {layer.name: tuple(str(k + 1) for k in range(layer.units)) for layer in model.architecture.layers} | {
        "person": task.people,
        "relation": task.relations,
        model.architecture.output.name: task.people,
    }
    is_training_case = case in task.answers and case not in model.held_out
    return moment_of_case(
        network,
        recipe,
        names,
        state,
        model.cases,
        inputs,
        desired,
        is_training_case=is_training_case,
        orders=model.orders,
    )


def explain_case(
    model: Model,
    case: Case,
    *,
    unit: str | None = None,
    weight: tuple[str, str] | None = None,
    sweep: int | None = None,
) -> list[Section]:
    """The forward pass, the error, the backward pass and the weight change for a question.

    A model of vectors or matrices has equations of its own: see `successor.explain_successor`.

    Args:
        unit: explain this unit alone, such as "central 3"; by default all layers.
        weight: explain the weight from the first unit to the second.
        sweep: explain the network after this sweep; by default after the last one.

    Raises:
        FamilyTreesError: there is no such unit, weight or sweep.
    """
    if isinstance(model.architecture, Embedding):
        return explain_successor(model, case, unit=unit, weight=weight, sweep=sweep)
    at = moment_of_model(model, case, sweep, changes=weight is not None)
    network, names = at.network, at.names
    words = model.task.words
    title = f"{case.person} {words.has}{case.relation} ? - after sweep {at.t - 1}"
    answers = [
        f"{name} ({y:.3f})"
        for name, y in zip(model.task.people, at.y[network.output.name].reshape(-1), strict=True)
        if y > 0.5
    ]
    facts = model.task.answers.get(case, ())
    verdict = (
        f"Above 0.5: {', '.join(answers) or words.nobody}. "
        + (f"The {words.source} say {', '.join(facts)}. " if facts else f"The {words.source} hold no answer to this. ")
        + ("It is a training case." if at.is_training_case else "The network is not trained on it.")
    )
    if not facts:
        if weight is not None:
            raise FamilyTreesError(
                f"{case.person} has no {case.relation} in the {words.source}: no error, and no gradient"
            )
        if unit is None:
            return [Section(title, (verdict,)), *(_layer_section(at, each, back=False) for each in network.computed)]
        wanted = find_unit(network, names, unit)
        nothing = (
            f"The {words.source} hold no answer, so nothing is desired of the output: there is no error, and "
            "nothing goes back."
        )
        return [
            Section(title, (verdict,)),
            Section(f"Forward: {at.name(wanted)}", (*forward_steps(at, wanted), nothing)),
        ]
    if weight is not None:
        below, above = (find_unit(network, names, text) for text in weight)
        at.connection(below, above)
        return [
            Section(title, (verdict,)),
            Section(f"Forward: {at.name(above)}", tuple(forward_steps(at, above))),
            Section("Error", (error_step(at),)),
            Section(f"Backward: {at.name(above)}", tuple(backward_steps(at, above))),
            Section(f"The weight from {at.name(below)} to {at.name(above)}", tuple(weight_steps(at, below, above))),
            path_section(at, below, above),
        ]
    if unit is not None:
        wanted = find_unit(network, names, unit)
        if wanted.layer == "bias":
            raise FamilyTreesError("the bias unit is always 1; explain a weight that leads from it")
        backward = tuple(backward_steps(at, wanted)) or ("It is set by the question: nothing goes back to it.",)
        return [
            Section(title, (verdict,)),
            Section(f"Forward: {at.name(wanted)}", tuple(forward_steps(at, wanted))),
            Section("Error", (error_step(at),)),
            Section(f"Backward: {at.name(wanted)}", backward),
        ]
    return [
        Section(title, (verdict,)),
        *(_layer_section(at, layer) for layer in network.computed),
        Section(
            "Error",
            (
                error_step(at),
                f"Over all {at.training_cases} training cases E is {at.whole_objective:.5g}.",
                "--unit 'person code 3' shows the equations of a unit with their numbers, --weight 'person "
                f"{case.person}' 'person code 3' those of a weight.",
            ),
        ),
    ]


def _layer_section(at: Moment, layer: Layer, *, back: bool = True) -> Section:
    """Total inputs and activities of the units of a layer, at most its most active ones; with `back`, derivatives."""
    title = f"{'Forward and backward' if back else 'Forward'}: {layer.name}"
    if layer.units <= UNITS_SHOWN:
        return Section(title, (_layer_table(at, layer, range(layer.units), back=back),))
    y = at.y[layer.name][0, 0]
    desired = at.desired[0] if layer == at.network.output else np.zeros(layer.units)
    places = np.lexsort((-y, -desired))[:UNITS_SHOWN]
    which_units = f"The {UNITS_SHOWN} most active of {layer.units:,} units" + (
        ", the right ones first." if desired.any() else "."
    )
    return Section(title, (which_units, _layer_table(at, layer, places.tolist(), back=back)))


def _layer_table(at: Moment, layer: Layer, places: Iterable[int], *, back: bool) -> TextTable:
    output = layer == at.network.output
    head = ("unit", "x (1)", "y (2)", *(("d" if output else "dE/dy (7)", "dE/dx (5)") if back else ()))
    none = np.zeros((1, 1, layer.units))
    rows = []
    for k in places:
        numbers = [at.x[layer.name][0, 0, k], at.y[layer.name][0, 0, k]]
        if back:
            third = at.desired[0, k] if output else at.case_derivatives.dE_dy.get(layer.name, none)[0, 0, k]
            numbers += [third, at.case_derivatives.dE_dx.get(layer.name, none)[0, 0, k]]
        rows.append((at.names[layer.name][k], *(f"{float(value) + 0.0:.4g}" for value in numbers)))
    return TextTable(head, tuple(rows))


def path_section(at: Moment, below: UnitPlace, above: UnitPlace) -> Section:
    """The chain rule for one weight and one case: the strongest paths, and the gradient of equation 6 to compare.

    Raises:
        AssertionError: the paths do not add up to the gradient.
    """
    ways = error_paths(at, below, above, PATHS_SHOWN)
    by_paths = ways.total
    direct = float(at.case_gradient[at.connection(below, above)][0, below.place, above.place])
    if not np.isclose(by_paths, direct, rtol=1e-4, atol=1e-12):
        raise AssertionError(f"the paths add up to {by_paths}, and the gradient is {direct}")
    summary = (
        f"{ways.path_count:,} paths lead from an error to this weight; multiply along each, and add: {by_paths:.6g}. "
        f"Equation 6 gives {direct:.6g}. The strongest:"
        if ways.path_count
        else "No error reaches this weight: every output unit is within its margin."
    )
    return Section("The chain rule, path by path (this case)", (summary, *ways.strongest))
