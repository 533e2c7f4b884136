"""The command that measures how well facts are found: evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from family_trees.cli.options import (
    PATH,
    at_most_one_of,
    csv_option,
    echo_json,
    json_option,
    layers_option,
    learner_option,
    model_option,
    own_tree_option,
    read_own_tree,
    size_option,
    task_of,
)
from family_trees.cli.progress import progress, stoppable

if TYPE_CHECKING:
    from family_trees.analysis.link_prediction import LinkPrediction
    from family_trees.families.task import Task
    from family_trees.models.choices import TrainingChoice
    from family_trees.models.successors import LearnerName


@click.command()
@model_option
@click.option(
    "--test",
    "test_path",
    type=PATH,
    metavar="FILE",
    help="Ask for the facts of this file.  [default: the held-out facts]",
)
@click.option(
    "--folds",
    type=click.IntRange(min=2),
    metavar="K",
    help="Train K networks, each without a K-th of the cases, and ask each for the facts of those.",
)
@own_tree_option
@click.option("--recipe", "-r", "recipe_name", metavar="NAME", help="With --folds: as for 'train'.")
@click.option("--set", "settings", metavar="KEY=VALUE", multiple=True, help="With --folds: as for 'train'.")
@click.option("--sweeps", type=int, help="With --folds: as for 'train'.")
@click.option("--seed", type=int, help="With --folds: the seed of all random numbers.  [default: 0]")
@learner_option
@layers_option
@size_option
@csv_option
@json_option
def evaluate(
    model_path: Path | None,
    test_path: Path | None,
    folds: int | None,
    tree: Path | None,
    recipe_name: str | None,
    settings: tuple[str, ...],
    sweeps: int | None,
    seed: int | None,
    learner: LearnerName | None,
    layers: tuple[int, int, int, int] | None,
    size: int | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Measure how well a network finds facts that it was not trained on.

    Each fact is asked for in both directions. Tail: what is the RELATION of HEAD? Head: whose RELATION is TAIL? The
    network ranks all entities as answers. It answers forwards only, so that for the head each entity is asked, and the
    entities are ranked by the score that TAIL gets.

    \b
    MRR         the mean of 1 / rank: 1 is perfect
    hits@10     the share of right answers among the first ten; likewise hits@1 and hits@3
    mean rank   the mean of the ranks: 1 is perfect

    Ranks are filtered: the other right answers, whether trained on, held out or of the test, are taken out of the
    ranking first. Ties count half: a right answer that ties with others has the mean of their ranks. Intervals are 95%,
    by bootstrap over facts or, where all facts are alike, Wilson's, with the facts as independent.

    A case is a question with all its answers. It is right by rank if the k best are exactly its k answers: the network
    is told how many there are. It is right by threshold if the answers that the network itself gives are exactly these.

    \b
    Examples:
      family-trees evaluate                                          the network of 1986, its four held-out cases
      family-trees evaluate --model mine.npz
      family-trees evaluate --model mine.npz --test test.tsv --json
      family-trees evaluate --triples countries.csv --folds 5        trains five networks
      family-trees evaluate --tree mine.ged --folds 10 --csv > by-relation.csv
    """
    at_most_one_of(("--csv", as_csv), ("--json", as_json))
    at_most_one_of(("--folds", folds is not None), ("--model", model_path is not None))
    at_most_one_of(("--folds", folds is not None), ("--test", test_path is not None))
    training = {"--recipe": recipe_name, "--set": settings, "--sweeps": sweeps, "--seed": seed, "--layers": layers}
    training |= {"--learner": learner, "--size": size}
    given = [name for name, value in {"--tree": tree, **training}.items() if value not in (None, ())]
    if folds is None and given:
        raise click.UsageError(f"{given[0]} goes with --folds, which trains networks; --model and --test train none")
    from family_trees.models.choices import chosen_training
    from family_trees.support.spreadsheets import csv_text
    from family_trees.views.link_prediction_text import link_prediction_json, link_prediction_rows, link_prediction_text

    if folds is None:
        found = _of_model(model_path, test_path)
    else:
        task = task_of(tree)
        chosen = chosen_training(
            *(task, len(task.cases) // folds),
            learner=learner,
            size=size,
            layers=layers,
            recipe=recipe_name,
            settings=settings,
            sweeps=sweeps,
            own_family=tree is not None,
        )
        found = _of_folds(task, folds, chosen, seed or 0)
    if as_json:
        echo_json(link_prediction_json(found))
    elif as_csv:
        rows = link_prediction_rows(found)
        click.echo(csv_text(rows[0], (row.values() for row in rows)), nl=False)
    else:
        click.echo(link_prediction_text(found))


def _of_model(model_path: Path | None, test_path: Path | None) -> LinkPrediction:
    """A trained network, on its held-out facts or on those of a file. What is left out is printed."""
    from family_trees.analysis.link_prediction import facts_for, predict_links
    from family_trees.models.saved import load
    from family_trees.support.errors import FamilyTreesError
    from family_trees.views.facts_text import gaps_text
    from family_trees.views.link_prediction_text import test_file_notes

    model = load(model_path)
    if test_path is None:
        if not model.held_out:
            raise FamilyTreesError(
                f"{model_path}: this network held no case out of its training; give --test FILE with facts to ask for, "
                "or train again with --held-out"
            )
        for note in gaps_text(model.task, model.held_out):
            click.echo(f"note: {note}", err=True)
        return predict_links(model)
    wanted = facts_for(model, read_own_tree(test_path).triples)
    for note in test_file_notes(wanted, str(test_path)):
        click.echo(note, err=True)
    if not wanted.facts:
        raise FamilyTreesError(f"{test_path}: no fact of this file has only names that the network knows")
    return predict_links(model, wanted.facts)


def _of_folds(task: Task, folds: int, chosen: TrainingChoice, seed: int) -> LinkPrediction:
    """Networks trained for the purpose, each on its own held-out facts."""
    from family_trees.analysis.link_prediction import cross_validate, folds_of
    from family_trees.models.memory import check_memory

    architecture, recipe = chosen
    check_memory(task, architecture, recipe)
    folds_of(task, folds, seed)  # so that a number that is not allowed is refused before the bar
    with stoppable(), progress(f"training {folds} networks", folds * recipe.sweeps) as bar:
        return cross_validate(task, recipe, folds, seed=seed, architecture=architecture, report=bar.train)
