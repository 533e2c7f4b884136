"""Computation graphs that are explained: tables of values and derivatives, and the chain rule piece by piece."""

from __future__ import annotations

import re

from family_trees.analysis.explain import graph
from family_trees.analysis.explain.graph import FUNCTIONS, Graph, Node
from family_trees.analysis.explain.paths import ErrorPath
from family_trees.analysis.explain.sections import Section, TextTable, eight_decimals
from family_trees.analysis.explain.steps import Step, Term


def apples() -> list[Section]:
    """Three computation graphs of sums and products: values forward, derivatives of the result backward."""
    rule = (
        "Forward, each node is computed from those above it; backward, each hands its derivative on to them: a sum "
        "as it is, a product times the other factors."
    )
    twice = "t is twice a factor of z, so it gets its derivative by two ways, and they are added: dz/dt = t + t."
    return [
        Section(title, (rule, node_table(each)))
        for title, each in (
            ("2 apples at 100, tax 1.1", graph.APPLES),
            ("2 apples at 100 and 3 oranges at 150, tax 1.1", graph.APPLES_AND_ORANGES),
        )
    ] + [
        Section("(x + y)^2 at x = 3 and y = 4, as z = t * t with t = x + y", (twice, node_table(graph.SQUARE_OF_A_SUM)))
    ]


def node_table(of: Graph) -> TextTable:
    """Every node with its value and the derivative of the result by it."""
    values = graph.forward(of)
    derivatives = graph.backward(of, values)
    rows = tuple(
        (node.name, _made_of(node), f"{values[node.name]:.6g}", f"{derivatives[node.name]:.6g}") for node in of.nodes
    )
    return TextTable(("node", "is", "value (forward)", f"d {of.nodes[-1].name} / d node (backward)"), rows)


def _made_of(node: Node) -> str:
    """How a node is made of others, such as "b0 + w0 x" or "sin(f0)"; nothing for a given number."""
    if node.kind in FUNCTIONS or node.kind == "max":
        return f"{node.kind}({', '.join(node.operands)})"
    return {"sum": " + ", "difference": " - "}.get(node.kind, " * ").join(node.operands)


def nested() -> list[Section]:
    """A nested function of sines, cosines and exponentials, forward and backward piece by piece, to eight decimals."""
    of = graph.NESTED
    values = graph.forward(of)
    derivatives = graph.backward(of, values)
    pieces = [node for node in of.nodes if re.fullmatch(r"[fh]\d|error|l", node.name)]
    forward_rows = tuple((node.name, _made_of(node), eight_decimals(values[node.name])) for node in pieces)
    inside = ("x", "h1", "h2", "h3")
    number_rows = tuple(
        (
            str(k),
            eight_decimals(derivatives[f"f{k}"]),
            eight_decimals(derivatives[f"b{k}"]),
            f"{below} = {eight_decimals(values[below])}",
            eight_decimals(derivatives[f"w{k}"]),
        )
        for k, below in enumerate(inside)
    )
    givens = ", ".join(f"{node.name} = {node.value:g}" for node in of.nodes if node.kind == "given")
    return [
        Section(
            "A nested function: f3 = b3 + w3 cos(b2 + w2 exp(b1 + w1 sin(b0 + w0 x)))",
            (f"The error is l = (f3 - d)^2. Given: {givens}.",),
        ),
        Section(
            "Forward: each piece from the one before it",
            (
                TextTable(("piece", "is", "value"), forward_rows),
                "The backward pass needs these values again. To keep them is the memory that training costs.",
            ),
        ),
        Section(
            "Backward: each piece hands its derivative on to the one before it",
            tuple(_chain_step(of, node.name) for node in reversed(pieces[:-1])),
        ),
        Section(
            "Biases and weights",
            (
                "dl/db_k is dl/df_k, because b_k is added. dl/dw_k is dl/df_k times what w_k multiplies.",
                TextTable(("k", "dl/df_k", "dl/db_k", "w_k multiplies", "dl/dw_k"), number_rows),
            ),
        ),
        Section(
            "The derivative by w0, as one product along the path from l down to w0",
            (ErrorPath((), _path_factors(of, "w0")),),
        ),
    ]


def _uses(of: Graph, name: str) -> list[tuple[str, str, float]]:
    """Where a node is used: the node that its derivative comes from, the local slope in words, and its number.

    A product that is only a part of a sum is left out: its derivative is that of the sum.
    """
    values = graph.forward(of)
    found = []
    for node in of.nodes:
        for place, operand in enumerate(node.operands):
            if operand == name:
                above = [each for each in of.nodes if node.name in each.operands]
                is_part = node.kind == "product" and len(above) == 1 and above[0].kind == "sum"
                others = " ".join(other for k, other in enumerate(node.operands) if k != place)
                if node.kind in FUNCTIONS:
                    words = FUNCTIONS[node.kind].slope_text.format(name)
                else:
                    words = others if node.kind == "product" else "(-1)" if node.kind == "difference" and place else ""
                found.append((above[0].name if is_part else node.name, words, graph.slope(node, place, values)))
    return found


def _chain_step(of: Graph, name: str) -> Step:
    """The derivative of the result by one node: a product for each use of it, and their sum."""
    derivatives = graph.backward(of, graph.forward(of))
    result = of.nodes[-1].name
    terms, texts, formulas = [], [], []
    for above, words, number in _uses(of, name):
        # dl/dl is 1, and so is the slope of a sum: neither is written out.
        from_above = [] if above == result else [(f"d{result}/d{_spelled(above)}", _partial(result, above))]
        texts.append(" ".join([*(text for text, _ in from_above), words]).strip())
        formulas.append(" ".join([*(latex for _, latex in from_above), _latex(words)]).strip())
        if words:
            factors = (number,) if above == result else (derivatives[above], number)
            terms.append(Term(f"from {above}", factors))
    return Step(
        "",
        f"d{result}/d{_spelled(name)} = {' + '.join(texts)}",
        f"{_partial(result, name)} = {' + '.join(formulas)}",
        derivatives[name],
        tuple(terms),
    )


def _path_factors(of: Graph, name: str) -> tuple[tuple[str, float], ...]:
    """The factors along the only path from the result down to a node, from the result on.

    Raises:
        ValueError: more than one path leads to the node.
    """
    factors: list[tuple[str, float]] = []
    while name != of.nodes[-1].name:
        uses = _uses(of, name)
        if len({above for above, _, _ in uses}) > 1:
            raise ValueError(f"more than one path leads to {name!r}")
        above = uses[0][0]
        words = " + ".join(words for _, words, _ in uses)
        if words:
            factors.append((f"d{above}/d{_spelled(name)} = {words}", sum(number for _, _, number in uses)))
        name = above
    return tuple(reversed(factors))


def _spelled(name: str) -> str:
    """A name after a d: "df3", but "d error"."""
    return name if len(name) <= 2 else f" {name}"


def _partial(result: str, name: str) -> str:
    return rf"\frac{{\partial {_latex(result)}}}{{\partial {_latex(name)}}}"


def _latex(text: str) -> str:
    """Names with their numbers below, functions upright: "w3 cos(f2)" is w_3 \\cos(f_2)."""
    text = re.sub(r"\b(sin|cos|exp)\b", r"\\\1", text)
    text = re.sub(r"\b([a-z])(\d)\b", r"\1_\2", text)
    return re.sub(r"\berror\b", r"(f_3 - d)", text)
