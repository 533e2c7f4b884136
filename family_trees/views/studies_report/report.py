"""The report of the studies: its sections in order, their numbers, and README.md, which is written from these alone."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import read_limited, staged_directory, write_text
from family_trees.support.prose import Prose
from family_trees.views.studies_report.best import best_possible
from family_trees.views.studies_report.committees import committees
from family_trees.views.studies_report.desk import MOST_BYTES, Desk
from family_trees.views.studies_report.held_out import as_in_the_paper, how_little
from family_trees.views.studies_report.inferred import inferred
from family_trees.views.studies_report.later_methods import then_and_now
from family_trees.views.studies_report.printed_recipe import printed_recipe
from family_trees.views.studies_report.smallest_change import smallest_change
from family_trees.views.studies_report.successors import successors

Numbers = Mapping[str, Mapping[str, Any]]
"""What each section tells, by the names of sections and of numbers."""


SECTIONS: Mapping[str, Callable[[Desk], dict[str, Any]]] = {
    "printed-recipe": printed_recipe,
    "smallest-change": smallest_change,
    "as-in-the-paper": as_in_the_paper,
    "inferred": inferred,
    "how-little": how_little,
    "committees": committees,
    "then-and-now": then_and_now,
    "best": best_possible,
    "successors": successors,
}
"""Each computes its numbers, and writes its tables and figures; its words are the template of that name."""


def report_studies(studies: Path, out: Path, choice: Path, only: Collection[str] = ()) -> None:
    """Sum up the studies: write tables, figures, numbers.json and README.md into `out`, all or nothing.

    Args:
        studies: the folder that holds the raw tables, a folder for each study.
        out: where to write.
        choice: the table of the search for the best recipe.
        only: the sections to write; by default all. The others stay as `out` has them.

    Raises:
        FamilyTreesError: a study is missing, which the message names with the command that makes it; or `out` cannot be
            written; or other sections are to stay, and `out` does not have them.
    """
    new = [name for name in SECTIONS if not only or name in only]
    others = [name for name in SECTIONS if name not in new]
    kept = written_numbers(out, others) if others else {}
    with staged_directory(out) as directory:
        desk = Desk(studies, directory, choice)
        text = to_json({name: SECTIONS[name](desk) if name in new else kept[name] for name in SECTIONS})
        write_text(directory / "numbers.json", text)
        write_text(directory / "README.md", readme(from_json(text)))


def write_words(out: Path) -> None:
    """Write README.md of a report again, from its numbers.json: after a change of the templates.

    Raises:
        FamilyTreesError: numbers.json is not there, or not whole.
    """
    write_text(out / "README.md", readme(written_numbers(out, SECTIONS)))


def written_numbers(out: Path, sections: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The numbers of a report that was written before. It must have these sections.

    Raises:
        FamilyTreesError: numbers.json is not there, or not whole.
    """
    path = out / "numbers.json"
    try:
        numbers = from_json(read_limited(path, MOST_BYTES, "numbers.json").decode())
        if missing := [name for name in sections if not isinstance(numbers.get(name), dict)]:
            raise ValueError(f"it has no section {missing[0]}")
    except FamilyTreesError as problem:
        raise FamilyTreesError(f"{problem}; 'family-trees report-studies' writes it") from None
    except (ValueError, RecursionError) as problem:
        raise FamilyTreesError(f"{path}: cannot be read: {problem}; 'family-trees report-studies' writes it") from None
    return numbers


def readme(numbers: Numbers) -> str:
    """The report in Markdown."""
    sections = [_section(name, numbers[name]) for name in SECTIONS]
    titles = [text.splitlines()[0].removeprefix("## ") for text in sections]
    contents = "\n".join(f"- [{title}](#{anchor(title)})" for title in titles)
    return "\n\n".join([_prose("head", {}).whole(), contents, *sections]) + "\n"


def anchor(title: str) -> str:
    """The name under which a link finds the section of this title."""
    return title.lower().replace(" ", "-").replace("?", "")


def _section(name: str, numbers: Mapping[str, Any]) -> str:
    return _prose(name, {**numbers, "picture": _picture, "sources": _sources}).whole()


def _prose(template: str, numbers: Mapping[str, Any]) -> Prose:
    return Prose("family_trees.views.studies_report", f"{template}.md", numbers)


def _picture(title: str, file: str, caption: str = "") -> str:
    """A figure of a section, and what it shows where it does not say so itself."""
    alt = f"{title}: {Path(file).stem.replace('-', ' ')}"
    words = " ".join(caption.split())
    return f"![{alt}]({file})" + (f"\n\n*{words}*" if words else "")


def _sources(tables: Sequence[str], studies: Sequence[str]) -> str:
    """Where the numbers of a section are, and how to measure them again."""
    links = ", ".join(f"[{file}]({file})" for file in tables)
    return f"Tables: {links}. Studies: {', '.join(f'`{name}.toml`' for name in studies)}."


def to_json(numbers: Numbers) -> str:
    """The numbers as text; what is not known, or has no end, is null."""
    return json.dumps(_plain(numbers), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def from_json(text: str) -> dict[str, dict[str, Any]]:
    """What `to_json` wrote; what is not known is not a number, and so neither above nor below any other."""
    found = _known(json.loads(text))
    if not isinstance(found, dict):
        raise ValueError("no numbers of sections")
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "item"):  # a number of numpy
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _known(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_known(each) for each in value]
    return math.nan if value is None else value
