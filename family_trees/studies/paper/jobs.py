"""What the experiments on the paper have in common: sizes, jobs, tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

ExperimentName = Literal["learning", "units", "symmetry", "iterative"]


if TYPE_CHECKING:
    import pandas as pd

Tables = dict[str, "pd.DataFrame"]


BLOCK_NETWORKS = 32
"""Networks of a job."""


SMALL_BLOCK_NETWORKS = 100
"""The same, of the small networks."""


@dataclass(frozen=True)
class ReproductionSize:
    """How many networks the experiments train."""

    learning: int
    """Of the printed recipe, and as many of the default one."""
    units: int
    """From which those that learned all their training cases are taken, to look at their units."""
    symmetry: int
    """For each number of hidden units and each step size."""
    symmetry_sweeps: int
    iterative: int
    """For each number of steps."""
    seed: int = 0

    @property
    def network_seed(self) -> int:
        """Of all experiments but learning: their networks are none of those that were looked at before."""
        return self.seed + 1986


QUICK_SIZE = ReproductionSize(learning=80, units=160, symmetry=100, symmetry_sweeps=3000, iterative=20)


FULL_SIZE = ReproductionSize(learning=1000, units=1000, symmetry=500, symmetry_sweeps=10_000, iterative=200)


def scaled_size(networks: int, seed: int = 0) -> ReproductionSize:
    """`QUICK_SIZE` with `networks` networks of each recipe, and all other counts in proportion."""

    def grown(count: int) -> int:
        return max(1, round(count * networks / QUICK_SIZE.learning))

    return replace(
        QUICK_SIZE,
        learning=networks,
        units=grown(QUICK_SIZE.units),
        symmetry=grown(QUICK_SIZE.symmetry),
        iterative=grown(QUICK_SIZE.iterative),
        seed=seed,
    )


class ExperimentJob(NamedTuple):
    """Some networks of an experiment."""

    experiment: ExperimentName
    kind: str
    """What they are: the name of a recipe, or of a small task."""
    number: float
    """Of hidden units, or of steps; 0 where there is no such number."""
    epsilon: float
    """Of the symmetry task; 0 elsewhere."""
    first: int
    networks: int


class Experiment(NamedTuple):
    """How an experiment is done."""

    jobs: Callable[[ReproductionSize], list[ExperimentJob]]
    do: Callable[[ReproductionSize, ExperimentJob], Tables]
    sum_up: Callable[[Tables], Tables]
    """From the tables of all jobs, one below the other, to those that are kept."""


def network_blocks(networks: int, block: int) -> list[tuple[int, int]]:
    """The first number and the size of each block of at most `block` networks."""
    return [(first, min(block, networks - first)) for first in range(0, networks, block)]
