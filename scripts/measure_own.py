"""How well does a network learn a user's own family? Writes results/own-families.csv, which the README quotes.

    python scripts/measure_own.py [FILE.ged ...] [--networks 20] [--workers N] [--out results/own-families.csv]

Measures the trees of 1986, made-up families of 60 and 200 people, and the given files. The networks have the recipe for
own families and the usual layers, each with first weights and held-out cases of its own. Nothing was chosen on this
seed. About five minutes on two cores with the files in ../shared/gedcom.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click
import pandas as pd
from choose_own_recipe import named_task
from side_by_side import in_order

from family_trees.engine.recipe import SMALL_BATCHES
from family_trees.models.layered import family_network
from family_trees.models.training import train, usual_held_out
from family_trees.support.files import write_text
from family_trees.support.intervals import bootstrap_mean

SEED = 61
MADE_UP_SIZES = ("60", "200")


class TreeRow(NamedTuple):
    """The results of one tree. Shares are means over networks, with 95% bootstrap intervals."""

    tree: str
    people: int
    facts: int
    cases: int
    layers: str
    networks: int
    held_out_cases: int
    training_share: float
    training_low: float
    training_high: float
    held_out_share: float
    held_out_low: float
    held_out_high: float


def measure(name: str, networks: int) -> TreeRow:
    """The row of one tree."""
    task = named_task(name)
    network, held_out = family_network(len(task.people), len(task.relations)), usual_held_out(task)
    trained = train(
        task,
        SMALL_BATCHES,
        seed=SEED,
        networks=networks,
        held_out=held_out,
        architecture=network,
        every=SMALL_BATCHES.sweeps,
    )
    training = trained.curve.training_right[:, -1] / trained.training_cases
    unseen = trained.curve.held_out_right[:, -1] / held_out
    shares = [round(float(number), 4) for each in (training, unseen) for number in (each.mean(), *bootstrap_mean(each))]
    layers = ",".join(str(layer.units) for layer in network.layers[2:-1])
    label = "1986" if name == "24" else f"made up, {name}" if name.isdecimal() else Path(name).stem
    sizes = (len(task.people), len(task.triples), len(task.cases))
    return TreeRow(label, *sizes, layers, networks, held_out, *shares)


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False))
@click.option("--networks", default=20, show_default=True, help="Networks for each tree.")
@click.option("--workers", default=os.cpu_count(), show_default=True, help="Processes.")
@click.option("--out", default=Path("results/own-families.csv"), show_default=True, type=click.Path(path_type=Path))
def main(files: tuple[str, ...], networks: int, workers: int, out: Path) -> None:
    """Measure every tree, write the table and print it."""
    if not files and out == Path("results/own-families.csv"):
        raise click.UsageError("the committed table has sample files, too: name them, or give another file with --out")
    trees = ("24", *MADE_UP_SIZES, *files)
    table = pd.DataFrame(in_order(partial(measure, networks=networks), trees, label="trees", workers=workers))
    write_text(out, table.to_csv(index=False, lineterminator="\n"))
    click.echo(table.to_string(index=False))
    click.echo(f"written: {out}")


if __name__ == "__main__":
    main()
