"""Commands that train one network and check the facts of a family with it: train, check."""

from __future__ import annotations

from pathlib import Path

import click

from family_trees.analysis.judges import FOLDS, Judges, train_judges, usual_judges
from family_trees.analysis.suspicious import LIST_LENGTH
from family_trees.cli.options import (
    PATH,
    at_most_one_of,
    complete_cases,
    completion_from,
    csv_option,
    echo_json,
    json_option,
    layers_option,
    learner_option,
    model_and_facts,
    model_option,
    own_reading,
    own_tree_option,
    size_option,
    task_of,
    telling_new_directory,
    tree_option,
)
from family_trees.cli.progress import progress, stoppable
from family_trees.engine.recipe import DEFAULT, PUBLISHED, RECIPES, SMALL_BATCHES, settings_of
from family_trees.families.readers.tree import read_tree
from family_trees.models.choices import chosen_split, chosen_training
from family_trees.models.memory import check_memory
from family_trees.models.model import Model
from family_trees.models.saved import save
from family_trees.models.successors import LearnerName
from family_trees.models.training import expected_seconds
from family_trees.models.training import train as train_networks
from family_trees.support.files import check_not_an_input, staged_file
from family_trees.support.spreadsheets import csv_text
from family_trees.views.answers import LONG, long_training_text, training_advice, training_text
from family_trees.views.facts_text import gaps_text
from family_trees.views.suspicious_text import check_json, check_rows, check_text

SETTINGS = list(settings_of(PUBLISHED))


@click.command()
@click.option(
    "--recipe",
    "-r",
    "recipe_name",
    metavar="NAME",
    shell_complete=completion_from(lambda _: list(RECIPES)),
    help=f"One of {', '.join(RECIPES)}; 'family-trees recipes' describes them.  [default: {DEFAULT.name}; with "
    f"--tree {SMALL_BATCHES.name}; vectors and matrices have recipes of their own]",
)
@click.option(
    "--set",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    shell_complete=completion_from(lambda _: [f"{key}=" for key in SETTINGS]),
    help="Change a value of the recipe, such as decay=0.001 or alpha=0.5,0.8 (one for each phase). Repeat for more. "
    "Another batch with vectors or matrices changes their decay, too, so that the penalty of a sweep stays; decay=... "
    f"overrides that. Keys: {', '.join(SETTINGS)}.",
)
@click.option(
    "--sweeps",
    type=int,
    help="Sweeps through all training cases; the same as --set sweeps=N.  "
    f"[default: {PUBLISHED.sweeps}; with --tree {SMALL_BATCHES.sweeps}; fewer for vectors and matrices]",
)
@click.option("--seed", default=0, show_default=True, help="Seed of all random numbers.")
@click.option("--network", default=0, show_default=True, help="Which network of the seed to train.")
@own_tree_option
@learner_option
@layers_option
@size_option
@click.option(
    "--held-out",
    type=int,
    help="How many cases to hold out of training, drawn at random.  [default: 4 of the 104 of 1986, and the same share "
    "of others]",
)
@click.option(
    "--hold-out",
    metavar="'PERSON RELATION'",
    multiple=True,
    shell_complete=complete_cases,
    help="A case to hold out of training. Repeat for more.",
)
@click.option(
    "--out",
    "-o",
    type=PATH,
    metavar="FILE",
    default=Path("model.npz"),
    show_default=True,
    help="The model file to write.",
)
def train(
    recipe_name: str | None,
    settings: tuple[str, ...],
    sweeps: int | None,
    seed: int,
    network: int,
    tree: Path | None,
    learner: LearnerName | None,
    layers: tuple[int, int, int, int] | None,
    size: int | None,
    held_out: int | None,
    hold_out: tuple[str, ...],
    out: Path,
) -> None:
    """Train one network and write it to a model file.

    The file holds the network and everything it was made from: facts, recipe, seed, held-out cases. Other commands read
    it with --model. The same recipe, seed, network number and held-out cases give the same weights.

    On facts of your own, the training ends with a report: what the network learned, and what may be missing from the
    file or wrong in it. 'family-trees check' prints the report again. The facts are a family, or triples of any
    relations, a line each, such as Peru,capital,Lima. 'family-trees evaluate' then measures what was inferred.

    \b
    Examples:
      family-trees train
      family-trees train --recipe published --seed 7
      family-trees train --hold-out 'Colin aunt' --hold-out 'Sophia uncle' --out two.npz
      family-trees train --recipe published --set decay=0 --set initial_range=1 --sweeps 5000
      family-trees train --tree mine.ged --out mine.npz
      family-trees train --learner matrices --hold-out 'Arthur wife'
      family-trees train --triples countries.csv --layers 12,6,24,12 --out countries.npz
    """
    if held_out is not None and hold_out:
        raise click.UsageError("--held-out draws cases at random, --hold-out names them; give only one of the two")
    reading = None if tree is None else own_reading(tree)
    task = task_of(None) if reading is None else reading.task()
    split = chosen_split(task, hold_out, held_out)
    architecture, recipe = chosen_training(
        task,
        split,
        learner=learner,
        size=size,
        layers=layers,
        recipe=recipe_name,
        settings=settings,
        sweeps=sweeps,
        own_family=tree is not None,
    )
    check_memory(task, architecture, recipe)
    check_not_an_input(out, tree)
    if (seconds := expected_seconds(task, recipe)) > LONG:
        click.echo(f"note: {long_training_text(task, recipe, seconds)}", err=True)
    with telling_new_directory(out.parent), staged_file(out) as temporary:
        with progress("training", recipe.sweeps) as bar:
            trained = train_networks(
                *(task, recipe),
                seed=seed,
                first=network,
                held_out=split,
                architecture=architecture,
                trajectory=True,
                report=bar.train,
            )
        model = trained.model(0)
        save(model, temporary)
    click.echo(training_text(model, own_family=tree is not None))
    click.echo(f"written: {out}")
    for note in gaps_text(task, model.held_out):
        click.echo(f"note: {note}", err=True)
    if advice := training_advice(model, own_family=tree is not None):
        click.echo(advice, err=True)
    if reading is not None:
        click.echo("\nlooking for facts that may be missing or wrong", err=True)
        with stoppable():  # the model is written already
            click.echo(check_text(model, born=reading.born))
        if usual_judges(model):
            click.echo(
                f"\n'family-trees check --model {out}' makes better lists, by networks that were told less", err=True
            )


@click.command()
@model_option
@tree_option
@click.option(
    "--top", type=click.IntRange(min=1), default=LIST_LENGTH, show_default=True, help="How many facts each list has."
)
@click.option(
    "--folds",
    type=click.IntRange(0, 100),
    help=f"How many judges to train; 0 asks the model alone.  [default: {FOLDS} for vectors and matrices, 0 for the "
    "network of 1986, which infers too little]",
)
@csv_option
@json_option
def check(model_path: Path | None, tree: Path | None, top: int, folds: int | None, as_csv: bool, as_json: bool) -> None:
    """Look with trained networks for facts that are missing or wrong.

    It prints how many held-out cases are right, by relation, and two lists. The first list has the surest predictions
    that are not among the facts: they may be missing. The second has the facts that are least likely: they may be
    wrong. Each fact is asked for in both directions. The likelihood is the geometric mean of the two.

    A network finds likely what it was told, whether right or wrong. So, with vectors and matrices, ten judges are
    trained first: networks that were each not told a tenth of the facts, and judge these. That takes ten times as long
    as 'train'. family_trees/documents/your-own-family.md says how many planted errors are found that way.

    With --tree, facts that were added or removed since the training are in neither list, and nobody is predicted as a
    parent who was born no earlier than the child.

    \b
    Examples:
      family-trees check --model mine.npz
      family-trees check --model mine.npz --top 50 --csv > look-at.csv
      family-trees check --model mine.npz --folds 0             the model alone, at once
      family-trees check --model mine.npz --tree mended.ged     the facts of the file as it is now
    """
    at_most_one_of(("--csv", as_csv), ("--json", as_json))
    model, facts_now = model_and_facts(model_path, tree)
    if model_path is None:
        click.echo("this is the network of 1986, which ships with the package; --model asks one of your own", err=True)
    born = None if tree is None else read_tree(tree).born
    judges = _trained_judges(model, usual_judges(model) if folds is None else folds)
    if as_json:
        echo_json(check_json(model, top, facts_now, judges, born))
    elif as_csv:
        rows = check_rows(model, top, facts_now, judges, born)
        head = ("list", *model.task.words.columns, "likelihood", "held_out")
        click.echo(csv_text(head, (row.values() for row in rows)), nl=False)
    else:
        click.echo(check_text(model, top, facts_now, judges, born))


def _trained_judges(model: Model, folds: int) -> Judges | None:
    """The judges of a model, trained behind a progress bar; None without folds."""
    if not folds:
        return None
    with stoppable(), progress(f"training {folds} judges", folds * model.recipe.sweeps) as bar:
        judges = train_judges(model, folds, bar.train)
    if judges is None:
        click.echo("note: too few facts for judges; the model alone is asked", err=True)
    return judges
