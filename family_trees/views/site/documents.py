"""The texts of the checkout that become pages, in the order in which readers meet them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from family_trees.support.errors import FamilyTreesError
from family_trees.views.site.markdown import Section, anchor, first_words, headings, sections


@dataclass(frozen=True)
class Document:
    """A text of the checkout."""

    path: str
    """The file, from the folder of the checkout."""
    name: str
    """How the names of its pages begin."""
    group: str
    """Under which its pages stand in the list."""
    title: str = ""
    """Instead of the title that it has."""


@dataclass(frozen=True)
class SitePage:
    """A page that is made of a text."""

    file: str
    title: str
    description: str
    text: str
    """In Markdown, without the title."""
    document: str
    """The file of the checkout from which it comes."""
    group: str
    shift: int
    """Levels by which its headings rise."""
    headings: tuple[tuple[str, str], ...]
    """The headings of the second level: the name under which a link finds each, and its words."""


STUDIES = Document("results/studies/README.md", "studies", "Studies")
"""The list of studies. Each of its sections is a page, or the text to which it leads."""

DOCUMENTS = (
    Document("README.md", "readme", "Guides", title="In short"),
    Document("family_trees/documents/students.md", "students", "Guides"),
    Document("family_trees/documents/teachers.md", "teachers", "Guides"),
    Document("family_trees/documents/cognitive-scientists.md", "cognitive-scientists", "Guides"),
    Document("family_trees/documents/engineers.md", "engineers", "Guides"),
    Document("family_trees/documents/your-own-family.md", "your-own-family", "Guides"),
    Document("README.ko.md", "readme-ko", "Guides", title="한국어"),
    Document("results/claims.md", "claims", "Results"),
    STUDIES,
    Document("results/relations.md", "relations", "Results"),
    Document("family_trees/documents/method.md", "method", "Results"),
    Document("family_trees/documents/command-line.md", "command-line", "Reference"),
    Document("family_trees/documents/python.md", "python", "Reference"),
    Document("family_trees/documents/your-own-relations.md", "your-own-relations", "Reference"),
    Document("family_trees/documents/file-formats.md", "file-formats", "Reference"),
    Document("scripts/studies/README.md", "study-files", "Reference", title="Study files and tables"),
    Document("family_trees/documents/cluster.md", "cluster", "Reference"),
    Document("family_trees/documents/speed.md", "speed", "Reference"),
    Document("family_trees/engine/ARITHMETIC.md", "arithmetic", "Reference"),
    Document("scripts/lecture/README.md", "lecture", "Reference"),
    Document("CONTRIBUTING.md", "contributing", "Project"),
    Document("family_trees/documents/committed-files.md", "committed-files", "Project"),
    Document("CHANGELOG.md", "changelog", "Project"),
    Document("SECURITY.md", "security", "Project"),
)
"""In the order of the list of pages."""

GROUPS = ("Guides", "Results", "Reference", "Project")
"""The groups of the documentation. The studies have a list of their own."""

START = {STUDIES.path: "studies.html"}
"""Where a link to a text leads that has several pages."""


def documents(root: Path) -> tuple[Document, ...]:
    """The texts of a checkout that become pages."""
    return tuple(each for each in DOCUMENTS if (root / each.path).is_file())


def pages_of(root: Path, document: Document) -> tuple[SitePage, ...]:
    """The pages of a text.

    Raises:
        FamilyTreesError: it is not UTF-8, or has no title.
    """
    text = _read(root, document.path)
    if document is STUDIES:
        return tuple(_page_of_study(root, part) for part in sections(text)) + _further_studies(root, text)
    title, body = _titled(root, document.path, text)
    title = document.title or title
    inner = tuple((anchor(part.title), part.title) for part in sections(body)[1:])
    return (SitePage(f"{document.name}.html", title, first_words(body), body, document.path, document.group, 0, inner),)


def _page_of_study(root: Path, part: Section) -> SitePage:
    """A study, from its section in the list of studies: a text of its own if the section leads to one."""
    own = _studies_named(root, part.text)
    if not part.title:
        return _page_of_section(part, "All studies", START[STUDIES.path])
    file = f"{STUDIES.name}-{anchor(part.title)}.html"
    if not own:
        return _page_of_section(part, part.title, file)
    without_links = re.sub(r"\[[^\]]*\]\([^)]*\)\.?", "", part.text)
    return _study(root, own[0], file, first_words(without_links))


def _further_studies(root: Path, text: str) -> tuple[SitePage, ...]:
    """Texts to which the list of studies leads, and which are no study of its own sections, such as an appendix."""
    first = [own[0] for part in sections(text)[1:] if (own := _studies_named(root, part.text))]
    return tuple(
        _study(root, path, f"{STUDIES.name}-{Path(path).stem}.html", "")
        for path in _studies_named(root, text)
        if path not in first
    )


def _studies_named(root: Path, text: str) -> list[str]:
    """The texts beside the list of studies to which a part of it leads."""
    folder = Path(STUDIES.path).parent
    named = dict.fromkeys(re.findall(r"\]\(([\w-]+\.md)\)", text))
    return [(folder / name).as_posix() for name in named if (root / folder / name).is_file()]


def _study(root: Path, path: str, file: str, description: str) -> SitePage:
    title, body = _titled(root, path, _read(root, path))
    inner = tuple((anchor(part.title), part.title) for part in sections(body)[1:])
    return SitePage(file, title, description or first_words(body), body, path, STUDIES.group, 0, inner)


def _page_of_section(part: Section, title: str, file: str) -> SitePage:
    inner = tuple((anchor(each.title), each.title) for each in sections(part.text, 3)[1:])
    return SitePage(file, title, first_words(part.text), part.text, STUDIES.path, STUDIES.group, 1, inner)


def _read(root: Path, path: str) -> str:
    try:
        return (root / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise FamilyTreesError(f"{root / path}: is not UTF-8") from None


def _titled(root: Path, path: str, text: str) -> tuple[str, str]:
    """The title of a text, and what stands below it."""
    whole = sections(text, 1)
    if len(whole) < 2:
        raise FamilyTreesError(f"{root / path}: has no title: its first line begins with '# '")
    return whole[1].title, whole[1].text


def where(page: SitePage, list_of_studies: str) -> Iterator[tuple[str, str]]:
    """What a link may name, and where it then leads: the page, and each of its headings.

    Args:
        page: of the site.
        list_of_studies: the titles of its sections lead to the studies.
    """
    yield page.document, page.file
    if page.group == STUDIES.group:
        yield f"{list_of_studies}#{anchor(page.title)}", page.file
    for name, _ in headings(page.text):
        yield f"{page.document}#{name}", f"{page.file}#{name}"
