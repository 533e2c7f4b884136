"""How alike the codes of people are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from family_trees.analysis.likeness import similarity
from family_trees.models.model import Model
from family_trees.views.figures.layout import _short, _title
from family_trees.views.figures.people import _codes
from family_trees.views.figures.style import RIGHT, styled
from family_trees.views.figures.view import View


@styled
def draw_similarity_of(model: Model, shown: View) -> Figure:
    """How alike the codes of the shown people are; light is alike, and white lines part the generations."""
    values = similarity(_codes(model, shown)[None])[0]
    names = [_short(name) for name in shown.people]
    size = 2.6 + 0.19 * len(names)
    figure = Figure(figsize=(size, size), layout="constrained")
    axes = figure.subplots()
    axes.imshow(np.where(np.eye(len(values), dtype=bool), np.nan, values), cmap="cividis")
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7.5, color="black")
    axes.set_yticks(range(len(names)), names, fontsize=7.5, color="black")
    axes.tick_params(length=0)
    ends = np.cumsum([len(own) for _, own in shown.rows])[:-1]
    for end in ends:
        axes.axhline(end - 0.5, color="white", linewidth=1.5)
        axes.axvline(end - 0.5, color="white", linewidth=1.5)
    figure.suptitle(_title("Likeness of person codes: light is alike", shown), fontsize=11, x=0.01, ha="left")
    return figure


@styled
def draw_similarity(
    panels: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]], names: Sequence[str]
) -> Figure:
    """How alike the codes are: of all people, and of the English and Italians without the units that tell nationality.

    Args:
        panels: per row of panels, its title, and two matrices, (people, people), between 0 and 1: with all units, and
            without those that encode nationality. Light is alike.
        names: of the people, in the paper's order: the English, then their equivalents.
    """
    figure = Figure(figsize=(10.6, 0.3 + 5.0 * len(panels)), layout="constrained")
    half = len(names) // 2
    grid = figure.subplots(len(panels), 2, squeeze=False)
    for (whole, quarter), (title, (values, without)) in zip(grid, panels.items(), strict=True):
        everybody = np.where(
            np.eye(len(values), dtype=bool), np.nan, values
        )  # that one is equal to oneself says nothing
        for axes, matrix, rows, columns in (
            (whole, everybody, names, names),
            (quarter, without[:half, half:], names[:half], names[half:]),
        ):
            size = 7.5 if axes is whole else 9.5
            axes.imshow(matrix, cmap="cividis")
            axes.set_xticks(range(len(columns)), columns, rotation=90, fontsize=size, color="black")
            axes.set_yticks(range(len(rows)), rows, fontsize=size, color="black")
            axes.tick_params(length=0)
        for line in (whole.axhline, whole.axvline):
            line(half - 0.5, color="white", linewidth=1.5)
        whole.set_title(f"{title}: all people")
        quarter.set_title("English and Italian, without nationality units")
        quarter.plot(range(half), range(half), ".", color=RIGHT, markersize=4)
    return figure
