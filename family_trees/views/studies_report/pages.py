"""The words of the studies: a page for each study, an index and an appendix, written from numbers alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from family_trees.support.prose import Prose, environment, joined

PACKAGE = "family_trees.views.studies_report"

Words = Mapping[str, str]
"""The texts of a template by the names of its blocks: of a page, and `NAME_title` of each of its figures."""


def words_of(template: str, numbers: Mapping[str, Any]) -> Words:
    """The texts of a page, filled with the numbers of its section.

    Raises:
        jinja2.UndefinedError: the template names a number that there is not.
    """
    found = environment(PACKAGE).get_template(f"{template}.md")
    context = found.new_context({**numbers, "picture": "![[{}]]".format})
    "".join(found.root_render_func(context))  # sets what several of its blocks name
    return {name: joined("".join(render(context))) for name, render in found.blocks.items()}


def page(name: str, words: Words, studies: Sequence[str], tables: Sequence[str]) -> str:
    """The page of a study in Markdown, its figure first."""
    pictures = [block.removesuffix("_title").replace("_", "-") for block in words if block.endswith("_title")]
    commands = [f"family-trees study scripts/studies/{study}.toml --out studies/{study}" for study in studies]
    lines = "\n".join([*commands, f"family-trees report-studies --only {name}"])
    links = ", ".join(f"[{table}]({table})" for table in tables)
    parts = [
        f"# {words['title']}",
        _picture(pictures[0], words),
        f"**Asked.** {words['asked']}",
        f"**Found.** {words['finding']} {words['more']}".strip(),
        _with_pictures(words),
        "## How it was measured",
        words["measured"],
        f"```sh\n{lines}\n```",
        f"Tables: {links}. All studies: [the index](README.md).",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def appendix(words: Words, numbers: Mapping[str, Mapping[str, Any]]) -> str:
    """The page of figures that show more of what other pages tell, and of the network of 1986 in all studies.

    Args:
        words: its own texts.
        numbers: those of each page, by its name.
    """
    named = {name.replace("-", "_"): own for name, own in numbers.items()}
    same = "## The same network in every study\n\n" + Prose(PACKAGE, "same-network.md", named).whole()
    return f"# {words['title']}\n\n{_with_pictures(words)}\n\n{same}\n"


def index(pages: Mapping[str, Words], numbers: Mapping[str, Mapping[str, Any]]) -> str:
    """The list of all studies, each with its finding in a sentence.

    Args:
        pages: the texts of each page, by its name.
        numbers: those of each page, by its name.
    """
    named = {name.replace("-", "_"): own for name, own in numbers.items()}
    head = Prose(PACKAGE, "head.md", named).whole()
    found = [
        f"## {words['title']}\n\n{words['finding']} [Figure, tables, and how it was measured]({name}.md)."
        for name, words in pages.items()
    ]
    more = (
        "## Appendix\n\nFigures that show more of what other pages tell, and the network of 1986 in all "
        "studies side by side: [the appendix](appendix.md)."
    )
    return "\n\n".join([head, *found, more]) + "\n"


def _with_pictures(words: Words) -> str:
    return re.sub(r"!\[\[([\w-]+)\]\]", lambda found: _picture(found[1], words), words["body"])


def _picture(name: str, words: Words) -> str:
    """A figure, and what it shows where it does not say so itself."""
    block = name.replace("-", "_")
    caption = words.get(f"{block}_caption", "")
    return f"![{words[f'{block}_title']}]({name}.png)" + (f"\n\n*{caption}*" if caption else "")
