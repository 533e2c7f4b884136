"""Small tables in HTML, as notebooks show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def html_table(title: str, rows: Iterable[Sequence[object]], head: Sequence[str] = ()) -> str:
    """A table with a title. Every cell is text: nothing in a name is read as HTML or as a formula."""
    lines = [f"<table><caption>{escape(title)}</caption>"]
    if head:
        lines.append(_row(head, "th"))
    lines += [_row(row, "td") for row in rows]
    return "\n".join([*lines, "</table>"])


def _row(cells: Sequence[object], kind: str) -> str:
    told = "".join(
        f'<{kind} style="text-align:left" class="tex2jax_ignore">{escape(str(each))}</{kind}>' for each in cells
    )
    return f"<tr>{told}</tr>"
