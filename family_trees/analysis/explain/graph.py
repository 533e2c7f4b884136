"""Computation graphs: values forward, derivatives backward, small enough to check by hand.

Back-propagation does the same on a graph of a few thousand nodes: multiply along each path, then add over the paths.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

NodeKind = Literal["given", "sum", "difference", "product", "max", "sin", "cos", "exp"]


class Function(NamedTuple):
    """A function of one number, and its derivative."""

    value: Callable[[float], float]
    slope: Callable[[float], float]
    slope_text: str
    """The derivative in words that `format` completes with the operand."""


FUNCTIONS: Mapping[NodeKind, Function] = {
    "sin": Function(math.sin, math.cos, "cos({})"),
    "cos": Function(math.cos, lambda x: -math.sin(x), "(-sin({}))"),
    "exp": Function(math.exp, math.exp, "exp({})"),
}
"""The functions that a node may be, by name."""


@dataclass(frozen=True)
class Node:
    """A node of a graph: a given number, or made of other nodes."""

    name: str
    kind: NodeKind
    operands: tuple[str, ...] = ()
    """The names of the nodes of which it is made. A difference has two, a function one. A max is the largest."""
    value: float = 0.0
    """The number, if it is given."""


@dataclass(frozen=True)
class Graph:
    """Nodes in order: each comes after its operands, and the last one is the result.

    Raises:
        ValueError: two nodes have one name, a node has too few or too many operands, or an operand does not come
            before its node.
    """

    nodes: tuple[Node, ...]

    def __post_init__(self) -> None:
        known: set[str] = set()
        for node in self.nodes:
            if node.name in known:
                raise ValueError(f"two nodes are called {node.name!r}")
            count, needed = len(node.operands), {"given": 0, "difference": 2, **dict.fromkeys(FUNCTIONS, 1)}
            if count != needed.get(node.kind, max(count, 1)):
                raise ValueError(f"node {node.name!r}: a {node.kind} node of {count} others")
            for other in node.operands:
                if other not in known:
                    raise ValueError(f"node {node.name!r} is made of {other!r}, which does not come before it")
            known.add(node.name)
        if not self.nodes:
            raise ValueError("a graph needs a node")


def forward(graph: Graph) -> dict[str, float]:
    """The value of every node, by name."""
    values: dict[str, float] = {}
    for node in graph.nodes:
        values[node.name] = _value(node, [values[other] for other in node.operands])
    return values


def _value(node: Node, parts: list[float]) -> float:
    if node.kind == "given":
        return node.value
    if node.kind == "sum":
        return sum(parts)
    if node.kind == "difference":
        return parts[0] - parts[1]
    if node.kind == "max":
        return max(parts)
    return math.prod(parts) if node.kind == "product" else FUNCTIONS[node.kind].value(parts[0])


def slope(node: Node, place: int, values: Mapping[str, float]) -> float:
    """The derivative of a node by one of its operands, the one at `place`."""
    if node.kind in FUNCTIONS:
        return FUNCTIONS[node.kind].slope(values[node.operands[0]])
    if node.kind == "max":
        parts = [values[other] for other in node.operands]
        return float(place == parts.index(max(parts)))
    if node.kind == "product":
        return math.prod(values[other] for k, other in enumerate(node.operands) if k != place)
    return -1.0 if node.kind == "difference" and place else 1.0


def backward(graph: Graph, values: Mapping[str, float]) -> dict[str, float]:
    """The derivative of the result by every node, by name.

    It goes from the result back: each node passes its derivative on to its operands.

    Args:
        values: as `forward` gives them.
    """
    derivatives = dict.fromkeys(values, 0.0)
    derivatives[graph.nodes[-1].name] = 1.0
    for node in reversed(graph.nodes):
        for place, other in enumerate(node.operands):
            derivatives[other] += derivatives[node.name] * slope(node, place, values)
    return derivatives


def _given(**values: float) -> tuple[Node, ...]:
    return tuple(Node(name.replace("_", " "), "given", value=value) for name, value in values.items())


APPLES = Graph(
    (
        *_given(price=100, count=2, tax=1.1),
        Node("cost", "product", ("price", "count")),
        Node("to pay", "product", ("cost", "tax")),
    )
)
"""Two apples at 100 each, and tax."""


APPLES_AND_ORANGES = Graph(
    (
        *_given(apple_price=100, apple_count=2, orange_price=150, orange_count=3, tax=1.1),
        Node("apples", "product", ("apple price", "apple count")),
        Node("oranges", "product", ("orange price", "orange count")),
        Node("fruit", "sum", ("apples", "oranges")),
        Node("to pay", "product", ("fruit", "tax")),
    )
)
"""Two apples at 100 and three oranges at 150, and tax."""


SQUARE_OF_A_SUM = Graph((*_given(x=3, y=4), Node("t", "sum", ("x", "y")), Node("z", "product", ("t", "t"))))
"""(x + y)^2 with t = x + y. Two ways lead from t to z, and so dz/dt = t + t."""


def _linear(k: int, below: str) -> tuple[Node, ...]:
    """The nodes of f_k = b_k + w_k times the node below."""
    product = f"w{k} {below}"
    return Node(product, "product", (f"w{k}", below)), Node(f"f{k}", "sum", (f"b{k}", product))


NESTED = Graph(
    (
        *_given(x=0.4, d=1, b0=0.5, w0=1, b1=0.1, w1=0.5, b2=-0.2, w2=0.8, b3=0.3, w3=2),
        *_linear(0, "x"),
        Node("h1", "sin", ("f0",)),
        *_linear(1, "h1"),
        Node("h2", "exp", ("f1",)),
        *_linear(2, "h2"),
        Node("h3", "cos", ("f2",)),
        *_linear(3, "h3"),
        Node("error", "difference", ("f3", "d")),
        Node("l", "product", ("error", "error")),
    )
)
"""f3 = b3 + w3 cos(b2 + w2 exp(b1 + w1 sin(b0 + w0 x))), held against d by l = (f3 - d)^2."""


MAXOUT = Graph(
    (
        *_given(x=2, w1=1, b1=-0.5, w2=-1, b2=1),
        Node("w1 x", "product", ("w1", "x")),
        Node("x1", "sum", ("b1", "w1 x")),
        Node("w2 x", "product", ("w2", "x")),
        Node("x2", "sum", ("b2", "w2 x")),
        Node("y", "max", ("x1", "x2")),
    )
)
"""A maxout unit, y = max(w1 x + b1, w2 x + b2): it has a weight and a bias for each of its two total inputs."""
