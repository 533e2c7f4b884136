"""Names, squares and rows: what the figures of people have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from family_trees.families.of_1986 import load_families
from family_trees.views.figures.style import MUTED
from family_trees.views.figures.view import View

CELL = 0.2
"""Inches that a square takes, the unit of the figures of squares."""


LETTER, BETWEEN = 0.36, 0.5
"""Cells that a letter of a name takes, and the room between generations."""


LONGEST = 34
"""Letters of a name that stands in one line."""


NARROWEST = 26.0
"""Cells that the key of a figure needs."""


MOST_BEYOND = 6
"""People who are drawn although they are not among the shown ones."""


def _title(text: str, shown: View) -> str:
    return f"{text}\n{shown.part.said}" if shown.part.said else text


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _short(name: str) -> str:
    """The name in one line; where it is cut, the years or the number at its end are kept, which may tell it apart."""
    if len(name) <= LONGEST:
        return name
    start, sign, end = name.rpartition(" (" if name.endswith(")") else " #")
    end = sign + end if start and len(end) < LONGEST / 2 else ""
    return f"{name[: LONGEST - len(end) - 1].rstrip()}\u2026{end}"


def _height(rows: Sequence[tuple[str, Sequence[str]]]) -> float:
    return sum(len(names) for _, names in rows) + BETWEEN * (len(rows) - 1)


def _tops(rows: Sequence[tuple[str, Sequence[str]]]) -> list[float]:
    """The upper end of each row of names, which stand below each other."""
    return [0.0, *(-_height(rows[: k + 1]) - BETWEEN for k in range(len(rows) - 1))]


def _list(
    axes: Axes,
    rows: Sequence[tuple[str, Sequence[str]]],
    values: Mapping[str, float],
    x: float,
    y: float = 0.0,
    strong: Mapping[str, str] = MappingProxyType({}),
    side: Literal["left", "right", "none"] = "none",
) -> dict[str, float]:
    """A square for each name below the others, its name beside it; those in `strong` stand out in their colour.

    Returns:
        The height of each name.
    """
    at: dict[str, float] = {}
    for top, (_, names) in zip(_tops(rows), rows, strict=True):
        centres = hinton_squares(axes, np.array([[values[name]] for name in names]), x, y + top - len(names))
        for (_, height), name in zip(centres, names, strict=True):
            at[name] = height
            style: dict[str, Any] = {
                "color": strong.get(name, "black"),
                "fontweight": "bold" if name in strong else "normal",
            }
            end: dict[str, Any] = {"x": x - 0.35, "ha": "right"} if side == "left" else {"x": x + 1.35, "ha": "left"}
            if side != "none":
                axes.text(y=height, s=_short(name), fontsize=8, va="center", **end, **style)
    return at


def _labels(axes: Axes, rows: Sequence[tuple[str, Sequence[str]]], x: float) -> None:
    """The label of each row of names at its upper end."""
    for top, (label, _) in zip(_tops(rows), rows, strict=True):
        axes.text(x, top - 0.5, label, fontsize=8, color=MUTED, va="center", ha="right")


def _canvas(left: float, right: float, bottom: float, top: float) -> tuple[Figure, Axes]:
    """An empty figure of so many cells."""
    figure = Figure(figsize=(CELL * (right - left), CELL * (top - bottom)))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure, axes


def _told_below(axes: Axes, shown: View | None, key: str) -> None:
    """The key of a figure, and who is shown of how many."""
    left, bottom = axes.get_xlim()[0], axes.get_ylim()[0]
    said = f"{shown.part.said}\n" if shown is not None and shown.part.said else ""
    axes.text(left + 0.5, bottom + 0.4, said + key, fontsize=8.5, color=MUTED, va="bottom")


GROUND = "#8f8f8f"
"""The grey on which squares stand, as in the paper: white is excitatory or active, black inhibitory."""


def _rows(names: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Units as they are drawn: the first half (the English) above the second (the Italians)."""
    half = len(names) // 2
    return names[:half], names[half:]


def _row_labels(axes: Axes, rows: Sequence[Sequence[str]], x: float, y: float) -> None:
    """Beside each row of a block of two, the nationality that its people share in the trees of 1986."""
    known = {person.name: person.nationality for person in load_families().people}
    for k, row in enumerate(rows):
        nationalities = {known.get(name, "") for name in row}
        label = nationalities.pop() if len(nationalities) == 1 else ""
        axes.text(x - 0.2, y + 1.5 - k, label, fontsize=8, color=MUTED, ha="right", va="center")


def hinton_squares(axes: Axes, values: NDArray[np.float64], x: float, y: float) -> list[tuple[float, float]]:
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


def _names_along(
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
