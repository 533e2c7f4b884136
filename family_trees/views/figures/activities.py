"""The activity of every unit for one question, as Nature, fig. 3, draws it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import NDArray

from family_trees.families.task import Case
from family_trees.models.model import Model
from family_trees.views.figures.layout import (
    LETTER,
    MOST_BEYOND,
    _canvas,
    _few,
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
from family_trees.views.figures.style import ACCENT, MUTED, RIGHT, styled
from family_trees.views.figures.view import View

TALLEST, MOST_UNITS = 12, 24
"""Units that stand below each other, and beside each other, at most."""


@styled
def draw_activities_of(model: Model, case: Case, shown: View) -> Figure:
    """Nature, fig. 3, for any people: the activity of every unit for one question, of the person units the shown ones.

    The area of a white square is the activity of its unit; dots mark the right answers. The question is at the left,
    the answer at the right. Who is asked about, or is an answer, and is not among the shown, stands below them.
    """
    task, answer = model.task, model.ask(*case)
    y = {name: values.reshape(-1) for name, values in model.activities(case).items()}
    said = [each.person for each in answer.answers]
    beyond = [name for name in dict.fromkeys([case.person, *answer.facts, *said]) if name not in shown.people]
    rows = [*shown.rows, *([("not in this part", tuple(beyond[:MOST_BEYOND]))] if beyond else [])]
    people = [name for _, names in rows for name in names]
    relations = task.relations if len(task.relations) <= MOST_UNITS else (case.relation,)
    of_people = dict(zip(task.people, y["person"], strict=True))
    of_answers = dict(zip(task.people, y["answer"], strict=True))
    of_relations = dict(zip(task.relations, y["relation"], strict=True))
    lowest = -_height(rows) - 2.0 - len(relations)
    top, bottom = -min(_height(rows), 24.0) / 2, lowest + len(relations) / 2
    middles = {
        "person code": top,
        "relation code": min(bottom, top - 9.5),
        "central": (top + bottom) / 2,
        "penultimate": (top + bottom) / 2,
    }
    blocks = {name: _in_columns(y[name]) for name in middles}
    steps = [1.0]
    for several in (("person code", "relation code"), ("central",), ("penultimate",)):
        steps.append(steps[-1] + 3.0 + max(blocks[name].shape[1] for name in several))
    left = dict(zip(middles, (steps[0], steps[0], *steps[1:]), strict=False))
    right = steps[-1] + 3.0
    names = LETTER * max(len(_short(name)) for name in people)
    labels = LETTER * max(len(label) for label, _ in rows) + 0.8
    lowest = min(lowest, middles["relation code"] - len(blocks["relation code"]) / 2)
    words = LETTER * max(len(_short(name)) for name in relations)
    figure, axes = _canvas(-max(names + labels, words) - 1, right + names + 2, lowest - 3.4, 5.8)

    def arrow(x1: float, y1: float, x2: float, y2: float) -> None:
        style: dict[str, Any] = {"arrowstyle": "-|>", "color": "#b5b5b5", "linewidth": 1.4}
        axes.annotate("", (x2 - 0.25, y2), (x1 + 0.25, y1), arrowprops=style)

    _labels(axes, rows, -names - 0.8)
    _list(axes, rows, of_people, 0.0, strong={case.person: ACCENT}, side="left")
    at = _list(axes, rows, of_answers, right, strong=dict.fromkeys(answer.facts, RIGHT), side="right")
    _list(axes, [("", relations)], of_relations, 0.0, -_height(rows) - 2.0, {case.relation: ACCENT}, "left")
    for name in answer.facts:
        if name in at:
            axes.add_patch(Circle((right + 0.5, at[name]), 0.17, facecolor=RIGHT, edgecolor="white", lw=0.8, zorder=4))
    for name, values in blocks.items():
        tall, wide = values.shape
        x = left[name] + 3.0
        for k in range(wide):
            own = values[~np.isnan(values[:, k]), k]
            hinton_squares(axes, own[:, None], x + k, middles[name] + tall / 2 - len(own))
        label = f"{name.replace(' ', chr(10))}\n{len(y[name])} units"
        axes.text(
            x + wide / 2, middles[name] + tall / 2 + 0.3, label, fontsize=8.5, color=MUTED, ha="center", linespacing=1.1
        )
    ends = {name: left[name] + 3.0 + blocks[name].shape[1] for name in blocks}
    arrow(1.0, top, left["person code"] + 3.0, top)
    arrow(1.0, middles["relation code"], left["relation code"] + 3.0, middles["relation code"])
    for code in ("person code", "relation code"):
        toward = np.sign(middles[code] - middles["central"])
        arrow(ends[code], middles[code], left["central"] + 3.0, middles["central"] + toward * 1.5)
    arrow(ends["central"], middles["central"], left["penultimate"] + 3.0, middles["penultimate"])
    arrow(ends["penultimate"], middles["penultimate"], right, middles["penultimate"])
    start = axes.get_xlim()[0] + 0.5
    title = f"{case.person} has-{case.relation} ?"
    axes.text(start, 5.4, title, fontsize=13, fontweight="bold", va="top")
    told = f"above 0.5: {_few(said) or 'nobody'}\nright: {_few(answer.facts) or 'nobody is known'}"
    axes.text(start, 3.8, told, fontsize=9, va="top")
    axes.text(0.5, 0.3, "question", fontsize=9, color=ACCENT, ha="center")
    axes.text(right + 0.5, 0.3, "answer", fontsize=9, color=RIGHT, ha="center")
    key = "area of a white square: activity of the unit, 0 to 1\nred dot: a right answer"
    _told_below(axes, shown, key)
    return figure


def _in_columns(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Units below each other in as many columns as there must be, (rows, columns); not a number where none is left."""
    columns = -(-len(values) // TALLEST)
    rows = -(-len(values) // columns)
    padded = np.full(rows * columns, np.nan)
    padded[: len(values)] = values
    return padded.reshape(columns, rows).T


@styled
def draw_activities(model: Model, case: Case) -> Figure:
    """Nature, fig. 3: the activity of every unit in the five layers for one question.

    The area of a white square is the activity of its unit; of the person units, the English stand above the Italian;
    dots mark the right answers. The input is at the bottom, the answer on top.
    """
    people, relations = _rows(model.task.people), _rows(model.task.relations)
    activities = {name: y.reshape(-1) for name, y in model.activities(case).items()}
    facts = model.ask(*case).facts
    columns = len(people[0])
    right = columns + 1.5
    middle = columns / 2 - 3
    figure = Figure(figsize=(8.4, 8.8))
    axes = figure.add_axes((0, 0, 1, 1))

    def block(layer: str, x: float, y: float, rows: int = 1, label: str = "") -> list[tuple[float, float]]:
        axes.text(x - 0.2, y + 0.5, label, fontsize=9, color=MUTED, ha="right", va="center", linespacing=1.1)
        return hinton_squares(axes, activities[layer].reshape(rows, -1), x, y)

    answers = block("answer", 0, 16.4, rows=2)
    for (x, y), name in zip(answers, model.task.people, strict=True):
        if name in facts:
            axes.add_patch(Circle((x, y), 0.15, facecolor=RIGHT, edgecolor="white", linewidth=0.8, zorder=4))
    for y in (16.4, 2.1):
        _row_labels(axes, people, 0, y)
    _names_outside(axes, people, 0, 16.4, facts, RIGHT)
    block("penultimate", middle, 11.0, label="penultimate layer:\n6 units")
    block("central", 0, 8.7, label="central:\n12 units")
    block("person code", middle, 6.4, label="person code:\n6 units")
    block("relation code", right, 6.4)
    axes.text(right + 1, 7.6, "relation code: 6 units", fontsize=9, color=MUTED)
    block("person", 0, 2.1, rows=2)
    block("relation", right, 2.1, rows=2)
    _names_outside(axes, people, 0, 2.1, (case.person,), ACCENT)
    _names_outside(axes, relations, right, 2.1, (case.relation,), ACCENT)
    for (x1, y1), (x2, y2) in (
        ((columns / 2, 4.3), (columns / 2, 6.25)),
        ((right + 3, 4.3), (right + 3, 6.25)),
        ((columns / 2, 7.5), (columns / 2, 8.6)),
        ((right + 0.5, 7.5), (columns - 0.5, 8.6)),
        ((columns / 2, 9.8), (columns / 2, 10.9)),
        ((columns / 2, 12.1), (columns / 2, 13.7)),
    ):
        axes.annotate("", (x2, y2), (x1, y1), arrowprops={"arrowstyle": "-|>", "color": "#b5b5b5", "linewidth": 1.4})
    axes.text(right, 17.9, "answer: 24 person units", fontsize=10, color=MUTED, va="center")
    axes.text(right, 16.9, "\u25cf right answer", fontsize=10, color=RIGHT, va="center")
    axes.text(right, 0.0, "blue: the question", fontsize=9, color=ACCENT, va="top")
    axes.text(-2.0, 21.9, f"{case.person} has-{case.relation} ?", fontsize=15, fontweight="bold", va="top")
    axes.text(right, -0.6, "area of a white square:\nactivity of the unit, 0 to 1", fontsize=9, color=MUTED, va="top")
    axes.set_xlim(-2.4, columns + 8.4)
    axes.set_ylim(-1.6, 22.4)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure


def _names_outside(
    axes: Axes, rows: tuple[Sequence[str], Sequence[str]], x: float, y: float, strong: Sequence[str], colour: str
) -> None:
    """The names of a block of two rows: the upper row's above it, the lower row's below it."""
    _names_along(axes, rows[0], x, y + 2.2, above=True, strong=strong, colour=colour)
    _names_along(axes, rows[1], x, y - 0.2, above=False, strong=strong, colour=colour)
