from __future__ import annotations

import csv
import math
from dataclasses import replace
from typing import get_type_hints

import pytest
from choose_recipe import CandidateRow, candidates, choose, finalists
from hypothesis import given
from hypothesis import strategies as st

from family_trees.engine.recipe import (
    CROSS_ENTROPY,
    DEFAULT,
    PUBLISHED,
    RECIPES,
    UNPRINTED_SETTINGS,
    Recipe,
    describe,
    differences,
    find_recipe,
)
from family_trees.studies.measured_recipes import measured_summaries, recipe_summary
from family_trees.support.data import data_file
from family_trees.support.errors import FamilyTreesError
from family_trees.support.intervals import wilson


def test_published_is_the_caption_of_figure_4() -> None:
    assert [PUBLISHED.phase(sweep) for sweep in (1, 20)] == [(0.005, 0.5)] * 2
    assert [PUBLISHED.phase(sweep) for sweep in (21, 1500)] == [(0.01, 0.9)] * 2
    assert (PUBLISHED.sweeps, PUBLISHED.decay, PUBLISHED.margin) == (1500, 0.002, 0.2)
    assert PUBLISHED.error_signal == "squared"
    assert describe(PUBLISHED) == "the paper to the letter"


def test_others_are_differences_from_published() -> None:
    assert set(differences(DEFAULT)) - UNPRINTED_SETTINGS == {"epsilon"}
    assert set(differences(CROSS_ENTROPY)) - UNPRINTED_SETTINGS == {"error_signal"}
    assert differences(replace(PUBLISHED, name="other", initial_range=2.0)) == {"initial_range": 2.0}
    for recipe in RECIPES.values():
        assert replace(PUBLISHED, name=recipe.name, **differences(recipe)) == recipe


def test_words_for_a_difference() -> None:
    assert describe(DEFAULT) == "epsilon 0.03 then 0.06, 6 times the printed; initial range 3 (not printed)"
    assert describe(PUBLISHED.with_settings(["epsilon=1,1"])) == "epsilon 1 then 1, printed 0.005 then 0.01"
    assert describe(PUBLISHED.with_settings(["decay=0"])) == "decay 0, printed 0.002"
    assert describe(PUBLISHED.with_settings(["epsilon=1e308"])) == "epsilon 1e+308 then 1e+308, printed 0.005 then 0.01"
    assert describe(CROSS_ENTROPY) == (
        "initial range 3 (not printed); dE/dx at the output y - d, that of cross-entropy, "
        "printed (y - d) y (1 - y), that of squared error"
    )


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("alpha=1.5", "alpha: 1.5 is not allowed; give a number of at least 0 and below 1"),
        ("alpha=0.5,-0.1", "alpha: -0.1 is not allowed"),
        ("alpha=0.5,0.8,0.9", "give two numbers, one a phase"),
        ("alpha=much", "alpha: 'much' is not allowed; give a number"),
        ("epsilon=0", "epsilon: 0.0 is not allowed; give a number above 0"),
        ("epsilon=nan", "epsilon: nan is not allowed"),
        ("epsilon=inf", "epsilon: inf is not allowed"),
        ("sweeps=-1", "sweeps: -1 is not allowed; give a whole number of at least 0"),
        ("sweeps=1.5", "sweeps: '1.5' is not allowed; give a whole number"),
        ("decay=1", "decay: 1.0 is not allowed; give a number of at least 0 and below 1"),
        ("margin=0.5", "margin: 0.5 is not allowed; give a number of at least 0 and below 0.5"),
        ("initial_range=0", "initial_range: 0.0 is not allowed"),
        ("initial_range=1e308", r"initial_range: 1e.308 is not allowed; give a number above 0 and below 1,000"),
        ("first_phase=-2", "first_phase: -2 is not allowed"),
        ("error_signal=hinge", "error_signal: 'hinge' is not allowed; give one of squared, cross-entropy, softmax"),
        ("error_signal=softmax", "margin: 0.2 is not allowed with softmax; give 0"),
        ("units=softmax", "units: 'softmax' is not allowed; give one of logistic, tanh, relu, leaky-relu, elu"),
        ("batch=-1", "batch: -1 is not allowed; give a whole number of at least 0"),
        ("decay_from=0", "decay_from: 0 is not allowed; give a whole number of at least 1"),
        ("biases=maybe", "biases: 'maybe' is not allowed; give true or false"),
        ("initial_range=1,0", "initial_range: 0.0 is not allowed"),
        ("learning_rate=1", "'learning_rate=1': give KEY=VALUE, with KEY one of sweeps, epsilon"),
        ("alpha", "'alpha': give KEY=VALUE"),
    ],
)
def test_values_out_of_range_name_value_and_range(setting: str, message: str) -> None:
    with pytest.raises(FamilyTreesError, match=message.replace("'", ".")):
        PUBLISHED.with_settings([setting])


def test_settings() -> None:
    recipe = PUBLISHED.with_settings(["alpha=0.5,0.8", "initial-range=2", "error_signal=cross-entropy", "sweeps=10"])
    assert recipe == Recipe("published, changed", 10, alpha=(0.5, 0.8), initial_range=2.0, error_signal="cross-entropy")
    assert PUBLISHED.with_settings(["alpha=0.8"]).alpha == (0.8, 0.8)
    assert PUBLISHED.with_settings([]) is PUBLISHED
    assert PUBLISHED.with_settings(["sweeps=1500"]) is PUBLISHED


@given(st.floats(), st.floats())
def test_every_recipe_that_can_be_made_is_sound(epsilon: float, alpha: float) -> None:
    sound = math.isfinite(epsilon) and epsilon > 0 and math.isfinite(alpha) and 0 <= alpha < 1
    try:
        Recipe("any", epsilon=(epsilon, epsilon), alpha=(alpha, alpha))
    except FamilyTreesError:
        assert not sound
    else:
        assert sound


def test_find_recipe() -> None:
    assert find_recipe("published") is PUBLISHED
    with pytest.raises(FamilyTreesError, match="did you mean published"):
        find_recipe("publish")
    with pytest.raises(FamilyTreesError, match="there are published, larger-steps, cross-entropy"):
        find_recipe("zzz")


@pytest.mark.committed
def test_default_is_what_the_rule_chose() -> None:
    """Two tables of results/ hold the measurement; the recipes in the code follow from it by the rule."""
    kinds = get_type_hints(CandidateRow)

    def rows_of(name: str) -> list[CandidateRow]:
        path = data_file("recipes.csv").parent.parent / "results" / name
        with path.open(encoding="utf-8", newline="") as file:
            cells = [{key: kinds[key](text) for key, text in row.items()} for row in csv.DictReader(file)]
        return [CandidateRow(**each) for each in cells]

    first, rows = rows_of("recipe-choice.csv"), rows_of("recipe-finalists.csv")
    assert [(row.change, row.to, row.initial_range) for row in first] == [
        (what, to, recipe.initial_range) for what, to, recipe in candidates()
    ]
    assert [row[:3] for row in rows] == [row[:3] for row in first if row in finalists(first)]
    assert {row.networks for row in first} == {200}
    assert {row.networks for row in rows} == {1000}
    chosen = choose(rows)
    assert DEFAULT.epsilon == pytest.approx([chosen.to * each for each in PUBLISHED.epsilon])
    assert DEFAULT.initial_range == chosen.initial_range
    assert choose(rows, "cross-entropy").initial_range == CROSS_ENTROPY.initial_range


def test_rule_prefers_the_gentlest_of_equals() -> None:
    def row(to: float, reach: float, learned: int) -> CandidateRow:
        return CandidateRow("epsilon factor", to, reach, 200, learned, learned / 200, 0, 0, 0, 100)

    assert choose([row(2, 1, 20), row(5, 1, 60), row(5, 2, 62), row(9, 1, 70)]) == row(5, 2, 62)
    assert choose([row(2, 1, 20), row(5, 1, 40), row(9, 1, 70)]) == row(9, 1, 70)


def test_finalists_are_those_that_the_first_round_cannot_tell_from_the_best() -> None:
    def row(change: str, to: float, learned: int) -> CandidateRow:
        low, high = wilson(learned, 200)
        return CandidateRow(change, to, 1, 200, learned, learned / 200, low, high, 0, 100)

    rows = [row("epsilon factor", 2, 20), row("epsilon factor", 5, 60), row("epsilon factor", 9, 70)]
    others = [row("cross-entropy", 1, 40), row("decay", 0, 90)]
    assert finalists(rows + others) == [*rows[1:], others[0]]


@pytest.mark.committed
def test_every_recipe_of_the_package_was_measured_as_it_is() -> None:
    for recipe in RECIPES.values():
        summary = recipe_summary(recipe)
        assert summary is not None, f"run scripts/measure_recipes.py: {recipe.name} has changed since"
        assert summary.networks >= 200
    assert set(measured_summaries()) == set(RECIPES)
    assert recipe_summary(replace(DEFAULT, decay=0.0)) is None
