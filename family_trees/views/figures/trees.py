"""Family trees, as Nature, fig. 2, draws them."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from family_trees.families.kinship import ShownPeople
from family_trees.families.pedigree import Pedigree, lines
from family_trees.families.people import Families
from family_trees.views.figures.style import ACCENT, COLOURS, MUTED, styled

SLOT, ROW = 1.15, 1.25
"""Inches that a person and a generation take in a pedigree."""


TITLE = 0.3
"""Inches that its title takes."""


DASHED = (0, (3, 2))
"""Of lines to another row."""


@styled
def draw_pedigree(laid_out: Pedigree, part: ShownPeople) -> Figure:
    """The shown people as Nature, fig. 2, has its own: `=` joins a couple, a line leads from it to its children."""
    across, down = max(laid_out.x.values()) + 1.3, len(laid_out.rows)
    across = max(across, 5.0)
    figure = Figure(figsize=(SLOT * across, ROW * (down - 0.36) + TITLE))
    axes = figure.add_axes((0, 0, 1, 1))
    x, row = laid_out.x, laid_out.row
    for name in x:
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}  # hides the lines that end at the name
        style: dict[str, Any] = {"color": ACCENT, "fontweight": "bold"} if name == part.around else {"color": "black"}
        text = "\n".join(wrap(name, 13, max_lines=4, placeholder="\u2026"))
        axes.text(x[name], -row[name], text, ha="center", va="center", fontsize=8.5, bbox=box, linespacing=1, **style)
    for each in lines(laid_out):
        xs, rows = zip(*each.points, strict=True)
        colour, dashes = (MUTED, *COLOURS)[each.track % 5], DASHED if each.dashed else "-"
        axes.plot(xs, [-row for row in rows], color=colour, linestyle=dashes, lw=1.2, solid_capstyle="butt", zorder=1)
    axes.text(-0.5, 0.3 + TITLE / ROW, part.said, fontsize=11, fontweight="bold", va="top")
    axes.set_xlim(-0.65, across - 0.65)
    axes.set_ylim(-down + 0.68, 0.32 + TITLE / ROW)
    axes.axis("off")
    return figure


# Places of the English in Nature, fig. 2: (column, row); their equivalents stand at the same places.
_PLACES = {
    "Christopher": (0.9, 0),
    "Penelope": (2.2, 0),
    "Andrew": (3.8, 0),
    "Christine": (5.1, 0),
    "Margaret": (-0.2, 1),
    "Arthur": (0.95, 1),
    "Victoria": (2.15, 1),
    "James": (3.85, 1),
    "Jennifer": (5.05, 1),
    "Charles": (6.2, 1),
    "Colin": (2.4, 2),
    "Charlotte": (3.6, 2),
}


@styled
def draw_trees(families: Families) -> Figure:
    """Nature, fig. 2: the two trees; `=` joins a couple, a line leads from it to its children."""
    figure = Figure(figsize=(9, 7.2), layout="constrained")
    nationalities = list(dict.fromkeys(person.nationality for person in families.people))
    for k, nationality in enumerate(nationalities):
        axes = figure.add_subplot(len(nationalities), 1, k + 1)
        equivalents = {p.name: p.name if p.name in _PLACES else p.equivalent for p in families.people}
        places = {p.name: _PLACES[equivalents[p.name]] for p in families.people if p.nationality == nationality}
        _draw_tree(axes, families, places)
        axes.set_title(f"{nationality} family", fontweight="bold")
    return figure


def _draw_tree(axes: Axes, families: Families, places: Mapping[str, tuple[float, float]]) -> None:
    line: dict[str, Any] = {"color": MUTED, "linewidth": 1.2, "solid_capstyle": "butt", "zorder": 1}
    for name, (x, y) in places.items():
        box = {"facecolor": "white", "edgecolor": "none", "pad": 4}  # hides the lines that end at the name
        axes.text(x, -y, name, ha="center", va="center", fontsize=11.5, bbox=box, zorder=2)
    for husband, wife in families.marriages:
        if husband not in places:
            continue
        (x1, y), (x2, _) = places[husband], places[wife]
        for offset in (-0.025, 0.025):
            axes.plot([x1, x2], [-y + offset] * 2, **line)
        children = [places[child] for child, father, mother in families.births if (father, mother) == (husband, wife)]
        if children:
            middle, bar = (x1 + x2) / 2, -y - 0.52
            axes.plot([middle, middle], [-y - 0.025, bar], **line)
            axes.plot([min(x for x, _ in children), max(x for x, _ in children)], [bar, bar], **line)
            for x, row in children:
                axes.plot([x, x], [bar, -row], **line)
    axes.set_xlim(-0.6, 6.6)
    axes.set_ylim(-2.2, 0.3)
    axes.axis("off")
