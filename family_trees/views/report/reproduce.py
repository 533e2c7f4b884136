"""The reproduction as a reader meets it: figures, the claims with their verdicts, and one page that tells the story."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from family_trees.engine.network import Weights
from family_trees.engine.recipe import DEFAULT
from family_trees.families.of_1986 import family_trees_task
from family_trees.models import symmetry
from family_trees.models.model import Model
from family_trees.models.saved import load
from family_trees.models.training import train
from family_trees.studies.paper.claims import judge_claims
from family_trees.studies.paper.jobs import FULL_SIZE, QUICK_SIZE, ExperimentName, ReproductionSize, Tables
from family_trees.studies.paper.reproduction import (
    ALL_EXPERIMENTS,
    ReproductionProgress,
    read_tables,
    reproduction_lock,
    run_experiments,
)
from family_trees.studies.paper.sizes import size_of_tables
from family_trees.studies.paper.units import SNAPSHOT_SWEEPS
from family_trees.studies.paper.verdicts import ClaimRow, claims_csv, claims_markdown
from family_trees.support.files import staged_directory, write_text
from family_trees.support.jobs import Executor
from family_trees.views.figures.style import save_figure
from family_trees.views.report.article import article, front
from family_trees.views.report.found import SHOWN_OF, Found, Studies
from family_trees.views.report.page import Picture, page
from family_trees.views.studies_report.report import SECTIONS, written_numbers

if TYPE_CHECKING:
    import pandas as pd


def reproduce(
    out: Path,
    size: ReproductionSize = QUICK_SIZE,
    *,
    workers: int | None = None,
    resume: bool = False,
    report: Callable[[ReproductionProgress], None] | None = None,
    executor: Executor | None = None,
) -> list[ClaimRow]:
    """Run the experiments, and write tables, claims, figures and the page into the directory `out`.

    The page tells of the studies, too, if their report lies in `out/studies`. Tables are written as they are done, and
    `resume` goes on with them; all else is written at the end, all or nothing.

    Raises:
        FamilyTreesError: `out` cannot be written, or holds another reproduction than the one to be resumed.
    """
    with reproduction_lock(out):
        tables = run_experiments(
            size, out, workers=workers, resume=resume, report=report, executor=executor, locked=True
        )
        with staged_directory(out) as directory:
            return write(found(size, tables, out / "studies"), directory)


def write_again(out: Path) -> list[ClaimRow]:
    """Write claims, figures and the page again, from the tables in `out`: after new studies, or a change of the words.

    Raises:
        FamilyTreesError: the tables are not there, or damaged; or `out` cannot be written.
    """
    with reproduction_lock(out):
        size = size_of_tables(out)
        tables: dict[ExperimentName, Tables] = {name: read_tables(out / "tables" / name) for name in ALL_EXPERIMENTS}
        with staged_directory(out) as directory:
            return write(found(size, tables, out / "studies"), directory)


def found(size: ReproductionSize, tables: Mapping[ExperimentName, Tables], studies: Path) -> Found:
    """The claims judged, and the networks that the figures show.

    Args:
        studies: where the report of the studies may lie.
    """
    shown = _shown(size, tables["learning"]["networks"])
    return Found(
        size,
        command_of(size),
        tables,
        judge_claims(tables),
        shown,
        {sweep: shown.state(sweep).weights for sweep in SNAPSHOT_SWEEPS},
        _solution(size, tables["symmetry"]),
        Studies(studies, written_numbers(studies, SECTIONS)) if (studies / "numbers.json").is_file() else None,
    )


def _shown(size: ReproductionSize, networks: pd.DataFrame) -> Model:
    """The network of fig. 4, with its course of learning.

    It is the model that ships, if that is the network in the tables; else it is trained again.
    """
    own = networks[(networks["recipe"] == DEFAULT.name) & (networks["network"] < SHOWN_OF)]
    row = own.sort_values("squared_error").iloc[0]
    shipped = load()
    if shipped.fingerprint == row["fingerprint"]:
        return shipped
    return train(family_trees_task(), DEFAULT, seed=size.seed, first=int(row["network"]), trajectory=True).model(0)


def _solution(size: ReproductionSize, tables: Tables) -> Weights | None:
    """The network of fig. 1, trained again; none if no network solved the task."""
    networks = tables["networks"]
    printed = (networks["task"] == "symmetry") & (networks["epsilon"] == symmetry.PRINTED_RECIPE.epsilon[1])
    own = networks[printed & (networks["hidden"] == 2)]
    solved, formed = (own[name].astype(bool).to_numpy() for name in ("solved", "as_in_the_paper"))
    place = symmetry.network_to_draw(solved, formed, own["squared_error"].to_numpy())
    if place is None:
        return None
    number = int(own["network"].iloc[place])
    task, sweeps = symmetry.symmetry_task(), size.symmetry_sweeps
    return symmetry.train_small_networks(task, networks=1, first=number, sweeps=sweeps, seed=size.network_seed).weights


def write(what: Found, directory: Path) -> list[ClaimRow]:
    """Write claims, figures and the page into an existing directory; give the claims."""
    parts = article(what)
    write_text(directory / "claims.csv", claims_csv(what.rows))
    write_text(directory / "claims.md", claims_markdown(what.rows, what.command))
    pictures: dict[str, Path] = {}
    for item in (item for part in parts for item in part.items if isinstance(item, Picture)):
        beside = directory if item.draw or what.studies is None else what.studies.directory
        pictures[item.name] = beside / f"{item.name}.png"
        if item.draw:
            save_figure(item.draw(), pictures[item.name])
    write_text(directory / "report.html", page(*front(what), parts, what.rows, pictures))
    return what.rows


def command_of(size: ReproductionSize) -> str:
    """The command that reproduces in this size."""
    how = " --full" if replace(size, seed=0) == FULL_SIZE else ""
    if not how and size.learning != QUICK_SIZE.learning:
        how = f" --networks {size.learning}"
    return f"family-trees reproduce{how}" + (f" --seed {size.seed}" if size.seed else "")
