"""How to cite, from CITATION.cff: the few fields that a reference needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap

from family_trees.support.errors import FamilyTreesError


@dataclass(frozen=True)
class Citation:
    """A reference to this software."""

    authors: tuple[str, ...]
    title: str
    version: str
    date: str
    """The day of the release, such as 2026-11-21."""

    @property
    def words(self) -> str:
        """The reference as a line of text."""
        return f"{', '.join(self.authors)} ({self.date[:4]}). {self.title}. Version {self.version}, {self.date}."

    @property
    def bibtex(self) -> str:
        """The reference for BibTeX, in short lines."""
        fields = {
            "author": " and ".join(f"{{{name}}}" for name in self.authors),
            "title": f"{{{_in_lines(self.title)}}}",
            "year": self.date[:4],
            "version": self.version,
        }
        lines = [f"  {key} = {{{value}}}" for key, value in fields.items()]
        return "@software{family_trees,\n" + ",\n".join(lines) + "\n}"


def _in_lines(value: str) -> str:
    """A value in lines that fit half a page."""
    return ("\n" + " " * 12).join(wrap(value, 32, break_on_hyphens=False))


def read_citation(path: Path) -> Citation:
    """The reference that a CITATION.cff names.

    Raises:
        FamilyTreesError: a field is missing; names it.
    """
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    values = {key: _bare(value) for key, value in re.findall(r"^([a-z-]+): +(.+)$", text, re.MULTILINE)}
    block = re.search(r"^authors:\n((?:[ -].*\n)+)", text, re.MULTILINE)
    people = re.split(r"^ *- ", block[1], flags=re.MULTILINE)[1:] if block else []
    authors = tuple(_author(dict(re.findall(r"^ *([a-z-]+): +(.+)$", each, re.MULTILINE))) for each in people)
    if not authors:
        raise FamilyTreesError(f"{path}: names no authors")
    for key in ("title", "version", "date-released"):
        if key not in values:
            raise FamilyTreesError(f"{path}: has no line {key!r}")
    return Citation(authors, values["title"], values["version"], values["date-released"])


def _author(fields: dict[str, str]) -> str:
    name = fields.get("name") or f"{fields.get('given-names', '')} {fields.get('family-names', '')}"
    return _bare(name.strip())


def _bare(value: str) -> str:
    """A value without quotation marks."""
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
