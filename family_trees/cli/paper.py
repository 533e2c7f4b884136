"""Commands about the paper as a whole: claims, reproduce, symmetry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from family_trees.cli.options import (
    PATH,
    at_most_one_of,
    cluster_option,
    completion_from,
    csv_option,
    echo_json,
    executor_from,
    json_option,
    seed_option,
    telling_new_directory,
    workers_option,
)
from family_trees.cli.progress import progress, stoppable

if TYPE_CHECKING:
    from family_trees.studies.paper.jobs import ReproductionSize
    from family_trees.studies.paper.reproduction import ReproductionProgress

BAR_STEPS = 1000
"""The length of the bar for all experiments together."""


@contextmanager
def _experiments_bar(
    size: ReproductionSize, directory: Path | None, workers: int | None, where: str = "here"
) -> Iterator[Callable[[ReproductionProgress], None]]:
    """Print how long the experiments will take, then show a bar. If they are stopped, say what is kept.

    Args:
        workers: how many jobs are done at once; by default one per core.
        where: what the time holds for.
    """
    from family_trees.studies.paper.sizes import seconds_left, time_words

    announced = False
    with stoppable(directory), progress("", BAR_STEPS) as bar:

        def report(now: ReproductionProgress) -> None:
            nonlocal announced
            if not announced:
                click.echo(f"about {time_words(seconds_left(size, now, workers))} {where}", err=True)
                announced = True
            bar.reach(int(BAR_STEPS * now.done / now.total), now.experiment)

        yield report


def _claim_ids(_: Path | None) -> list[str]:
    from family_trees.studies.paper.verdicts import committed_rows

    return [row.id for row in committed_rows()]


@click.command()
@click.argument("ids", nargs=-1, metavar="[CLAIM]...", shell_complete=completion_from(_claim_ids))
@click.option("--again", is_flag=True, help="Measure the claims again, with as many networks: a few minutes at most.")
@click.option("--quick", is_flag=True, help="With --again: use only as many networks as a quick reproduction.")
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="With --again: seed of all random numbers."
)
@workers_option
@csv_option
@json_option
def claims(
    ids: tuple[str, ...], again: bool, quick: bool, seed: int, workers: int | None, as_csv: bool, as_json: bool
) -> None:
    """Print the claims of the paper and what became of them.

    There are ten claims. Name some to see only those, with what was measured and the rule that decides. The verdicts
    are those of the full reproduction. With --again the claims are measured anew, and no file is written.

    \b
    Examples:
      family-trees claims
      family-trees claims F3 F4                 with what was measured, and what decides it
      family-trees claims S1 --again --quick
      family-trees claims --json | jq '.[] | select(.verdict != "replicated") | .tried'
    """
    from family_trees.studies.paper.again import committed_claims, measure_claims_again
    from family_trees.studies.paper.verdicts import claims_csv, claims_text

    at_most_one_of(("--csv", as_csv), ("--json", as_json))
    if (quick or seed or workers) and not again:
        raise click.UsageError("--quick, --seed and --workers go with --again")
    if again and not ids:
        raise click.UsageError("--again: name the claims, such as F3; 'family-trees reproduce' measures all of them")
    if again:
        from family_trees.studies.paper.sizes import chosen_size

        size = chosen_size(full=not quick, seed=seed)
        with _experiments_bar(size, None, workers) as report:
            rows = measure_claims_again(ids, size, workers=workers, report=report)
    else:
        rows = committed_claims(ids)
    if as_json:
        echo_json([row._asdict() for row in rows])
    elif as_csv:
        click.echo(claims_csv(rows), nl=False)
    else:
        click.echo(claims_text(rows, in_full=bool(ids)))


@click.command()
@click.option(
    "--out",
    "-o",
    type=PATH,
    metavar="DIR",
    help="The directory to write to.  [default: results/quick; with --full, results]",
)
@click.option("--full", is_flag=True, help="Train as many networks as the committed claims rest on.")
@click.option(
    "--networks",
    type=click.IntRange(1, 100_000),
    help="Networks for each of the two recipes; all other numbers are scaled with it.  [default: 80]",
)
@seed_option
@workers_option
@cluster_option
@click.option("--resume", is_flag=True, help="Resume an earlier, stopped run in DIR.")
@click.option("--words", is_flag=True, help="Train nothing: write report, claims and figures again, from DIR/tables.")
def reproduce(
    out: Path | None,
    full: bool,
    networks: int | None,
    seed: int,
    workers: int | None,
    cluster: str | None,
    resume: bool,
    words: bool,
) -> None:
    """Reproduce the paper: train, measure, draw, and judge every claim.

    It trains networks with the printed recipe and with the default one, measures what the hidden units learned, and
    repeats the paper's other experiments: symmetry and iterative networks. It writes report.html (open it in a
    browser), the claims with their verdicts, the figures, and the tables behind them. If 'family-trees report-studies'
    wrote its report into DIR/studies, report.html tells of the studies, too. 'family-trees study --help' says how to
    start a cluster.

    \b
    Examples:
      family-trees reproduce                              under two minutes on two cores
      family-trees reproduce --full                       some minutes; it first says how many
      family-trees reproduce --full --resume              the same, from where it was stopped
      family-trees reproduce --networks 200 --out long
      family-trees reproduce --full --words               the report again, after new studies
      family-trees reproduce --full --cluster tcp://host:8786    by the workers of a Dask scheduler
    """
    from family_trees.studies.paper.sizes import chosen_size, usual_directory
    from family_trees.studies.paper.verdicts import claims_text
    from family_trees.views.report.reproduce import reproduce as run
    from family_trees.views.report.reproduce import write_again

    if words and (networks or seed or workers or cluster or resume):
        raise click.UsageError("--words trains nothing: of the other options, it takes --out and --full")
    if full and networks is not None:
        raise click.UsageError("--full and --networks: give one of them")
    size = chosen_size(full=full, networks=networks, seed=seed)
    directory = out or usual_directory(full=full)
    if words:
        rows = write_again(directory)
    else:
        with executor_from(cluster, workers) as executor, telling_new_directory(directory.parent):
            at_once = workers if executor is None else executor.threads
            where = "here" if executor is None else "there, if its machines are like this one"
            with _experiments_bar(size, directory, at_once, where) as report:
                rows = run(directory, size, workers=workers, resume=resume, report=report, executor=executor)
    click.echo(claims_text(rows))
    click.echo(f"\nwritten: {directory / 'report.html'}, figures, claims and tables beside it")


@click.command()
@click.option(
    "--networks", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="Networks to train."
)
@click.option("--hidden", type=click.IntRange(0, 1000), default=2, show_default=True, help="Hidden units.")
@click.option(
    "--sweeps",
    type=click.IntRange(1, 10_000_000),
    default=5000,
    show_default=True,
    help="Sweeps through all the vectors.",
)
@click.option("--epsilon", type=click.FloatRange(0, min_open=True), default=0.1, show_default=True, help="Step size.")
@seed_option
@click.option("--xor", is_flag=True, help="Learn XOR of two bits instead.")
@click.option("--figure", type=PATH, metavar="FILE", help="Draw one solution as in the paper's figure 1.")
def symmetry(
    networks: int, hidden: int, sweeps: int, epsilon: float, seed: int, xor: bool, figure: Path | None
) -> None:
    """Train networks on symmetry, the paper's figure 1, or on XOR.

    The input is a vector of six bits. The one output unit should be on if the vector is symmetric about its middle. The
    paper's numbers are epsilon 0.1, alpha 0.9, initial weights between -0.3 and 0.3, all 64 vectors, 1,425 sweeps. The
    command prints how many networks learn the task, when, and in what form.

    \b
    Examples:
      family-trees symmetry                        how many networks learn it, when, and in what form
      family-trees symmetry --hidden 0             impossible without a hidden layer
      family-trees symmetry --hidden 8 --epsilon 0.02
      family-trees symmetry --figure fig1.png
      family-trees symmetry --xor
    """
    from dataclasses import replace

    from family_trees.models import symmetry as small
    from family_trees.support.wording import count

    if figure is not None:
        if xor or hidden != 2:
            raise click.UsageError("--figure draws the symmetry task with two hidden units")
        from family_trees.views.figures.style import check_figure

        check_figure(figure)
    recipe = replace(small.PRINTED_RECIPE, epsilon=(epsilon, epsilon), sweeps=sweeps)
    task = small.xor_task() if xor else small.symmetry_task()
    small.check_small_memory(task, networks, hidden, sweeps)
    with progress(count(networks, "network"), sweeps, "sweeps") as bar:
        run = small.train_small_networks(task, recipe, networks=networks, hidden=hidden, seed=seed, report=bar.advance)
    try:
        if figure is not None:  # before anything is printed, so that it is written whatever becomes of the output
            from family_trees.models.symmetry_solution import solution_to_draw
            from family_trees.views.figures.style import save_figure
            from family_trees.views.figures.symmetry import draw_symmetry

            with telling_new_directory(figure.parent):
                save_figure(draw_symmetry(solution_to_draw(run)), figure)
    finally:
        for line in small.summary_lines(run):
            click.echo(line)
    if figure is not None:
        click.echo(f"written: {figure}")
