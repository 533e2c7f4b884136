"""A notebook as HTML: its texts, its code, and what the code printed and drew."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from markupsafe import Markup

from family_trees.views.site.markdown import Resolve, SizeOf, sections, size_in_png, to_html


def notebook_title(text: str, otherwise: str) -> str:
    """The title of a notebook: its first heading, or what stands instead.

    Raises:
        ValueError: it is no notebook.
    """
    for cell in _cells(text):
        if cell.get("cell_type") == "markdown":
            found = sections(_joined(cell.get("source", "")), 1)
            if len(found) > 1:
                return found[1].title
    return otherwise


def notebook_html(text: str, resolve: Resolve, size_of: SizeOf) -> Markup:
    """A notebook as HTML, without its title. The arguments are those of `to_html`.

    Raises:
        ValueError: it is no notebook.
    """
    return Markup("\n").join(_cell(cell, resolve, size_of) for cell in _cells(text))


def _cells(text: str) -> list[Mapping[str, Any]]:
    found = json.loads(text)
    cells = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise ValueError("no notebook")
    return cells


def _cell(cell: Mapping[str, Any], resolve: Resolve, size_of: SizeOf) -> Markup:
    source = _joined(cell.get("source", ""))
    if cell.get("cell_type") == "markdown":
        return to_html("\n".join(part.text for part in sections(source, 1)), resolve, size_of)
    if cell.get("cell_type") != "code" or not source.strip():
        return Markup("")
    code = f'<pre tabindex="0"><code>{escape(source)}</code></pre>'
    return Markup(code + "".join(_outputs(cell)))  # noqa: S704 - escaped


def _outputs(cell: Mapping[str, Any]) -> Iterator[str]:
    """What a cell printed and drew. HTML of outputs is not shown, since it may do anything."""
    for output in cell.get("outputs", []):
        data: Mapping[str, Any] = output.get("data", {})
        if "image/png" in data:
            picture = _joined(data["image/png"]).replace("\n", "")
            width, height = size_in_png(base64.b64decode(picture[:32]), "a picture of a notebook")
            yield (
                f'<figure><img src="data:image/png;base64,{escape(picture)}" width="{width}" height="{height}" '
                'alt="what the code above draws"></figure>'
            )
        elif text := _joined(output.get("text", "")) or _joined(data.get("text/plain", "")):
            yield f'<pre tabindex="0" class="printed"><samp>{escape(text)}</samp></pre>'


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)
