"""The command that writes the site."""

from __future__ import annotations

from pathlib import Path

import click

from family_trees.cli.options import PATH, telling_new_directory

COLUMNS = 100
"""The width of helps on the site."""


def command_helps() -> list[tuple[str, list[tuple[str, str]]]]:
    """What each command says of itself, by the sections of the list of commands."""
    from family_trees.cli import SECTIONS, cli

    def told(name: str) -> str:
        command = cli.commands[name]
        shown = click.Context(
            command, info_name=f"family-trees {name}", terminal_width=COLUMNS, max_content_width=COLUMNS
        )
        return command.get_help(shown)

    return [(title, [(name, told(name)) for name in section]) for title, section in SECTIONS.items()]


@click.command()
@click.option(
    "--out", "-o", type=PATH, metavar="DIR", default=Path("site"), show_default=True, help="The directory to write to."
)
@click.option(
    "--url", metavar="URL", default="", help="The address at which the site will stand, for previews of its links."
)
def site(out: Path, url: str) -> None:
    """Write a static site of the results and the documentation.

    The site has a first page with the findings, the page that learns, the report, a page for each study, and the
    documentation. It is made of the files of the checkout, and needs the package's extra: pip install -e '.[site]'.
    Open index.html from disk, or copy the directory to any static host: all links are relative, and no page loads
    anything from elsewhere.

    \b
    Examples:
      family-trees site
      family-trees site --out public --url https://example.org/family-trees
    """
    from family_trees.views.site.build import checkout, write_site

    if url and not url.startswith(("https://", "http://")):
        raise click.UsageError("--url: give an address that begins with https://")
    root = checkout()
    with telling_new_directory(out.parent):
        pages = write_site(out, root, command_helps(), url)
    click.echo(f"written: {out / 'index.html'}, {pages} pages in all")
