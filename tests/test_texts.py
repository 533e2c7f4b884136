"""What commands print of answers, trainings, facts, recipes and comparisons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from family_trees.engine.recipe import DEFAULT, PUBLISHED, RECIPES
from family_trees.families.of_1986 import family_trees_task
from family_trees.families.selection import select_facts
from family_trees.families.task import Case, Task
from family_trees.models.model import Activity, Answer, Model
from family_trees.models.saved import load
from family_trees.studies.comparison import Comparison
from family_trees.views.answers import MOST_NAMED_CASES, answer_json, answer_text, training_text
from family_trees.views.facts_text import facts_by_relation, facts_count, facts_text
from family_trees.views.recipes_text import comparison_json, comparison_text, recipe_text, recipes_json

RANKING = (Activity("Ann", 0.9), Activity("Bobby", 0.6), Activity("Cy", 0.04))


@pytest.mark.parametrize(
    ("facts", "trained_on", "held_out", "told"),
    [
        (("Ann", "Bobby"), ("Bobby", "Ann"), False, ["  This is right."]),
        (("Ann",), ("Ann",), False, ["  This is wrong; the trees say Ann."]),
        ((), (), False, ["  The trees hold no aunt of Dan, so this was never trained."]),
        (
            ("Ann", "Bobby"),
            ("Ann", "Bobby"),
            True,
            ["  This case was held out: the network never saw it in training.", "  This is right."],
        ),
        (
            ("Cy",),
            ("Ann",),
            False,
            [
                "  The facts have changed since the training; then they were: Ann.",
                "  This is wrong; the trees say Cy.",
            ],
        ),
        ((), ("Ann",), False, ["  The facts have changed since the training; then they were: Ann."]),
        (
            ("Ann", "Bobby"),
            (),
            False,
            ["  The facts have changed since the training; then they were: none.", "  This is right."],
        ),
    ],
)
def test_an_answer_as_text(
    facts: tuple[str, ...], trained_on: tuple[str, ...], held_out: bool, told: list[str]
) -> None:
    answer = Answer(Case("Dan", "aunt"), RANKING, held_out, facts)
    assert answer_text(answer, trained_on, 2).split("\n") == [
        "Dan has-aunt: Ann, Bobby",
        *told,
        "",
        "   1  Ann    0.900  ##################",
        "   2  Bobby  0.600  ############",
    ]


def test_an_answer_of_nobody() -> None:
    answer = Answer(Case("Dan", "aunt"), RANKING[2:], False, ("Ann",))
    assert answer_text(answer, ("Ann",)).startswith("Dan has-aunt: nobody is above 0.5\n  This is wrong")
    assert answer_text(answer, ("Ann",)).endswith("   1  Cy  0.040  #")


def test_an_answer_for_other_programs(model: Model) -> None:
    told = answer_json(model.ask("Colin", "aunt"), model, Path("m.npz"), 3)
    assert (told["person"], told["relation"], told["facts"]) == ("Colin", "aunt", ["Jennifer", "Margaret"])
    assert len(told["ranking"]) == 3
    assert told["model"] | {"differences": None} == {
        "file": "m.npz",
        "recipe": "short",
        "differences": None,
        "seed": 5,
        "network": 1,
        "sweeps": 25,
        "held_out": [str(case) for case in model.held_out],
        "version": model.version,
    }
    assert len(answer_json(model.ask("Colin", "aunt"), model, None)["ranking"]) == 24


def test_a_training_as_text() -> None:
    model = load()
    right = sum(model.right[case] for case in model.training_cases)
    recipe, error, training, fingerprint, held_out = training_text(model, own_family=False).split("\n")
    assert fingerprint == f"fingerprint          {model.fingerprint}"
    assert recipe.startswith("recipe               larger-steps: epsilon 0.03 then 0.06, 6 times the printed")
    assert error == f"squared error E      {model.curve.squared_error[0, -1]:.3f}, after 1,500 sweeps"
    assert training == f"training cases right {right} of 100"
    assert all(str(case) in held_out for case in model.held_out)
    assert "formula" not in training_text(model, own_family=True)
    assert "'family-trees recipes' tells" in training_text(model, own_family=True).split("\n")[0]
    many = replace(model, held_out=model.task.cases[: MOST_NAMED_CASES + 1])
    assert training_text(many, own_family=True).endswith(f" of {MOST_NAMED_CASES + 1}")
    assert "held-out" not in training_text(replace(model, held_out=()), own_family=True)


def test_facts_as_text() -> None:
    colins = select_facts(family_trees_task(), "Colin")
    assert facts_text(colins).split("\n")[2:4] == ["Colin has-sister Charlotte", "Colin has-uncle Arthur, Charles"]
    assert facts_count(colins) == "7 triples, 5 cases"
    assert facts_count(select_facts(colins, relation="sister")) == "1 triple, 1 case"
    *lines, last = facts_by_relation(family_trees_task()).split("\n")
    assert len(lines) == 12
    assert lines[0] == "     10  husband"
    assert last == "    112  facts, in 104 cases, of 24 people"
    assert facts_by_relation(Task(("Ann",), ("aunt",), ())).split("\n") == [
        "      0  aunt",
        "      0  facts, in 0 cases, of 1 person",
    ]


def test_recipes_as_text_and_for_other_programs() -> None:
    differs, measured = recipe_text(PUBLISHED).split("\n")
    assert differs == "  differs: the paper to the letter"
    assert measured.startswith(
        "  measured: 0 of 10,000 networks learn all 100 training cases, 0.00% (95% interval 0.00% to 0.04%)"
    )
    assert recipe_text(replace(DEFAULT, decay=0.5)).endswith("\n  measured: not yet")
    rows = recipes_json()
    assert [row["recipe"] for row in rows] == list(RECIPES)
    assert [row["recipe"] for row in rows if row["default"]] == [DEFAULT.name]


def test_comparisons_as_text_and_for_other_programs() -> None:
    rows = [
        Comparison("cases right", 0.5, 0.25, 0.25, 0.1, 0.4, 20),
        Comparison("cases right", 0.5, 0.25, 0.25, -0.1, 0.4, 20),
        Comparison("cases right", 0.5, 0.25, 0.25, 0.1, 0.4, 2),
    ]
    assert comparison_text(rows).split("\n") == [
        "cases right: 50.0% and 25.0%, difference +25.0% (+10.0% to +40.0%): they differ",
        "cases right: 50.0% and 25.0%, difference +25.0% (-10.0% to +40.0%): no difference shown",
        "cases right: 50.0% and 25.0%, difference +25.0% (+10.0% to +40.0%): too few splits to tell",
    ]
    assert [row["differ"] for row in comparison_json(rows)] == [True, False, False]
