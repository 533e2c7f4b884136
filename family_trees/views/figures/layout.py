"""Parts that several figures share: Hinton squares, names beside and over them, empty figures, nodes of a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.patches import Circle, Rectangle

from family_trees.engine.arrays import Array
from family_trees.views.figures.style import MUTED_COLOUR, Figure, writable
from family_trees.views.figures.view import NameRow, View

CELL_INCHES = 0.2
"""The side of a cell in inches. A cell is a square beside a name, and the unit of length in such figures."""

LETTER_CELLS = 0.36
"""The largest width of a letter of a name, in cells."""

ROW_GAP_CELLS = 0.5
"""The gap between two rows of names, such as generations, in cells."""

LONGEST_NAME = 34
"""The most letters of a name in one line. Longer names are cut."""

MOST_UNIT_COLUMNS = 24
"""The most units that are drawn beside each other."""

GROUND_COLOUR = "#8f8f8f"
"""The grey behind the squares, as in the paper: white is excitatory or active, black inhibitory."""

LABEL_BOX = {"facecolor": "white", "edgecolor": "none", "pad": 1.2, "alpha": 0.9}
"""The box behind the label of an arc, so that the arc does not cross it out."""


def title_with_part(title: str, view: View) -> str:
    """The title. Where only a part of the people is shown, a second line says which."""
    return f"{title}\n{view.part.caption}" if view.part.caption else title


def first_names(names: Sequence[str]) -> str:
    """The first three names, and how many more there are."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def short_name(name: str) -> str:
    """The name in one line. If it is cut, the years or the number at its end stay: they may identify the person."""
    name = writable(name)
    if len(name) <= LONGEST_NAME:
        return name
    start, sign, end = name.rpartition(" (" if name.endswith(")") else " #")
    end = sign + end if start and len(end) < LONGEST_NAME / 2 else ""
    return f"{name[: LONGEST_NAME - len(end) - 1].rstrip()}\u2026{end}"


def height_of_rows(rows: Sequence[NameRow]) -> float:
    """The height of rows of names below each other, in cells."""
    return sum(len(names) for _, names in rows) + ROW_GAP_CELLS * (len(rows) - 1)


def tops_of_rows(rows: Sequence[NameRow]) -> list[float]:
    """The upper end of each row of names, in cells. The first is 0, and the others are negative."""
    return [0.0, *(-height_of_rows(rows[: k + 1]) - ROW_GAP_CELLS for k in range(len(rows) - 1))]


def empty_canvas(left: float, right: float, bottom: float, top: float) -> tuple[Figure, Axes]:
    """An empty figure and its axes, which extend between these coordinates, in cells."""
    figure = Figure(figsize=(CELL_INCHES * (right - left), CELL_INCHES * (top - bottom)))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure, axes


def hinton_squares(axes: Axes, values: Array, x: float, y: float) -> list[tuple[float, float]]:
    """Draw a Hinton diagram whose lower left corner is (x, y).

    Cells have side 1. The area of a square is the size of a value; it is white above 0, and black below.

    Args:
        values: (rows, columns), between -1 and 1. The first row is on top.

    Returns:
        The centres of the cells, row by row.
    """
    rows, columns = values.shape
    axes.add_patch(Rectangle((x, y), columns, rows, facecolor=GROUND_COLOUR, edgecolor="none"))
    centres = [(x + c + 0.5, y + rows - r - 0.5) for r in range(rows) for c in range(columns)]
    sides = 0.94 * np.sqrt(np.abs(values.reshape(-1)))
    squares = [
        Rectangle((cx - side / 2, cy - side / 2), side, side) for (cx, cy), side in zip(centres, sides, strict=True)
    ]
    colours = ["white" if value > 0 else "black" for value in values.reshape(-1)]
    axes.add_collection(PatchCollection(squares, facecolors=colours, edgecolors="none", zorder=3))
    return centres


def column_of_squares(
    axes: Axes,
    rows: Sequence[NameRow],
    values: Mapping[str, float],
    x: float,
    y: float = 0.0,
    strong: Mapping[str, str] = MappingProxyType({}),
    side: Literal["left", "right", "none"] = "none",
) -> dict[str, float]:
    """Draw a square for each name, below each other, from (x, y) downward.

    Args:
        values: the value of each name, between -1 and 1.
        strong: the names in bold, each with its colour.
        side: the side on which the names are written, if they are.

    Returns:
        The height of the middle of each name's square.
    """
    at: dict[str, float] = {}
    for top, (_, names) in zip(tops_of_rows(rows), rows, strict=True):
        centres = hinton_squares(axes, np.array([[values[name]] for name in names]), x, y + top - len(names))
        for (_, height), name in zip(centres, names, strict=True):
            at[name] = height
            style: dict[str, Any] = {
                "color": strong.get(name, "black"),
                "fontweight": "bold" if name in strong else "normal",
            }
            end: dict[str, Any] = {"x": x - 0.35, "ha": "right"} if side == "left" else {"x": x + 1.35, "ha": "left"}
            if side != "none":
                axes.text(y=height, s=short_name(name), fontsize=8, va="center", **end, **style)
    return at


def labels_of_rows(axes: Axes, rows: Sequence[NameRow], x: float) -> None:
    """Write the label of each row of a column of squares, at the upper end of the row. The labels end at `x`."""
    for top, (label, _) in zip(tops_of_rows(rows), rows, strict=True):
        axes.text(x, top - 0.5, label, fontsize=8, color=MUTED_COLOUR, va="center", ha="right")


def key_below(axes: Axes, view: View | None, key: str) -> None:
    """Write the key in the lower left corner of a figure. If `view` is a part of the people, a line says which."""
    left, bottom = axes.get_xlim()[0], axes.get_ylim()[0]
    shown_people = f"{view.part.caption}\n" if view is not None and view.part.caption else ""
    axes.text(left + 0.5, bottom + 0.4, shown_people + key, fontsize=8.5, color=MUTED_COLOUR, va="bottom")


def labels_of_block(axes: Axes, rows: Sequence[NameRow], x: float, y: float) -> None:
    """Write the labels of the two rows of a block of squares whose lower left corner is (x, y)."""
    for k, (label, _) in enumerate(rows):
        axes.text(x - 0.2, y + 1.5 - k, label, fontsize=8, color=MUTED_COLOUR, ha="right", va="center")


def names_over_columns(
    axes: Axes,
    names: Sequence[str],
    x: float,
    y: float,
    *,
    above: bool,
    strong: Sequence[str] = (),
    colour: str = "black",
    size: float = 9,
) -> None:
    """Write names over or under the columns of a block, upwards. Those in `strong` are bold and have the colour."""
    for k, name in enumerate(names):
        axes.text(
            x + k + 0.5,
            y,
            name,
            rotation=90,
            ha="center",
            va="bottom" if above else "top",
            fontsize=size,
            color=colour if name in strong else "black",
            fontweight="bold" if name in strong else "normal",
        )


def draw_node(axes: Axes, x: float, y: float, text: str, *, radius: float = 0.42, colour: str = "white") -> None:
    """Draw a unit of a network as a circle with a text in it."""
    axes.add_patch(Circle((x, y), radius, facecolor=colour, edgecolor="black", linewidth=1.2, zorder=3))
    axes.text(x, y, text, ha="center", va="center", fontsize=10, zorder=4)
