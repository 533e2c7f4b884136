"""Explanations written down: as text for the terminal, and as Markdown with formulas in LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from textwrap import fill, wrap

from family_trees.analysis.explain.chain_tree import ChainTree, tree_lines
from family_trees.analysis.explain.paths import ErrorPath
from family_trees.analysis.explain.sections import Section, TextTable
from family_trees.analysis.explain.steps import Step, Term

TERMS_SHOWN = 6
"""Of the terms of a sum, this many are written out, the largest ones. The others are added up."""


def as_text(sections: Iterable[Section], number: Callable[[float], str] | None = None) -> str:
    """An explanation as text for the terminal.

    Args:
        number: how numbers are written; by default with five digits.
    """
    form = number or _short
    lines: list[str] = []
    for section in sections:
        lines += [section.title, "-" * len(section.title)]
        for item in section.content:
            if isinstance(item, str):
                lines.append(fill(item, 79))
            elif isinstance(item, TextTable):
                lines += _aligned(item)
            elif isinstance(item, ErrorPath):
                lines += _path_lines(item, form)
            elif isinstance(item, ChainTree):
                lines += tree_lines(item, form)
            else:
                lines += _step_lines(item, form)
        lines.append("")
    return "\n".join(lines).rstrip()


def _short(value: float) -> str:
    return f"{value + 0.0:.5g}"


def _aligned(table: TextTable) -> list[str]:
    widths = [max(len(row[k]) for row in (table.head, *table.rows)) for k in range(len(table.head))]
    return [
        "  "
        + "  ".join(
            cell.ljust(w) if k == 0 else cell.rjust(w) for k, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in (table.head, *table.rows)
    ]


def _path_lines(path: ErrorPath, form: Callable[[float], str]) -> list[str]:
    lines = [f"  {form(value):>12}  {words}" for words, value in path.factors]
    return [*lines, f"  {form(path.value):>12}  product", ""]


def _step_lines(step: Step, form: Callable[[float], str]) -> list[str]:
    head = f"({step.equation})  " if step.equation else ""
    given = f", where x_j = {form(step.argument)}" if step.argument is not None else ""
    lines = [f"{head}{step.formula}{step.sign}{form(step.value)}{given}"]
    shown, rest = _largest(step)
    for term in shown:
        product = " x ".join(form(factor) for factor in term.factors)
        equals = f" = {form(term.value)}" if len(term.factors) > 1 else ""
        lines.append(f"       {product}{equals}   {term.source}")
    if rest:
        lines.append(f"       {form(sum(term.value for term in rest))}   {len(rest)} more, added up")
    if step.note:
        lines += wrap(f"({step.note})", 79, initial_indent="       ", subsequent_indent="        ")
    return lines


def _largest(step: Step) -> tuple[list[Term], list[Term]]:
    """The terms to write out, the largest first, and the other terms."""
    ranked = sorted(step.terms, key=lambda term: -abs(term.value))
    if len(ranked) > TERMS_SHOWN + 1:
        ranked = [term for term in ranked if term.value]
    cut = len(ranked) if len(ranked) <= TERMS_SHOWN + 1 else TERMS_SHOWN
    return ranked[:cut], ranked[cut:]


def as_markdown(sections: Sequence[Section], number: Callable[[float], str] | None = None) -> str:
    """An explanation as Markdown with formulas in LaTeX, for a notebook or a lecture.

    Args:
        number: how numbers are written; by default with five digits.
    """
    form = number or _short
    lines: list[str] = []
    for level, section in enumerate(sections):
        lines += [f"{'#' if not level else '##'} {section.title}", ""]
        for item in section.content:
            if isinstance(item, str):
                lines += [item, ""]
            elif isinstance(item, TextTable):
                cells = (item.head, ("---",) * len(item.head), *item.rows)
                lines += [*(f"| {' | '.join(map(_escaped, row))} |" for row in cells), ""]
            elif isinstance(item, ErrorPath):
                factors = r" \cdot ".join(_latex(form(value)) for _, value in item.factors)
                words = "; ".join(words for words, _ in item.factors)
                lines += [f"$${factors} = {_latex(form(item.value), alone=True)}$$", "", f"({words})", ""]
            elif isinstance(item, ChainTree):
                lines += ["```text", *tree_lines(item, form), "```", ""]
            else:
                lines += _step_markdown(item, form)
    return "\n".join(lines).rstrip()


def _step_markdown(step: Step, form: Callable[[float], str]) -> list[str]:
    shown, rest = _largest(step)
    terms = [r" \cdot ".join(_latex(form(factor)) for factor in term.factors) for term in shown]
    if rest:
        added = _latex(form(sum(term.value for term in rest)), alone=True)
        terms.append(rf"\underbrace{{{added}}}_{{\text{{{len(rest)} more}}}}")
    middle = f" = {' + '.join(terms)}" if terms else ""
    given = rf", \quad x_j = {_latex(form(step.argument), alone=True)}" if step.argument is not None else ""
    tag = rf" \tag{{{step.equation}}}" if step.equation else ""
    lines = [f"$${step.latex}{middle} = {_latex(form(step.value), alone=True)}{given}{tag}$$", ""]
    if step.note:
        lines += [f"({step.note})", ""]
    return lines


def _escaped(cell: str) -> str:
    return cell.replace("|", r"\|")


def _latex(number: str, *, alone: bool = False) -> str:
    """A number in LaTeX. A negative number has brackets, unless it stands alone."""
    if "e" in number:
        digits, power = number.split("e")
        number = rf"{digits} \cdot 10^{{{int(power)}}}"
    return f"({number})" if number.startswith("-") and not alone else number
