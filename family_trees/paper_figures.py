"""Figures 1 and 5 of the paper, and what stands beside them: each a function from data to a matplotlib figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch

from family_trees.figures import ACCENT, COLOURS, MUTED, styled
from family_trees.network import BIAS, Connection, Weights

if TYPE_CHECKING:
    import pandas as pd

GRID: dict[str, Any] = {"color": "#dddddd", "linewidth": 0.6}


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
    for k, (x, y) in enumerate(inputs):
        _node(axes, x, y, str(k + 1), radius=0.3, colour="#e8e8e8")
    for j, (x, y) in enumerate(units):
        _node(axes, x, y, f"{hidden_bias[j]:.1f}")
    _node(axes, *top, f"{output_bias:.1f}")
    axes.plot([middle, middle], [-0.75, 0.55], color=MUTED, linewidth=1, linestyle=":")
    axes.text(middle, -0.95, "the middle of the vector", ha="center", fontsize=9, color=MUTED)
    axes.text(
        units[1][0] + 1.0, top[1], "in a node: its bias\non an arc: its weight", fontsize=9.5, va="center", color=MUTED
    )
    axes.plot([], [], color=ACCENT, linewidth=2, label="positive")
    axes.plot([], [], color=COLOURS[1], linewidth=2, linestyle="--", label="negative")
    axes.legend(loc="upper left", frameon=False)
    axes.set_xlim(0, inputs[-1][0] + 1)
    axes.set_ylim(-1.3, 6.1)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure


_LABEL = {"facecolor": "white", "edgecolor": "none", "pad": 1.2, "alpha": 0.9}


@styled
def draw_solved(table: pd.DataFrame, by: str = "hidden", printed: int = 1425) -> Figure:
    """The share of networks that solve the symmetry task, by sweep: a line for each number of hidden units.

    Args:
        table: columns `by`, `sweep`, `solved` and `networks`, counts of networks.
        printed: the sweeps that the paper prints.
    """
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.subplots()
    groups = list(table.groupby(by, sort=False))
    for k, (label, rows) in enumerate(groups):
        colour = str(0.75 - 0.7 * k / max(1, len(groups) - 1)) if len(groups) > len(COLOURS) else COLOURS[k]
        share = 100 * rows["solved"] / rows["networks"]
        axes.plot(rows["sweep"], share, color=colour, linewidth=2)
        axes.text(rows["sweep"].iloc[-1], share.iloc[-1], f"  {label}", va="center", fontsize=9, color=colour)
    axes.axvline(printed, color=MUTED, linewidth=1, linestyle="--")
    axes.text(printed, 101, f" {printed:,}, as printed", fontsize=8.5, color=MUTED, va="bottom")
    axes.set_ylim(0, 100)
    axes.set_xlim(0, table["sweep"].max())
    axes.set_xlabel("sweep")
    axes.set_ylabel("networks with all 64 cases right, %")
    axes.grid(axis="y", **GRID)
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
            x, y = x1 + share * (x2 - x1), y1 + share * (y2 - y1)
            axes.text(x, y, name, fontsize=8.5, color=ACCENT, ha="center", va="center", bbox=_LABEL)
    axes.text(1.7, 4.15, "an iterative network", ha="center", fontsize=11)
    axes.text(6.7, 4.55, f"the same, run for {steps} steps: equal weights in every layer", ha="center", fontsize=11)
    axes.set_xlim(0, 10)
    axes.set_ylim(0, 4.9)
    axes.axis("off")
    return figure
