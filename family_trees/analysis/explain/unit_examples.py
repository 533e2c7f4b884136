"""Kinds of units that are explained: activities and slopes, maxout, and XOR by threshold units."""

from __future__ import annotations

import numpy as np

from family_trees.analysis.explain import graph
from family_trees.analysis.explain.graph_examples import node_table
from family_trees.analysis.explain.sections import Section, TextTable
from family_trees.analysis.explain.steps import ACTIVITY_FORMULAS, SLOPE_FORMULAS
from family_trees.engine.network import BIAS, Architecture, Connection, Layer, Weights, forward
from family_trees.engine.units import UNIT_FUNCTIONS
from family_trees.models.symmetry import xor_task

TOTAL_INPUTS = (-5.0, -1.0, 1.0, 5.0)
"""The total inputs for which the kinds of units are shown."""


def kinds_of_units() -> list[Section]:
    """Every kind of unit: its activity and its slope for some total inputs."""
    shown = np.array(TOTAL_INPUTS)
    activities, slopes = [], []
    for kind, functions in UNIT_FUNCTIONS.items():
        if kind == "softmax":
            continue  # its activity depends on the other units of its layer
        y = functions.activity(shown)
        activities.append((kind, ACTIVITY_FORMULAS[kind][0].removeprefix("y_j = "), *(f"{each:.4g}" for each in y)))
        if kind in SLOPE_FORMULAS:
            slopes.append((kind, SLOPE_FORMULAS[kind][0], *(f"{each:.4g}" for each in functions.slope(y))))
    head = tuple(f"x = {x:g}" for x in TOTAL_INPUTS)
    return [
        Section("Activities y of a unit with total input x", (TextTable(("unit", "y", *head), tuple(activities)),)),
        Section(
            "Slopes dy/dx, the factor of equation 5",
            (
                TextTable(("unit", "dy/dx", *head), tuple(slopes)),
                "A logistic or tanh unit is saturated where its slope is almost 0. What is behind it hardly learns. "
                "A threshold unit has no slope, and cannot be trained by equation 5.",
            ),
        ),
        Section(
            "A maxout unit: y = max(w1 x + b1, w2 x + b2)",
            (node_table(graph.MAXOUT), "The slope goes to the larger total input alone."),
        ),
    ]


XOR_OF_THRESHOLDS = Architecture(
    (
        Layer("x", 2),
        Layer("s", 2, ("x", BIAS), kind="threshold"),
        Layer("y", 1, ("s", BIAS), kind="threshold"),
    )
)
"""XOR as in a textbook on perceptrons: s 1 is NAND, s 2 is OR, and y is AND of the two."""


def xor_weights() -> Weights:
    """Weights of `XOR_OF_THRESHOLDS`, chosen by hand: nothing learned them."""
    return {
        Connection("x", "s"): np.array([[[-2.0, 2.0], [-2.0, 2.0]]]),
        Connection(BIAS, "s"): np.array([[[3.0, -1.0]]]),
        Connection("s", "y"): np.array([[[2.0], [2.0]]]),
        Connection(BIAS, "y"): np.array([[[-3.0]]]),
    }


def _on_if(below: str, above: str, unit: int) -> str:
    """When a unit is on, such as "2 x1 + 2 x2 - 1 > 0"."""
    weights = xor_weights()
    seen = weights[Connection(below, above)][0, :, unit]
    text = " ".join(f"{w:+g} {below}{k + 1}" for k, w in enumerate(seen))
    text = f"{text} {weights[Connection(BIAS, above)][0, 0, unit]:+g} > 0".removeprefix("+")
    return text.replace(" +", " + ").replace(" -", " - ")


def xor_by_threshold_units() -> list[Section]:
    """XOR by three threshold units, whose weights are chosen by hand."""
    task = xor_task()
    y = forward(XOR_OF_THRESHOLDS, xor_weights(), {"x": task.inputs})
    columns = (*task.inputs.T, *y["s"][0].T, *y["y"][0].T, *task.desired.T)
    rows = tuple(tuple(f"{each:g}" for each in row) for row in zip(*columns, strict=True))
    return [
        Section(
            "XOR by threshold units",
            (
                "A threshold unit is on (1) if its total input is above 0, else off (0). Three of them, with weights "
                "chosen by hand:",
                TextTable(
                    ("unit", "is", "on if"),
                    (
                        ("s1", "NAND(x1, x2)", _on_if("x", "s", 0)),
                        ("s2", "OR(x1, x2)", _on_if("x", "s", 1)),
                        ("y", "AND(s1, s2)", _on_if("s", "y", 0)),
                    ),
                ),
                TextTable(("x1", "x2", "s1", "s2", "y", "XOR(x1, x2)"), rows),
            ),
        ),
        Section(
            "Why they cannot learn it",
            (
                "One threshold unit draws one straight line, and no straight line separates the cases of XOR: a hidden "
                "layer is needed. Equation 7 brings dE/dy to a hidden unit, and equation 5 multiplies it by dy/dx. "
                "For a threshold unit dy/dx is 0 on both sides of the jump, so every dE/dw below it is 0: a small "
                "change of a weight changes nothing. A logistic unit is a threshold unit with a soft edge. It has a "
                "slope, and learns XOR.",
            ),
        ),
    ]
