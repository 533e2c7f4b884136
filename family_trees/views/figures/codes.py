"""Figures of people by their codes: a map, on which near people have near codes, and a matrix of similarities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from family_trees.analysis.encoding import named_layers, without_nationality
from family_trees.analysis.likeness import similarity
from family_trees.engine.network import Architecture
from family_trees.models.model import Model
from family_trees.views.figures.layout import short_name, title_with_part
from family_trees.views.figures.style import (
    LINE_COLOURS,
    RIGHT_COLOUR,
    WIDTH,
    Figure,
    headline,
    key_below_panels,
    styled,
    titled,
)
from family_trees.views.figures.view import View

NATION_MARKERS = ("o", "s")
"""The markers of the people in the first and in the second row of the paper's layout."""

JOIN_COLOUR = "#cccccc"
"""The colour of the lines between equivalents."""

NEAR_DISTANCE = 12
"""In points of print. People whose markers are nearer to each other share a label, with their names below each
other."""


def person_codes(model: Model, view: View) -> NDArray[np.float64]:
    """The activities of the person code for the people of the view, (people, units)."""
    code = named_layers(model.weights, model.task, model.architecture)["person code"].activities[0]
    return np.asarray(code[[model.task.person_index[name] for name in view.people]])


SimilarityMatrices = tuple[NDArray[np.float64], NDArray[np.float64] | None]
"""How alike the codes of people are, as two matrices (people, people) between 0 and 1: with all units, and without
those that encode nationality. The second is None where no nationality is known, and for vectors and matrices, of which
no single number encodes anything."""


def similarity_matrices(model: Model, view: View) -> SimilarityMatrices:
    """How alike the codes of the people of the view are in `model`."""
    values = similarity(person_codes(model, view)[None])[0]
    if not view.has_paper_layout or not isinstance(model.architecture, Architecture):
        return values, None
    code = named_layers(model.weights, model.task, model.architecture)["person code"]
    return values, similarity(without_nationality(code, model.task))[0]


class MapStyle(NamedTuple):
    """The sizes of a map of people."""

    inches: tuple[float, float]
    letters: float
    """The size of the names, in points."""
    spread: float
    """The width of the axes, in widths of the drawn area: more than 1, since names need room."""


PAPER_MAP, PEDIGREE_MAP = MapStyle((WIDTH, 6.0), 8.5, 1.1), MapStyle((9.6, 7.6), 8, 1.48)
"""The map of the people of the paper, and those of other people, whose names are longer."""


@styled
def draw_people(codes: NDArray[np.float64], view: View) -> Figure:
    """A map of people by their codes, in the plane of the first two principal components.

    Each row of the view has a colour. In the paper's layout a line joins each person with the equivalent, and an older
    generation has larger markers.

    Args:
        codes: activities of the person code, (people, units), in the order of `view.people`.
    """
    places, shares = principal_plane(codes)
    style = PAPER_MAP if view.has_paper_layout else PEDIGREE_MAP
    figure = Figure(figsize=style.inches, layout="constrained")
    axes = figure.subplots()
    reach = np.maximum(np.ptp(places, axis=0), 1e-9)
    if view.has_paper_layout:
        mark_equivalents(axes, places, view)
        left, right = places[:, 0].min(), places[:, 0].max()
        axes.set_xlim(left - 0.08 * reach[0], right + 0.13 * reach[0])
    else:
        _mark_rows(axes, places, view)
        axes.margins(0.3, 0.06)
        axes.set_title(title_with_part("People with near codes lie near each other", view))
    about = [72 * inches for inches in figure.get_size_inches() * (0.86, 0.82)]  # the axes, in points
    points = (places - places.min(axis=0)) / reach / style.spread * about
    name_points(axes, places, points, [short_name(name) for name in view.people], style.letters)
    axes.set_xlabel(f"first component, {shares[0]:.0f}% of the variance of the codes")
    axes.set_ylabel(f"second component, {shares[1]:.0f}%" if len(shares) > 1 else "")
    if view.has_paper_layout:
        axes.plot([], [], "o", color="#8f8f8f", markersize=10, label="larger: older generation")
        key_below_panels(figure)
        headline(figure, titled("people", **_shifted(places)))
    elif len(view.rows) > 1:
        figure.legend(ncols=4, loc="outside upper left", frameon=False)
    return figure


ANGLE = 20
"""Degrees between two lines that count as parallel."""


def _shifted(places: NDArray[np.float64]) -> dict[str, Any]:
    """Whether the nations lie apart on the map, and how many of the lines between equivalents are parallel.

    Args:
        places: (people, 2), first the English, then their equivalents in the same order.
    """
    half = len(places) // 2
    lines = places[half:] - places[:half]
    mean = lines.mean(axis=0)
    lengths = np.linalg.norm(lines, axis=1) * np.linalg.norm(mean)
    cosines = np.divide(lines @ mean, lengths, out=np.zeros(half), where=lengths > 0)
    along = places @ mean
    return {
        "apart": bool(along[:half].max() < along[half:].min()),
        "parallel": int((cosines >= np.cos(np.radians(ANGLE))).sum()),
        "lines": half,
    }


def principal_plane(codes: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The places in the plane of the first two principal components, (people, 2), and each component's variance in %.

    If there is only one unit or person, there is one component, and the second coordinate is 0.
    """
    u, sizes, _ = np.linalg.svd(codes - codes.mean(axis=0), full_matrices=False)
    places = np.zeros((len(codes), 2))
    places[:, : len(sizes)] = (u * sizes)[:, :2]
    return places, 100 * sizes**2 / max(float(np.sum(sizes**2)), 1e-300)


def mark_equivalents(axes: Axes, places: NDArray[np.float64], view: View, alpha: float = 1.0) -> None:
    """Draw a marker for each person, with shape and colour by nationality, and a line between equivalents.

    Args:
        places: (people, 2), in the order of the view.
        alpha: how opaque the markers are, where they may cover each other.
    """
    place = dict(zip(view.people, places, strict=True))
    for pair in view.equivalents:
        axes.plot(*np.array([place[name] for name in pair]).T, color=JOIN_COLOUR, linewidth=1, zorder=1)
    looks: list[dict[str, Any]] = [
        {"marker": marker, "color": colour, "alpha": alpha}
        for marker, colour in zip(NATION_MARKERS, LINE_COLOURS, strict=False)
    ]
    for (_, names), look in zip(view.rows, looks, strict=True):
        for name in names:
            size = 13 - 2.5 * view.generation[name]
            axes.plot(*place[name], markersize=size, markeredgecolor="white", zorder=3, **look)
    for (label, _), look in zip(view.rows, looks, strict=True):
        axes.plot([], [], linestyle="none", label=label, **look)
    axes.plot([], [], color=JOIN_COLOUR, label="equivalents")


def _mark_rows(axes: Axes, places: NDArray[np.float64], view: View) -> None:
    """Draw a marker for each person, with a colour by row, such as the generation."""
    colours = matplotlib.colormaps["viridis"](np.linspace(0, 0.88, len(view.rows)))
    first = 0
    for (label, names), colour in zip(view.rows, colours, strict=True):
        of_row = places[first : first + len(names)]
        axes.plot(
            of_row[:, 0], of_row[:, 1], "o", color=colour, markersize=8, markeredgecolor="white", label=label or None
        )
        first += len(names)


def name_points(
    axes: Axes, places: NDArray[np.float64], points: NDArray[np.float64], names: Sequence[str], size: float
) -> None:
    """Write the names beside their places. `points` are the same places in points of print."""
    for members, (right, up, alignment) in label_places(points, names):
        text: dict[str, Any] = {"textcoords": "offset points", "va": "center", "ha": alignment, "linespacing": 1.05}
        label = "\n".join(names[k] for k in members)
        axes.annotate(label, places[members].mean(axis=0), (right, up), fontsize=size, **text)


def label_places(points: NDArray[np.float64], names: Sequence[str]) -> list[tuple[list[int], tuple[float, float, str]]]:
    """Indices of labels beside points, chosen so that few overlap: to the right, to the left, above or below.

    Args:
        points: (people, 2), in points of print.

    Returns:
        For each label: the indices of the people it names, from the top; and its offset to the right, its offset
        upwards and its alignment. Points that are nearer than `NEAR_DISTANCE` share a label.
    """
    groups: list[list[int]] = []
    for k in np.argsort(-points[:, 1]):
        near = [group for group in groups if np.linalg.norm(points[group].mean(axis=0) - points[k]) < NEAR_DISTANCE]
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


@styled
def draw_similarity(panels: Mapping[str, SimilarityMatrices], view: View) -> Figure:
    """How alike the codes of people are, as a matrix: light is alike.

    In the paper's layout, the English against the Italians, without the units that encode nationality. Else all people;
    white lines separate the rows of the view.

    Args:
        panels: per title, the matrices that `similarity_matrices` gives. People are in the order of `view.people`. The
            last is drawn: the mean of many networks, where there are several.
        view: the people.
    """
    name, (values, without) = list(panels.items())[-1]
    if view.has_paper_layout:
        units = "all numbers of the codes" if without is None else "without nationality units"
        return _draw_equivalents(values if without is None else without, view, f"{units}; {name}")
    names = [short_name(name) for name in view.people]
    size = 2.6 + 0.19 * len(names)
    figure = Figure(figsize=(size, size), layout="constrained")
    axes = figure.subplots()
    # everybody is equal to himself or herself, which says nothing
    _draw_matrix(axes, np.where(np.eye(len(values), dtype=bool), np.nan, values), names, names, 8)
    for end in np.cumsum([len(own) for _, own in view.rows])[:-1]:
        axes.axhline(end - 0.5, color="white", linewidth=1.5)
        axes.axvline(end - 0.5, color="white", linewidth=1.5)
    title = title_with_part("Likeness of person codes: light is alike", view)
    figure.suptitle(title, fontsize=11, x=0.01, ha="left")
    return figure


def _draw_matrix(
    axes: Axes, values: NDArray[np.float64], rows: Sequence[str], columns: Sequence[str], size: float
) -> None:
    """Draw a matrix of similarities with its names and its colour bar; `size` is that of their letters, in points."""
    image = axes.imshow(values, cmap="cividis")
    axes.set_xticks(range(len(columns)), columns, rotation=90, fontsize=size, color="black")
    axes.set_yticks(range(len(rows)), rows, fontsize=size, color="black")
    axes.tick_params(length=0)
    figure = axes.figure
    figure.colorbar(image, ax=axes, shrink=0.6, label="likeness of the codes, 1 is equal")


def _draw_equivalents(values: NDArray[np.float64], view: View, what: str) -> Figure:
    """Draw the people of the first row against those of the second, with dots at the equivalents."""
    (one, names), (other, other_names) = view.rows
    half = len(names)
    between = values[:half, half:]
    figure = Figure(figsize=(6.2, 5.2), layout="constrained")
    axes = figure.subplots()
    _draw_matrix(axes, between, names, other_names, 9.5)
    axes.set_title(f"{one} and {other}, {what}", fontsize=10)
    axes.plot(range(half), range(half), ".", color=RIGHT_COLOUR, markersize=6, label="equivalents")
    key_below_panels(figure)
    same = np.eye(half, dtype=bool)
    means = {"equivalents": float(between[same].mean()), "others": float(between[~same].mean())}
    headline(figure, titled("similarity", **means))
    return figure
