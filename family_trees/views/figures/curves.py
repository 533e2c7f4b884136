"""Learning curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, StrMethodFormatter

from family_trees.views.figures.style import COLOURS, GRID, styled

if TYPE_CHECKING:
    import pandas as pd


@styled
def draw_curves(means: pd.DataFrame, training_cases: int, held_out_cases: int) -> Figure:
    """How learning went, by sweep: E, training cases right, and held-out cases right.

    Args:
        means: as `tables.curve_means` gives them; a line is the mean of a recipe, a band its 95% interval.
        training_cases: of each network; likewise `held_out_cases`.
    """
    panels = [
        ("E of the training cases, logarithmic", "error", None),
        (f"training cases right, of {training_cases}", "training_right", training_cases),
        (f"held-out cases right, of {held_out_cases}", "held_out_right", held_out_cases),
    ]
    panels = panels if held_out_cases else panels[:2]
    figure = Figure(figsize=(3.1 * len(panels), 3.5), layout="constrained")
    for axes, (title, measure, most) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        for colour, (label, rows) in zip(COLOURS, means.groupby("recipe", sort=False), strict=False):
            axes.plot(rows["sweep"], rows[measure], color=colour, linewidth=2, label=str(label))
            low, high = (rows[f"{measure}_{end}"].clip(upper=most) for end in ("low", "high"))
            axes.fill_between(rows["sweep"], low, high, color=colour, alpha=0.2, linewidth=0)
        axes.set_title(title)
        axes.set_xlabel("sweep")
        axes.set_xlim(0, means["sweep"].max() or 1)
        axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
        axes.grid(axis="y", **GRID)
        if most is None:
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axes.yaxis.set_minor_locator(NullLocator())
        else:
            axes.set_ylim(-0.02 * most, 1.04 * most)
            axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=len(labels), frameon=False)
    return figure
