"""The rows of the tables of a study: a block of networks is trained, looked at and written down."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.arrays import Array, Booleans
from family_trees.engine.descent import State, diverged
from family_trees.engine.evaluation import Criterion, Evaluation, evaluate
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.network import BIAS, Architecture, Weights
from family_trees.engine.recipe import Recipe, differences
from family_trees.families.task import Case, Task
from family_trees.models.layered import COMPUTED_LAYERS, LayerSizes, family_network
from family_trees.models.preparing import Prepared, prepare
from family_trees.models.successors import Variant
from family_trees.studies.study_file import Study
from family_trees.support.machine import keep_freed_memory

EVERY = 10
"""Sweeps between two looks for the first sweep at which all training cases are right."""


class Cell(NamedTuple):
    """Networks that differ in nothing but split and seed."""

    recipe: Recipe
    splits: tuple[tuple[Case, ...], ...]
    layers: LayerSizes | None = None
    """Units of the hidden layers; None for those that fit the task."""
    variant: Variant | None = None
    """The successor that is trained; None for the network of 1986."""


class Block(NamedTuple):
    """A piece of work: some networks of a cell."""

    number: int
    cell: Cell
    first: int
    networks: int


NETWORK_COLUMNS = (
    "recipe",
    "differences",
    "held_out_cases",
    "split",
    "seed",
    "network",
    "sweep",
    "objective",
    "training_cases",
    "training_right",
    "training_right_margins",
    "training_right_best",
    "training_right_rank",
    "held_out_right",
    "held_out_right_margins",
    "held_out_right_best",
    "held_out_right_rank",
    "first_sweep_all_training_right",
    *(f"{measure}_{layer.replace(' ', '_')}" for measure in ("norm", "gradient") for layer in COMPUTED_LAYERS),
    "diverged",
)


CASE_COLUMNS = (
    "recipe",
    "held_out_cases",
    "split",
    "seed",
    "network",
    "sweep",
    "person",
    "relation",
    "right",
    "right_margins",
    "right_best",
    "right_rank",
)


COMMITTEE_COLUMNS = (
    "recipe",
    "held_out_cases",
    "split",
    "members",
    "committee",
    "sweep",
    "training_cases",
    *(
        f"{cases}_right{criterion}"
        for cases in ("training", "held_out")
        for criterion in ("", "_margins", "_best", "_rank")
    ),
)


COLUMNS = {"cases": CASE_COLUMNS, "committees": COMMITTEE_COLUMNS, "networks": NETWORK_COLUMNS}
"""Of each table; that of the networks is the last to be written, and says that all is there."""


def architecture_of(cell: Cell, task: Task, architecture: LayeredLearner | None = None) -> LayeredLearner:
    """The network of a cell: with its layers, where it has some; else `architecture`, or the one that fits the task."""
    if cell.variant is not None:
        return cell.variant.learner_for(task)
    if architecture is None or cell.layers is not None:
        return family_network(len(task.people), len(task.relations), cell.layers)
    return architecture


def rows(
    study: Study, block: Block, task: Task, architecture: LayeredLearner | None = None
) -> Iterator[tuple[str, Sequence[object]]]:
    """Train the networks of a block; give the rows of all tables, each with the name of its table.

    Networks that diverge are rows of their tables like all others.

    Args:
        architecture: of cells without layers of their own; by default the one that fits the task.
    """
    recipe, splits = block.cell.recipe, block.cell.splits
    architecture = architecture_of(block.cell, task, architecture)
    numbers = range(block.first, block.first + block.networks)
    own = [splits[k // study.seeds] for k in numbers]
    prepared = prepare(task, recipe, seed=study.seed, numbers=numbers, splits=own, architecture=architecture)
    network, cases = prepared.architecture, prepared.cases
    training = cases.training_mask > 0
    told = {*study.checkpoints, recipe.sweeps}
    first_learned = np.full(block.networks, -1)
    committees = list(_committees(study, numbers))
    together = [slice(first, first + members) for first, members in committees]
    keep_freed_memory()
    with np.errstate(over="ignore", invalid="ignore"):
        for state in prepared.descend({*range(0, recipe.sweeps + 1, EVERY), *told}):
            if state.sweep in told:
                # The answers of vectors and matrices are no softmax units: their error is that of equation 3.
                signal = recipe.error_signal if isinstance(network, Architecture) else "squared"
                found = evaluate(network, state.weights, cases, signal, get_args(Criterion), together)
            else:
                found = evaluate(network, state.weights, cases)
            learned = np.all(found.right | ~training, axis=-1)
            first_learned[learned & (first_learned < 0)] = state.sweep
            if state.sweep in told:
                measured = _Measured(state, found, training, first_learned, _sizes(prepared, state))
                yield from _network_rows(study, prepared, own, measured)
                yield from _case_rows(study, prepared, own, measured, task)
                yield from _committee_rows(study, prepared, own, measured, committees)


class _Measured(NamedTuple):
    """What was seen of the networks of a block at one checkpoint."""

    state: State
    found: Evaluation
    training: Booleans
    """Which cases train each network, (networks, cases)."""
    first_learned: NDArray[np.int64]
    """The first look at which all training cases were right, -1 where none was yet: (networks,)."""
    sizes: list[Array]
    """Of the weights and of the gradient of each layer, (networks,) each."""


def _key(study: Study, number: int, split: Sequence[Case], sweep: int) -> tuple[int, ...]:
    """What tells a row of a network from those of others with the same recipe."""
    return len(split), number // study.seeds, number % study.seeds, number, sweep


def _network_rows(
    study: Study, prepared: Prepared, splits: Sequence[Sequence[Case]], at: _Measured
) -> Iterator[tuple[str, Sequence[object]]]:
    recipe, lost = prepared.recipe, diverged(at.state.weights)
    for place, (number, split) in enumerate(zip(prepared.numbers, splits, strict=True)):
        key = _key(study, number, split, at.state.sweep)
        objective, *sizes = (
            "" if np.isnan(size := measure[place]) and not lost[place] else f"{size:.6g}"
            for measure in (at.found.objective, *at.sizes)
        )
        yield (
            "networks",
            (
                *(recipe.name, json.dumps(differences(recipe)), *key, objective),
                *_counts(at.found.by_criterion, place, at.training[place]),
                "" if at.first_learned[place] < 0 else at.first_learned[place],
                *sizes,
                int(lost[place]),
            ),
        )


def _case_rows(
    study: Study, prepared: Prepared, splits: Sequence[Sequence[Case]], at: _Measured, task: Task
) -> Iterator[tuple[str, Sequence[object]]]:
    case_place = {case: k for k, case in enumerate(task.cases)}
    for place, (number, split) in enumerate(zip(prepared.numbers, splits, strict=True)):
        key = _key(study, number, split, at.state.sweep)
        for case in split:
            k = case_place[case]
            by_criterion = (int(each[place, k]) for each in at.found.by_criterion.values())
            yield "cases", (prepared.recipe.name, *key, *case, *by_criterion)


def _committee_rows(
    study: Study,
    prepared: Prepared,
    splits: Sequence[Sequence[Case]],
    at: _Measured,
    committees: Sequence[tuple[int, int]],
) -> Iterator[tuple[str, Sequence[object]]]:
    for (first, members), together in zip(committees, at.found.committees, strict=True):
        split, seed = divmod(prepared.numbers[first], study.seeds)
        key = (len(splits[first]), split, members, seed // members, at.state.sweep)
        yield "committees", (prepared.recipe.name, *key, *_counts(together, 0, at.training[first]))


def _counts(by_criterion: Mapping[Criterion, Booleans], place: int, training: Booleans) -> Iterator[int]:
    """Training cases; how many of them are right by each criterion; and how many held-out cases are."""
    yield int(training.sum())
    for some in (training, ~training):
        yield from (int(each[place][some].sum()) for each in by_criterion.values())


def _committees(study: Study, numbers: range) -> Iterator[tuple[int, int]]:
    """Place of the first member, and members, of every committee of a block: disjoint ones, of one split each."""
    for members in study.committees:
        for place, number in enumerate(numbers):
            seed = number % study.seeds
            if seed % members == 0 and seed + members <= study.seeds:
                yield place, members


def _sizes(prepared: Prepared, state: State) -> list[Array]:
    """The size of the weights of each layer, then of their gradient, (networks,) each."""
    recipe, network = prepared.recipe, prepared.architecture
    dE_dw = network.gradient(state.weights, prepared.cases, recipe.error_signal, recipe.margin)
    return [*_norms(state.weights), *_norms(dE_dw)]


def _norms(weights: Weights) -> list[Array]:
    """The root of the sum of squares over all weights into a layer, without biases, (networks,) for each layer.

    A layer that the learner does not have has NaN.
    """
    squares: dict[str, Array] = {}
    for connection, w in weights.items():
        if connection.below == BIAS:
            continue
        squares[connection.above] = squares.get(connection.above, 0) + np.sum(w**2, axis=(-2, -1))
    networks = len(next(iter(weights.values())))
    return [np.sqrt(squares.get(name, np.full(networks, np.nan))) for name in COMPUTED_LAYERS]
