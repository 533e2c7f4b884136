"""Recipes and their comparison, as text for the terminal or as data for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from family_trees.engine.recipe import DEFAULT, RECIPES, Recipe, describe, differences
from family_trees.studies.measured_recipes import recipe_summary

if TYPE_CHECKING:
    from family_trees.studies.comparison import Comparison


def recipe_text(recipe: Recipe) -> str:
    """How a recipe differs from the paper, and how well it was measured to learn, a line each."""
    summary = recipe_summary(recipe)
    measured = "not yet" if summary is None else summary.text()
    return f"  differs: {describe(recipe)}\n  measured: {measured}"


def recipes_json() -> list[dict[str, Any]]:
    """The recipes of the package, ready for `json.dumps`. A recipe that was never measured has null as `measured`."""
    summaries = {name: recipe_summary(recipe) for name, recipe in RECIPES.items()}
    return [
        {
            "recipe": name,
            "default": recipe is DEFAULT,
            "differences": differences(recipe),
            "measured": None if (summary := summaries[name]) is None else summary._asdict(),
        }
        for name, recipe in RECIPES.items()
    ]


def comparison_text(rows: Sequence[Comparison]) -> str:
    """Whether two recipes differ, a line for each measure."""
    lines = []
    for row in rows:
        verdict = (
            "they differ"
            if row.differ
            else "no difference shown"
            if row.has_enough_splits
            else "too few splits to tell"
        )
        interval = f"{row.difference:+.1%} ({row.low:+.1%} to {row.high:+.1%})"
        lines.append(f"{row.measure}: {row.first:.1%} and {row.second:.1%}, difference {interval}: {verdict}")
    return "\n".join(lines)


def comparison_json(rows: Sequence[Comparison]) -> list[dict[str, Any]]:
    """Whether two recipes differ by each measure, ready for `json.dumps`."""
    return [row._asdict() | {"differ": row.differ} for row in rows]
