"""The texts of the checkout that become pages, in the order in which readers meet them."""

from __future__ import annotations

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
    split: bool = False
    """Whether each of its sections is a page of its own."""
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


STUDIES = Document("results/studies/README.md", "studies", "Studies", split=True)

DOCUMENTS = (
    Document("README.md", "readme", "Guides", title="In short"),
    Document("docs/students.md", "students", "Guides"),
    Document("docs/teachers.md", "teachers", "Guides"),
    Document("docs/cognitive-scientists.md", "cognitive-scientists", "Guides"),
    Document("docs/engineers.md", "engineers", "Guides"),
    Document("docs/your-own-family.md", "your-own-family", "Guides"),
    Document("README.ko.md", "readme-ko", "Guides", title="한국어"),
    Document("results/claims.md", "claims", "Results"),
    STUDIES,
    Document("results/relations.md", "relations", "Results"),
    Document("docs/method.md", "method", "Results"),
    Document("docs/command-line.md", "command-line", "Reference"),
    Document("docs/python.md", "python", "Reference"),
    Document("docs/your-own-relations.md", "your-own-relations", "Reference"),
    Document("docs/file-formats.md", "file-formats", "Reference"),
    Document("scripts/studies/README.md", "study-files", "Reference", title="Study files and tables"),
    Document("docs/cluster.md", "cluster", "Reference"),
    Document("docs/speed.md", "speed", "Reference"),
    Document("family_trees/engine/ARITHMETIC.md", "arithmetic", "Reference"),
    Document("scripts/lecture/README.md", "lecture", "Reference"),
    Document("CONTRIBUTING.md", "contributing", "Project"),
    Document("docs/committed-files.md", "committed-files", "Project"),
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
    try:
        text = (root / document.path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise FamilyTreesError(f"{root / document.path}: is not UTF-8") from None
    if document.split:
        return tuple(_page_of_section(document, part) for part in sections(text) if part.text.strip())
    whole = sections(text, 1)
    if len(whole) < 2:
        raise FamilyTreesError(f"{root / document.path}: has no title: its first line begins with '# '")
    title, body = document.title or whole[1].title, whole[1].text
    inner = tuple((anchor(part.title), part.title) for part in sections(body)[1:])
    return (SitePage(f"{document.name}.html", title, first_words(body), body, document.path, document.group, 0, inner),)


def _page_of_section(document: Document, part: Section) -> SitePage:
    title = part.title or "All studies"
    file = f"{document.name}-{anchor(part.title)}.html" if part.title else START[document.path]
    inner = tuple((anchor(each.title), each.title) for each in sections(part.text, 3)[1:])
    return SitePage(file, title, first_words(part.text), part.text, document.path, document.group, 1, inner)


def where(page: SitePage, split: bool) -> Iterator[tuple[str, str]]:
    """What a link may name, and where it then leads: the page, and each of its headings."""
    if split:
        yield f"{page.document}#{anchor(page.title)}", page.file
    for name, _ in headings(page.text):
        yield f"{page.document}#{name}", f"{page.file}#{name}"
