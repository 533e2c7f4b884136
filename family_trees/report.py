"""The reproduction as a reader meets it: figures, the claims with their verdicts, and one page that tells the story."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import fill

from family_trees import symmetry
from family_trees.claims import Row, claims, to_csv, to_markdown
from family_trees.experiments import FULL, QUICK, SNAPSHOTS, Name, Size, Tables
from family_trees.families import load_families
from family_trees.figures import Format, draw_activities, draw_curves, draw_trees, draw_weights, save_figure
from family_trees.files import staged_directory, write_text
from family_trees.model import Model, pick
from family_trees.network import Weights
from family_trees.page import Picture, page
from family_trees.recipe import DEFAULT
from family_trees.reproduction import Progress, run_experiments
from family_trees.story import QUESTION, SHOWN_OF, TITLE, Found, draw_code, draw_likeness, lead, story
from family_trees.tables import curve_means, curve_rows
from family_trees.task import Case, family_trees_task
from family_trees.training import train


def reproduce(
    out: Path,
    size: Size = QUICK,
    *,
    workers: int | None = None,
    resume: bool = False,
    report: Callable[[Progress], None] | None = None,
) -> list[Row]:
    """Run the experiments, and write tables, claims, figures and the page into the directory `out`.

    Tables are written as they are done, and `resume` goes on with them; all else is written at the end, all or nothing.

    Raises:
        FamilyTreesError: `out` cannot be written, or holds another reproduction than the one to be resumed.
    """
    tables = run_experiments(size, out, workers=workers, resume=resume, report=report)
    with staged_directory(out) as directory:
        return write(found(size, tables), directory)


def found(size: Size, tables: Mapping[Name, Tables]) -> Found:
    """The claims judged, and the networks of the figures trained again."""
    networks = tables["learning"]["networks"]
    own = networks[(networks["recipe"] == DEFAULT.name) & (networks["network"] < SHOWN_OF)]
    number = int(own.sort_values("error")["network"].iloc[0])
    trained = train(family_trees_task(), DEFAULT, seed=size.seed, first=number, snapshots=SNAPSHOTS)
    return Found(
        size,
        command_of(size),
        tables,
        claims(tables),
        pick(trained, 0),
        trained.snapshots,
        _solution(size, tables["symmetry"]),
    )


def _solution(size: Size, tables: Tables) -> Weights | None:
    networks = tables["networks"]
    printed = (networks["task"] == "symmetry") & (networks["epsilon"] == symmetry.PRINTED.epsilon[1])
    own = networks[printed & (networks["hidden"] == 2) & networks["solved"]]
    if own.empty:
        return None
    formed = own[own["as_in_the_paper"].astype(bool)]
    some = own if formed.empty else formed
    number = int(some.sort_values("error")["network"].iloc[0])
    run = symmetry.run(
        symmetry.symmetry_task(), networks=1, first=number, sweeps=size.symmetry_sweeps, seed=size.network_seed
    )
    return run.weights


def write(what: Found, directory: Path) -> list[Row]:
    """Write claims, figures and the page into an existing directory; give the claims."""
    parts = story(what)
    write_text(directory / "claims.csv", to_csv(what.rows))
    write_text(directory / "claims.md", to_markdown(what.rows, what.command))
    for part in parts:
        for item in part.content:
            if isinstance(item, Picture):
                save_figure(item.figure, directory / f"{item.name}.png")
    write_text(directory / "report.html", page(TITLE, lead(what), what.rows, parts, what.command))
    return what.rows


def command_of(size: Size) -> str:
    """The command that reproduces in this size."""
    how = " --full" if replace(size, seed=0) == FULL else ""
    if not how and size.learning != QUICK.learning:
        how = f" --networks {size.learning}"
    return f"family-trees reproduce{how}" + (f" --seed {size.seed}" if size.seed else "")


def draw(model: Model, directory: Path, form: Format = "png", question: Case = QUESTION) -> list[str]:
    """Draw the figures of one model into an existing directory, and give the names of the files.

    Raises:
        FamilyTreesError: a file cannot be written.
    """
    curve = curve_means(curve_rows(model.recipe.name, [model.number], model.curve))
    figures = {
        "fig2-trees": draw_trees(load_families()),
        "fig3-activities": draw_activities(model, question),
        "fig4-people": draw_weights(model, "person"),
        "fig4-relations": draw_weights(model, "relation"),
        "learning-curves": draw_curves(curve, len(model.training_cases), len(model.held_out)),
        "people": draw_code(model),
        "similarity": draw_likeness(model),
    }
    for name, figure in figures.items():
        save_figure(figure, directory / f"{name}.{form}")
    return [f"{name}.{form}" for name in figures]


def summary_text(rows: Sequence[Row], *, in_full: bool = False) -> str:
    """The claims and their verdicts for the terminal, at most 80 columns wide; in full, with what was measured."""

    def filled(text: str) -> str:
        return fill(text, 79, initial_indent="    ", subsequent_indent="    ")

    blocks = []
    for row in rows:
        lines = [f"{row.id}  {row.verdict.upper()}: {row.measured} of {row.networks} networks", filled(row.claim)]
        if in_full:
            tried = [f"Tried besides: {row.tried}."] if row.tried else []
            told = [f"Measured: {row.measure}.", *tried, f"Rule: {row.rule}.", f"Source: {row.source}."]
            lines += [filled(each) for each in told] + [f"    Again: {row.command}"]
        blocks.append("\n".join(lines))
    return ("\n\n" if in_full else "\n").join(blocks)
