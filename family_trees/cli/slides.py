"""The command that writes slides."""

from __future__ import annotations

from pathlib import Path

import click

from family_trees.cli.options import PATH, telling_new_directory


@click.command()
@click.option(
    "--out",
    "-o",
    type=PATH,
    metavar="DIR",
    default=Path("slides"),
    show_default=True,
    help="The directory to write to.",
)
def slides(out: Path) -> None:
    """Write the figures of the paper and of the lecture as slides.

    Each is an SVG file, 16 by 9, with a title that says its point; text in it stays text. They show the network that
    ships with the package, figures 1 to 5 of the paper, trees of the chain rule, kinds of units, XOR, a line fitted by
    gradient descent, and saturated units. index.html shows them all. The same version writes the same files.

    \b
    Examples:
      family-trees slides
      family-trees slides --out lecture/pictures
    """
    from family_trees.views.slides.write import write_slides

    with telling_new_directory(out.parent):
        names = write_slides(out)
    click.echo(f"written: {out / 'index.html'}, {len(names) - 1} slides")
