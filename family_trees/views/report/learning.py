"""Does it learn? The printed recipe and larger steps, side by side."""

from __future__ import annotations

from typing import Any

from family_trees.engine.recipe import DEFAULT, PUBLISHED, describe
from family_trees.support.intervals import bootstrap_mean, difference_interval, wilson
from family_trees.support.prose import percent
from family_trees.views.figures.curves import draw_curves
from family_trees.views.report.found import FACTOR, Found, prose
from family_trees.views.report.page import Picture, ReportPart, ReportTable


def learning_part(what: Found) -> ReportPart:
    """The section on learning."""
    texts = prose("learning", {"networks": what.size.learning, **learning_numbers(what)})
    curves = draw_curves(what.tables["learning"]["curve"], 100, 4)
    differs = {PUBLISHED.name: texts("differs_in_nothing"), DEFAULT.name: describe(DEFAULT)}
    rows = tuple((name, words, *_row(what, name)) for name, words in differs.items())
    return ReportPart(
        "learning",
        texts("title"),
        texts.paragraphs(),
        (
            Picture("learning-curves", curves, texts("curves_alt"), texts("curves_caption")),
            ReportTable(texts("table_caption"), texts.rows("table_head")[0], rows),
        ),
        what.claims("F1", "F2"),
    )


def learning_numbers(what: Found) -> dict[str, Any]:
    """What the section tells, by name."""
    printed, larger = (what.of_recipe(name) for name in (PUBLISHED.name, DEFAULT.name))
    learned = {name: _learned(what, name) for name in (PUBLISHED.name, DEFAULT.name)}
    better = difference_interval((learned[DEFAULT.name], learned[PUBLISHED.name]), (len(larger), len(printed)))
    return {
        "printed_learned": learned[PUBLISHED.name],
        "printed_networks": len(printed),
        "printed_right": printed["training_right"].mean(),
        "larger_right": larger["training_right"].mean(),
        "larger_held_out": larger["held_out_right"].mean(),
        "larger_better": better.low > 0,
        "larger_range": DEFAULT.initial_range,
        "factor": FACTOR,
        "held_out_high": bootstrap_mean(larger["held_out_right"]).high,
    }


def _learned(what: Found, name: str) -> int:
    """How many networks of the recipe have all their training cases right."""
    own = what.of_recipe(name)
    return int((own["training_right"] == own["training_cases"]).sum())


def _row(what: Found, name: str) -> tuple[str, ...]:
    """What the table tells of a recipe."""
    own, learned = what.of_recipe(name), _learned(what, name)
    low, high = wilson(learned, len(own))
    every = own["held_out_right"] == own["held_out_cases"]
    return (
        f"{learned} of {len(own)} ({percent(low, 1)} to {percent(high, 1)})",
        f"{own['training_right'].mean():.1f}",
        f"{own['held_out_right'].mean():.2f}",
        percent(every.mean(), 1),
    )
