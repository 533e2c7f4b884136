"""Does it learn? The printed recipe and larger steps side by side; and what becomes of the cases left out."""

from __future__ import annotations

from functools import partial
from typing import Any

from family_trees.engine.recipe import DEFAULT, PUBLISHED
from family_trees.support.intervals import bootstrap_means, difference_interval, wilson
from family_trees.views.figures.curves import draw_curves
from family_trees.views.report.found import FACTOR, Found, section
from family_trees.views.report.page import ReportPart

REPORTED_RIGHT = 3.5
"""Held-out cases that a network of Hinton's report has right: 7 of 8 over two networks."""


def learning_part(what: Found, numbers: dict[str, Any]) -> ReportPart:
    """The section on the training cases."""
    curves = partial(draw_curves, what.tables["learning"]["curve"], 100, 4)
    return section(what, "learning", numbers, {"learning-curves": curves})


def held_out_part(what: Found) -> ReportPart:
    """The section on the cases that were left out."""
    return section(what, "held-out", learning_numbers(what))


def learning_numbers(what: Found) -> dict[str, Any]:
    """What the two sections tell, by name."""
    larger = what.of_recipe(DEFAULT.name)
    printed_row, larger_row = (_row(what, name) for name in (PUBLISHED.name, DEFAULT.name))
    learned, of = ((larger_row[key], printed_row[key]) for key in ("learned", "networks"))
    held_out = larger["held_out_right"]
    of_learned = held_out[larger["training_right"] == larger["training_cases"]]
    return {
        "networks": what.size.learning,
        "larger": DEFAULT.name,
        "larger_range": DEFAULT.initial_range,
        "factor": FACTOR,
        "printed_learned": printed_row["learned"],
        "printed_right": printed_row["right"],
        "learns_nothing": printed_row["learned"] == 0 and printed_row["right"] < 1,
        "larger_learned": larger_row["learned"],
        "larger_share": larger_row["share"][0],
        "larger_interval": larger_row["share"],
        "larger_right": larger_row["right"],
        "larger_better": difference_interval(learned, of).low > 0,
        "larger_held_out": held_out.mean(),
        "right": [(held_out == count).mean() for count in range(5)],
        "one_or_two_wrong": held_out.isin((2, 3)).mean(),
        "of_learned": of_learned.mean(),
        "of_learned_right": [(of_learned == count).mean() for count in range(5)],
        "of_learned_one_or_two_wrong": of_learned.isin((2, 3)).mean(),
        "fewer": bootstrap_means(held_out.to_numpy()[:, None])[0].high < REPORTED_RIGHT,
    }


def _row(what: Found, name: str) -> dict[str, Any]:
    """What the table tells of a recipe."""
    own = what.of_recipe(name)
    learned = int((own["training_right"] == own["training_cases"]).sum())
    return {
        "networks": len(own),
        "learned": learned,
        "share": (learned / len(own), *wilson(learned, len(own))),
        "right": float(own["training_right"].mean()),
    }
