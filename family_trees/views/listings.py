"""Facts, recipes and comparisons, as text for the terminal or as data for other programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from family_trees.engine.recipe import DEFAULT, RECIPES, Recipe, describe, differences
from family_trees.families.task import Task
from family_trees.studies.measured_recipes import recipe_summary
from family_trees.support.wording import count

if TYPE_CHECKING:
    from family_trees.studies.comparison import Comparison


def facts_text(task: Task) -> str:
    """The facts, a line a case: "Colin has-uncle Arthur, Charles"."""
    return "\n".join(
        f"{case.person} has-{case.relation} {', '.join(answers)}" for case, answers in task.answers.items()
    )


def facts_count(task: Task) -> str:
    """How many facts and cases there are: "7 triples, 5 cases"."""
    return f"{count(len(task.triples), 'triple')}, {count(len(task.answers), 'case')}"


def facts_by_relation(task: Task) -> str:
    """How many facts there are of each relation, a line a relation, and of all, in the last line."""
    counts = Counter(triple.relation for triple in task.triples)
    lines = [f"{counts[name]:7,}  {name}" for name in task.relations]
    people = count(len(task.people), "person")
    return "\n".join([*lines, f"{len(task.triples):7,}  facts, in {len(task.answers):,} cases, of {people}"])


def recipe_text(recipe: Recipe) -> str:
    """How a recipe differs from the paper, and what it was measured to do, a line each."""
    summary = recipe_summary(recipe)
    measured = "not yet" if summary is None else summary.text()
    return f"  differs: {describe(recipe)}\n  measured: {measured}"


def recipes_json() -> list[dict[str, Any]]:
    """The recipes of the package, ready for `json.dumps`; what was never measured has null there."""
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
    """Whether two recipes differ, a line a measure."""
    lines = []
    for row in rows:
        verdict = "they differ" if row.differ else "no difference shown" if row.enough else "too few splits to tell"
        interval = f"{row.difference:+.1%} ({row.low:+.1%} to {row.high:+.1%})"
        lines.append(f"{row.measure}: {row.first:.1%} and {row.second:.1%}, difference {interval}: {verdict}")
    return "\n".join(lines)


def comparison_json(rows: Sequence[Comparison]) -> list[dict[str, Any]]:
    """The same, ready for `json.dumps`."""
    return [row._asdict() | {"differ": row.differ} for row in rows]
