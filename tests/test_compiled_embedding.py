"""The compiled engine computes the bytes of `embedding.py`, with every width of vectors that this processor has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_compiled import THERE, compiled, each_level, engine

from family_trees.engine.arrays import Array
from family_trees.engine.cases import Cases, Orders
from family_trees.engine.compiled.program import Program
from family_trees.engine.descent import State, descend, initial_state
from family_trees.engine.embedding import Embedding
from family_trees.engine.evaluation import COMPILED_CRITERIA, Evaluation, evaluate
from family_trees.engine.fingerprint import differing_weight
from family_trees.engine.network import Weights
from family_trees.engine.onehot import OneHot
from family_trees.engine.recipe import PUBLISHED, Recipe
from family_trees.families.task import Task, cases_for
from family_trees.models.randomness import case_orders
from family_trees.support.content import same_content
from family_trees.support.philox import uniform

RECIPE = replace(
    PUBLISHED, sweeps=25, epsilon=(0.015, 0.03), decay=0.02, margin=0, initial_range=0.5, error_signal="softmax"
)

SHAPES = [(1, 1), (3, 2), (4, 4), (6, 6), (7, 1)]
"""Rows and columns of the matrices of people; those with one column are vectors."""


def first_weights(learner: Embedding, numbers: range, reach: float = 0.5) -> Weights:
    """Weights between minus and plus `reach`."""
    sizes = [below * above for below, above in learner.connections.values()]
    drawn = reach * (2 * uniform(0, "weights", np.array(numbers), sum(sizes)) - 1)
    parts = np.split(drawn, np.cumsum(sizes)[:-1], axis=-1)
    shapes = learner.connections.items()
    return {c: part.reshape(len(numbers), *shape) for (c, shape), part in zip(shapes, parts, strict=True)}


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
    learner = Embedding(draw(units), draw(st.integers(1, 5)), draw(st.integers(1, 7)), draw(st.integers(1, 7)))
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
        first_weights(learner, range(networks), draw(st.sampled_from([0.1, 1.0]))),
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
            return answers, scores, evaluate(learner, weights, cases, criteria=COMPILED_CRITERIA)

    expected = found("numpy")
    for level in THERE:
        assert same_content(found(level), expected), level


def family(task: Task, rows: int, columns: int, networks: int) -> tuple[Embedding, Weights, Cases]:
    """The task of 1986 with four cases held out."""
    learner = Embedding(len(task.people), len(task.relations), rows, columns)
    cases = cases_for(task, [task.draw_held_out(4, 0, k) for k in range(networks)])
    return learner, first_weights(learner, range(networks)), cases


@compiled
@each_level
@pytest.mark.parametrize("shape", SHAPES)
def test_the_trees_of_1986_give_the_same_bytes(task: Task, shape: tuple[int, int], level: str) -> None:
    learner, weights, cases = family(task, *shape, 2)
    for recipe in (RECIPE, replace(RECIPE, batch=20, sweeps=4)):
        assert difference(learner, recipe, weights, cases, level) is None
