"""Vectors and matrices: the equations of `embedding.py` by hand, against differences, and against their page."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from plain_embedding import Numbers, Question, Shape, answer, nearness, train
from test_compiled import THERE, engine

from family_trees.engine.arrays import Array
from family_trees.engine.cases import Cases
from family_trees.engine.descent import descend, initial_state
from family_trees.engine.embedding import CANDIDATE, PERSON, RELATION, Embedding
from family_trees.engine.evaluation import right, right_by_rank
from family_trees.engine.learning import target
from family_trees.engine.network import Weights
from family_trees.engine.onehot import OneHot
from family_trees.engine.recipe import PUBLISHED
from family_trees.models.randomness import case_orders, initial_weights

SHAPES = [(1, 1, True, False), (3, 1, True, False), (2, 3, True, False), (3, 2, False, False), (2, 2, True, True)]
"""Rows, columns, whether people have one matrix, and whether tanh units stand after the product."""


def asked(people: list[int], relations: list[int], learner: Embedding) -> dict[str, Array | OneHot]:
    return {
        "person": OneHot.of([(k,) for k in people], learner.people),
        "relation": OneHot.of([(k,) for k in relations], learner.relations),
    }


# -- by hand


def test_equations_1_to_9_by_hand() -> None:
    """Person 0 is the number 1, person 1 the number 3, and the relation is the number 2."""
    learner = Embedding(people=2, relations=1, rows=1, columns=1)
    weights: Weights = {PERSON: np.array([[[1.0], [3.0]]]), RELATION: np.array([[[2.0]]])}
    inputs = asked([0], [0], learner)
    # (1) Z = 2 * 1 = 2. (2) x_0 = 2 * 2 * 1 - 1 = 3, x_1 = 2 * 2 * 3 - 9 = 3: Z lies in the middle.
    assert learner.activities(weights, inputs)["product"].tolist() == [[[2.0]]]
    assert learner.scores(weights, inputs).tolist() == [[[3.0, 3.0]]]
    # (3) P = 1/2, 1/2. The right answer is person 1. (5) dE/dx = 1/2, -1/2. (6) dE/dZ = 2 (1/2 * 1 - 1/2 * 3) = -2.
    # (7) dE/dV_0 = 2 * 1/2 * (2 - 1) = 1, dE/dV_1 = 2 * -1/2 * (2 - 3) = 1. (8) dE/dR = -2 * 1. (9) dE/dA = 2 * -2.
    found = learner.gradient(weights, Cases(inputs, np.array([[0.0, 1.0]]), np.ones((1, 1))))
    assert found[PERSON].tolist() == [[[1.0 - 4.0], [1.0]]]
    assert found[RELATION].tolist() == [[[-2.0]]]


def test_the_same_with_matrices_of_their_own_for_answers() -> None:
    learner = Embedding(people=2, relations=1, rows=1, columns=1, shared=False)
    people = np.array([[[1.0], [3.0]]])
    weights: Weights = {PERSON: people, RELATION: np.array([[[2.0]]]), CANDIDATE: people.copy()}
    found = learner.gradient(weights, Cases(asked([0], [0], learner), np.array([[0.0, 1.0]]), np.ones((1, 1))))
    assert found[PERSON].tolist() == [[[-4.0], [0.0]]]
    assert found[CANDIDATE].tolist() == [[[1.0], [1.0]]]


def test_a_relation_multiplies_from_the_left() -> None:
    """This one exchanges the two rows."""
    learner = Embedding(people=2, relations=1, rows=2, columns=2)
    one, other = [1.0, 2.0, 3.0, 4.0], [3.0, 4.0, 1.0, 2.0]
    weights: Weights = {PERSON: np.array([[one, other]]), RELATION: np.array([[[0.0, 1.0, 1.0, 0.0]]])}
    inputs = asked([0, 1], [0, 0], learner)
    assert learner.activities(weights, inputs)["product"].tolist() == [[other, one]]
    scores = learner.scores(weights, inputs)[0]
    # The squared distance between the two is 4 times 2 squared.
    assert (scores[0] - scores[1]).tolist() == [-16.0, 16.0]
    assert learner.answers(weights, inputs)[0].argmax(axis=-1).tolist() == [1, 0]


def test_a_person_is_an_answer_above_a_quarter_of_the_largest_probability() -> None:
    """x is 0, -ln 3.9 and -ln 4.1: the roots of the shares are above and below a half."""
    learner = Embedding(people=3, relations=1, rows=1, columns=1)
    roots = [0.0, math.sqrt(math.log(3.9)), math.sqrt(math.log(4.1))]
    weights: Weights = {PERSON: np.array([[[each] for each in roots]]), RELATION: np.array([[[1.0]]])}
    (y,) = learner.answers(weights, asked([0], [0], learner))[0]
    assert_allclose(y, [1, 3.9**-0.5, 4.1**-0.5], rtol=1e-14)
    d = np.array([[1.0, 1.0, 0.0]])
    assert right(y[None], d).all()
    assert right_by_rank(y[None], d).all()


# -- against differences


def made(shape: tuple[int, int, bool, bool], count: int = 11) -> tuple[Embedding, Weights, Cases]:
    rows, columns, shared, squashed = shape
    learner = Embedding(5, 3, rows, columns, shared, squashed)
    rng = np.random.default_rng(7)
    inputs = asked(rng.integers(0, 5, count).tolist(), rng.integers(0, 3, count).tolist(), learner)
    desired = np.array([rng.permutation(5) < 1 + k % 3 for k in range(count)]).astype(float)
    mask = np.array([rng.permutation(count) < count - 2 for _ in range(2)]).astype(float)
    return learner, initial_weights(learner, 0.8, 0, range(2)), Cases(inputs, desired, mask)


def error(learner: Embedding, weights: Weights, cases: Cases) -> Array:
    """E of equation 4, with another arithmetic."""
    x = learner.scores(weights, cases.inputs)
    ln_p = x - np.log(np.exp(x).sum(axis=-1, keepdims=True))
    return np.asarray(-(target(cases.d, "softmax") * ln_p * cases.training_mask[..., None]).sum(axis=(-2, -1)))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_gradient_is_that_of_differences(shape: tuple[int, int, bool, bool]) -> None:
    learner, weights, cases = made(shape)
    found = learner.gradient(weights, cases)
    step = 1e-5
    assert {c: w.shape[1:] for c, w in found.items()} == learner.connections
    for connection, w in weights.items():
        for place in np.ndindex(*w.shape[1:]):
            sides = []
            for sign in (1, -1):
                moved = w.copy()
                moved[:, *place] += sign * step
                sides.append(error(learner, {**weights, connection: moved}, cases))
            assert_allclose(found[connection][:, *place], (sides[0] - sides[1]) / (2 * step), rtol=1e-5, atol=1e-8)


def test_the_probabilities_are_the_softmax_of_minus_the_squared_distances() -> None:
    learner, weights, cases = made((3, 2, True, False))
    x, z = learner.scores(weights, cases.inputs), learner.activities(weights, cases.inputs)["product"]
    distance = ((z[:, :, None] - weights[PERSON][:, None]) ** 2).sum(axis=-1)
    assert_allclose(np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True), np.exp(-distance) / np.exp(-distance).sum(
        axis=-1, keepdims=True), rtol=1e-12)  # fmt: skip


def test_held_out_cases_do_not_count() -> None:
    learner, weights, cases = made((2, 2, True, False))
    mask = np.tile([1.0, 0.0], (2, 6))[:, :11]
    inputs = {name: x.at(np.arange(0, 11, 2)) for name, x in cases.inputs.items() if isinstance(x, OneHot)}
    few = Cases(inputs, cases.d[::2], np.ones((2, 6)))
    for one, other in zip(
        learner.gradient(weights, replace(cases, training_mask=mask)).values(),
        learner.gradient(weights, few).values(),
        strict=True,
    ):
        assert_allclose(one, other, rtol=1e-12, atol=1e-14)


# -- against the page


def plain(weights: Weights, network: int) -> Numbers:
    rows = [weights[c][network].tolist() if c in weights else [] for c in (PERSON, RELATION, CANDIDATE)]
    return Numbers(*rows)


def questions(cases: Cases, network: int) -> list[Question]:
    codes = (cases.inputs[name] for name in ("person", "relation"))
    person, relation = (x.indices if isinstance(x, OneHot) else x.argmax(axis=-1) for x in codes)
    return [
        Question(int(person[k]), int(relation[k]), frozenset(np.flatnonzero(row).tolist()), bool(mask))
        for k, (row, mask) in enumerate(zip(cases.d, cases.training_mask[network], strict=True))
    ]


@pytest.mark.parametrize("batch", [0, 4])
@pytest.mark.parametrize("shape", SHAPES)
def test_trainings_are_those_of_the_page(shape: tuple[int, int, bool, bool], batch: int) -> None:
    """`plain_embedding.py` reads ARITHMETIC.md once more."""
    learner, weights, cases = made(shape, 21)
    recipe = replace(
        PUBLISHED, sweeps=6, epsilon=(0.05, 0.03), first_phase=3, decay=0.02, decay_from=2, margin=0,
        error_signal="softmax", batch=batch, averaged=bool(batch), fan_in=shape[0] == 2,
    )  # fmt: skip
    orders = case_orders(3, range(2), cases.training_mask)
    for name in ("numpy", *THERE):
        with engine(name):
            (state,) = descend(learner, recipe, initial_state(weights), cases, orders, [6])
            scores, answers = learner.scores(weights, cases.inputs), learner.answers(weights, cases.inputs)
        for network in range(2):
            expected = train(
                Shape(*shape), recipe, questions(cases, network), plain(weights, network), sweeps=6, seed=3,
                number=network,
            )  # fmt: skip
            assert plain(state.weights, network) == expected
            for k, question in enumerate(questions(cases, network)):
                x = answer(Shape(*shape), plain(weights, network), question).x
                assert scores[network, k].tolist() == x
                assert answers[network, k].tolist() == nearness(x)


# -- its other sides


def test_codes_are_the_matrices_themselves() -> None:
    learner, weights, _ = made((2, 3, True, False))
    codes = learner.codes(weights)
    assert_array_equal(codes["person"], weights[PERSON])
    assert_array_equal(codes["relation"], weights[RELATION])


def test_activities_end_with_the_answers() -> None:
    learner, weights, cases = made((2, 3, False, True))
    y = learner.activities(weights, cases.inputs)
    assert {layer.name: layer.units for layer in learner.layers} == {name: x.shape[-1] for name, x in y.items()}
    assert_array_equal(y[learner.output.name], learner.answers(weights, cases.inputs))


def test_dense_inputs_are_those_of_indices() -> None:
    learner, weights, cases = made((2, 3, True, False))
    dense = {name: x.to_dense() for name, x in cases.inputs.items() if isinstance(x, OneHot)}
    for one, other in zip(
        learner.gradient(weights, cases).values(),
        learner.gradient(weights, replace(cases, inputs=dense)).values(),
        strict=True,
    ):
        assert_array_equal(one, other)


@pytest.mark.parametrize("numbers", [(0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 0, 1), (1, 1, 1, 0)])
def test_numbers_below_1_are_refused(numbers: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="give numbers of at least 1"):
        Embedding(*numbers)


def test_only_the_error_signal_softmax_is_taken() -> None:
    learner, weights, cases = made((1, 1, True, False))
    with pytest.raises(ValueError, match="softmax, without a margin"):
        learner.gradient(weights, cases, "squared")
    with pytest.raises(ValueError, match="softmax, without a margin"):
        learner.gradient(weights, cases, "softmax", 0.1)
