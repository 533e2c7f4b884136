"""The report as one page to be opened from disk, printed, and read aloud: it holds all it shows, and loads nothing."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from matplotlib.figure import Figure
from PIL import Image

from family_trees.studies.paper.verdicts import ClaimRow


@dataclass(frozen=True)
class Picture:
    """A figure of the page."""

    name: str
    draw: Callable[[], Figure] | None
    """None if it is a figure of the studies."""
    alt: str
    """What it shows, for those who do not see it."""
    caption: str
    """That can be read alone."""


@dataclass(frozen=True)
class ReportTable:
    """A table of the page."""

    name: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def broad(self) -> bool:
        """Whether it is too broad for a telephone, where one moves it sideways then."""
        return sum(max(map(len, column)) for column in zip(self.head, *self.rows, strict=True)) > 60


@dataclass(frozen=True)
class ClaimBox:
    """A claim with its verdict."""

    row: ClaimRow
    note: str
    """What is to be known beside it; may be empty."""


@dataclass(frozen=True)
class ReportPart:
    """A section of the page.

    In its texts, `code` is code, *words* are emphasised, [words](link) is a link, and [1] leads to a reference.
    """

    name: str
    title: str
    items: tuple[str | Picture | ReportTable | ClaimBox, ...]
    """Paragraphs, and what stands between them."""
    level: int = 2
    """Of its heading."""


def page(
    title: str,
    byline: Sequence[str],
    parts: Sequence[ReportPart],
    claims: Iterable[ClaimRow],
    pictures: Mapping[str, Path],
) -> str:
    """The page as HTML; the same parts give the same bytes.

    Args:
        byline: the lines below the title.
        parts: the sections in order; the one of the name "claims" is followed by the table of claims.
        claims: all claims, for that table; the first has the rule that most have.
        pictures: the PNG files of the figures, by name.
    """
    environment = Environment(
        loader=PackageLoader("family_trees.views.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "told": _told,
        "source": lambda item: _source(pictures[item.name]),
        "here": _here,
        "mark": _mark,
        "kind": lambda item: type(item).__name__,
    }
    return environment.get_template("report.html").render(title=title, byline=byline, parts=parts, claims=[*claims])


def _told(text: str) -> Markup:
    """A text as HTML: its code, emphasis, links and references."""
    html = str(escape(text))
    for pattern, put in (
        (r"`([^`]+)`", r"<code>\1</code>"),
        (r"\*([^*]+)\*", r"<em>\1</em>"),
        (r"\[([^\]]+)\]\(([^)\s]+)\)", r'<a href="\2">\1</a>'),
        (r"(?<!^)\[(\d+)\]", r'<a href="#reference-\1">[\1]</a>'),
    ):
        html = re.sub(pattern, put, html)
    return Markup(html)  # noqa: S704


def _source(path: Path) -> Markup:
    """The attributes of an image that hold the picture itself, in 256 colours, which look like all, and its size."""
    written = io.BytesIO()
    with Image.open(path) as image:
        few = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few.convert("RGB").save(written, format="WEBP", lossless=True, quality=100, method=4)
        width, height = image.size
    data = base64.b64encode(written.getvalue()).decode()
    tall = ' class="tall"' if height > 0.7 * width else ""
    return Markup(f'src="data:image/webp;base64,{data}" width="{width}" height="{height}"{tall}')  # noqa: S704


def _here(row: ClaimRow) -> str:
    """What was measured; what a proof forbids needs no interval."""
    return row.measured.partition(" (")[0] if row.kind == "none" and not row.value else row.measured


def _mark(row: ClaimRow) -> str:
    """The sign of a verdict, which tells it without colour."""
    return {"replicated": "\u2713", "partly": "\u25d0", "not replicated": "\u2717", "undecided": "?"}[row.verdict]
