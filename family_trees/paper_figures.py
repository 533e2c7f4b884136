"""Figures 1 and 5 of the paper, and what stands beside them: each a function from data to a matplotlib figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from family_trees.figures import ACCENT, COLOURS, GRID, MUTED, styled
from family_trees.network import BIAS, Connection, Weights

if TYPE_CHECKING:
    import pandas as pd
DASHES: tuple[Any, ...] = ("-", "-", "--", (0, (1, 1)), "-.", (0, (6, 1, 1, 1, 1, 1)))
LINES = ("#999999", "#0b5fa5", "#c2571a", "#3f7d3a", "#6b4c9a", "#1c1c1c")


def _node(axes: Axes, x: float, y: float, text: str, *, radius: float = 0.42, colour: str = "white") -> None:
    axes.add_patch(Circle((x, y), radius, facecolor=colour, edgecolor="black", linewidth=1.2, zorder=3))
    axes.text(x, y, text, ha="center", va="center", fontsize=10, zorder=4)


def _arc(axes: Axes, start: tuple[float, float], end: tuple[float, float], weight: float, largest: float) -> None:
    style: dict[str, Any] = {"color": ACCENT if weight > 0 else COLOURS[1], "linestyle": "-" if weight > 0 else "--"}
    axes.plot(*zip(start, end, strict=True), linewidth=0.6 + 2.4 * abs(weight) / largest, zorder=1, **style)


@styled
def draw_symmetry(weights: Weights) -> Figure:
    """Nature, fig. 1: the network of the symmetry task, its weights on the arcs and its biases in the nodes.

    Args:
        weights: of one network with two hidden units, per connection (1, units below, units above).
    """
    hidden = np.asarray(weights[Connection("input", "hidden")])[0]
    hidden_bias = np.asarray(weights[Connection(BIAS, "hidden")])[0, 0]
    output = np.asarray(weights[Connection("hidden", "output")])[0, :, 0]
    output_bias = float(np.asarray(weights[Connection(BIAS, "output")])[0, 0, 0])
    figure = Figure(figsize=(8.6, 5.6))
    axes = figure.add_axes((0, 0, 1, 1))
    inputs = [(1.0 + 1.6 * k, 0.0) for k in range(len(hidden))]
    middle = (inputs[0][0] + inputs[-1][0]) / 2
    units = [(middle - 2.6, 3.1), (middle + 2.6, 3.1)]
    top = (middle, 5.4)
    largest = float(max(np.abs(hidden).max(), np.abs(output).max()))
    for j, unit in enumerate(units):
        _arc(axes, unit, top, output[j], largest)
        x, y = (unit[0] + top[0]) / 2, (unit[1] + top[1]) / 2
        axes.text(x, y, f"{output[j]:.1f}", fontsize=9.5, ha="center", va="center", bbox=_LABEL, zorder=2)
        for k, place in enumerate(inputs):
            _arc(axes, place, unit, hidden[k, j], largest)
            share = 0.24 if j == 0 else 0.4  # the labels of the two units at two heights, so that none hides another
            x, y = place[0] + share * (unit[0] - place[0]), share * unit[1]
            axes.text(x, y, f"{hidden[k, j]:.1f}", fontsize=9, ha="center", va="center", bbox=_LABEL, zorder=2)
    smallest = float(np.abs(hidden).min())
    for k, (x, y) in enumerate(inputs):
        _node(axes, x, y, str(k + 1), radius=0.3, colour="#e8e8e8")
        axes.text(x, y - 0.62, f"{np.abs(hidden[k]).mean() / smallest:.1f}", fontsize=9.5, ha="center", color=ACCENT)
    axes.text(inputs[0][0] - 0.45, -0.62, "sizes,\nas a ratio", fontsize=8.5, ha="right", va="center", color=ACCENT)
    for j, (x, y) in enumerate(units):
        _node(axes, x, y, f"{hidden_bias[j]:.1f}")
    _node(axes, *top, f"{output_bias:.1f}")
    axes.plot([middle, middle], [-0.95, 0.55], color=MUTED, linewidth=1, linestyle=":")
    axes.text(middle, -1.2, "the middle of the vector", ha="center", fontsize=9, color=MUTED)
    axes.text(
        units[1][0] + 1.0, top[1], "in a node: its bias\non an arc: its weight", fontsize=9.5, va="center", color=MUTED
    )
    axes.plot([], [], color=ACCENT, linewidth=2, label="positive")
    axes.plot([], [], color=COLOURS[1], linewidth=2, linestyle="--", label="negative")
    axes.legend(loc="upper left", frameon=False)
    axes.set_xlim(-0.4, inputs[-1][0] + 1)
    axes.set_ylim(-1.45, 6.1)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure


_LABEL = {"facecolor": "white", "edgecolor": "none", "pad": 1.2, "alpha": 0.9}


@styled
def draw_solved(table: pd.DataFrame, printed: float = 0.1, printed_sweeps: int = 1425) -> Figure:
    """The share of networks that solve the symmetry task, by sweep: a panel an epsilon, a line a hidden layer.

    Args:
        table: columns `epsilon`, `hidden`, `sweep`, `solved` and `networks`, counts of networks.
        printed: the epsilon that the paper prints, and `printed_sweeps` the sweeps.
    """
    steps = sorted(table["epsilon"].unique(), reverse=True)
    figure = Figure(figsize=(4.6 * len(steps), 4.2), layout="constrained")
    numbers = sorted(table["hidden"].unique())
    for axes, epsilon in zip(figure.subplots(1, len(steps), sharey=True, squeeze=False)[0], steps, strict=True):
        for k, hidden in enumerate(numbers):
            rows = table[(table["hidden"] == hidden) & (table["epsilon"] == epsilon)]
            share = 100 * rows["solved"] / rows["networks"]
            style: dict[str, Any] = {"color": LINES[k % len(LINES)], "linestyle": DASHES[k % len(DASHES)]}
            axes.plot(rows["sweep"], share, linewidth=2, label=str(hidden) if hidden else "none", **style)
        axes.axvline(printed_sweeps, color=MUTED, linewidth=1, linestyle=":")
        axes.text(printed_sweeps, 102, f" {printed_sweeps:,} sweeps", fontsize=8.5, color=MUTED, va="bottom")
        axes.set_ylim(-2, 109)
        axes.set_yticks(range(0, 101, 20))
        axes.set_xlim(0, table["sweep"].max())
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.set_title(f"epsilon {epsilon:g}" + (", as printed" if epsilon == printed else ""))
        axes.set_xlabel("sweep")
        axes.grid(axis="y", **GRID)
    figure.axes[0].set_ylabel("networks with all 64 vectors right, %")
    handles, labels = figure.axes[0].get_legend_handles_labels()
    legend: dict[str, Any] = {"ncols": len(labels), "frameon": False, "title": "hidden units", "title_fontsize": 10}
    figure.legend(handles, labels, loc="outside upper left", alignment="left", **legend)
    return figure


@styled
def draw_memory(table: pd.DataFrame) -> Figure:
    """How many iterative networks learn to answer a bit after some steps, and in how many sweeps.

    Args:
        table: columns `steps`, `share_learned` with `_low` and `_high`, and `median_sweeps_to_learn`, which is missing
            where half of the networks or more do not learn.
    """
    figure = Figure(figsize=(8.4, 3.7), layout="constrained")
    share, sweeps = figure.subplots(1, 2)
    x = table["steps"]
    ends = [100 * (table["share_learned"] - table["share_learned_low"])]
    ends.append(100 * (table["share_learned_high"] - table["share_learned"]))
    share.errorbar(x, 100 * table["share_learned"], np.clip(ends, 0, None), fmt="o", color=ACCENT, capsize=3)
    share.set_ylim(-3, 103)
    share.set_title("networks that learn it, %")
    sweeps.plot(x, table["median_sweeps_to_learn"], "o-", color=ACCENT)
    sweeps.set_ylim(bottom=0)
    sweeps.set_title("sweeps to learn it, median")
    for axes in (share, sweeps):
        axes.set_xlim(x.min() - 0.5, x.max() + 0.5)
        axes.set_xticks(x)
        axes.set_xlabel("steps of the sequence, whose first bit is to be answered")
        axes.grid(axis="y", **GRID)
    if table["median_sweeps_to_learn"].isna().any():
        missing = table[table["median_sweeps_to_learn"].isna()]["steps"]
        told = "fewer than\nhalf learn it"
        sweeps.text(missing.mean(), sweeps.get_ylim()[1] / 2, told, ha="center", fontsize=9, color=MUTED)
    return figure


@styled
def draw_iterative(steps: int = 3) -> Figure:
    """Nature, fig. 5: an iterative network of three units, and the layered one that it is when run for some steps."""
    figure = Figure(figsize=(8.6, 4.2))
    axes = figure.add_axes((0, 0, 1, 1))
    circle = [(1.7 + 1.0 * np.sin(angle), 2.2 + 1.0 * np.cos(angle)) for angle in 2 * np.pi * np.array([0, 1, 2]) / 3]
    connections = [(0, 1, "w1"), (1, 2, "w2"), (2, 0, "w3"), (1, 0, "w4")]
    for start, end, name in connections:
        arrow: dict[str, Any] = {
            "arrowstyle": "-|>",
            "mutation_scale": 14,
            "color": MUTED,
            "shrinkA": 16,
            "shrinkB": 16,
        }
        curve = FancyArrowPatch(circle[start], circle[end], connectionstyle="arc3,rad=-0.25", **arrow)
        axes.add_patch(curve)
        middle = (np.array(circle[start]) + np.array(circle[end])) / 2
        across = np.array(circle[end]) - np.array(circle[start])
        aside = middle + 0.24 * np.array([-across[1], across[0]])
        axes.text(float(aside[0]), float(aside[1]), name, fontsize=9.5, color=ACCENT, ha="center", va="center")
    for k, (x, y) in enumerate(circle):
        _node(axes, x, y, "ABC"[k], radius=0.3)
    for t in range(steps + 1):
        y = 0.6 + 1.15 * t
        for k in range(3):
            _node(axes, 5.2 + 1.5 * k, y, "ABC"[k], radius=0.24)
        axes.text(9.0, y, f"t = {t}", fontsize=10, va="center", color=MUTED)
        if t == steps:
            continue
        for start, end, name in connections:
            (x1, x2), (y1, y2) = (5.2 + 1.5 * start, 5.2 + 1.5 * end), (y, y + 1.15)
            arrow = {"arrowstyle": "-|>", "mutation_scale": 11, "color": MUTED, "shrinkA": 13, "shrinkB": 13}
            axes.add_patch(FancyArrowPatch((x1, y1), (x2, y2), **arrow))
            share = 0.55 if name == "w3" else 0.3  # where no label hides another
            place = (x1 + share * (x2 - x1), y1 + share * (y2 - y1))
            axes.text(*place, name, fontsize=8.5, color=ACCENT, ha="center", va="center", bbox=_LABEL)
    axes.text(1.7, 4.15, "an iterative network", ha="center", fontsize=11)
    axes.text(6.7, 4.55, f"the same, run for {steps} steps: equal weights in every layer", ha="center", fontsize=11)
    axes.set_xlim(0, 10)
    axes.set_ylim(0, 4.9)
    axes.axis("off")
    return figure
