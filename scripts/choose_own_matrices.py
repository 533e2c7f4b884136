"""Which step and penalty suit matrices on families of any size? Writes results/own-matrices.csv.

    python scripts/choose_own_matrices.py [--networks 4] [--workers N] [--out results/own-matrices.csv]

scripts/choose_successors.py chose both on the trees of 1986, which are trained on all cases at once. Larger families
are trained in batches. Here each candidate trains networks on made-up families of a seed that nothing else uses. They
hold out as many cases as `train` does.

The rule: the largest mean share of held-out cases right by rank, over the families, wins; of equals, the smaller step,
then the smaller penalty. But real families are larger than these, and their trainings diverge at smaller steps. So a
candidate counts only if twice its step, with its penalty, diverges nowhere here. (The second sentence of the rule was
added after the first run, in which the winner stood beside trainings that diverged.) About ten minutes on two cores.
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
from made_up_families import made_up_task
from side_by_side import in_order

from family_trees.engine.evaluation import Criterion, evaluate
from family_trees.families.task import cases_for
from family_trees.models.successors import learner_for, successor_recipe
from family_trees.models.training import train, usual_held_out
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import write_text
from family_trees.support.intervals import share_interval

BY_RANK: tuple[Criterion, ...] = ("rank",)
SEED = 3301
SIZES = (60, 200, 400)
"""People in the made-up families."""
EPSILONS = (0.0025, 0.005, 0.01, 0.02)
PENALTIES = (0.1, 0.2, 0.4)


class OwnRow(NamedTuple):
    """One candidate on one family. The share is a mean over networks, with its 95% interval: see `share_interval`."""

    epsilon: float
    penalty: float
    people: int
    cases: int
    networks: int
    rank_share: float
    """0 where a training diverged."""
    low: float
    high: float


def measure(job: tuple[float, float, int], networks: int) -> OwnRow:
    """The row of one candidate and one family."""
    epsilon, penalty, people = job
    task = made_up_task(people, SEED + people)
    held_out, learner = usual_held_out(task), learner_for(task, "matrices")
    recipe = successor_recipe("matrices", len(task.cases) - held_out, penalty, epsilon)
    try:
        trained = train(
            *(task, recipe),
            seed=SEED,
            networks=networks,
            held_out=held_out,
            architecture=learner,
            every=recipe.sweeps,
        )
        right = evaluate(learner, trained.weights, cases_for(task, trained.held_out), criteria=BY_RANK)
        untrained = np.array([task.training_mask(split) for split in trained.held_out]) == 0
        shares = (right.by_criterion["rank"] & untrained).sum(axis=-1) / held_out
    except FamilyTreesError:  # it diverged
        shares = np.zeros(networks)
    numbers = (round(float(each), 4) for each in (shares.mean(), *share_interval(shares, held_out)))
    return OwnRow(epsilon, penalty, len(task.people), len(task.cases), networks, *numbers)


def choose(table: pd.DataFrame) -> tuple[float, float]:
    """The step and the penalty with the largest mean share, of those whose double step diverges nowhere."""
    shares: dict[tuple[float, float], list[float]] = {}
    for epsilon, penalty, share in zip(table["epsilon"], table["penalty"], table["rank_share"], strict=True):
        shares.setdefault((epsilon, penalty), []).append(share)
    safe = [(epsilon, penalty) for epsilon, penalty in shares if min(shares.get((2 * epsilon, penalty), [0])) > 0]
    return max(safe, key=lambda each: sum(shares[each]))


@click.command()
@click.option("--networks", default=4, show_default=True, help="Networks for each candidate and family.")
@click.option("--workers", default=os.cpu_count(), show_default=True, help="Processes.")
@click.option("--out", default=Path("results/own-matrices.csv"), show_default=True, type=click.Path(path_type=Path))
def main(networks: int, workers: int, out: Path) -> None:
    """Measure every candidate on every family, write the table, and print the choice."""
    jobs = [*product(EPSILONS, PENALTIES, SIZES)]
    table = pd.DataFrame(in_order(partial(measure, networks=networks), jobs, label="candidates", workers=workers))
    write_text(out, table.to_csv(index=False, lineterminator="\n"))
    click.echo(table.pivot_table("rank_share", ["epsilon", "penalty"], "people", sort=False))
    click.echo(f"written: {out}")
    click.echo("chosen: epsilon {}, penalty {}".format(*choose(table)))


if __name__ == "__main__":
    main()
