"""Nature, fig. 1, and a figure of how many networks solve the symmetry task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from family_trees.engine.network import BIAS, Connection, Weights
from family_trees.views.figures.layout import LABEL_BOX, draw_node
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

if TYPE_CHECKING:
    import pandas as pd

HIDDEN_LINE_STYLES: tuple[Any, ...] = ("-", "-", "--", (0, (1, 1)), "-.", (0, (6, 1, 1, 1, 1, 1)))
"""The line styles for the numbers of hidden units, in order."""


HIDDEN_LINE_COLOURS = ("#bbbbbb", "#440154", "#31688e", "#1f9e89", "#6ccd5a", "#e8c21a")
"""The line colours for the numbers of hidden units, in order: grey without any, then from dark to light."""


def _arc(axes: Axes, start: tuple[float, float], end: tuple[float, float], weight: float, largest: float) -> None:
    style: dict[str, Any] = {
        "color": ACCENT_COLOUR if weight > 0 else LINE_COLOURS[1],
        "linestyle": "-" if weight > 0 else "--",
    }
    axes.plot(*zip(start, end, strict=True), linewidth=0.6 + 2.4 * abs(weight) / largest, zorder=1, **style)


@styled
def draw_symmetry(weights: Weights) -> Figure:
    """Nature, fig. 1: the network of the symmetry task, with its weights on the arcs and its biases in the nodes.

    Args:
        weights: of one network with two hidden units, per connection (1, units below, units above).
    """
    hidden = np.asarray(weights[Connection("input", "hidden")])[0]
    hidden_bias = np.asarray(weights[Connection(BIAS, "hidden")])[0, 0]
    output = np.asarray(weights[Connection("hidden", "output")])[0, :, 0]
    output_bias = float(np.asarray(weights[Connection(BIAS, "output")])[0, 0, 0])
    figure = Figure(figsize=(WIDTH, 4.9))
    axes = figure.add_axes((0, 0, 1, 1))
    inputs = [(1.0 + 1.6 * k, 0.0) for k in range(len(hidden))]
    middle = (inputs[0][0] + inputs[-1][0]) / 2
    units = [(middle - 2.6, 3.1), (middle + 2.6, 3.1)]
    top = (middle, 5.4)
    largest = float(max(np.abs(hidden).max(), np.abs(output).max()))
    for j, unit in enumerate(units):
        _arc(axes, unit, top, output[j], largest)
        x, y = (unit[0] + top[0]) / 2, (unit[1] + top[1]) / 2
        axes.text(x, y, f"{output[j]:.1f}", fontsize=9.5, ha="center", va="center", bbox=LABEL_BOX, zorder=2)
        for k, place in enumerate(inputs):
            _arc(axes, place, unit, hidden[k, j], largest)
            share = 0.24 if j == 0 else 0.4  # the labels of the two units at two heights, so that none hides another
            x, y = place[0] + share * (unit[0] - place[0]), share * unit[1]
            axes.text(x, y, f"{hidden[k, j]:.1f}", fontsize=9, ha="center", va="center", bbox=LABEL_BOX, zorder=2)
    smallest = float(np.abs(hidden).min())
    for k, (x, y) in enumerate(inputs):
        draw_node(axes, x, y, str(k + 1), radius=0.3, colour="#e8e8e8")
        axes.text(
            x, y - 0.62, f"{np.abs(hidden[k]).mean() / smallest:.1f}", fontsize=9.5, ha="center", color=ACCENT_COLOUR
        )
    axes.text(
        inputs[0][0] - 0.45, -0.62, "sizes,\nas a ratio", fontsize=8.5, ha="right", va="center", color=ACCENT_COLOUR
    )
    for j, (x, y) in enumerate(units):
        draw_node(axes, x, y, f"{hidden_bias[j]:.1f}")
    draw_node(axes, *top, f"{output_bias:.1f}")
    axes.plot([middle, middle], [-0.95, 0.55], color=MUTED_COLOUR, linewidth=1, linestyle=":")
    axes.text(middle, -1.2, "the middle of the vector", ha="center", fontsize=9, color=MUTED_COLOUR)
    axes.text(
        inputs[-1][0] + 0.8,
        top[1],
        "in a node: its bias\non an arc: its weight",
        fontsize=9.5,
        ha="right",
        va="center",
        color=MUTED_COLOUR,
    )
    axes.plot([], [], color=ACCENT_COLOUR, linewidth=2, label="positive")
    axes.plot([], [], color=LINE_COLOURS[1], linewidth=2, linestyle="--", label="negative")
    axes.legend(loc="upper left", frameon=False)
    axes.set_xlim(-0.4, inputs[-1][0] + 1)
    axes.set_ylim(-1.45, 6.1)
    axes.set_aspect("equal")
    axes.axis("off")
    sizes = np.abs(hidden).mean(axis=1)[: len(hidden) // 2] / smallest
    mirrored = bool(np.allclose(hidden, -hidden[::-1], atol=0.05 * np.abs(hidden).max()))
    headline(
        figure, titled("symmetry", mirrored=mirrored, ratio=" : ".join(f"{round(float(size), 1):g}" for size in sizes))
    )
    return figure


@styled
def draw_solved(table: pd.DataFrame, printed: float = 0.1, printed_sweeps: int = 1425) -> Figure:
    """The share of networks that solve the symmetry task, by sweep.

    A panel is an epsilon, and a line a number of hidden units.

    Args:
        table: columns `epsilon`, `hidden` (the number of hidden units) and `sweep`; `solved` and `networks` are
            numbers of networks.
        printed: the epsilon that the paper prints.
        printed_sweeps: the number of sweeps that the paper prints.
    """
    steps = sorted(table["epsilon"].unique(), reverse=True)
    figure = Figure(figsize=(WIDTH, 3.7), layout="constrained")
    numbers = sorted(table["hidden"].unique())
    for axes, epsilon in zip(figure.subplots(1, len(steps), sharey=True, squeeze=False)[0], steps, strict=True):
        for k, hidden in enumerate(numbers):
            rows = table[(table["hidden"] == hidden) & (table["epsilon"] == epsilon)]
            share = 100 * rows["solved"] / rows["networks"]
            style: dict[str, Any] = {
                "color": HIDDEN_LINE_COLOURS[k % len(HIDDEN_LINE_COLOURS)],
                "linestyle": HIDDEN_LINE_STYLES[k % len(HIDDEN_LINE_STYLES)],
            }
            axes.plot(rows["sweep"], share, linewidth=2, label=f"{hidden} hidden units" if hidden else "none", **style)
        axes.axvline(printed_sweeps, color=MUTED_COLOUR, linewidth=1, linestyle=":")
        words = f" the paper's {printed_sweeps:,} sweeps"
        axes.text(printed_sweeps, 102, words, fontsize=9, color=MUTED_COLOUR, va="bottom")
        axes.set_ylim(-2, 109)
        axes.set_yticks(range(0, 101, 20))
        axes.set_xlim(0, table["sweep"].max())
        axes.xaxis.set_major_locator(MaxNLocator(3))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.set_title(f"epsilon {epsilon:g}" + (", as printed" if epsilon == printed else ""))
        axes.set_xlabel("sweep")
        axes.grid(axis="y", **GRID_STYLE)
    figure.axes[0].set_ylabel("networks with all 64 vectors right, %")
    key_below_panels(figure, ncols=3)
    headline(figure, titled("solved", **_in_the_end(table, printed)))
    return figure


def _in_the_end(table: pd.DataFrame, printed: float) -> dict[str, Any]:
    """How many of the smallest networks with a hidden layer have solved the task at last, by epsilon."""
    hidden = min(int(each) for each in table["hidden"] if each)
    own = table[table["hidden"] == hidden].sort_values("sweep")
    shares: dict[float, float] = {
        float(str(step)): float((rows["solved"] / rows["networks"]).iloc[-1]) for step, rows in own.groupby("epsilon")
    }
    found: dict[str, Any] = {"hidden": hidden, "sweeps": int(table["sweep"].max()), "share": shares.get(printed)}
    least = min(shares)
    return found | {"step": f"{least:g}", "smaller": shares[least], "better": shares[least] > shares.get(printed, 1.0)}
