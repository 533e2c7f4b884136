"""How well do our learners infer relations, beside methods of PyKEEN? Writes results/relations.csv and relations.md.

    pip install -e '.[bench,gedcom]'
    python scripts/benchmark_relations.py --family royal92.ged [--dataset umls ...] [--method TuckER ...]

Nations, UMLS and Kinships (of the Alyawarra) come with PyKEEN, split as there. The trees of 1986 are split anew for
each seed, royal92 once. A search chooses the settings of each method of PyKEEN, and how many epochs it trains: those
with the highest filtered MRR on the validation set. results/relations-search.csv has all that was tried. Then the
method is trained with each seed, and asked the test set. One process and one thread train at a time, so that processor
time can be compared even on a machine that does other work. Rows that are already in the tables are kept; remove them
to measure anew. All together takes about an hour of processor time.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from itertools import takewhile
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import click
import numpy as np
from relations_data import FAMILY, TREES, Dataset, load_dataset
from relations_evaluation import Trained, filtered_ranks, measures
from relations_grid import budget, tried
from relations_ours import LEARNERS, ours
from relations_pykeen import METHODS, Method, Settings, looks, trainings
from relations_tables import Row, Tables, Tried, notes, relations_table

from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import write_text
from family_trees.support.machine import keep_freed_memory

SEEDS = 5
ORDER = ("umls", "kinships", "nations", TREES, FAMILY)
"""The data sets in the order in which they are measured: the long one last."""


def measured(dataset: Dataset, method: str, seed: int, trained: Trained) -> Row:
    """The test of a trained method."""
    found = measures(filtered_ranks(trained, dataset.test, dataset.facts))
    share = {name: round(value, 5) for name, value in asdict(found).items()}
    return Row(
        dataset=dataset.name,
        method=method,
        seed=seed,
        entities=len(dataset.entities),
        relations=len(dataset.relations),
        train_facts=len(dataset.train),
        valid_facts=len(dataset.valid),
        test_facts=len(dataset.test),
        settings=trained.settings,
        epochs=trained.epochs,
        **share,
        cpu_seconds=round(trained.cpu_seconds, 2),
        wall_seconds=round(trained.wall_seconds, 2),
        numbers=trained.numbers,
        numbers_an_entity=trained.numbers_an_entity,
    )


def try_settings(method: Method, settings: Settings, splits: Sequence[Dataset], seconds: float) -> Tried:
    """Train on every split until the time is up. The epochs are those with the best mean MRR over splits."""
    curves: list[dict[int, float]] = []
    spent = 0.0
    for seed, dataset in enumerate(splits):
        curve: dict[int, float] = {}
        for trained in trainings(method, dataset, settings, seed, looks()):
            curve[trained.epochs] = measures(filtered_ranks(trained, dataset.valid, dataset.facts)).mrr
            if trained.cpu_seconds > seconds:
                break
        spent += trained.cpu_seconds
        curves.append(curve)
    shared = takewhile(lambda epochs: all(epochs in curve for curve in curves), curves[0])
    means = {epochs: float(np.mean([curve[epochs] for curve in curves])) for epochs in shared}
    best = max(means, key=lambda epochs: means[epochs])
    return Tried(splits[0].name, method, str(settings), best, round(means[best], 5), round(spent, 2))


def measure_field(tables: Tables, name: str, method: Method, splits: Sequence[Dataset]) -> None:
    """Search, then train with every seed; what the tables have already is kept."""
    seconds, search_seeds, seeds = budget(name)
    candidates = {str(settings): settings for settings in tried(method, name)}
    for words, settings in candidates.items():
        if (name, method, words) not in {row[:3] for row in tables.tried}:
            tables.add(try_settings(method, settings, splits[:search_seeds], seconds))
    chosen = max(
        (row for row in tables.tried if row[:2] == (name, method) and row.settings in candidates),
        key=lambda row: row.valid_mrr,
    )
    for seed, dataset in enumerate(splits[:seeds]):
        if (name, method, seed, chosen.settings, chosen.epochs) in {
            (*row[:3], row.settings, row.epochs) for row in tables.rows
        }:
            continue
        (trained,) = trainings(method, dataset, candidates[chosen.settings], seed, iter([chosen.epochs]))
        tables.add(measured(dataset, method, seed, trained))


def measure_ours(tables: Tables, name: str, learner: str, splits: Sequence[Dataset]) -> None:
    """Train one of our learners with every seed that the table has not."""
    for seed, dataset in enumerate(splits):
        if (name, learner, seed) not in {row[:3] for row in tables.rows}:
            tables.add(measured(dataset, learner, seed, ours(learner, dataset, seed)))


@click.command()
@click.option("--dataset", "datasets", multiple=True, type=click.Choice(ORDER), help="Only these; by default all.")
@click.option("--method", "methods", multiple=True, type=click.Choice((*LEARNERS, *METHODS)), help="Only these.")
@click.option("--family", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The file of royal92.")
@click.option("--out", default=Path("results"), show_default=True, type=click.Path(path_type=Path), help="A folder.")
def main(datasets: tuple[str, ...], methods: tuple[str, ...], family: Path | None, out: Path) -> None:
    """Measure what the tables lack, write them and print the table for readers."""
    keep_freed_memory()
    tables = Tables(out)
    try:
        for name in datasets or ORDER:
            splits = [load_dataset(name, seed, family) for seed in range(SEEDS)]
            for method in METHODS:
                if method in (methods or METHODS):
                    measure_field(tables, name, method, splits)
            for learner in LEARNERS:
                if learner in (methods or LEARNERS):
                    measure_ours(tables, name, learner, splits)
    except FamilyTreesError as error:
        raise click.ClickException(str(error)) from error
    write_text(out / "relations.md", notes(tables.rows) + relations_table(tables.rows))
    click.echo(relations_table(tables.rows), nl=False)


if __name__ == "__main__":
    main()
