"""One slide: a figure with a title and a line below it, as SVG. Text stays text."""

from __future__ import annotations

import io
import re
import textwrap
from dataclasses import dataclass
from xml.sax.saxutils import escape

import matplotlib

from family_trees.views.figures.style import FIGURE_SETTINGS, Figure, without_headline

WIDTH, HEIGHT = 1280, 720
MARGIN, TOP, BOTTOM = 48, 118, 70
"""The margins in which no figure stands: at the sides, above and below."""

TITLE_LETTERS, LINE_LETTERS = 62, 128
"""The most letters in a line of the title, and of the text below the figure."""

FONT = "system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif"


@dataclass(frozen=True)
class Slide:
    """A figure and what is said of it."""

    name: str
    """The name of its file, without the suffix."""
    title: str
    """Its point, in a sentence."""
    text: str
    """What the figure shows, and where it comes from."""
    figure: Figure


def slide_svg(slide: Slide) -> str:
    """A slide as SVG. The same slide gives the same text."""
    inner, width, height = _figure_svg(slide.figure, slide.name)
    room_x, room_y = WIDTH - 2 * MARGIN, HEIGHT - TOP - BOTTOM
    scale = min(room_x / width, room_y / height, 2.2)
    x, y = (WIDTH - scale * width) / 2, TOP + (room_y - scale * height) / 2
    title = textwrap.wrap(slide.title, TITLE_LETTERS, break_on_hyphens=False)
    text = textwrap.wrap(slide.text, LINE_LETTERS, break_on_hyphens=False)
    lines = [
        *(
            f'<text x="{MARGIN}" y="{52 + 40 * k}" font-size="32" font-weight="700">{escape(line)}</text>'
            for k, line in enumerate(title)
        ),
        *(
            f'<text x="{MARGIN}" y="{HEIGHT - 42 + 22 * k}" font-size="16" fill="#565656">{escape(line)}</text>'
            for k, line in enumerate(text)
        ),
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{WIDTH}" '
            f'height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{FONT}">',
            f"<title>{escape(slide.title)}</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
            *lines,
            f'<svg x="{x:.1f}" y="{y:.1f}" width="{scale * width:.1f}" height="{scale * height:.1f}" '
            f'viewBox="0 0 {width:g} {height:g}">',
            inner,
            "</svg>",
            "</svg>",
            "",
        ]
    )


def _figure_svg(figure: Figure, name: str) -> tuple[str, float, float]:
    """What stands in the SVG of a figure, and its width and height in points."""
    written = io.StringIO()
    settings = {**FIGURE_SETTINGS, "svg.hashsalt": name}
    with matplotlib.rc_context(settings):
        without_headline(figure).savefig(
            written, format="svg", metadata={"Date": None, "Creator": None}, facecolor="white"
        )
    text = written.getvalue()
    head = re.search(r"<svg [^>]*>", text)
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', head.group()) if head else None
    if head is None or size is None:
        raise AssertionError("matplotlib wrote an SVG without a viewBox")
    inner = text[head.end() : text.rindex("</svg>")]
    inner = re.sub(r"\s*<metadata>.*?</metadata>", "", inner, flags=re.DOTALL)
    return inner.strip("\n"), float(size.group(1)), float(size.group(2))
