"""What the hidden units learned, in figures: each a function from data to a matplotlib figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from family_trees.figures import ACCENT, COLOURS, MUTED, RIGHT, styled

if TYPE_CHECKING:
    import pandas as pd

GRID: dict[str, Any] = {"color": "#dddddd", "linewidth": 0.6}
NATION_MARKERS = ("o", "s")


@styled
def draw_encoding(units: pd.DataFrame, shown: pd.DataFrame, threshold: float) -> Figure:
    """How much the best unit of a network tells, over many networks: a panel a layer, a row a distinction.

    Args:
        units: columns `network`, `layer`, `distinction`, `weights` and `chance`, a row a unit or the best unit alone.
        shown: the same of the network of fig. 4, which is drawn as a diamond.
        threshold: from which a unit is said to encode a distinction.
    """
    names = list(dict.fromkeys(units["layer"]))
    rows = [len(set(units.loc[units["layer"] == name, "distinction"])) for name in names]
    figure = Figure(figsize=(8.4, 1.4 + 0.55 * sum(rows)), layout="constrained")
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False, height_ratios=rows)[:, 0]
    rng = np.random.default_rng(0)
    for axes, name in zip(panels, names, strict=True):
        own = units[units["layer"] == name]
        for row, distinction in enumerate(dict.fromkeys(own["distinction"])):
            of = own[own["distinction"] == distinction]
            best = of.groupby("network")["weights"].max().to_numpy()
            spread = rng.uniform(-0.3, 0.3, len(best))
            axes.plot(100 * best, row + spread, ".", color=ACCENT, alpha=0.35, markersize=5, mew=0)
            axes.plot([100 * np.median(best)] * 2, [row - 0.34, row + 0.34], color="black", linewidth=2)
            axes.plot(
                [100 * of["chance"].mean()] * 2, [row - 0.34, row + 0.34], color=MUTED, linewidth=1, linestyle=":"
            )
            one = shown[(shown["layer"] == name) & (shown["distinction"] == distinction)]["weights"].max()
            axes.plot(100 * one, row, "D", color=COLOURS[1], markersize=7, markeredgecolor="white", zorder=4)
            share = f"{np.mean(best >= threshold):.0%} of networks"
            axes.text(102, row, share, va="center", fontsize=9)
        axes.axvline(100 * threshold, color=RIGHT, linewidth=1, linestyle="--")
        axes.set_yticks(range(len(set(own["distinction"]))), list(dict.fromkeys(own["distinction"])), color="black")
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(set(own["distinction"])) - 0.5, -0.5)
        axes.set_xlim(0, 100)
        axes.set_title(name)
        axes.grid(axis="x", **GRID)
    panels[-1].set_xlabel("share of the variance of its weights that the best unit of a network has explained, %")
    lines: list[tuple[str, dict[str, Any]]] = [
        ("a network", {"marker": ".", "color": ACCENT, "linestyle": "none"}),
        ("median", {"color": "black", "linewidth": 2}),
        ("a unit by chance", {"color": MUTED, "linestyle": ":"}),
        ("the network of fig. 4", {"marker": "D", "color": COLOURS[1], "linestyle": "none"}),
        (f"encodes: {threshold:.0%} or more", {"color": RIGHT, "linestyle": "--"}),
    ]
    handles = [panels[0].plot([], [], label=label, **style)[0] for label, style in lines]
    figure.legend(handles=handles, loc="outside upper left", ncols=5, frameon=False, fontsize=9)
    return figure


@styled
def draw_similarity(panels: Mapping[str, NDArray[np.float64]], names: Sequence[str]) -> Figure:
    """How alike the codes of all people are: a matrix a panel, white for equal, dark for the most different pair.

    Args:
        panels: per title, (people, people), between 0 and 1.
        names: of the people, in the paper's order: the English, then their equivalents.
    """
    figure = Figure(figsize=(1.2 + 4.9 * len(panels), 5.6), layout="constrained")
    half = len(names) // 2
    for axes, (title, values) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        image = axes.imshow(values, vmin=0, vmax=1, cmap="bone")
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7.5, color="black")
        axes.set_yticks(range(len(names)), names, fontsize=7.5, color="black")
        axes.tick_params(length=0)
        for place in (half - 0.5,):
            axes.axhline(place, color=RIGHT, linewidth=1)
            axes.axvline(place, color=RIGHT, linewidth=1)
        axes.set_title(title)
    figure.colorbar(image, ax=figure.axes, shrink=0.7, label="likeness of the codes: 1 is equal")
    return figure


@styled
def draw_people(codes: NDArray[np.float64], names: Sequence[str], generations: Sequence[int]) -> Figure:
    """The people by their codes: the plane in which they lie farthest apart (principal components).

    Args:
        codes: (people, units), activities of the person code.
        names: English first; a line joins each with the equivalent.
        generations: of each, from 1: the size of the marker.
    """
    centred = codes - codes.mean(axis=0)
    _, sizes, axes_of = np.linalg.svd(centred, full_matrices=False)
    x, y = (centred @ axes_of[:2].T).T
    shares = 100 * sizes**2 / np.sum(sizes**2)
    figure = Figure(figsize=(7.6, 6.2), layout="constrained")
    axes = figure.subplots()
    half = len(names) // 2
    for k in range(half):
        axes.plot(x[[k, k + half]], y[[k, k + half]], color="#cccccc", linewidth=1, zorder=1)
    for k, name in enumerate(names):
        nation = int(k >= half)
        marker: dict[str, Any] = {
            "marker": NATION_MARKERS[nation],
            "color": COLOURS[nation],
            "markersize": 12 - 2 * generations[k],
        }
        axes.plot(x[k], y[k], markeredgecolor="white", zorder=3, **marker)
        axes.annotate(name, (x[k], y[k]), (5, 4), textcoords="offset points", fontsize=8.5)
    for nation, label in enumerate(("English", "Italian")):
        axes.plot([], [], marker=NATION_MARKERS[nation], color=COLOURS[nation], linestyle="none", label=label)
    axes.plot([], [], color="#cccccc", label="equivalents")
    axes.set_xlabel(f"first component, {shares[0]:.0f}% of the variance of the codes")
    axes.set_ylabel(f"second component, {shares[1]:.0f}%")
    axes.legend(loc="best", frameon=False, title="larger: older generation", title_fontsize=9)
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
    figure.axes[0].set_ylabel("variance that the best unit has explained, %")
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
