"""The rules by which scripts choose, on made tables; what they chose, against the committed results."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from choose_best import best, chosen, drawn, study_texts, varied
from choose_then_and_now import choose, study_text
from report_studies import FILES, at_chosen_range, split_name

from family_trees.recipe import PUBLISHED
from family_trees.study_file import read_study

RESULTS = Path(__file__).parents[1] / "results"


def test_every_study_file_can_be_read() -> None:
    files = sorted(FILES.glob("*.toml"))
    assert len(files) > 10
    seeds = [read_study(file).seed for file in files if file.stem != "float64"]
    assert len(set(seeds)) == len(seeds), "studies share a seed, and so their splits"


def test_recipes_drawn_for_the_search_are_of_1986() -> None:
    rng = np.random.default_rng(0)
    recipes = [drawn(rng, f"drawn {k}") for k in range(100)]
    recipes += [varied(rng, f"varied {k}", recipe) for k, recipe in enumerate(recipes)]
    for recipe in recipes:
        assert (recipe.units, recipe.batch, recipe.biases) == ("logistic", 0, True)
        assert recipe.epsilon[0] == recipe.epsilon[1] / 2
        assert recipe.error_signal in ("squared", "cross-entropy")
    assert len({recipe.margin for recipe in recipes}) == 5


def test_the_studies_of_the_best_are_those_that_were_chosen() -> None:
    table = pd.read_csv(RESULTS / "best-choice.csv")
    for name, text in study_texts(table).items():
        assert (FILES / name).read_text(encoding="utf-8") == text
    (recipe,) = read_study(FILES / "best.toml").recipes
    row = chosen(table)
    assert recipe.epsilon == (row["epsilon"] / 2, row["epsilon"])
    assert (recipe.alpha[1], recipe.decay, recipe.sweeps) == (row["alpha"], row["decay"], row["sweep"])
    assert (recipe.margin, recipe.initial_range) == (row["margin"], row["initial_range"])
    assert (recipe.error_signal, recipe.decay_biases) == (row["error_signal"], row["decay_biases"])
    assert row["held_out_share"] == table[table["round"] == 4]["held_out_share"].max()


def test_the_study_of_then_and_now_is_the_one_that_was_chosen() -> None:
    table = pd.read_csv(RESULTS / "studies" / "then-and-now-search.csv")
    assert (FILES / "then-and-now.toml").read_text(encoding="utf-8") == study_text(table)


def test_the_best_of_a_round_is_the_one_with_most_held_out_cases_right() -> None:
    recipes = [replace(PUBLISHED, name=name) for name in "abc"]
    summary = pd.DataFrame(
        {"recipe": ["a", "b", "c"] * 2, "sweep": [10] * 3 + [20] * 3, "held_out_share": [0.9, 0.1, 0.1, 0.2, 0.4, 0.3]}
    )
    assert [recipe.name for recipe in best(summary, recipes, 2)] == ["b", "c"]


def test_the_range_is_chosen_on_even_splits_and_reported_on_odd_ones() -> None:
    rows = [("a, initial_range 1.0", split, 1500, 100 if split % 2 == 0 else 50) for split in range(10)] + [
        ("a, initial_range 2.0", split, 1500, 99) for split in range(10)
    ]
    table = pd.DataFrame(rows, columns=["recipe", "split", "sweep", "training_right"]).assign(
        training_cases=100,
        held_out_cases=4,
        held_out_right=0,
        held_out_right_margins=0,
        held_out_right_best=0,
        training_right_best=100,
        diverged=0,
    )
    (row,) = at_chosen_range(table).to_dict("records")
    assert (row["change"], row["initial_range"], row["networks"]) == ("a", 1.0, 5)
    assert (row["share_learned"], row["training_share"]) == (0, 0.5)
    assert split_name("published, no decay, initial_range 0.3") == ("published, no decay", "0.3")


def test_then_and_now_takes_what_learns_most_by_best_unit() -> None:
    summary = pd.DataFrame(
        [
            ("x, epsilon_factor 1, initial_range 1.0", 0.5, 0.90),
            ("x, epsilon_factor 2, initial_range 1.0", 0.1, 0.95),
            ("y, epsilon_factor 1, initial_range 2.0", 0.0, 0.2),
            ("y, epsilon_factor 5, initial_range 2.0", 0.3, 0.2),
        ],
        columns=["recipe", "share_learned", "training_share_best"],
    )
    assert choose(summary) == {"x": "2, initial_range 1.0", "y": "5, initial_range 2.0"}
