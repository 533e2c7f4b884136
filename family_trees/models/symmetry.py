"""The symmetry task (Nature, fig. 1) and XOR: two hidden units learn what a network without hidden units cannot.

The network sees a vector of six bits and says whether it is symmetric about its middle. The paper shows one solution,
learned in 1,425 sweeps. Here many networks are trained with the printed numbers, and the form of each solution is
measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.cases import Cases
from family_trees.engine.descent import descend, initial_state
from family_trees.engine.evaluation import evaluate
from family_trees.engine.network import BIAS, Architecture, Connection, Layer, Weights, forward, select_networks
from family_trees.engine.recipe import Recipe
from family_trees.models.randomness import initial_weights
from family_trees.support.errors import FamilyTreesError
from family_trees.support.intervals import wilson
from family_trees.support.machine import available_memory
from family_trees.support.wording import count

PRINTED_SWEEPS = 1425
"""The sweeps after which the network of the paper had learned symmetry (Nature, fig. 1)."""


PRINTED_RECIPE = Recipe(
    "symmetry, as printed",
    epsilon=(0.1, 0.1),
    alpha=(0.9, 0.9),
    decay=0.0,
    margin=0.0,
    initial_range=0.3,
    sweeps=PRINTED_SWEEPS,
)
"""The caption of Nature, fig. 1: epsilon 0.1, alpha 0.9, initial weights between -0.3 and 0.3, 1,425 sweeps."""


SWEEPS_BETWEEN_LOOKS = 25
"""Sweeps between two evaluations of the networks."""


ARRAYS_OF_CASES = 8
"""The approximate number of arrays alive at once that have a number for each network, case and unit."""


STREAM_BYTES = 3000
"""The approximate bytes of the stream of random numbers of a network."""


@dataclass(frozen=True)
class SmallTask:
    """A task for one output unit: input vectors and the desired output for each."""

    name: str
    inputs: NDArray[np.float64]
    """(cases, units)."""
    desired: NDArray[np.float64]
    """(cases, 1)."""


def _vectors(bits: int) -> NDArray[np.float64]:
    return np.array(list(product((0.0, 1.0), repeat=bits)))


def symmetry_task(bits: int = 6) -> SmallTask:
    """The symmetry task: all vectors of `bits` bits. The symmetric ones, 8 of 64 for six bits, turn the output on."""
    x = _vectors(bits)
    return SmallTask("symmetry", x, np.all(x == x[:, ::-1], axis=1, keepdims=True).astype(np.float64))


def xor_task() -> SmallTask:
    """The XOR task: the output should be on if exactly one of two bits is."""
    x = _vectors(2)
    return SmallTask("XOR", x, (x.sum(axis=1, keepdims=True) == 1).astype(np.float64))


def one_hidden_layer(task: SmallTask, hidden: int = 2) -> Architecture:
    """Inputs, hidden units and one output unit, with biases. With 0 hidden units the output sees the inputs."""
    inputs, output = Layer("input", task.inputs.shape[1]), Layer("output", 1, ("hidden" if hidden else "input", BIAS))
    return Architecture((inputs, *([Layer("hidden", hidden, ("input", BIAS))] if hidden else []), output))


def most_right_without_hidden_units(bits: int = 6) -> int:
    """Claim S2: the most vectors that one unit which sees the bits can have right. It is 57 of 64 for six bits.

    This is the number of vectors less the smallest `least_wrong` over all sets of symmetric vectors that may be on. The
    bound is reached: a unit that is on for just one symmetric vector has the seven others wrong.
    """
    symmetric = [tuple(map(int, half)) for half in _vectors(bits // 2)]
    sets = product((False, True), repeat=len(symmetric))
    on = ([half for half, is_on in zip(symmetric, each, strict=True) if is_on] for each in sets)
    return int(2**bits) - min(least_wrong(each, bits // 2) for each in on)


def least_wrong(on: Sequence[tuple[int, ...]], pairs: int = 3) -> int:
    """The fewest vectors that a network without hidden units has wrong, if it is on for just these symmetric vectors.

    Take a pair of mirrored bits with weights u and v, and the halves that the other pairs can have. With halves of the
    first kind, the unit is on while the pair is 00; with halves of the second kind, while it is 11. A vector with the
    pair 10 or 01 is not symmetric, so the unit should be off. But from 00, x grows by u to 10 and by v to 01. From 11,
    x falls by v to 10 and by u to 01. So the unit stays on, wrongly:

    - if u and v are both positive, at 10 and 01 with all halves of the first kind: twice as many as there are of them;
    - if both are negative, likewise with all of the second kind;
    - if they differ in sign, at 10 or at 01, with all halves of either kind.

    Each pair counts with the least of the three numbers. These vectors differ from symmetric ones in that pair alone,
    so none is counted twice. The symmetric vectors that are off are added.

    Args:
        on: the left halves of the symmetric vectors that turn the unit on.
        pairs: the number of pairs of mirrored bits.
    """
    wrongly_on = 0
    for pair in range(pairs):
        at_00, at_11 = ({half[:pair] + half[pair + 1 :] for half in on if half[pair] == bit} for bit in (0, 1))
        wrongly_on += min(2 * len(at_00), 2 * len(at_11), len(at_00 | at_11))
    return int(2**pairs) - len(on) + wrongly_on


@dataclass(frozen=True)
class SmallRun:
    """Networks trained on a small task."""

    task: SmallTask
    architecture: Architecture
    recipe: Recipe
    weights: Weights
    """The weights after the last sweep, per connection (networks, units below, units above)."""
    sweep: NDArray[np.int64]
    """The sweeps at which the networks were evaluated, (looks,)."""
    cases_right: NDArray[np.int64]
    """How many cases were right at each of these sweeps, (networks, looks)."""
    squared_error: NDArray[np.float64]
    """E of equation 3 after the last sweep, (networks,)."""

    @property
    def solved(self) -> NDArray[np.bool_]:
        """Which networks have every case right at the end, (networks,)."""
        return np.equal(self.cases_right[:, -1], len(self.task.inputs))

    @property
    def sweeps_to_solve(self) -> NDArray[np.float64]:
        """The first evaluated sweep with every case right, (networks,); infinite if there was none."""
        done = self.cases_right == len(self.task.inputs)
        return np.where(done.any(axis=1), self.sweep[done.argmax(axis=1)], np.inf)


def check_small_memory(task: SmallTask, networks: int, hidden: int, sweeps: int) -> None:
    """Check that the machine has the memory to train so many networks at once.

    Raises:
        FamilyTreesError: it has not; says how much memory they would take.
    """
    looks = sweeps // SWEEPS_BETWEEN_LOOKS + 3
    needed = 8 * networks * (ARRAYS_OF_CASES * len(task.inputs) * (hidden + 1) + 2 * looks + STREAM_BYTES // 8)
    available = available_memory()
    if needed > available:
        raise FamilyTreesError(
            f"{count(networks, 'network')} with {count(hidden, 'hidden unit')} and {sweeps:,} sweeps would take about "
            f"{needed / 1e9:,.1f} GB, and {available / 1e9:,.1f} GB are free; give fewer of one of them"
        )


def train_small_networks(
    task: SmallTask,
    recipe: Recipe = PRINTED_RECIPE,
    *,
    networks: int = 500,
    first: int = 0,
    hidden: int = 2,
    sweeps: int | None = None,
    seed: int = 0,
    start: Weights | None = None,
    report: Callable[[int], None] | None = None,
) -> SmallRun:
    """Train the networks number `first`, `first` + 1, ...; network k from the weights that `seed` and k give it.

    Args:
        recipe: its kind of units is that of the hidden ones.
        sweeps: how many sweeps; by default those of the recipe.
        start: the weights to begin with, of `networks` networks, instead of random ones.
        report: called with the number of sweeps since its last call.
    """
    recipe = recipe if sweeps is None else replace(recipe, sweeps=sweeps)
    architecture = recipe.apply_to(one_hidden_layer(task, hidden))
    if start is None:
        start = initial_weights(architecture, recipe.initial_range, seed, range(first, first + networks))
    cases = Cases({"input": task.inputs}, task.desired, np.ones((networks, len(task.inputs))))
    looks = sorted({*range(0, recipe.sweeps, SWEEPS_BETWEEN_LOOKS), PRINTED_SWEEPS, recipe.sweeps})
    seen: list[int] = []
    counts: list[NDArray[np.int64]] = []
    for state in descend(architecture, recipe, initial_state(start), cases, looks=looks):
        found = evaluate(architecture, state.weights, cases)
        if report is not None and seen:
            report(state.sweep - seen[-1])
        seen.append(state.sweep)
        counts.append(np.asarray(found.right.sum(axis=-1)))
    return SmallRun(
        task,
        architecture,
        recipe,
        state.weights,
        np.array(seen),
        np.stack(counts, axis=-1),
        found.objective,
    )


@dataclass(frozen=True)
class SolutionForm:
    """The forms of solutions of the symmetry task. The first axis of every array is that of the networks."""

    mirrored: NDArray[np.float64]
    """How far the weights of a hidden unit are from equal and opposite about the middle, (networks, hidden). It is the
    norm of the sums of the two weights of each pair, as a share of the norm of their differences; 0 in the paper."""
    ratios: NDArray[np.float64]
    """The mean size of the weights of each pair of a hidden unit, relative to the smallest and sorted, (networks,
    hidden, pairs). It is 1, 2 and 4 in the paper."""
    opposite: NDArray[np.float64]
    """The cosine between the weights of the two hidden units, (networks,); -1 in the paper."""
    hidden_biases: NDArray[np.float64]
    """The biases of the hidden units, (networks, hidden); negative in the paper."""
    output_bias: NDArray[np.float64]
    """The bias of the output unit, (networks,); positive in the paper."""

    @property
    def as_in_the_paper(self) -> NDArray[np.bool_]:
        """Which solutions have the form of fig. 1, by thresholds fixed beforehand: (networks,).

        Weights mirrored and opposite within 10%, pairs in ratio 1 : 2 : 4 within 25%, hidden units sign-flipped copies
        (cosine below -0.98), hidden biases negative, output bias positive.
        """
        return self._mirrored_in_ratio(1, 2, 4)

    @property
    def in_ratio_2_3_4(self) -> NDArray[np.bool_]:
        """Which solutions have the form of fig. 1 except for a ratio of 2 : 3 : 4, within 25%: (networks,).

        In the full reproduction, all solutions without the paper's form have this one. It also solves the task: no sum
        or difference of two of these numbers is the third, so only symmetric vectors give the hidden units no input.
        """
        return self._mirrored_in_ratio(1, 1.5, 2)

    def _mirrored_in_ratio(self, *ratio: float) -> NDArray[np.bool_]:
        near = np.all(np.abs(self.ratios / np.array(ratio) - 1) < 0.25, axis=(-2, -1))
        return np.asarray(
            np.all(self.mirrored < 0.1, axis=-1)
            & near
            & (self.opposite < -0.98)
            & np.all(self.hidden_biases < 0, axis=-1)
            & (self.output_bias > 0)
        )


def solution_form(weights: Weights) -> SolutionForm:
    """Measure the form of networks with two hidden units.

    Args:
        weights: per connection, (networks, units below, units above).
    """
    w = np.asarray(weights[Connection("input", "hidden")], dtype=np.float64).swapaxes(
        -1, -2
    )  # (networks, hidden, inputs)
    pairs = w.shape[-1] // 2
    left, right_half = w[..., :pairs], w[..., ::-1][..., :pairs]
    sizes = np.sort((np.abs(left) + np.abs(right_half)) / 2, axis=-1)
    first, second = w[:, 0], w[:, 1]
    cosine = np.sum(first * second, axis=-1) / (np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1))
    return SolutionForm(
        np.linalg.norm(left + right_half, axis=-1) / np.linalg.norm(left - right_half, axis=-1),
        sizes / sizes[..., :1],
        cosine,
        np.asarray(weights[Connection(BIAS, "hidden")], dtype=np.float64)[:, 0],
        np.asarray(weights[Connection(BIAS, "output")], dtype=np.float64)[:, 0, 0],
    )


def vectors_turned_on(run: SmallRun) -> NDArray[np.int64]:
    """How many vectors turn the output on after the last sweep, (networks,)."""
    y = forward(run.architecture, run.weights, {"input": run.task.inputs})["output"]
    return np.asarray((y[..., 0] > 0.5).sum(axis=-1))


def network_to_draw(
    solved: NDArray[np.bool_], formed: NDArray[np.bool_], squared_error: NDArray[np.float64]
) -> int | None:
    """The index of the network to draw; None if no network solved the task.

    It is the one with the lowest E among the networks that solved the task in the paper's form or, if there are none,
    among all that solved it.

    Args:
        solved: which networks solved the task, (networks,).
        formed: which solutions have the form of the paper's, (networks,).
        squared_error: E of each, (networks,).
    """
    places = np.flatnonzero(solved & formed if (solved & formed).any() else solved)
    return int(places[np.argmin(squared_error[places])]) if places.size else None


def summary_lines(run: SmallRun) -> list[str]:
    """The results of the networks in lines of words: how many solved the task, when, and in what form."""
    cases, networks = len(run.task.inputs), len(run.squared_error)
    in_time = run.sweeps_to_solve <= PRINTED_SWEEPS
    low, high = wilson(int(run.solved.sum()), networks)
    lines = [
        f"{run.task.name}: {run.solved.sum()} of {count(networks, 'network')} have all {cases} cases right after "
        f"{run.recipe.sweeps:,} sweeps ({low:.0%} to {high:.0%})"
    ]
    if run.recipe.sweeps > PRINTED_SWEEPS and run.task.name == "symmetry":
        lines.append(f"{in_time.sum()} of them had solved it by sweep {PRINTED_SWEEPS:,}, as in the paper")
    if run.solved.any() and run.task.name == "symmetry" and run.architecture.layers[1].units == 2:
        found = solution_form(select_networks(run.weights, np.flatnonzero(run.solved)))
        two, four = np.median(found.ratios, axis=(0, 1))[1:]
        lines.append(
            f"weights of the pairs, from the smallest: 1 : {two:.2f} : {four:.2f} (median); 1 : 2 : 4 in the paper"
        )
        lines.append(
            f"{found.as_in_the_paper.sum()} of the {run.solved.sum()} solutions have the form of the paper, and "
            f"{found.in_ratio_2_3_4.sum()} the same but for a ratio of 2 : 3 : 4"
        )
    if not run.solved.all():
        right_cases = np.bincount(run.cases_right[~run.solved, -1])
        most = int(right_cases.argmax())
        never = ", as many as there are with the output always off" if most == cases - run.task.desired.sum() else ""
        lines.append(f"of the others, {right_cases[most]} of {(~run.solved).sum()} have {most} cases right{never}")
    return lines
