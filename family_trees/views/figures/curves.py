"""Figures of learning by sweep: the error, the cases that are right, and what the units come to encode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, StrMethodFormatter
from numpy.typing import NDArray

from family_trees.views.figures.layout import hinton_squares, names_over_columns
from family_trees.views.figures.style import (
    ACCENT_COLOUR,
    GRID_STYLE,
    LINE_COLOURS,
    MUTED_COLOUR,
    WIDTH,
    Figure,
    headline,
    key_below_panels,
    styled,
    titled,
)
from family_trees.views.figures.view import NameRow

if TYPE_CHECKING:
    import pandas as pd


@styled
def draw_curves(means: pd.DataFrame, training_cases: int, held_out_cases: int) -> Figure:
    """Learning curves: E, training cases right, and held-out cases right, by sweep.

    Args:
        means: as `training_tables.curve_means` gives them. A line is the mean of a recipe, a band its 95% interval.
        training_cases: the number of training cases of each network; likewise `held_out_cases`.
    """
    panels = [
        ("E, logarithmic", "squared_error", None),
        (f"training cases right, of {training_cases}", "training_right", training_cases),
        (f"held-out cases right, of {held_out_cases}", "held_out_right", held_out_cases),
    ]
    panels = panels if held_out_cases else panels[:2]
    figure = Figure(figsize=(WIDTH, 3.1), layout="constrained")
    for axes, (title, measure, most) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        for colour, (label, rows) in zip(LINE_COLOURS, means.groupby("recipe", sort=False), strict=False):
            axes.plot(rows["sweep"], rows[measure], color=colour, linewidth=2, label=str(label))
            low, high = (rows[f"{measure}_{end}"].clip(upper=most) for end in ("low", "high"))
            axes.fill_between(rows["sweep"], low, high, color=colour, alpha=0.2, linewidth=0)
        axes.set_title(title)
        axes.set_xlabel("sweep")
        axes.set_xlim(0, means["sweep"].max() or 1)
        axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
        axes.grid(axis="y", **GRID_STYLE)
        if most is None:
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axes.yaxis.set_minor_locator(NullLocator())
        else:
            axes.set_ylim(-0.02 * most, 1.04 * most)
            axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    key_below_panels(figure)
    ends = [(str(name), rows["training_right"].iloc[-1]) for name, rows in means.groupby("recipe", sort=False)]
    headline(figure, titled("curves", ends=ends, cases=training_cases))
    return figure


@styled
def draw_code_by_sweep(
    snapshots: Mapping[int, NDArray[np.float64]],
    rows: Sequence[tuple[int, str]],
    explained_by_sweep: Mapping[tuple[int, int], float],
    names: Sequence[NameRow] = (),
) -> Figure:
    """The weights to a code of one network during training: fig. 4 again and again, a row a unit and a column a sweep.

    Args:
        snapshots: by sweep, the weights from the names to the units, (names, units).
        rows: the units from top to bottom, each with its label. Units count from 0.
        explained_by_sweep: by sweep and unit, the share of variance that is written over the panel.
        names: the names in two rows, those of the upper and of the lower squares.
    """
    count = next(iter(snapshots.values())).shape[0]
    largest = max(float(np.abs(w).max()) for w in snapshots.values())
    columns = count // 2
    across, down, left = columns + 1.2, 3.3, 6.4
    above, below = (0.44 * max(map(len, row.names)) for row in names) if names else (0.0, 0.0)
    lowest = -2.2 - (len(rows) - 1) * down
    right, top, bottom = left + len(snapshots) * across - 0.8, 2.2 + above, lowest - below - 1.6
    figure = Figure(figsize=(WIDTH, WIDTH * (top - bottom) / right))
    axes = figure.add_axes((0, 0, 1, 1))
    for column, (sweep, weights) in enumerate(snapshots.items()):
        x = left + column * across
        axes.text(x + columns / 2, top - 0.2, f"sweep {sweep}", fontsize=10, fontweight="bold", ha="center", va="top")
        for row, (unit, _) in enumerate(rows):
            hinton_squares(axes, weights[:, unit].reshape(2, -1) / largest, x, -2.2 - row * down)
            if (sweep, unit) in explained_by_sweep:
                share = f"{explained_by_sweep[sweep, unit]:.0%}"
                axes.text(x, 0.3 - row * down, share, fontsize=8.5, color=ACCENT_COLOUR, va="center", ha="left")
        if names:
            names_over_columns(axes, names[0].names, x, 0.95, above=True, size=8)
            names_over_columns(axes, names[1].names, x, lowest - 0.3, above=False, size=8)
    for row, (_, label) in enumerate(rows):
        axes.text(left - 0.4, -1.2 - row * down, label, fontsize=9, ha="right", va="center", linespacing=1.1)
    key = "blue: variance explained; white: excitatory, black: inhibitory; area: size of the weight"
    axes.text(left, bottom + 0.3, key, fontsize=8.5, color=MUTED_COLOUR)
    axes.set_xlim(0, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("equal")
    axes.axis("off")
    last = max(snapshots)
    encoded = [label.split("\n")[-1] for unit, label in rows if explained_by_sweep.get((last, unit), 0.0) >= 0.5]
    headline(figure, titled("code_by_sweep", names=list(dict.fromkeys(encoded))))
    return figure


DISTINCTION_COLOURS = {
    "nationality": LINE_COLOURS[0],
    "generation": LINE_COLOURS[1],
    "generation step": LINE_COLOURS[1],
    "branch": LINE_COLOURS[2],
    "sex": LINE_COLOURS[3],
    "kind": MUTED_COLOUR,
}
"""A distinction has the same colour in every layer."""

DISTINCTION_STYLES = {LINE_COLOURS[0]: "-", LINE_COLOURS[1]: "--", LINE_COLOURS[2]: "-.", LINE_COLOURS[3]: ":"}


@styled
def draw_emergence(table: pd.DataFrame) -> Figure:
    """When each distinction emerges: the share explained in the best unit of a network, by sweep.

    A panel is a layer, and a line a distinction.

    Args:
        table: columns `layer`, `distinction`, `sweep`, and `median`, `low` and `high` over networks (quartiles).
    """
    names = list(dict.fromkeys(table["layer"]))
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    for axes, name in zip(figure.subplots(1, len(names), sharey=True, squeeze=False)[0], names, strict=True):
        of_layer = table[table["layer"] == name]
        for distinction, rows in of_layer.groupby("distinction", sort=False):
            x, y = rows["sweep"].to_numpy(), 100 * rows["median"].to_numpy()
            colour = DISTINCTION_COLOURS.get(str(distinction), MUTED_COLOUR)
            axes.fill_between(x, 100 * rows["low"], 100 * rows["high"], color=colour, alpha=0.13, linewidth=0)
            style = DISTINCTION_STYLES.get(colour, (0, (1, 1)))
            axes.plot(x, y, color=colour, linewidth=2, linestyle=style, label=str(distinction))
        axes.set_title(name)
        axes.set_xlabel("sweep")
        axes.set_xlim(0, of_layer["sweep"].max())
        axes.set_ylim(0, 100)
        axes.xaxis.set_minor_locator(NullLocator())
        axes.grid(axis="y", **GRID_STYLE)
        axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    figure.axes[0].set_ylabel("variance explained in the best unit, %")
    key_below_panels(figure, ncols=3)
    first = table[(table["layer"] == names[0]) & (table["median"] >= 0.5)]
    sweeps = sorted(first.groupby("distinction")["sweep"].min().items(), key=lambda found: found[1])
    headline(figure, titled("emergence", sweeps=sweeps))
    return figure
