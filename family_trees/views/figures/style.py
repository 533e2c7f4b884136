"""The style of all figures, and how they are written."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar, get_args

import matplotlib
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import check_writable, staged_file


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


Format = Literal["png", "svg", "pdf"]


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
