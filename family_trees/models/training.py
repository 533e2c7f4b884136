"""Training: networks of one recipe on one task, each with its own random weights and its own held-out cases.

Network k of a seed has its own streams of random numbers for its weights, its split and its orders (`randomness`). So a
network does not depend on how many others are trained beside it, nor on the order or size of the blocks. With the same
seed and number, two recipes get the same split and, up to the initial range, the same first weights.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.descent import State, descend, diverged
from family_trees.engine.evaluation import evaluate
from family_trees.engine.fingerprint import fingerprints
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.network import Weights, select_networks
from family_trees.engine.recipe import Recipe
from family_trees.families.task import Case, Task
from family_trees.models.history import Curve, trajectory_of, trajectory_sweeps
from family_trees.models.layered import family_network
from family_trees.models.model import Model
from family_trees.models.preparing import Prepared, prepare
from family_trees.support.content import same_content
from family_trees.support.errors import FamilyTreesError
from family_trees.support.machine import keep_freed_memory
from family_trees.support.wording import count

SECOND_LONG_SWEEP = 20_000_000
"""The number of cases times people above which a sweep takes about a second or more."""


BLOCK = 16
"""Networks trained at once: enough to share the cost of each call, and few enough for their arrays to fit the cache."""


@dataclass(frozen=True, eq=False, repr=False)
class Trained:
    """Networks after training, and everything needed to train them again."""

    task: Task
    architecture: LayeredLearner
    recipe: Recipe
    seed: int
    numbers: tuple[int, ...]
    """Which networks of the seed these are."""
    held_out: tuple[tuple[Case, ...], ...]
    """For each network, the cases that were held out of its training."""
    weights: Weights
    """Per connection, (networks, units below, units above)."""
    curve: Curve
    snapshots: Mapping[int, Weights] = field(default_factory=dict)
    """The weights of the networks by sweep, at the sweeps that were asked for."""
    moments: tuple[State, ...] = ()
    """The states at the moments of a course of learning, if that was asked for and the networks are not too large."""

    def __repr__(self) -> str:
        networks, learned = len(self.numbers), int(self.learned.sum())
        of = f"{count(networks, 'network')} of {self.recipe.name!r}, seed {self.seed}"
        return f"Trained({of}, {self.recipe.sweeps:,} sweeps: {learned} have all their training cases right)"

    def __eq__(self, other: object) -> bool:
        return same_content(self, other)

    __hash__ = None  # type: ignore[assignment]

    @property
    def training_cases(self) -> NDArray[np.int64]:
        """How many cases each network was trained on, (networks,)."""
        return np.array([len(self.task.cases) - len(held_out) for held_out in self.held_out])

    @cached_property
    def learned(self) -> NDArray[np.bool_]:
        """Which networks have all their training cases right at the end, (networks,)."""
        return np.equal(self.curve.training_right[:, -1], self.training_cases)

    @cached_property
    def fingerprints(self) -> list[str]:
        """The fingerprint of each network: see `engine.fingerprint`."""
        return fingerprints(self.weights)

    def model(self, place: int | None = None) -> Model:
        """One of the networks as a model, which can be asked and saved.

        Args:
            place: its index along the network axis; by default that of the `best` network.
        """
        place = self.best if place is None else place
        if not 0 <= place < len(self.numbers):
            raise FamilyTreesError(f"no network at place {place}; give 0 to {len(self.numbers) - 1}")
        one = slice(place, place + 1)
        return Model(
            self.task,
            self.architecture,
            self.recipe,
            self.seed,
            self.numbers[place],
            self.held_out[place],
            select_networks(self.weights, one),
            self.curve.of(one),
            trajectory=trajectory_of(self.moments, one) if self.moments else None,
        )

    @property
    def best(self) -> int:
        """The index of the network with the lowest E over its training cases.

        Held-out cases do not count, so that no network is chosen for the generalization that it then demonstrates.
        """
        return int(np.argmin(self.curve.squared_error[:, -1]))


class TrainingProgress(NamedTuple):
    """The progress of a training."""

    steps: int
    """Sweeps since the last report, summed over networks."""
    sweep: int
    """The last sweep done by the current block of networks."""
    squared_error: float
    """Mean E of the networks of the current block, over their training cases."""
    training_right: float
    """Mean number of training cases that these networks have right."""


def train(
    task: Task,
    recipe: Recipe,
    *,
    seed: int = 0,
    networks: int = 1,
    first: int = 0,
    held_out: int | Sequence[Case] = 4,
    architecture: LayeredLearner | None = None,
    every: int | None = None,
    snapshots: Collection[int] = (),
    trajectory: bool = False,
    block: int = BLOCK,
    report: Callable[[TrainingProgress], None] | None = None,
) -> Trained:
    """Train the networks number `first`, `first` + 1, ... of `seed`.

    Args:
        architecture: by default that of the paper, with layers that grow with the people and relations of the task.
        held_out: how many cases each network draws to hold out, or the cases that all networks hold out.
        every: sweeps between two points of the learning curve; by default that of `usual_step`.
        snapshots: sweeps after which the weights are kept.
        trajectory: whether to keep the course of learning: weights and their last changes, at `trajectory_sweeps`.
        block: networks trained at once. It changes the speed and nothing else.
        report: called at each point of the curve.

    Raises:
        FamilyTreesError: a number is outside its range, or weights are no longer finite.
    """
    step = usual_step(task, recipe) if every is None else every
    for name, value in (("networks", networks), ("every", step), ("block", block)):
        if value < 1:
            raise FamilyTreesError(f"{name}: {value} is not allowed; give a whole number of at least 1")
    numbers = tuple(range(first, first + networks))
    if isinstance(held_out, int):
        splits = tuple(task.draw_held_out(held_out, seed, k) for k in numbers)
    else:
        splits = (task.known_cases(held_out),) * networks
    if architecture is None:
        architecture = family_network(len(task.people), len(task.relations))
    prepared = prepare(task, recipe, seed=seed, numbers=numbers, splits=splits, architecture=architecture)
    checkpoints = sorted({*range(0, recipe.sweeps, step), recipe.sweeps})
    moments = trajectory_sweeps(prepared.architecture, recipe) if trajectory else []

    keep_freed_memory()
    finals: list[State] = []
    curves: list[Curve] = []
    kept: list[dict[int, State]] = []
    for lowest in range(0, networks, block):
        final, curve, seen = _train_block(prepared.block(lowest, block), checkpoints, {*snapshots, *moments}, report)
        finals.append(final)
        curves.append(curve)
        kept.append(seen)
    return Trained(
        task=task,
        architecture=prepared.architecture,
        recipe=recipe,
        seed=seed,
        numbers=numbers,
        held_out=splits,
        weights=_together(finals).weights,
        curve=Curve.together(curves),
        snapshots={t: _together([seen[t] for seen in kept]).weights for t in sorted(snapshots) if t in kept[0]},
        moments=tuple(_together([seen[t] for seen in kept]) for t in moments),
    )


def _together(states: Sequence[State]) -> State:
    """Join the states of several blocks of networks after the same sweep."""
    weights, change = (
        {connection: np.concat([each[connection] for each in arrays]) for connection in arrays[0]}
        for arrays in ([state.weights for state in states], [state.change for state in states])
    )
    return State(states[0].sweep, weights, change)


def usual_step(task: Task, recipe: Recipe) -> int:
    """Sweeps between two points of the learning curve: 10, or 1 where a sweep takes a second or more.

    They are more where the curve would otherwise have more than 1000 points.
    """
    fewest = 1 if len(task.cases) * len(task.people) > SECOND_LONG_SWEEP else 10
    return max(fewest, -(-recipe.sweeps // 1000))


def usual_held_out(task: Task) -> int:
    """The usual number of cases to hold out: 4 of the 104 of 1986, and the same share of others."""
    return round(len(task.cases) / 26)


def expected_seconds(task: Task, recipe: Recipe) -> float:
    """About how many seconds it takes to train one layered network of the default size on one core."""
    return recipe.sweeps * len(task.cases) * len(task.people) / SECOND_LONG_SWEEP


def _train_block(
    prepared: Prepared,
    checkpoints: Sequence[int],
    snapshots: Collection[int],
    report: Callable[[TrainingProgress], None] | None,
) -> tuple[State, Curve, dict[int, State]]:
    """Train a block of networks at once.

    Returns:
        The state after the last sweep, the curve at the checkpoints, and the snapshots by sweep.

    Raises:
        FamilyTreesError: numbers are no longer finite; names sweep and network.
    """
    points: list[tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]] = []
    training = prepared.cases.training_mask > 0
    before = state = prepared.state
    kept: dict[int, State] = {}
    # Weights that overflow are found at the next checkpoint and reported by name, which says more than NumPy's warning.
    with np.errstate(over="ignore", invalid="ignore"):
        for state in prepared.descend({*checkpoints, *snapshots}):
            if state.sweep in snapshots:
                kept[state.sweep] = state
            if state.sweep not in checkpoints:
                continue
            if np.any(diverged(state.weights)):
                raise _divergence(prepared, *_first_divergence(prepared, before))
            found = evaluate(prepared.architecture, state.weights, prepared.cases)
            if not np.all(np.isfinite(found.objective)):  # weights are finite, but so large that total inputs are not
                raise _divergence(prepared, state.sweep, int(np.argmin(np.isfinite(found.objective))))
            counts = (np.sum(found.right & cases, axis=-1) for cases in (training, ~training))
            points.append((found.objective, *counts))
            if report is not None:
                steps = len(training) * (state.sweep - before.sweep)
                report(TrainingProgress(steps, state.sweep, float(points[-1][0].mean()), float(points[-1][1].mean())))
            before = state
    curve = Curve(np.array(checkpoints), *(np.stack(column, axis=-1) for column in zip(*points, strict=True)))
    return state, curve, kept


def _first_divergence(prepared: Prepared, sound: State) -> tuple[int, int]:
    """The first sweep after `sound` with a weight that is not finite, and the index of its network.

    The training is repeated from the last sound checkpoint, and checked after every sweep.
    """
    again = descend(prepared.architecture, prepared.recipe, sound, prepared.cases, prepared.orders)
    state = next(state for state in again if np.any(diverged(state.weights)))
    return state.sweep, int(np.argmax(diverged(state.weights)))


def _divergence(prepared: Prepared, sweep: int, place: int) -> FamilyTreesError:
    return FamilyTreesError(
        f"training diverged: numbers are not finite after sweep {sweep} (recipe {prepared.recipe.name!r}, seed "
        f"{prepared.seed}, network {prepared.numbers[place]}); try a smaller epsilon or initial range"
    )
