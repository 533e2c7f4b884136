"""What the hidden units learned, in figures: each a function from data to a matplotlib figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, PercentFormatter
from numpy.typing import NDArray

from family_trees.views.figures.layout import hinton_squares
from family_trees.views.figures.style import ACCENT, COLOURS, GRID, MUTED, RIGHT, styled

if TYPE_CHECKING:
    import pandas as pd


@styled
def draw_encoding(best: pd.DataFrame, chance: pd.DataFrame, shown: pd.DataFrame, threshold: float) -> Figure:
    """How much the best unit of a network tells, over many networks: a panel a layer, a row a distinction.

    Args:
        best: columns `network`, `layer`, `distinction` and `weights`, a row a network's best unit.
        chance: columns `layer`, `distinction` and `one_in_twenty`, what one in twenty reaches with the names shuffled.
        shown: as `best`, of the network of fig. 4, which is drawn as a diamond.
        threshold: from which a unit is said to encode a distinction.
    """
    names = list(dict.fromkeys(best["layer"]))
    rows = [len(set(best.loc[best["layer"] == name, "distinction"])) for name in names]
    figure = Figure(figsize=(8.4, 1.4 + 0.55 * sum(rows)), layout="constrained")
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False, height_ratios=rows)[:, 0]
    rng = np.random.default_rng(0)
    for axes, name in zip(panels, names, strict=True):
        told = list(dict.fromkeys(best.loc[best["layer"] == name, "distinction"]))
        for row, distinction in enumerate(told):
            of, by_chance, one = (
                table[(table["layer"] == name) & (table["distinction"] == distinction)]
                for table in (best, chance, shown)
            )
            shares = of["weights"].to_numpy()
            limit = 100 * float(by_chance["one_in_twenty"].max())
            axes.fill_betweenx([row - 0.38, row + 0.38], 0, limit, color="#e6e6e6", linewidth=0, zorder=0)
            spread = rng.uniform(-0.3, 0.3, len(shares))
            axes.plot(100 * shares, row + spread, ".", color=ACCENT, alpha=0.35, markersize=5, mew=0)
            axes.plot([100 * np.median(shares)] * 2, [row - 0.34, row + 0.34], color="black", linewidth=2)
            diamond: dict[str, Any] = {"markersize": 7, "markeredgecolor": "white", "zorder": 4, "clip_on": False}
            axes.plot(100 * one["weights"].max(), row, "D", color=COLOURS[1], **diamond)
            axes.text(102, row, f"{np.mean(shares >= threshold):.0%} of networks", va="center", fontsize=9)
        axes.axvline(100 * threshold, color=RIGHT, linewidth=1, linestyle="--")
        axes.set_yticks(range(len(told)), told, color="black")
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(told) - 0.5, -0.5)
        axes.set_xlim(0, 100)
        axes.set_title(name)
        axes.grid(axis="x", **GRID)
    panels[-1].set_xlabel("variance of the weights that is explained, in the best unit of a network, %")
    lines: list[tuple[str, dict[str, Any]]] = [
        ("a network", {"marker": ".", "color": ACCENT, "linestyle": "none"}),
        ("median", {"color": "black", "linewidth": 2}),
        ("by chance, 19 of 20", {"color": "#d0d0d0", "linewidth": 8}),
        ("the network of fig. 4", {"marker": "D", "color": COLOURS[1], "linestyle": "none"}),
        (f"encodes: {threshold:.0%} or more", {"color": RIGHT, "linestyle": "--"}),
    ]
    handles = [panels[0].plot([], [], label=label, **style)[0] for label, style in lines]
    figure.legend(handles=handles, loc="outside upper left", ncols=5, frameon=False, fontsize=9)
    return figure


@styled
def draw_nearness(over: Mapping[str, NDArray[np.float64]], least: float) -> Figure:
    """How near the equivalent is, among the people of the other nation: networks, with nationality units and without.

    Args:
        over: per label, a value a network: the mean share of the other nation that is farther than the equivalent.
        least: from which the equivalent is said to be near.
    """
    figure = Figure(figsize=(7.4, 3.4), layout="constrained")
    axes = figure.subplots()
    edges = np.linspace(0, 1, 41)
    for k, (label, values) in enumerate(over.items()):
        share = 100 * np.histogram(values, edges)[0] / max(1, len(values))
        axes.stairs(share, edges, color=COLOURS[k], linewidth=2, linestyle=("-", "--")[k], label=label)
    top = axes.get_ylim()[1]
    for x, told, colour, style in ((0.5, "by chance", MUTED, ":"), (least, "near: more than this", RIGHT, "--")):
        axes.axvline(x, color=colour, linewidth=1, linestyle=style)
        axes.text(x - 0.01, top, told, fontsize=9, color=colour, ha="right", va="top")
    axes.set_xlim(0.25, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.set_xlabel("people of the other nation who are farther than the equivalent, mean over the 24 people")
    axes.set_ylabel("networks, %")
    axes.grid(axis="y", **GRID)
    axes.legend(loc="center left", frameon=False)
    return figure


@styled
def draw_code_by_sweep(
    snapshots: Mapping[int, NDArray[np.float64]],
    rows: Sequence[tuple[int, str]],
    explained_by_sweep: Mapping[tuple[int, int], float],
) -> Figure:
    """The code of one network on its way: small multiples of fig. 4, a row a unit and a column a sweep.

    Args:
        snapshots: by sweep, the weights from the names to the units, (names, units).
        rows: the units from top to bottom, each with its label.
        explained_by_sweep: by sweep and unit, the share of variance that is written beside the panel.
    """
    names, units = next(iter(snapshots.values())).shape
    largest = max(float(np.abs(w).max()) for w in snapshots.values())
    columns = names // 2
    across, down, left = columns + 1.5, 4.0, 5.6
    width, height = len(snapshots) * across + left, units * down + 1.2
    figure = Figure(figsize=(0.15 * width, 0.15 * height))
    axes = figure.add_axes((0, 0, 1, 1))
    for column, (sweep, weights) in enumerate(snapshots.items()):
        x = left + column * across
        axes.text(x + columns / 2, 1.6, f"sweep {sweep}", fontsize=10, ha="center")
        for row, (unit, _) in enumerate(rows):
            hinton_squares(axes, weights[:, unit].reshape(2, -1) / largest, x, -2.2 - row * down)
            if (sweep, unit) in explained_by_sweep:
                share = f"{explained_by_sweep[sweep, unit]:.0%}"
                axes.text(x, 0.2 - row * down, share, fontsize=9, color=ACCENT, va="center", ha="left")
    for row, (_, label) in enumerate(rows):
        axes.text(left - 0.4, -1.2 - row * down, label, fontsize=9.5, ha="right", va="center", linespacing=1.1)
    axes.set_xlim(-0.2, width)
    axes.set_ylim(-height + 2.4, 3.0)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure


@styled
def draw_emergence(table: pd.DataFrame) -> Figure:
    """When each distinction appears: the best unit of a network, by sweep; a panel a layer, a line a distinction.

    Args:
        table: columns `layer`, `distinction`, `sweep`, and `median`, `low` and `high` over networks (quartiles).
    """
    names = list(dict.fromkeys(table["layer"]))
    figure = Figure(figsize=(3.6 * len(names), 3.9), layout="constrained")
    for axes, name in zip(figure.subplots(1, len(names), sharey=True, squeeze=False)[0], names, strict=True):
        own = table[table["layer"] == name]
        for k, (distinction, rows) in enumerate(own.groupby("distinction", sort=False)):
            x, y = rows["sweep"].to_numpy(), 100 * rows["median"].to_numpy()
            axes.fill_between(x, 100 * rows["low"], 100 * rows["high"], color=COLOURS[k], alpha=0.13, linewidth=0)
            axes.plot(x, y, color=COLOURS[k], linewidth=2, linestyle=("-", "--", "-.", ":")[k], label=str(distinction))
        axes.set_title(name)
        axes.set_xlabel("sweep")
        axes.set_xlim(0, own["sweep"].max())
        axes.set_ylim(0, 100)
        axes.xaxis.set_minor_locator(NullLocator())
        axes.grid(axis="y", **GRID)
        axes.legend(loc="upper left", frameon=False, fontsize=8.5)
    figure.axes[0].set_ylabel("variance explained in the best unit, %")
    return figure


@styled
def draw_usefulness(
    sizes: NDArray[np.float64], rises: NDArray[np.float64], over: Mapping[str, NDArray[np.float64]]
) -> Figure:
    """Whether the size of a weight tells its usefulness: all weights of one network, and many networks.

    Args:
        sizes: of the weights of one network, (weights,).
        rises: by how much E rises if each is removed, (weights,).
        over: per label, the rank correlation of the two in each of many networks.
    """
    figure = Figure(figsize=(9.0, 3.9), layout="constrained")
    one, many = figure.subplots(1, 2)
    one.plot(sizes, rises, ".", color=ACCENT, alpha=0.5, markersize=5, mew=0)
    one.set_yscale("symlog", linthresh=0.01)
    one.set_xlabel("size of the weight")
    one.set_ylabel("rise of E if it is removed")
    one.set_title("one network, a point a weight")
    edges = np.linspace(0, 1, 41)
    for k, (label, values) in enumerate(over.items()):
        share = np.histogram(values, edges)[0] / max(1, len(values))
        many.stairs(100 * share, edges, color=COLOURS[k], linewidth=2, label=f"{label} ({len(values)} networks)")
    many.set_xlim(0, 1)
    many.set_xlabel("rank correlation of size and rise")
    many.set_ylabel("networks, %")
    many.set_title("many networks")
    many.legend(loc="upper left", frameon=False)
    for axes in (one, many):
        axes.grid(axis="y", **GRID)
    return figure
