"""What all pages of the site share: their frame, their links, and how texts become HTML."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from html import escape
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from family_trees.version import VERSION
from family_trees.views.site.documents import SitePage
from family_trees.views.site.links import Links
from family_trees.views.site.markdown import SizeOf, png_size, to_html

PREVIEW = "results/fig4-people.png"
"""The picture that other sites show beside a link."""

SECTIONS = (
    ("explorer", "Learn", "The page in which a network learns before your eyes"),
    ("report", "Report", "The paper, figure by figure: which of its claims hold"),
    (
        "studies",
        "Studies",
        "What the paper does not ask: why the recipe fails, what can be inferred, and what came later",
    ),
    ("documentation", "Documentation", "Guides for students, teachers, scientists, engineers and genealogists"),
)
"""The parts to which every page links: the name of the first page, a word for it, and what it holds."""


@dataclass(frozen=True)
class Site:
    """What all pages share."""

    root: Path
    """The folder of the checkout."""
    url: str
    """The address of the site, with a slash at its end, or nothing."""
    pages: tuple[SitePage, ...]
    links: Links

    def render(self, template: str, file: str, title: str, description: str, **values: Any) -> str:
        """A page as HTML.

        Args:
            template: the name of its template.
            file: the name of the page.
            title: of the page.
            description: of the page, in a sentence or two.
            values: what the template shows beside what all pages have.
        """
        return str(
            environment()
            .get_template(template)
            .render(
                file=file,
                title=title,
                description=description,
                url=self.url,
                preview=self.links.to(PREVIEW),
                version=VERSION,
                to=self.links.to,
                **values,
            )
        )

    def text(self, page: SitePage, *, figure_first: bool = False) -> Markup:
        """The text of a page as HTML."""
        return to_html(
            page.text,
            partial(self.links.resolve, document=page.document),
            self.size_beside(page.document),
            shift=page.shift,
            figure_first=figure_first,
        )

    def size_beside(self, document: str) -> SizeOf:
        """What gives the size of pictures that a document names."""
        return lambda link: png_size((self.root / document).parent / link)

    def group(self, name: str) -> tuple[SitePage, ...]:
        """The pages of a group."""
        return tuple(page for page in self.pages if page.group == name)


@cache
def environment() -> Environment:
    """How the templates of pages are read."""
    found = Environment(
        loader=PackageLoader("family_trees.views.site", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["site_sections"] = SECTIONS
    found.filters["attribute"] = lambda text: Markup(escape(" ".join(str(text).split())))  # noqa: S704
    return found
