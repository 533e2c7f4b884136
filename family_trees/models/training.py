"""Training: networks of one recipe on one task, each from its own random weights and with its own held-out cases.

All randomness is here. Network k of a seed draws from two streams of its own, one for its weights and one for its
split. So a network does not depend on how many others are trained beside it, nor on the order or size of the blocks;
and the same seed and number give two recipes the same split and, up to the initial range, the same first weights.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.arrays import Precision
from family_trees.engine.cases import Cases
from family_trees.engine.descent import Orders, State, descend, diverged, sweep
from family_trees.engine.evaluation import evaluate
from family_trees.engine.network import Architecture, Weights
from family_trees.engine.recipe import Recipe, shaped
from family_trees.families.task import Case, Task, cases_for
from family_trees.models.history import Curve, _trajectory_of, trajectory_sweeps
from family_trees.models.layered import FAMILY_TREE_NETWORK
from family_trees.models.model import Model
from family_trees.models.randomness import case_orders, initial_weights, random_stream
from family_trees.support.errors import FamilyTreesError
from family_trees.support.machine import keep_freed_memory


def pick(trained: Trained, place: int) -> Model:
    """The model of one of the trained networks, by its place in their arrays."""
    one = slice(place, place + 1)
    return Model(
        trained.task,
        trained.architecture,
        trained.recipe,
        trained.precision,
        trained.seed,
        trained.numbers[place],
        trained.held_out[place],
        {connection: w[one] for connection, w in trained.weights.items()},
        Curve(
            trained.curve.sweep,
            trained.curve.error[one],
            trained.curve.training_right[one],
            trained.curve.held_out_right[one],
        ),
        trajectory=_trajectory_of(trained.moments, one) if trained.moments else None,
    )


SECOND_LONG_SWEEP = 20_000_000
"""Cases times people from which on a sweep takes a second or so."""


BLOCK = 16
"""Networks trained at once: enough to share the cost of a call, few enough that their arrays stay in the cache."""


@dataclass(frozen=True)
class Trained:
    """Networks after training, and everything needed to train them again."""

    task: Task
    architecture: Architecture
    recipe: Recipe
    precision: Precision
    seed: int
    numbers: tuple[int, ...]
    """Which networks of the seed these are."""
    held_out: tuple[tuple[Case, ...], ...]
    """The cases that each network was not trained on."""
    weights: Weights
    """Per connection, (networks, units below, units above)."""
    curve: Curve
    snapshots: Mapping[int, Weights] = field(default_factory=dict)
    """By sweep, the weights that the networks had then, where that was asked for."""
    moments: tuple[State, ...] = ()
    """The networks on their way, first to last, where that was asked for and they are not too large for it."""

    @property
    def training_cases(self) -> NDArray[np.int64]:
        """How many cases each network was trained on, (networks,)."""
        return np.array([len(self.task.cases) - len(held_out) for held_out in self.held_out])

    @cached_property
    def learned(self) -> NDArray[np.bool_]:
        """Which networks have all their training cases right at the end, (networks,)."""
        return np.equal(self.curve.training_right[:, -1], self.training_cases)

    @property
    def best(self) -> int:
        """The place in all arrays of the network with the lowest E over its training cases.

        Held-out cases have no say in it: no network is shown because of what it is then said to show.
        """
        return int(np.argmin(self.curve.error[:, -1]))


class TrainingProgress(NamedTuple):
    """How far a training has come."""

    steps: int
    """Sweeps since the last report, summed over networks."""
    sweep: int
    error: float
    """Mean E of the networks in hand, over their training cases."""
    training_right: float
    """Mean training cases right of the networks in hand."""


def train(
    task: Task,
    recipe: Recipe,
    *,
    seed: int = 0,
    networks: int = 1,
    first: int = 0,
    held_out: int | Sequence[Case] = 4,
    architecture: Architecture = FAMILY_TREE_NETWORK,
    precision: Precision = "float64",
    every: int | None = None,
    snapshots: Collection[int] = (),
    trajectory: bool = False,
    block: int = BLOCK,
    report: Callable[[TrainingProgress], None] | None = None,
) -> Trained:
    """Train the networks number `first`, `first` + 1, ... of `seed`.

    Args:
        held_out: how many cases each network draws for itself to hold out, or the cases that all hold out.
        every: sweeps between two points of the learning curve; by default as `usual_step` says.
        snapshots: sweeps after which the weights are kept.
        trajectory: whether to keep the course of learning: weights and their last changes, at `trajectory_sweeps`.
        block: networks trained at once; it changes the speed and nothing else.
        report: called at each point of the curve.

    Raises:
        FamilyTreesError: a number outside its range, or weights that are no longer finite.
    """
    step = usual_step(task, recipe) if every is None else every
    for name, value in (("networks", networks), ("every", step), ("block", block)):
        if value < 1:
            raise FamilyTreesError(f"{name}: {value} is not allowed; give a whole number of at least 1")
    numbers = tuple(range(first, first + networks))
    architecture = shaped(recipe, architecture)
    weights = initial_weights(
        architecture, recipe.initial_range, [random_stream(seed, k, "weights") for k in numbers], precision
    )
    if isinstance(held_out, int):
        splits = tuple(task.draw_held_out(held_out, random_stream(seed, k, "split")) for k in numbers)
    else:
        splits = (task.known_cases(held_out),) * networks
    cases = cases_for(task, splits, precision)
    checkpoints = sorted({*range(0, recipe.sweeps, step), recipe.sweeps})
    moments = trajectory_sweeps(architecture, recipe, precision) if trajectory else []

    keep_freed_memory()
    finals: list[Weights] = []
    curves: list[Curve] = []
    kept: list[dict[int, State]] = []
    for lowest in range(0, networks, block):
        some = slice(lowest, lowest + block)
        own = replace(cases, training_mask=cases.training_mask[some])
        first_weights = {connection: w[some] for connection, w in weights.items()}
        try:
            orders = case_orders(seed, numbers[some], own.training_mask)
            last_weights, curve, seen = _train_block(
                architecture, recipe, first_weights, own, orders, checkpoints, {*snapshots, *moments}, report
            )
        except _DivergedError as problem:
            raise FamilyTreesError(
                f"training diverged: numbers are not finite after sweep {problem.sweep} (recipe {recipe.name!r}, seed "
                f"{seed}, network {numbers[lowest + problem.place]}); try a smaller epsilon "
                "or initial range"
            ) from None
        finals.append(last_weights)
        curves.append(curve)
        kept.append(seen)
    return Trained(
        task=task,
        architecture=architecture,
        recipe=recipe,
        precision=precision,
        seed=seed,
        numbers=numbers,
        held_out=splits,
        weights={connection: np.concat([each[connection] for each in finals]) for connection in weights},
        curve=Curve(
            np.array(checkpoints),
            np.concat([curve.error for curve in curves]),
            np.concat([curve.training_right for curve in curves]),
            np.concat([curve.held_out_right for curve in curves]),
        ),
        snapshots={
            t: {connection: np.concat([seen[t].weights[connection] for seen in kept]) for connection in weights}
            for t in kept[0]
            if t in snapshots
        },
        moments=tuple(_together([seen[t] for seen in kept]) for t in moments),
    )


def _together(states: Sequence[State]) -> State:
    """The networks of several blocks after the same sweep, as one."""
    weights, change = (
        {connection: np.concat([each[connection] for each in arrays]) for connection in arrays[0]}
        for arrays in ([state.weights for state in states], [state.change for state in states])
    )
    return State(states[0].sweep, weights, change)


def usual_step(task: Task, recipe: Recipe) -> int:
    """Sweeps between two points of the learning curve: 10, or 1 where a sweep takes a second or more.

    More where that were over 1000 points.
    """
    fewest = 1 if len(task.cases) * len(task.people) > SECOND_LONG_SWEEP else 10
    return max(fewest, -(-recipe.sweeps // 1000))


def usual_held_out(task: Task) -> int:
    """How many cases to hold out: 4 of the 104 of 1986, and the same share of others."""
    return round(len(task.cases) / 26)


class Course(NamedTuple):
    """The training of one network, sweep by sweep."""

    cases: Cases
    orders: Orders
    """Of the cases, for recipes with batches."""
    states: Iterator[State]
    """Before the first sweep, then after each."""


def course(
    task: Task,
    recipe: Recipe,
    *,
    seed: int,
    number: int,
    held_out: Sequence[Case],
    architecture: Architecture = FAMILY_TREE_NETWORK,
    precision: Precision = "float64",
) -> Course:
    """The training of network `number` of `seed`, as `train` does it, to be looked at on its way."""
    network = shaped(recipe, architecture)
    cases = cases_for(task, [held_out], precision)
    weights = initial_weights(network, recipe.initial_range, [random_stream(seed, number, "weights")], precision)
    orders = case_orders(seed, (number,), cases.training_mask)
    return Course(cases, orders, descend(network, recipe, weights, cases, orders))


class _DivergedError(Exception):
    def __init__(self, sweep: int, place: int) -> None:
        self.sweep = sweep
        self.place = place


def _train_block(
    architecture: Architecture,
    recipe: Recipe,
    weights: Weights,
    cases: Cases,
    orders: Orders,
    checkpoints: Sequence[int],
    snapshots: Collection[int],
    report: Callable[[TrainingProgress], None] | None,
) -> tuple[Weights, Curve, dict[int, State]]:
    """Train networks at once; give their last weights, the curve at the checkpoints, and the snapshots by sweep."""
    points: list[tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]] = []
    wanted = frozenset(checkpoints)
    networks = len(cases.training_mask)
    before: State | None = None
    kept: dict[int, State] = {}
    # Weights that overflow are found at the next checkpoint and reported by name, which says more than NumPy's warning.
    with np.errstate(over="ignore", invalid="ignore"):
        for state in descend(architecture, recipe, weights, cases, orders):
            if state.sweep in snapshots:
                kept[state.sweep] = state
            if state.sweep not in wanted:
                continue
            if np.any(diverged(state.weights)):
                raise _first_divergence(architecture, recipe, before or state, cases, orders)
            errors, is_right = evaluate(architecture, state.weights, cases)
            if not np.all(np.isfinite(errors)):  # the weights are finite, but so large that total inputs are not
                raise _DivergedError(state.sweep, int(np.argmin(np.isfinite(errors))))
            is_counted = cases.training_mask > 0
            points.append(
                (
                    errors,
                    np.sum(is_right & is_counted, axis=-1),
                    np.sum(is_right & ~is_counted, axis=-1),
                )
            )
            if report is not None:
                steps = networks * (state.sweep - (before.sweep if before else 0))
                report(TrainingProgress(steps, state.sweep, float(points[-1][0].mean()), float(points[-1][1].mean())))
            before = state
    curve = Curve(np.array(checkpoints), *(np.stack(column, axis=-1) for column in zip(*points, strict=True)))
    return state.weights, curve, kept


def _first_divergence(
    architecture: Architecture, recipe: Recipe, state: State, cases: Cases, orders: Orders
) -> _DivergedError:
    """Go again from the last sound checkpoint, looking after every sweep."""
    while not np.any(diverged(state.weights)):
        state = sweep(architecture, recipe, state, cases, orders)
    return _DivergedError(state.sweep, int(np.argmax(diverged(state.weights))))
