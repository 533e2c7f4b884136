"""The figures of the paper, and the learning curves: each a function from data to a matplotlib figure.

Nothing here keeps state: figures are made without pyplot, and the style is one dictionary, applied by `styled`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar, get_args

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, StrMethodFormatter
from numpy.typing import NDArray

from family_trees.encoding import Told, distinctions, encoded
from family_trees.errors import FamilyTreesError
from family_trees.families import Families, load_families
from family_trees.files import check_writable, staged_file
from family_trees.model import Model
from family_trees.network import Connection
from family_trees.task import Case, Task

if TYPE_CHECKING:
    import pandas as pd

Format = Literal["png", "svg", "pdf"]

GROUND = "#8f8f8f"
"""The grey on which squares stand, as in the paper: white is excitatory or active, black inhibitory."""
MUTED = "#5a5a5a"
RIGHT = "#c8201a"
ACCENT = "#0b5fa5"
COLOURS = ("#0b5fa5", "#c2571a", "#3f7d3a", "#6b4c9a")
"""Lines; told apart in grey and by the colour-blind."""

GRID: dict[str, Any] = {"color": "#dddddd", "linewidth": 0.6}

STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "savefig.dpi": 160,
    "svg.hashsalt": "family-trees",
    "svg.fonttype": "none",
}

P = ParamSpec("P")
R = TypeVar("R")


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """`draw`, in the style of the house."""

    @wraps(draw)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with matplotlib.rc_context(STYLE):
            return draw(*args, **kwargs)

    return wrapper


# Places of the English in Nature, fig. 2: (column, row); their equivalents stand at the same places.
_PLACES = {
    "Christopher": (0.9, 0),
    "Penelope": (2.2, 0),
    "Andrew": (3.8, 0),
    "Christine": (5.1, 0),
    "Margaret": (-0.2, 1),
    "Arthur": (0.95, 1),
    "Victoria": (2.15, 1),
    "James": (3.85, 1),
    "Jennifer": (5.05, 1),
    "Charles": (6.2, 1),
    "Colin": (2.4, 2),
    "Charlotte": (3.6, 2),
}


@styled
def draw_trees(families: Families) -> Figure:
    """Nature, fig. 2: the two trees; `=` joins a couple, a line leads from it to its children."""
    figure = Figure(figsize=(9, 7.2), layout="constrained")
    nationalities = list(dict.fromkeys(person.nationality for person in families.people))
    for k, nationality in enumerate(nationalities):
        axes = figure.add_subplot(len(nationalities), 1, k + 1)
        equivalents = {p.name: p.name if p.name in _PLACES else p.equivalent for p in families.people}
        places = {p.name: _PLACES[equivalents[p.name]] for p in families.people if p.nationality == nationality}
        _draw_tree(axes, families, places)
        axes.set_title(f"{nationality} family", fontweight="bold")
    return figure


def _draw_tree(axes: Axes, families: Families, places: Mapping[str, tuple[float, float]]) -> None:
    line: dict[str, Any] = {"color": MUTED, "linewidth": 1.2, "solid_capstyle": "butt", "zorder": 1}
    for name, (x, y) in places.items():
        box = {"facecolor": "white", "edgecolor": "none", "pad": 4}  # hides the lines that end at the name
        axes.text(x, -y, name, ha="center", va="center", fontsize=11.5, bbox=box, zorder=2)
    for husband, wife in families.marriages:
        if husband not in places:
            continue
        (x1, y), (x2, _) = places[husband], places[wife]
        for offset in (-0.025, 0.025):
            axes.plot([x1, x2], [-y + offset] * 2, **line)
        children = [places[child] for child, father, mother in families.births if (father, mother) == (husband, wife)]
        if children:
            middle, bar = (x1 + x2) / 2, -y - 0.52
            axes.plot([middle, middle], [-y - 0.025, bar], **line)
            axes.plot([min(x for x, _ in children), max(x for x, _ in children)], [bar, bar], **line)
            for x, row in children:
                axes.plot([x, x], [bar, -row], **line)
    axes.set_xlim(-0.6, 6.6)
    axes.set_ylim(-2.2, 0.3)
    axes.axis("off")


@styled
def draw_activities(model: Model, case: Case) -> Figure:
    """Nature, fig. 3: the activity of every unit in the five layers for one question.

    The area of a white square is the activity of its unit; of the person units, the English stand above the Italian;
    dots mark the right answers. The input is at the bottom, the answer on top.
    """
    people, relations = _rows(model.task.people), _rows(model.task.relations)
    activities = {name: y.reshape(-1) for name, y in model.activities(case).items()}
    facts = model.ask(*case).facts
    columns = len(people[0])
    right = columns + 1.5
    middle = columns / 2 - 3
    figure = Figure(figsize=(8.4, 8.8))
    axes = figure.add_axes((0, 0, 1, 1))

    def block(layer: str, x: float, y: float, rows: int = 1, label: str = "") -> list[tuple[float, float]]:
        axes.text(x - 0.2, y + 0.5, label, fontsize=9, color=MUTED, ha="right", va="center", linespacing=1.1)
        return hinton_squares(axes, activities[layer].reshape(rows, -1), x, y)

    answers = block("answer", 0, 16.4, rows=2)
    for (x, y), name in zip(answers, model.task.people, strict=True):
        if name in facts:
            axes.add_patch(Circle((x, y), 0.15, facecolor=RIGHT, edgecolor="white", linewidth=0.8, zorder=4))
    for y in (16.4, 2.1):
        _row_labels(axes, people, 0, y)
    _names_outside(axes, people, 0, 16.4, facts, RIGHT)
    block("penultimate", middle, 11.0, label="penultimate layer:\n6 units")
    block("central", 0, 8.7, label="central:\n12 units")
    block("person code", middle, 6.4, label="person code:\n6 units")
    block("relation code", right, 6.4)
    axes.text(right + 1, 7.6, "relation code: 6 units", fontsize=9, color=MUTED)
    block("person", 0, 2.1, rows=2)
    block("relation", right, 2.1, rows=2)
    _names_outside(axes, people, 0, 2.1, (case.person,), ACCENT)
    _names_outside(axes, relations, right, 2.1, (case.relation,), ACCENT)
    for (x1, y1), (x2, y2) in (
        ((columns / 2, 4.3), (columns / 2, 6.25)),
        ((right + 3, 4.3), (right + 3, 6.25)),
        ((columns / 2, 7.5), (columns / 2, 8.6)),
        ((right + 0.5, 7.5), (columns - 0.5, 8.6)),
        ((columns / 2, 9.8), (columns / 2, 10.9)),
        ((columns / 2, 12.1), (columns / 2, 13.7)),
    ):
        axes.annotate("", (x2, y2), (x1, y1), arrowprops={"arrowstyle": "-|>", "color": "#b5b5b5", "linewidth": 1.4})
    axes.text(right, 17.9, "answer: 24 person units", fontsize=10, color=MUTED, va="center")
    axes.text(right, 16.9, "\u25cf right answer", fontsize=10, color=RIGHT, va="center")
    axes.text(right, 0.0, "blue: the question", fontsize=9, color=ACCENT, va="top")
    axes.text(-2.0, 21.9, f"{case.person} has-{case.relation} ?", fontsize=15, fontweight="bold", va="top")
    axes.text(right, -0.6, "area of a white square:\nactivity of the unit, 0 to 1", fontsize=9, color=MUTED, va="top")
    axes.set_xlim(-2.4, columns + 8.4)
    axes.set_ylim(-1.6, 22.4)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure


@styled
def draw_weights(model: Model, group: Literal["person", "relation"]) -> Figure:
    """Nature, fig. 4: the weights from the person units to the six units of the person code; or those of relations.

    White squares are excitatory, black ones inhibitory; the area is the size of the weight, and the largest weight of
    the figure fills its cell. The English stand above their Italian equivalents. Over a unit stands what it encodes, if
    anything (`encoding.encoded`), with the share of variance explained; units are ordered by that.
    """
    weights = model.weights[Connection(group, f"{group} code")][0]
    largest = float(np.abs(weights).max()) or 1.0
    names = model.task.people if group == "person" else model.task.relations
    rows = _rows(names)
    told = encoded(weights, model.task, group)
    columns, units = len(rows[0]), weights.shape[1]
    across = 2 if columns > 6 else 3
    down = -(-units // across)
    labelled = 2.4 if group == "person" else 0.4  # room for the nationalities
    step_x, step_y = columns + labelled + 0.8, 3.4
    above, below = (0.24 * max(map(len, row)) for row in rows)  # the length of the names, in cells
    lowest = -(down - 1) * step_y
    left, right, bottom, top = -labelled - 0.2, across * step_x - labelled - 0.3, lowest - below - 1.6, 3.3 + above
    figure = Figure(figsize=(0.34 * (right - left), 0.34 * (top - bottom)))
    axes = figure.add_axes((0, 0, 1, 1))
    for place, unit in enumerate(unit_order(told, group, model.task)):
        x, y = (place % across) * step_x, -(place // across) * step_y
        hinton_squares(axes, weights[:, unit].reshape(2, -1) / largest, x, y)
        axes.text(x, y + 2.15, f"unit {unit + 1}", fontsize=10, fontweight="bold", va="bottom")
        beyond = any(each.share > each.chance for each in told[unit])
        label = ", ".join(map(str, told[unit]))
        axes.text(x + 2.2, y + 2.17, label, fontsize=9.5, color=ACCENT if beyond else MUTED, va="bottom")
        _row_labels(axes, rows, x, y)
    for k in range(min(across, units)):
        _names_along(axes, rows[0], k * step_x, 2.95, above=True)
        _names_along(axes, rows[1], k * step_x, lowest - 0.15, above=False)
    key = (
        f"white: excitatory, black: inhibitory; area: size of the weight (the largest is {largest:.1f})\n"
        "beside a unit: what explains half of the variance of its weights or more; grey if chance explains as much"
    )
    axes.text(0, bottom + 0.3, key, fontsize=9, color=MUTED)
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure


def unit_order(told: Sequence[Sequence[Told]], group: str, task: Task) -> list[int]:
    """Units in the order of what they encode, `told` as by `encoding.encoded`; then those that encode nothing known."""
    names = [distinction.name for distinction in distinctions(group, task)]

    def rank(unit: int) -> tuple[int, float]:
        if not told[unit]:
            return len(names), unit
        strongest = told[unit][0]
        return names.index(strongest.distinction), -strongest.share

    return sorted(range(len(told)), key=rank)


@styled
def draw_curves(means: pd.DataFrame, training_cases: int, held_out_cases: int) -> Figure:
    """How learning went, by sweep: E, training cases right, and held-out cases right.

    Args:
        means: as `tables.curve_means` gives them; a line is the mean of a recipe, a band its 95% interval.
        training_cases: of each network; likewise `held_out_cases`.
    """
    panels = [
        ("E of the training cases, logarithmic", "error", None),
        (f"training cases right, of {training_cases}", "training_right", training_cases),
        (f"held-out cases right, of {held_out_cases}", "held_out_right", held_out_cases),
    ]
    panels = panels if held_out_cases else panels[:2]
    figure = Figure(figsize=(3.1 * len(panels), 3.5), layout="constrained")
    for axes, (title, measure, most) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        for colour, (label, rows) in zip(COLOURS, means.groupby("recipe", sort=False), strict=False):
            axes.plot(rows["sweep"], rows[measure], color=colour, linewidth=2, label=str(label))
            low, high = (rows[f"{measure}_{end}"].clip(upper=most) for end in ("low", "high"))
            axes.fill_between(rows["sweep"], low, high, color=colour, alpha=0.2, linewidth=0)
        axes.set_title(title)
        axes.set_xlabel("sweep")
        axes.set_xlim(0, means["sweep"].max() or 1)
        axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
        axes.grid(axis="y", **GRID)
        if most is None:
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axes.yaxis.set_minor_locator(NullLocator())
        else:
            axes.set_ylim(-0.02 * most, 1.04 * most)
            axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=len(labels), frameon=False)
    return figure


def check_figure(path: Path) -> None:
    """See before long work whether a figure can be written to `path`.

    Raises:
        FamilyTreesError: it cannot be written, or its suffix is none of a `Format`; names path and reason.
    """
    if not path.is_dir() and path.suffix.removeprefix(".") not in get_args(Format):
        raise FamilyTreesError(f"{path}: no figure can be of this kind; give a name in .png, .svg or .pdf")
    check_writable(path)


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write `figure` to `path`, all or nothing, in the format of its suffix; the same figure gives the same bytes.

    Raises:
        FamilyTreesError: `path` cannot be written; names path and reason.
    """
    undated: dict[str, dict[str, None]] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    with matplotlib.rc_context(STYLE), staged_file(Path(path)) as temporary:
        figure.savefig(temporary, metadata=undated.get(Path(path).suffix), facecolor="white")


def _rows(names: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Units as they are drawn: the first half (the English) above the second (the Italians)."""
    half = len(names) // 2
    return names[:half], names[half:]


def _row_labels(axes: Axes, rows: Sequence[Sequence[str]], x: float, y: float) -> None:
    """Beside each row of a block of two, the nationality that its people share in the trees of 1986."""
    known = {person.name: person.nationality for person in load_families().people}
    for k, row in enumerate(rows):
        nationalities = {known.get(name, "") for name in row}
        label = nationalities.pop() if len(nationalities) == 1 else ""
        axes.text(x - 0.2, y + 1.5 - k, label, fontsize=8, color=MUTED, ha="right", va="center")


def hinton_squares(axes: Axes, values: NDArray[np.float64], x: float, y: float) -> list[tuple[float, float]]:
    """A Hinton diagram on unit cells, its lower left corner at (x, y): area for size, white above 0, black below.

    Args:
        values: (rows, columns), between -1 and 1; the first row is drawn on top.

    Returns:
        The centres of the cells, row by row.
    """
    rows, columns = values.shape
    axes.add_patch(Rectangle((x, y), columns, rows, facecolor=GROUND, edgecolor="none"))
    centres = [(x + c + 0.5, y + rows - r - 0.5) for r in range(rows) for c in range(columns)]
    sides = 0.94 * np.sqrt(np.abs(values.reshape(-1)))
    squares = [
        Rectangle((cx - side / 2, cy - side / 2), side, side) for (cx, cy), side in zip(centres, sides, strict=True)
    ]
    colours = ["white" if value > 0 else "black" for value in values.reshape(-1)]
    axes.add_collection(PatchCollection(squares, facecolors=colours, edgecolors="none", zorder=3))
    return centres


def _names_along(
    axes: Axes,
    names: Sequence[str],
    x: float,
    y: float,
    *,
    above: bool,
    strong: Sequence[str] = (),
    colour: str = "black",
) -> None:
    """Names over or under the columns of a block, reading upwards; those in `strong` stand out in a colour."""
    for k, name in enumerate(names):
        axes.text(
            x + k + 0.5,
            y,
            name,
            rotation=90,
            ha="center",
            va="bottom" if above else "top",
            fontsize=9,
            color=colour if name in strong else "black",
            fontweight="bold" if name in strong else "normal",
        )


def _names_outside(
    axes: Axes, rows: tuple[Sequence[str], Sequence[str]], x: float, y: float, strong: Sequence[str], colour: str
) -> None:
    """The names of a block of two rows: the upper row's above it, the lower row's below it."""
    _names_along(axes, rows[0], x, y + 2.2, above=True, strong=strong, colour=colour)
    _names_along(axes, rows[1], x, y - 0.2, above=False, strong=strong, colour=colour)
