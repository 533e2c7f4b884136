"""The weights from people and relations to the units that stand for them, as Nature, fig. 4, draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.figure import Figure

from family_trees.analysis.distinctions import distinctions
from family_trees.analysis.encoding import Encoding, encodings
from family_trees.engine.network import Connection
from family_trees.families.task import Task
from family_trees.models.model import Model
from family_trees.views.figures.activities import MOST_UNITS
from family_trees.views.figures.layout import (
    BETWEEN,
    LETTER,
    NARROWEST,
    _canvas,
    _height,
    _labels,
    _list,
    _names_along,
    _row_labels,
    _rows,
    _short,
    _told_below,
    hinton_squares,
)
from family_trees.views.figures.style import ACCENT, MUTED, styled
from family_trees.views.figures.view import View


@styled
def draw_weights_of(model: Model, group: str, shown: View) -> Figure:
    """Nature, fig. 4, for any names: a column a unit, a row a person who is shown, or a relation.

    White squares are excitatory, black ones inhibitory; the area is the size of the weight, and the largest weight of
    the figure fills its cell. Over a unit stands what it encodes, if anything (`encoding.encoded`), with the share of
    variance explained, of all people; units are ordered by that.
    """
    task = model.task
    weights = model.weights[Connection(group, f"{group} code")][0]
    rows = shown.rows if group == "person" else (("", task.relations),)
    place = {name: k for k, name in enumerate(task.people if group == "person" else task.relations)}
    told = encodings(weights, task, group)
    order = unit_order(told, group, task)[:MOST_UNITS]
    of_rows = weights[[place[name] for _, names in rows for name in names]]
    largest = float(np.abs(of_rows).max()) or 1.0
    columns, x = {}, 0.0
    for k, unit in enumerate(order):
        if k and _first(told[unit]) != _first(told[order[k - 1]]):
            x += BETWEEN
        columns[unit] = x
        x += 1
    headers = {unit: f"unit {unit + 1}" + (f": {told[unit][0]}" if told[unit] else "") for unit in order}
    names = LETTER * max(len(_short(name)) for _, own in rows for name in own)
    labels = LETTER * max(len(label) for label, _ in rows) + 0.8
    tall = LETTER * max(len(header) for header in headers.values()) + 0.8
    left, right = -names - labels - 1, max(x + 1, NARROWEST - names - labels)
    figure, axes = _canvas(left, right, -_height(rows) - 4.6, tall + 1.6)
    _labels(axes, rows, -names - 0.8)
    for unit, at in columns.items():
        values = dict(zip(place, weights[:, unit] / largest, strict=True))
        _list(axes, rows, values, at, side="left" if unit == order[0] else "none")
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
    _told_below(axes, shown if group == "person" else None, key)
    return figure


def _first(told: Sequence[Encoding]) -> str:
    return told[0].distinction if told else ""


@styled
def draw_weights(model: Model, group: Literal["person", "relation"]) -> Figure:
    """Nature, fig. 4: the weights from the person units to the six units of the person code; or those of relations.

    White squares are excitatory, black ones inhibitory; the area is the size of the weight, and the largest weight of
    the figure fills its cell. The English stand above their Italian equivalents. Over a unit stands what it encodes, if
    anything (`encoding.encoded`), with the share of variance explained; units are ordered by that.
    """
    weights = model.weights[Connection(group, f"{group} code")][0]
    largest = float(np.abs(weights).max()) or 1.0
    names = model.task.people if group == "person" else model.task.relations
    rows = _rows(names)
    told = encodings(weights, model.task, group)
    columns, units = len(rows[0]), weights.shape[1]
    across = 2 if columns > 6 else 3
    down = -(-units // across)
    labelled = 2.4 if group == "person" else 0.4  # room for the nationalities
    step_x, step_y = columns + labelled + 0.8, 3.4
    above, below = (0.24 * max(map(len, row)) for row in rows)  # the length of the names, in cells
    lowest = -(down - 1) * step_y
    left, right, bottom, top = -labelled - 0.2, across * step_x - labelled - 0.3, lowest - below - 1.6, 3.3 + above
    figure = Figure(figsize=(0.34 * (right - left), 0.34 * (top - bottom)))
    axes = figure.add_axes((0, 0, 1, 1))
    for place, unit in enumerate(unit_order(told, group, model.task)):
        x, y = (place % across) * step_x, -(place // across) * step_y
        hinton_squares(axes, weights[:, unit].reshape(2, -1) / largest, x, y)
        axes.text(x, y + 2.15, f"unit {unit + 1}", fontsize=10, fontweight="bold", va="bottom")
        beyond = any(each.share > each.chance for each in told[unit])
        label = ", ".join(map(str, told[unit]))
        axes.text(x + 2.2, y + 2.17, label, fontsize=9.5, color=ACCENT if beyond else MUTED, va="bottom")
        _row_labels(axes, rows, x, y)
    for k in range(min(across, units)):
        _names_along(axes, rows[0], k * step_x, 2.95, above=True)
        _names_along(axes, rows[1], k * step_x, lowest - 0.15, above=False)
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


def unit_order(told: Sequence[Sequence[Encoding]], group: str, task: Task) -> list[int]:
    """Units in the order of what they encode, `told` as by `encoding.encoded`; then those that encode nothing known."""
    names = [distinction.name for distinction in distinctions(group, task)]

    def rank(unit: int) -> tuple[int, float]:
        if not told[unit]:
            return len(names), unit
        strongest = told[unit][0]
        return names.index(strongest.distinction), -strongest.share

    return sorted(range(len(told)), key=rank)
