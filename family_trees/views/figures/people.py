"""People by their codes: the plane in which they lie farthest apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from family_trees.analysis.encoding import named_layers
from family_trees.models.model import Model
from family_trees.views.figures.layout import _short, _title
from family_trees.views.figures.style import COLOURS, styled
from family_trees.views.figures.view import View


@styled
def draw_map(model: Model, shown: View) -> Figure:
    """The shown people by their codes: the plane in which they lie farthest apart (principal components)."""
    codes = _codes(model, shown)
    centred = codes - codes.mean(axis=0)
    u, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    places = np.zeros((len(codes), 2))
    places[:, : len(sizes)] = (u * sizes)[:, :2]
    shares = 100 * sizes**2 / max(float(np.sum(sizes**2)), 1e-300)
    figure = Figure(figsize=(9.6, 7.6), layout="constrained")
    axes = figure.subplots()
    colours = matplotlib.colormaps["viridis"](np.linspace(0, 0.88, len(shown.rows)))
    first = 0
    for (label, names), colour in zip(shown.rows, colours, strict=True):
        own = places[first : first + len(names)]
        axes.plot(own[:, 0], own[:, 1], "o", color=colour, markersize=8, markeredgecolor="white", label=label or None)
        first += len(names)
    reach = np.maximum(np.ptp(places, axis=0), 1e-9)
    width, height = (72 * inches for inches in figure.get_size_inches() * (0.86, 0.82))
    points = (places - places.min(axis=0)) / reach / 1.48 * (width, height)
    short = [_short(name) for name in shown.people]
    for members, (right, up, alignment) in labelled(points, short):
        text: dict[str, Any] = {"textcoords": "offset points", "va": "center", "ha": alignment, "linespacing": 1.05}
        label = "\n".join(short[k] for k in members)
        axes.annotate(label, places[members].mean(axis=0), (right, up), fontsize=8, **text)
    axes.margins(0.3, 0.06)
    axes.set_xlabel(f"first component, {shares[0]:.0f}% of the variance of the codes")
    axes.set_ylabel(f"second component, {shares[1]:.0f}%" if len(shares) > 1 else "")
    axes.set_title(_title("People with near codes lie near each other", shown))
    if len(shown.rows) > 1:
        figure.legend(loc="outside upper left", ncols=4, frameon=False)
    return figure


def _codes(model: Model, shown: View) -> NDArray[np.float64]:
    """The person codes of the shown people, (shown, units)."""
    code = named_layers(model.weights, model.task, model.architecture)["person code"].activities[0]
    return np.asarray(code[[model.task.place[name] for name in shown.people]])


NATION_MARKERS = ("o", "s")


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
    places = centred @ axes_of[:2].T
    x, y = places.T
    shares = 100 * sizes**2 / np.sum(sizes**2)
    figure = Figure(figsize=(7.6, 6.2), layout="constrained")
    axes = figure.subplots()
    half = len(names) // 2
    for k in range(half):
        axes.plot(x[[k, k + half]], y[[k, k + half]], color="#cccccc", linewidth=1, zorder=1)
    for k in range(len(names)):
        marker: dict[str, Any] = {
            "marker": NATION_MARKERS[int(k >= half)],
            "color": COLOURS[int(k >= half)],
            "markersize": 13 - 2.5 * generations[k],
        }
        axes.plot(x[k], y[k], markeredgecolor="white", zorder=3, **marker)
    width, height = (72 * inches for inches in figure.get_size_inches() * (0.86, 0.82))  # about the axes, in points
    reach = np.ptp(places, axis=0)
    points = (places - places.min(axis=0)) / reach / 1.1 * (width, height)
    for members, (right, up, alignment) in labelled(points, names):
        label = "\n".join(names[k] for k in members)
        text: dict[str, Any] = {"textcoords": "offset points", "va": "center", "ha": alignment, "linespacing": 1.05}
        axes.annotate(label, places[members].mean(axis=0), (right, up), fontsize=8.5, **text)
    for nation, label in enumerate(("English", "Italian")):
        axes.plot([], [], marker=NATION_MARKERS[nation], color=COLOURS[nation], linestyle="none", label=label)
    axes.plot([], [], color="#cccccc", label="equivalents")
    axes.set_xlim(x.min() - 0.08 * reach[0], x.max() + 0.13 * reach[0])
    axes.set_xlabel(f"first component, {shares[0]:.0f}% of the variance of the codes")
    axes.set_ylabel(f"second component, {shares[1]:.0f}%")
    figure.legend(loc="outside upper left", ncols=3, frameon=False, title="larger: older generation", title_fontsize=9)
    return figure


def labelled(points: NDArray[np.float64], names: Sequence[str]) -> list[tuple[list[int], tuple[float, float, str]]]:
    """Where to write the names of points, (points, 2) in units of print, so that few overlap: right, left, up or down.

    Names of points that lie upon each other are written below each other, from the top.
    """
    groups: list[list[int]] = []
    for k in np.argsort(-points[:, 1]):
        near = [group for group in groups if np.linalg.norm(points[group].mean(axis=0) - points[k]) < 12]
        if near:
            near[0].append(int(k))
        else:
            groups.append([int(k)])
    taken = [(x - 5, x + 5, y - 5, y + 5) for x, y in points]
    found = []
    for members in groups:
        x, y = points[members].mean(axis=0)
        long, tall = 5.0 * max(len(names[k]) for k in members), 10.0 * len(members)
        places = [
            ((9.0, 0.0, "left"), (x + 9, x + 9 + long, y - tall / 2, y + tall / 2)),
            ((-9.0, 0.0, "right"), (x - 9 - long, x - 9, y - tall / 2, y + tall / 2)),
            ((0.0, 7 + tall / 2, "center"), (x - long / 2, x + long / 2, y + 6, y + 6 + tall)),
            ((0.0, -7 - tall / 2, "center"), (x - long / 2, x + long / 2, y - 6 - tall, y - 6)),
        ]

        def overlaps(box: tuple[float, float, float, float]) -> int:
            return sum(box[0] < b[1] and b[0] < box[1] and box[2] < b[3] and b[2] < box[3] for b in taken)

        place, box = min(places, key=lambda each: overlaps(each[1]))
        taken.append(box)
        found.append((members, place))
    return found
