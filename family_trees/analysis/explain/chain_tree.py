"""The chain rule as a tree: what depends on what, a product along each path, and the sum over the paths.

At the root stands the error, or the result of a computation graph. Each node depends on those below it. The derivative
of the root by a number at the ends of the tree is the sum of the products along all paths that end there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import NamedTuple

from family_trees.analysis.explain.graph import FUNCTIONS, Graph, Node, forward, slope
from family_trees.analysis.explain.moment import Moment, UnitPlace
from family_trees.analysis.explain.paths import ErrorPath, error_paths
from family_trees.support.errors import FamilyTreesError

WEIGHT = "w"
"""The name of the weight at the ends of the tree of a network."""

PATHS_IN_TREE = 6
"""Of a network, this many of the strongest paths are drawn by default."""


@dataclass(frozen=True)
class ChainNode:
    """A node of the tree, and the derivative of the node above it by this one."""

    name: str
    factors: tuple[tuple[str, float], ...]
    """The factors of this derivative, each in words and as a number; none at the root."""
    product: float
    """The product of all factors from the root down to this node."""
    below: tuple[ChainNode, ...] = ()
    """The nodes on which it depends."""


class ChainSum(NamedTuple):
    """The derivative by a number at the ends of the tree."""

    derivative: str
    """In words, such as "dE/dw"."""
    products: tuple[float, ...]
    """The product along each path that is drawn and ends there, from above to below."""
    left_out: int
    """The number of paths that are not drawn."""
    left_out_sum: float
    """What the products along these add up to."""

    @property
    def total(self) -> float:
        """The derivative: the sum over all paths."""
        return sum(self.products) + self.left_out_sum


@dataclass(frozen=True)
class ChainTree:
    """The chain rule as a tree."""

    root: ChainNode
    sums: tuple[ChainSum, ...]
    """One for each number at the ends of the tree."""

    @property
    def left_out(self) -> ChainSum | None:
        """The sum of which paths are left out, if there is one."""
        return next((each for each in self.sums if each.left_out), None)


def weight_tree(at: Moment, below: UnitPlace, above: UnitPlace, most: int | None = PATHS_IN_TREE) -> ChainTree:
    """The tree for a weight and one case: from the error down to the weight from `below` to `above`.

    Args:
        most: how many of the strongest paths to draw; all of them by None. The others are counted and added up.

    Raises:
        FamilyTreesError: no such weight; or no error reaches it.
    """
    at.connection(below, above)
    found = error_paths(at, below, above, most)
    if not found.path_count:
        raise FamilyTreesError(
            "no error reaches this weight: every output unit is within its margin; give an earlier --sweep"
        )
    root = ChainNode("E", (), 1.0)
    for path in found.strongest:
        root = _with_path(root, [*_steps(at, path)])
    products = tuple(node.product for node in ends(root))
    left_out = found.path_count - len(products)
    rest = found.total - sum(products) if left_out else 0.0
    return ChainTree(root, (ChainSum(f"dE/d{WEIGHT}", products, left_out, rest),))


Factors = tuple[tuple[str, float], ...]
"""Each factor of a derivative in words, and its number."""


def _steps(at: Moment, path: ErrorPath) -> Iterable[tuple[str, Factors]]:
    """The names along a path, and the factors by which its product grows at each: from total input to total input."""
    factors = iter(path.factors[:-1])
    for unit in path.units:
        words, number = next(factors)
        if words.startswith("dE/dx"):  # of an output unit whose slope cancels
            yield at.name(unit), (("dE/dx", number),)
        else:
            yield at.name(unit), ((words.split()[0], number), ("slope", next(factors)[1]))
    yield WEIGHT, (path.factors[-1],)


def _with_path(node: ChainNode, rest: list[tuple[str, Factors]]) -> ChainNode:
    """The tree with one more path; what it shares with another path is drawn once."""
    if not rest:
        return node
    (name, factors), *further = rest
    known = next((k for k, each in enumerate(node.below) if each.name == name), len(node.below))
    old = node.below[known] if known < len(node.below) else _child(node, name, factors)
    return replace(node, below=(*node.below[:known], _with_path(old, further), *node.below[known + 1 :]))


def _child(above: ChainNode, name: str, factors: Factors) -> ChainNode:
    return ChainNode(name, factors, above.product * prod(number for _, number in factors))


def graph_tree(of: Graph, *, squares_apart: bool = True) -> ChainTree:
    """The tree of a computation graph: from its result down to every given number.

    A product without a name of its own, such as "w0 x" of w0 and x, is drawn as its factors.

    Args:
        squares_apart: whether a node that is used twice by another, as in a square, stands there twice. Otherwise it
            stands there once, and its two derivatives are added.
    """
    nodes, values = {node.name: node for node in of.nodes}, forward(of)
    result = of.nodes[-1].name
    root = _grown(ChainNode(result, (), 1.0), nodes, values, squares_apart)
    found: dict[str, list[float]] = {node.name: [] for node in of.nodes if node.kind == "given"}
    for node in ends(root):
        found[node.name].append(node.product)
    return ChainTree(
        root,
        tuple(ChainSum(f"d{_after_d(result)}/d{_after_d(name)}", tuple(of), 0, 0.0) for name, of in found.items()),
    )


def _grown(node: ChainNode, nodes: Mapping[str, Node], values: Mapping[str, float], squares_apart: bool) -> ChainNode:
    found: list[tuple[str, str, float]] = list(_operands(nodes[node.name], nodes, values))
    if not squares_apart:
        names = dict.fromkeys(name for name, _, _ in found)
        found = [
            (
                name,
                " + ".join(words for of, words, _ in found if of == name),
                sum(number for of, _, number in found if of == name),
            )
            for name in names
        ]
    children = (_child(node, name, ((words, number),)) for name, words, number in found)
    return replace(node, below=tuple(_grown(each, nodes, values, squares_apart) for each in children))


def _operands(node: Node, nodes: Mapping[str, Node], values: Mapping[str, float]) -> Iterable[tuple[str, str, float]]:
    """On what a node depends: the name, and the derivative by it in words and as a number."""
    for place, name in enumerate(node.operands):
        other = nodes[name]
        if node.kind == "sum" and other.kind == "product" and name == " ".join(other.operands):
            yield from _operands(other, nodes, values)
        else:
            yield name, _slope_words(node, place), slope(node, place, values)


def _slope_words(node: Node, place: int) -> str:
    if node.kind in FUNCTIONS:
        return FUNCTIONS[node.kind].slope_text.format(node.operands[place]).replace("(-sin", "-sin").replace("))", ")")
    if node.kind == "product":
        return " ".join(name for k, name in enumerate(node.operands) if k != place)
    return "the larger" if node.kind == "max" else ""


def ends(node: ChainNode) -> Iterable[ChainNode]:
    """The nodes at the ends of a tree, from above to below."""
    if not node.below:
        yield node
    for each in node.below:
        yield from ends(each)


def _after_d(name: str) -> str:
    """A name after a d: "dE" and "dw0", but "d to pay"."""
    return f" {name}" if " " in name or len(name) > 2 else name


def tree_lines(tree: ChainTree, form: Callable[[float], str]) -> list[str]:
    """The tree as lines of text, then the sums over its paths.

    Args:
        form: how numbers are written.
    """
    rows = [("", "derivative of the one above", "product so far"), (tree.root.name, "", "")]
    rows += _rows(tree.root, "", form)
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    lines = [f"  {a.ljust(widths[0])}  {b.ljust(widths[1])}  {c.rjust(widths[2])}".rstrip() for a, b, c in rows]
    return [*lines, "", "Add over the paths:", *(f"  {line}" for each in tree.sums for line in sum_lines(each, form))]


def _rows(node: ChainNode, before: str, form: Callable[[float], str]) -> Iterable[tuple[str, str, str]]:
    for k, each in enumerate(node.below):
        last = k == len(node.below) - 1
        words = " x ".join(f"{words} {form(number)}".strip() for words, number in each.factors)
        yield f"{before}{'`-' if last else '|-'} {each.name}", words, form(each.product)
        yield from _rows(each, f"{before}{'  ' if last else '| '} ", form)


def sum_lines(of: ChainSum, form: Callable[[float], str]) -> list[str]:
    """The sum over the paths, and how many of them are left out."""
    terms = " + ".join(f"({form(each)})" if k and each < 0 else form(each) for k, each in enumerate(of.products))
    if not of.left_out:
        return [f"{of.derivative} = {terms}" + (f" = {form(of.total)}" if len(of.products) > 1 else "")]
    return [
        f"{of.derivative} = {form(of.total)}",
        f"  along the {len(of.products)} strongest paths: {form(sum(of.products))}",
        f"  along {of.left_out:,} more, left out here: {form(of.left_out_sum)}",
    ]
