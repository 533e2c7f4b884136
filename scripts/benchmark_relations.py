"""How well do our learners infer relations, beside methods of PyKEEN? Writes results/relations.csv and relations.md.

    pip install -e '.[bench,gedcom]'
    python scripts/benchmark_relations.py --family royal92.ged [--dataset umls ...] [--method ours ...]

Nations, UMLS and Kinships (of the Alyawarra) come with PyKEEN, split as there. The trees of 1986 are split anew for
each seed, royal92 once. A search chooses the settings of each method of PyKEEN, and how many epochs it trains: those
with the highest filtered MRR on the validation set. results/relations-search.csv has all that was tried. Then the
method is trained with each seed, and asked the test set. One process and one thread train at a time, so that processor
time can be compared even on a machine that does other work. Rows that are already in the tables are kept; remove them
to measure anew. All together takes about an hour of processor time.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple, TypeVar, get_type_hints

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import click
import numpy as np
import pandas as pd
from relations_data import DATASETS, FAMILY, TREES, Dataset, load_dataset
from relations_evaluation import Trained, filtered_ranks, measures
from relations_grid import budget, tried
from relations_ours import LEARNERS, ours
from relations_pykeen import METHODS, Method, Settings, looks, trainings

from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import write_text
from family_trees.support.machine import keep_freed_memory

SEEDS = 5
ORDER = ("umls", "kinships", "nations", TREES, FAMILY)
"""The data sets in the order in which they are measured: the long one last."""


Kind = TypeVar("Kind")


class Row(NamedTuple):
    """One training and its test."""

    dataset: str
    method: str
    seed: int
    entities: int
    relations: int
    train_facts: int
    valid_facts: int
    test_facts: int
    settings: str
    epochs: int
    mrr: float
    hits_at_1: float
    hits_at_3: float
    hits_at_10: float
    mean_rank: float
    cpu_seconds: float
    wall_seconds: float
    numbers: int
    numbers_an_entity: int


class Tried(NamedTuple):
    """Settings that were tried, and how well they did on the validation set at their best."""

    dataset: str
    method: str
    settings: str
    epochs: int
    valid_mrr: float
    cpu_seconds: float
    """Processor time of the whole trial, all its seeds together."""


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


def relations_table(rows: Iterable[Row]) -> str:
    """The table for readers, in Markdown: means over seeds, with the lowest and the highest MRR."""
    table = pd.DataFrame(rows, columns=Row._fields)
    lines = ["| data | method | MRR | lowest to highest | hits@1 | hits@10 | seconds | numbers an entity | seeds |"]
    lines.append("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for dataset in DATASETS:
        of_data = table[table["dataset"] == dataset]
        means = of_data.groupby("method")["mrr"].mean()
        for method in means.sort_values(ascending=False, kind="stable").index:
            some = of_data[of_data["method"] == method]
            mrr, first, ten = (f"{some[name].mean():.3f}" for name in ("mrr", "hits_at_1", "hits_at_10"))
            spread = f"{some['mrr'].min():.3f} to {some['mrr'].max():.3f}"
            seconds, numbers = f"{some['cpu_seconds'].mean():.1f}", f"{some['numbers_an_entity'].iloc[0]}"
            cells = (dataset, method, mrr, spread, first, ten, seconds, numbers, str(len(some)))
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def read_rows(path: Path, kind: Callable[..., Kind], columns: Mapping[str, type]) -> list[Kind]:
    """The rows of a table that was written before; none if there is no such file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [kind(**{name: columns[name](cell) for name, cell in row.items()}) for row in csv.DictReader(file)]


class Tables:
    """The two tables, written after every training."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows = read_rows(folder / "relations.csv", Row, get_type_hints(Row))
        self.tried = read_rows(folder / "relations-search.csv", Tried, get_type_hints(Tried))

    def add(self, row: Row | Tried) -> None:
        """Add a row, write its table and tell of it. An older row for the same training is replaced."""
        if isinstance(row, Tried):
            self.tried = [each for each in self.tried if each[:3] != row[:3]] + [row]
            _write(self.folder / "relations-search.csv", self.tried, Tried._fields)
            click.echo(f"{row.dataset}, {row.method}, {row.settings}: {row.valid_mrr:.3f} after {row.epochs} epochs")
            return
        self.rows = [each for each in self.rows if each[:3] != row[:3]] + [row]
        _write(self.folder / "relations.csv", self.rows, Row._fields)
        write_text(self.folder / "relations.md", relations_table(self.rows))
        click.echo(f"{row.dataset}, {row.method}, seed {row.seed}: MRR {row.mrr:.3f} in {row.cpu_seconds:.1f} s")


def _write(path: Path, rows: Sequence[tuple[object, ...]], columns: Sequence[str]) -> None:
    write_text(path, pd.DataFrame(rows, columns=list(columns)).to_csv(index=False, lineterminator="\n"))


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
    click.echo(relations_table(tables.rows), nl=False)


if __name__ == "__main__":
    main()
