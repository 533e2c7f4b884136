"""Markdown as HTML: headings with names, figures with captions, tables that scroll, links that lead to pages."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from family_trees.support.errors import FamilyTreesError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

Resolve = Callable[[str], str]
"""From a link as the text has it to the link of the site."""

SizeOf = Callable[[str], tuple[int, int]]
"""From the link to a picture, as the text has it, to its width and height in pixels."""


@dataclass(frozen=True)
class Section:
    """A part of a text, below one heading."""

    title: str
    """Of its heading, without marks; empty before the first heading."""
    text: str
    """Markdown, without its heading."""
    headings: tuple[tuple[str, str], ...]
    """Of all headings in the text, the name under which a link finds it, and the words."""


def parser() -> MarkdownIt:
    """What reads Markdown: CommonMark and tables, without HTML.

    Raises:
        FamilyTreesError: the package markdown-it-py is missing; says how to install it.
    """
    try:
        from markdown_it import MarkdownIt
    except ImportError:
        raise FamilyTreesError(
            "the site needs the package markdown-it-py: pip install -e '.[site]', in the checkout"
        ) from None
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def anchor(title: str) -> str:
    """The name under which a link finds the heading `title`: small letters, with - for spaces, without other signs."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def sections(text: str, level: int = 2) -> tuple[Section, ...]:
    """The parts of a text: what stands before the first heading of `level`, and a part for each such heading.

    Headings of higher levels are left out.
    """
    lines = text.splitlines(keepends=True)
    tokens = parser().parse(text)
    titles: list[str] = [""]
    borders: list[tuple[int, int]] = [(0, 0)]  # where a heading begins, and where its text does
    dropped: set[int] = set()
    for token, inside in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map is not None:
            if int(token.tag[1]) == level:
                titles.append(plain(inside))
                borders.append((token.map[0], token.map[1]))
            elif int(token.tag[1]) < level:
                dropped |= {*range(*token.map)}
    ends = [begin for begin, _ in borders[1:]] + [len(lines)]
    parts = [
        "".join(lines[k] for k in range(begin, end) if k not in dropped)
        for (_, begin), end in zip(borders, ends, strict=True)
    ]
    return tuple(Section(title, part, headings(part)) for title, part in zip(titles, parts, strict=True))


def headings(text: str) -> tuple[tuple[str, str], ...]:
    """All headings of a text: the name under which a link finds it, and its words."""
    tokens = parser().parse(text)
    found = [plain(inside) for token, inside in pairwise(tokens) if token.type == "heading_open"]
    return tuple((anchor(words), words) for words in found)


def plain(inline: Any) -> str:
    """The words of a line of Markdown, without marks. `inline` is a token."""
    return "".join(
        " " if child.type in ("softbreak", "hardbreak") else child.content for child in (inline.children or [])
    )


def first_words(text: str, most: int = 200) -> str:
    """The first whole sentences of the first paragraph, of about `most` characters; no picture, and no caption."""
    tokens = parser().parse(text)
    for before, token in pairwise(tokens):
        if before.type == "paragraph_open" and not _only_image(token) and not _only_em(token):
            sentences = re.split(r"(?<=[.:?!]) ", plain(token))
            words = sentences[0]
            for sentence in sentences[1:]:
                if len(words) + len(sentence) >= most:
                    break
                words += f" {sentence}"
            return words if len(words) <= 2 * most else f"{words[:most].rpartition(' ')[0]} ..."
    return ""


def to_html(text: str, resolve: Resolve, size_of: SizeOf, *, shift: int = 0, figure_first: bool = False) -> Markup:
    """A text as HTML.

    Args:
        text: in Markdown.
        resolve: is given every link, and says where it leads on the site.
        size_of: is given the link of every picture.
        shift: levels by which headings rise.
        figure_first: the first picture stands at the top, with its caption.
    """
    markdown = parser()
    tokens = markdown.parse(text)
    for token, inside in pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", anchor(plain(inside)))
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{max(1, int(token.tag[1]) - shift)}"
    pieces: list[str] = []
    pictures: list[int] = []
    at = 0
    while at < len(tokens):
        if tokens[at].type == "paragraph_open" and _only_image(tokens[at + 1]):
            captioned = at + 4 < len(tokens) and tokens[at + 3].type == "paragraph_open" and _only_em(tokens[at + 4])
            image = (tokens[at + 1].children or [])[0]
            caption = _caption(markdown, tokens[at + 4], resolve) if captioned else ""
            pictures.append(len(pieces))
            pieces.append(_figure(str(image.attrGet("src")), image.content, caption, resolve, size_of))
            at += 6 if captioned else 3
            continue
        _lead_to(tokens[at].children or [], resolve)
        pieces.append(markdown.renderer.render([tokens[at]], markdown.options, {}))
        at += 1
    if figure_first and pictures:
        pieces.insert(0, pieces.pop(pictures[0]))
    html = "".join(pieces).replace("<pre>", '<pre tabindex="0">')
    numbers = count(1)
    html = re.sub(
        "<table>",
        lambda _: f'<div class="wide" tabindex="0" role="region" aria-label="table {next(numbers)}"><table>',
        html,
    )
    return Markup(html.replace("</table>", "</table></div>"))  # noqa: S704 - made from text without HTML


def png_size(path: Path) -> tuple[int, int]:
    """Width and height of a PNG file, in pixels.

    Raises:
        FamilyTreesError: it is none.
    """
    with path.open("rb") as file:
        return size_in_png(file.read(24), str(path))


def size_in_png(head: bytes, where: str) -> tuple[int, int]:
    """Width and height in pixels, from the first 24 bytes of a PNG file, or more.

    Raises:
        FamilyTreesError: they are none; begins with `where`.
    """
    if len(head) < 24 or not head.startswith(b"\x89PNG"):
        raise FamilyTreesError(f"{where}: is no PNG file")
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _only_image(inline: Any) -> bool:
    return inline.type == "inline" and [child.type for child in inline.children or []] == ["image"]


def _only_em(inline: Any) -> bool:
    """Whether a paragraph is in italics from its first word to its last, as captions are."""
    kinds = [child.type for child in inline.children or []]
    return len(kinds) > 2 and kinds[0] == "em_open" and kinds.index("em_close") == len(kinds) - 1


def _caption(markdown: MarkdownIt, inline: Any, resolve: Resolve) -> str:
    """A paragraph that is all in italics, without them."""
    children = (inline.children or [])[1:-1]
    _lead_to(children, resolve)
    return str(markdown.renderer.render([inline.copy(children=children)], markdown.options, {}))


def _lead_to(children: Sequence[Any], resolve: Resolve) -> None:
    """Let the links of a line lead to the site."""
    for child in children:
        if child.type == "link_open":
            child.attrSet("href", resolve(str(child.attrGet("href"))))


def _figure(source: str, alt: str, caption: str, resolve: Resolve, size_of: SizeOf) -> str:
    width, height = size_of(source)
    link = escape(resolve(source))
    below = f"\n<figcaption>{caption}</figcaption>" if caption else ""
    return (
        f'<figure><a href="{link}"><img src="{link}" alt="{escape(alt)}" width="{width}" height="{height}"></a>'
        f"{below}</figure>\n"
    )
