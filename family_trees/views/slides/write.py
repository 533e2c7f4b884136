"""The slides as files, with an index."""

from __future__ import annotations

from pathlib import Path

from family_trees.support.files import staged_directory, write_text
from family_trees.version import VERSION
from family_trees.views.slides.deck import Group, deck
from family_trees.views.slides.slide import slide_svg


def write_slides(out: Path) -> list[str]:
    """Write all slides and index.html into a directory, all or nothing; give the names of the files.

    Raises:
        FamilyTreesError: `out` cannot be written.
    """
    with staged_directory(out) as directory:
        groups = deck()
        for slide in (slide for group in groups for slide in group.slides):
            write_text(directory / f"{slide.name}.svg", slide_svg(slide))
        write_text(directory / "index.html", index_page(groups))
    return [f"{slide.name}.svg" for group in groups for slide in group.slides] + ["index.html"]


def index_page(groups: tuple[Group, ...]) -> str:
    """The page that shows all slides."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("family_trees.views.slides", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("index.html").render(groups=groups, version=VERSION)
