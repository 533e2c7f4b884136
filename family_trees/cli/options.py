"""What several commands share: options, paths, completion in the shell, and reading the files that options name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from family_trees.support.errors import FamilyTreesError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from family_trees.families.readers.tree import Reading
    from family_trees.families.task import Task
    from family_trees.models.model import Model
    from family_trees.support.cluster import Cluster


class PathType(click.Path):
    """A path as the user types it. An empty one, which would mean the current directory, is refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, as `pathlib.Path`."""
        if value == "":
            self.fail("give a path, not an empty text", param, ctx)
        return super().convert(value, param, ctx)


PATH = PathType(path_type=Path)


def _parsed_layers(
    context: click.Context, _parameter: click.Parameter, text: str | None
) -> tuple[int, int, int, int] | None:
    """The sizes of the four hidden layers, from "6,6,12,6"."""
    if text is None:
        return None
    from family_trees.models.choices import parse_layers

    try:
        return parse_layers(text)
    except FamilyTreesError as problem:
        raise click.UsageError(str(problem), context) from problem


Complete = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]


def completion_from(names: Callable[[Path | None], Sequence[str]]) -> Complete:
    """Completion in the shell, in upper or lower case.

    Args:
        names: a function from the model file of --model, or None, to the names that can be completed.
    """

    def complete(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        try:
            known = names(context.params.get("model_path"))
        except FamilyTreesError:  # the command itself reports it
            return []
        return [CompletionItem(name) for name in known if name.lower().startswith(incomplete.lower())]

    return complete


def task_of_model(model_path: Path | None) -> Task:
    """The task of the model file; without a file, the task of 1986."""
    if model_path is None:
        from family_trees.families.of_1986 import family_trees_task

        return family_trees_task()
    from family_trees.models.saved import load

    return load(model_path).task


def _relations(model_path: Path | None) -> list[str]:
    task = task_of_model(model_path)
    return [*task.relations, *(f"has-{relation}" for relation in task.relations if task.is_of_people)]


complete_people = completion_from(lambda model_path: task_of_model(model_path).people)


complete_relations = completion_from(_relations)


complete_cases = completion_from(lambda model_path: [str(case) for case in task_of_model(model_path).cases])


model_option = click.option(
    "--model",
    "-m",
    "model_path",
    type=PATH,
    metavar="FILE",
    help="A model file that 'train' wrote.  [default: the network of 1986 that ships with the package]",
)


def _tree_option(help_text: str) -> Callable[[Any], Any]:
    return click.option("--tree", "--triples", "tree", type=PATH, metavar="FILE", help=help_text)


tree_option = _tree_option("With --model: judge the answers by the facts of this file as they are now.")


same_tree_option = _tree_option("With --model: stop if the model was not trained on the facts of this file.")


own_tree_option = _tree_option("Facts of your own: a family (GEDCOM or our CSV), or triples of any relations.")


layers_option = click.option(
    "--layers",
    callback=_parsed_layers,
    metavar="P,R,C,Q",
    help="Units of the person code, relation code, central and penultimate layers.  [default: they grow with the "
    "square root of people and relations; 6,6,12,6 for the trees of 1986]",
)


learner_option = click.option(
    "--learner",
    type=click.Choice(["network", "vectors", "matrices"]),
    help="What learns: the network of 1986, or a successor of it: vectors (linear relational embedding, 2001) or "
    "matrices (matrix relational embedding, 2008).  [default: network; with --tree matrices]",
)


size_option = click.option(
    "--size",
    type=int,
    metavar="ROWS",
    help="With vectors and matrices: the rows of a person's vector or matrix.  [default: 12 for vectors, 6 for "
    "matrices]",
)


around_option = click.option(
    "--around",
    metavar="PERSON",
    shell_complete=complete_people,
    help="Show the people around this one.  [default: everybody, or in a large tree the people around the one with the "
    "most facts]",
)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


csv_option = click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")


seed_option = click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of all random numbers."
)


workers_option = click.option(
    "--workers", type=click.IntRange(1, 1000), help="How many processes work at once.  [default: one per core]"
)


cluster_option = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Train on a cluster, not on this machine: the address of a Dask scheduler, such as tcp://host:8786.",
)


@contextmanager
def executor_from(cluster: str | None, workers: int | None) -> Iterator[Cluster | None]:
    """The cluster of --cluster, connected until the block ends; None for processes on this machine.

    How large it is, is printed on standard error.

    Raises:
        click.UsageError: --workers is given, too.
        FamilyTreesError: there is no such cluster, or it cannot be used.
    """
    if cluster is None:
        yield None
        return
    if workers is not None:
        raise click.UsageError("--workers and --cluster: give one of them; a cluster has the workers that were started")
    from family_trees.support.cluster import connected_cluster
    from family_trees.support.wording import count

    with connected_cluster(cluster) as executor:
        jobs = count(executor.threads, "job")
        click.echo(f"{executor.address}: {count(executor.workers, 'worker')}, {jobs} at once", err=True)
        yield executor


@contextmanager
def telling_new_directory(directory: Path) -> Iterator[None]:
    """Say on standard error if the block made `directory`, which the user may have misspelled."""
    known = directory.exists()
    yield
    if not known and directory.exists():
        click.echo(f"made the directory {directory}", err=True)


def echo_json(value: object, *, ascii_only: bool = False) -> None:
    """Print JSON, indented."""
    import json

    click.echo(json.dumps(value, indent=2, ensure_ascii=ascii_only))


def at_most_one_of(*options: tuple[str, bool]) -> None:
    """Check that at most one of these options is given.

    Args:
        options: the name of each option, and whether it is given.

    Raises:
        click.UsageError: several are given.
    """
    if sum(given for _, given in options) > 1:
        *names, last = (name for name, _ in options)
        raise click.UsageError(f"{', '.join(names)} and {last}: give one of them")


def own_reading(tree: Path) -> Reading:
    """Read a family file, and print on standard error what was left out."""
    from family_trees.families.readers.tree import left_out_lines, read_tree

    reading = read_tree(tree)
    for line in left_out_lines(reading.left_out):
        click.echo(f"left out: {line}", err=True)
    return reading


def read_own_tree(tree: Path) -> Task:
    """Read the facts of a family file, and print on standard error what was left out."""
    return own_reading(tree).task()


def task_of(tree: Path | None) -> Task:
    """The facts of a family file; without a file, those of 1986."""
    return task_of_model(None) if tree is None else read_own_tree(tree)


def model_and_facts(model_path: Path | None, tree: Path | None) -> tuple[Model, Task | None]:
    """The model of a file, and the facts of `tree`, if given, by which to judge its answers.

    Raises:
        FamilyTreesError: the facts have people or relations for which the model has no units.
        click.UsageError: there is a `tree` but no model.
    """
    from family_trees.models.saved import load

    if tree is None:
        return load(model_path), None
    if model_path is None:
        raise click.UsageError(
            f"--tree (or --triples): give --model, too; 'family-trees train --tree {tree}' makes a model"
        )
    from family_trees.models.against_file import check_names

    model, facts = load(model_path), read_own_tree(tree)
    check_names(model, model_path, facts, tree)
    return model, facts


def model_of_same_facts(model_path: Path | None, tree: Path | None) -> Model:
    """The model of a file. If `tree` is given, its facts must be those that the model was trained on.

    Raises:
        FamilyTreesError: the facts differ.
        click.UsageError: there is a `tree` but no model.
    """
    model, facts = model_and_facts(model_path, tree)
    if facts is not None and model_path is not None and tree is not None:
        from family_trees.models.against_file import check_facts

        check_facts(model, model_path, facts, tree)
    return model
