"""A report as one page to be opened from disk, printed, and read aloud: it holds all it shows, and loads nothing."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from matplotlib.figure import Figure

from family_trees.studies.paper.verdicts import ClaimRow
from family_trees.version import VERSION
from family_trees.views.figures.style import FIGURE_SETTINGS


@dataclass(frozen=True)
class Picture:
    """A figure of the page."""

    name: str
    figure: Figure
    alt: str
    """What it shows, for those who do not see it."""
    caption: str
    """That can be read alone."""


@dataclass(frozen=True)
class ReportTable:
    """A table of the page."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ReportPart:
    """A section of the page. In its texts, what stands between backticks is code."""

    name: str
    title: str
    paragraphs: tuple[str, ...] = ()
    content: tuple[Picture | ReportTable, ...] = ()
    claims: tuple[ClaimRow, ...] = ()
    """Told one by one after the content, with what decides each."""


def page(title: str, lead: str, claims: Sequence[ClaimRow], parts: Sequence[ReportPart], command: str) -> str:
    """The page as HTML; the same parts give the same bytes.

    Args:
        claims: all of them, for the table at the top.
        command: that wrote it.
    """
    environment = Environment(
        loader=PackageLoader("family_trees.views.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"told": _told, "source": _source, "mark": _mark}
    environment.tests["picture"] = lambda item: isinstance(item, Picture)
    return environment.get_template("report.html").render(
        title=title, lead=lead, claims=claims, parts=parts, command=command, version=VERSION
    )


def _told(text: str) -> Markup:
    """`text` with what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704


def _source(figure: Figure, dpi: int = 110) -> Markup:
    """The attributes of an image that hold the figure itself, and its size."""
    written = io.BytesIO()
    with matplotlib.rc_context(FIGURE_SETTINGS):
        figure.savefig(written, format="png", dpi=dpi, facecolor="white", metadata={"Software": None})
    width, height = (round(inches * dpi) for inches in figure.get_size_inches())
    data = base64.b64encode(written.getvalue()).decode()
    return Markup(f'src="data:image/png;base64,{data}" width="{width}" height="{height}"')  # noqa: S704


def _mark(row: ClaimRow) -> str:
    """The sign of a verdict, which tells it without colour."""
    return {"replicated": "\u2713", "partly": "\u25d0", "not replicated": "\u2717", "undecided": "?"}[row.verdict]
