"""Small tables in HTML, as notebooks show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def html_table(title: str, rows: Iterable[Sequence[object]], head: Sequence[str] = ()) -> str:
    """An HTML table with a title. Every cell is plain text: no name is read as HTML or as a formula."""
    from html import escape  # imported here, so that commands that show no table start faster

    lines = [f"<table><caption>{escape(title)}</caption>"]
    if head:
        lines.append(_row([escape(each) for each in head], "th"))
    lines += [_row([escape(str(cell)) for cell in row], "td") for row in rows]
    return "\n".join([*lines, "</table>"])


def _row(cells: Sequence[str], kind: str) -> str:
    html = "".join(f'<{kind} style="text-align:left" class="tex2jax_ignore">{each}</{kind}>' for each in cells)
    return f"<tr>{html}</tr>"
