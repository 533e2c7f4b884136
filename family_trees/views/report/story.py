"""The report, part by part, in the order of the paper: what opens it, what was found, and how to measure it again."""

from __future__ import annotations

from typing import Any

from family_trees.engine.recipe import DEFAULT, PUBLISHED
from family_trees.studies.paper.symmetry import GENTLE_EPSILON
from family_trees.support.prose import Prose
from family_trees.views.report.found import FACTOR, Found, prose
from family_trees.views.report.iterative import iterative_part
from family_trees.views.report.learning import learning_part
from family_trees.views.report.page import ReportPart, ReportTable
from family_trees.views.report.symmetry import symmetry_part
from family_trees.views.report.task import task_part
from family_trees.views.report.units import units_part
from family_trees.views.report.usefulness import usefulness_part


def title_and_lead(what: Found) -> tuple[str, str]:
    """The title of the page, and what came of it in a few lines."""
    verdicts = [row.verdict for row in what.rows]
    printed, larger = (what.of_recipe(name) for name in (PUBLISHED.name, DEFAULT.name))
    numbers: dict[str, Any] = {
        "claims": len(verdicts),
        "replicated": verdicts.count("replicated"),
        "partly": verdicts.count("partly"),
        "not_replicated": verdicts.count("not replicated"),
        "undecided": verdicts.count("undecided"),
        "printed_right": printed["training_right"].mean(),
        "larger_right": larger["training_right"].mean(),
        "larger_learned": (larger["training_right"] == larger["training_cases"]).mean(),
        "factor": FACTOR,
    }
    texts = prose("opening", numbers)
    return texts("title"), texts("lead")


def story(what: Found) -> list[ReportPart]:
    """The report, part by part, in the order of the paper."""
    parts = (symmetry_part, task_part, learning_part, units_part, usefulness_part, iterative_part)
    return [_words(), *(part(what) for part in parts), *_closing(what)]


def _words() -> ReportPart:
    texts = prose("opening", {})
    return ReportPart("words", texts("words_title"), (), (_table(texts, "words"),))


def _closing(what: Found) -> tuple[ReportPart, ReportPart]:
    recipes = {
        "printed": PUBLISHED.name,
        "printed_range": PUBLISHED.initial_range,
        "larger": DEFAULT.name,
        "larger_range": DEFAULT.initial_range,
        "factor": FACTOR,
        "gentle": GENTLE_EPSILON,
    }
    shown = {"fingerprint": what.shown.fingerprint, "number": what.shown.number}
    texts = prose("closing", {"command": what.command, "size": what.size, **shown, **recipes})
    differs = _table(texts, "differs")
    return (
        ReportPart("differs", texts("differs_title"), texts.paragraphs("differs_text"), (differs,)),
        ReportPart("again", texts("again_title"), texts.paragraphs("again_text")),
    )


def _table(texts: Prose, block: str) -> ReportTable:
    """The table that stands in a block, under the caption of that name."""
    head, *rows = texts.rows(block)
    return ReportTable(texts(f"{block}_caption"), head, tuple(rows))
