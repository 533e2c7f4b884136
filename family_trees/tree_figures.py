"""The figures of a network of any people: those of a shown part, in rows of a generation each.

The figures of the paper (`figures`) have the places that the paper gives to its 24 people; these find places for any.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from types import MappingProxyType
from typing import Any, Literal

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.text import Text
from numpy.typing import NDArray

from family_trees.encoding import Told, encoded, layers, similarity
from family_trees.errors import FamilyTreesError
from family_trees.families import RELATIONS, load_families
from family_trees.figures import ACCENT, COLOURS, MUTED, RIGHT, hinton_squares, save_figure, styled, unit_order
from family_trees.kinship import Part, families_of, is_of_1986, part_of
from family_trees.model import Model
from family_trees.network import FAMILY_TREE_NETWORK, Connection
from family_trees.pedigree import Pedigree, lines, pedigree
from family_trees.task import Case, Task
from family_trees.unit_figures import labelled

SLOT, ROW = 1.15, 1.25
"""Inches that a person and a generation take in a pedigree."""
TITLE = 0.3
"""Inches that its title takes."""
CELL = 0.2
"""Inches that a square takes, the unit of the figures of squares."""
LETTER, BETWEEN = 0.36, 0.5
"""Cells that a letter of a name takes, and the room between generations."""
DASHED = (0, (3, 2))
"""Of lines to another row."""
LONGEST = 34
"""Letters of a name that stands in one line."""
TALLEST, MOST_UNITS = 12, 24
"""Units that stand below each other, and beside each other, at most."""
NARROWEST = 26.0
"""Cells that the key of a figure needs."""
MOST_BEYOND = 6
"""People who are drawn although they are not among the shown ones."""


@dataclass(frozen=True)
class View:
    """The people whom the figures show, and how they stand."""

    part: Part
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    """The label of each generation, such as "generation 2", and its people; one row without a label where the facts
    tell of no generations."""
    pedigree: Pedigree | None
    """None where the facts tell of no parents and no marriages."""

    @property
    def people(self) -> tuple[str, ...]:
        """As they stand, row by row."""
        return tuple(name for _, names in self.rows for name in names)


def view(task: Task, part: Part) -> View:
    """The people of `part` as they stand in a pedigree, where the facts tell of one."""
    whole = families_of(task)
    shown = None if whole is None else part_of(whole, part.people)
    if whole is None or shown is None or not (shown.marriages or shown.births):
        return View(part, (("", part.people),), None)
    laid_out = pedigree(shown)
    rows = []
    for names in laid_out.rows:
        numbers = sorted({whole.generation(name) for name in names})
        several = f"s {numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f" {numbers[0]}"
        rows.append((f"generation{several}", names))
    return View(part, tuple(rows), laid_out)


def is_of_the_paper(model: Model) -> bool:
    """Whether facts and layers are those of the paper, and in its order; other sizes need other places."""
    paper = tuple(person.name for person in load_families().people)
    sizes = [[(layer.name, layer.units) for layer in each.layers] for each in (model.architecture, FAMILY_TREE_NETWORK)]
    names = (model.task.people, model.task.relations)
    return is_of_1986(model.task) and names == (paper, RELATIONS) and sizes[0] == sizes[1]


def check_layers(model: Model) -> None:
    """See that the layers are those of the paper, of whatever sizes.

    Raises:
        FamilyTreesError: they are others.
    """
    own, known = ([layer.name for layer in each.layers] for each in (model.architecture, FAMILY_TREE_NETWORK))
    if own != known:
        raise FamilyTreesError(f"the figures are of networks with the layers {', '.join(known)}, not {', '.join(own)}")


def fonts_for(names: Iterable[str]) -> tuple[list[str], str]:
    """The fonts in which names can be written: the usual one, others that are installed for letters that it lacks.

    Returns:
        The fonts, and the letters that none of them has.
    """

    def letters(path: str) -> set[int]:
        return {*font_manager.get_font(path).get_charmap()}

    fonts = ["DejaVu Sans"]
    missing = {ord(letter) for name in names for letter in name if letter.isprintable()}
    missing -= letters(font_manager.findfont(fonts[0]))
    for entry in font_manager.fontManager.ttflist:
        if missing and (found := missing & letters(entry.fname)):
            fonts.append(entry.name)
            missing -= found
    return fonts, "".join(map(chr, sorted(missing)))


def save_legibly(figure: Figure, path: Path, fonts: Sequence[str]) -> None:
    """Write a figure in these fonts; letters that they lack are boxes, and in .svg what the reader's fonts have.

    Raises:
        FamilyTreesError: `path` cannot be written; names path and reason.
    """
    if len(fonts) > 1:
        for text in figure.findobj(Text):
            text.set_fontfamily([*fonts])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        save_figure(figure, path)


@styled
def draw_pedigree(laid_out: Pedigree, part: Part) -> Figure:
    """The shown people as Nature, fig. 2, has its own: `=` joins a couple, a line leads from it to its children."""
    across, down = max(laid_out.x.values()) + 1.3, len(laid_out.rows)
    across = max(across, 5.0)
    figure = Figure(figsize=(SLOT * across, ROW * (down - 0.36) + TITLE))
    axes = figure.add_axes((0, 0, 1, 1))
    x, row = laid_out.x, laid_out.row
    for name in x:
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}  # hides the lines that end at the name
        style: dict[str, Any] = {"color": ACCENT, "fontweight": "bold"} if name == part.around else {"color": "black"}
        text = "\n".join(wrap(name, 13, max_lines=4, placeholder="\u2026"))
        axes.text(x[name], -row[name], text, ha="center", va="center", fontsize=8.5, bbox=box, linespacing=1, **style)
    for each in lines(laid_out):
        xs, rows = zip(*each.points, strict=True)
        colour, dashes = (MUTED, *COLOURS)[each.track % 5], DASHED if each.dashed else "-"
        axes.plot(xs, [-row for row in rows], color=colour, linestyle=dashes, lw=1.2, solid_capstyle="butt", zorder=1)
    axes.text(-0.5, 0.3 + TITLE / ROW, part.said, fontsize=11, fontweight="bold", va="top")
    axes.set_xlim(-0.65, across - 0.65)
    axes.set_ylim(-down + 0.68, 0.32 + TITLE / ROW)
    axes.axis("off")
    return figure


@styled
def draw_activities_of(model: Model, case: Case, shown: View) -> Figure:
    """Nature, fig. 3, for any people: the activity of every unit for one question, of the person units the shown ones.

    The area of a white square is the activity of its unit; dots mark the right answers. The question is at the left,
    the answer at the right. Who is asked about, or is an answer, and is not among the shown, stands below them.
    """
    task, answer = model.task, model.ask(*case)
    y = {name: values.reshape(-1) for name, values in model.activities(case).items()}
    said = [each.person for each in answer.answers]
    beyond = [name for name in dict.fromkeys([case.person, *answer.facts, *said]) if name not in shown.people]
    rows = [*shown.rows, *([("not in this part", tuple(beyond[:MOST_BEYOND]))] if beyond else [])]
    people = [name for _, names in rows for name in names]
    relations = task.relations if len(task.relations) <= MOST_UNITS else (case.relation,)
    of_people = dict(zip(task.people, y["person"], strict=True))
    of_answers = dict(zip(task.people, y["answer"], strict=True))
    of_relations = dict(zip(task.relations, y["relation"], strict=True))
    lowest = -_height(rows) - 2.0 - len(relations)
    top, bottom = -min(_height(rows), 24.0) / 2, lowest + len(relations) / 2
    middles = {
        "person code": top,
        "relation code": min(bottom, top - 9.5),
        "central": (top + bottom) / 2,
        "penultimate": (top + bottom) / 2,
    }
    blocks = {name: _in_columns(y[name]) for name in middles}
    steps = [1.0]
    for several in (("person code", "relation code"), ("central",), ("penultimate",)):
        steps.append(steps[-1] + 3.0 + max(blocks[name].shape[1] for name in several))
    left = dict(zip(middles, (steps[0], steps[0], *steps[1:]), strict=False))
    right = steps[-1] + 3.0
    names = LETTER * max(len(_short(name)) for name in people)
    labels = LETTER * max(len(label) for label, _ in rows) + 0.8
    lowest = min(lowest, middles["relation code"] - len(blocks["relation code"]) / 2)
    words = LETTER * max(len(_short(name)) for name in relations)
    figure, axes = _canvas(-max(names + labels, words) - 1, right + names + 2, lowest - 3.4, 5.8)

    def arrow(x1: float, y1: float, x2: float, y2: float) -> None:
        style: dict[str, Any] = {"arrowstyle": "-|>", "color": "#b5b5b5", "linewidth": 1.4}
        axes.annotate("", (x2 - 0.25, y2), (x1 + 0.25, y1), arrowprops=style)

    _labels(axes, rows, -names - 0.8)
    _list(axes, rows, of_people, 0.0, strong={case.person: ACCENT}, side="left")
    at = _list(axes, rows, of_answers, right, strong=dict.fromkeys(answer.facts, RIGHT), side="right")
    _list(axes, [("", relations)], of_relations, 0.0, -_height(rows) - 2.0, {case.relation: ACCENT}, "left")
    for name in answer.facts:
        if name in at:
            axes.add_patch(Circle((right + 0.5, at[name]), 0.17, facecolor=RIGHT, edgecolor="white", lw=0.8, zorder=4))
    for name, values in blocks.items():
        tall, wide = values.shape
        x = left[name] + 3.0
        for k in range(wide):
            own = values[~np.isnan(values[:, k]), k]
            hinton_squares(axes, own[:, None], x + k, middles[name] + tall / 2 - len(own))
        label = f"{name.replace(' ', chr(10))}\n{len(y[name])} units"
        axes.text(
            x + wide / 2, middles[name] + tall / 2 + 0.3, label, fontsize=8.5, color=MUTED, ha="center", linespacing=1.1
        )
    ends = {name: left[name] + 3.0 + blocks[name].shape[1] for name in blocks}
    arrow(1.0, top, left["person code"] + 3.0, top)
    arrow(1.0, middles["relation code"], left["relation code"] + 3.0, middles["relation code"])
    for code in ("person code", "relation code"):
        toward = np.sign(middles[code] - middles["central"])
        arrow(ends[code], middles[code], left["central"] + 3.0, middles["central"] + toward * 1.5)
    arrow(ends["central"], middles["central"], left["penultimate"] + 3.0, middles["penultimate"])
    arrow(ends["penultimate"], middles["penultimate"], right, middles["penultimate"])
    start = axes.get_xlim()[0] + 0.5
    title = f"{case.person} has-{case.relation} ?"
    axes.text(start, 5.4, title, fontsize=13, fontweight="bold", va="top")
    told = f"above 0.5: {_few(said) or 'nobody'}\nright: {_few(answer.facts) or 'nobody is known'}"
    axes.text(start, 3.8, told, fontsize=9, va="top")
    axes.text(0.5, 0.3, "question", fontsize=9, color=ACCENT, ha="center")
    axes.text(right + 0.5, 0.3, "answer", fontsize=9, color=RIGHT, ha="center")
    key = "area of a white square: activity of the unit, 0 to 1\nred dot: a right answer"
    _told_below(axes, shown, key)
    return figure


@styled
def draw_weights_of(model: Model, group: str, shown: View) -> Figure:
    """Nature, fig. 4, for any names: a column a unit, a row a person who is shown, or a relation.

    White squares are excitatory, black ones inhibitory; the area is the size of the weight, and the largest weight of
    the figure fills its cell. Over a unit stands what it encodes, if anything (`encoding.encoded`), with the share of
    variance explained, of all people; units are ordered by that.
    """
    task = model.task
    weights = model.weights[Connection(group, f"{group} code")][0]
    rows = shown.rows if group == "person" else (("", task.relations),)
    place = {name: k for k, name in enumerate(task.people if group == "person" else task.relations)}
    told = encoded(weights, task, group)
    order = unit_order(told, group, task)[:MOST_UNITS]
    of_rows = weights[[place[name] for _, names in rows for name in names]]
    largest = float(np.abs(of_rows).max()) or 1.0
    columns, x = {}, 0.0
    for k, unit in enumerate(order):
        if k and _first(told[unit]) != _first(told[order[k - 1]]):
            x += BETWEEN
        columns[unit] = x
        x += 1
    headers = {unit: f"unit {unit + 1}" + (f": {told[unit][0]}" if told[unit] else "") for unit in order}
    names = LETTER * max(len(_short(name)) for _, own in rows for name in own)
    labels = LETTER * max(len(label) for label, _ in rows) + 0.8
    tall = LETTER * max(len(header) for header in headers.values()) + 0.8
    left, right = -names - labels - 1, max(x + 1, NARROWEST - names - labels)
    figure, axes = _canvas(left, right, -_height(rows) - 4.6, tall + 1.6)
    _labels(axes, rows, -names - 0.8)
    for unit, at in columns.items():
        values = dict(zip(place, weights[:, unit] / largest, strict=True))
        _list(axes, rows, values, at, side="left" if unit == order[0] else "none")
        beyond = told[unit] and told[unit][0].share > told[unit][0].chance
        style: dict[str, Any] = {"color": ACCENT if beyond else MUTED, "fontweight": "bold" if beyond else "normal"}
        axes.text(at + 0.5, 0.3, headers[unit], rotation=90, ha="center", va="bottom", fontsize=8, **style)
    cut = f"; the first {len(order)} of {len(told)} units" if len(order) < len(told) else ""
    key = (
        f"white: excitatory, black: inhibitory; area: size, of {largest:.1f} at most{cut}\n"
        "blue: explains half of the variance of a unit's weights or more\n"
        "grey: nothing does, or what does so by chance, too"
    )
    axes.text(-names - labels, tall + 1.4, f"Weights to the {group} code", fontsize=11, fontweight="bold", va="top")
    _told_below(axes, shown if group == "person" else None, key)
    return figure


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


@styled
def draw_similarity_of(model: Model, shown: View) -> Figure:
    """How alike the codes of the shown people are; light is alike, and white lines part the generations."""
    values = similarity(_codes(model, shown)[None])[0]
    names = [_short(name) for name in shown.people]
    size = 2.6 + 0.19 * len(names)
    figure = Figure(figsize=(size, size), layout="constrained")
    axes = figure.subplots()
    axes.imshow(np.where(np.eye(len(values), dtype=bool), np.nan, values), cmap="cividis")
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7.5, color="black")
    axes.set_yticks(range(len(names)), names, fontsize=7.5, color="black")
    axes.tick_params(length=0)
    ends = np.cumsum([len(own) for _, own in shown.rows])[:-1]
    for end in ends:
        axes.axhline(end - 0.5, color="white", linewidth=1.5)
        axes.axvline(end - 0.5, color="white", linewidth=1.5)
    figure.suptitle(_title("Likeness of person codes: light is alike", shown), fontsize=11, x=0.01, ha="left")
    return figure


def _codes(model: Model, shown: View) -> NDArray[np.float64]:
    """The person codes of the shown people, (shown, units)."""
    code = layers(model.weights, model.task, model.architecture)["person code"].activities[0]
    return np.asarray(code[[model.task.place[name] for name in shown.people]])


def _title(text: str, shown: View) -> str:
    return f"{text}\n{shown.part.said}" if shown.part.said else text


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _first(told: Sequence[Told]) -> str:
    return told[0].distinction if told else ""


def _short(name: str) -> str:
    """The name in one line; where it is cut, the years or the number at its end are kept, which may tell it apart."""
    if len(name) <= LONGEST:
        return name
    start, sign, end = name.rpartition(" (" if name.endswith(")") else " #")
    end = sign + end if start and len(end) < LONGEST / 2 else ""
    return f"{name[: LONGEST - len(end) - 1].rstrip()}\u2026{end}"


def _in_columns(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Units below each other in as many columns as there must be, (rows, columns); not a number where none is left."""
    columns = -(-len(values) // TALLEST)
    rows = -(-len(values) // columns)
    padded = np.full(rows * columns, np.nan)
    padded[: len(values)] = values
    return padded.reshape(columns, rows).T


def _height(rows: Sequence[tuple[str, Sequence[str]]]) -> float:
    return sum(len(names) for _, names in rows) + BETWEEN * (len(rows) - 1)


def _tops(rows: Sequence[tuple[str, Sequence[str]]]) -> list[float]:
    """The upper end of each row of names, which stand below each other."""
    return [0.0, *(-_height(rows[: k + 1]) - BETWEEN for k in range(len(rows) - 1))]


def _list(
    axes: Axes,
    rows: Sequence[tuple[str, Sequence[str]]],
    values: Mapping[str, float],
    x: float,
    y: float = 0.0,
    strong: Mapping[str, str] = MappingProxyType({}),
    side: Literal["left", "right", "none"] = "none",
) -> dict[str, float]:
    """A square for each name below the others, its name beside it; those in `strong` stand out in their colour.

    Returns:
        The height of each name.
    """
    at: dict[str, float] = {}
    for top, (_, names) in zip(_tops(rows), rows, strict=True):
        centres = hinton_squares(axes, np.array([[values[name]] for name in names]), x, y + top - len(names))
        for (_, height), name in zip(centres, names, strict=True):
            at[name] = height
            style: dict[str, Any] = {
                "color": strong.get(name, "black"),
                "fontweight": "bold" if name in strong else "normal",
            }
            end: dict[str, Any] = {"x": x - 0.35, "ha": "right"} if side == "left" else {"x": x + 1.35, "ha": "left"}
            if side != "none":
                axes.text(y=height, s=_short(name), fontsize=8, va="center", **end, **style)
    return at


def _labels(axes: Axes, rows: Sequence[tuple[str, Sequence[str]]], x: float) -> None:
    """The label of each row of names at its upper end."""
    for top, (label, _) in zip(_tops(rows), rows, strict=True):
        axes.text(x, top - 0.5, label, fontsize=8, color=MUTED, va="center", ha="right")


def _canvas(left: float, right: float, bottom: float, top: float) -> tuple[Figure, Axes]:
    """An empty figure of so many cells."""
    figure = Figure(figsize=(CELL * (right - left), CELL * (top - bottom)))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure, axes


def _told_below(axes: Axes, shown: View | None, key: str) -> None:
    """The key of a figure, and who is shown of how many."""
    left, bottom = axes.get_xlim()[0], axes.get_ylim()[0]
    said = f"{shown.part.said}\n" if shown is not None and shown.part.said else ""
    axes.text(left + 0.5, bottom + 0.4, said + key, fontsize=8.5, color=MUTED, va="bottom")
