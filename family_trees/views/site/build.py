"""The site as files: every page, what pages show, and what they link to."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from family_trees.models.saved import load
from family_trees.studies.paper.verdicts import claims_from_csv
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import read_limited, staged_directory, write_text
from family_trees.version import VERSION
from family_trees.views.site.citation import read_citation
from family_trees.views.site.documents import GROUPS, START, STUDIES, SitePage, documents, pages_of, where
from family_trees.views.site.figure4 import learning_figure
from family_trees.views.site.findings import findings, verdict_words
from family_trees.views.site.lessons import explorer_texts, lesson_links
from family_trees.views.site.links import Links
from family_trees.views.site.markdown import parser, png_size, to_html

READY = (("results/explorer.html", "explorer.html"), ("results/report.html", "report.html"))
"""Pages that are there already, and their names on the site."""

NEEDED = ("README.md", "CITATION.cff", "results/claims.csv", "results/studies/numbers.json", STUDIES.path)
"""Files without which there is no site, beside the pages that are there already."""

PREVIEW = "results/fig4-people.png"
"""The picture that other sites show beside a link."""

MOST_BYTES = 50_000_000
"""The most bytes of a file that the site holds."""


def checkout() -> Path:
    """The folder of the checkout in which this package lies.

    Raises:
        FamilyTreesError: the package is installed without it.
    """
    root = Path(__file__).parents[3]
    for needed in (*NEEDED, *(path for path, _ in READY)):
        if not (root / needed).is_file():
            raise FamilyTreesError(
                f"{root / needed}: not there; the site is made of a checkout's results and documentation, and an "
                "installed package has neither: run it in a checkout that was installed with pip install -e '.[site]'"
            )
    return root


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
            lambda link: png_size((self.root / page.document).parent / link),
            shift=page.shift,
            figure_first=figure_first,
        )

    def group(self, name: str) -> tuple[SitePage, ...]:
        """The pages of a group."""
        return tuple(page for page in self.pages if page.group == name)


def write_site(out: Path, root: Path, url: str = "") -> int:
    """Write the site into the folder `out`, all or nothing; give the number of its pages.

    Args:
        out: where to write.
        root: the folder of the checkout.
        url: the address at which the site will stand, for the previews that other sites show.

    Raises:
        FamilyTreesError: a package is missing, a link leads nowhere, or `out` cannot be written.
    """
    parser()  # fails first where the package is missing
    site = _site(root, f"{url.rstrip('/')}/" if url else "")
    with staged_directory(out) as directory:
        written = dict(_pages(site))
        written |= _sources(site)
        for name, text in written.items():
            write_text(directory / name, text)
        for name in ("style.css", "learning.js"):
            write_text(directory / name, _read(name))
        for path, name in site.links.copies.items():
            shutil.copyfile(root / path, directory / name)
    return len(written)


def _site(root: Path, url: str) -> Site:
    pages: list[SitePage] = []
    places: dict[str, str] = dict(READY)
    for document in documents(root):
        of = pages_of(root, document)
        pages += of
        places[document.path] = START.get(document.path, of[0].file)
        for page in of:
            places |= {name: file for name, file in where(page, document.split) if name not in places}
    return Site(root, url, tuple(pages), Links(root, places))


def _pages(site: Site) -> Iterable[tuple[str, str]]:
    """The pages by name, but for the texts of files to which they link."""
    studies = [page for page in site.group(STUDIES.group) if page.file != START[STUDIES.path]]
    yield "index.html", _landing(site)
    yield "studies.html", _all_studies(site, studies)
    for before, page, after in _neighbours(studies):
        text = site.text(page, figure_first=True)
        yield page.file, _document(site, page, text, "studies", [("Studies", studies)], before, after)
    lists = [(group, site.group(group)) for group in GROUPS]
    yield "documentation.html", _documentation(site, lists)
    for before, page, after in _neighbours([page for _, group in lists for page in group]):
        yield page.file, _document(site, page, site.text(page), "documentation", lists, before, after)
    for path, file in READY:
        yield file, _with_strip(site, path, file)


def _landing(site: Site) -> str:
    claims = claims_from_csv((site.root / "results/claims.csv").read_text(encoding="utf-8"))
    numbers = _numbers(site.root)
    figure = learning_figure(load())
    return site.render(
        "landing.html",
        "index.html",
        "family-trees: the experiment that made back-propagation famous",
        "In 1986 a small network learned two family trees. Here thousands of such networks are trained by the "
        "paper's own method, and each of its claims is judged.",
        here="index",
        figure=figure,
        frames=Markup(json.dumps({"sweeps": figure.sweeps, "sides": figure.sides}, separators=(",", ":"))),  # noqa: S704
        findings=findings(claims, numbers),
        size_of=lambda path: png_size(site.root / path),
        verdicts=verdict_words(claims, numbers),
        claims=claims,
        lessons=lesson_links(),
        texts=explorer_texts(),
        citation=read_citation(site.root / "CITATION.cff"),
    )


def _numbers(root: Path) -> dict[str, Any]:
    path = root / "results/studies/numbers.json"
    try:
        numbers: dict[str, Any] = json.loads(read_limited(path, MOST_BYTES, "numbers.json"))
    except ValueError:
        raise FamilyTreesError(f"{path}: cannot be read; 'family-trees report-studies' writes it") from None
    return numbers


def _all_studies(site: Site, studies: Sequence[SitePage]) -> str:
    head = next((page for page in site.group(STUDIES.group) if page not in studies), None)
    cards = [(page, _first_picture(page)) for page in studies]
    return site.render(
        "studies.html",
        "studies.html",
        "Studies",
        "Every finding is a study that anyone can run again, with its figure, its tables and all its numbers.",
        here="studies",
        cards=[(page, picture and f"results/studies/{picture}") for page, picture in cards],
        size_of=lambda path: png_size(site.root / path),
        head="" if head is None else site.text(replace(head, text=_without_contents(head.text))),
    )


def _without_contents(text: str) -> str:
    """A text without the lines of a list that leads to its own sections."""
    return re.sub(r"^- \[[^\]]*\]\(#[^)]*\)\n", "", text, flags=re.MULTILINE)


def _first_picture(page: SitePage) -> str:
    for token in parser().parse(page.text):
        for child in token.children or []:
            if child.type == "image":
                return str(child.attrGet("src"))
    return ""


def _documentation(site: Site, lists: Sequence[tuple[str, Sequence[SitePage]]]) -> str:
    return site.render(
        "documentation.html",
        "documentation.html",
        "Documentation",
        "Where to begin, for students, teachers, scientists, engineers and genealogists, and all pages.",
        here="documentation",
        lists=lists,
    )


def _document(
    site: Site,
    page: SitePage,
    text: Markup,
    here: str,
    lists: Sequence[tuple[str, Sequence[SitePage]]],
    before: SitePage | None,
    after: SitePage | None,
) -> str:
    return site.render(
        "document.html",
        page.file,
        page.title,
        page.description,
        here=here,
        page=page,
        text=text,
        lists=lists,
        before=before,
        after=after,
    )


def _with_strip(site: Site, path: str, file: str) -> str:
    """A page that is there already, with a line of links at its top, a description and preview tags."""
    page = (site.root / path).read_text(encoding="utf-8")
    title = page.partition("<title>")[2].partition("</title>")[0]
    told = {
        "explorer.html": "Press Train, and a network learns two family trees before your eyes, by equations 1 to 9.",
        "report.html": "The reproduction as a report: each claim of the paper, what was measured, and the figures.",
    }[file]
    parts = site.render("strip.html", file, title, told, here=file.removesuffix(".html")).split("<!-- body -->")
    if "</head>" not in page or "<body>" not in page:
        raise FamilyTreesError(f"{site.root / path}: is no page that this version wrote")
    head, _, body = page.partition("</head>")
    return f"{head}{parts[0]}</head>{body}".replace("<body>", f"<body>{parts[1]}", 1)


def _sources(site: Site) -> dict[str, str]:
    """The texts of files and folders to which pages link."""
    written = {}
    for path, file in site.links.sources.items():
        target = site.root / path
        if target.is_dir():
            text = "\n".join(sorted(each.name for each in target.iterdir() if not each.name.startswith((".", "__"))))
        else:
            text = read_limited(target, MOST_BYTES, "the text").decode("utf-8", errors="replace")
        told = f"The text of {path}."
        written[file] = site.render("source.html", file, path, told, here="documentation", text=text)
    return written


def _neighbours(
    pages: Sequence[SitePage],
) -> Iterable[tuple[SitePage | None, SitePage, SitePage | None]]:
    return zip([None, *pages[:-1]], pages, [*pages[1:], None], strict=True)


def _read(name: str) -> str:
    return files("family_trees.views.site").joinpath("templates", name).read_text(encoding="utf-8")


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
    found.filters["attribute"] = lambda text: Markup(escape(" ".join(str(text).split())))  # noqa: S704
    return found
