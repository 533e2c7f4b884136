"""The figures of the studies. Each is a function from a table, and a headline, to a matplotlib figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator, PercentFormatter
from numpy.typing import NDArray

from family_trees.families.task import Task
from family_trees.views.figures.style import (
    ACCENT_COLOUR,
    GRID_STYLE,
    LINE_COLOURS,
    MUTED_COLOUR,
    RIGHT_COLOUR,
    WIDTH,
    Figure,
    headline,
    key_below_panels,
    styled,
)
from family_trees.views.figures.view import name_rows_of_task

if TYPE_CHECKING:
    import pandas as pd

MARKERS = ("o", "s", "^", "D")
"""The markers of lines, in order."""

LIGHT_COLOUR = "#9db8d3"
"""The colour of bars that are not emphasised."""

LABEL_GAP = 7
"""The least distance of two labels at the ends of lines, in percent of the axis."""


@styled
def draw_lines(
    table: pd.DataFrame, along: str, axis_label: str, measure: tuple[str, str], title: str, *, by: str = "recipe"
) -> Figure:
    """Shares along a logarithmic axis, with their intervals: a line for each value of `by`, named at its end.

    Args:
        table: has the columns `by` and `along`, and for the measure `x` the columns `x`, `x_low` and `x_high`.
        along: the column of the horizontal axis; `axis_label` is its label.
        measure: the column of shares, and its label.
        title: what the figure shows.
        by: the column whose values are the lines.
    """
    figure = Figure(figsize=(WIDTH, 3.5), layout="constrained")
    axes = figure.subplots()
    ticks = sorted(set(table[along]))
    ends: list[tuple[float, str, str]] = []
    for k, (name, rows) in enumerate(table.groupby(by, sort=False)):
        ordered = rows.sort_values(along)
        x, y = ordered[along].to_numpy(), 100 * ordered[measure[0]].to_numpy()
        around = np.abs(100 * ordered[[f"{measure[0]}_low", f"{measure[0]}_high"]].to_numpy().T - y)
        style: dict[str, Any] = {"color": LINE_COLOURS[k], "marker": MARKERS[k], "linewidth": 2, "capsize": 3}
        axes.errorbar(x, y, yerr=around, label=str(name), **style)
        ends.append((float(y[-1]), str(name), LINE_COLOURS[k]))
    height = -np.inf
    for end, name, colour in sorted(ends):
        height = max(end, height + LABEL_GAP)
        place = {"xy": (1.02, height), "xycoords": axes.get_yaxis_transform(), "va": "center"}
        axes.annotate(name, color=colour, fontweight="bold", annotation_clip=False, **place)  # type: ignore[arg-type]
    axes.set_xlabel(f"{axis_label} (logarithmic)")
    axes.set_ylabel(f"{measure[1]}, %")
    axes.set_xscale("log")
    axes.set_xticks(ticks, [f"{x:,}" for x in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_ylim(-1, 104)
    axes.grid(axis="y", **GRID_STYLE)
    headline(figure, title)
    return figure


@styled
def draw_bars(
    table: pd.DataFrame,
    measures: Mapping[str, str],
    title: str,
    *,
    label: str = "recipe",
    strong: tuple[Sequence[str], str, str] = ((), "", ""),
    group: str | None = None,
    reported: Mapping[str, float] | None = None,
) -> Figure:
    """Shares as bars with intervals: a panel a measure, and a bar a row of the table, the first on top.

    Args:
        table: has the column `label`, and for each measure `x` the columns `x`, `x_low` and `x_high`.
        measures: per column of shares, its title.
        title: what the figure shows.
        label: the column with the names of the bars.
        strong: the names whose bars are dark, what dark means, and what light means.
        group: a column by whose values bars stand together, below the value.
        reported: per measure, the share that others report; drawn as a line.
    """
    names = table[label].tolist()
    groups = names if group is None else table[group].tolist()
    first = [k for k in range(len(names)) if group is not None and (not k or groups[k] != groups[k - 1])]
    places = np.arange(len(names)) + np.cumsum([k in first for k in range(len(names))])
    row = 0.27 if all("\n" not in str(name) for name in names) else 0.42
    figure = Figure(figsize=(WIDTH, 0.9 + row * (places[-1] + 1)), layout="constrained")
    panels = figure.subplots(1, len(measures), squeeze=False, sharey=True)[0]
    dark = [str(name) in strong[0] for name in names]
    for axes, (measure, words) in zip(panels, measures.items(), strict=True):
        share = 100 * table[measure].to_numpy()
        low, high = (100 * table[f"{measure}_{end}"].to_numpy() for end in ("low", "high"))
        axes.barh(places, share, color=[ACCENT_COLOUR if of else LIGHT_COLOUR for of in dark], height=0.72)
        around = np.abs(np.array([share - low, high - share]))
        axes.errorbar(share, places, xerr=around, fmt="none", ecolor="black", elinewidth=1, capsize=2)
        for place, value, end in zip(places, share, high, strict=True):
            over_line = {"facecolor": "white", "edgecolor": "none", "pad": 1}
            axes.text(max(value, end) + 1.5, place, f"{value:.0f}", va="center", fontsize=9, bbox=over_line)
        if reported is not None and measure in reported:
            axes.axvline(100 * reported[measure], color=LINE_COLOURS[1], linewidth=2, zorder=0)

        axes.set_yticks(places, names, color="black")
        axes.tick_params(axis="y", length=0)
        axes.set_xlim(0, 110)
        axes.set_xticks(range(0, 101, 25))
        axes.set_xlabel(f"{words}, %")
        axes.grid(axis="x", **GRID_STYLE)
        axes.set_axisbelow(True)
    for k in first:
        words_at = {"transform": panels[0].get_yaxis_transform(), "ha": "right", "va": "center"}
        panels[0].text(-0.02, places[k] - 0.95, groups[k], fontweight="bold", **words_at)
    panels[0].set_ylim(places[-1] + 0.6, -0.6)
    key = [(ACCENT_COLOUR, strong[1])] * any(dark) + [(LIGHT_COLOUR, strong[2])] * (any(dark) and not all(dark))
    key += [(LINE_COLOURS[1], "reported by others")] * (reported is not None)
    handles = [Patch(color=colour, label=w) for colour, w in key if w]
    if handles:
        figure.legend(handles=handles, loc="outside lower left", ncols=len(handles), frameon=False)
    headline(figure, title)
    return figure


@styled
def draw_case_map(table: pd.DataFrame, task: Task, title: str = "How often each held-out case is right") -> Figure:
    """How often each case is right when it is held out: a matrix of people by relations.

    The English stand beside their Italian equivalents. Other people are in one panel.

    Args:
        table: as `summaries.case_summary` gives it, for one recipe, number of held-out cases and checkpoint.
        task: the people and relations.
        title: what the figure shows.
    """
    people, relations = task.people, task.relations
    shares = np.full((len(people), len(relations)), np.nan)
    for person, relation, share in zip(table["person"], table["relation"], table["right"], strict=True):
        shares[task.person_index[person], task.relation_index[relation]] = share
    rows = name_rows_of_task(task)
    figure = Figure(figsize=(WIDTH, 5.2), layout="constrained")
    for axes, (label, names) in zip(figure.subplots(1, len(rows), squeeze=False)[0], rows, strict=True):
        image = _draw_shares(axes, shares[[task.person_index[name] for name in names]], names, relations)
        axes.tick_params(axis="x", rotation=90)
        axes.set_title(label)
    _colour_bar(figure, image, "networks that infer the fact")
    headline(figure, title)
    return figure


@styled
def draw_grid(
    panels: Mapping[str, NDArray[np.float64]],
    rows: Sequence[str],
    columns: Sequence[str],
    words: tuple[str, str, str],
    title: str,
) -> Figure:
    """Shares over two axes, as matrices of coloured cells. The first row is on top.

    Args:
        panels: per title, shares between 0 and 1, (rows, columns). A share that is not a number is not drawn.
        rows: the names of the rows; likewise `columns`.
        words: the labels of the rows, of the columns, and of the shares.
        title: what the figure shows.
    """
    figure = Figure(figsize=(WIDTH, max(4.2, 2.4 + 0.3 * len(rows))), layout="constrained")
    grid = figure.subplots(1, len(panels), squeeze=False, sharey=True)[0]
    for axes, (name, shares) in zip(grid, panels.items(), strict=True):
        image = _draw_shares(axes, shares, rows, columns)
        if max(map(len, columns)) > 4:
            axes.tick_params(axis="x", rotation=90)
        axes.set_title(name)
        axes.set_xlabel(words[1])
    grid[0].set_ylabel(words[0])
    _colour_bar(figure, image, words[2])
    headline(figure, title)
    return figure


@styled
def draw_race(table: pd.DataFrame, title: str) -> Figure:
    """What the gradient adds to the weights of a layer and what decay takes, by sweep: a panel a recipe.

    Args:
        table: columns `recipe` and `sweep`; `added`, the size of what the gradient adds to the weights in that sweep;
            and `taken`, the size of what decay takes.
        title: what the figure shows.
    """
    recipes = list(dict.fromkeys(table["recipe"]))
    figure = Figure(figsize=(WIDTH, 3.3), layout="constrained")
    panels = figure.subplots(1, len(recipes), sharex=True, sharey=True, squeeze=False)[0]
    for axes, recipe in zip(panels, recipes, strict=True):
        rows = table[table["recipe"] == recipe]
        sweep, added, taken = (rows[column].to_numpy() for column in ("sweep", "added", "taken"))
        lost = {"where": added < taken, "interpolate": True, "lw": 0}
        axes.fill_between(sweep, added, taken, color=RIGHT_COLOUR, alpha=0.18, label="decay wins", **lost)
        axes.plot(sweep, taken, color=RIGHT_COLOUR, linewidth=2, linestyle="--", label="decay takes")
        axes.plot(sweep, added, color=ACCENT_COLOUR, linewidth=2, label="the gradient adds")
        axes.set_yscale("log")
        axes.set_xlim(0, rows["sweep"].max())
        axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
        axes.grid(axis="y", **GRID_STYLE)
        axes.set_title(recipe)
        axes.set_xlabel("sweep")
    panels[0].set_ylabel("change of the weights a sweep")
    key_below_panels(figure)
    headline(figure, title)
    return figure


@styled
def draw_window(table: pd.DataFrame, bounds: pd.DataFrame, title: str) -> Figure:
    """The share learned by epsilon and initial range, and the bounds of epsilon between which the equations allow it.

    Args:
        table: columns `kind` (each is a panel), `initial_range`, `epsilon_factor` and `training_share`.
        bounds: columns `kind` and `initial_range`; `smallest` and `largest`, in multiples of the printed epsilon.
        title: what the figure shows.
    """
    kinds = list(dict.fromkeys(table["kind"]))
    figure = Figure(figsize=(WIDTH, 5.0), layout="constrained")
    panels = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
    for axes, kind in zip(panels, kinds, strict=True):
        of_kind, bound = table[table["kind"] == kind], bounds[bounds["kind"] == kind]
        shares = of_kind.pivot_table(index="epsilon_factor", columns="initial_range", values="training_share")
        x, y = shares.columns.to_numpy(dtype=float), shares.index.to_numpy(dtype=float)
        cells = axes.pcolormesh(_edges(x), _edges(y), shares.to_numpy(), cmap="cividis", vmin=0, vmax=1)
        for column, words, marker in (("largest", "upper bound", ":"), ("smallest", "lower bound", "--")):
            style: dict[str, Any] = {"color": BOUND_COLOUR, "linewidth": 2.6, "linestyle": marker}
            axes.plot(bound["initial_range"], bound[column], label=f"the equations: {words}", **style)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks(x, [f"{tick:g}" for tick in x])
        axes.set_yticks(y, ["printed: 1" if tick == 1 else f"{tick:g}" for tick in y])
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_minor_locator(NullLocator())
        axes.set_xlim(_edges(x)[0], _edges(x)[-1])
        axes.set_ylim(_edges(y)[0], _edges(y)[-1])
        axes.set_title(kind)
        axes.set_xlabel("initial weights: to plus or minus this")
    panels[0].set_ylabel("epsilon, times the printed")
    _colour_bar(figure, cells, "training cases right after 1,500 sweeps")
    handles, labels = panels[0].get_legend_handles_labels()
    key: dict[str, Any] = {
        "ncols": 2,
        "frameon": True,
        "facecolor": "#5a5a5a",
        "labelcolor": "white",
        "handlelength": 3,
    }
    figure.legend(handles, labels, loc="outside lower left", **key)
    headline(figure, title)
    return figure


BOUND_COLOUR = "#ff8c66"
"""The colour of bounds over a map: it stands out from dark and from light cells."""


@styled
def draw_calibration(table: pd.DataFrame, words: tuple[str, str], title: str) -> Figure:
    """Predicted and measured shares, a point a split. A large point is the mean of a fifth of the splits.

    Args:
        table: columns `predicted` and `measured`, shares between 0 and 1.
        words: the labels of the predicted and of the measured shares.
        title: what the figure shows.
    """
    figure = Figure(figsize=(5.6, 4.6), layout="constrained")
    axes = figure.subplots()
    predicted, measured = (100 * table[column].to_numpy() for column in ("predicted", "measured"))
    axes.plot([0, 100], [0, 100], color=MUTED_COLOUR, linewidth=1, linestyle="--", label="exact")
    axes.plot(predicted, measured, ".", color=ACCENT_COLOUR, alpha=0.6, markersize=7, mew=0, label="a split")
    fifths = np.array_split(np.argsort(predicted, kind="stable"), 5)
    means = np.array([(predicted[some].mean(), measured[some].mean()) for some in fifths])
    large: dict[str, Any] = {"color": LINE_COLOURS[1], "markersize": 10, "markeredgecolor": "white"}
    axes.plot(*means.T, "o", label="mean of a fifth of the splits", **large)
    axes.set_xlabel(f"{words[0]}, %")
    axes.set_ylabel(f"{words[1]}, %")
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.grid(**GRID_STYLE)
    key_below_panels(figure)
    headline(figure, title)
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


def _colour_bar(figure: Figure, image: Any, words: str) -> None:
    """Draw what the colours of all panels mean, below them, where names keep their room."""
    style: dict[str, Any] = {"location": "bottom", "shrink": 0.6, "aspect": 40, "format": PercentFormatter(1)}
    bar = figure.colorbar(image, ax=figure.axes, label=words, **style)
    bar.ax.xaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.75, 1]))
