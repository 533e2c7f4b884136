"""The activity of every unit for one question, as Nature, fig. 3, draws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle

from family_trees.engine.arrays import Array
from family_trees.families.task import Case
from family_trees.models.model import Model
from family_trees.views.figures.layout import (
    LETTER_CELLS,
    MOST_UNIT_COLUMNS,
    column_of_squares,
    empty_canvas,
    first_names,
    height_of_rows,
    hinton_squares,
    key_below,
    labels_of_block,
    labels_of_rows,
    names_over_columns,
    short_name,
)
from family_trees.views.figures.style import (
    ACCENT_COLOUR,
    MUTED_COLOUR,
    RIGHT_COLOUR,
    WIDTH,
    Figure,
    headline,
    styled,
    titled,
)
from family_trees.views.figures.view import NameRow, View, check_paper_layers, view_of

MOST_UNITS_IN_COLUMN = 12
"""The most units of a hidden layer that are drawn below each other."""

MOST_ADDED_PEOPLE = 6
"""The most people outside the view who are drawn all the same, since the question or its answers name them."""

ARROW_STYLE: dict[str, Any] = {"arrowstyle": "-|>", "color": "#b5b5b5", "linewidth": 1.4}


@styled
def draw_activities(model: Model, case: Case, view: View | None = None) -> Figure:
    """Nature, fig. 3: the activity of every unit in the five layers for one question.

    The area of a white square is the activity of its unit. Dots mark the right answers. In the paper's layout the
    question is at the bottom, the answer on top, and the English person units stand above the Italian ones. In any
    other layout the question is at the left and the answer at the right, and only the people of the view are drawn.

    Args:
        view: the people to show; by default as `view_of` chooses them.

    Raises:
        FamilyTreesError: the model is no network with the layers of the paper. Of vectors and matrices,
            `draw_product` shows a question.
    """
    check_paper_layers(model)
    view = view or view_of(model)
    activities = {name: y.reshape(-1) for name, y in model.activities(case).items()}
    if view.has_paper_layout:
        return _draw_upward(model, case, activities, view)
    return _draw_rightward(model, case, activities, view)


def _draw_upward(model: Model, case: Case, activities: Mapping[str, Array], view: View) -> Figure:
    """The network of the paper, from the bottom to the top: each layer is a block of one or two rows."""
    people, relations = view.rows, view.relation_rows
    answer = model.ask(*case)
    facts, answered = answer.facts, [each.person for each in answer.answers]
    columns = len(people[0].names)
    right = columns + 1.5
    middle = columns / 2 - 3
    figure = Figure(figsize=(WIDTH, 7.6))
    axes = figure.add_axes((0, 0, 1, 1))

    def block(layer: str, x: float, y: float, rows: int = 1, label: str = "") -> list[tuple[float, float]]:
        axes.text(x - 0.2, y + 0.5, label, fontsize=9, color=MUTED_COLOUR, ha="right", va="center", linespacing=1.1)
        return hinton_squares(axes, activities[layer].reshape(rows, -1), x, y)

    answers = block("answer", 0, 16.4, rows=2)
    for (x, y), name in zip(answers, view.people, strict=True):
        if name in facts:
            axes.add_patch(Circle((x, y), 0.15, facecolor=RIGHT_COLOUR, edgecolor="white", linewidth=0.8, zorder=4))
    for y in (16.4, 2.1):
        labels_of_block(axes, people, 0, y)
    _names_around(axes, people, 0, 16.4, facts, RIGHT_COLOUR)
    block("penultimate", middle, 11.0, label="penultimate layer:\n6 units")
    block("central", 0, 8.7, label="central:\n12 units")
    block("person code", middle, 6.4)
    axes.text(middle + 2.6, 7.6, "person code: 6 units", fontsize=9, color=MUTED_COLOUR, ha="right")
    block("relation code", right, 6.4)
    axes.text(right + 1, 7.6, "relation code: 6 units", fontsize=9, color=MUTED_COLOUR)
    block("person", 0, 2.1, rows=2)
    block("relation", right, 2.1, rows=2)
    _names_around(axes, people, 0, 2.1, (case.person,), ACCENT_COLOUR)
    _names_around(axes, relations, right, 2.1, (case.relation,), ACCENT_COLOUR)
    for start, end in (
        ((columns / 2, 4.3), (columns / 2, 6.25)),
        ((right + 3, 4.3), (right + 3, 6.25)),
        ((columns / 2, 7.5), (columns / 2, 8.6)),
        ((right + 0.5, 7.5), (columns - 0.5, 8.6)),
        ((columns / 2, 9.8), (columns / 2, 10.9)),
        ((columns / 2, 12.1), (columns / 2, 13.7)),
    ):
        axes.annotate("", end, start, arrowprops=ARROW_STYLE)
    axes.text(right, 17.9, "answer: 24 person units", fontsize=10, color=MUTED_COLOUR, va="center")
    axes.text(right, 16.9, "\u25cf right answer", fontsize=10, color=RIGHT_COLOUR, va="center")
    axes.text(right, 0.0, "blue: the question", fontsize=9, color=ACCENT_COLOUR, va="top")
    axes.text(
        right, -0.6, "area of a white square:\nactivity of the unit, 0 to 1", fontsize=9, color=MUTED_COLOUR, va="top"
    )
    axes.set_xlim(-2.4, columns + 8.4)
    axes.set_ylim(-1.6, 21.6)
    axes.set_aspect("equal")
    axes.axis("off")
    told = {"answers": first_names(answered) or answer.words.nobody, "facts": first_names(facts) or answer.words.nobody}
    headline(figure, titled("activities", question=answer.question, right={*answered} == {*facts}, **told))
    return figure


def _names_around(axes: Axes, rows: Sequence[NameRow], x: float, y: float, strong: Sequence[str], colour: str) -> None:
    """The names of a block of two rows: those of the upper row above it, those of the lower row below it."""
    names_over_columns(axes, rows[0].names, x, y + 2.2, above=True, strong=strong, colour=colour)
    names_over_columns(axes, rows[1].names, x, y - 0.2, above=False, strong=strong, colour=colour)


def _draw_rightward(model: Model, case: Case, activities: Mapping[str, Array], view: View) -> Figure:
    """A network of any size, from the left to the right: people and relations are columns of names.

    The people of the view are drawn. Below them stand people of the question and its answers who are not in the view.
    """
    task, answer = model.task, model.ask(*case)
    answered = [each.person for each in answer.answers]
    others = [name for name in dict.fromkeys([case.person, *answer.facts, *answered]) if name not in view.people]
    rows = [*view.rows, *([NameRow("not in this part", tuple(others[:MOST_ADDED_PEOPLE]))] if others else [])]
    relations = task.relations if len(task.relations) <= MOST_UNIT_COLUMNS else (case.relation,)
    of_people = dict(zip(task.people, activities["person"], strict=True))
    of_answers = dict(zip(task.people, activities["answer"], strict=True))
    of_relations = dict(zip(task.relations, activities["relation"], strict=True))
    lowest = -height_of_rows(rows) - 2.0 - len(relations)
    top, bottom = -min(height_of_rows(rows), 24.0) / 2, lowest + len(relations) / 2
    middles = {
        "person code": top,
        "relation code": min(bottom, top - 9.5),
        "central": (top + bottom) / 2,
        "penultimate": (top + bottom) / 2,
    }
    blocks = {name: _in_columns(activities[name]) for name in middles}
    steps = [1.0]
    for several in (("person code", "relation code"), ("central",), ("penultimate",)):
        steps.append(steps[-1] + 3.0 + max(blocks[name].shape[1] for name in several))
    left = dict(zip(middles, (steps[0], steps[0], *steps[1:]), strict=False))
    right = steps[-1] + 3.0
    names = LETTER_CELLS * max(len(short_name(name)) for row in rows for name in row.names)
    labels = LETTER_CELLS * max(len(row.label) for row in rows) + 0.8
    lowest = min(lowest, middles["relation code"] - len(blocks["relation code"]) / 2)
    words = LETTER_CELLS * max(len(short_name(name)) for name in relations)
    figure, axes = empty_canvas(-max(names + labels, words) - 1, right + names + 2, lowest - 3.4, 5.8)

    def arrow(x1: float, y1: float, x2: float, y2: float) -> None:
        axes.annotate("", (x2 - 0.25, y2), (x1 + 0.25, y1), arrowprops=ARROW_STYLE)

    labels_of_rows(axes, rows, -names - 0.8)
    column_of_squares(axes, rows, of_people, 0.0, strong={case.person: ACCENT_COLOUR}, side="left")
    at = column_of_squares(
        axes, rows, of_answers, right, strong=dict.fromkeys(answer.facts, RIGHT_COLOUR), side="right"
    )
    below = -height_of_rows(rows) - 2.0
    column_of_squares(axes, [NameRow("", relations)], of_relations, 0.0, below, {case.relation: ACCENT_COLOUR}, "left")
    for name in answer.facts:
        if name in at:
            axes.add_patch(
                Circle((right + 0.5, at[name]), 0.17, facecolor=RIGHT_COLOUR, edgecolor="white", lw=0.8, zorder=4)
            )
    for name in blocks:
        _draw_hidden(axes, name, activities[name], left[name] + 3.0, middles[name])
    ends = {name: left[name] + 3.0 + blocks[name].shape[1] for name in blocks}
    arrow(1.0, top, left["person code"] + 3.0, top)
    arrow(1.0, middles["relation code"], left["relation code"] + 3.0, middles["relation code"])
    for code in ("person code", "relation code"):
        toward = np.sign(middles[code] - middles["central"])
        arrow(ends[code], middles[code], left["central"] + 3.0, middles["central"] + toward * 1.5)
    arrow(ends["central"], middles["central"], left["penultimate"] + 3.0, middles["penultimate"])
    arrow(ends["penultimate"], middles["penultimate"], right, middles["penultimate"])
    start = axes.get_xlim()[0] + 0.5
    title = f"{answer.question} ?"
    axes.text(start, 5.4, title, fontsize=13, fontweight="bold", va="top")
    nobody = answer.words.nobody
    verdict = (
        f"above 0.5: {first_names(answered) or nobody}\nright: {first_names(answer.facts) or f'{nobody} is known'}"
    )
    axes.text(start, 3.8, verdict, fontsize=9, va="top")
    axes.text(0.5, 0.3, "question", fontsize=9, color=ACCENT_COLOUR, ha="center")
    axes.text(right + 0.5, 0.3, "answer", fontsize=9, color=RIGHT_COLOUR, ha="center")
    key_below(axes, view, "area of a white square: activity of the unit, 0 to 1\nred dot: a right answer")
    return figure


def _draw_hidden(axes: Axes, layer: str, values: Array, x: float, middle: float) -> None:
    """The activities of a hidden layer, (units,), as columns of squares that begin at `x`, centred at `middle`."""
    columns = _in_columns(values)
    tall, wide = columns.shape
    for k in range(wide):
        in_column = columns[~np.isnan(columns[:, k]), k]
        hinton_squares(axes, in_column[:, None], x + k, middle + tall / 2 - len(in_column))
    label = f"{layer.replace(' ', chr(10))}\n{len(values)} units"
    style: dict[str, Any] = {"fontsize": 8.5, "color": MUTED_COLOUR, "ha": "center", "linespacing": 1.1}
    axes.text(x + wide / 2, middle + tall / 2 + 0.3, label, **style)


def _in_columns(values: Array) -> Array:
    """Units below each other in as few columns as fit, (rows, columns); empty places are not a number."""
    columns = -(-len(values) // MOST_UNITS_IN_COLUMN)
    rows = -(-len(values) // columns)
    padded = np.full(rows * columns, np.nan)
    padded[: len(values)] = values
    return padded.reshape(columns, rows).T
