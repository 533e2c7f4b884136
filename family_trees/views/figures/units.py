"""Figures of the hidden units of many networks: what they encode, and which of their weights matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

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


MOST_POINTS = 500
"""So many points can still be told apart, and keep the picture small."""


@styled
def draw_encoding(best: pd.DataFrame, chance: pd.DataFrame, shown: pd.DataFrame, threshold: float) -> Figure:
    """The share of variance explained in the best unit of each network, for many networks.

    A panel is a layer, and a row a distinction. At most `MOST_POINTS` networks are points, the first; medians and
    shares are of all.

    Args:
        best: columns `network`, `layer`, `distinction` and `weights`: the share explained in a network's best unit.
        chance: columns `layer`, `distinction` and `one_in_twenty`: the share that the best unit reaches in less than
            one in twenty shuffles of the names.
        shown: as `best`, for the network of fig. 4, which is drawn as a diamond.
        threshold: the least share at which a unit encodes a distinction.
    """
    names = list(dict.fromkeys(best["layer"]))
    rows = [len(set(best.loc[best["layer"] == name, "distinction"])) for name in names]
    figure = Figure(figsize=(WIDTH, 1.4 + 0.5 * sum(rows)), layout="constrained")
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False, height_ratios=rows)[:, 0]
    rng = np.random.default_rng(0)
    for axes, name in zip(panels, names, strict=True):
        rows_of_layer = list(dict.fromkeys(best.loc[best["layer"] == name, "distinction"]))
        for row, distinction in enumerate(rows_of_layer):
            of, by_chance, one = (
                table[(table["layer"] == name) & (table["distinction"] == distinction)]
                for table in (best, chance, shown)
            )
            shares = of["weights"].to_numpy()
            limit = 100 * float(by_chance["one_in_twenty"].max())
            axes.fill_betweenx([row - 0.38, row + 0.38], 0, limit, color="#e6e6e6", linewidth=0, zorder=0)
            drawn = shares[:MOST_POINTS]
            spread = rng.uniform(-0.3, 0.3, len(drawn))
            axes.plot(100 * drawn, row + spread, ".", color=ACCENT_COLOUR, alpha=0.35, markersize=5, mew=0)
            axes.plot([100 * np.median(shares)] * 2, [row - 0.34, row + 0.34], color="black", linewidth=2)
            diamond: dict[str, Any] = {"markersize": 7, "markeredgecolor": "white", "zorder": 4, "clip_on": False}
            axes.plot(100 * one["weights"].max(), row, "D", color=LINE_COLOURS[1], **diamond)
            axes.text(102, row, f"{np.mean(shares >= threshold):.0%} of networks", va="center", fontsize=9)
        axes.axvline(100 * threshold, color=MUTED_COLOUR, linewidth=1.2, linestyle="--")
        axes.set_yticks(range(len(rows_of_layer)), rows_of_layer, color="black")
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(rows_of_layer) - 0.5, -0.5)
        axes.set_xlim(0, 100)
        axes.set_title(name)
        axes.grid(axis="x", **GRID_STYLE)
    panels[-1].set_xlabel("variance of the weights that is explained, in the best unit of a network, %")
    networks = best.groupby(["layer", "distinction"]).size().max()
    of_all = f" (of the first {MOST_POINTS})" if networks > MOST_POINTS else ""
    lines: list[tuple[str, dict[str, Any]]] = [
        (f"a network{of_all}", {"marker": ".", "color": ACCENT_COLOUR, "linestyle": "none"}),
        ("median", {"color": "black", "linewidth": 2}),
        ("by chance, 19 of 20", {"color": "#d0d0d0", "linewidth": 8}),
        ("the network of fig. 4", {"marker": "D", "color": LINE_COLOURS[1], "linestyle": "none"}),
        (f"encodes: {threshold:.0%} or more", {"color": MUTED_COLOUR, "linestyle": "--"}),
    ]
    for label, style in lines:
        panels[0].plot([], [], label=label, **style)
    key_below_panels(figure, ncols=3)
    first = best[best["layer"] == names[0]].groupby("distinction", sort=False)["weights"]
    shares = [(str(name), float(np.mean(of >= threshold))) for name, of in first]
    headline(figure, titled("encoding", layer=names[0], shares=shares))
    return figure


@styled
def draw_nearness(over: Mapping[str, NDArray[np.float64]], least: float) -> Figure:
    """A histogram of networks by how near equivalents are, with nationality units and without.

    Args:
        over: per label, (networks,): the mean share of the other nation that is farther away than the equivalent.
        least: the share above which equivalents count as near.
    """
    figure = Figure(figsize=(WIDTH, 3.2), layout="constrained")
    axes = figure.subplots()
    edges = np.linspace(0, 1, 41)
    for k, (label, values) in enumerate(over.items()):
        share = 100 * np.histogram(values, edges)[0] / max(1, len(values))
        axes.stairs(share, edges, color=LINE_COLOURS[k], linewidth=2, linestyle=("-", "--")[k], label=label)
    axes.axvline(0.5, color=MUTED_COLOUR, linewidth=1.2, linestyle=":", label="by chance")
    axes.axvline(least, color=MUTED_COLOUR, linewidth=1.2, linestyle="--", label="near: more than this")
    axes.set_xlim(0.25, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.set_xlabel("people of the other nation who are farther than the equivalent, mean over the 24")
    axes.set_ylabel("networks, %")
    axes.grid(axis="y", **GRID_STYLE)
    key_below_panels(figure)
    near = next(iter(over.values()))
    headline(figure, titled("nearness", share=float(np.mean(near > least)), least=least))
    return figure


@styled
def draw_usefulness(
    sizes: NDArray[np.float64], rises: NDArray[np.float64], over: Mapping[str, NDArray[np.float64]]
) -> Figure:
    """Whether the size of a weight predicts its usefulness: the weights of one network, and correlations in many.

    Args:
        sizes: the sizes of the weights of one network, (weights,).
        rises: how much E rises if each weight is removed, (weights,).
        over: per label, (networks,): the rank correlation of sizes and rises in each of many networks.
    """
    figure = Figure(figsize=(WIDTH, 3.4), layout="constrained")
    one, many = figure.subplots(1, 2)
    one.plot(sizes, rises, ".", color=ACCENT_COLOUR, alpha=0.5, markersize=5, mew=0)
    one.set_yscale("symlog", linthresh=0.01)
    one.set_xlabel("size of the weight")
    one.set_ylabel("rise of E if it is removed")
    one.set_title("one network, a point a weight")
    edges = np.linspace(0, 1, 41)
    for k, (label, values) in enumerate(over.items()):
        share = np.histogram(values, edges)[0] / max(1, len(values))
        line: dict[str, Any] = {"linewidth": 2, "linestyle": ("-", "--")[k]}
        many.stairs(100 * share, edges, color=LINE_COLOURS[k], label=f"{label} ({len(values)} networks)", **line)
    many.set_xlim(0, 1)
    many.set_xlabel("rank correlation of size and rise")
    many.set_ylabel("networks, %")
    many.set_title("many networks")
    for axes in (one, many):
        axes.grid(axis="y", **GRID_STYLE)
    key_below_panels(figure)
    means = [(label, float(np.mean(values))) for label, values in over.items() if len(values)]
    headline(figure, titled("usefulness", means=means, least=min((mean for _, mean in means), default=0.0)))
    return figure
