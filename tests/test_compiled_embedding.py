"""The compiled engine computes the bytes of `embedding.py`, with every width of vectors that this processor has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_compiled import MOST_BYTES, THERE, compiled, each_level, engine

from family_trees.engine.arrays import Array
from family_trees.engine.cases import Cases, Orders, part_size
from family_trees.engine.compiled.embedding_program import compiled_embedding_answers, compiled_embedding_evaluation
from family_trees.engine.compiled.library import ENGINE_VARIABLE
from family_trees.engine.compiled.program import Program
from family_trees.engine.descent import State, descend, diverged, initial_state
from family_trees.engine.embedding import Embedding
from family_trees.engine.evaluation import CRITERIA, Evaluation, evaluate
from family_trees.engine.fingerprint import differing_weight
from family_trees.engine.network import Weights
from family_trees.engine.onehot import OneHot
from family_trees.engine.recipe import PUBLISHED, Recipe
from family_trees.families.of_1986 import family_trees_task
from family_trees.families.task import cases_for
from family_trees.models.randomness import case_orders, initial_weights
from family_trees.support.content import same_content

RECIPE = replace(
    PUBLISHED, sweeps=25, epsilon=(0.015, 0.03), decay=0.02, margin=0, initial_range=0.5, error_signal="softmax"
)

SHAPES = [(1, 1), (3, 2), (4, 4), (6, 6), (7, 1)]
"""Rows and columns of the matrices of people; those with one column are vectors."""


def states(
    learner: Embedding, recipe: Recipe, start: State, cases: Cases, orders: Orders, looks: list[int], name: str
) -> list[State]:
    with engine(name), np.errstate(all="ignore"):
        return list(descend(learner, recipe, start, cases, orders, looks))


def program(learner: Embedding, recipe: Recipe, cases: Cases) -> Program | None:
    return Program.of(
        learner,
        cases,
        signal=recipe.error_signal,
        margin=recipe.margin,
        averaged=recipe.averaged,
        batch=recipe.batch,
        orders=None,
    )


def difference(learner: Embedding, recipe: Recipe, weights: Weights, cases: Cases, *levels: str) -> str | None:
    """The first weight, in the first sweep, that another engine than NumPy gets otherwise, in words."""
    assert program(learner, recipe, cases) is not None
    orders = case_orders(1, range(len(cases.training_mask)), cases.training_mask)
    start = initial_state(weights)
    every = [*range(1, recipe.sweeps + 1)]
    expected = states(learner, recipe, start, cases, orders, every, "numpy")
    for level in levels:
        for looks in (every, [recipe.sweeps]):
            for state in states(learner, recipe, start, cases, orders, looks, level):
                for what in ("weights", "change"):
                    of = expected[state.sweep - 1]
                    if found := differing_weight(getattr(of, what), getattr(state, what)):
                        return f"{level}, sweep {state.sweep}, {what} of {found}"
    return None


@st.composite
def embeddings(draw: st.DrawFn) -> tuple[Embedding, Weights, Cases]:
    """A learner of any shape, the weights of some networks, and any cases."""
    units = st.integers(1, 20)
    rows, columns = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    learner = Embedding(draw(units), draw(st.integers(1, 5)), rows, columns, draw(st.booleans()), draw(st.booleans()))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count, networks = draw(st.integers(1, 45)), draw(st.integers(1, 3))

    def codes(units: int) -> Array | OneHot:
        on = rng.integers(0, units, count)
        return np.eye(units)[on] if draw(st.booleans()) else OneHot.of([(k,) for k in on.tolist()], units)

    answers = rng.random((count, learner.people)) < 0.3
    desired: Array | OneHot = answers.astype(float)
    if draw(st.booleans()):
        desired = OneHot.of([np.flatnonzero(row).tolist() for row in answers], learner.people)
    shown = draw(st.integers(1, count))
    mask = np.array([rng.permutation(count) < shown for _ in range(networks)]).astype(float)
    inputs = {"person": codes(learner.people), "relation": codes(learner.relations)}
    return (
        learner,
        initial_weights(learner, draw(st.sampled_from([0.1, 1.0])), 0, range(networks)),
        Cases(inputs, desired, mask),
    )


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    return replace(
        RECIPE,
        sweeps=draw(st.integers(1, 5)),
        epsilon=(draw(st.sampled_from([0.01, 0.1])), 0.02),
        alpha=(draw(st.sampled_from([0, 0.5])), draw(st.sampled_from([0.0, 0.9]))),
        first_phase=draw(st.integers(0, 4)),
        decay=draw(st.sampled_from([0, 0.02])),
        batch=draw(st.sampled_from([0, 0, 1, 3, 8, 20])),
        averaged=draw(st.booleans()),
        fan_in=draw(st.booleans()),
        decay_from=draw(st.integers(1, 5)),
    )


@compiled
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(embeddings(), recipes())
def test_any_training_gives_the_same_bytes(made: tuple[Embedding, Weights, Cases], recipe: Recipe) -> None:
    learner, weights, cases = made
    assert difference(learner, recipe, weights, cases, *THERE) is None


@compiled
@settings(max_examples=60)
@given(embeddings())
def test_any_answers_and_evaluations_have_the_same_bytes(made: tuple[Embedding, Weights, Cases]) -> None:
    learner, weights, cases = made

    def found(name: str) -> tuple[Array, Array, Evaluation]:
        with engine(name):
            answers, scores = learner.answers(weights, cases.inputs), learner.scores(weights, cases.inputs)
            return answers, scores, evaluate(learner, weights, cases, criteria=tuple(CRITERIA))

    expected = found("numpy")
    for level in THERE:
        assert same_content(found(level), expected), level


def of_1986(shape: tuple[int, int], networks: int, **changed: Any) -> tuple[Embedding, Recipe, Weights, Cases]:
    """The task of 1986 with four cases held out."""
    task = family_trees_task()
    learner = Embedding(len(task.people), len(task.relations), *shape)
    cases = cases_for(task, [task.draw_held_out(4, 0, k) for k in range(networks)])
    return learner, replace(RECIPE, **changed), initial_weights(learner, 0.5, 0, range(networks)), cases


@compiled
@each_level
@pytest.mark.parametrize("shape", SHAPES)
def test_the_trees_of_1986_give_the_same_bytes(shape: tuple[int, int], level: str) -> None:
    assert difference(*of_1986(shape, 2), level) is None
    assert difference(*of_1986(shape, 2, batch=20, sweeps=4), level) is None


@compiled
@pytest.mark.parametrize("shape", [(4, 4), (7, 1)])
def test_blocks_of_any_size_give_the_same_networks(shape: tuple[int, int]) -> None:
    """Networks that are trained together are those that are trained in blocks, with batches too."""
    for batch in (0, 10):
        learner, recipe, weights, cases = of_1986(shape, 33, sweeps=4, batch=batch)

        def trained(numbers: range, of: Weights, cases: Cases, learner: Embedding, recipe: Recipe) -> Weights:
            part = replace(cases, training_mask=cases.training_mask[numbers.start : numbers.stop])
            start = initial_state({c: w[numbers.start : numbers.stop] for c, w in of.items()})
            orders = case_orders(1, numbers, part.training_mask)
            return states(learner, recipe, start, part, orders, [recipe.sweeps], THERE[-1])[0].weights

        together = trained(range(33), weights, cases, learner, recipe)
        for size in (1, 7, 16):
            blocks = [range(first, min(first + size, 33)) for first in range(0, 33, size)]
            ends = [trained(numbers, weights, cases, learner, recipe) for numbers in blocks]
            joined = {c: np.concatenate([each[c] for each in ends]) for c in weights}
            assert differing_weight(together, joined) is None


@compiled
@each_level
def test_a_training_of_many_calls_gives_the_same_bytes(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call takes about a second at most, so that an interruption is noticed. Here it takes a sweep or two."""
    from family_trees.engine.compiled import program

    monkeypatch.setattr(program, "MOST_WORK", 1)
    monkeypatch.setattr(program, "MOST_ORDERS", 2 * 104)
    for batch in (0, 30):
        assert difference(*of_1986((3, 2), 2, sweeps=5, batch=batch), level) is None


@compiled
@pytest.mark.parametrize("batch", [0, 100, 360])
def test_cases_that_do_not_fit_into_one_part_give_the_same_bytes(batch: int) -> None:
    """344 cases of this learner fit into memory in C, and more are taken 160 at a time. NumPy takes 80 at a time."""
    people, count = 3000, 375
    learner = Embedding(people, 12, 3, 2, shared=batch != 100)
    step = people + 3 * 2 + 1
    assert MOST_BYTES // (64 * step) * 8 == 344
    assert part_size(people) == 80
    rng = np.random.default_rng(0)

    def codes(units: int) -> OneHot:
        return OneHot.of([(k,) for k in rng.integers(0, units, count).tolist()], units)

    mask = np.array([rng.permutation(count) < count - 3 for _ in range(2)]).astype(float)
    answers = OneHot.of([rng.choice(people, k % 4, replace=False).tolist() for k in range(count)], people)
    cases = Cases({"person": codes(people), "relation": codes(12)}, answers, mask)
    weights = initial_weights(learner, 0.5, 0, range(2))
    recipe = replace(RECIPE, sweeps=2, batch=batch)
    assert difference(learner, recipe, weights, cases, *THERE) is None
    with engine("numpy"):
        expected = evaluate(learner, weights, cases, criteria=tuple(CRITERIA))
    for level in THERE:
        with engine(level):
            assert same_content(evaluate(learner, weights, cases, criteria=tuple(CRITERIA)), expected)


@compiled
def test_numbers_that_overflow_do_so_in_both_engines() -> None:
    learner, recipe, weights, cases = of_1986((3, 2), 2, sweeps=12, epsilon=(1e3, 1e200))
    orders = case_orders(1, range(2), cases.training_mask)
    every = [*range(1, 13)]
    expected = [
        diverged(each.weights).tolist()
        for each in states(learner, recipe, initial_state(weights), cases, orders, every, "numpy")
    ]
    assert expected[0] == [False, False]
    assert expected[-1] == [True, True]
    for level in THERE:
        found = states(learner, recipe, initial_state(weights), cases, orders, every, level)
        assert [diverged(each.weights).tolist() for each in found] == expected


# -- where the engine steps aside


@compiled
def test_numpy_does_what_the_engine_does_not_do() -> None:
    """Inputs and answers that differ between networks, desired activities between 0 and 1."""
    learner, recipe, weights, cases = of_1986((3, 2), 2, sweeps=3)
    dense = {name: x.to_dense() if isinstance(x, OneHot) else x for name, x in cases.inputs.items()}
    own_inputs = replace(cases, inputs={name: np.stack([x, x[::-1]]) for name, x in dense.items()})
    own_answers = replace(cases, desired=np.stack([cases.d, cases.d[::-1]]))
    half = replace(cases, desired=np.full(cases.d.shape, 0.5))
    for other in (own_inputs, own_answers, half):
        assert program(learner, recipe, other) is None
        start, looks = initial_state(weights), [3]
        orders = case_orders(1, range(2), cases.training_mask)
        (one,), (two,) = (states(learner, recipe, start, other, orders, looks, name) for name in ("numpy", THERE[-1]))
        assert differing_weight(one.weights, two.weights) is None
    with engine(THERE[-1]):
        compiled_answers = learner.answers(weights, own_inputs.inputs)
    assert compiled_answers.shape == (2, 104, 24)


@compiled
def test_another_error_signal_is_refused_by_every_engine() -> None:
    learner, recipe, weights, cases = of_1986((3, 2), 1, sweeps=1)
    orders = case_orders(1, range(1), cases.training_mask)
    for wrong in (replace(recipe, error_signal="squared"), replace(recipe, error_signal="cross-entropy", margin=0.1)):
        for name in ("numpy", *THERE):
            with pytest.raises(ValueError, match="softmax, without a margin"):
                states(learner, wrong, initial_state(weights), cases, orders, [1], name)


@compiled
def test_the_arrays_that_are_given_stay_as_they_are() -> None:
    learner, recipe, weights, cases = of_1986((3, 2), 1, sweeps=2)
    before = {c: w.copy() for c, w in weights.items()}
    orders = case_orders(1, range(1), cases.training_mask)
    states(learner, recipe, initial_state(weights), cases, orders, [2], THERE[-1])
    assert differing_weight(before, weights) is None


def test_numpy_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    learner, recipe, weights, cases = of_1986((3, 2), 1)
    monkeypatch.setenv(ENGINE_VARIABLE, "numpy")
    assert program(learner, recipe, cases) is None
    assert compiled_embedding_answers(learner, weights, cases.inputs, raw=True) is None
    assert compiled_embedding_evaluation(learner, weights, cases, 0.2) is None
