"""The quick reproduction: train, draw, and say what happened beside what the paper says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from family_trees.families import load_families
from family_trees.figures import Format, draw_activities, draw_curves, draw_trees, draw_weights, save_figure
from family_trees.files import staged_directory, write_text
from family_trees.intervals import Interval
from family_trees.model import Model, pick
from family_trees.recipe import DEFAULT, PUBLISHED, describe
from family_trees.study import Summary, curve_table, network_table, summarise
from family_trees.task import Case, family_trees_task
from family_trees.training import Curve, Progress, Trained, train

QUESTION = Case("Colin", "aunt")
"""The question of Nature, fig. 3."""


class Reproduction(NamedTuple):
    """What the quick reproduction found."""

    default: Trained
    published: Trained
    shown: Model
    """The network in the figures: of the default recipe, the one with the lowest E over its training cases."""


def run(networks: int = 20, seed: int = 0, report: Callable[[Progress], None] | None = None) -> Reproduction:
    """Train `networks` networks with the default recipe and as many, on the same splits, with `published`.

    Raises:
        FamilyTreesError: a number outside its range.
    """
    task = family_trees_task()
    default, published = (
        train(task, recipe, seed=seed, networks=networks, report=report) for recipe in (DEFAULT, PUBLISHED)
    )
    return Reproduction(default, published, pick(default, default.best))


def steps(networks: int) -> int:
    """How many steps of progress `run` reports: sweeps, summed over networks."""
    return networks * (DEFAULT.sweeps + PUBLISHED.sweeps)


def reproduce(
    out: Path, networks: int = 20, seed: int = 0, report: Callable[[Progress], None] | None = None
) -> Reproduction:
    """`run`, and write report, tables and figures into the directory `out`, all or nothing.

    The same numbers give the same bytes in every text file.

    Raises:
        FamilyTreesError: `out` cannot be written, or a number outside its range.
    """
    with staged_directory(out) as directory:
        found = run(networks, seed, report)
        write_text(directory / "report.md", report_text(found))
        for name, table in (
            ("networks.csv", network_table(found.default, found.published)),
            ("curve.csv", curve_table(found.default, found.published)),
        ):
            write_text(directory / name, table.to_csv(index=False, lineterminator="\n"))
        curves = {trained.recipe.name: trained.curve for trained in (found.default, found.published)}
        draw(found.shown, directory, curves=curves)
    return found


def draw(
    model: Model,
    directory: Path,
    form: Format = "png",
    question: Case = QUESTION,
    curves: Mapping[str, Curve] | None = None,
) -> list[str]:
    """Draw the figures of one model into an existing directory, and give the names of the files.

    Args:
        curves: the learning curves to draw, by label; by default the model's own.

    Raises:
        FamilyTreesError: a file cannot be written.
    """
    figures = {
        "fig2-trees": draw_trees(load_families()),
        "fig3-activities": draw_activities(model, question),
        "fig4-people": draw_weights(model, "person"),
        "fig4-relations": draw_weights(model, "relation"),
        "learning-curves": draw_curves(
            curves or {model.recipe.name: model.curve}, len(model.training_cases), len(model.held_out)
        ),
    }
    for name, figure in figures.items():
        save_figure(figure, directory / f"{name}.{form}")
    return [f"{name}.{form}" for name in figures]


def comparison(found: Reproduction) -> list[tuple[str, str, str, str]]:
    """Rows of the summary: what is measured, what the paper says, `published`, the default recipe."""
    published, default = summarise(found.published), summarise(found.default)

    def row(measure: str, paper: str, tell: Callable[[Summary], str]) -> tuple[str, str, str, str]:
        return measure, paper, tell(published), tell(default)

    return [
        row("networks", "1 (2 in CogSci)", lambda s: str(s.networks)),
        row(
            f"training cases right, mean of {default.training_cases}",
            f"{default.training_cases}",
            lambda s: (
                f"{s.mean_training_right:.1f} "
                f"({_range(Interval(s.mean_training_right_low, s.mean_training_right_high), '.1f')})"
            ),
        ),
        row(
            "networks with all training cases right",
            "1 of 1",
            lambda s: (
                f"{s.networks_learned} of {s.networks} "
                f"({_range(Interval(s.share_learned_low, s.share_learned_high), '.0%')})"
            ),
        ),
        row(
            f"held-out cases right, mean of {default.held_out_cases}",
            "4 of 4 (7 of 8 in CogSci)",
            lambda s: (
                f"{s.mean_held_out_right:.2f} "
                f"({_range(Interval(s.mean_held_out_right_low, s.mean_held_out_right_high), '.2f')})"
            ),
        ),
    ]


def summary_text(found: Reproduction) -> str:
    """The summary for the terminal: what happened beside what the paper says."""
    table = [("", "paper", "published", found.default.recipe.name), *comparison(found)]
    widths = [max(len(row[k]) for row in table) for k in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    return "\n".join([*lines, "", *_sentences(found)])


def report_text(found: Reproduction) -> str:
    """The report in Markdown, as written to report.md."""
    default, shown = found.default, found.shown
    header = ("", "the paper", "`published`", f"`{default.recipe.name}` (default)")
    rows = [header, ("---",) * 4, *comparison(found)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    sentences = "\n".join(_sentences(found))
    answer = shown.ask(*QUESTION)
    answers = " and ".join(f"{each.person} ({each.activity:.2f})" for each in answer.answers) or "nobody"
    again = f"family-trees train --seed {shown.seed} --network {shown.number} --out model.npz"
    return f"""# The family-trees experiment of 1986, reproduced

Written by `family-trees reproduce --networks {len(default.numbers)} --seed {default.seed}`.
Intervals are 95%: Wilson's for shares of networks, bootstrap over networks for means.

## What happened, beside what the paper says

{table}

{sentences}

- `published` is {describe(PUBLISHED)}, with initial weights between -{PUBLISHED.initial_range:g} and
  {PUBLISHED.initial_range:g}, a guess, for the paper prints no range.
- `{default.recipe.name}` differs in this: {describe(default.recipe)}.
- A case is right if the right units are above 0.5 and every other unit is below 0.5 (Hinton, CogSci 1986).
- Network k of either recipe has the same four held-out cases: [networks.csv](networks.csv) lists them, and how each
  network ended; [curve.csv](curve.csv) holds the learning curves.

![Learning curves](learning-curves.png)

*E of the training cases (equation 3; logarithmic), training cases right and held-out cases right, by sweep: mean of
{len(default.numbers)} networks a recipe, with its 95% interval (normal approximation).*

## The task

![The two trees](fig2-trees.png)

*The two isomorphic trees (Nature, fig. 2). A double line is a marriage.*

## One network

The figures show network {shown.number}: of the {len(default.numbers)} trained with `{default.recipe.name}`, the one
with the lowest E over its training cases ({shown.curve.error[0, -1]:.2f}). Held-out cases had no say in that. It has
{int(shown.curve.training_right[0, -1])} of {len(shown.training_cases)} training cases right, and
{int(shown.curve.held_out_right[0, -1])} of its {len(shown.held_out)} held-out cases
({", ".join(map(str, shown.held_out))}). To train it again: `{again}`.

![Activities](fig3-activities.png)

*The activity of every unit for "{QUESTION.person} has-{QUESTION.relation} ?" (Nature, fig. 3). Above 0.5: {answers}.*

![Weights from the people](fig4-people.png)

*Weights from the 24 person units to the six units of the person code (Nature, fig. 4): white is excitatory, black
inhibitory, area is size.*

![Weights from the relations](fig4-relations.png)

*The same from the 12 relation units to the six units of the relation code.*
"""


def _sentences(found: Reproduction) -> list[str]:
    """The finding in words; which words depends on what was found."""
    sentences = []
    for summary in (summarise(found.published), summarise(found.default)):
        learned = f"{summary.networks_learned} of {summary.networks} networks"
        if not summary.mean_training_right:
            told = "learned nothing: no network has a training case right after {} sweeps."
        elif summary.networks_learned:
            told = f"learned: {learned} have all their training cases right after {{}} sweeps."
        else:
            told = "learned in part: no network has all its training cases right after {} sweeps."
        sweeps = (found.published if summary.recipe == PUBLISHED.name else found.default).recipe.sweeps
        sentences.append(f"`{summary.recipe}` {told.format(sweeps)}")
    return sentences


def _range(interval: Interval, form: str) -> str:
    return f"{interval.low:{form}} to {interval.high:{form}}"
