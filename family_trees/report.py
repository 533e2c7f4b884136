"""The quick reproduction: train, draw, and say what happened beside what the paper says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import fill
from typing import Literal, NamedTuple

import numpy as np

from family_trees.analysis import GROUPINGS, separates
from family_trees.families import load_families
from family_trees.figures import Format, draw_activities, draw_curves, draw_trees, draw_weights, save_figure
from family_trees.files import staged_directory, write_text
from family_trees.intervals import wilson
from family_trees.model import Model, pick
from family_trees.network import Connection
from family_trees.recipe import DEFAULT, PUBLISHED, describe
from family_trees.tables import Summary, curve_table, network_table, summarise
from family_trees.task import Case, family_trees_task
from family_trees.training import Curve, Progress, Trained, train
from family_trees.wording import count

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


class Row(NamedTuple):
    """One line of the comparison with the paper."""

    measure: str
    paper: str
    published: str
    default: str


def comparison(found: Reproduction) -> list[Row]:
    """What is measured, what the paper says, `published`, and the default recipe."""

    def row(measure: str, paper: str, tell: Callable[[Summary, Trained], str]) -> Row:
        return Row(measure, paper, *(tell(summarise(each), each) for each in (found.published, found.default)))

    cases, held_out = int(found.default.training_cases[0]), len(found.default.held_out[0])
    return [
        row("networks", "1", lambda s, _: str(s.networks)),
        row(
            f"training right, of {cases}",
            f"{cases}",
            lambda s, _: _mean(s.mean_training_right, s.mean_training_right_low, s.mean_training_right_high, ".1f"),
        ),
        row("all training right", "1 of 1", lambda s, _: _share(s.networks_learned, s.networks)),
        row(
            f"held-out right, of {held_out}",
            "4 (7 of 8*)",
            lambda s, _: _mean(s.mean_held_out_right, s.mean_held_out_right_low, s.mean_held_out_right_high, ".2f"),
        ),
        row("nationality unit", "1 of 1", lambda s, trained: _share(_with_nationality_unit(trained), s.networks)),
    ]


NOTES = {
    "training right, all training right, held-out right": "cases; a case is right if the right units are above 0.5 and "
    "every other unit is below 0.5; means over networks",
    "nationality unit": "networks with a unit in the person code whose weights tell every English from every Italian "
    "person",
    "*": 'two networks, 4 and 3 of 4, in Hinton, "Learning distributed representations of concepts", CogSci 1986',
    "( )": "95% intervals: Wilson's for shares of networks, bootstrap over networks for means",
}
"""How to read the comparison."""


def summary_text(found: Reproduction) -> str:
    """The summary for the terminal: what happened beside what the paper says; at most 80 columns wide."""
    table = [("", "paper", found.published.recipe.name, found.default.recipe.name), *comparison(found)]
    widths = [max(len(row[k]) for row in table) for k in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    notes = [fill(f"{key}: {note}", 79, subsequent_indent="  ") for key, note in NOTES.items()]
    return "\n".join([*lines, "", *notes, "", *(fill(sentence, 79) for sentence in _sentences(found))])


def report_text(found: Reproduction) -> str:
    """The report in Markdown, as written to report.md."""
    default, shown = found.default, found.shown
    networks = count(len(default.numbers), "network")
    header = ("", "the paper", "`published`", f"`{default.recipe.name}` (default)")
    table = "\n".join(f"| {' | '.join(row)} |" for row in [header, ("---",) * 4, *comparison(found)])
    notes = "\n".join(f"- {key}: {note}." for key, note in NOTES.items())
    answer = shown.ask(*QUESTION)
    answers = " and ".join(f"{each.person} ({each.activity:.2f})" for each in answer.answers) or "nobody"
    held_out = ", ".join(f"{case}: {'right' if shown.right[case] else 'wrong'}" for case in shown.held_out)
    again = f"family-trees train --seed {shown.seed} --network {shown.number} --out model.npz"
    return f"""# The family-trees experiment of 1986, reproduced

Written by `family-trees reproduce --networks {len(default.numbers)} --seed {default.seed}`.

## What happened, beside what the paper says

{table}

{notes}

{" ".join(_sentences(found))}

- `published` is {describe(PUBLISHED)}, with initial weights between -{PUBLISHED.initial_range:g} and
  {PUBLISHED.initial_range:g}, a guess, for the paper prints no range.
- `{default.recipe.name}` differs in this: {describe(default.recipe)}.
- Network k of either recipe has the same held-out cases: [networks.csv](networks.csv) lists them, and how each
  network ended; [curve.csv](curve.csv) holds the learning curves.

![Learning curves](learning-curves.png)

*E of the training cases (equation 3; logarithmic), training cases right and held-out cases right, by sweep: mean over
{networks} of each recipe; the band is its 95% interval (normal approximation).*

## The task

![The two trees](fig2-trees.png)

*The two isomorphic trees (Nature, fig. 2). A double line is a marriage.*

## One network

The figures show network {shown.number}: of {networks} trained with `{default.recipe.name}`, the one
with the lowest E over its training cases ({shown.curve.error[0, -1]:.2f}). Held-out cases had no say in that. It has
{int(shown.curve.training_right[0, -1])} of {count(len(shown.training_cases), "training case")} right, and
{int(shown.curve.held_out_right[0, -1])} of {count(len(shown.held_out), "held-out case")}
({held_out}).

To train it again: `{again}`.

![Activities](fig3-activities.png)

*The activity of every unit for "{QUESTION.person} has-{QUESTION.relation} ?" (Nature, fig. 3). Above 0.5: {answers}.*

![Weights from the people](fig4-people.png)

*Weights from the 24 person units to the six units of the person code (Nature, fig. 4): white is excitatory, black
inhibitory, area is size. {_units_told(shown, "person")}*

![Weights from the relations](fig4-relations.png)

*The same from the 12 relation units to the six units of the relation code. {_units_told(shown, "relation")}*
"""


def _with_nationality_unit(trained: Trained) -> int:
    """How many networks have a unit in the person code that tells English from Italian without exception."""
    nationality, *_ = GROUPINGS["person"]
    weights = trained.weights[Connection("person", "person code")]
    return int(separates(weights, nationality.members(trained.task.people)).any(axis=-1).sum())


def _units_told(model: Model, group: Literal["person", "relation"]) -> str:
    """What single units tell without exception, in words."""
    names = model.task.people if group == "person" else model.task.relations
    weights = model.weights[Connection(group, f"{group} code")][0]
    told = [
        f"unit {unit + 1} tells {grouping.told}"
        for grouping in GROUPINGS[group]
        for unit in np.flatnonzero(separates(weights, grouping.members(names)))
    ]
    return f"Without exception, {' and '.join(told)}." if told else "No unit tells one group from another alone."


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


def _mean(mean: float, low: float, high: float, form: str) -> str:
    return f"{mean:{form}} ({low:{form}} to {high:{form}})"


def _share(successes: int, trials: int) -> str:
    low, high = wilson(successes, trials)
    return f"{successes} of {trials} ({low:.0%} to {high:.0%})"
