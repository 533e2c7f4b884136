"""The weights from people and relations to the units of their codes, as Nature, fig. 4, draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from family_trees.analysis.distinctions import distinctions
from family_trees.analysis.encoding import Encoding, encodings
from family_trees.engine.network import Connection
from family_trees.families.task import Task
from family_trees.models.model import Model
from family_trees.support.errors import FamilyTreesError
from family_trees.views.figures.layout import (
    LETTER_CELLS,
    MOST_UNIT_COLUMNS,
    ROW_GAP_CELLS,
    column_of_squares,
    empty_canvas,
    height_of_rows,
    hinton_squares,
    key_below,
    labels_of_block,
    labels_of_rows,
    names_over_columns,
    short_name,
)
from family_trees.views.figures.style import ACCENT_COLOUR, MUTED_COLOUR, WIDTH, Figure, headline, styled, titled
from family_trees.views.figures.view import NameRow, View, check_is_layered, view_of

LETTER_INCHES = 0.078
"""The width of a letter of the names over panels, in inches."""

KEY_CELLS = 26.0
"""The width of the key, in cells."""


@styled
def draw_weights(model: Model, group: Literal["person", "relation"], view: View | None = None) -> Figure:
    """Nature, fig. 4: the weights from the person units to the person code, or from the relations to their code.

    White squares are excitatory, black ones inhibitory. The area is the size of the weight, and the largest weight of
    the figure fills its cell. Beside each unit stands what it encodes, if anything (`encoding.encodings`), and the
    share of variance explained, over all people. Units are in that order. In the paper's layout a unit is a panel, and
    the English stand above their Italian equivalents. In any other layout a unit is a column, and a name is a row.

    Args:
        group: "person" or "relation".
        view: the people to show; by default as `view_of` chooses them.

    Raises:
        FamilyTreesError: another group; or the model is no layered network.
    """
    check_is_layered(model)
    if group not in ("person", "relation"):
        raise FamilyTreesError(f"no weights from {group!r}; give 'person' or 'relation'")
    view = view or view_of(model)
    weights = model.weights[Connection(group, f"{group} code")][0]
    place = model.task.person_index if group == "person" else model.task.relation_index
    encoded = encodings(weights, model.task, group)
    order = unit_order(encoded, group, model.task)
    rows = view.rows_of(group)
    weights = weights[[place[name] for row in rows for name in row.names]]
    if view.has_paper_layout:
        return _draw_panels(weights, rows, encoded, order, group)
    return _draw_columns(weights, rows, encoded, order, group, view if group == "person" else None)


def _draw_panels(
    weights: NDArray[np.float64],
    rows: Sequence[NameRow],
    encoded: Sequence[Sequence[Encoding]],
    order: Sequence[int],
    group: str,
) -> Figure:
    """Draw a panel of two rows for each unit, as in the paper.

    Args:
        weights: from the names of `rows` to the units, (names, units).
        encoded: what each unit encodes.
        order: the units in the order of drawing, from 0.
        group: "person" or "relation".
    """
    largest = float(np.abs(weights).max()) or 1.0
    columns = len(rows[0].names)
    across = 2 if columns > 6 else 3
    down = -(-len(order) // across)
    label_room = 2.4 if rows[0].label else 0.4
    step_x, step_y = columns + label_room + 0.8, 3.4
    left, right, lowest = -label_room - 0.2, across * step_x - label_room - 0.3, -(down - 1) * step_y
    cell = WIDTH / (right - left)  # in inches
    above, below = (
        LETTER_INCHES / cell * max(map(len, row.names)) for row in rows
    )  # the length of the names, in cells
    bottom, top = lowest - below - 0.5 / cell, 3.0 + above
    figure = Figure(figsize=(WIDTH, WIDTH * (top - bottom) / (right - left)))
    axes = figure.add_axes((0, 0, 1, 1))
    for k, unit in enumerate(order):
        x, y = (k % across) * step_x, -(k // across) * step_y
        hinton_squares(axes, weights[:, unit].reshape(2, -1) / largest, x, y)
        axes.text(x, y + 2.15, f"unit {unit + 1}", fontsize=10, fontweight="bold", va="bottom")
        beyond = any(each.share > each.chance for each in encoded[unit])
        label = ", ".join(map(str, encoded[unit]))
        axes.text(
            x + 0.64 / cell, y + 2.17, label, fontsize=8.5, color=ACCENT_COLOUR if beyond else MUTED_COLOUR, va="bottom"
        )
        labels_of_block(axes, rows, x, y)
    for k in range(min(across, len(order))):
        names_over_columns(axes, rows[0].names, k * step_x, 2.95, above=True)
        names_over_columns(axes, rows[1].names, k * step_x, lowest - 0.15, above=False)
    key = (
        f"white: excitatory, black: inhibitory; area: size of the weight (the largest is {largest:.1f})\n"
        "beside a unit: what explains half of the variance of its weights or more; grey if chance explains as much"
    )
    axes.text(left + 0.2, bottom + 0.3, key, fontsize=8.5, color=MUTED_COLOUR)
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("equal")
    axes.axis("off")
    found = [each.distinction for unit in order for each in encoded[unit] if each.share > each.chance]
    headline(figure, titled("weights", group=group, names=list(dict.fromkeys(found))))
    return figure


def _draw_columns(
    weights: NDArray[np.float64],
    rows: Sequence[NameRow],
    encoded: Sequence[Sequence[Encoding]],
    order: Sequence[int],
    group: str,
    view: View | None,
) -> Figure:
    """Draw a column for each unit, and a row for each name, for any number of names.

    The other arguments are those of `_draw_panels`.

    Args:
        group: "person" or "relation".
        view: the key says which part of its people is shown; None if all names are shown.
    """
    order = order[:MOST_UNIT_COLUMNS]
    largest = float(np.abs(weights).max()) or 1.0
    columns, x = {}, 0.0
    for k, unit in enumerate(order):
        if k and _strongest_distinction(encoded[unit]) != _strongest_distinction(encoded[order[k - 1]]):
            x += ROW_GAP_CELLS
        columns[unit] = x
        x += 1
    headers = {unit: f"unit {unit + 1}" + (f": {encoded[unit][0]}" if encoded[unit] else "") for unit in order}
    shown = [name for row in rows for name in row.names]
    names = LETTER_CELLS * max(len(short_name(name)) for name in shown)
    labels = LETTER_CELLS * max(len(label) for label, _ in rows) + 0.8
    tall = LETTER_CELLS * max(len(header) for header in headers.values()) + 0.8
    left, right = -names - labels - 1, max(x + 1, KEY_CELLS - names - labels)
    figure, axes = empty_canvas(left, right, -height_of_rows(rows) - 4.6, tall + 1.6)
    labels_of_rows(axes, rows, -names - 0.8)
    for unit, at in columns.items():
        of_unit = dict(zip(shown, weights[:, unit] / largest, strict=True))
        column_of_squares(axes, rows, of_unit, at, side="left" if unit == order[0] else "none")
        beyond = encoded[unit] and encoded[unit][0].share > encoded[unit][0].chance
        style: dict[str, Any] = {
            "color": ACCENT_COLOUR if beyond else MUTED_COLOUR,
            "fontweight": "bold" if beyond else "normal",
        }
        axes.text(at + 0.5, 0.3, headers[unit], rotation=90, ha="center", va="bottom", fontsize=8, **style)
    cut = f"; the first {len(order)} of {len(encoded)} units" if len(order) < len(encoded) else ""
    key = (
        f"white: excitatory, black: inhibitory; area: size, of {largest:.1f} at most{cut}\n"
        "blue: explains half of the variance of a unit's weights or more\n"
        "grey: nothing does, or what does so by chance, too"
    )
    axes.text(-names - labels, tall + 1.4, f"Weights to the {group} code", fontsize=11, fontweight="bold", va="top")
    key_below(axes, view, key)
    return figure


def _strongest_distinction(encoded: Sequence[Encoding]) -> str:
    return encoded[0].distinction if encoded else ""


def unit_order(encoded: Sequence[Sequence[Encoding]], group: str, task: Task) -> list[int]:
    """Units, from 0, in the order of what they encode; last, those that encode nothing known.

    Args:
        encoded: what each unit encodes, as `encoding.encodings` gives it.
    """
    names = [distinction.name for distinction in distinctions(group, task)]

    def rank(unit: int) -> tuple[int, float]:
        if not encoded[unit]:
            return len(names), unit
        strongest = encoded[unit][0]
        return names.index(strongest.distinction), -strongest.share

    return sorted(range(len(encoded)), key=rank)
