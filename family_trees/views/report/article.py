"""The report as an article: its title and abstract, and its sections in order."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import Any

from family_trees.engine.recipe import PUBLISHED
from family_trees.studies.paper.symmetry import GENTLE_EPSILON
from family_trees.support.data import data_file
from family_trees.support.prose import Prose
from family_trees.version import VERSION
from family_trees.views.figures.activities import draw_activities
from family_trees.views.figures.of_model import QUESTION
from family_trees.views.figures.trees import draw_trees
from family_trees.views.figures.view import paper_view
from family_trees.views.report.found import Found, prose, section
from family_trees.views.report.iterative import iterative_part
from family_trees.views.report.learning import held_out_part, learning_numbers, learning_part
from family_trees.views.report.of_studies import study_numbers
from family_trees.views.report.page import ReportPart
from family_trees.views.report.symmetry import symmetry_part
from family_trees.views.report.units import appendix_part, units_numbers, units_part, usefulness_part
from family_trees.views.site.citation import Citation, read_citation

OF_UNITS = (
    *("nationality", "generation", "branch", "sex_high", "few", "number", "both_codes", "all_codes"),
    *("learned_without_decay", "useful", "useful_without_decay"),
)
"""The numbers of units that more than one section tells."""

STRICTER_THRESHOLD = 0.6
"""A threshold above that of the claims, which the limitations tell of."""


def article(what: Found) -> list[ReportPart]:
    """The report, section by section."""
    numbers = article_numbers(what)
    answers = what.shown.ask(*QUESTION).answers
    asked = {
        "person": QUESTION.person,
        "relation": QUESTION.relation,
        "answers": " and ".join(f"{each.person} ({each.activity:.2f})" for each in answers) or "nobody",
        "answers_count": max(1, len(answers)),
        "question_trained": QUESTION in what.shown.training_cases,
        "shown_held_out_right": sum(what.shown.right[case] for case in what.shown.held_out),
    }
    drawn = {
        "fig2-trees": partial(draw_trees, paper_view()),
        "fig3-activities": partial(draw_activities, what.shown, QUESTION),
    }
    results = [
        symmetry_part(what),
        learning_part(what, numbers),
        held_out_part(what),
        units_part(what),
        usefulness_part(what),
        iterative_part(what),
    ]
    if what.studies:
        results.append(section(what, "successors", numbers))
    ends = ("claims", "discussion", "limitations", "differs", "again", "cite", "references")
    return [
        *(section(what, name, numbers, level=2) for name in ("abstract", "introduction")),
        section(what, "method", numbers | asked, drawn, level=2),
        ReportPart("results", "Results", ()),
        *results,
        *(section(what, name, numbers, level=2) for name in ends),
        appendix_part(what),
    ]


def front(what: Found) -> tuple[str, list[str]]:
    """The title of the article, and the lines below it: authors, date and version, fingerprints."""
    cited = own_citation()
    networks = what.tables["learning"]["networks"]
    of_all = hashlib.sha256("\n".join(networks["fingerprint"]).encode()).hexdigest()
    lines = [
        ", ".join(cited.authors),
        f"{cited.date}, version {VERSION}. Written by `{what.command}`.",
        f"Fingerprints: network of figure 4, `{what.shown.fingerprint[:16]}`; "
        f"all {len(networks):,} networks of the main sample, `{of_all[:16]}`.",
    ]
    return _abstract(what)("headline"), lines


def own_citation() -> Citation:
    """How this software is cited."""
    packed = data_file("CITATION.cff")
    return read_citation(packed if packed.exists() else Path(__file__).parents[3] / "CITATION.cff")


def _abstract(what: Found) -> Prose:
    return prose("abstract", {"claims": what.rows, "studies": what.studies, **article_numbers(what)})


def article_numbers(what: Found) -> dict[str, Any]:
    """The numbers that more than one section tells, by name."""
    units = units_numbers(what)
    verdicts = [row.verdict for row in what.rows]
    return {
        **learning_numbers(what),
        **study_numbers(what),
        **{name: units[name] for name in OF_UNITS},
        "units_learned": units["learned"],
        "verdicts": {name: verdicts.count(name) for name in ("replicated", "partly", "not replicated", "undecided")},
        "meaning": all(row.verdict == "replicated" for row in what.rows if row.id in ("F3", "F4")),
        "rule": next(row.rule for row in what.rows if row.id == "F1"),
        "printed": PUBLISHED.name,
        "printed_range": PUBLISHED.initial_range,
        "gentle": GENTLE_EPSILON,
        "branch_stricter": _branch_at(what, STRICTER_THRESHOLD),
        "stricter": STRICTER_THRESHOLD,
        "command": what.command,
        "fingerprint": what.shown.fingerprint,
        "citation": own_citation().words,
    }


def _branch_at(what: Found, threshold: float) -> float:
    """The share of networks that have a unit of the person code for branch."""
    table = what.tables["units"]["thresholds"]
    own = table[(table["layer"] == "person code") & (table["distinction"] == "branch")]
    return float(own.loc[own["threshold"].round(1) == threshold, "weights"].iloc[0])
