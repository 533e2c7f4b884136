"""The rows of the tables of a study: a block of networks is trained, looked at and written down."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.cases import Cases
from family_trees.engine.descent import descend, diverged
from family_trees.engine.evaluation import criteria, evaluate
from family_trees.engine.learning import error, gradient
from family_trees.engine.network import BIAS, Architecture, Weights, forward
from family_trees.engine.recipe import Recipe, differences, shaped
from family_trees.families.task import Case, Task, cases_for
from family_trees.models.layered import FAMILY_TREE_NETWORK
from family_trees.models.randomness import case_orders, initial_weights, random_stream
from family_trees.studies.study_file import Study
from family_trees.support.machine import keep_freed_memory

EVERY = 10
"""Sweeps between two looks for the first sweep at which all training cases are right."""


class Cell(NamedTuple):
    """Networks that differ in nothing but split and seed."""

    recipe: Recipe
    splits: tuple[tuple[Case, ...], ...]


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
    "error",
    "training_cases",
    "training_right",
    "training_right_margins",
    "training_right_best",
    "held_out_right",
    "held_out_right_margins",
    "held_out_right_best",
    "first_sweep_all_training_right",
    *(
        f"{measure}_{layer.name.replace(' ', '_')}"
        for measure in ("norm", "gradient")
        for layer in FAMILY_TREE_NETWORK.computed
    ),
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
)


COMMITTEE_COLUMNS = (
    "recipe",
    "held_out_cases",
    "split",
    "members",
    "committee",
    "sweep",
    "training_cases",
    *(f"{cases}_right{criterion}" for cases in ("training", "held_out") for criterion in ("", "_margins", "_best")),
)


COLUMNS = {"cases": CASE_COLUMNS, "committees": COMMITTEE_COLUMNS, "networks": NETWORK_COLUMNS}
"""Of each table; that of the networks is the last to be written, and says that all is there."""


def rows(
    study: Study, block: Block, task: Task, network: Architecture = FAMILY_TREE_NETWORK
) -> Iterator[tuple[str, Sequence[object]]]:
    """Train the networks of a block; give the rows of all tables, each with the name of its table."""
    recipe, splits = block.cell
    numbers = range(block.first, block.first + block.networks)
    own = [splits[k // study.seeds] for k in numbers]
    architecture = shaped(recipe, network)
    cases = cases_for(task, own, study.precision)
    streams = [random_stream(study.seed, k, "weights") for k in numbers]
    weights = initial_weights(architecture, recipe.initial_range, streams, study.precision)
    orders = case_orders(study.seed, numbers, cases.training_mask)
    wanted = {*(n for n in study.checkpoints if n <= recipe.sweeps), recipe.sweeps}
    first_learned = np.full(block.networks, -1)
    committees = list(_committees(study, numbers))
    case_place = {case: k for k, case in enumerate(task.cases)}
    keep_freed_memory()
    # Networks that diverge are rows of their tables like all others.
    with np.errstate(over="ignore", invalid="ignore"):
        for state in descend(architecture, recipe, weights, cases, orders):
            if state.sweep % EVERY and state.sweep not in wanted:
                continue
            is_counted = cases.training_mask > 0
            if state.sweep not in wanted:
                _, is_right = evaluate(architecture, state.weights, cases)
            else:
                found = _judge(architecture, recipe, state.weights, cases, committees)
                is_right = found.by_criterion["right"]
            learned = np.all(is_right | ~is_counted, axis=-1)
            first_learned[learned & (first_learned < 0)] = state.sweep
            if state.sweep not in wanted:
                continue
            measures = (
                found.error,
                *_norms(state.weights),
                *_norms(gradient(architecture, state.weights, cases, recipe.error_signal, recipe.margin)),
            )
            lost = diverged(state.weights)
            for place, (number, split) in enumerate(zip(numbers, own, strict=True)):
                key = (len(split), number // study.seeds, number % study.seeds, number, state.sweep)
                first_error, *norms = (f"{measure[place]:.6g}" for measure in measures)
                yield (
                    "networks",
                    (
                        *(recipe.name, json.dumps(differences(recipe)), *key, first_error),
                        *_counts(found.by_criterion, place, is_counted[place]),
                        "" if first_learned[place] < 0 else first_learned[place],
                        *norms,
                        int(lost[place]),
                    ),
                )
                for case in split:
                    k = case_place[case]
                    by_criterion = (int(each[place, k]) for each in found.by_criterion.values())
                    yield "cases", (recipe.name, *key, *case, *by_criterion)
            for (first, members), together in zip(committees, found.committees, strict=True):
                split_number, seed = divmod(numbers[first], study.seeds)
                yield (
                    "committees",
                    (
                        *(recipe.name, len(own[first]), split_number, members, seed // members, state.sweep),
                        *_counts(together, 0, is_counted[first]),
                    ),
                )


class _Judged(NamedTuple):
    """What the networks of a block do with all cases."""

    error: NDArray[np.floating]
    """E over the training cases, (networks,)."""
    by_criterion: dict[str, NDArray[np.bool_]]
    """Which cases are right, as `criteria` says."""
    committees: list[dict[str, NDArray[np.bool_]]]
    """The same of each committee, as of one network."""


def _judge(
    network: Architecture, recipe: Recipe, weights: Weights, cases: Cases, committees: Sequence[tuple[int, int]]
) -> _Judged:
    parts = []
    for part in cases.parts():
        y = forward(network, weights, part.inputs)[network.output.name]
        means = (np.mean(y[first : first + members], axis=0, keepdims=True) for first, members in committees)
        parts.append(
            _Judged(
                error(y, part, recipe.error_signal),
                criteria(y, part.desired),
                [criteria(mean, part.desired) for mean in means],
            )
        )

    def joined(several: Sequence[dict[str, NDArray[np.bool_]]]) -> dict[str, NDArray[np.bool_]]:
        return {name: np.concat([each[name] for each in several], axis=-1) for name in several[0]}

    return _Judged(
        np.sum([each.error for each in parts], axis=0),
        joined([each.by_criterion for each in parts]),
        [joined(several) for several in zip(*(each.committees for each in parts), strict=True)],
    )


def _counts(by_criterion: Mapping[str, NDArray[np.bool_]], place: int, counted: NDArray[np.bool_]) -> Iterator[int]:
    """Training cases; how many of them are right by each criterion; and how many held-out cases are."""
    yield int(counted.sum())
    for some in (counted, ~counted):
        yield from (int(each[place][some].sum()) for each in by_criterion.values())


def _committees(study: Study, numbers: range) -> Iterator[tuple[int, int]]:
    """Place of the first member, and members, of every committee of a block: disjoint ones, of one split each."""
    for members in study.committees:
        for place, number in enumerate(numbers):
            seed = number % study.seeds
            if seed % members == 0 and seed + members <= study.seeds:
                yield place, members


def _norms(weights: Weights) -> list[NDArray[np.floating]]:
    """The root of the sum of squares over all weights into a layer, without biases, (networks,) for each layer."""
    squares: dict[str, NDArray[np.floating]] = {}
    for connection, w in weights.items():
        if connection.below == BIAS:
            continue
        squares[connection.above] = squares.get(connection.above, 0) + np.sum(w**2, axis=(-2, -1))
    return [np.sqrt(squares[layer.name]) for layer in FAMILY_TREE_NETWORK.computed]
