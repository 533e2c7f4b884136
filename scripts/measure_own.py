"""How well do networks learn a family of one's own? Writes results/own-families.csv.

    python scripts/measure_own.py [FILE.ged ...] [--networks 20] [--workers N] [--out results/own-families.csv]

Measures the trees of 1986, made-up families of 60 and 200 people, and the given files, with two learners: matrices, as
`family-trees train --tree` has them, and the network of 1986 with its recipe for own families. Each network has first
weights and held-out cases of its own. Nothing was chosen on this seed. Trees of more than 1000 people have three
matrices and no network of 1986, which would take most of an hour. About ten minutes on two cores with the files in
../shared/gedcom.
"""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
import pandas as pd
from choose_own_recipe import named_task
from side_by_side import in_order

from family_trees.engine.evaluation import evaluate
from family_trees.engine.network import select_networks
from family_trees.engine.recipe import SMALL_BATCHES
from family_trees.families.task import cases_for
from family_trees.models.successors import LearnerName, learner_for, successor_recipe
from family_trees.models.training import train, usual_held_out
from family_trees.support.files import write_text
from family_trees.support.intervals import share_interval

SEED = 61
MADE_UP_SIZES = ("60", "200")
LARGE = 1000
"""Trees of more people have `FEW` networks, and matrices alone."""
FEW = 3


class TreeRow(NamedTuple):
    """The results of one tree and one learner. Shares are means over networks, with 95% intervals."""

    tree: str
    people: int
    facts: int
    cases: int
    learner: str
    networks: int
    held_out_cases: int
    training_share: float
    """Training cases right by threshold."""
    training_low: float
    training_high: float
    held_out_share: float
    """Held-out cases right by threshold: the network is not told how many answers there are."""
    held_out_low: float
    held_out_high: float
    rank_share: float
    """Held-out cases right by rank: the k nearest people are the k right answers."""
    rank_low: float
    rank_high: float
    seconds: float
    """Seconds from the file to the end of the training, for one network."""


def measure(job: tuple[str, LearnerName], networks: int) -> TreeRow:
    """The row of one tree and learner."""
    name, learner = job
    began = time.perf_counter()
    task = named_task(name)
    read = time.perf_counter() - began
    held_out = usual_held_out(task)
    number = min(networks, FEW) if len(task.people) > LARGE else networks
    recipe = SMALL_BATCHES if learner == "network" else successor_recipe(learner, len(task.cases) - held_out)
    architecture = learner_for(task, learner)
    began = time.perf_counter()
    trained = train(
        *(task, recipe), seed=SEED, networks=number, held_out=held_out, architecture=architecture, every=recipe.sweeps
    )
    seconds = read + (time.perf_counter() - began) / number
    right, by_rank = [], []
    for place, split in enumerate(trained.held_out):  # one at a time, which takes less memory
        weights = select_networks(trained.weights, slice(place, place + 1))
        found = evaluate(trained.architecture, weights, cases_for(task, [split]), criteria=("right", "rank"))
        right.append(found.by_criterion["right"][0])
        by_rank.append(found.by_criterion["rank"][0])
    masks = np.array([task.training_mask(split) for split in trained.held_out]) > 0
    shares = [
        np.array([each[mask].mean() for each, mask in zip(several, chosen, strict=True)])
        for several, chosen in ((right, masks), (right, ~masks), (by_rank, ~masks))
    ]
    cases = (len(task.cases) - held_out, held_out, held_out)
    numbers = [
        round(float(each), 4)
        for share, of in zip(shares, cases, strict=True)
        for each in (share.mean(), *share_interval(share, of))
    ]
    numbers.append(float(f"{seconds:.2g}"))
    label = "1986" if name == "24" else f"made up, {name}" if name.isdecimal() else Path(name).stem
    sizes = (len(task.people), len(task.triples), len(task.cases))
    return TreeRow(label, *sizes, learner, number, held_out, *numbers)


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False))
@click.option("--networks", default=20, show_default=True, help="Networks for each tree.")
@click.option("--workers", default=os.cpu_count(), show_default=True, help="Processes.")
@click.option("--out", default=Path("results/own-families.csv"), show_default=True, type=click.Path(path_type=Path))
def main(files: tuple[str, ...], networks: int, workers: int, out: Path) -> None:
    """Measure every tree with both learners, write the table and print it."""
    if not files and out == Path("results/own-families.csv"):
        raise click.UsageError("the committed table has sample files, too: name them, or give another file with --out")
    learners: tuple[LearnerName, ...] = ("matrices", "network")
    jobs = [
        (tree, learner)
        for tree in ("24", *MADE_UP_SIZES, *files)
        for learner in learners
        if learner == "matrices" or len(named_task(tree).people) <= LARGE
    ]
    table = pd.DataFrame(in_order(partial(measure, networks=networks), jobs, label="trees", workers=workers))
    write_text(out, table.to_csv(index=False, lineterminator="\n"))
    click.echo(table.to_string(index=False))
    click.echo(f"written: {out}")


if __name__ == "__main__":
    main()
