"""Which recipe learns families of any size? Writes results/own-recipe.csv.

    python scripts/choose_own_recipe.py [FILE.ged ...] [--networks 3] [--work DIR] [--workers N] [--out FILE.csv]

The recipes that learn the trees of 1986 do not learn larger ones: the gradient is a sum over all cases, so its steps
grow with the family. Every candidate keeps the paper's equations and its two phases of epsilon and momentum. It has
small batches of cases, the error signal of cross-entropy, no margin, and an epsilon and a decay of its own.

Each candidate trains networks on the trees of 1986, on made-up families, and on the given files. It holds out as many
cases as `train` does. Only the training cases that are right at the end decide. The held-out cases are never evaluated.
The rule (`choose`) was written before the run. A stopped run goes on where it was. About 20 minutes on two cores with
the files in ../shared/gedcom.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
import pandas as pd
from made_up_families import made_up_task
from side_by_side import rows_in_order

from family_trees.engine.recipe import PUBLISHED, Recipe
from family_trees.families.of_1986 import family_trees_task
from family_trees.families.readers.tree import read_tree
from family_trees.families.task import Task
from family_trees.models.layered import family_network
from family_trees.models.training import train, usual_held_out
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import write_text
from family_trees.support.intervals import share_interval
from family_trees.support.jobs import Pieces
from family_trees.support.locks import directory_lock
from family_trees.version import VERSION

SEED = 1986
MADE_UP_SIZES = (60, 200, 400)
"""The numbers of people in the made-up families."""
EPSILONS = (0.005, 0.007, 0.01)
"""Epsilons of the second phase. That of the first phase is a tenth of it."""
DECAYS = (0.0, 1e-5)
BATCHES = (20, 50, 100)
"""Cases in a batch."""
GROWTH_POWERS = (0.0, 0.25, 0.5, 0.75)
"""Powers of the number of people with which the layers grow, for the second table. 0 stands for the logarithm."""


class CandidateOnTree(NamedTuple):
    """The results of one candidate on one tree."""

    epsilon: float
    decay: float
    batch: int
    person_code: int
    """Units of the person code. The other layers are in proportion."""
    tree: str
    people: int
    cases: int
    networks: int
    mean_share_right: float
    low: float
    high: float
    """`low` and `high` are the ends of the 95% interval of the mean over networks: see `share_interval`."""


def candidates() -> list[Recipe]:
    """The candidates: every epsilon with every batch, and for batches of 50 also with decay."""
    return [
        replace(
            PUBLISHED,
            name="candidate",
            error_signal="cross-entropy",
            margin=0.0,
            initial_range=1.0,
            epsilon=(epsilon / 10, epsilon),
            sweeps=1000,
            decay=decay,
            batch=batch,
        )
        for batch in BATCHES
        for decay in (DECAYS if batch == 50 else DECAYS[:1])
        for epsilon in EPSILONS
    ]


def choose(rows: Sequence[CandidateOnTree]) -> CandidateOnTree:
    """The first row of the recipe with the largest mean share of training cases right, over the trees."""
    shares: dict[tuple[float, float, int], list[float]] = {}
    for row in rows:
        shares.setdefault((row.epsilon, row.decay, row.batch), []).append(row.mean_share_right)
    best = max(shares, key=lambda key: sum(shares[key]) / len(shares[key]))
    return next(row for row in rows if (row.epsilon, row.decay, row.batch) == best)


@cache
def named_task(name: str) -> Task:
    """The task called `name`: "24" is that of 1986, any other number a size of made-up families, else it is a file."""
    if name == "24":
        return family_trees_task()
    if name.isdecimal():
        return made_up_task(int(name), SEED)
    return read_tree(Path(name)).task()


def measure(job: tuple[Recipe, str, int], networks: int) -> list[CandidateOnTree]:
    """The row of one recipe, one tree and one size of the person code."""
    recipe, tree, code = job
    task = named_task(tree)
    people, cases = len(task.people), len(task.cases)
    sizes = family_network(people, len(task.relations)).layers[3].units
    try:
        trained = train(
            task,
            recipe,
            seed=SEED,
            networks=networks,
            held_out=usual_held_out(task),
            architecture=family_network(people, len(task.relations), (code, sizes, 2 * code, code)),
            every=recipe.sweeps,
        )
        shares = trained.curve.training_right[:, -1] / trained.training_cases
        low, high = share_interval(shares, trained.training_cases)
    except FamilyTreesError:  # it diverged
        shares = np.zeros(networks)
        low, high = 0.0, 0.0
    row = CandidateOnTree(
        epsilon=recipe.epsilon[1],
        decay=recipe.decay,
        batch=recipe.batch,
        person_code=code,
        tree=Path(tree).stem,
        people=people,
        cases=cases,
        networks=networks,
        mean_share_right=round(float(shares.mean()), 4),
        low=round(low, 4),
        high=round(high, 4),
    )
    return [row]


def person_code_units(people: int, power: float) -> int:
    """The units of the person code for this many people: 6 for 24, and more by `power` (0: by the logarithm)."""
    ratio = people / 24
    return max(6, round(6 * (math.log(people) / math.log(24) if power == 0 else ratio**power)))


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False))
@click.option("--networks", default=3, show_default=True, help="Networks for each candidate and tree.")
@click.option("--work", default=Path("studies/own-recipe"), show_default=True, type=click.Path(path_type=Path))
@click.option("--workers", default=os.cpu_count(), show_default=True, help="Processes.")
@click.option("--out", default=Path("results/own-recipe.csv"), show_default=True, type=click.Path(path_type=Path))
def main(files: tuple[str, ...], networks: int, work: Path, workers: int, out: Path) -> None:
    """Measure every candidate on every tree, then sizes of layers. Write both tables, and print the choice."""
    if not files and out == Path("results/own-recipe.csv"):
        raise click.UsageError("the committed table has sample files, too: name them, or give another file with --out")
    trees = ["24", *map(str, MADE_UP_SIZES), *files]
    contents = [hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in files]

    def pieces_of(name: str, jobs: list[tuple[Recipe, str, int]]) -> Pieces:
        return Pieces(work / name, f"{VERSION}, {networks} networks, {contents}, {jobs}")

    def rows_of(jobs: list[tuple[Recipe, str, int]], pieces: Pieces) -> list[CandidateOnTree]:
        asked = partial(measure, networks=networks)
        return rows_in_order(asked, CandidateOnTree, jobs, pieces, label="networks", workers=workers)

    def sized(tree: str, power: float) -> int:
        return person_code_units(len(named_task(tree).people), power)

    with directory_lock(work):
        first = [(recipe, tree, sized(tree, 0.5)) for recipe in candidates() for tree in trees]
        rows = rows_of(first, pieces_of("candidates", first))
        chosen = choose(rows)
        recipe = next(each for each in candidates() if (each.epsilon[1], each.decay, each.batch) == chosen[:3])
        second = [(recipe, tree, sized(tree, power)) for power in GROWTH_POWERS for tree in trees[1:]]
        growth = rows_of(second, pieces_of("growth", second))
        for name, several in ((out, rows), (out.with_name(out.stem + "-growth.csv"), growth)):
            table = pd.DataFrame(several)
            write_text(name, table.to_csv(index=False, lineterminator="\n"))
            click.echo(
                table.pivot_table("mean_share_right", ["batch", "decay", "epsilon", "person_code"], "tree", sort=False)
            )
            click.echo(f"written: {name}\n")
        pieces_of("candidates", first).remove()
        pieces_of("growth", second).remove()
    click.echo(f"chosen: epsilon {chosen.epsilon}, decay {chosen.decay}, batch {chosen.batch}")


if __name__ == "__main__":
    main()
