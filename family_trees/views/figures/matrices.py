"""People and relations as matrices: people in their tree, relations side by side, and a question as a product."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from family_trees.analysis.own_axes import Matrices, matrices_of
from family_trees.analysis.readout import rotation_between_trees
from family_trees.families.drawing import Drawing
from family_trees.families.task import Case
from family_trees.models.model import Model
from family_trees.support.prose import says
from family_trees.views.figures.layout import hinton_squares, short_name, title_with_part
from family_trees.views.figures.style import MUTED_COLOUR, RIGHT_COLOUR, Figure, styled
from family_trees.views.figures.view import View, view_of

MATRIX_INCHES = 0.62
"""The side of the drawing of a matrix."""

MOST_RELATIONS = 24
"""The most relations that are drawn."""

NAME_WIDTH = 14
"""The most letters in a line of a name in a tree."""

NEAREST_SHOWN = 4
"""The people beside a product: the nearest ones."""

KEY = "white: above 0, black: below 0; area: the size of the number"
ANY_AXES = "Any rotation gives the same answers; this one shows first where people differ most."


@styled
def draw_people_as_matrices(model: Model, view: View | None = None) -> Figure:
    """Each person as a small matrix of squares, at the place in the family tree.

    For the trees of 1986, a third tree shows the Italians turned by one rotation: it looks like the English one if that
    rotation is what makes them Italian.

    Args:
        view: the people to show; by default as `view_of` chooses them.

    Raises:
        FamilyTreesError: the model has no matrices.
    """
    view = view or view_of(model)
    found = matrices_of(model)
    trees: list[tuple[str, Drawing, NDArray[np.float64]]] = [
        (drawing.title, drawing, found.people) for drawing in view.drawings or (_row_of(view),)
    ]
    title = title_with_part(f"People as {'vectors' if found.people.shape[2] == 1 else 'matrices'}", view)
    turned = rotation_between_trees(model.weights, model.task, model.architecture)
    if view.has_paper_layout and turned is not None and found.turned is not None:
        what = "sign" if found.people.shape[2] == 1 else "rotation"
        trees.append((f"Italian family, turned by one {what}", view.drawings[1], found.turned))
        title = says(
            turned.met == 1,
            f"One {what} turns the Italian family into the English one",
            f"No one {what} turns the whole Italian family into the English one",
        )
    return _draw_trees(model, trees, title)


def _row_of(view: View) -> Drawing:
    """People without a tree, in rows of eight."""
    return Drawing({name: (float(k % 8), float(k // 8)) for k, name in enumerate(view.people)}, ())


def _draw_trees(model: Model, trees: Sequence[tuple[str, Drawing, NDArray[np.float64]]], title: str) -> Figure:
    """One tree below the other. The unit of length is the side of a square of a matrix."""
    _, rows, columns = trees[0][2].shape
    matrices = [_block(each) for each in trees[0][2][:1]]
    tall, wide = matrices[0].shape
    step_x, step_y = max(wide * 1.35, wide + 1.5, 6.5), tall + 4.0
    across = max(max(x for x, _ in drawing.places.values()) for _, drawing, _ in trees)
    least = min(min(x for x, _ in drawing.places.values()) for _, drawing, _ in trees)
    heights = [step_y * max(row for _, row in drawing.places.values()) + tall + 4.6 for _, drawing, _ in trees]
    left = step_x * least - wide / 2 - 1
    right = max(step_x * across + wide / 2 + 1, left + 66.0)  # the key needs room
    top, bottom = 6.0, -sum(heights) - 2.4
    cell = MATRIX_INCHES / 6
    figure = Figure(figsize=(cell * (right - left), cell * (top - bottom)))
    axes = figure.add_axes((0, 0, 1, 1))
    largest = max(float(np.abs(values).max()) for _, _, values in trees) or 1.0
    y = 0.0
    for (name, drawing, values), height in zip(trees, heights, strict=True):
        axes.text(left + 1, y + 1.4, name, fontsize=10, fontweight="bold", va="bottom")
        for line in drawing.lines:
            xs, downs = zip(*line.points, strict=True)
            axes.plot(
                [step_x * x for x in xs],
                [y - tall / 2 - step_y * down for down in downs],
                color="#b5b5b5",
                lw=1,
                zorder=0,
            )
        for person, (x, row) in drawing.places.items():
            middle, upper = step_x * x, y - step_y * row
            block = _block(values[model.task.person_index[person]]) / largest
            hinton_squares(axes, block, middle - wide / 2, upper - tall)
            label = "\n".join(wrap(short_name(person), NAME_WIDTH, max_lines=2, placeholder="\u2026"))
            box = {"facecolor": "white", "edgecolor": "none", "pad": 0.4}
            axes.text(
                middle,
                upper - tall - 0.5,
                label,
                fontsize=7.5,
                ha="center",
                va="top",
                zorder=2,
                bbox=box,
                linespacing=1,
            )
        y -= height
    axes.text(left + 1, top - 0.6, title, fontsize=12, fontweight="bold", va="top")
    size = f"{rows} numbers, in rows of {wide}" if columns == 1 else f"{rows} x {columns} numbers"
    axes.text(left + 1, bottom + 0.6, f"Each person is {size}; {KEY}.\n{ANY_AXES}", fontsize=8, color=MUTED_COLOUR)
    return _framed(figure, axes, (left, right, bottom, top))


def _block(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """A matrix as it is drawn; a vector in rows of at most six."""
    if matrix.shape[1] > 1:
        return matrix
    across = min(len(matrix), 6)
    padded = np.zeros(-(-len(matrix) // across) * across)
    padded[: len(matrix)] = matrix[:, 0]
    return padded.reshape(-1, across)


def _framed(figure: Figure, axes: Axes, ends: tuple[float, float, float, float]) -> Figure:
    axes.set_xlim(*ends[:2])
    axes.set_ylim(*ends[2:])
    axes.set_aspect("equal")
    axes.axis("off")
    return figure


@styled
def draw_relations_as_matrices(model: Model) -> Figure:
    """Each relation as a matrix of squares, in rows of six.

    Raises:
        FamilyTreesError: the model has no matrices.
    """
    relations = matrices_of(model).relations[:MOST_RELATIONS]
    names = model.task.relations[: len(relations)]
    side = relations.shape[1]
    across = min(6, len(relations))
    largest, step_x, step_y = float(np.abs(relations).max()) or 1.0, side + 2.0, side + 3.2
    down = -(-len(relations) // across)
    cell = max(0.11, 0.9 / side)
    line = 0.2 / cell  # the height of a line of text, in cells
    right = max(step_x * across - 1, 7.0 / cell)
    bottom = -step_y * (down - 1) - side - 2.6 * line
    top = 2.9 * line
    figure = Figure(figsize=(cell * (right + 1), cell * (top - bottom)))
    axes = figure.add_axes((0, 0, 1, 1))
    for k, (name, matrix) in enumerate(zip(names, relations, strict=True)):
        x, y = step_x * (k % across), -step_y * (k // across)
        hinton_squares(axes, matrix / largest, x, y - side)
        axes.text(x + side / 2, y + 0.3, short_name(name), fontsize=9, ha="center", va="bottom")
    more = f", the first {len(names)} of {len(model.task.relations)}" if len(names) < len(model.task.relations) else ""
    axes.text(
        0,
        top - 0.5 * line,
        f"Relations as matrices{more}: to ask is to multiply",
        fontsize=12,
        fontweight="bold",
        va="top",
    )
    key = f"Each relation is {side} x {side} numbers; {KEY}.\n{ANY_AXES}"
    axes.text(0, bottom + 0.3 * line, key, fontsize=8, color=MUTED_COLOUR)
    return _framed(figure, axes, (-1, right, bottom, top))


@styled
def draw_product(model: Model, case: Case) -> Figure:
    """A question as a product of matrices, and the people nearest to it.

    Raises:
        FamilyTreesError: the model has no matrices.
    """
    found, task, answer = matrices_of(model), model.task, model.ask(*case)
    relation = found.relations[task.relation_index[case.relation]]
    person = found.people[task.person_index[case.person]]
    product = relation @ person
    distance = np.sqrt(np.sum((found.people - product) ** 2, axis=(1, 2)))
    shown = max(NEAREST_SHOWN, min(len(answer.answers), 8) + 1)
    nearest = np.argsort(distance, kind="stable")[:shown]
    return _draw_product(
        found, case, (relation, person, product), [(task.people[k], distance[k]) for k in nearest], model
    )


def _draw_product(
    found: Matrices,
    case: Case,
    factors: tuple[NDArray[np.float64], ...],
    nearest: Sequence[tuple[str, float]],
    model: Model,
) -> Figure:
    """Relation times person is the product, and the nearest people from the left to the right, with their distances."""
    task, answer = model.task, model.ask(*case)
    tall = int(found.people.shape[1])
    largest = max(float(np.abs(each).max()) for each in (*factors, found.people)) or 1.0
    cell = max(0.13, 0.95 / tall)
    letter, line = 0.085 / cell, 0.2 / cell  # the width of a letter and the height of a line, in cells

    def width(values: NDArray[np.float64], label: str) -> float:
        return max(float(values.shape[1]), letter * len(label))

    x = 0.0
    blocks: list[tuple[float, NDArray[np.float64] | None, str, str, str]] = []
    labels = (case.relation, case.person, "product")
    for values, label, sign in zip(factors, labels, ("\u00d7", "=", "is near"), strict=True):
        blocks.append((x + width(values, label) / 2, values, short_name(label), "", "black"))
        space = letter * (len(sign) + 6)
        x += width(values, label) + space
        blocks.append((x - space / 2, None, sign, "", "black"))
    answers = {each.person for each in answer.answers}
    for name, distance in nearest:
        colour = RIGHT_COLOUR if name in answer.facts else "black"
        matrix, label = found.people[task.person_index[name]], short_name(name)
        below = f"{distance:.2f} away" + ("\nan answer" if name in answers else "")
        wide = max(width(matrix, label), letter * 9)
        blocks.append((x + wide / 2, matrix, label, below, colour))
        x += wide + 2 * letter
    right, bottom, top = max(x, 6.4 / cell), -tall - 4.4 * line, 3.2 * line
    figure = Figure(figsize=(cell * (right + 1), cell * (top - bottom)))
    axes = figure.add_axes((0, 0, 1, 1))
    for middle, drawn, label, below, colour in blocks:
        if drawn is None:
            axes.text(middle, -tall / 2, label, fontsize=12, ha="center", va="center")
            continue
        hinton_squares(axes, drawn / largest, middle - drawn.shape[1] / 2, -tall)
        style: dict[str, Any] = {"ha": "center", "linespacing": 1.15}
        axes.text(middle, 0.25 * line, label, fontsize=9.5, color=colour, va="bottom", **style)
        axes.text(middle, -tall - 0.3 * line, below, fontsize=8, color=MUTED_COLOUR, va="top", **style)
    named = ", ".join(each.person for each in answer.answers[:3]) or "nobody"
    more = f" and {len(answer.answers) - 3} more" if len(answer.answers) > 3 else ""
    title = f"{case.person} has-{case.relation} ? {named}{more}"
    axes.text(0, top - 0.5 * line, title, fontsize=12, fontweight="bold", va="top")
    words = (
        f"red: right by the facts; {KEY}\nAn answer has more than a quarter of the probability of the nearest person."
    )
    axes.text(0, bottom + 0.3 * line, words, fontsize=8, color=MUTED_COLOUR)
    return _framed(figure, axes, (-1, right, bottom, top))
