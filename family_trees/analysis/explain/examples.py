"""Examples that are explained without a model: a network small enough to do by hand, and computation graphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from family_trees.analysis.explain.case import path_section
from family_trees.analysis.explain.graph_examples import apples, nested
from family_trees.analysis.explain.moment import Moment, UnitPlace, moment_of_case
from family_trees.analysis.explain.sections import Section, TextTable, eight_decimals
from family_trees.analysis.explain.steps import backward_steps, error_step, forward_steps, weight_steps
from family_trees.analysis.explain.unit_examples import kinds_of_units, xor_by_threshold_units
from family_trees.engine.cases import Cases
from family_trees.engine.descent import State, initial_state
from family_trees.engine.network import Architecture, Connection, Layer
from family_trees.engine.recipe import Recipe

EXAMPLE_NETWORK = Architecture((Layer("x", 2), Layer("h", 2, ("x",)), Layer("y", 2, ("h",))))
"""Two input, two hidden and two output units, no biases."""


EXAMPLE_RECIPE = Recipe(
    "by hand", sweeps=1, epsilon=(0.5, 0.5), alpha=(0.0, 0.0), decay=0.0, margin=0.0, initial_range=1.0
)


def example_moment(state: State | None = None) -> Moment:
    """The network of the worked example before its sweep, or with the weights of `state`."""
    inputs, desired = {"x": np.array([[0.1, 0.2]])}, np.array([[0.4, 0.6]])
    cases = Cases(inputs, desired, np.ones((1, 1)))
    weights = {
        Connection("x", "h"): np.array([[[0.3, 0.4], [0.25, 0.35]]]),
        Connection("h", "y"): np.array([[[0.45, 0.7], [0.4, 0.6]]]),
    }
    names = {layer.name: ("1", "2") for layer in EXAMPLE_NETWORK.layers}
    return moment_of_case(
        EXAMPLE_NETWORK,
        EXAMPLE_RECIPE,
        names,
        state or initial_state(weights),
        cases,
        inputs,
        desired,
        is_training_case=True,
    )


def worked_example() -> list[Section]:
    """One sweep of a network with two input, two hidden and two output units: small enough to do by hand."""
    before = example_moment()
    after = example_moment(before.after)
    rows: list[tuple[str, ...]] = [
        (
            f"w from {name(below)} to {name(above)}",
            eight_decimals(before.weight(below, above)),
            eight_decimals(after.weight(below, above)),
        )
        for above_layer, below_layer in (("h", "x"), ("y", "h"))
        for above in (UnitPlace(above_layer, 0), UnitPlace(above_layer, 1))
        for below in (UnitPlace(below_layer, 0), UnitPlace(below_layer, 1))
        for name in (before.name,)
    ]
    rows += [
        (
            f"y of {before.name(UnitPlace(layer, k))}",
            *(eight_decimals(float(each.y[layer][0, 0, k])) for each in (before, after)),
        )
        for layer in ("h", "y")
        for k in (0, 1)
    ]
    rows.append(("E", eight_decimals(before.objective), eight_decimals(after.objective)))
    first, hidden = UnitPlace("y", 0), UnitPlace("h", 0)
    w1, w5 = (UnitPlace("x", 0), hidden), (hidden, first)
    return [
        Section(
            "A worked example: 2 inputs, 2 hidden and 2 output units, no biases",
            ("Inputs 0.1 and 0.2, desired 0.4 and 0.6, epsilon 0.5, alpha 0, one sweep.",),
        ),
        Section("Before and after", (TextTable(("", "before", "after one sweep"), tuple(rows)),)),
        Section("Forward: h 1, then y 1", (*forward_steps(before, hidden), *forward_steps(before, first))),
        Section("Error", (error_step(before),)),
        Section("Backward: y 1", tuple(backward_steps(before, first))),
        Section("The weight from h 1 to y 1", tuple(weight_steps(before, *w5))),
        Section("Backward: h 1", tuple(backward_steps(before, hidden))),
        Section("The weight from x 1 to h 1", tuple(weight_steps(before, *w1))),
        path_section(before, *w1),
    ]


class Example(NamedTuple):
    """An example that is explained without a model."""

    sections: Callable[[], list[Section]]
    number_format: Callable[[float], str] | None = None
    """How its numbers are written; by default as in every explanation."""


EXAMPLES: Mapping[str, Example] = {
    "worked-example": Example(worked_example, eight_decimals),
    "apples": Example(apples),
    "nested": Example(nested, eight_decimals),
    "units": Example(kinds_of_units),
    "xor": Example(xor_by_threshold_units),
}
"""The examples by the names that users type."""
