from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nets import NETS, UNROLLED, random_cases, random_weights

from family_trees.engine.network import BIAS, Architecture, Connection, Layer, forward
from family_trees.engine.units import UNIT_FUNCTIONS, UnitKind, logistic, softmax
from family_trees.models.layered import FAMILY_TREE_NETWORK


def test_sizes_printed_in_figure_3() -> None:
    assert [layer.units for layer in FAMILY_TREE_NETWORK.layers] == [24, 12, 6, 6, 12, 6, 24]
    shapes = FAMILY_TREE_NETWORK.connections
    assert shapes[Connection("person", "person code")] == (24, 6)
    assert shapes[Connection("relation", "relation code")] == (12, 6)
    assert shapes[Connection("person code", "central")] == shapes[Connection("relation code", "central")] == (6, 12)
    assert shapes[Connection("central", "penultimate")] == (12, 6)
    assert shapes[Connection("penultimate", "answer")] == (6, 24)
    biases = sum(above for (seen, _), (_, above) in shapes.items() if seen == BIAS)
    assert biases == 6 + 6 + 12 + 6 + 24


BY_HAND: dict[str, Callable[[float], float]] = {
    "logistic": lambda x: 1 / (1 + math.exp(-x)),
    "tanh": math.tanh,
    "relu": lambda x: max(0.0, x),
    "leaky-relu": lambda x: max(0.1 * x, x),
    "elu": lambda x: x if x > 0 else math.exp(x) - 1,
}


@given(st.floats(-20, 20).filter(lambda x: abs(x) > 1e-3), st.sampled_from(sorted(BY_HAND)))
def test_slopes_from_the_activity_alone(x: float, kind: UnitKind) -> None:
    step = 1e-5
    by_difference = (BY_HAND[kind](x + step) - BY_HAND[kind](x - step)) / (2 * step)
    unit = UNIT_FUNCTIONS[kind]
    assert float(unit.activity(np.array([x]))[0]) == pytest.approx(BY_HAND[kind](x), abs=1e-15)
    assert float(unit.slope(unit.activity(np.array([x])))[0]) == pytest.approx(by_difference, abs=1e-9)


def test_softmax_sums_to_one_and_does_not_overflow() -> None:
    y = softmax(np.array([[1e30, 0.0], [1.0, 1.0], [0.0, math.log(3)]]))
    assert y[:2].tolist() == [[1, pytest.approx(0, abs=1e-307)], [0.5, 0.5]]
    assert y[2].tolist() == pytest.approx([0.25, 0.75])


@given(st.floats(-30, 30))
def test_logistic_is_equation_2(x: float) -> None:
    assert logistic(np.array(x)) == pytest.approx(1 / (1 + math.exp(-x)), abs=1e-15)


def test_logistic_does_not_overflow() -> None:
    assert logistic(np.array([-1e30, 0, 1e30])).tolist() == [pytest.approx(0, abs=1e-307), 0.5, 1]


@pytest.mark.parametrize("name", NETS)
def test_forward_is_equations_1_and_2_unit_by_unit(name: str) -> None:
    net = NETS[name]
    cases, weights = random_cases(net, 2, seed=1), random_weights(net, 2, seed=2)
    y = forward(net, weights, cases.inputs)
    c, n = 3, 1
    active = {BIAS: [1.0]} | {layer.name: list(np.asarray(cases.inputs[layer.name])[c]) for layer in net.inputs}
    for layer in net.computed:
        active[layer.name] = []
        for j in range(layer.units):
            x = sum(
                y_i * weights[connection][n, i, j]
                for seen, connection in net.incoming(layer)
                for i, y_i in enumerate(active[seen])
            )
            active[layer.name].append(BY_HAND[layer.kind](x))
        assert y[layer.name][n, c] == pytest.approx(active[layer.name], abs=1e-12)


def test_copies_own_no_weights() -> None:
    assert {connection.above for connection in UNROLLED.connections} == {"step 1", "y"}


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((Layer("x", 2), Layer("x", 2, ("x",))), "taken"),
        ((Layer(BIAS, 2), Layer("y", 2, (BIAS,))), "taken"),
        ((Layer("x", 2), Layer("y", 0, ("x",))), "0 units"),
        ((Layer("x", 2), Layer("y", 2, ("y",))), "not a lower layer"),
        ((Layer("x", 2), Layer("h", 2, ("y",)), Layer("y", 2, ("h",))), "not a lower layer"),
        ((Layer("x", 2), Layer("y", 2, ("x", "x"))), "twice"),
        ((Layer("x", 2),), "last layer"),
        ((), "last layer"),
        ((Layer("x", 2), Layer("h", 2, ("x",), kind="softmax"), Layer("y", 2, ("h",))), "only the output"),
        ((Layer("x", 2), Layer("y", 2, ("x",), kind="step")), "'step' is no kind of unit"),  # type: ignore[arg-type]
        ((Layer("x", 2), Layer("h", 2, ("x",)), Layer("y", 3, ("h",), copies="h")), "sizes differ"),
        ((Layer("x", 2), Layer("h", 2, ("x",)), Layer("y", 2, ("h",), copies="x")), "sizes differ"),
        ((Layer("x", 2), Layer("h", 2, ("x",)), Layer("y", 2, ("h",), copies="z")), "no lower layer"),
    ],
)
def test_architectures_that_cannot_be(layers: tuple[Layer, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Architecture(layers)
