"""Nature, fig. 5, and a figure of how many iterative networks learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import FancyArrowPatch

from family_trees.views.figures.layout import LABEL_BOX, draw_node
from family_trees.views.figures.style import (
    ACCENT_COLOUR,
    GRID_STYLE,
    MUTED_COLOUR,
    WIDTH,
    Figure,
    headline,
    styled,
    titled,
)

if TYPE_CHECKING:
    import pandas as pd


@styled
def draw_memory(table: pd.DataFrame) -> Figure:
    """How many iterative networks learn to remember the first bit of a sequence, and in how many sweeps.

    Args:
        table: columns `steps`; `share_learned`, with the ends of its interval in `share_learned_low` and
            `share_learned_high`; and `median_sweeps_to_learn`, which is missing if at least half of the networks do not
            learn.
    """
    figure = Figure(figsize=(WIDTH, 3.2), layout="constrained")
    share, sweeps = figure.subplots(1, 2)
    x = table["steps"]
    ends = [100 * (table["share_learned"] - table["share_learned_low"])]
    ends.append(100 * (table["share_learned_high"] - table["share_learned"]))
    share.errorbar(x, 100 * table["share_learned"], np.clip(ends, 0, None), fmt="o", color=ACCENT_COLOUR, capsize=3)
    share.set_ylim(-3, 103)
    share.set_title("networks that learn it, %")
    sweeps.plot(x, table["median_sweeps_to_learn"], "o-", color=ACCENT_COLOUR)
    sweeps.set_ylim(bottom=0)
    sweeps.set_title("sweeps to learn it, median")
    for axes in (share, sweeps):
        axes.set_xlim(x.min() - 0.5, x.max() + 0.5)
        axes.set_xticks(x)
        axes.set_xlabel("steps of the sequence")
        axes.grid(axis="y", **GRID_STYLE)
    if table["median_sweeps_to_learn"].isna().any():
        missing = table[table["median_sweeps_to_learn"].isna()]["steps"]
        reason = "fewer than\nhalf learn it"
        sweeps.text(missing.mean(), sweeps.get_ylim()[1] / 2, reason, ha="center", fontsize=9, color=MUTED_COLOUR)
    first, last = table.iloc[0], table.iloc[-1]
    headline(
        figure,
        titled(
            "memory",
            falling=table["share_learned"].is_monotonic_decreasing and last["share_learned"] < first["share_learned"],
            first=first["share_learned"],
            last=last["share_learned"],
            fewest=int(first["steps"]),
            most=int(last["steps"]),
        ),
    )
    return figure


@styled
def draw_iterative(steps: int = 3) -> Figure:
    """Nature, fig. 5: an iterative network of three units, and the layered network that equals it over some steps."""
    figure = Figure(figsize=(WIDTH, 3.7))
    axes = figure.add_axes((0, 0, 1, 1))
    circle = [(1.7 + 1.0 * np.sin(angle), 2.2 + 1.0 * np.cos(angle)) for angle in 2 * np.pi * np.array([0, 1, 2]) / 3]
    connections = [(0, 1, "w1"), (1, 2, "w2"), (2, 0, "w3"), (1, 0, "w4")]
    for start, end, name in connections:
        arrow: dict[str, Any] = {
            "arrowstyle": "-|>",
            "mutation_scale": 14,
            "color": MUTED_COLOUR,
            "shrinkA": 16,
            "shrinkB": 16,
        }
        curve = FancyArrowPatch(circle[start], circle[end], connectionstyle="arc3,rad=-0.25", **arrow)
        axes.add_patch(curve)
        middle = (np.array(circle[start]) + np.array(circle[end])) / 2
        across = np.array(circle[end]) - np.array(circle[start])
        aside = middle + 0.24 * np.array([-across[1], across[0]])
        axes.text(float(aside[0]), float(aside[1]), name, fontsize=9.5, color=ACCENT_COLOUR, ha="center", va="center")
    for k, (x, y) in enumerate(circle):
        draw_node(axes, x, y, "ABC"[k], radius=0.3)
    for t in range(steps + 1):
        y = 0.6 + 1.15 * t
        for k in range(3):
            draw_node(axes, 5.2 + 1.5 * k, y, "ABC"[k], radius=0.24)
        axes.text(9.0, y, f"t = {t}", fontsize=10, va="center", color=MUTED_COLOUR)
        if t == steps:
            continue
        for start, end, name in connections:
            (x1, x2), (y1, y2) = (5.2 + 1.5 * start, 5.2 + 1.5 * end), (y, y + 1.15)
            arrow = {"arrowstyle": "-|>", "mutation_scale": 11, "color": MUTED_COLOUR, "shrinkA": 13, "shrinkB": 13}
            axes.add_patch(FancyArrowPatch((x1, y1), (x2, y2), **arrow))
            share = 0.55 if name == "w3" else 0.3  # where no label hides another
            place = (x1 + share * (x2 - x1), y1 + share * (y2 - y1))
            axes.text(*place, name, fontsize=8.5, color=ACCENT_COLOUR, ha="center", va="center", bbox=LABEL_BOX)
    axes.text(1.7, 4.15, "an iterative network", ha="center", fontsize=11)
    axes.text(6.7, 4.55, f"the same, run for {steps} steps", ha="center", fontsize=11)
    axes.set_xlim(0, 10)
    axes.set_ylim(0, 4.9)
    axes.axis("off")
    headline(figure, titled("iterative"))
    return figure
