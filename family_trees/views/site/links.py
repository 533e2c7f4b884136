"""Where the links of the documentation lead on the site: to pages, to copies of files, to the text of programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import unquote

from family_trees.support.errors import FamilyTreesError

COPIED = frozenset((".png", ".svg", ".csv", ".json", ".npz", ".pdf", ".html", ".ged"))
"""Files of these kinds are copied to the site. The text of all others is shown on a page, notebooks cell by cell."""


@dataclass(frozen=True)
class Links:
    """Where links lead. What they ask for is noted, so that it can be written."""

    root: Path
    """The folder of the checkout."""
    pages: Mapping[str, str]
    """From files of the checkout, and from `FILE#HEADING`, to the page that holds them."""
    copies: dict[str, str] = field(default_factory=dict)
    """Files that are to be copied, and their names on the site."""
    sources: dict[str, str] = field(default_factory=dict)
    """Files and folders that are to be shown as text, and their pages."""

    def resolve(self, link: str, document: str) -> str:
        """The link of the site.

        Args:
            link: as the document has it, relative to it.
            document: the file of the checkout in which it stands.

        Raises:
            FamilyTreesError: it leads nowhere; names document and link.
        """
        if link.startswith(("https://", "http://", "mailto:")):
            return link
        path, _, heading = unquote(link).partition("#")

        target = normpath(str(PurePosixPath(document).parent / path)) if path else document
        if target.startswith(("..", "/")) or not (self.root / target).exists():
            raise FamilyTreesError(f"{document}: the link to {link!r} leads nowhere")
        if (self.root / target).is_dir() and f"{target}/README.md" in self.pages:
            target = f"{target}/README.md"
        if target in self.pages:
            return self._page(target, heading, document)
        if PurePosixPath(target).suffix in COPIED:
            return self.copy(target)
        return self.sources.setdefault(target, f"source-{target.replace('/', '-')}.html")

    def copy(self, target: str) -> str:
        """The link to a copy of a file of the checkout."""
        return self.copies.setdefault(target, target.replace("/", "-"))

    def to(self, target: str) -> str:
        """The link of the site to a file of the checkout, or to `FILE#HEADING`.

        Raises:
            FamilyTreesError: it leads nowhere.
        """
        return self.resolve(target, "")

    def _page(self, target: str, heading: str, document: str) -> str:
        if not heading:
            return self.pages[target]
        page = self.pages.get(f"{target}#{heading}")
        if page is None:
            raise FamilyTreesError(f"{document or 'the site'}: {target} has no heading for the link #{heading}")
        return page
