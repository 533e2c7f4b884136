"""The argument about gradient and decay, against numbers by hand and against the engine."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from family_trees.analysis.window import (
    STARTED_STRENGTH,
    error_at_rest,
    first_distinction,
    largest_epsilon,
    layer_gains,
    learning_starts,
    slope_product,
    smallest_epsilon,
    strength_by_sweep,
)
from family_trees.engine.cases import Cases
from family_trees.engine.learning import backward, gradient, output_derivative, weight_change, weight_derivatives
from family_trees.engine.network import BIAS, Connection, Weights, forward
from family_trees.engine.recipe import CROSS_ENTROPY, LARGER_STEPS, PUBLISHED
from family_trees.families.of_1986 import load_families
from family_trees.families.task import Task
from family_trees.models.layered import FAMILY_TREE_NETWORK
from family_trees.models.randomness import initial_weights


def test_error_at_rest_by_hand(task: Task) -> None:
    assert error_at_rest(PUBLISHED, task) == pytest.approx(0.8 * 0.2 * 0.8)
    assert error_at_rest(CROSS_ENTROPY, task) == pytest.approx(0.8)
    base = 112 / 104 / 24
    assert error_at_rest(replace(PUBLISHED, margin=0.0), task) == pytest.approx((1 - base) ** 2 * base)


def test_nationality_is_the_first_distinction_of_people_and_sex_that_of_relations(task: Task) -> None:
    nationality = {person.name: person.nationality for person in load_families().people}
    found = first_distinction(task)
    assert len({(nationality[name], sign > 0) for name, sign in zip(task.people, found.people, strict=True)}) == 2
    assert len({(nationality[name], sign > 0) for name, sign in zip(task.people, found.answers, strict=True)}) == 2
    sexes = first_distinction(task, "relation").people
    male = {"husband", "son", "father", "brother", "nephew", "uncle"}
    assert len({(name in male, sign > 0) for name, sign in zip(task.relations, sexes, strict=True)}) == 2


def test_small_weights_have_slopes_of_a_quarter() -> None:
    assert slope_product(1e-3) == pytest.approx(1 / 64, rel=1e-4)
    assert slope_product(4.0) < 0.2 / 64


@pytest.mark.parametrize("reach", [0.1, 0.5, 1.0, 2.0])
def test_the_gradient_of_the_argument_is_that_of_networks_at_rest(task: Task, reach: float) -> None:
    """Random networks whose outputs are all at the margin: dE/dw of the lowest and of the highest weights."""
    networks = 400
    weights = initial_weights(FAMILY_TREE_NETWORK, reach, 11, range(networks))
    cases = Cases(task.inputs(), task.desired(), np.ones((networks, len(task.cases))))
    at_rest = gradient_at_rest(weights, cases, 0.2)
    found = first_distinction(task)
    of_people = np.einsum("p,npu->nu", found.people, at_rest[Connection("person", "person code")])
    of_answers = np.einsum("nua,a->nu", at_rest[Connection("penultimate", "answer")], found.answers)
    up, down = layer_gains(reach, np.zeros(4))
    for along, k in ((of_people, 0), (of_answers, 3)):
        measured = np.sqrt(np.mean(np.sum(along**2, axis=-1)))
        predicted = error_at_rest(PUBLISHED, task) * found.singular_value * slope_product(reach) * up[k] * down[k]
        assert predicted == pytest.approx(measured, rel=0.3)


def gradient_at_rest(weights: Weights, cases: Cases, level: float) -> Weights:
    """dE/dw where every output is at `level` for every case, by a margin that leaves only right units an error."""
    y = forward(FAMILY_TREE_NETWORK, weights, cases.inputs)
    y["answer"] = np.full_like(y["answer"], level)
    of_output = output_derivative(y["answer"], cases, "squared", level + 1e-9)
    found = backward(FAMILY_TREE_NETWORK, weights, y, of_output)
    return weight_derivatives(FAMILY_TREE_NETWORK, weights, y, found.dE_dx)


def test_gains_by_hand() -> None:
    """Root mean square 1, layers of 6, 12, 6 and 24 units; the second layer of weights has learned 4."""
    up, down = layer_gains(math.sqrt(3), np.array([0.0, 4.0, 0.0, 0.0]))
    assert up == pytest.approx(np.sqrt([1, 6, 6 * (12 + 16), 6 * 28 * 6]))
    assert down == pytest.approx(np.sqrt([6 * 12 * (6 + 16), 6 * 12, 6, 1]))


def test_three_sweeps_of_the_course_by_hand(task: Task) -> None:
    recipe = replace(PUBLISHED, sweeps=3, first_phase=1, decay=0.1, decay_from=2, initial_range=1.2)
    error = 0.128 * first_distinction(task).singular_value
    learned, reach, strengths = np.zeros(4), 1.2, []
    for rate, kept in ((0.005 / 0.5, 1.0), (0.01 / 0.1, 0.9), (0.01 / 0.1, 0.9)):
        up, down = layer_gains(reach, learned)
        learned = (learned + rate * error * slope_product(reach) * up * down) * kept
        strengths.append(slope_product(reach) * np.prod(learned))
        reach *= kept
    assert strength_by_sweep(recipe, task) == pytest.approx(np.array(strengths), rel=1e-2)
    assert strengths[2] > 0
    without_decay = strength_by_sweep(replace(recipe, decay=0.0), task)
    assert without_decay[2] > 1.5 * strengths[2]


def test_learning_starts_or_dies_away(task: Task) -> None:
    """Nothing lies between: at its end the course is far below the threshold, or above it."""
    for recipe, reach, expected in (
        (PUBLISHED, 0.3, False),
        (PUBLISHED, 1.0, False),
        (LARGER_STEPS, 0.3, False),
        (LARGER_STEPS, 3.0, True),
        (CROSS_ENTROPY, 4.0, True),
    ):
        tried = replace(recipe, initial_range=reach)
        assert learning_starts(tried, task) == expected
        strongest = strength_by_sweep(tried, task).max()
        assert strongest > STARTED_STRENGTH or strongest < 0.05 * STARTED_STRENGTH


def test_the_smallest_step_parts_the_two(task: Task) -> None:
    recipe = replace(PUBLISHED, initial_range=1.0)
    smallest = smallest_epsilon(recipe, task)
    assert learning_starts(recipe, task, 1.02 * smallest / 0.01)
    assert not learning_starts(recipe, task, smallest / 0.01 / 1.03)
    crossed = smallest_epsilon(replace(recipe, error_signal="cross-entropy"), task)
    assert smallest / crossed == pytest.approx(0.8 / 0.128, rel=0.04)
    assert smallest_epsilon(replace(recipe, decay=0.001), task) < smallest


def test_the_largest_step_by_hand(task: Task) -> None:
    """Small weights: six units of 1/2 and the bias arrive; 104 cases; slope 1/4."""
    small = replace(PUBLISHED, initial_range=1e-3)
    assert largest_epsilon(small, task) == pytest.approx(2 * 1.9 / (104 / 16 * (1 + 6 / 4)), rel=1e-4)
    crossed = replace(small, error_signal="cross-entropy")
    assert largest_epsilon(crossed, task) == pytest.approx(2 * 1.9 / (104 / 4 * (1 + 6 / 4)), rel=1e-4)
    wide = replace(PUBLISHED, initial_range=3.0)
    assert largest_epsilon(wide, task) < 0.9 * largest_epsilon(small, task)  # saturated units bring more than 1/4
    first = replace(small, epsilon=(0.01, 0.01))
    assert largest_epsilon(first, task) == pytest.approx(2 * 1.5 / (104 / 16 * (1 + 6 / 4)), rel=1e-4)
    assert largest_epsilon(replace(first, first_phase=0), task) == pytest.approx(largest_epsilon(small, task))


def test_the_largest_step_is_where_descent_with_momentum_stops_to_converge() -> None:
    """The rule itself, on E = c w^2 / 2."""
    for share, converges in ((0.99, True), (1.01, False)):
        curvature, alpha = 3.0, 0.9
        epsilon = share * 2 * (1 + alpha) / curvature
        w, change = 1.0, 0.0
        for _ in range(2000):
            change = weight_change(np.array(curvature * w), np.array(change), epsilon, alpha).item()
            w += change
        assert (abs(w) < 1) == converges


@pytest.mark.parametrize("changed", [{"units": "tanh"}, {"batch": 10}, {"fan_in": True}, {"initial_range": (1.0,) * 5}])
def test_what_the_argument_does_not_speak_of_is_refused(task: Task, changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="argument is for"):
        strength_by_sweep(replace(PUBLISHED, **changed), task)  # type: ignore[arg-type]


def test_the_engine_agrees_that_decay_wins_the_race_in_a_published_network(task: Task) -> None:
    """Cauchy-Schwarz: weights whose whole gradient is smaller than what decay takes can only shrink."""
    weights = initial_weights(FAMILY_TREE_NETWORK, 0.3, 0, range(4))
    weights = {c: 0 * w - 1.4 if c == Connection(BIAS, "answer") else w for c, w in weights.items()}
    cases = Cases(task.inputs(), task.desired(), np.ones((4, len(task.cases))))
    code = Connection("person", "person code")
    added = 0.1 * np.linalg.norm(gradient(FAMILY_TREE_NETWORK, weights, cases, margin=0.2)[code], axis=(1, 2))
    taken = 0.002 * np.linalg.norm(weights[code], axis=(1, 2))
    assert np.all(added < taken / 2)
