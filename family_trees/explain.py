"""Equations 1 to 9 with their numbers, for one unit or one weight of one network at one moment.

Every number comes from the functions that train (`network`, `learning`); here they are only put side by side. A `Step`
is one equation for one unit or weight: what is multiplied, what is added, and what comes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from heapq import nlargest
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees.errors import FamilyTreesError
from family_trees.learning import (
    Cases,
    Derivatives,
    Orders,
    State,
    derivatives,
    error,
    gradient,
    kept,
    output_derivative,
    rates,
    sweep,
    target,
)
from family_trees.network import BIAS, Activities, Architecture, Connection, Layer, Weights, forward, total_input
from family_trees.recipe import Recipe
from family_trees.units import UNITS, UnitKind

Names = Mapping[str, tuple[str, ...]]
"""Per layer, what its units are called."""


class Unit(NamedTuple):
    """A unit of a network, by its place in its layer."""

    layer: str
    place: int


class Term(NamedTuple):
    """A product, and where it comes from."""

    of: str
    factors: tuple[float, ...]

    @property
    def value(self) -> float:
        """The product."""
        return float(np.prod(self.factors))


class Step(NamedTuple):
    """An equation with its numbers: the terms add up to the value, or it is a function of one number."""

    equation: str
    """Its number in the paper; empty where it has none."""
    formula: str
    latex: str
    value: float
    terms: tuple[Term, ...] = ()
    argument: float | None = None
    """Of a function of one number, such as equation 2."""
    note: str = ""

    @property
    def sign(self) -> str:
        """What stands between the formula and the value."""
        return ": " if self.formula.endswith("question") else " = "


class Path(NamedTuple):
    """A way from an output unit down to a weight, as factors whose product is its part in dE/dw."""

    units: tuple[Unit, ...]
    """From the output unit down to the unit above the weight."""
    factors: tuple[tuple[str, float], ...]
    """What each is, and its number."""

    @property
    def value(self) -> float:
        """The product."""
        return float(np.prod([number for _, number in self.factors]))


@dataclass(frozen=True)
class Moment:
    """A network between two sweeps, and one case: all numbers that equations 1 to 9 speak of.

    Arrays have a network axis of length 1, and those of the case a case axis of length 1.
    """

    network: Architecture
    recipe: Recipe
    names: Names
    state: State
    """Before the sweep that is explained."""
    after: State
    """After it."""
    x: Activities
    y: Activities
    desired: NDArray[np.floating]
    """Of the case, (1, output units)."""
    error: float
    """E of the case (equation 3)."""
    whole_error: float
    """E of all training cases."""
    case: Derivatives
    """For the case alone."""
    whole: Weights
    """dE/dw of all training cases."""
    training_cases: int
    counts: bool
    """Whether the case is one of them."""

    @property
    def t(self) -> int:
        """The sweep that is explained, counted from 1."""
        return self.after.sweep

    def name(self, unit: Unit) -> str:
        """What a unit is called, with its layer."""
        return "the bias" if unit.layer == BIAS else f"{unit.layer} {self.names[unit.layer][unit.place]}"

    def layer(self, name: str) -> Layer:
        """The layer of that name."""
        return next(layer for layer in self.network.layers if layer.name == name)

    def weight(self, below: Unit, above: Unit) -> float:
        """The weight from one unit to another.

        Raises:
            FamilyTreesError: the two are not connected.
        """
        return float(self.state.weights[self.connection(below, above)][0, below.place, above.place])

    def connection(self, below: Unit, above: Unit) -> Connection:
        """The connection from the layer of one unit to that of the other.

        Raises:
            FamilyTreesError: there is none.
        """
        for seen, connection in self.network.incoming(self.layer(above.layer)) if above.layer != BIAS else ():
            if seen == below.layer:
                return connection
        sees = ", ".join(self.layer(above.layer).sees) if above.layer != BIAS else ""
        hint = f"it sees {sees}" if sees else "it sees no other unit"
        raise FamilyTreesError(f"no weight leads from {self.name(below)} to {self.name(above)}; {hint}")


def check_unshared(network: Architecture) -> None:
    """Only networks whose layers all have weights of their own are explained.

    Raises:
        FamilyTreesError: a layer copies the weights of another.
    """
    copies = [layer.name for layer in network.layers if layer.copies]
    if copies:
        raise FamilyTreesError(f"layer {copies[0]!r} shares its weights with another: such a network is not explained")


def moment(
    network: Architecture,
    recipe: Recipe,
    names: Names,
    state: State,
    cases: Cases,
    inputs: Activities,
    desired: NDArray[np.floating],
    *,
    counts: bool,
    orders: Orders | None = None,
) -> Moment:
    """All numbers of one case in a network of which `state` is known.

    Args:
        cases: all cases of the task, and which of them train it.
        inputs: of the case, per input layer (1, units).
        desired: of the case, (1, output units).
        counts: whether the case is one of the training cases.
        orders: for recipes with batches, as for `learning.sweep`.
    """
    one = Cases(inputs, desired, np.ones((1, 1), dtype=desired.dtype))
    y = forward(network, state.weights, inputs)
    x = {layer.name: total_input(network, state.weights, y, layer) for layer in network.computed}
    signal, margin, output = recipe.error_signal, recipe.margin, network.output.name
    return Moment(
        network=network,
        recipe=recipe,
        names=names,
        state=state,
        after=sweep(network, recipe, state, cases, orders),
        x=x,
        y=y,
        desired=desired,
        error=float(error(y[output], one, signal)[0]),
        whole_error=sum(
            float(error(forward(network, state.weights, part.inputs)[output], part, signal)[0])
            for part in cases.parts()
        ),
        case=derivatives(network, state.weights, y, output_derivative(y[output], one, signal, margin)),
        whole=gradient(network, state.weights, cases, signal, margin),
        training_cases=int(np.sum(cases.counted)),
        counts=counts,
    )


def find_unit(network: Architecture, names: Names, text: str) -> Unit:
    """The unit called `text`: a layer, and the unit's name or its number, counted from 1; or "bias".

    Raises:
        FamilyTreesError: there is none; says what there is.
    """
    wanted = " ".join(text.replace(":", " ").split()).lower()
    if wanted == BIAS:
        return Unit(BIAS, 0)
    for layer in sorted(network.layers, key=lambda layer: -len(layer.name)):
        if wanted != layer.name.lower() and not wanted.startswith(f"{layer.name.lower()} "):
            continue
        rest = wanted[len(layer.name) :].strip()
        own = [name.lower() for name in names[layer.name]]
        if rest in own:
            return Unit(layer.name, own.index(rest))
        if rest.isdecimal() and 1 <= int(rest) <= layer.units:
            return Unit(layer.name, int(rest) - 1)
        near = [] if rest.isdecimal() else get_close_matches(rest, own, n=3, cutoff=0.5)
        known = names[layer.name]
        which = " or ".join(known[own.index(each)] for each in near)
        hint = f"did you mean {which}?" if near else f"there are {known[0]} to {known[-1]}"
        raise FamilyTreesError(f"no unit {rest!r} in layer {layer.name!r}; {hint}")
    layers = ", ".join(layer.name for layer in network.layers)
    raise FamilyTreesError(f"no unit {text!r}; give a layer and a unit, such as 'central 3'; layers: {layers}; or bias")


EQUATION_2: dict[UnitKind, tuple[str, str]] = {
    "logistic": ("y_j = 1 / (1 + exp(-x_j))", r"y_j = \frac{1}{1 + e^{-x_j}}"),
    "tanh": ("y_j = tanh(x_j)", r"y_j = \tanh x_j"),
    "relu": ("y_j = max(0, x_j)", r"y_j = \max(0, x_j)"),
    "leaky-relu": ("y_j = max(0.1 x_j, x_j)", r"y_j = \max(0.1\,x_j, x_j)"),
    "elu": ("y_j = x_j above 0, else exp(x_j) - 1", r"y_j = x_j \text{ above } 0\text{, else } e^{x_j} - 1"),
    "softmax": ("y_j = exp(x_j) / sum_k exp(x_k)", r"y_j = \frac{e^{x_j}}{\sum_k e^{x_k}}"),
}
"""Of each kind of units; the paper's is the first."""
SLOPES: dict[UnitKind, tuple[str, str]] = {
    "logistic": ("y_j (1 - y_j)", r"y_j (1 - y_j)"),
    "tanh": ("(1 - y_j^2)", r"(1 - y_j^2)"),
    "relu": ("(1 above 0, else 0)", r"[x_j > 0]"),
    "leaky-relu": ("(1 above 0, else 0.1)", r"[x_j > 0 : 1, 0.1]"),
    "elu": ("(1 above 0, else y_j + 1)", r"[x_j > 0 : 1, y_j + 1]"),
}


def forward_steps(at: Moment, unit: Unit) -> list[Step]:
    """Equations 1 and 2 for one unit."""
    layer = at.layer(unit.layer)
    if not layer.sees:
        y = float(at.y[unit.layer].reshape(-1)[unit.place])
        return [Step("", "y_j is set by the question", r"y_j \text{ is set by the question}", y)]
    x, y = (float(of[unit.layer][0, 0, unit.place]) for of in (at.x, at.y))
    terms = [
        Term(
            at.name(Unit(below, i)),
            (float(at.y[below].reshape(-1)[i]), float(at.state.weights[connection][0, i, unit.place])),
        )
        for below, connection in at.network.incoming(layer)
        for i in range(at.y[below].shape[-1])
    ]
    text, latex = EQUATION_2[layer.kind]
    return [
        Step("1", "x_j = sum_i y_i w_ji", r"x_j = \sum_i y_i w_{ji}", x, tuple(terms)),
        Step("2", text, latex, y, argument=x),
    ]


def error_step(at: Moment) -> Step:
    """Equation 3 for the case."""
    output = at.network.output.name
    y, d = at.y[output].reshape(-1), np.ravel(target(at.desired, at.recipe.error_signal))
    names = [at.name(Unit(output, j)) for j in range(len(y))]
    if at.recipe.error_signal != "squared":
        tiny = np.finfo(y.dtype).smallest_normal
        logs = [(float(np.log(max(each, tiny))), float(np.log(max(1 - each, tiny)))) for each in y]
        terms = [Term(name, (-float(t), on)) for name, t, (on, _) in zip(names, d, logs, strict=True)]
        if at.recipe.error_signal == "softmax":
            return Step("3", "E = -sum_j d_j ln y_j", r"E = -\sum_j d_j \ln y_j", at.error, tuple(terms))
        terms += [
            Term(f"{name}, 1 - d", (-float(1 - t), off)) for name, t, (_, off) in zip(names, d, logs, strict=True)
        ]
        text = "E = -sum_j [d_j ln y_j + (1 - d_j) ln(1 - y_j)]"
        return Step("3", text, r"E = -\sum_j [d_j \ln y_j + (1 - d_j) \ln(1 - y_j)]", at.error, tuple(terms))
    terms = [Term(at.name(Unit(output, j)), (0.5, float(y[j] - d[j]), float(y[j] - d[j]))) for j in range(len(y))]
    return Step(
        *("3", "E = 1/2 sum_j (y_j - d_j)^2", r"E = \frac{1}{2} \sum_j (y_j - d_j)^2", at.error, tuple(terms)),
        note="of this case; the paper's E is the sum over all training cases",
    )


def backward_steps(at: Moment, unit: Unit) -> list[Step]:
    """Equations 4 or 7, and 5, for one unit that computes."""
    layer = at.layer(unit.layer)
    if not layer.sees:
        return []
    y = float(at.y[unit.layer][0, 0, unit.place])
    if unit.layer not in at.case.dE_dx:
        return [Step("7", "dE/dy_i: no layer sees this unit", r"\frac{\partial E}{\partial y_i}", 0.0)]
    dE_dx = float(at.case.dE_dx[unit.layer][0, 0, unit.place])
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
        difference = float(at.case.dE_dy[unit.layer][0, 0, unit.place])
        parts = [
            Term(
                at.name(Unit(above.name, k)),
                (float(at.case.dE_dx[above.name][0, 0, k]), float(at.state.weights[connection][0, unit.place, k])),
            )
            for above in at.network.computed
            for below, connection in at.network.incoming(above)
            if below == unit.layer and above.name in at.case.dE_dx
            for k in range(above.units)
        ]
        latex = r"\frac{\partial E}{\partial y_i} = \sum_j \frac{\partial E}{\partial x_j} w_{ji}"
        steps = [Step("7", "dE/dy_i = sum_j dE/dx_j w_ji", latex, difference, tuple(parts))]
    text, latex = SLOPES[layer.kind]
    slope = float(UNITS[layer.kind].slope(at.y[unit.layer])[0, 0, unit.place])
    fifth = rf"\frac{{\partial E}}{{\partial x_j}} = \frac{{\partial E}}{{\partial y_j}} {latex}"
    return [*steps, Step("5", f"dE/dx_j = dE/dy_j {text}", fifth, dE_dx, (Term(at.name(unit), (difference, slope)),))]


def weight_steps(at: Moment, below: Unit, above: Unit) -> list[Step]:
    """Equations 6, 8 and 9 for one weight, and its decay."""
    connection = at.connection(below, above)
    place = (0, below.place, above.place)
    dE_dx = float(at.case.dE_dx[above.layer][0, 0, above.place]) if above.layer in at.case.dE_dx else 0.0
    y = float(at.y[below.layer].reshape(-1)[below.place])
    whole = float(at.whole[connection][place])
    w, new = (float(of.weights[connection][place]) for of in (at.state, at.after))
    sixth = r"\frac{\partial E}{\partial w_{ji}} = \frac{\partial E}{\partial x_j} y_i"
    summed = r"\sum_c \frac{\partial E_c}{\partial w_{ji}}"
    among = "" if at.counts else "; this one is not among them"
    steps = [
        Step("6", "dE/dw_ji = dE/dx_j y_i", sixth, dE_dx * y, (Term("this case", (dE_dx, y)),)),
        Step("6", "dE/dw_ji, over all training cases", summed, whole, note=f"over {at.training_cases} cases{among}"),
    ]
    if at.recipe.batch:
        note = f"this recipe changes the weights after every {at.recipe.batch} cases: so often in a sweep"
        return [*steps, Step("", "w_ji after the sweep", r"w_{ji}", new, note=note)]
    _, alpha = at.recipe.phase(at.t)
    epsilon = rates(at.network, at.recipe, at.t)[connection]
    divisors = ["epsilon is divided by the units that the unit sees"] if at.recipe.fan_in else []
    if at.recipe.averaged:
        epsilon /= at.training_cases
        divisors.append(f"epsilon is divided by the {at.training_cases} cases")
    previous = float(at.state.change[connection][place])
    change = float(at.after.change[connection][place])
    ninth = r"\Delta w(t) = -\epsilon \frac{\partial E}{\partial w(t)} + \alpha \Delta w(t-1)"
    terms = (Term("- epsilon dE/dw", (-epsilon, whole)), Term("alpha delta w(t-1)", (alpha, previous)))
    steps.append(
        Step(
            *("8, 9", "delta w(t) = -epsilon dE/dw(t) + alpha delta w(t-1)", ninth, change, terms),
            note="; ".join([f"sweep t = {at.t}", *divisors]),
        )
    )
    left = kept(at.recipe, connection, at.t)
    decayed = r"w_{ji} \leftarrow (w_{ji} + \Delta w)(1 - \text{decay})"
    told = f"w was {w:.6g}; decay leaves {left:.6g} of it"
    return [
        *steps,
        Step("", "w_ji after it", decayed, new, (Term("w + delta w, decayed", (w + change, left)),), note=told),
    ]


class Ways(NamedTuple):
    """The paths from the output units down to a unit, or to a weight."""

    number: int
    total: float
    """The sum of their values."""
    strongest: tuple[Path, ...]
    """Those of the largest values, the largest first."""


def paths(at: Moment, below: Unit, above: Unit, most: int | None = None) -> Ways:
    """Every way from the output units down to a weight; their values add up to dE/dw of the case.

    Multiply along a path, add over the paths: what equations 4 to 7 do, path by path.

    Args:
        most: how many of the strongest to give; by default all. There are as many as the product of the sizes of the
            layers on the way, millions in a large network; the few strongest are found without making the others.
    """
    y = float(at.y[below.layer].reshape(-1)[below.place])
    end = (f"y of {at.name(below)}", y)
    found = _ways(at, above, most, {})
    return Ways(found.number, found.total * y, tuple(Path(way.units, (*way.factors, end)) for way in found.strongest))


def _ways(at: Moment, unit: Unit, most: int | None, known: dict[Unit, Ways]) -> Ways:
    """From every output unit down to `unit`: the factors of dE/dx of `unit`; each unit once, kept in `known`."""
    if unit in known:
        return known[unit]
    if unit.layer == at.network.output.name:
        first, *rest = backward_steps(at, unit)
        factors = [(f"dE/dy of {at.name(unit)}" if rest else f"dE/dx of {at.name(unit)}", first.value)]
        factors += [(f"slope of {at.name(unit)}", step.terms[0].factors[1]) for step in rest]
        path = Path((unit,), tuple(factors))
        known[unit] = Ways(1, path.value, (path,)) if first.value else Ways(0, 0.0, ())
        return known[unit]
    slope = float(UNITS[at.layer(unit.layer).kind].slope(at.y[unit.layer])[0, 0, unit.place])
    count, total = 0, 0.0
    further: list[tuple[float, Unit, float, Path]] = []
    for higher in at.network.computed:
        for below, connection in at.network.incoming(higher):
            if below != unit.layer:
                continue
            for k, w in enumerate(map(float, at.state.weights[connection][0, unit.place])):
                upper = Unit(higher.name, k)
                ways = _ways(at, upper, most, known)
                count, total = count + ways.number, total + ways.total * w * slope
                further += [(abs(way.value * w), upper, w, way) for way in ways.strongest]
    # Whatever comes below multiplies all the paths of a unit alike, so the strongest stay the strongest.
    kept = nlargest(len(further) if most is None else most, further, key=lambda each: each[0])
    known[unit] = Ways(
        count,
        total,
        tuple(
            Path(
                (*way.units, unit),
                (
                    *way.factors,
                    (f"w from {at.name(unit)} to {at.name(upper)}", w),
                    (f"slope of {at.name(unit)}", slope),
                ),
            )
            for _, upper, w, way in kept
        ),
    )
    return known[unit]
