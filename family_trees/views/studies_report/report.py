"""The report of the studies: its sections in order, their numbers, and what is written from them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import read_limited, staged_directory, write_text
from family_trees.views.figures.style import Figure, save_figure
from family_trees.views.studies_report import (
    best,
    committees,
    held_out,
    inferred,
    later_methods,
    printed_recipe,
    smallest_change,
    successors,
)
from family_trees.views.studies_report.desk import MOST_BYTES, Desk, Tables, tables_in
from family_trees.views.studies_report.pages import Words, appendix, index, page, words_of

Numbers = Mapping[str, Mapping[str, Any]]
"""What each section tells, by the names of sections and of numbers."""


class Section(NamedTuple):
    """A study of the report. Its words are the template of its name."""

    measure: Callable[[Desk], dict[str, Any]]
    """Writes its tables; gives its numbers."""
    draw: Callable[[Tables, Words], Mapping[str, Figure]]
    """Its figures by name, drawn from its tables, under the titles of its words."""
    studies: tuple[str, ...]
    tables: tuple[str, ...]


SECTIONS: Mapping[str, Section] = {
    "printed-recipe": Section(
        printed_recipe.printed_recipe,
        printed_recipe.draw,
        ("published-ranges", "race", "window", "pairs"),
        ("published-ranges.csv", "race.csv", "window.csv", "window-bounds.csv"),
    ),
    "smallest-change": Section(
        smallest_change.smallest_change,
        smallest_change.draw,
        ("smallest-change", "departures", "pairs"),
        ("smallest-change.csv", "departures.csv", "pairs.csv"),
    ),
    "as-in-the-paper": Section(
        held_out.as_in_the_paper,
        held_out.draw_as_in_the_paper,
        ("held-out",),
        ("held-out.csv", "held-out-distribution.csv"),
    ),
    "inferred": Section(
        inferred.inferred,
        inferred.draw,
        ("each-case", "twins", "held-out", "committees"),
        ("each-case.csv", "twins.csv", "predicted-splits.csv"),
    ),
    "how-little": Section(held_out.how_little, held_out.draw_how_little, ("held-out-sizes",), ("held-out-sizes.csv",)),
    "committees": Section(committees.committees, committees.draw, ("committees",), ("committees.csv",)),
    "then-and-now": Section(
        later_methods.then_and_now,
        later_methods.draw,
        ("then-and-now-search", "then-and-now-steps", "then-and-now"),
        ("then-and-now.csv", "then-and-now-search.csv"),
    ),
    "best": Section(
        best.best_possible,
        best.draw,
        ("best", "held-out", "committees", best.BEST_COMMITTEES),
        ("best-beside.csv", "best.csv", "best-distribution.csv", f"{best.BEST_COMMITTEES}.csv"),
    ),
    "successors": Section(
        successors.successors,
        successors.draw,
        (
            "successors",
            "best",
            "best-sizes",
            "successors-sizes",
            "successors-each",
            "both-ways",
            "successors-committees",
            "what-decides",
        ),
        (
            "successors.csv",
            "successors-sizes.csv",
            "successors-each.csv",
            "both-ways.csv",
            "successors-committees.csv",
            "what-decides.csv",
        ),
    ),
}
"""In the order of the index."""

APPENDIX = "smallest-change"
"""The section whose figures stand in the appendix, too."""


def report_studies(studies: Path, out: Path, choice: Path, only: Collection[str] = ()) -> None:
    """Sum up the studies: write tables, figures, numbers.json and pages into `out`, all or nothing.

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
        text = to_json({name: SECTIONS[name].measure(desk) if name in new else kept[name] for name in SECTIONS})
        write_text(directory / "numbers.json", text)
        _write(directory, out, from_json(text), new)


def write_again(out: Path, *, figures: bool) -> None:
    """Write the pages of a report again, from its numbers.json; and the figures, from its tables.

    Raises:
        FamilyTreesError: numbers.json or a table is not there, not whole, or of another version.
    """
    from jinja2 import UndefinedError

    numbers = written_numbers(out, SECTIONS)
    with staged_directory(out) as directory:
        try:
            _write(directory, out, numbers, SECTIONS if figures else ())
        except UndefinedError as problem:
            fault = f"is of another version ({problem}); 'family-trees report-studies' writes it"
            raise FamilyTreesError(f"{out / 'numbers.json'}: {fault}") from None


def _write(directory: Path, out: Path, numbers: Numbers, drawn: Collection[str]) -> None:
    """Write all pages and the figures of the sections `drawn` into `directory`, from the tables there and in `out`."""
    lacks = not any((folder / f"{best.BEST_COMMITTEES}.csv").is_file() for folder in (directory, out))
    texts = {name: words_of(name, numbers[name]) for name in SECTIONS}
    more = words_of("appendix", numbers[APPENDIX])
    for name in drawn:
        words = {**texts[name], **more} if name == APPENDIX else texts[name]
        for figure, drawing in SECTIONS[name].draw(tables_in(directory, out), words).items():
            save_figure(drawing, directory / f"{figure}.png")
    for name, words in texts.items():
        studies, tables = (
            [each for each in several if not (lacks and each.startswith(best.BEST_COMMITTEES))]
            for several in (SECTIONS[name].studies, SECTIONS[name].tables)
        )
        write_text(directory / f"{name}.md", page(name, words, studies, tables))
    write_text(directory / "appendix.md", appendix(more, numbers))
    write_text(directory / "README.md", index(texts, numbers))


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
