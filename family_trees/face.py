"""The functions of `import family_trees`: training and reading facts, with sensible defaults."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from family_trees.analysis.link_prediction import LinkPrediction, cross_validate, facts_for, predict_links
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.recipe import Recipe
from family_trees.families.readers.records import LeftOut, Tally
from family_trees.families.readers.tree import left_out_lines
from family_trees.families.readers.tree import read_tree as read_family_file
from family_trees.families.readers.triples import columns_of_table, task_of_triples
from family_trees.families.task import Case, Task
from family_trees.models.choices import chosen_training
from family_trees.models.model import Model
from family_trees.models.successors import LearnerName
from family_trees.models.training import Trained, TrainingProgress, usual_held_out
from family_trees.models.training import train as train_networks
from family_trees.support.errors import FamilyTreesError
from family_trees.support.wording import count, shown
from family_trees.views.notebook import training_bar

if TYPE_CHECKING:
    import pandas as pd


class LeftOutWarning(UserWarning):
    """A part of a file could not be used and was left out."""


def train(
    task: Task,
    recipe: Recipe | str | None = None,
    *,
    networks: int = 1,
    seed: int = 0,
    first: int = 0,
    held_out: int | Sequence[Case | str] | None = None,
    learner: LearnerName | None = None,
    size: int | None = None,
    architecture: LayeredLearner | None = None,
    every: int | None = None,
    snapshots: Collection[int] = (),
    trajectory: bool = False,
    report: Callable[[TrainingProgress], None] | None = None,
) -> Trained:
    """Train networks on a task; by default one. In a notebook, a bar shows the progress.

    >>> import family_trees as ft
    >>> ft.train(ft.family_trees_task(), "published", networks=2, seed=1).model().ask("Colin", "aunt")

    Args:
        recipe: a recipe, or the name of one of `RECIPES`, which are for the network of 1986; by default "larger-steps"
            for the network, and recipes of their own for vectors and matrices.
        networks: how many networks to train, numbered from `first`.
        seed: the seed of all random numbers. The same seed and number give the same network.
        held_out: how many cases each network draws to hold out, or the cases that all networks hold out, such as
            ["Colin aunt"]; by default 4 of the 104 of 1986, and the same share of others.
        learner: "network" (that of 1986), "vectors" or "matrices"; by default the network for the trees of 1986 and
            where a recipe is given, else matrices.
        size: rows of a person's vector or matrix, for vectors and matrices.
        architecture: any other learner.
        every: sweeps between two points of the learning curve; by default about 10.
        snapshots: sweeps after which the weights are kept, none of them after the last sweep.
        trajectory: whether to keep the course of learning, for the page and for `Model.state`.
        report: called at each point of the learning curve, in place of the bar.

    Raises:
        FamilyTreesError: what is given is no task, the recipe or a held-out case is unknown, a number is outside its
            range, or the training diverges.
    """
    if not isinstance(task, Task):
        raise FamilyTreesError(f"{task!r} is no task; ft.read_tree(path) or ft.read_triples(facts) makes one")
    if held_out is None:
        split: int | Sequence[Case] = usual_held_out(task)
    elif isinstance(held_out, int):
        split = held_out
    else:
        split = [task.find_case(case) if isinstance(case, str) else case for case in held_out]
    chosen, wanted = chosen_training(task, split, learner=learner, size=size, architecture=architecture, recipe=recipe)
    with training_bar(networks * wanted.sweeps) as bar:
        return train_networks(
            task,
            wanted,
            seed=seed,
            networks=networks,
            first=first,
            held_out=split,
            architecture=chosen,
            every=every,
            snapshots=snapshots,
            trajectory=trajectory,
            report=report or bar,
        )


def evaluate(
    model: Model | Task,
    test: Task | str | PathLike[str] | Iterable[Sequence[object]] | pd.DataFrame | None = None,
    *,
    folds: int | None = None,
    recipe: Recipe | str | None = None,
    seed: int = 0,
    learner: LearnerName | None = None,
    size: int | None = None,
    architecture: LayeredLearner | None = None,
) -> LinkPrediction:
    """Measure how well a network finds facts that it was not trained on: filtered MRR, hits, mean rank, by relation.

    >>> ft.evaluate(ft.load()).measures("tail").mrr
    >>> ft.evaluate(model, [("Peru", "capital", "Lima")])
    >>> ft.evaluate(ft.read_triples("countries.csv"), folds=5)

    Args:
        model: a trained network; or a task, for `folds`.
        test: the facts to ask for, as a task or as for `read_triples`; by default those of the held-out cases. A
            `LeftOutWarning` counts those with names that the network does not know.
        folds: train so many networks on the task, each without a part of the cases, and ask each for those.
        recipe, seed, learner, size, architecture: with `folds`, as for `train`.

    Raises:
        FamilyTreesError: there is no fact to ask for, `folds` is given without a task or missing with one, or a number
            is outside its range.
    """
    if isinstance(model, Task):
        if folds is None or test is not None:
            raise FamilyTreesError("a task is evaluated by folds, such as folds=5; a trained model, by test facts")
        if isinstance(folds, bool) or not isinstance(folds, int):
            raise FamilyTreesError(f"folds: {folds!r} is not allowed; give a whole number of at least 2")
        held_out = len(model.cases) // max(1, folds)
        chosen, wanted = chosen_training(
            model, held_out, learner=learner, size=size, architecture=architecture, recipe=recipe
        )
        with training_bar(folds * wanted.sweeps) as bar:
            return cross_validate(model, wanted, folds, seed=seed, architecture=chosen, report=bar)
    if not isinstance(model, Model):
        raise FamilyTreesError(f"{model!r} is no model; ft.load(path) reads one, and ft.train(task).model() trains one")
    if any(each is not None for each in (folds, recipe, learner, size, architecture)):
        raise FamilyTreesError("folds, recipe and architecture go with a task; a model is trained already")
    if test is None:
        return predict_links(model)
    asked = facts_for(model, (test if isinstance(test, Task) else read_triples(test)).triples)
    if asked.unknown:
        left_out = f"{count(len(asked.unknown), 'fact')} with a name that the network does not know"
        warnings.warn(f"left out: {left_out}, such as {shown(asked.unknown[0])}", LeftOutWarning, stacklevel=2)
    return predict_links(model, asked.facts)


def read_tree(path: str | PathLike[str]) -> Task:
    """Read the facts of a family file: GEDCOM (with the extra [gedcom]), our CSV, or triples of any relations.

    A `LeftOutWarning` says what could not be used, how often, and the first line of it.

    Raises:
        FamilyTreesError: the file cannot be read, or holds no fact; names file and line.
    """
    reading = read_family_file(Path(path))
    _warn(str(path), reading.left_out)
    return reading.task()


def read_triples(source: str | PathLike[str] | Iterable[Sequence[object]] | pd.DataFrame) -> Task:
    """Read facts of any relations from a file, from rows of three texts, or from a table.

    >>> ft.read_triples([("Peru", "capital", "Lima"), ("Lima", "located in", "Peru")])

    A table has three columns, or three of its columns have names such as head, relation and tail, subject, predicate
    and object, or source, relation and target. A first row that only names the columns is no fact; a `LeftOutWarning`
    says so, and what else was not used.

    Raises:
        FamilyTreesError: the file cannot be read, a row is not three texts, or there is no row.
    """
    if isinstance(source, str | PathLike):
        return read_tree(source)
    rows: Any = source
    if hasattr(rows, "itertuples"):
        names = [str(name) for name in rows.columns]
        rows = rows.iloc[:, columns_of_table(names)].itertuples(index=False, name=None)
    left_out = Tally()
    task = task_of_triples(rows, left_out)
    _warn("rows", left_out)
    return task


def _warn(source: str, left_out: Mapping[str, LeftOut]) -> None:
    """Warn of what was left out, for the caller of the function that calls this one."""
    if left_out:
        warnings.warn(f"{source}: left out: {'; '.join(left_out_lines(left_out))}", LeftOutWarning, stacklevel=3)
