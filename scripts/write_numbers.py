"""Write the numbers of README.md, README.ko.md and family_trees/documents/ anew, from the tables of the results.

    python scripts/write_numbers.py            # after a measurement: writes the numbers, and where each is from
    python scripts/write_numbers.py --check    # writes nothing, and says which numbers are out of date

`prose_numbers.py` makes every number, and gives it a name. A text has it as a link with that name, such as
`[99.8%][matrices-right]`. Links from names to tables stand at the end of a text, and are written, too. A table is
known by its first line, and so is a block of code that shows what a command prints. Lines that grew too long are
wrapped again.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from os.path import relpath
from pathlib import Path

import click
from prose_numbers import ROOT, Told, documents, numbers, shown, tables

from family_trees.support.files import write_text

WIDTH = 120
"""The most characters of a line of prose."""

NUMBER = re.compile(r"\[([^\[\]]*)\]\[([\w-]+)\]")
"""A number and its name."""

UNBROKEN = "\0"
"""Stands for a space at which no line is broken."""

WRAPPED = re.compile(r"(?!\||#|!|\[[\w-]+\]: |```)(\d+\. |[-*] | +)?")
"""What may begin a line of prose that can be wrapped."""


def written(text: str, document: Path) -> str:
    """A text with all its numbers as the tables have them."""
    used: list[str] = []

    def replaced(found: re.Match[str]) -> str:
        name = found[2]
        if name not in numbers():
            raise click.ClickException(f"{document.name}: no number has the name {name!r}")
        used.append(name)
        return f"[{said(name, document)}][{name}]"

    body = re.sub(r"(\n\[[\w-]+\]: [^\n]*)+\n*\Z", "\n", text)
    body = NUMBER.sub(replaced, body)
    body = _with_blocks(body, tables(), r"^{}\n(?:\|.*\n)*")
    body = _with_blocks(body, shown(), r"^{}\n(?:(?!```).*\n)*")
    lines = "".join(
        f"[{name}]: {relpath(ROOT / numbers()[name][1], document.parent)}\n" for name in dict.fromkeys(used)
    )
    return "\n\n".join(map(_wrapped, body.rstrip("\n").split("\n\n"))) + "\n" + f"\n{lines}" * bool(lines)


def said(name: str, document: Path) -> str:
    """A number as a text has it. Korean has its own sign between the ends of an interval."""
    told: Told = numbers()[name]
    return told[0].replace(" to ", "~") if document.name.endswith(".ko.md") else told[0]


def _with_blocks(text: str, blocks: Mapping[str, list[str]], form: str) -> str:
    """A text in which the lines after each of these heads are written anew."""
    for head, lines in blocks.items():
        block = "\n".join([head, *lines]) + "\n"
        text = re.sub(form.format(re.escape(head)), lambda _, block=block: block, text, flags=re.MULTILINE)  # type: ignore[misc]
    return text


def _wrapped(paragraph: str) -> str:
    """A paragraph, wrapped again if a line of it is too long; tables, headings and code stay as they are."""
    lines = paragraph.split("\n")
    if max(map(len, lines)) <= WIDTH or "```" in paragraph or not all(WRAPPED.match(line) for line in lines):
        return paragraph
    items = [list(item) for item in _items(lines)]
    return "\n".join(_filled(item) for item in items)


def _items(lines: list[str]) -> Iterator[list[str]]:
    """The lines of each item of a list, or of the whole paragraph."""
    item: list[str] = []
    for line in lines:
        if item and re.match(r"\d+\. |[-*] ", line):
            yield item
            item = []
        item.append(line)
    yield item


def _filled(lines: list[str]) -> str:
    mark = re.match(r" *(?:\d+\. |[-*] (?=\S))?", lines[0])
    indent = len(mark[0]) if mark else 0
    whole = re.sub(
        rf"{NUMBER.pattern}|`[^`]*`", lambda found: found[0].replace(" ", UNBROKEN), " ".join(map(str.strip, lines))
    )
    filled = textwrap.fill(
        whole,
        WIDTH,
        initial_indent=" " * (len(lines[0]) - len(lines[0].lstrip())),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return filled.replace(UNBROKEN, " ")


def out_of_date(document: Path) -> list[str]:
    """The lines of a text that differ from what the tables say, each with what it should be."""
    text = document.read_text(encoding="utf-8")
    there, right = text.splitlines(), written(text, document).splitlines()
    found = [
        f"{document.name}: {name} is {' '.join(number.split())!r}, and should be {said(name, document)!r}"
        for number, name in NUMBER.findall(text)
        if " ".join(number.split()) != said(name, document)
    ]
    if there != right and not found:
        at = next(
            (k for k, (a, b) in enumerate(zip(there, right, strict=False)) if a != b), min(len(there), len(right))
        )
        one, other = (lines[at] if at < len(lines) else "(nothing)" for lines in (there, right))
        found = [f"{document.name}, line {at + 1}: is {one!r}, and should be {other!r}"]
    return found


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; say which numbers are out of date.")
def main(check: bool) -> None:
    """Write the numbers of README and documents anew."""
    found = [line for document in documents() for line in out_of_date(document)]
    click.echo("\n".join(found) or "All numbers are those of the tables.")
    if check:
        sys.exit(bool(found))
    for document in documents():
        write_text(document, written(document.read_text(encoding="utf-8"), document))


if __name__ == "__main__":
    main()
