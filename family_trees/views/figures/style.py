"""The style of all figures, and the writing of figures to files."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import partial, wraps
from pathlib import Path
from typing import Any, Literal, ParamSpec, get_args

import matplotlib
from matplotlib import font_manager
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text

from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import check_writable, staged_file
from family_trees.support.prose import Prose


def fonts_for(names: Iterable[str]) -> tuple[list[str], str]:
    """The fonts in which names can be written: the usual one, then installed fonts for the letters that it lacks.

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


def save_legibly(figure: MatplotlibFigure, path: Path, fonts: Sequence[str]) -> None:
    """Write a figure in these fonts. A letter that they lack becomes a box; in .svg the reader's fonts may have it.

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
"""The kinds of files for figures."""

MUTED_COLOUR = "#5a5a5a"
"""Grey, for labels, keys and axes."""

RIGHT_COLOUR = "#c8201a"
"""Red, for right answers and for limits."""

ACCENT_COLOUR = "#0b5fa5"
"""Blue, for emphasis."""

LINE_COLOURS = ("#0b5fa5", "#c2571a", "#1c1c1c", "#cc79a7")
"""The colours of lines. They stay apart for colour-blind readers, too: tests/test_figure_style.py simulates it."""

WIDTH = 7.4
"""The width of a wide figure, in inches. Pages show a figure at about this width, so letters keep their size."""

GRID_STYLE: dict[str, Any] = {"color": "#dddddd", "linewidth": 0.6}
"""The style of grid lines."""

FIGURE_SETTINGS: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": MUTED_COLOUR,
    "xtick.color": MUTED_COLOUR,
    "ytick.color": MUTED_COLOUR,
    "savefig.dpi": 160,
    "svg.hashsalt": "family-trees",
    "svg.fonttype": "none",
}
"""The settings of matplotlib under which figures are drawn and written."""

P = ParamSpec("P")


class Figure(MatplotlibFigure):
    """A matplotlib figure that a notebook shows without a file and without pyplot."""

    headline: tuple[Text, float] | None = None
    """The words above it, and the height of what is below them, in inches."""

    def _repr_png_(self) -> bytes:
        """The figure in at most 256 colours, so that notebooks stay small."""
        from PIL import Image  # comes with matplotlib

        written, smaller = io.BytesIO(), io.BytesIO()
        with matplotlib.rc_context(FIGURE_SETTINGS):
            self.savefig(written, format="png", dpi=100, facecolor="white")
        picture = Image.open(written).convert("RGB")
        picture.quantize(method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(smaller, "png", optimize=True)
        return smaller.getvalue()


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """A decorator: `draw` in the style of all figures. Names are written literally, whatever signs they contain."""

    @wraps(draw)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with matplotlib.rc_context(FIGURE_SETTINGS):
            figure = draw(*args, **kwargs)
        _write_literally(figure)
        return figure

    return wrapper


def headline(figure: Figure, words: str) -> None:
    """Write what a figure shows above it. The figure grows by the height of the words."""
    width, height = figure.get_size_inches()
    lines = _lines(words.replace(" - ", "\u00a0-\u00a0"), int(72 * width / (0.62 * HEADLINE_POINTS)))
    _set_height(figure, height + (len(lines) * 1.3 * HEADLINE_POINTS + 8) / 72, height)
    style: dict[str, Any] = {"fontsize": HEADLINE_POINTS, "fontweight": "bold", "va": "top"}
    grown = figure.get_size_inches()[1]
    figure.headline = figure.text(0.08 / width, 1 - 0.06 / grown, "\n".join(lines), **style), height


def without_headline(figure: Figure) -> Figure:
    """The same figure without the words above it, for whoever writes others there."""
    if figure.headline is not None:
        words, height = figure.headline
        words.remove()
        figure.headline = None
        _set_height(figure, height, height)
    return figure


def _set_height(figure: Figure, height: float, used: float) -> None:
    """Make a figure so high, in inches, and let its panels take the lower part, `used`."""
    width, before = figure.get_size_inches()
    figure.set_size_inches(width, height)
    if isinstance(engine := figure.get_layout_engine(), ConstrainedLayoutEngine):
        engine.set(rect=(0, 0, 1, used / height))
        return
    for axes in figure.axes:  # each keeps its size and its distance from the lower edge
        x, y, wide, high = axes.get_position().bounds
        axes.set_position((x, y * before / height, wide, high * before / height))


def _lines(words: str, most: int) -> list[str]:
    """`words` in as few lines as `most` letters a line allow, and these about equally long."""
    break_at = partial(textwrap.wrap, words, break_on_hyphens=False)
    fewest = len(break_at(most))
    return next(lines for letters in range(1, most + 1) if len(lines := break_at(letters)) == fewest)


HEADLINE_POINTS = 11.5
"""The size of the letters of headlines."""


def titled(name: str, **numbers: Any) -> str:
    """The headline of a figure, which the numbers choose: a block of templates/titles.txt."""
    return Prose("family_trees.views.figures", "titles.txt", numbers)(name)


def key_below_panels(figure: MatplotlibFigure, **style: Any) -> None:
    """One legend for all panels, below them, where it hides nothing."""
    found = dict(pair[::-1] for axes in figure.axes for pair in zip(*axes.get_legend_handles_labels(), strict=True))
    columns = {"ncols": len(found), "frameon": False}
    figure.legend(found.values(), found.keys(), loc="outside lower left", **columns | style)


def _write_literally(figure: Figure) -> None:
    """See that no text of the figure is read as a formula, and that a file can hold every text.

    People, recipes and files may have names with `$`, which matplotlib would read as formulas. The numbers of axes are
    made later, when the figure is written, so they stay formulas where matplotlib wants them.
    """
    for text in figure.findobj(Text):
        words = text.get_text()
        if "$" in words:
            text.set_parse_math(False)
        if words != writable(words):
            text.set_text(writable(words))


def writable(text: str) -> str:
    """The text with each half of a surrogate pair, which no file can hold, replaced by the sign of an unknown letter.

    All texts of a figure pass through this function, except the names of ticks, which matplotlib stores elsewhere.
    Callers must pass those through it themselves.
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def check_figure(path: Path) -> None:
    """See, before long work, that a figure can be written to `path`.

    Raises:
        FamilyTreesError: it cannot be written, or its suffix is not a `Format`; names path and reason.
    """
    if not path.is_dir() and path.suffix.removeprefix(".") not in get_args(Format):
        raise FamilyTreesError(f"{path}: no figure can be of this kind; give a name in .png, .svg or .pdf")
    check_writable(path)


def save_figure(figure: MatplotlibFigure, path: str | Path) -> None:
    """Write `figure` to `path` in the format of its suffix, completely or not at all. Equal figures give equal bytes.

    Raises:
        FamilyTreesError: `path` cannot be written; names path and reason.
    """
    undated: dict[str, dict[str, None]] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    with matplotlib.rc_context(FIGURE_SETTINGS), staged_file(Path(path)) as temporary:
        figure.savefig(temporary, metadata=undated.get(Path(path).suffix), facecolor="white")
