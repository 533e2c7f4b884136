"""The first page: figure 4, three doors, the findings, and how to go on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from markupsafe import Markup

from family_trees.models.saved import load
from family_trees.studies.paper.verdicts import claims_from_csv
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import read_limited
from family_trees.views.site.citation import read_citation
from family_trees.views.site.figure4 import learning_figure
from family_trees.views.site.findings import findings, verdict_words
from family_trees.views.site.frame import Site
from family_trees.views.site.lessons import explorer_texts, lesson_links
from family_trees.views.site.markdown import png_size

MOST_BYTES = 10_000_000
"""The most bytes of numbers.json."""


def landing(site: Site) -> str:
    """The first page.

    Raises:
        FamilyTreesError: a table of the results is damaged.
    """
    claims = claims_from_csv((site.root / "results/claims.csv").read_text(encoding="utf-8"))
    numbers, trained = _numbers(site.root), _trained(site.root)
    figure = learning_figure(load())
    return site.render(
        "landing.html",
        "index.html",
        "family-trees: the experiment that made back-propagation famous",
        "In 1986 a small network learned two family trees. Here thousands of such networks are trained by the "
        "paper's own method, and each of its claims is judged.",
        here="index",
        figure=figure,
        frames=Markup(json.dumps({"sweeps": figure.sweeps, "sides": figure.sides}, separators=(",", ":"))),  # noqa: S704
        findings=findings(claims, numbers, trained),
        size_of=lambda path: png_size(site.root / path),
        verdicts=verdict_words(claims, numbers, trained),
        claims=claims,
        lessons=lesson_links(),
        texts=explorer_texts(),
        citation=read_citation(site.root / "CITATION.cff"),
    )


def _trained(root: Path) -> int:
    """How many networks were trained to look into those that learn."""
    path = root / "results/tables/reproduction.json"
    try:
        return int(json.loads(read_limited(path, MOST_BYTES, "reproduction.json"))["about"]["units"])
    except (ValueError, KeyError, TypeError):
        raise FamilyTreesError(f"{path}: cannot be read; 'family-trees reproduce --full' writes it") from None


def _numbers(root: Path) -> dict[str, Any]:
    path = root / "results/studies/numbers.json"
    try:
        numbers: dict[str, Any] = json.loads(read_limited(path, MOST_BYTES, "numbers.json"))
    except ValueError:
        raise FamilyTreesError(f"{path}: cannot be read; 'family-trees report-studies' writes it") from None
    return numbers
