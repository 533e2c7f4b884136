"""What several figures share: Hinton squares, names beside and over them, an empty canvas, the nodes of a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.patches import Circle, Rectangle

from family_trees.engine.arrays import Array
from family_trees.views.figures.style import MUTED, Figure, writable
from family_trees.views.figures.view import NameRow, View

CELL_INCHES = 0.2
"""Inches that a square takes where names stand below each other. Such a square is a cell, the unit of length there."""

LETTER_CELLS = 0.36
"""Cells that a letter of a name takes, at most."""

ROW_GAP_CELLS = 0.5
"""Cells between two rows of names, such as generations."""

LONGEST_NAME = 34
"""Letters of a name that stands in one line; longer names are cut."""

MOST_UNIT_COLUMNS = 24
"""Units that are drawn beside each other, at most."""

GROUND = "#8f8f8f"
"""The grey on which squares stand, as in the paper: white is excitatory or active, black inhibitory."""

LABEL_BOX = {"facecolor": "white", "edgecolor": "none", "pad": 1.2, "alpha": 0.9}
"""Behind the label of an arc, so that the arc does not cross it out."""


def with_part(title: str, view: View) -> str:
    """The title, and below it who is shown, where not everybody is."""
    return f"{title}\n{view.part.caption}" if view.part.caption else title


def first_names(names: Sequence[str]) -> str:
    """The first three names, and how many more there are."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def short_name(name: str) -> str:
    """The name in one line; where it is cut, the years or the number at its end are kept, which may tell it apart."""
    name = writable(name)
    if len(name) <= LONGEST_NAME:
        return name
    start, sign, end = name.rpartition(" (" if name.endswith(")") else " #")
    end = sign + end if start and len(end) < LONGEST_NAME / 2 else ""
    return f"{name[: LONGEST_NAME - len(end) - 1].rstrip()}\u2026{end}"


def rows_height(rows: Sequence[NameRow]) -> float:
    """The height of rows of names that stand below each other, in cells."""
    return sum(len(names) for _, names in rows) + ROW_GAP_CELLS * (len(rows) - 1)


def row_tops(rows: Sequence[NameRow]) -> list[float]:
    """The upper end of each row of names, in cells; the first is 0, and the others are below."""
    return [0.0, *(-rows_height(rows[: k + 1]) - ROW_GAP_CELLS for k in range(len(rows) - 1))]


def canvas(left: float, right: float, bottom: float, top: float) -> tuple[Figure, Axes]:
    """An empty figure whose corners have these coordinates, in cells."""
    figure = Figure(figsize=(CELL_INCHES * (right - left), CELL_INCHES * (top - bottom)))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure, axes


def hinton_squares(axes: Axes, values: Array, x: float, y: float) -> list[tuple[float, float]]:
    """A Hinton diagram on unit cells, its lower left corner at (x, y): area for size, white above 0, black below.

    Args:
        values: (rows, columns), between -1 and 1; the first row is drawn on top.

    Returns:
        The centres of the cells, row by row.
    """
    rows, columns = values.shape
    axes.add_patch(Rectangle((x, y), columns, rows, facecolor=GROUND, edgecolor="none"))
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
    """A square for each name, below each other, from (x, y) downward.

    Args:
        values: of each name, between -1 and 1.
        strong: names that stand out, each with its colour.
        side: where the names stand, if they are written.

    Returns:
        The height of the middle of each name's square.
    """
    at: dict[str, float] = {}
    for top, (_, names) in zip(row_tops(rows), rows, strict=True):
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
    """The label of each row of a column of squares, at the upper end of the row, ending at `x`."""
    for top, (label, _) in zip(row_tops(rows), rows, strict=True):
        axes.text(x, top - 0.5, label, fontsize=8, color=MUTED, va="center", ha="right")


def key_below(axes: Axes, view: View | None, key: str) -> None:
    """The key at the lower left end of a figure, and above it who of `view` is shown, where not everybody is."""
    left, bottom = axes.get_xlim()[0], axes.get_ylim()[0]
    said = f"{view.part.caption}\n" if view is not None and view.part.caption else ""
    axes.text(left + 0.5, bottom + 0.4, said + key, fontsize=8.5, color=MUTED, va="bottom")


def labels_of_block(axes: Axes, rows: Sequence[NameRow], x: float, y: float) -> None:
    """The label of each row of a block of squares that has two rows and its lower left corner at (x, y)."""
    for k, (label, _) in enumerate(rows):
        axes.text(x - 0.2, y + 1.5 - k, label, fontsize=8, color=MUTED, ha="right", va="center")


def names_over_columns(
    axes: Axes,
    names: Sequence[str],
    x: float,
    y: float,
    *,
    above: bool,
    strong: Sequence[str] = (),
    colour: str = "black",
) -> None:
    """Names over or under the columns of a block, reading upwards; those in `strong` stand out in a colour."""
    for k, name in enumerate(names):
        axes.text(
            x + k + 0.5,
            y,
            name,
            rotation=90,
            ha="center",
            va="bottom" if above else "top",
            fontsize=9,
            color=colour if name in strong else "black",
            fontweight="bold" if name in strong else "normal",
        )


def node(axes: Axes, x: float, y: float, text: str, *, radius: float = 0.42, colour: str = "white") -> None:
    """A unit of a network as a circle with a text in it."""
    axes.add_patch(Circle((x, y), radius, facecolor=colour, edgecolor="black", linewidth=1.2, zorder=3))
    axes.text(x, y, text, ha="center", va="center", fontsize=10, zorder=4)
