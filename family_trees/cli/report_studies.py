"""The command that sums up the studies."""

from __future__ import annotations

from pathlib import Path

import click

from family_trees.cli.options import PATH, completion_from, telling_new_directory


def _sections() -> list[str]:
    """The names of the sections of the report."""
    from family_trees.views.studies_report.report import SECTIONS

    return list(SECTIONS)


@click.command()
@click.option(
    "--studies",
    type=PATH,
    metavar="DIR",
    default=Path("studies"),
    show_default=True,
    help="The folder with the raw tables, a folder for each study.",
)
@click.option(
    "--out",
    "-o",
    type=PATH,
    metavar="DIR",
    default=Path("results/studies"),
    show_default=True,
    help="Where to write pages, tables, figures and numbers.json.",
)
@click.option(
    "--choice",
    type=PATH,
    metavar="FILE",
    default=Path("results/best-choice.csv"),
    show_default=True,
    help="The table of the search for the best recipe.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="SECTION",
    shell_complete=completion_from(lambda _: _sections()),
    help="Write only this section, and leave the others in --out as they are. Repeat for more.",
)
@click.option("--words", is_flag=True, help="Only write the pages again, from the numbers.json in --out.")
@click.option(
    "--figures", is_flag=True, help="Only write pages and figures again, from the numbers and tables in --out."
)
def report_studies(studies: Path, out: Path, choice: Path, only: tuple[str, ...], words: bool, figures: bool) -> None:
    """Sum up the studies behind the findings, a page for each.

    Tables and figures stand beside the pages, which say what was found. Each study is run first with 'family-trees
    study'. All of them take some two hours on two cores, and the report a minute.

    \b
    Examples:
      for s in scripts/studies/*.toml; do family-trees study $s --out studies/$(basename $s .toml); done
      family-trees report-studies
      family-trees report-studies --only successors
      family-trees report-studies --words       after a change of the templates
      family-trees report-studies --figures     after a change of the figures
    """
    from family_trees.views.studies_report.report import report_studies as run
    from family_trees.views.studies_report.report import write_again

    known = _sections()
    for name in only:
        if name not in known:
            raise click.UsageError(f"--only: there is no section {name!r}; there are {', '.join(known)}")
    if words or figures:
        write_again(out, figures=figures)
        click.echo(f"written: {out / 'README.md'} and the pages to which it leads")
    else:
        with telling_new_directory(out.parent):
            run(studies, out, choice, only)
        click.echo(f"written: {out / 'README.md'}, the pages to which it leads, numbers, tables and figures")
