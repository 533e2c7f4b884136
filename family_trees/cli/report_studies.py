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
    help="Where to write tables, figures, numbers.json and README.md.",
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
@click.option("--words", is_flag=True, help="Only write README.md again, from the numbers.json in --out.")
def report_studies(studies: Path, out: Path, choice: Path, only: tuple[str, ...], words: bool) -> None:
    """Sum up the studies behind the findings, on a page.

    Tables and figures stand beside the page, which says what was found. Each study is run first with 'family-trees
    study'. All of them take some two hours on two cores, and the report a minute.

    \b
    Examples:
      for s in scripts/studies/*.toml; do family-trees study $s --out studies/$(basename $s .toml); done
      family-trees report-studies
      family-trees report-studies --only successors
      family-trees report-studies --words       after a change of the templates
    """
    from family_trees.views.studies_report.report import report_studies as run
    from family_trees.views.studies_report.report import write_words

    known = _sections()
    for name in only:
        if name not in known:
            raise click.UsageError(f"--only: there is no section {name!r}; there are {', '.join(known)}")
    if words:
        write_words(out)
        click.echo(f"written: {out / 'README.md'}")
    else:
        with telling_new_directory(out.parent):
            run(studies, out, choice, only)
        click.echo(f"written: {out / 'README.md'}, numbers, tables and figures beside it")
