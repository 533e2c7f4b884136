"""Computation graphs of sums and products: values forward, derivatives backward, small enough to check by hand.

Back-propagation does the same on a graph of a few thousand nodes: multiply along each path, then add over the paths.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Node:
    """A node of a graph: a given number, or the sum or the product of other nodes."""

    name: str
    kind: Literal["given", "sum", "product"]
    operands: tuple[str, ...] = ()
    """The names of the nodes that are added or multiplied."""
    value: float = 0.0
    """The number, if it is given."""


@dataclass(frozen=True)
class Graph:
    """Nodes in order: each comes after its operands, and the last one is the result.

    Raises:
        ValueError: two nodes have one name, a node has no operands, or an operand does not come before its node.
    """

    nodes: tuple[Node, ...]

    def __post_init__(self) -> None:
        known: set[str] = set()
        for node in self.nodes:
            if node.name in known:
                raise ValueError(f"two nodes are called {node.name!r}")
            if (node.kind == "given") == bool(node.operands):
                raise ValueError(f"node {node.name!r}: a {node.kind} node of {len(node.operands)} others")
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
        parts = [values[other] for other in node.operands]
        if node.kind == "given":
            values[node.name] = node.value
        else:
            values[node.name] = sum(parts) if node.kind == "sum" else math.prod(parts)
    return values


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
            rest = [values[each] for k, each in enumerate(node.operands) if k != place]
            slope = 1.0 if node.kind == "sum" else math.prod(rest)
            derivatives[other] += derivatives[node.name] * slope
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
