"""The chain rule as a tree: what depends on what, a product along each path, and the sum over the paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes

from family_trees.analysis.explain.chain_rule import TitledTree
from family_trees.analysis.explain.chain_tree import ChainNode, ChainTree, sum_lines
from family_trees.views.figures.style import ACCENT_COLOUR, MUTED_COLOUR, Figure, styled

ROW, LETTER, GAP = 0.56, 0.083, 0.14
"""The height of a row, the width of a letter and the gap beside an arc, in inches."""


class Placed(NamedTuple):
    """A node with its place."""

    node: ChainNode
    depth: int
    row: float
    """0 for the uppermost end; a node stands in the middle of those below it."""
    above: int
    """The place of the node above it in the list; -1 for the root."""


def _short(number: float) -> str:
    return f"{number:.4g}".replace("-", "\N{MINUS SIGN}")


@styled
def draw_chain_trees(trees: Sequence[TitledTree], form: Callable[[float], str] = _short) -> Figure:
    """Draw trees of the chain rule below each other, each from its root on the left to its ends on the right.

    Args:
        form: how numbers are written.
    """
    placed = [[*_placed(each.tree.root)] for each in trees]
    widths = [_widths(each, form) for each in placed]
    # A line for the title and for each sum; an empty one below.
    heights = [max(p.row for p in each) + 1 for each in placed]
    below = [_sum_words(each.tree, form) for each in trees]
    tall = sum(ROW * rows + 0.3 * (len(lines) + 2) for rows, lines in zip(heights, below, strict=True))
    words = [line for each, lines in zip(trees, below, strict=True) for line in (each.title, *lines)]
    wide = max(*(sum(each) for each in widths), *(0.095 * len(line) + 0.3 for line in words))
    figure = Figure(figsize=(wide, tall))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, wide)
    axes.set_ylim(-tall, 0)
    axes.axis("off")
    top = 0.0
    for each, nodes, across, rows, lines in zip(trees, placed, widths, heights, below, strict=True):
        axes.text(0.12, top - 0.2, each.title, fontsize=11, va="center")
        _draw(axes, nodes, across, top - 0.4, form)
        top -= 0.4 + ROW * rows
        for line in lines:
            top -= 0.28
            axes.text(0.12, top + 0.06, line, fontsize=10, va="center", color=ACCENT_COLOUR, fontweight="bold")
        top -= 0.2
    return figure


def _placed(root: ChainNode) -> list[Placed]:
    """The nodes with their places; each comes after the node above it."""
    found: list[Placed] = []
    rows = iter(range(10**6))

    def place(node: ChainNode, depth: int, above: int) -> float:
        here = len(found)
        found.append(Placed(node, depth, 0.0, above))
        below = [place(each, depth + 1, here) for each in node.below]
        row = (below[0] + below[-1]) / 2 if below else float(next(rows))
        found[here] = Placed(node, depth, row, above)
        return row

    place(root, 0, -1)
    return found


def _labels(node: ChainNode, form: Callable[[float], str]) -> tuple[str, ...]:
    """What stands above the arc to a node and what below it: two factors, or one in words and as a number."""
    if len(node.factors) == 1:
        words, number = node.factors[0]
        return (words, f"= {form(number)}" if words else form(number))
    return tuple(f"{words} = {form(number)}" for words, number in node.factors)


def _widths(nodes: Sequence[Placed], form: Callable[[float], str]) -> list[float]:
    """The width of each depth in inches: of the arcs that lead to it, and of its names; then that of the products."""

    def longest(texts: Iterator[str]) -> float:
        return LETTER * max((len(text) for text in texts), default=0)

    depths = max(each.depth for each in nodes) + 1
    found = []
    for depth in range(depths):
        here = [each.node for each in nodes if each.depth == depth]
        arcs = longest(label for node in here for label in _labels(node, form))
        found += [arcs + 3 * GAP if depth else GAP, longest(node.name for node in here) + 0.2]
    return [*found, longest(f"= {form(each.node.product)}" for each in nodes if not each.node.below) + 2 * GAP]


def _draw(
    axes: Axes, nodes: Sequence[Placed], widths: Sequence[float], top: float, form: Callable[[float], str]
) -> None:
    starts = [sum(widths[: 2 * depth + 1]) for depth in range(len(widths) // 2)]  # where the names of a depth begin

    def y(row: float) -> float:
        return top - ROW * (row + 0.5)

    def end(each: Placed) -> float:
        return starts[each.depth] + LETTER * len(each.node.name) + 0.2

    for each in nodes:
        x, height = starts[each.depth], y(each.row)
        is_end = not each.node.below
        axes.text(
            x + 0.1,
            height,
            each.node.name,
            fontsize=9.5,
            va="center",
            fontweight="bold" if is_end or each.above < 0 else "normal",
            bbox={
                "boxstyle": "round,pad=0.25",
                "facecolor": "#eef3f8" if is_end else "white",
                "edgecolor": MUTED_COLOUR,
            },
        )
        if is_end:
            product = f"= {form(each.node.product)}"
            axes.text(sum(widths[:-1]) + GAP, height, product, fontsize=9.5, va="center", color=ACCENT_COLOUR)
            axes.plot([end(each), sum(widths[:-1]) + GAP / 2], [height, height], color="#cccccc", lw=0.8, ls=":")
        if each.above < 0:
            continue
        parent = nodes[each.above]
        trunk = sum(widths[: 2 * each.depth]) + GAP
        axes.plot(
            [end(parent), trunk, trunk, x],
            [y(parent.row), y(parent.row), height, height],
            color=MUTED_COLOUR,
            lw=1.1,
            zorder=0,
        )
        for label, up in zip(_labels(each.node, form), (1, -1), strict=False):
            axes.text(trunk + 0.07, height + up * 0.115, label, fontsize=8.5, va="center", color="black")


def _sum_words(tree: ChainTree, form: Callable[[float], str]) -> list[str]:
    """The sums over several paths; what has one path alone stands beside it."""
    sums = [each for each in tree.sums if len(each.products) > 1 or each.left_out]
    return [line.strip() for each in sums for line in sum_lines(each, form)]
