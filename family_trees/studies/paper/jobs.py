"""What the experiments on the paper have in common: their sizes, jobs and tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

ExperimentName = Literal["learning", "units", "symmetry", "iterative"]
"""The experiments; what each is stands in `experiments`."""


if TYPE_CHECKING:
    import pandas as pd

Tables = dict[str, "pd.DataFrame"]
"""The tables of a job or an experiment, by name."""


BLOCK_NETWORKS = 32
"""The most networks of the family-trees task in one job."""


SMALL_BLOCK_NETWORKS = 100
"""The most networks of the small tasks (symmetry, XOR, memory) in one job."""


@dataclass(frozen=True)
class ReproductionSize:
    """How many networks the experiments train."""

    learning: int
    """Networks of the printed recipe, and as many of the default one."""
    units: int
    """Networks to train. The units of those that learn all their training cases are studied."""
    symmetry: int
    """Networks for each number of hidden units and each epsilon."""
    symmetry_sweeps: int
    """Sweeps of each network of the symmetry task."""
    iterative: int
    """Networks for each length of the sequences."""
    seed: int = 0

    @property
    def network_seed(self) -> int:
        """The seed of all experiments but learning: the rules were written on networks of other seeds."""
        return self.seed + 1986


QUICK_SIZE = ReproductionSize(learning=80, units=160, symmetry=100, symmetry_sweeps=3000, iterative=20)
"""The usual size: some two minutes on two cores."""


FULL_SIZE = ReproductionSize(learning=10_000, units=10_000, symmetry=5000, symmetry_sweeps=10_000, iterative=200)
"""The size of the results that come with the package."""


def scaled_size(networks: int, seed: int = 0) -> ReproductionSize:
    """`QUICK_SIZE` with `networks` networks of each recipe in learning, and the other experiments in proportion."""

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
    """Networks of an experiment that one worker trains together."""

    experiment: ExperimentName
    kind: str
    """The name of a recipe or of a small task."""
    number: float
    """The number of hidden units, or of steps; 0 where there is neither."""
    epsilon: float
    """The epsilon of the symmetry task; 0 elsewhere."""
    first: int
    """The number of the first network."""
    networks: int
    """How many networks there are."""


class Experiment(NamedTuple):
    """The three functions of an experiment."""

    jobs: Callable[[ReproductionSize], list[ExperimentJob]]
    """All jobs of the experiment."""
    do: Callable[[ReproductionSize, ExperimentJob], Tables]
    """The tables of one job."""
    sum_up: Callable[[Tables], Tables]
    """From the tables of all jobs, one below the other, to the tables that are written."""


def network_blocks(networks: int, block: int) -> list[tuple[int, int]]:
    """Blocks of at most `block` networks: the number of the first network of each, and its number of networks."""
    return [(first, min(block, networks - first)) for first in range(0, networks, block)]
