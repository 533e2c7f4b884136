"""The weights from people and relations to the units that stand for them, as Nature, fig. 4, draws them."""

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
from family_trees.views.figures.layout import (
    LETTER_CELLS,
    MOST_UNIT_COLUMNS,
    ROW_GAP_CELLS,
    canvas,
    column_of_squares,
    hinton_squares,
    key_below,
    labels_of_block,
    labels_of_rows,
    names_over_columns,
    rows_height,
    short_name,
)
from family_trees.views.figures.style import ACCENT, MUTED, Figure, styled
from family_trees.views.figures.view import NameRow, View, view_of

KEY_CELLS = 26.0
"""Cells that the key needs from the left to the right."""


@styled
def draw_weights(model: Model, group: Literal["person", "relation"], view: View | None = None) -> Figure:
    """Nature, fig. 4: the weights from the person units to the units of the person code; or those of relations.

    White squares are excitatory, black ones inhibitory; the area is the size of the weight, and the largest weight of
    the figure fills its cell. Each unit is told with what it encodes, if anything (`encoding.encodings`), and the share
    of variance explained, of all people; units are ordered by that. In the paper's layout a unit is a panel, and the
    English stand above their Italian equivalents; else a unit is a column, and a row a name.

    Args:
        view: who is shown; by default as `view_of` chooses.
    """
    view = view or view_of(model)
    weights = model.weights[Connection(group, f"{group} code")][0]
    place = model.task.person_index if group == "person" else model.task.relation_index
    told = encodings(weights, model.task, group)
    order = unit_order(told, group, model.task)
    rows = view.rows_of(group)
    weights = weights[[place[name] for row in rows for name in row.names]]
    if view.is_the_papers:
        return _draw_panels(weights, rows, told, order)
    return _draw_columns(weights, rows, told, order, group, view if group == "person" else None)


def _draw_panels(
    weights: NDArray[np.float64],
    rows: Sequence[NameRow],
    told: Sequence[Sequence[Encoding]],
    order: Sequence[int],
) -> Figure:
    """A panel a unit, of two rows: as in the paper.

    Args:
        weights: from the names of `rows` to the units, (names, units).
        told: of each unit, what it encodes.
        order: the units in the order of drawing.
    """
    largest = float(np.abs(weights).max()) or 1.0
    columns = len(rows[0].names)
    across = 2 if columns > 6 else 3
    down = -(-len(order) // across)
    label_room = 2.4 if rows[0].label else 0.4
    step_x, step_y = columns + label_room + 0.8, 3.4
    above, below = (0.24 * max(map(len, row.names)) for row in rows)  # the length of the names, in cells
    lowest = -(down - 1) * step_y
    left, right, bottom, top = -label_room - 0.2, across * step_x - label_room - 0.3, lowest - below - 1.6, 3.3 + above
    figure = Figure(figsize=(0.34 * (right - left), 0.34 * (top - bottom)))
    axes = figure.add_axes((0, 0, 1, 1))
    for k, unit in enumerate(order):
        x, y = (k % across) * step_x, -(k // across) * step_y
        hinton_squares(axes, weights[:, unit].reshape(2, -1) / largest, x, y)
        axes.text(x, y + 2.15, f"unit {unit + 1}", fontsize=10, fontweight="bold", va="bottom")
        beyond = any(each.share > each.chance for each in told[unit])
        label = ", ".join(map(str, told[unit]))
        axes.text(x + 2.2, y + 2.17, label, fontsize=9.5, color=ACCENT if beyond else MUTED, va="bottom")
        labels_of_block(axes, rows, x, y)
    for k in range(min(across, len(order))):
        names_over_columns(axes, rows[0].names, k * step_x, 2.95, above=True)
        names_over_columns(axes, rows[1].names, k * step_x, lowest - 0.15, above=False)
    key = (
        f"white: excitatory, black: inhibitory; area: size of the weight (the largest is {largest:.1f})\n"
        "beside a unit: what explains half of the variance of its weights or more; grey if chance explains as much"
    )
    axes.text(0, bottom + 0.3, key, fontsize=9, color=MUTED)
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure


def _draw_columns(
    weights: NDArray[np.float64],
    rows: Sequence[NameRow],
    told: Sequence[Sequence[Encoding]],
    order: Sequence[int],
    group: str,
    view: View | None,
) -> Figure:
    """A column a unit, and a name a row: for any number of names. The arguments are those of `_draw_panels`.

    Args:
        view: whose part of the people the key tells; None where all names are shown.
    """
    order = order[:MOST_UNIT_COLUMNS]
    largest = float(np.abs(weights).max()) or 1.0
    columns, x = {}, 0.0
    for k, unit in enumerate(order):
        if k and _first(told[unit]) != _first(told[order[k - 1]]):
            x += ROW_GAP_CELLS
        columns[unit] = x
        x += 1
    headers = {unit: f"unit {unit + 1}" + (f": {told[unit][0]}" if told[unit] else "") for unit in order}
    shown = [name for row in rows for name in row.names]
    names = LETTER_CELLS * max(len(short_name(name)) for name in shown)
    labels = LETTER_CELLS * max(len(label) for label, _ in rows) + 0.8
    tall = LETTER_CELLS * max(len(header) for header in headers.values()) + 0.8
    left, right = -names - labels - 1, max(x + 1, KEY_CELLS - names - labels)
    figure, axes = canvas(left, right, -rows_height(rows) - 4.6, tall + 1.6)
    labels_of_rows(axes, rows, -names - 0.8)
    for unit, at in columns.items():
        of_unit = dict(zip(shown, weights[:, unit] / largest, strict=True))
        column_of_squares(axes, rows, of_unit, at, side="left" if unit == order[0] else "none")
        beyond = told[unit] and told[unit][0].share > told[unit][0].chance
        style: dict[str, Any] = {"color": ACCENT if beyond else MUTED, "fontweight": "bold" if beyond else "normal"}
        axes.text(at + 0.5, 0.3, headers[unit], rotation=90, ha="center", va="bottom", fontsize=8, **style)
    cut = f"; the first {len(order)} of {len(told)} units" if len(order) < len(told) else ""
    key = (
        f"white: excitatory, black: inhibitory; area: size, of {largest:.1f} at most{cut}\n"
        "blue: explains half of the variance of a unit's weights or more\n"
        "grey: nothing does, or what does so by chance, too"
    )
    axes.text(-names - labels, tall + 1.4, f"Weights to the {group} code", fontsize=11, fontweight="bold", va="top")
    key_below(axes, view, key)
    return figure


def _first(told: Sequence[Encoding]) -> str:
    return told[0].distinction if told else ""


def unit_order(told: Sequence[Sequence[Encoding]], group: str, task: Task) -> list[int]:
    """Units in the order of what they encode; then those that encode nothing known.

    Args:
        told: of each unit, what it encodes, as `encoding.encodings` gives it.
    """
    names = [distinction.name for distinction in distinctions(group, task)]

    def rank(unit: int) -> tuple[int, float]:
        if not told[unit]:
            return len(names), unit
        strongest = told[unit][0]
        return names.index(strongest.distinction), -strongest.share

    return sorted(range(len(told)), key=rank)
