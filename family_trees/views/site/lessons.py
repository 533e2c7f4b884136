"""The lessons of the page that learns, as links."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class LessonLink:
    """A lesson."""

    title: str
    link: str
    """What stands after the # of its address."""


def lesson_links() -> tuple[LessonLink, ...]:
    """The lessons, in their order, as the page itself has them."""
    program, texts = _read("lessons.js"), explorer_texts()
    found = re.findall(r'\{ key: "(\w+)",.* link: "([^"]+)"', program)
    return tuple(LessonLink(texts[f"lesson_{key}_title"], f"{link}&lesson={key}") for key, link in found)


def explorer_texts() -> dict[str, str]:
    """The English texts of the page that learns."""
    texts: dict[str, str] = json.loads(_read("texts.en.json"))
    return texts


def _read(name: str) -> str:
    return files("family_trees.views.explorer").joinpath(name).read_text(encoding="utf-8")
