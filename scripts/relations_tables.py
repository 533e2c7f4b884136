"""The tables of `benchmark_relations.py`: rows that are kept between runs, and the table for readers."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar, get_type_hints

import click
import pandas as pd
from relations_data import DATASETS, FAMILY, TREES
from relations_grid import budget, tried
from relations_ours import LEARNERS
from relations_ours import tried as tried_by_ours
from relations_pykeen import METHODS

from family_trees.support.files import write_text

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


def notes(rows: Iterable[Row]) -> str:
    """What stands above the table of these rows for readers, in Markdown."""
    of_family = {row.method for row in rows if row.dataset == FAMILY}
    missing = [method for method in (*METHODS, *LEARNERS) if method not in of_family]
    lacking = f" Not measured on it: {', '.join(missing)}." if missing else ""
    own, own_fewer = len(tried_by_ours("matrices", "umls")), len(tried_by_ours("matrices", FAMILY))
    usual, trees, family = budget("umls"), budget(TREES), budget(FAMILY)
    settings, fewer = len(tried(METHODS[0], "umls")), len(tried(METHODS[0], FAMILY))
    return f"""# Our learners beside methods of PyKEEN

`python scripts/benchmark_relations.py --family royal92.ged` writes this file, `relations.csv` with a row for each
training, and `relations-search.csv` with all settings of PyKEEN's methods that were tried.

Each held-out fact (h, r, t) is asked twice: (h, r, ?) and (?, r, t). Other right answers are taken out first. Equal
scores share the middle of their places. All numbers but the last three are means over seeds. *Seconds* is the processor
time of one training on one thread, without the search. *Numbers an entity* describe one person or thing.

- Nations, UMLS and Kinships have PyKEEN's split. "Kinships" are people of the Alyawarra and their kinship terms, and
  not the trees of 1986.
- The 112 facts of the trees of 1986 are split anew for each seed, so that their spread is mostly that of splits. Their
  test sets are small. The settings of PyKEEN's methods were chosen on the validation sets of all these splits together,
  in which facts stand that another split tests.
- royal92 has one split.{lacking}
- In the trees and in royal92, what is known of two people in one direction often stays among the training facts when
  the other direction is held out.
- For each method of PyKEEN, {settings} settings were tried for {usual.seconds:g} seconds each. The settings and the
  epochs with the best MRR on the validation set were taken. For 1986, each was tried on {trees.search_seeds} splits for
  {trees.seconds:g} seconds. For royal92, {fewer} were tried for {family.seconds:g} seconds, and trained with
  {family.seeds} seeds. A method that took all this time might gain from more.
- For vectors and matrices, {own} settings were tried with one training each (royal92: {own_fewer}). Those for the
  trees of 1986 lie around numbers that were chosen on the same 104 cases, with others held out. The network of 1986 has
  its recipe for own data, and nothing was tried.
- All were trained on the training facts alone, on a machine that did other work at the same time.

"""


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
        write_text(self.folder / "relations.md", notes(self.rows) + relations_table(self.rows))
        click.echo(f"{row.dataset}, {row.method}, seed {row.seed}: MRR {row.mrr:.3f} in {row.cpu_seconds:.1f} s")


def _write(path: Path, rows: Sequence[tuple[object, ...]], columns: Sequence[str]) -> None:
    write_text(path, pd.DataFrame(rows, columns=list(columns)).to_csv(index=False, lineterminator="\n"))
