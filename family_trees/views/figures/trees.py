"""Family trees, as Nature, fig. 2, draws them."""

from __future__ import annotations

from textwrap import wrap
from typing import Any, NamedTuple

from matplotlib.axes import Axes

from family_trees.families.drawing import Drawing
from family_trees.families.kinship import ShownPeople
from family_trees.views.figures.style import (
    ACCENT_COLOUR,
    LINE_COLOURS,
    MUTED_COLOUR,
    WIDTH,
    Figure,
    headline,
    styled,
    titled,
)
from family_trees.views.figures.view import View

PERSON_WIDTH, GENERATION_HEIGHT = 1.15, 1.25
"""The width of a person and the height of a generation in a pedigree, in inches."""

TITLE_HEIGHT = 0.3
"""The height of the title of a pedigree, in inches."""

FEWEST_COLUMNS = 5.0
"""A pedigree is at least as wide as this many people, so that its title fits."""

NAME_WIDTH, NAME_LINES = 13, 4
"""The most letters in a line of a name, and its most lines. Longer names are cut."""

DASHED_LINE = (0, (3, 2))
"""The style of lines that go straight to another row."""

TRACK_COLOURS = (MUTED_COLOUR, *LINE_COLOURS)
"""The colours of lines to the children of different parents in the same row."""


class NameStyle(NamedTuple):
    """The typography of names in a tree."""

    size: float
    """The size of the letters, in points."""
    margin: float
    """The white margin around a name, in points."""
    spacing: float | None
    """The distance between lines, in heights of a line; None for the usual distance."""


PAPER_NAMES, PEDIGREE_NAMES = NameStyle(11.5, 4, None), NameStyle(8.5, 1.5, 1)
"""The names of the two trees of the paper, and those of a pedigree, which are more and longer."""


@styled
def draw_trees(view: View) -> Figure:
    """Nature, fig. 2: the tree of the people of the view, or the two trees of the paper.

    A double line joins a married couple, and a line leads from a couple to its children. The person whom the others
    are near to is in bold.

    Raises:
        ValueError: `view` has no drawings, since its facts name no parents and no marriages.
    """
    if not view.drawings:
        raise ValueError("no tree to draw: the facts tell of no parents and no marriages")
    if view.has_paper_layout:
        return _draw_both_trees(view)
    return _draw_pedigree(view.drawings[0], view.part)


def _draw_both_trees(view: View) -> Figure:
    figure = Figure(figsize=(WIDTH, 6.2), layout="constrained")
    for k, drawing in enumerate(view.drawings):
        axes = figure.add_subplot(len(view.drawings), 1, k + 1)
        _draw_tree(axes, drawing, PAPER_NAMES)
        axes.set_xlim(-0.6, 6.6)
        axes.set_ylim(-2.2, 0.3)
        axes.axis("off")
        axes.set_title(drawing.title)
    headline(figure, titled("trees"))
    return figure


def _draw_pedigree(drawing: Drawing, part: ShownPeople) -> Figure:
    _, down = drawing.size
    across = max(max(x for x, _ in drawing.places.values()) + 1.3, FEWEST_COLUMNS)
    figure = Figure(figsize=(PERSON_WIDTH * across, GENERATION_HEIGHT * (down - 0.36) + TITLE_HEIGHT))
    axes = figure.add_axes((0, 0, 1, 1))
    _draw_tree(axes, drawing, PEDIGREE_NAMES, part.around)
    above = TITLE_HEIGHT / GENERATION_HEIGHT
    axes.text(-0.5, 0.3 + above, part.caption, fontsize=11, fontweight="bold", va="top")
    axes.set_xlim(-0.65, across - 0.65)
    axes.set_ylim(-down + 0.68, 0.32 + above)
    axes.axis("off")
    return figure


def _draw_tree(axes: Axes, drawing: Drawing, names: NameStyle, strong: str = "") -> None:
    """Draw the names and lines of a tree. Rows have a distance of 1; the name `strong` is bold."""
    for name, (x, row) in drawing.places.items():
        box = {"facecolor": "white", "edgecolor": "none", "pad": names.margin}  # hides the lines that end at the name
        style: dict[str, Any] = {"color": ACCENT_COLOUR, "fontweight": "bold"} if name == strong else {"color": "black"}
        text = "\n".join(wrap(name, NAME_WIDTH, max_lines=NAME_LINES, placeholder="\u2026"))
        style |= {"fontsize": names.size, "linespacing": names.spacing, "bbox": box}
        axes.text(x, -row, text, ha="center", va="center", **style)
    for line in drawing.lines:
        xs, rows = zip(*line.points, strict=True)
        style = {"color": TRACK_COLOURS[line.track % 5], "linestyle": DASHED_LINE if line.dashed else "-"}
        axes.plot(xs, [-row for row in rows], linewidth=1.2, solid_capstyle="butt", zorder=1, **style)
