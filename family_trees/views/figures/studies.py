"""The figures of the studies. Each is a function from a table to a matplotlib figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator, NullLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import NDArray

from family_trees.families.task import Task
from family_trees.views.figures.style import (
    ACCENT_COLOUR,
    GRID_STYLE,
    LINE_COLOURS,
    MUTED_COLOUR,
    RIGHT_COLOUR,
    Figure,
    styled,
)
from family_trees.views.figures.view import name_rows_of_task

if TYPE_CHECKING:
    import pandas as pd

MARKERS = ("o", "s", "^", "D")
"""The markers of lines, in order."""


@styled
def draw_lines(
    table: pd.DataFrame,
    along: str,
    axis_label: str,
    measures: Mapping[str, str],
    *,
    by: str = "recipe",
    most: float = 100,
    reported: Mapping[str, tuple[str, float]] | None = None,
) -> Figure:
    """Shares along an axis, with their intervals: a panel a measure, and a line for each value of `by`.

    Args:
        table: has the columns `by` and `along`, and for each measure `x` the columns `x`, `x_low` and `x_high`.
        along: the column of the horizontal axis, which is logarithmic.
        axis_label: the label of that axis.
        measures: per column of shares, its title.
        by: the column whose values are the lines.
        most: the end of the vertical axis, in percent.
        reported: per measure, a label and a share that others report; it is drawn as a line.
    """
    across = 2 if len(measures) == 4 else len(measures)
    down = -(-len(measures) // across)
    figure = Figure(figsize=(1 + 3.9 * across, 0.5 + 3.4 * down), layout="constrained")
    panels = figure.subplots(down, across, squeeze=False).flat
    ticks = sorted(set(table[along]))
    for axes, (measure, title) in zip(panels, measures.items(), strict=True):
        for k, (name, rows) in enumerate(table.groupby(by, sort=False)):
            colour, marker = LINE_COLOURS[k], MARKERS[k]
            ordered = rows.sort_values(along)
            x, y = ordered[along].to_numpy(), 100 * ordered[measure].to_numpy()
            ends = 100 * ordered[[f"{measure}_low", f"{measure}_high"]].to_numpy().T
            style = {"color": colour, "marker": marker, "linewidth": 2, "capsize": 3}
            axes.errorbar(x, y, yerr=np.abs(ends - y), label=str(name), **style)
        if reported is not None and measure in reported:
            label, share = reported[measure]
            axes.axhline(100 * share, color=MUTED_COLOUR, linewidth=1, linestyle="--")
            axes.text(ticks[0], 100 * share + 0.012 * most, label, fontsize=8.5, color=MUTED_COLOUR, va="bottom")
        axes.set_title(f"{title}, %")
        axes.set_xlabel(axis_label)
        axes.set_xscale("log")
        axes.set_xticks(ticks, [f"{x:,}" for x in ticks])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_ylim(-0.01 * most, 1.04 * most)
        axes.grid(axis="y", **GRID_STYLE)
    _legend(figure)
    return figure


@styled
def draw_bars(
    table: pd.DataFrame,
    measures: Mapping[str, str],
    *,
    label: str = "recipe",
    strong: Sequence[str] = (),
    reported: Mapping[str, tuple[float, float]] | None = None,
) -> Figure:
    """Shares as bars with intervals: a panel a measure, and a bar a row of the table, the first on top.

    Args:
        table: has the column `label`, and for each measure `x` the columns `x`, `x_low` and `x_high`.
        measures: per column of shares, its title.
        label: the column with the names of the bars.
        strong: the names whose bars are emphasised.
        reported: per measure, the lowest and the highest share that others report; drawn as a band.
    """
    names = table[label].tolist()
    figure = Figure(figsize=(2.4 + 3.4 * len(measures), 1.1 + 0.27 * len(names)), layout="constrained")
    panels = figure.subplots(1, len(measures), squeeze=False, sharey=True)[0]
    places = np.arange(len(names))
    colours = [ACCENT_COLOUR if name in strong else "#9db8d3" for name in names]
    for axes, (measure, title) in zip(panels, measures.items(), strict=True):
        share = 100 * table[measure].to_numpy()
        low, high = (100 * table[f"{measure}_{end}"].to_numpy() for end in ("low", "high"))
        axes.barh(places, share, color=colours, height=0.72)
        around = np.abs(np.array([share - low, high - share]))
        axes.errorbar(share, places, xerr=around, fmt="none", ecolor="black", elinewidth=1, capsize=2)
        for place, value, end in zip(places, share, high, strict=True):
            axes.text(max(value, end) + 1.5, place, f"{value:.0f}", va="center", fontsize=8.5)
        if reported is not None and measure in reported:
            start, end = (100 * share for share in reported[measure])
            axes.axvspan(start, end, color=LINE_COLOURS[1], alpha=0.22, linewidth=0, zorder=0)
            axes.text((start + end) / 2, -0.62, "reported by others", fontsize=8.5, color=LINE_COLOURS[1], ha="center")
        axes.set_yticks(places, names, color="black")
        axes.tick_params(axis="y", length=0)
        axes.set_xlim(0, 108)
        axes.set_xticks(range(0, 101, 25))
        axes.set_title(f"{title}, %")
        axes.grid(axis="x", **GRID_STYLE)
        axes.set_axisbelow(True)
    panels[0].set_ylim(len(names) - 0.4, -0.6 if reported is None else -1.0)
    return figure


@styled
def draw_case_map(table: pd.DataFrame, task: Task) -> Figure:
    """How often each case is right when it is held out: a matrix of people by relations.

    The English stand beside their Italian equivalents. Other people are in one panel.

    Args:
        table: as `summaries.case_summary` gives it, for one recipe, number of held-out cases and checkpoint.
    """
    people, relations = task.people, task.relations
    shares = np.full((len(people), len(relations)), np.nan)
    for person, relation, share in zip(table["person"], table["relation"], table["right"], strict=True):
        shares[task.person_index[person], task.relation_index[relation]] = share
    rows = name_rows_of_task(task)
    figure = Figure(figsize=(9.6, 5.4), layout="constrained")
    for axes, (label, names) in zip(figure.subplots(1, len(rows), squeeze=False)[0], rows, strict=True):
        image = _draw_shares(axes, shares[[task.person_index[name] for name in names]], names, relations)
        axes.tick_params(axis="x", rotation=90)
        axes.set_title(f"{label} facts, % of networks that infer them".lstrip())
    figure.colorbar(image, ax=figure.axes, shrink=0.6, label="networks that infer the fact", format=PercentFormatter(1))
    return figure


@styled
def draw_grid(
    panels: Mapping[str, NDArray[np.float64]], rows: Sequence[str], columns: Sequence[str], words: tuple[str, str, str]
) -> Figure:
    """Shares over two axes, as matrices of coloured cells.

    Args:
        panels: per title, shares between 0 and 1, (rows, columns). A share that is not a number is not drawn.
        rows: the names of the rows; likewise `columns`.
        words: the labels of the rows, of the columns, and of the shares.
    """
    size = (1.2 + max(4.2, 0.62 * len(columns)) * len(panels), max(3.9, 1.6 + 0.36 * len(rows)))
    figure = Figure(figsize=size, layout="constrained")
    for axes, (title, shares) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        image = _draw_shares(axes, shares, rows, columns)
        if max(map(len, columns)) > 4:
            axes.tick_params(axis="x", rotation=90)
        axes.set_title(title)
        axes.set_ylabel(words[0])
        axes.set_xlabel(words[1])
    figure.colorbar(image, ax=figure.axes, shrink=0.8, label=words[2], format=PercentFormatter(1))
    return figure


@styled
def draw_race(table: pd.DataFrame) -> Figure:
    """What the gradient adds to the weights and what decay takes, by sweep: a row of panels a recipe, a column a layer.

    Args:
        table: columns `recipe`, `layer` and `sweep`; `added`, the size of what the gradient adds to the weights of the
            layer in that sweep; and `taken`, the size of what decay takes.
    """
    recipes, layers = (list(dict.fromkeys(table[column])) for column in ("recipe", "layer"))
    figure = Figure(figsize=(2.1 * len(layers) + 0.6, 2.25 * len(recipes) + 0.9), layout="constrained")
    grid = figure.subplots(len(recipes), len(layers), sharex=True, sharey=True, squeeze=False)
    for (recipe, layer), rows in table.groupby(["recipe", "layer"], sort=False):
        axes = grid[recipes.index(recipe)][layers.index(layer)]
        sweep, added, taken = (rows[column].to_numpy() for column in ("sweep", "added", "taken"))
        axes.fill_between(
            sweep, added, taken, where=added < taken, color=RIGHT_COLOUR, alpha=0.18, interpolate=True, lw=0
        )
        axes.plot(sweep, taken, color=RIGHT_COLOUR, linewidth=1.8, linestyle="--", label="decay takes")
        axes.plot(sweep, added, color=ACCENT_COLOUR, linewidth=1.8, label="the gradient adds")
        axes.set_yscale("log")
        axes.set_xlim(0, rows["sweep"].max())
        axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
        axes.grid(axis="y", **GRID_STYLE)
        if recipe == recipes[0]:
            axes.set_title(layer, fontsize=10)
        if recipe == recipes[-1]:
            axes.set_xlabel("sweep")
        if layer == layers[0]:
            axes.set_ylabel(f"{recipe}\n\nchange of weights a sweep")
        if np.mean(added < taken) > 0.5:
            axes.text(0.97, 0.62, "decay wins", color=RIGHT_COLOUR, ha="right", fontsize=9, transform=axes.transAxes)
    _legend(figure)
    return figure


@styled
def draw_window(table: pd.DataFrame, bounds: pd.DataFrame) -> Figure:
    """The share learned by epsilon and initial range, and the bounds of epsilon between which the equations allow it.

    Args:
        table: columns `kind` (each is a panel), `initial_range`, `epsilon_factor` and `training_share`.
        bounds: columns `kind` and `initial_range`; `smallest` and `largest`, in multiples of the printed epsilon.
    """
    kinds = list(dict.fromkeys(table["kind"]))
    figure = Figure(figsize=(1.4 + 4.4 * len(kinds), 5.0), layout="constrained")
    panels = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
    for axes, kind in zip(panels, kinds, strict=True):
        of_kind, bound = table[table["kind"] == kind], bounds[bounds["kind"] == kind]
        shares = of_kind.pivot_table(index="epsilon_factor", columns="initial_range", values="training_share")
        x, y = shares.columns.to_numpy(dtype=float), shares.index.to_numpy(dtype=float)
        cells = axes.pcolormesh(_edges(x), _edges(y), shares.to_numpy(), cmap="cividis", vmin=0, vmax=1)
        for (i, j), share in np.ndenumerate(shares.to_numpy()):
            if np.isfinite(share):
                colour = "white" if share < 0.5 else "black"
                axes.text(x[j], y[i], f"{100 * share:.0f}", ha="center", va="center", fontsize=7.5, color=colour)
        for column, words, marker in (
            ("smallest", "below, decay wins", "--"),
            ("largest", "above, steps too large", ":"),
        ):
            axes.plot(
                bound["initial_range"], bound[column], color=RIGHT_COLOUR, linewidth=2.4, linestyle=marker, label=words
            )
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks(x, [f"{tick:g}" for tick in x])
        axes.set_yticks(y, ["printed: 1" if tick == 1 else f"{tick:g}" for tick in y])
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_minor_locator(NullLocator())
        axes.set_xlim(_edges(x)[0], _edges(x)[-1])
        axes.set_ylim(_edges(y)[0], _edges(y)[-1])
        axes.set_title(kind)
        axes.set_xlabel("initial weights: uniform, to plus or minus this")
    panels[0].set_ylabel("epsilon, times the printed")
    figure.colorbar(
        cells, ax=panels, shrink=0.8, label="training cases right after 1500 sweeps", format=PercentFormatter(1)
    )
    handles, labels = panels[0].get_legend_handles_labels()
    labels = [f"the equations say: {label}" for label in labels]
    figure.legend(handles, labels, loc="outside upper left", ncols=2, frameon=False)
    return figure


@styled
def draw_calibration(panels: Mapping[str, pd.DataFrame], words: tuple[str, str]) -> Figure:
    """Predicted and measured shares, a point a split. A large point is the mean of a fifth of the splits.

    If few values are possible, points are moved up or down by at most 4 percentage points, so that they do not hide
    each other.

    Args:
        panels: per title, columns `predicted` and `measured`, shares between 0 and 1.
        words: the labels of the predicted and of the measured shares.
    """
    figure = Figure(figsize=(4.4 * len(panels), 4.2), layout="constrained")
    rng = np.random.default_rng(0)
    for axes, (title, table) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        predicted, measured = (100 * table[column].to_numpy() for column in ("predicted", "measured"))
        few_values = len(set(measured)) < 10  # points would hide each other
        spread = rng.uniform(-4, 4, len(measured)) if few_values else 0
        axes.plot([0, 100], [0, 100], color=MUTED_COLOUR, linewidth=1, linestyle="--")
        axes.plot(
            predicted,
            measured + spread,
            ".",
            color=ACCENT_COLOUR,
            alpha=0.15 if few_values else 0.5,
            markersize=5,
            mew=0,
        )
        fifths = np.array_split(np.argsort(predicted, kind="stable"), 5)
        means = np.array([(predicted[some].mean(), measured[some].mean()) for some in fifths])
        axes.plot(*means.T, "o", color=LINE_COLOURS[1], markersize=9, markeredgecolor="white")
        axes.set_title(title)
        axes.set_xlabel(f"{words[0]}, %")
        axes.set_ylabel(f"{words[1]}, %")
        axes.set_xlim(0, 100)
        axes.set_ylim(-6, 106)
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.grid(**GRID_STYLE)
    return figure


def _edges(centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """The edges of cells around `centres` on a logarithmic axis."""
    if len(centres) < 2:
        return np.array([centres[0] / 1.5, centres[0] * 1.5])
    between = np.sqrt(centres[1:] * centres[:-1])
    return np.array([centres[0] ** 2 / between[0], *between, centres[-1] ** 2 / between[-1]])


def _draw_shares(axes: Axes, shares: NDArray[np.float64], rows: Sequence[str], columns: Sequence[str]) -> AxesImage:
    """Draw shares between 0 and 1 as colours and percents. A share that is not a number is not drawn."""
    image = axes.imshow(shares, vmin=0, vmax=1, cmap="cividis", aspect="auto")
    axes.set_xticks(range(len(columns)), columns, color="black")
    axes.set_yticks(range(len(rows)), rows, color="black")
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    for (i, j), share in np.ndenumerate(shares):
        if np.isfinite(share):
            colour = "white" if share < 0.5 else "black"
            axes.text(j, i, f"{100 * share:.0f}", ha="center", va="center", fontsize=8, color=colour)
    return image


def _legend(figure: Figure) -> None:
    """Draw one legend for the lines of all panels, above them."""
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=len(labels), frameon=False)
