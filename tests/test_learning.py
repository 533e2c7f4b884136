"""Equations 3 to 9 against numbers by hand, central differences, and a loop without matrices."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nets import NETS, UNROLLED, WORKED_EXAMPLE, XOR, column, of, random_cases, random_weights

from family_trees.engine.cases import Cases
from family_trees.engine.descent import State, descend, diverged, initial_state, sweep
from family_trees.engine.evaluation import evaluate
from family_trees.engine.learning import gradient, objective, output_derivative, squared_error
from family_trees.engine.network import BIAS, Architecture, Connection, Weights, forward
from family_trees.engine.recipe import PUBLISHED, Recipe
from family_trees.engine.units import ErrorSignal, logistic_slope
from family_trees.support.errors import FamilyTreesError

X_H, H_Y = Connection("x", "h"), Connection("h", "y")


class TestWorkedExample:
    """teaching.md, to its eight decimals."""

    recipe = replace(PUBLISHED, name="by hand", sweeps=1, epsilon=(0.5, 0.5), alpha=(0.0, 0.0), decay=0.0, margin=0.0)
    cases = Cases({"x": column(0.1, 0.2)}, column(0.4, 0.6), np.ones((1, 1)))
    weights: ClassVar[Weights] = {
        X_H: np.array([[[0.3, 0.4], [0.25, 0.35]]]),
        H_Y: np.array([[[0.45, 0.7], [0.4, 0.6]]]),
    }

    def exactly(self, array: object, expected: object) -> None:
        np.testing.assert_allclose(np.asarray(array).squeeze(), np.asarray(expected), atol=5e-9, rtol=0)

    def test_before(self) -> None:
        y = forward(WORKED_EXAMPLE, self.weights, self.cases.inputs)
        self.exactly(y["h"], [0.51998934, 0.52747230])
        self.exactly(y["y"], [0.60944600, 0.66384491])
        self.exactly(squared_error(y["y"], self.cases), 0.02397190)

    def test_on_the_way(self) -> None:
        y = forward(WORKED_EXAMPLE, self.weights, self.cases.inputs)
        self.exactly((y["y"] - self.cases.d)[0, 0, 0], 0.20944600)
        self.exactly(logistic_slope(y["y"])[0, 0, 0], 0.23802157)
        dE_dw = gradient(WORKED_EXAMPLE, self.weights, self.cases)
        self.exactly(dE_dw[H_Y][0, 0, 0], 0.02592286)
        self.exactly(dE_dw[X_H][0, 0, 0], 0.00080888)
        dE_dx = output_derivative(y["y"], self.cases)
        by_path = dE_dx[0, 0] * self.weights[H_Y][0, 0]
        self.exactly(by_path, [0.02243370, 0.00997311])
        self.exactly(by_path.sum(), 0.03240681)

    def test_after_one_sweep(self) -> None:
        *_, last = descend(WORKED_EXAMPLE, self.recipe, initial_state(self.weights), self.cases)
        self.exactly(last.weights[X_H], [[0.29959556, 0.39964496], [0.24919112, 0.34928991]])
        self.exactly(last.weights[H_Y], [[0.43703857, 0.69629578], [0.38685205, 0.59624247]])
        y = forward(WORKED_EXAMPLE, last.weights, self.cases.inputs)
        self.exactly(y["h"], [0.51993887, 0.52742806])
        self.exactly(y["y"], [0.60617688, 0.66295848])
        self.exactly(squared_error(y["y"], self.cases), 0.02323634)


def numerical_gradient(
    net: Architecture, weights: Weights, cases: Cases, signal: ErrorSignal, margin: float
) -> Weights:
    """dE/dw by central differences of the error."""

    def error_of(changed: Weights) -> np.ndarray:
        return np.asarray(objective(forward(net, changed, cases.inputs)[net.output.name], cases, signal, margin))

    step = 1e-5
    numerical = {connection: np.zeros_like(w) for connection, w in weights.items()}
    for connection, w in weights.items():
        for i, j in np.ndindex(w.shape[1:]):
            up, down = w.copy(), w.copy()
            up[:, i, j] += step
            down[:, i, j] -= step
            difference = error_of({**weights, connection: up}) - error_of({**weights, connection: down})
            numerical[connection][:, i, j] = difference / (2 * step)
    return numerical


@pytest.mark.parametrize("margin", [0.0, 0.2])
@pytest.mark.parametrize("signal", ["squared", "cross-entropy"])
@pytest.mark.parametrize("name", NETS)
def test_gradient_against_central_differences(name: str, signal: ErrorSignal, margin: float) -> None:
    """Relative error below 1e-6; of shared weights (fig. 5) the gradient is that of the iterative net."""
    net = NETS[name]
    cases, weights = random_cases(net, 2, seed=3), random_weights(net, 2, seed=4)
    # With margins E jumps where a unit enters them; none is so near that the step takes it across.
    y = forward(net, weights, cases.inputs)[net.output.name]
    assert np.abs(np.abs(y - cases.d) - 0.2).min() > 1e-5
    exact = gradient(net, weights, cases, signal, margin)
    numerical = numerical_gradient(net, weights, cases, signal, margin)
    for connection in weights:
        largest = np.abs(numerical[connection]).max()
        assert np.abs(exact[connection] - numerical[connection]).max() <= 1e-6 * largest, connection
    assert max(np.abs(w).max() for w in exact.values()) > 1e-3


def test_gradient_of_softmax_against_central_differences() -> None:
    """Desired activities are shared out where several units are right, and every case has a right one."""
    net = of("tanh", "softmax")
    cases, weights = random_cases(net, 2, seed=3), random_weights(net, 2, seed=4)
    cases.d[:, 0] = 1
    exact, numerical = gradient(net, weights, cases, "softmax"), numerical_gradient(net, weights, cases, "softmax", 0.0)
    for connection in weights:
        largest = np.abs(numerical[connection]).max()
        assert np.abs(exact[connection] - numerical[connection]).max() <= 1e-6 * largest, connection


def test_margins_silence_units_and_nothing_else() -> None:
    y = np.array([[[0.81, 0.79, 0.19, 0.21]]])
    cases = Cases({}, column(1, 1, 0, 0), np.ones((1, 1)))
    assert (output_derivative(y, cases, "cross-entropy", 0.2) != 0).tolist() == [[[False, True, False, True]]]
    free, bound = (output_derivative(y, cases, "squared", margin)[..., [1, 3]] for margin in (0.0, 0.2))
    np.testing.assert_array_equal(free, bound)
    assert objective(y, cases, "squared", 0.2) == pytest.approx(0.5 * (0.21**2 + 0.21**2))


def test_held_out_cases_teach_nothing() -> None:
    cases, weights = random_cases(XOR, 2, seed=5), random_weights(XOR, 2, seed=6)
    other = Cases(cases.inputs, cases.d.copy(), np.array([[1.0] * 6 + [0.0]] * 2))
    before = gradient(XOR, weights, other), squared_error(forward(XOR, weights, other.inputs)["y"], other)
    other.d[-1] = 1 - other.d[-1]
    after = gradient(XOR, weights, other), squared_error(forward(XOR, weights, other.inputs)["y"], other)
    np.testing.assert_array_equal(before[1], after[1])
    for connection in weights:
        np.testing.assert_array_equal(before[0][connection], after[0][connection])


def test_schedule_momentum_and_decay_against_a_loop_without_matrices() -> None:
    """Three sweeps of an XOR net, two in the first phase: one multiplication at a time, as the paper writes them."""
    recipe = Recipe("hand", 3, (0.3, 0.7), (0.5, 0.9), 2, 0.002, 0.2, 1.0)
    cases = Cases(
        {"x": np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])},
        np.array([[0.0], [1], [1], [0]]),
        np.array([[1.0, 1, 1, 0]]),
    )
    weights = random_weights(XOR, 1, seed=7)
    *_, last = descend(XOR, recipe, initial_state(weights), cases)

    v = [[float(weights[X_H][0, i, j]) for j in range(2)] for i in range(2)]
    v.append([float(weights[Connection(BIAS, "h")][0, 0, j]) for j in range(2)])
    w = [float(weights[H_Y][0, j, 0]) for j in range(2)] + [float(weights[Connection(BIAS, "y")][0, 0, 0])]
    dv, dw = [[0.0, 0.0] for _ in range(3)], [0.0, 0.0, 0.0]
    for t in (1, 2, 3):
        epsilon, alpha = (0.3, 0.5) if t <= 2 else (0.7, 0.9)
        gv, gw = [[0.0, 0.0] for _ in range(3)], [0.0, 0.0, 0.0]
        for x1, x2, d in ((0, 0, 0), (0, 1, 1), (1, 0, 1)):
            x = (x1, x2, 1)
            h = [1 / (1 + math.exp(-sum(x[i] * v[i][j] for i in range(3)))) for j in range(2)]
            below = (*h, 1)
            y = 1 / (1 + math.exp(-sum(below[j] * w[j] for j in range(3))))
            on_target = y > 0.8 if d else y < 0.2
            dE_dx = 0 if on_target else (y - d) * y * (1 - y)
            for j in range(3):
                gw[j] += dE_dx * below[j]
            for j in range(2):
                dE_dxj = dE_dx * w[j] * h[j] * (1 - h[j])
                for i in range(3):
                    gv[i][j] += dE_dxj * x[i]
        for j in range(3):
            dw[j] = -epsilon * gw[j] + alpha * dw[j]
            w[j] = (w[j] + dw[j]) * 0.998
        for i in range(3):
            for j in range(2):
                dv[i][j] = -epsilon * gv[i][j] + alpha * dv[i][j]
                v[i][j] = (v[i][j] + dv[i][j]) * 0.998
    np.testing.assert_allclose(last.weights[X_H][0], v[:2], rtol=1e-13)
    np.testing.assert_allclose(last.weights[Connection(BIAS, "h")][0, 0], v[2], rtol=1e-13)
    np.testing.assert_allclose(last.weights[H_Y][0, :, 0], w[:2], rtol=1e-13)
    np.testing.assert_allclose(last.weights[Connection(BIAS, "y")][0, 0], w[2:], rtol=1e-13)


@pytest.mark.parametrize("name", NETS)
def test_many_networks_are_the_same_networks_one_at_a_time(name: str) -> None:
    """To the last bit."""
    net = NETS[name]
    recipe = replace(PUBLISHED, name="short", sweeps=8, first_phase=3, epsilon=(0.05, 0.1))
    cases, weights = random_cases(net, 5, seed=8), random_weights(net, 5, seed=9)
    *_, together = descend(net, recipe, initial_state(weights), cases)
    for k in range(5):
        one = {connection: w[k : k + 1] for connection, w in weights.items()}
        *_, alone = descend(
            net, recipe, initial_state(one), replace(cases, training_mask=cases.training_mask[k : k + 1])
        )
        for connection in weights:
            np.testing.assert_array_equal(together.weights[connection][k : k + 1], alone.weights[connection])


def test_shared_weights_stay_one() -> None:
    *_, last = descend(
        UNROLLED,
        replace(PUBLISHED, name="short", sweeps=5, epsilon=(0.5, 0.5)),
        initial_state(random_weights(UNROLLED, 2, seed=1)),
        random_cases(UNROLLED, 2, seed=2),
    )
    assert set(last.weights) == set(UNROLLED.connections)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(sorted(NETS)))
def test_a_small_step_downhill_lowers_the_error(seed: int, name: str) -> None:
    net = NETS[name]
    cases, weights = random_cases(net, 1, seed), random_weights(net, 1, seed)
    recipe = replace(PUBLISHED, name="small", epsilon=(1e-6, 1e-6), alpha=(0.0, 0.0), decay=0.0, margin=0.0)
    state = State(0, weights, {connection: 0 * w for connection, w in weights.items()})
    after = sweep(net, recipe, state, cases)
    squares = sum(float(np.sum(g**2)) for g in gradient(net, weights, cases).values())
    fall = squared_error(forward(net, weights, cases.inputs)[net.output.name], cases) - squared_error(
        forward(net, after.weights, cases.inputs)[net.output.name], cases
    )
    assert float(fall[0]) == pytest.approx(1e-6 * squares, rel=1e-2, abs=1e-12)


def test_descent_leaves_the_initial_weights_alone() -> None:
    cases, weights = random_cases(XOR, 2, seed=1), random_weights(XOR, 2, seed=2)
    kept = {connection: w.copy() for connection, w in weights.items()}
    states = list(descend(XOR, replace(PUBLISHED, name="short", sweeps=4), initial_state(weights), cases))
    assert [state.sweep for state in states] == [0, 1, 2, 3, 4]
    for connection in weights:
        np.testing.assert_array_equal(weights[connection], kept[connection])
        np.testing.assert_array_equal(states[0].weights[connection], kept[connection])


def test_diverged_names_the_networks() -> None:
    weights = random_weights(XOR, 4, seed=1)
    weights[X_H][1, 0, 1] = np.inf
    weights[H_Y][3, 0, 0] = np.nan
    assert diverged(weights).tolist() == [False, True, False, True]


def test_a_descent_shows_what_somebody_wants_to_see() -> None:
    """The states at the looks are those of every sweep, and nothing is computed after the last look."""
    cases, weights = random_cases(XOR, 2, seed=1), random_weights(XOR, 2, seed=2)
    recipe = replace(PUBLISHED, name="short", sweeps=6, batch=2)
    asked: list[int] = []

    def orders(first: int, sweeps: int) -> np.ndarray:
        asked.extend(range(first, first + sweeps))
        return np.array([[[0, 1, 2]] * sweeps, [[2, 1, 0]] * sweeps])

    every = list(descend(XOR, recipe, initial_state(weights), cases, orders))
    assert [state.sweep for state in every] == [0, 1, 2, 3, 4, 5, 6]
    asked.clear()
    some = list(descend(XOR, recipe, initial_state(weights), cases, orders, looks=(3, 0)))
    assert [state.sweep for state in some] == [0, 3]
    assert asked == [1, 2, 3]
    for connection, w in some[1].weights.items():
        np.testing.assert_array_equal(w, every[3].weights[connection])


def test_a_descent_goes_on_from_any_state() -> None:
    cases, weights = random_cases(XOR, 2, seed=1), random_weights(XOR, 2, seed=2)
    recipe = replace(PUBLISHED, name="short", sweeps=6, first_phase=2)
    every = list(descend(XOR, recipe, initial_state(weights), cases))
    onward = list(descend(XOR, recipe, every[4], cases, looks=(2, 5, 6, 9)))
    assert [state.sweep for state in onward] == [5, 6]
    for connection, w in onward[-1].weights.items():
        np.testing.assert_array_equal(w, every[-1].weights[connection])
    assert list(descend(XOR, recipe, every[4], cases, looks=(2,))) == []


@pytest.mark.parametrize("layer", ["h", "y"])
def test_threshold_units_compute_and_say_why_they_cannot_be_trained(layer: str) -> None:
    net = Architecture(
        tuple(replace(each, kind="threshold") if each.name == layer else each for each in WORKED_EXAMPLE.layers)
    )
    cases, weights = random_cases(net, 2, seed=1), random_weights(net, 2, seed=2)
    y = net.activities(weights, cases.inputs)[layer]
    assert {*np.unique(y)} == {0, 1}
    assert np.array_equal(net.answers(weights, cases.inputs), net.activities(weights, cases.inputs)["y"])
    assert evaluate(net, weights, cases).objective.shape == (2,)
    recipe = replace(PUBLISHED, name="short", sweeps=2)
    for fails in (
        lambda: gradient(net, weights, cases),
        lambda: [*descend(net, recipe, initial_state(weights), cases)],
    ):
        with pytest.raises(FamilyTreesError, match="cannot be trained by equation 5"):
            fails()


def test_batches_need_an_order() -> None:
    recipe = replace(PUBLISHED, name="short", sweeps=1, batch=2)
    cases, state = random_cases(XOR, 1, seed=1), initial_state(random_weights(XOR, 1, seed=2))
    with pytest.raises(ValueError, match="order"):
        next(descend(XOR, recipe, state, cases, looks=(1,)))
