"""Commands about many networks: study, compare."""

from __future__ import annotations

from pathlib import Path

import click

from family_trees.cli.options import (
    PATH,
    cluster_option,
    echo_json,
    executor_from,
    json_option,
    layers_option,
    own_tree_option,
    task_of,
    telling_new_directory,
    workers_option,
)
from family_trees.cli.progress import progress, stoppable


@click.command()
@click.argument("file", type=PATH)
@click.option(
    "--out",
    "-o",
    type=PATH,
    metavar="DIR",
    help="The directory to write to.  [default: the name of FILE without .toml]",
)
@click.option(
    "--networks",
    type=click.IntRange(1),
    help="Train at most this many networks for each recipe and held-out size: a smaller study.",
)
@own_tree_option
@layers_option
@workers_option
@cluster_option
@click.option("--resume", is_flag=True, help="Resume an earlier run of this study in DIR.")
def study(
    file: Path,
    out: Path | None,
    tree: Path | None,
    layers: tuple[int, int, int, int] | None,
    networks: int | None,
    workers: int | None,
    cluster: str | None,
    resume: bool,
) -> None:
    """Run a study: many networks, as FILE says, and tidy tables.

    FILE gives recipes by their differences from others, axes to vary, splits and seeds. DIR gets the tables
    networks.csv (a row for each network and checkpoint), cases.csv (a row for each network, checkpoint and held-out
    case), summary.csv, and, if FILE asks for committees, committees.csv; checksums.txt tells if a table was altered.
    --resume continues a stopped study; its tables end with the same bytes. A finished study is not run again.

    With --cluster, the workers of a Dask scheduler train the networks. Their results come back to this process, which
    writes the same bytes as without. The machines need no common file system. Each needs the same version of this
    package, with its extra: pip install 'family-trees[cluster]'.

    \b
    A cluster of your own:
      dask scheduler                                              on one machine; it prints its address
      dask worker tcp://host:8786 --nworkers -1 --nthreads 1      on each that shall work: a worker for each core
      family-trees study mine.toml --cluster tcp://host:8786      on any: it writes the tables

    \b
    Examples:
      family-trees study scripts/studies/published-ranges.toml --networks 20
      family-trees study scripts/studies/published-ranges.toml --resume
      family-trees study mine.toml --tree mine.ged --out mine
      family-trees compare published-ranges 'published, initial_range 1.0' 'published, initial_range 4.0'

    \b
    A study file:
      title = "Epsilon against the initial range"
      splits = 100            # splits of the cases, which all recipes share
      seeds = 2               # networks on each split
      held_out = 4            # or several, [1, 2, 4], or "each": every case alone
      checkpoints = [500]     # and after the last sweep
      committees = [1, 8]     # networks of one split that answer together
      [[recipes]]
      name = "y - d"
      base = "published"
      error_signal = "cross-entropy"
      [departures]            # each alone; with together = 2 each pair, too
      "no decay" = { decay = 0.0 }
      "no biases" = { biases = false }
      [axes]                  # every combination
      epsilon_factor = [1, 2, 5]
      initial_range = [1.0, 2.0]
      layers = [[6, 6, 12, 6], [12, 6, 24, 12]]
    """
    from family_trees.models.layered import family_network
    from family_trees.studies.study_file import read_study, smaller
    from family_trees.studies.whole_study import check_study_memory, networks_of, run_with_summary

    task = task_of(tree)
    architecture = family_network(len(task.people), len(task.relations), layers)
    wanted = whole = read_study(file, task)
    if networks is not None:
        wanted = smaller(whole, networks, task)
        if left_out := [str(members) for members in whole.committees if members not in wanted.committees]:
            click.echo(
                f"too few networks for committees of {', '.join(left_out)}; these committees are left out", err=True
            )
    if cluster is None:  # the memory of other machines is not known
        check_study_memory(wanted, task, architecture, workers)
    directory = Path(file.stem) if out is None else out
    total = networks_of(wanted, task)
    with (
        executor_from(cluster, workers) as executor,
        telling_new_directory(directory.parent),
        stoppable(directory),
        progress(f"{total} networks", total, "done") as bar,
    ):
        ran = run_with_summary(
            wanted,
            directory,
            task=task,
            architecture=architecture,
            workers=workers,
            resume=resume,
            report=lambda done, _: bar.reach(done),
            executor=executor,
        )
    if ran:
        click.echo(f"written: {directory / 'summary.csv'}, other tables beside it")
    else:
        click.echo(f"{directory}: this study is finished; remove the directory to run it again")


@click.command()
@click.argument("directory", type=PATH)
@click.argument("first")
@click.argument("second")
@click.option("--sweep", type=int, help="The checkpoint to compare at.  [default: the last one of each recipe]")
@json_option
def compare(directory: Path, first: str, second: str, sweep: int | None, as_json: bool) -> None:
    """Say whether two recipes of a finished study differ.

    DIRECTORY is what 'family-trees study' wrote. FIRST and SECOND are names of its recipes. Recipes share the splits of
    the cases, so each split gives one difference, FIRST minus SECOND. The 95% intervals are bootstrapped over splits.
    Where an interval excludes 0, the recipes differ.

    \b
    Examples:
      family-trees compare published-ranges 'published, initial_range 1.0' 'published, initial_range 4.0'
    """
    from family_trees.studies.comparison import compare as compare_recipes
    from family_trees.studies.summaries import read_networks
    from family_trees.views.recipes_text import comparison_json, comparison_text

    rows = compare_recipes(read_networks(directory), first, second, sweep)
    if as_json:
        echo_json(comparison_json(rows), ascii_only=True)
    elif rows:
        click.echo(comparison_text(rows))
