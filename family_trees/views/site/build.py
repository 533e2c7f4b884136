"""The site as files: every page, what pages show, and what they link to."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from importlib.resources import files
from pathlib import Path

from markupsafe import Markup

from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import read_limited, staged_directory, write_text
from family_trees.views.site.documents import GROUPS, START, STUDIES, SitePage, documents, pages_of, where
from family_trees.views.site.frame import Site
from family_trees.views.site.landing import landing
from family_trees.views.site.links import Links
from family_trees.views.site.markdown import parser, png_size
from family_trees.views.site.notebooks import notebook_html, notebook_title
from family_trees.views.slides.deck import Group, deck
from family_trees.views.slides.slide import slide_svg

READY = (("results/explorer.html", "explorer.html"), ("results/report.html", "report.html"))
"""Pages that are there already, and their names on the site."""

NEEDED = ("README.md", "CITATION.cff", "results/claims.csv", "results/studies/numbers.json", STUDIES.path)
"""Files without which there is no site, beside the pages that are there already."""

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


Commands = Sequence[tuple[str, Sequence[tuple[str, str]]]]
"""What each command says of itself, by the sections of the list of commands."""


def write_site(out: Path, root: Path, commands: Commands, url: str = "") -> int:
    """Write the site into the folder `out`, all or nothing; give the number of its pages.

    Args:
        out: where to write.
        root: the folder of the checkout.
        commands: what each command says of itself.
        url: the address at which the site will stand, for the previews that other sites show.

    Raises:
        FamilyTreesError: a package is missing, a link leads nowhere, or `out` cannot be written.
    """
    parser()  # fails first where the package is missing
    site = _site(root, f"{url.rstrip('/')}/" if url else "")
    slides = deck()
    with staged_directory(out) as directory:
        written = dict(_pages(site, commands)) | {"slides.html": _slides(site, slides)}
        written |= _sources(site)
        for name, text in written.items():
            write_text(directory / name, text)
        for slide in (slide for group in slides for slide in group.slides):
            write_text(directory / f"slide-{slide.name}.svg", slide_svg(slide))
        for name in ("style.css", "learning.js"):
            write_text(directory / name, _read(name))
        for path, name in site.links.copies.items():
            shutil.copyfile(root / path, directory / name)
    return len(written)


def _site(root: Path, url: str) -> Site:
    pages = [page for document in documents(root) for page in pages_of(root, document)]
    places = dict(READY) | START
    for page in pages:
        places |= {name: file for name, file in where(page, STUDIES.path) if name not in places}
    return Site(root, url, tuple(pages), Links(root, places))


def _pages(site: Site, commands: Commands) -> Iterable[tuple[str, str]]:
    """The pages by name, but for the texts of files to which they link."""
    studies = [page for page in site.group(STUDIES.group) if page.file != START[STUDIES.path]]
    yield "index.html", landing(site)
    yield "studies.html", _all_studies(site, studies)
    for before, page, after in _neighbours(studies):
        text = site.text(page, figure_first=True)
        yield page.file, _document(site, page, text, "studies", [("Studies", studies)], before, after)
    lists = [(group, site.group(group)) for group in GROUPS]
    yield "documentation.html", _documentation(site, lists)
    yield "commands.html", _commands(site, commands)
    for before, page, after in _neighbours([page for _, group in lists for page in group]):
        yield page.file, _document(site, page, site.text(page), "documentation", lists, before, after)
    for path, file in READY:
        yield file, _with_strip(site, path, file)


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


def _slides(site: Site, groups: Sequence[Group]) -> str:
    return site.render(
        "slides.html",
        "slides.html",
        "Slides",
        "The figures of the paper and of the lecture as slides, 16 by 9: each with a title that says its point.",
        here="documentation",
        groups=groups,
    )


def _commands(site: Site, commands: Commands) -> str:
    return site.render(
        "commands.html",
        "commands.html",
        "All commands",
        "What every command of family-trees says of itself: its options, their defaults, and examples.",
        here="documentation",
        sections=commands,
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
        language="ko" if page.document.endswith(".ko.md") else "en",
        page=page,
        text=text,
        lists=lists,
        before=before,
        after=after,
    )


def _with_strip(site: Site, path: str, file: str) -> str:
    """A page that is there already, with a line of links at its top, a description and preview tags.

    The files to which the report links are where the site has them.
    """
    page = (site.root / path).read_text(encoding="utf-8")
    title = page.partition("<title>")[2].partition("</title>")[0]
    told = {
        "explorer.html": "Press Train, and a network learns two family trees before your eyes, by equations 1 to 9.",
        "report.html": "The reproduction as an article: what became of each claim of the paper, and why.",
    }[file]
    parts = site.render("strip.html", file, title, told, here=file.removesuffix(".html")).split("<!-- body -->")
    if "</head>" not in page or "<body>" not in page:
        raise FamilyTreesError(f"{site.root / path}: is no page that this version wrote")
    head, _, body = page.partition("</head>")
    if file == "report.html":
        body = re.sub(r'(?<=<a href=")[^"#][^"]*', lambda link: site.links.resolve(link[0], path), body)
    return f"{head}{parts[0]}</head>{body}".replace("<body>", f"<body>{parts[1]}", 1)


def _sources(site: Site) -> dict[str, str]:
    """The texts of files and folders to which pages link, and to which these link in turn."""
    written: dict[str, str] = {}
    while ahead := [(path, file) for path, file in site.links.sources.items() if file not in written]:
        written |= {file: _source(site, path, file) for path, file in ahead}
    return written


def _source(site: Site, path: str, file: str) -> str:
    target = site.root / path
    if target.is_dir():
        text = "\n".join(sorted(each.name for each in target.iterdir() if not each.name.startswith((".", "__"))))
    else:
        text = read_limited(target, MOST_BYTES, "the text").decode("utf-8", errors="replace")
    title, told, html = path, f"The text of {path}.", None
    if target.suffix == ".ipynb":
        try:
            title = notebook_title(text, path)
            html = notebook_html(text, partial(site.links.resolve, document=path), site.size_beside(path))
        except ValueError:
            raise FamilyTreesError(f"{target}: is no notebook") from None
        told, text = f"A notebook, cell by cell: {title}.", site.links.copy(path)
    return site.render("source.html", file, title, told, here="documentation", text=text, html=html)


def _neighbours(
    pages: Sequence[SitePage],
) -> Iterable[tuple[SitePage | None, SitePage, SitePage | None]]:
    return zip([None, *pages[:-1]], pages, [*pages[1:], None], strict=True)


def _read(name: str) -> str:
    return files("family_trees.views.site").joinpath("templates", name).read_text(encoding="utf-8")
