"""Training: networks of one recipe on one task, each from its own random weights and with its own held-out cases.

All randomness is here. Network k of a seed draws from two streams of its own, one for its weights and one for its
split. So a network does not depend on how many others are trained beside it, nor on the order or size of the blocks;
and the same seed and number give two recipes the same split and, up to the initial range, the same first weights.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from family_trees.errors import FamilyTreesError
from family_trees.learning import PART, Cases, Orders, State, descend, diverged, error, sweep
from family_trees.network import FAMILY_TREE_NETWORK, Architecture, Weights, forward
from family_trees.recipe import ErrorSignal, Recipe, shaped
from family_trees.task import Case, Task, right
from family_trees.wording import count

Precision = Literal["float64", "float32"]
Purpose = Literal["weights", "split", "order"]

ACTIVITIES = 6
"""Arrays of the activities of a part of the cases that a sweep has in memory at once, about."""
WEIGHTS = 10
"""Arrays of all weights that a training has in memory at once, about: while the first are drawn."""
CASE = 250
"""Bytes for the codes, the order and the outcome of a case, about."""
LARGE = 20_000_000
"""Cases times people from which on a sweep takes a second or so."""
BLOCK = 16
"""Networks trained at once: enough to share the cost of a call, few enough that their arrays stay in the cache."""


@dataclass(frozen=True)
class Curve:
    """What was measured on the way: first before any sweep, then every few sweeps, last after the last one."""

    sweep: NDArray[np.int64]
    """(checkpoints,)"""
    error: NDArray[np.float64]
    """E of equation 3 over the training cases, whatever margins and error signal the recipe has: (networks,
    checkpoints)."""
    training_right: NDArray[np.int64]
    """Training cases right, (networks, checkpoints)."""
    held_out_right: NDArray[np.int64]
    """Held-out cases right, (networks, checkpoints)."""


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


class Progress(NamedTuple):
    """How far a training has come."""

    steps: int
    """Sweeps since the last report, summed over networks."""
    sweep: int
    error: float
    """Mean E of the networks in hand, over their training cases."""
    training_right: float
    """Mean training cases right of the networks in hand."""


def random_stream(seed: int, number: int, purpose: Purpose, *further: int) -> np.random.Generator:
    """The random numbers that network `number` of `seed` uses for one purpose (and, for the order, in one sweep).

    Raises:
        FamilyTreesError: a negative seed or number.
    """
    for name, value in (("seed", seed), ("network number", number)):
        if value < 0:
            raise FamilyTreesError(f"{name}: {value} is not allowed; give a whole number of at least 0")
    key = (number, get_args(Purpose).index(purpose), *further)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def initial_weights(
    architecture: Architecture,
    initial_range: float | tuple[float, ...],
    streams: Sequence[np.random.Generator],
    precision: Precision = "float64",
) -> Weights:
    """Weights, biases among them, uniform between minus and plus `initial_range`; one stream a network.

    Args:
        initial_range: one for all layers, or one for each layer that computes, lowest first.

    Raises:
        FamilyTreesError: not as many ranges as layers.

    Returns:
        Per connection, (networks, units below, units above). A range twice as large gives weights twice as large.
    """
    shapes = architecture.connections
    layers = [layer.name for layer in architecture.computed]
    ranges = initial_range if isinstance(initial_range, tuple) else (initial_range,) * len(layers)
    if len(ranges) != len(layers):
        raise FamilyTreesError(f"initial_range: {len(ranges)} numbers; give one, or {len(layers)}: {', '.join(layers)}")
    reach = dict(zip(layers, ranges, strict=True))
    drawn = [{each: stream.uniform(-1, 1, shape) for each, shape in shapes.items()} for stream in streams]
    return {
        connection: np.array([reach[connection.above] * network[connection] for network in drawn], dtype=precision)
        for connection in shapes
    }


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
    block: int = BLOCK,
    report: Callable[[Progress], None] | None = None,
) -> Trained:
    """Train the networks number `first`, `first` + 1, ... of `seed`.

    Args:
        held_out: how many cases each network draws for itself to hold out, or the cases that all hold out.
        every: sweeps between two points of the learning curve; by default as `usual_step` says.
        snapshots: sweeps after which the weights are kept.
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
    cases = all_cases(task, splits, precision)
    checkpoints = sorted({*range(0, recipe.sweeps, step), recipe.sweeps})

    keep_freed_memory()
    finals: list[Weights] = []
    curves: list[Curve] = []
    kept: list[dict[int, Weights]] = []
    for lowest in range(0, networks, block):
        some = slice(lowest, lowest + block)
        own = replace(cases, counted=cases.counted[some])
        first_weights = {connection: w[some] for connection, w in weights.items()}
        try:
            orders = case_orders(seed, numbers[some], own.counted)
            last_weights, curve, seen = _train_block(
                architecture, recipe, first_weights, own, orders, checkpoints, frozenset(snapshots), report
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
            t: {connection: np.concat([seen[t][connection] for seen in kept]) for connection in weights}
            for t in kept[0]
        },
    )


def all_cases(task: Task, splits: Sequence[Sequence[Case]], precision: Precision) -> Cases:
    """The cases of `task` for networks that each hold out those of a split."""
    counted = np.array([task.counted(split, precision) for split in splits])
    return Cases(task.input_codes(dtype=precision), task.desired_codes(precision), counted)


def usual_step(task: Task, recipe: Recipe) -> int:
    """Sweeps between two points of the learning curve: 10, or 1 where a sweep takes a second or more.

    More where that were over 1000 points.
    """
    fewest = 1 if len(task.cases) * len(task.people) > LARGE else 10
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
    cases = all_cases(task, [held_out], precision)
    weights = initial_weights(network, recipe.initial_range, [random_stream(seed, number, "weights")], precision)
    orders = case_orders(seed, (number,), cases.counted)
    return Course(cases, orders, descend(network, recipe, weights, cases, orders))


def check_memory(
    task: Task, architecture: Architecture, recipe: Recipe, precision: Precision = "float64", networks: int = 1
) -> None:
    """See before a training of so many networks at once whether the machine has the memory for it.

    Raises:
        FamilyTreesError: it has not; says how much the training would take.
    """
    needed, there = memory_needed(task, architecture, recipe, precision, networks), memory_of_the_machine()
    if needed > there:
        smaller = " float32 takes about half of it;" if precision == "float64" else ""
        fewer = ", and so do fewer workers" if networks > 1 else ""
        widest = max(layer.units for layer in architecture.computed[:-1])
        at_once = f"{recipe.batch or 'all'} cases to a weight change and {count(networks, 'network')} at once"
        raise FamilyTreesError(
            f"{len(task.people):,} people, with {widest:,} units in the largest hidden layer, {at_once}, would take "
            f"some {needed / 1e9:,.1f} GB to train, and {there / 1e9:,.1f} are there;{smaller} smaller --layers, a "
            f"smaller batch or a smaller tree take less{fewer}"
        )


def memory_needed(
    task: Task, architecture: Architecture, recipe: Recipe, precision: Precision = "float64", networks: int = 1
) -> int:
    """Bytes that the arrays of a training of so many networks at once take at most, about.

    They grow with the weights, with the cases, and with the activities of a part of the cases (`learning.PART`).
    """
    itemsize = np.dtype(precision).itemsize
    cases = len(task.cases)
    part = min(cases, max(1, PART // architecture.output.units))
    units = sum(layer.units for layer in architecture.layers)
    weights = sum(below * above for below, above in architecture.connections.values())
    batch = min(cases, recipe.batch)
    of_network = (ACTIVITIES * part * units + 2 * batch * units + WEIGHTS * weights) * itemsize
    return networks * of_network + CASE * cases


def memory_of_the_machine() -> int:
    """Bytes of memory that are left for this process, where the system tells; else 8 GB.

    Of what is free, of what a container has left, and of what the machine has, the least.
    """
    known: list[int] = []
    with contextlib.suppress(AttributeError, ValueError, OSError):  # Windows has no sysconf
        known.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    with contextlib.suppress(OSError, ValueError, StopIteration):  # Linux
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        known.append(next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")))
    with contextlib.suppress(OSError, ValueError):  # a container; "max" where it has no limit
        limit, used = (int(Path(f"/sys/fs/cgroup/memory.{name}").read_text()) for name in ("max", "current"))
        known.append(max(0, limit - used))
    return min(known, default=8_000_000_000)


def case_orders(seed: int, numbers: Sequence[int], counted: NDArray[np.floating]) -> Orders:
    """For each sweep, an order of its own in which each network is shown its training cases."""
    places = [np.flatnonzero(row) for row in counted]

    def order(t: int) -> NDArray[np.int64]:
        return np.array(
            [
                random_stream(seed, number, "order", t).permutation(own)
                for number, own in zip(numbers, places, strict=True)
            ]
        )

    return order


def keep_freed_memory() -> None:
    """Keep the C library from handing memory back to the system after every operation, only to ask for it again.

    Where arrays are of some 100 kB, as in a block of networks, glibc would do that, and training takes up to twice as
    long. It stops for sizes up to that of the largest array that was ever freed; elsewhere this does nothing.
    """
    np.empty(31 << 20, dtype=np.uint8)


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
    snapshots: frozenset[int],
    report: Callable[[Progress], None] | None,
) -> tuple[Weights, Curve, dict[int, Weights]]:
    """Train networks at once; give their last weights, the curve at the checkpoints, and the snapshots."""
    points: list[tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]] = []
    wanted = frozenset(checkpoints)
    networks = len(cases.counted)
    before: State | None = None
    kept: dict[int, Weights] = {}
    # Weights that overflow are found at the next checkpoint and reported by name, which says more than NumPy's warning.
    with np.errstate(over="ignore", invalid="ignore"):
        for state in descend(architecture, recipe, weights, cases, orders):
            if state.sweep in snapshots:
                kept[state.sweep] = state.weights
            if state.sweep not in wanted:
                continue
            if np.any(diverged(state.weights)):
                raise _first_divergence(architecture, recipe, before or state, cases, orders)
            errors, is_right = outcome(architecture, state.weights, cases)
            if not np.all(np.isfinite(errors)):  # the weights are finite, but so large that total inputs are not
                raise _DivergedError(state.sweep, int(np.argmin(np.isfinite(errors))))
            is_counted = cases.counted > 0
            points.append(
                (
                    errors,
                    np.sum(is_right & is_counted, axis=-1),
                    np.sum(is_right & ~is_counted, axis=-1),
                )
            )
            if report is not None:
                steps = networks * (state.sweep - (before.sweep if before else 0))
                report(Progress(steps, state.sweep, float(points[-1][0].mean()), float(points[-1][1].mean())))
            before = state
    curve = Curve(np.array(checkpoints), *(np.stack(column, axis=-1) for column in zip(*points, strict=True)))
    return state.weights, curve, kept


def outcome(
    architecture: Architecture, weights: Weights, cases: Cases, signal: ErrorSignal = "squared"
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """E of equation 3 over the training cases, (networks,), and which of all cases are right, (networks, cases)."""
    errors, is_right = [], []
    for part in cases.parts():
        y = forward(architecture, weights, part.inputs)[architecture.output.name]
        errors.append(np.asarray(error(y, part, signal), dtype=np.float64))
        is_right.append(right(y, part.desired))
    return np.sum(errors, axis=0), np.concat(is_right, axis=-1)


def _first_divergence(
    architecture: Architecture, recipe: Recipe, state: State, cases: Cases, orders: Orders
) -> _DivergedError:
    """Go again from the last sound checkpoint, looking after every sweep."""
    while not np.any(diverged(state.weights)):
        state = sweep(architecture, recipe, state, cases, orders)
    return _DivergedError(state.sweep, int(np.argmax(diverged(state.weights))))
