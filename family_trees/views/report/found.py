"""What a reproduction found, the networks that its figures show, and how a section is made of a template."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from family_trees.engine.network import Weights
from family_trees.engine.recipe import DEFAULT, PUBLISHED
from family_trees.models.model import Model
from family_trees.studies.paper.jobs import ExperimentName, ReproductionSize, Tables
from family_trees.studies.paper.verdicts import ClaimRow
from family_trees.support.prose import Prose
from family_trees.views.report.page import ClaimBox, Picture, ReportPart, ReportTable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    Draw = Callable[[], Figure]

SHOWN_OF = 20
"""The network in the figures is that with the lowest E over its training cases among so many: the same one in a quick
and in a full reproduction. Held-out cases have no say in it, nor has what its units encode."""


FACTOR = DEFAULT.epsilon[1] / PUBLISHED.epsilon[1]
"""How many times the printed epsilon the larger steps have."""


class Studies(NamedTuple):
    """The report of the studies, as `family-trees report-studies` wrote it."""

    directory: Path
    """With its figures."""
    numbers: Mapping[str, Mapping[str, Any]]
    """By section: numbers.json."""


class Found(NamedTuple):
    """What a reproduction found, and the networks that its figures show."""

    size: ReproductionSize
    command: str
    """That measures it again."""
    tables: Mapping[ExperimentName, Tables]
    rows: list[ClaimRow]
    shown: Model
    """Of the default recipe, the network of fig. 4."""
    early: Mapping[int, Weights]
    """Its weights by sweep."""
    solution: Weights | None
    """Of a network that solved the symmetry task, in the paper's form if any did; the one of fig. 1."""
    studies: Studies | None
    """The studies, if they lie beside the tables."""

    def study(self, name: str) -> str:
        """The link to the page of a study."""
        there = self.studies is not None and (self.studies.directory / f"{name}.md").is_file()
        return f"studies/{name}.md" if there else "studies/README.md"

    def of_recipe(self, name: str) -> pd.DataFrame:
        """The networks of the recipe, a row each, at the end of training."""
        networks = self.tables["learning"]["networks"]
        return networks[networks["recipe"] == name]


def prose(template: str, numbers: Mapping[str, Any]) -> Prose:
    """The texts of a part of the page."""
    return Prose("family_trees.views.report", f"{template}.txt", numbers)


def section(
    what: Found, name: str, numbers: Mapping[str, Any], figures: Mapping[str, Draw] | None = None, level: int = 3
) -> ReportPart:
    """A section of the report: the text of its template, and what stands between the paragraphs.

    A paragraph "@figure NAME" is one of `figures`, or of the studies, with the blocks NAME_alt and NAME_caption;
    "@table NAME" is the table of that block, with NAME_caption; "@claim ID" is a claim with its verdict; a note may
    follow the ID.
    """
    studies = what.studies.numbers if what.studies else None
    claims = {row.id: row for row in what.rows}
    common = {"studies": studies, "study": what.study, "claims": claims, "size": what.size}
    texts = prose(name, {**common, **numbers})

    def items() -> Iterator[str | Picture | ReportTable | ClaimBox]:
        for paragraph in texts.paragraphs():
            kind, _, of = paragraph.partition(" ")
            block = of.replace("-", "_")
            if kind == "@figure":
                draw = (figures or {}).get(of)
                if draw or (what.studies and (what.studies.directory / f"{of}.png").is_file()):
                    yield Picture(of, draw, texts(f"{block}_alt"), texts(f"{block}_caption"))
            elif kind == "@table":
                head, *rows = texts.rows(block)
                yield ReportTable(of, texts(f"{block}_caption"), head, tuple(rows))
            elif kind == "@claim":
                claim, _, note = of.partition(" ")
                yield ClaimBox(claims[claim], note)
            else:
                yield paragraph

    return ReportPart(name, texts("title"), tuple(items()), level)
