"""The reproduction as a reader meets it: figures, the claims with their verdicts, and one page that tells the story."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, get_args

from family_trees import symmetry
from family_trees.claims import Row, claims, to_csv, to_markdown
from family_trees.encoding import Code, words
from family_trees.experiments import FULL, QUICK, SNAPSHOTS, Name, Size, Tables
from family_trees.families import RELATIONS, load_families
from family_trees.figures import Format, draw_activities, draw_curves, draw_trees, draw_weights, save_figure
from family_trees.files import staged_directory, write_text
from family_trees.kinship import MOST_SHOWN, Part, part_around
from family_trees.model import Model, pick
from family_trees.network import Weights
from family_trees.page import Picture, page
from family_trees.recipe import DEFAULT
from family_trees.reproduction import Progress, run_experiments
from family_trees.story import QUESTION, SHOWN_OF, TITLE, Found, draw_code, draw_likeness, lead, story
from family_trees.tables import curve_means, curve_rows
from family_trees.task import Case, family_trees_task
from family_trees.training import train
from family_trees.tree_figures import (
    check_layers,
    draw_activities_of,
    draw_map,
    draw_pedigree,
    draw_similarity_of,
    draw_weights_of,
    fonts_for,
    is_of_the_paper,
    save_legibly,
    view,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


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
    """The network of fig. 1, trained again; none if no network solved the task."""
    networks = tables["networks"]
    printed = (networks["task"] == "symmetry") & (networks["epsilon"] == symmetry.PRINTED.epsilon[1])
    own = networks[printed & (networks["hidden"] == 2)]
    solved, formed = (own[name].astype(bool).to_numpy() for name in ("solved", "as_in_the_paper"))
    place = symmetry.shown(solved, formed, own["error"].to_numpy())
    if place is None:
        return None
    number = int(own["network"].iloc[place])
    task, sweeps = symmetry.symmetry_task(), size.symmetry_sweeps
    return symmetry.run(task, networks=1, first=number, sweeps=sweeps, seed=size.network_seed).weights


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


def draw(
    model: Model,
    directory: Path,
    form: Format = "png",
    question: Case | None = None,
    around: str | None = None,
    most: int = MOST_SHOWN,
) -> list[str]:
    """Draw the figures of one model into an existing directory, and give the names of the files.

    Those of the network of the paper stand as in the paper; of other people, a part is shown where there are many.

    Args:
        question: whose activities to draw; by default that of the paper, or the first held-out case of who is shown,
            or the first case.
        around: who the shown people are near to; by default whom the question is about, or who has the most facts.
        most: how many people to show.

    Raises:
        FamilyTreesError: a file cannot be written, or the network has not the layers of the paper.
    """
    curve = draw_curves(
        curve_means(curve_rows(model.recipe.name, [model.number], model.curve)),
        len(model.training_cases),
        len(model.held_out),
    )
    figures: dict[str, Figure]
    if around is None and is_of_the_paper(model) and len(model.task.people) <= most:
        figures = {
            "fig2-trees": draw_trees(load_families()),
            "fig3-activities": draw_activities(model, question or QUESTION),
            "fig4-people": draw_weights(model, "person"),
            "fig4-relations": draw_weights(model, "relation"),
            "learning-curves": curve,
            "people": draw_code(model),
            "similarity": draw_likeness(model),
        }
    else:
        check_layers(model)
        asked_about = question.person if question and len(model.task.people) > most else None
        shown = view(model.task, part_around(model.task, around or asked_about, most))
        figures = {} if shown.pedigree is None else {"fig2-trees": draw_pedigree(shown.pedigree, shown.part)}
        figures |= {
            "fig3-activities": draw_activities_of(model, question or _question(model, shown.part), shown),
            "fig4-people": draw_weights_of(model, "person", shown),
            "fig4-relations": draw_weights_of(model, "relation", shown),
            "learning-curves": curve,
            "people": draw_map(model, shown),
            "similarity": draw_similarity_of(model, shown),
        }
    fonts, _ = fonts_for((*model.task.people, *model.task.relations))
    for name, figure in figures.items():
        save_legibly(figure, directory / f"{name}.{form}", fonts)
    return [f"{name}.{form}" for name in figures]


def _question(model: Model, shown: Part) -> Case:
    """The paper's, or the first held-out case of the person in the middle, or of those who are shown; or the first."""
    task = model.task
    if QUESTION in task.answers and QUESTION.person in shown.people and not shown.around:
        return QUESTION
    held_out = {*model.held_out}
    for people in ((shown.around,), shown.people):
        own = [case for case in task.cases if case.person in people]
        if own:
            return min(own, key=lambda case: case not in held_out)
    return task.cases[0]


def units_json(table: pd.DataFrame, threshold: float) -> list[dict[str, object]]:
    """What each unit of one network encodes, for other programs; `table` as `encoding.unit_table` gives it."""
    rows: list[dict[str, object]] = []
    for (layer, unit), encodes in words(table, threshold).items():
        own = table[(table["layer"] == layer) & (table["unit"] == unit)].set_index("distinction")
        shares = own[["weights", "activities", "chance"]].round(4).to_dict("index")
        rows.append({"layer": layer, "unit": unit, "encodes": encodes, **{str(k): v for k, v in shares.items()}})
    return rows


def units_text(table: pd.DataFrame, threshold: float) -> str:
    """The same as a table for the terminal; layers of whose people or relations nothing is known are told of last."""
    unknown = [name for name in get_args(Code) if name not in {*table["layer"]}]
    rest = f"{', '.join(unknown)}: nothing is known of the names that could be encoded" if unknown else ""
    if table.empty:
        return f"{rest}; sex, generation, branch and family are, from words such as {', '.join(RELATIONS[:6])}"
    called = words(table, threshold)
    lines = []
    for name in dict.fromkeys(table["layer"]):
        own = table[table["layer"] == name]
        shares = own.pivot_table(index="unit", columns="distinction", values="weights", sort=False)
        widths = [max(len(str(each)), 5) for each in shares.columns]
        left = max(len("by chance"), len(f"  unit {len(shares)}"))

        def line(
            head: str, cells: Sequence[object], end: str = "", widths: Sequence[int] = widths, left: int = left
        ) -> str:
            aligned = (str(cell).rjust(width) for cell, width in zip(cells, widths, strict=True))
            return "  ".join([head.ljust(left), *aligned, end]).rstrip()

        lines += [f"{name}: share of the variance of a unit's weights explained by", line("", list(shares.columns))]
        for number, row in shares.iterrows():
            told = called[name, int(str(number))]
            lines.append(line(f"  unit {number}", [f"{value:.0%}" for value in row], told and f"encodes {told}"))
        chance = own.groupby("distinction", sort=False)["chance"].first()
        lines += [line("by chance", [f"{value:.0%}" for value in chance]), ""]
    return "\n".join([*lines, rest]).rstrip()


def summary_text(rows: Sequence[Row], *, in_full: bool = False) -> str:
    """The claims and their verdicts for the terminal, at most 80 columns wide; in full, with what was measured."""

    def filled(text: str) -> str:
        return fill(text, 79, initial_indent="    ", subsequent_indent="    ")

    blocks = []
    for row in rows:
        lines = [f"{row.id}  {row.verdict.upper()}: {row.measured}; {row.networks} networks", filled(row.claim)]
        if in_full:
            tried = [f"Tried besides: {row.tried}."] if row.tried else []
            told = [f"Measured: {row.measure}.", *tried, f"Rule: {row.rule}.", f"Source: {row.source}."]
            lines += [filled(each) for each in told] + [f"    Again: {row.command}"]
        blocks.append("\n".join(lines))
    return ("\n\n" if in_full else "\n").join(blocks)
