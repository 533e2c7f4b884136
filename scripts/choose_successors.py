"""Which size and penalty suit the successors of the network? Writes results/successors-choice.csv.

    python scripts/choose_successors.py [--splits 64] [--workers N] [--out results/successors-choice.csv]

Vectors and matrices have a size, a penalty on squared weights and a step. The papers do not print them all. Here, as in
scripts/choose_best.py, held-out accuracy decides, so the splits are of seeds that nothing else uses. They hold out 12
and 26 of the 104 cases: with four held out, too many choices have everything right to be told apart.

The rule (`choose`), for each successor: a step with which some network diverges, of whatever size, is left out. Then
the size, penalty and step with the highest mean share of held-out cases right by rank win, over both numbers of
held-out cases.

`family_trees.models.successors` holds what was chosen, but for the size of matrices. The rule gives 5 rows. The 6 rows
there were taken before this measurement, after trials, and as many cases are right with them, within the intervals. The
script
also says how many held-out cases are right, not by rank but by the share of the largest probability from which a person
counts as an answer, for some such shares. About ten minutes on two cores.
"""

from __future__ import annotations

import os
from functools import partial
from itertools import product
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
import pandas as pd
from side_by_side import in_order

from family_trees.engine.arrays import Booleans
from family_trees.engine.embedding import Embedding
from family_trees.engine.evaluation import right_by_rank
from family_trees.families.of_1986 import family_trees_task
from family_trees.models.successors import LearnerName, learner_for, successor_recipe
from family_trees.models.training import Trained, train
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import write_text
from family_trees.support.intervals import share_interval

SEEDS = {12: 3201, 26: 3202}
"""The seed of the splits, for each number of held-out cases."""

SIZES: dict[LearnerName, tuple[int, ...]] = {"matrices": (3, 4, 5, 6), "vectors": (6, 8, 12, 16)}
PENALTIES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
EPSILONS = (0.01, 0.03)
ANSWER_SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2)
"""From these shares of the largest probability on, a person counts as an answer."""


class Candidate(NamedTuple):
    """A choice of the numbers of a successor."""

    learner: LearnerName
    size: int
    penalty: float
    epsilon: float
    held_out: int


class CandidateRow(NamedTuple):
    """How well it does: means over splits, with a 95% interval of the held-out share: see `share_interval`."""

    learner: str
    size: int
    penalty: float
    epsilon: float
    held_out: int
    splits: int
    training_share: float
    held_out_share: float
    held_out_low: float
    held_out_high: float
    by_a_16th: float
    by_an_8th: float
    by_a_quarter: float
    by_a_half: float


def measure(candidate: Candidate, splits: int) -> CandidateRow:
    """Train a network of the candidate on each split."""
    task = family_trees_task()
    recipe = successor_recipe(candidate.learner, len(task.cases), candidate.penalty, candidate.epsilon)
    try:
        trained = train(
            task,
            recipe,
            seed=SEEDS[candidate.held_out],
            networks=splits,
            held_out=candidate.held_out,
            architecture=learner_for(task, candidate.learner, candidate.size),
            every=recipe.sweeps,
        )
    except FamilyTreesError:  # weights grew without limit: no candidate to choose
        return CandidateRow(*candidate, splits, *(0.0,) * 8)
    by_rank, *by_share = _right(trained)
    held_out = np.array([task.training_mask(split) == 0 for split in trained.held_out])
    unseen = _shares(by_rank, held_out)
    low, high = share_interval(unseen, candidate.held_out)
    shares = (_shares(by_rank, ~held_out).mean(), unseen.mean(), low, high)
    others = (float(_shares(right, held_out).mean()) for right in by_share)
    return CandidateRow(*candidate, splits, *(round(float(number), 4) for number in (*shares, *others)))


def _right(trained: Trained) -> list[Booleans]:
    """Which cases are right by rank, and then by each of the `ANSWER_SHARES`: (networks, cases) each."""
    learner, task = trained.architecture, trained.task
    assert isinstance(learner, Embedding)  # noqa: S101
    x, d = learner.scores(trained.weights, task.input_codes()), task.desired()
    below = np.max(x, axis=-1, keepdims=True) - x
    by_share = [np.all((below < -np.log(share)) == (d > 0), axis=-1) for share in ANSWER_SHARES]
    return [right_by_rank(x, d), *by_share]


def _shares(right: Booleans, cases: Booleans) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The share of some cases that are right, (networks,)."""
    return np.asarray(np.sum(right & cases, axis=-1) / np.sum(cases, axis=-1))


def choose(table: pd.DataFrame) -> pd.DataFrame:
    """The choice for each learner: a row with its numbers, as the rule says."""
    diverging = table[table["training_share"] == 0][["learner", "epsilon"]].apply(tuple, axis=1)
    stable = table[~table[["learner", "epsilon"]].apply(tuple, axis=1).isin(diverging)]
    keys = ["learner", "size", "penalty", "epsilon"]
    means = stable.groupby(keys, sort=False)["held_out_share"].mean().reset_index()
    best = means.sort_values("held_out_share", ascending=False, kind="stable")
    return best.groupby("learner", sort=True).head(1).reset_index(drop=True)


@click.command()
@click.option("--splits", default=64, show_default=True, help="Splits, with a network on each.")
@click.option("--workers", default=os.cpu_count(), show_default=True, help="Processes.")
@click.option(
    "--out", default=Path("results/successors-choice.csv"), show_default=True, type=click.Path(path_type=Path)
)
def main(splits: int, workers: int, out: Path) -> None:
    """Measure every candidate, write the table, and print the choice."""
    candidates = [
        Candidate(name, *each) for name, sizes in SIZES.items() for each in product(sizes, PENALTIES, EPSILONS, SEEDS)
    ]
    table = pd.DataFrame(in_order(partial(measure, splits=splits), candidates, label="candidates", workers=workers))
    write_text(out, table.to_csv(index=False, lineterminator="\n"))
    click.echo(choose(table).to_string(index=False))
    click.echo(f"written: {out}")


if __name__ == "__main__":
    main()
