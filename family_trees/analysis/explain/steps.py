"""Equations 1 to 9 with their numbers, for one unit or one weight of one network at one moment.

Every number comes from the functions that also train (`network`, `learning`). This module only arranges them. A `Step`
is one equation for one unit or weight: its terms, their factors, and its value.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from family_trees.analysis.explain.moment import Moment, UnitPlace
from family_trees.engine.descent import State, decay_factor, epsilons
from family_trees.engine.learner import Learner
from family_trees.engine.learning import target
from family_trees.engine.network import Connection
from family_trees.engine.recipe import Recipe
from family_trees.engine.units import UNIT_FUNCTIONS, UnitKind


class Term(NamedTuple):
    """One product of a sum, and what it belongs to."""

    source: str
    """The unit, case or quantity that the product belongs to."""
    factors: tuple[float, ...]

    @property
    def value(self) -> float:
        """The product."""
        return float(np.prod(self.factors))


class Step(NamedTuple):
    """An equation with its numbers: its value is the sum of its terms, or a function of its argument."""

    equation: str
    """Its number in the paper, or ""."""
    formula: str
    latex: str
    value: float
    terms: tuple[Term, ...] = ()
    argument: float | None = None
    """The argument, where the value is a function of one number, as in equation 2."""
    note: str = ""

    @property
    def sign(self) -> str:
        """The sign between the formula and the value."""
        return ": " if self.formula.endswith("question") else " = "


ACTIVITY_FORMULAS: dict[UnitKind, tuple[str, str]] = {
    "logistic": ("y_j = 1 / (1 + exp(-x_j))", r"y_j = \frac{1}{1 + e^{-x_j}}"),
    "tanh": ("y_j = tanh(x_j)", r"y_j = \tanh x_j"),
    "relu": ("y_j = max(0, x_j)", r"y_j = \max(0, x_j)"),
    "leaky-relu": ("y_j = max(0.1 x_j, x_j)", r"y_j = \max(0.1\,x_j, x_j)"),
    "elu": ("y_j = x_j above 0, else exp(x_j) - 1", r"y_j = x_j \text{ above } 0\text{, else } e^{x_j} - 1"),
    "threshold": ("y_j = 1 above 0, else 0", r"y_j = [x_j > 0]"),
    "softmax": ("y_j = exp(x_j) / sum_k exp(x_k)", r"y_j = \frac{e^{x_j}}{\sum_k e^{x_k}}"),
}
"""Equation 2 for each kind of units, as text and in LaTeX. The first is the paper's."""


SLOPE_FORMULAS: dict[UnitKind, tuple[str, str]] = {
    "logistic": ("y_j (1 - y_j)", r"y_j (1 - y_j)"),
    "tanh": ("(1 - y_j^2)", r"(1 - y_j^2)"),
    "relu": ("(1 above 0, else 0)", r"[x_j > 0]"),
    "leaky-relu": ("(1 above 0, else 0.1)", r"[x_j > 0 : 1, 0.1]"),
    "elu": ("(1 above 0, else y_j + 1)", r"[x_j > 0 : 1, y_j + 1]"),
}
"""The slope dy/dx of equation 5 for each kind of units, as text and in LaTeX."""


def forward_steps(at: Moment, unit: UnitPlace) -> list[Step]:
    """Equations 1 and 2 for one unit."""
    layer = at.layer(unit.layer)
    if not layer.sees:
        y = float(at.y[unit.layer].reshape(-1)[unit.place])
        return [Step("", "y_j is set by the question", r"y_j \text{ is set by the question}", y)]
    x, y = (float(of[unit.layer][0, 0, unit.place]) for of in (at.x, at.y))
    terms = [
        Term(
            at.name(UnitPlace(below, i)),
            (float(at.y[below].reshape(-1)[i]), float(at.state.weights[connection][0, i, unit.place])),
        )
        for below, connection in at.network.incoming(layer)
        for i in range(at.y[below].shape[-1])
    ]
    text, latex = ACTIVITY_FORMULAS[layer.kind]
    return [
        Step("1", "x_j = sum_i y_i w_ji", r"x_j = \sum_i y_i w_{ji}", x, tuple(terms)),
        Step("2", text, latex, y, argument=x),
    ]


def error_step(at: Moment) -> Step:
    """Equation 3 for one case: its squared error or cross-entropy."""
    output = at.network.output.name
    y, d = at.y[output].reshape(-1), np.ravel(target(at.desired, at.recipe.error_signal))
    names = [at.name(UnitPlace(output, j)) for j in range(len(y))]
    if at.recipe.error_signal != "squared":
        tiny = np.finfo(y.dtype).smallest_normal
        logs = [(float(np.log(max(each, tiny))), float(np.log(max(1 - each, tiny)))) for each in y]
        terms = [Term(name, (-float(t), on)) for name, t, (on, _) in zip(names, d, logs, strict=True)]
        if at.recipe.error_signal == "softmax":
            return Step("3", "E = -sum_j d_j ln y_j", r"E = -\sum_j d_j \ln y_j", at.objective, tuple(terms))
        terms += [
            Term(f"{name}, 1 - d", (-float(1 - t), off)) for name, t, (_, off) in zip(names, d, logs, strict=True)
        ]
        text = "E = -sum_j [d_j ln y_j + (1 - d_j) ln(1 - y_j)]"
        return Step("3", text, r"E = -\sum_j [d_j \ln y_j + (1 - d_j) \ln(1 - y_j)]", at.objective, tuple(terms))
    terms = [Term(at.name(UnitPlace(output, j)), (0.5, float(y[j] - d[j]), float(y[j] - d[j]))) for j in range(len(y))]
    return Step(
        *("3", "E = 1/2 sum_j (y_j - d_j)^2", r"E = \frac{1}{2} \sum_j (y_j - d_j)^2", at.objective, tuple(terms)),
        note="of this case; the paper's E is the sum over all training cases",
    )


def backward_steps(at: Moment, unit: UnitPlace) -> list[Step]:
    """Equation 4 (in the output layer) or 7 (below it), then 5, for one unit; none for an input unit."""
    layer = at.layer(unit.layer)
    if not layer.sees:
        return []
    y = float(at.y[unit.layer][0, 0, unit.place])
    if unit.layer not in at.case_derivatives.dE_dx:
        return [Step("7", "dE/dy_i: no layer sees this unit", r"\frac{\partial E}{\partial y_i}", 0.0)]
    dE_dx = float(at.case_derivatives.dE_dx[unit.layer][0, 0, unit.place])
    if layer == at.network.output:
        d = float(np.ravel(target(at.desired, at.recipe.error_signal))[unit.place])
        near = bool(at.recipe.margin) and abs(y - d) <= at.recipe.margin
        note = f"no error: within {at.recipe.margin:g} of {d:g} (Nature, fig. 4)" if near else ""
        difference = 0.0 if near else y - d
        terms = () if near else (Term("y_j", (y,)), Term("- d_j", (-d,)))
        if at.recipe.error_signal != "squared":
            note = "; ".join(filter(None, ["the slope of equation 5 cancels", note]))
            return [
                Step(
                    "4, 5",
                    "dE/dx_j = y_j - d_j",
                    r"\frac{\partial E}{\partial x_j} = y_j - d_j",
                    dE_dx,
                    terms,
                    note=note,
                )
            ]
        fourth = r"\frac{\partial E}{\partial y_j} = y_j - d_j"
        steps = [Step("4", "dE/dy_j = y_j - d_j", fourth, difference, terms, note=note)]
    else:
        difference = float(at.case_derivatives.dE_dy[unit.layer][0, 0, unit.place])
        parts = [
            Term(
                at.name(UnitPlace(above.name, k)),
                (
                    float(at.case_derivatives.dE_dx[above.name][0, 0, k]),
                    float(at.state.weights[connection][0, unit.place, k]),
                ),
            )
            for above in at.network.computed
            for below, connection in at.network.incoming(above)
            if below == unit.layer and above.name in at.case_derivatives.dE_dx
            for k in range(above.units)
        ]
        latex = r"\frac{\partial E}{\partial y_i} = \sum_j \frac{\partial E}{\partial x_j} w_{ji}"
        steps = [Step("7", "dE/dy_i = sum_j dE/dx_j w_ji", latex, difference, tuple(parts))]
    text, latex = SLOPE_FORMULAS[layer.kind]
    slope = float(UNIT_FUNCTIONS[layer.kind].slope(at.y[unit.layer])[0, 0, unit.place])
    fifth = rf"\frac{{\partial E}}{{\partial x_j}} = \frac{{\partial E}}{{\partial y_j}} {latex}"
    return [*steps, Step("5", f"dE/dx_j = dE/dy_j {text}", fifth, dE_dx, (Term(at.name(unit), (difference, slope)),))]


def weight_steps(at: Moment, below: UnitPlace, above: UnitPlace) -> list[Step]:
    """Equations 6, 8 and 9 for one weight, then its decay."""
    connection = at.connection(below, above)
    place = (0, below.place, above.place)
    dE_dx = (
        float(at.case_derivatives.dE_dx[above.layer][0, 0, above.place])
        if above.layer in at.case_derivatives.dE_dx
        else 0.0
    )
    y = float(at.y[below.layer].reshape(-1)[below.place])
    whole = float(at.whole_gradient[connection][place])
    sixth = r"\frac{\partial E}{\partial w_{ji}} = \frac{\partial E}{\partial x_j} y_i"
    summed = r"\sum_c \frac{\partial E_c}{\partial w_{ji}}"
    among = "" if at.is_training_case else "; this one is not among them"
    steps = [
        Step("6", "dE/dw_ji = dE/dx_j y_i", sixth, dE_dx * y, (Term("this case", (dE_dx, y)),)),
        Step("6", "dE/dw_ji, over all training cases", summed, whole, note=f"over {at.training_cases} cases{among}"),
    ]
    return [
        *steps,
        *change_steps(at.network, at.recipe, at.state, at.after, connection, place, whole, at.training_cases),
    ]


def change_steps(
    learner: Learner,
    recipe: Recipe,
    state: State,
    after: State,
    connection: Connection,
    place: tuple[int, int, int],
    whole: float,
    training_cases: int,
    equation: str = "8, 9",
) -> list[Step]:
    """Equations 8 and 9 for one weight of any learner, then its decay.

    Args:
        state: before the sweep.
        after: after the sweep.
        place: the place of the weight in its connection.
        whole: dE/dw over all training cases.
        equation: how the step that changes the weight is numbered.
    """
    t, w, new = after.sweep, float(state.weights[connection][place]), float(after.weights[connection][place])
    if recipe.batch:
        note = f"this recipe changes the weights after every {recipe.batch} cases: so often in a sweep"
        return [Step("", "w_ji after the sweep", r"w_{ji}", new, note=note)]
    _, alpha = recipe.phase(t)
    epsilon = epsilons(learner, recipe, t)[connection]
    divisors = ["epsilon is divided by the units that the unit sees"] if recipe.fan_in else []
    if recipe.averaged:
        epsilon /= training_cases
        divisors.append(f"epsilon is divided by the {training_cases} cases")
    previous = float(state.change[connection][place])
    change = float(after.change[connection][place])
    ninth = r"\Delta w(t) = -\epsilon \frac{\partial E}{\partial w(t)} + \alpha \Delta w(t-1)"
    terms = (Term("- epsilon dE/dw", (-epsilon, whole)), Term("alpha delta w(t-1)", (alpha, previous)))
    formula = "delta w(t) = -epsilon dE/dw(t) + alpha delta w(t-1)"
    left = decay_factor(recipe, connection, t)
    decayed = r"w_{ji} \leftarrow (w_{ji} + \Delta w)(1 - \text{decay})"
    note = f"w was {w:.6g}; decay leaves {left:.6g} of it"
    return [
        Step(equation, formula, ninth, change, terms, note="; ".join([f"sweep t = {t}", *divisors])),
        Step("", "w_ji after it", decayed, new, (Term("w + delta w, decayed", (w + change, left)),), note=note),
    ]
