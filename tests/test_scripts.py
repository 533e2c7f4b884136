"""The rules by which scripts choose, on made tables; what they chose, against the committed results."""

from __future__ import annotations

import csv
import random
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, get_type_hints

import numpy as np
import pandas as pd
import pytest
from build_kernel import FOLDER, SOURCES, compile_kernel, library_name
from choose_best import best_recipes, chosen_row, drawn_recipe, study_texts, varied_recipe
from choose_own_recipe import CandidateOnTree as OwnRow
from choose_own_recipe import candidates, person_code_units
from choose_own_recipe import choose as choose_own
from choose_then_and_now import choose, study_text
from kill_runs import damage, wrong_files
from made_up_families import made_up_families, made_up_task
from side_by_side import in_order, rows_in_order

from family_trees.engine.compiled import library
from family_trees.engine.compiled.library import file_name
from family_trees.engine.recipe import PUBLISHED, SMALL_BATCHES
from family_trees.families.readers.gedcom import to_gedcom
from family_trees.families.readers.tree import read_tree
from family_trees.models.layered import family_network
from family_trees.studies.study_file import read_study
from family_trees.support.jobs import Pieces

RESULTS = Path(__file__).parents[1] / "results"
FILES = Path(__file__).parents[1] / "scripts" / "studies"


def test_every_study_file_can_be_read() -> None:
    files = sorted(FILES.glob("*.toml"))
    assert len(files) > 10
    seeds = {file.stem: read_study(file).seed for file in files}
    for successors, earlier in (
        ("successors", "held-out"),
        ("successors-sizes", "held-out-sizes"),
        ("best", "held-out"),
        ("best-sizes", "held-out-sizes"),
        ("best-committees", "committees"),
    ):
        assert seeds.pop(successors) == seeds[earlier], "successors are measured on the splits of the network of 1986"
    assert len(set(seeds.values())) == len(seeds), "studies share a seed, and so their splits"


def test_recipes_drawn_for_the_search_are_of_1986() -> None:
    rng = np.random.default_rng(0)
    recipes = [drawn_recipe(rng, f"drawn {k}") for k in range(100)]
    recipes += [varied_recipe(rng, f"varied {k}", recipe) for k, recipe in enumerate(recipes)]
    for recipe in recipes:
        assert (recipe.units, recipe.batch, recipe.biases) == ("logistic", 0, True)
        assert recipe.epsilon[0] == recipe.epsilon[1] / 2
        assert recipe.error_signal in ("squared", "cross-entropy")
    assert len({recipe.margin for recipe in recipes}) == 4


@pytest.mark.committed
def test_the_studies_of_the_best_are_those_that_were_chosen() -> None:
    table = pd.read_csv(RESULTS / "best-choice.csv")
    for name, text in study_texts(table).items():
        assert (FILES / name).read_text(encoding="utf-8") == text
    (recipe,) = read_study(FILES / "best.toml").recipes
    row = chosen_row(table)
    assert recipe.epsilon == (row["epsilon"] / 2, row["epsilon"])
    assert (recipe.alpha[1], recipe.decay, recipe.sweeps) == (row["alpha"], row["decay"], row["sweep"])
    assert (recipe.margin, recipe.initial_range) == (row["margin"], row["initial_range"])
    assert (recipe.error_signal, recipe.decay_biases) == (row["error_signal"], row["decay_biases"])
    assert row["held_out_share"] == table[table["round"] == 4]["held_out_share"].max()


@pytest.mark.committed
def test_the_study_of_then_and_now_is_the_one_that_was_chosen() -> None:
    table = pd.read_csv(RESULTS / "studies" / "then-and-now-search.csv")
    assert (FILES / "then-and-now.toml").read_text(encoding="utf-8") == study_text(table)


def test_the_best_of_a_round_is_the_one_with_most_held_out_cases_right() -> None:
    recipes = [replace(PUBLISHED, name=name) for name in "abc"]
    summary = pd.DataFrame(
        {"recipe": ["a", "b", "c"] * 2, "sweep": [10] * 3 + [20] * 3, "held_out_share": [0.9, 0.1, 0.1, 0.2, 0.4, 0.3]}
    )
    assert [recipe.name for recipe in best_recipes(summary, recipes, 2)] == ["b", "c"]


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


def own_recipe_rows() -> list[OwnRow]:
    kinds = get_type_hints(OwnRow)
    with (RESULTS / "own-recipe.csv").open(encoding="utf-8", newline="") as file:
        return [OwnRow(**{key: kinds[key](text) for key, text in row.items()}) for row in csv.DictReader(file)]


@pytest.mark.committed
def test_the_recipe_for_own_families_is_the_one_that_was_chosen() -> None:
    rows = own_recipe_rows()
    trees = {row.tree for row in rows}
    assert {"24", "200", "bourbon"} <= trees
    assert len(rows) == len(candidates()) * len(trees)
    row = choose_own(rows)
    (recipe,) = (
        each
        for each in candidates()
        if (each.epsilon[1], each.decay, each.batch) == (row.epsilon, row.decay, row.batch)
    )
    assert replace(recipe, name=SMALL_BATCHES.name) == SMALL_BATCHES


def test_the_best_own_recipe_is_best_over_all_trees() -> None:
    def row(epsilon: float, tree: str, share: float) -> OwnRow:
        return OwnRow(epsilon, 0.0, 20, 6, tree, 24, 104, 3, share, 0.0, 1.0)

    rows = [row(0.1, "a", 1.0), row(0.1, "b", 0.1), row(0.2, "a", 0.6), row(0.2, "b", 0.6)]
    assert choose_own(rows) == rows[2]


def test_the_least_growth_of_the_layers_is_that_of_the_default() -> None:
    for people in (10, 24, 60, 294, 3000):
        assert person_code_units(people, 0.5) == family_network(people, 12).layers[2].units


def test_made_up_families_are_families(tmp_path: Path) -> None:
    families = made_up_families(300, seed=2)
    assert made_up_families(300, seed=2) == families
    assert len(families.people) == 300
    path = tmp_path / "made-up.ged"
    path.write_text(to_gedcom(families), encoding="utf-8")
    assert {*read_tree(path).triples} == {*made_up_task(300, 2).triples}
    parents = {birth[0]: birth[1:] for birth in families.births}
    assert len(parents) == len(families.births)
    assert max(map(families.generation, parents)) > 3


class Power(NamedTuple):
    of: int
    share: float


def powers(number: int) -> list[Power]:
    return [Power(number, number / 3), Power(np.int64(number), np.float64(number) ** 2)]  # type: ignore[arg-type]


def test_what_is_measured_comes_in_order_and_is_kept(tmp_path: Path) -> None:
    expected = [row for number in range(5) for row in powers(number)]
    assert in_order(powers, range(5), label="", workers=2) == [powers(number) for number in range(5)]
    pieces = Pieces(tmp_path, "powers")
    pieces.write("0003", b"[[0, 1.5]]")  # as if it had been found
    rows = rows_in_order(powers, Power, range(5), pieces, label="", workers=2)
    assert rows == [*expected[:6], Power(0, 1.5), *expected[8:]]
    assert pd.DataFrame(rows).dtypes.equals(pd.DataFrame(expected).dtypes)


def test_damage_to_pieces_is_damage(tmp_path: Path) -> None:
    """What the killer of runs does to pieces is noticed by the check of pieces, whatever it draws."""
    pieces, kinds = Pieces(tmp_path, "a run"), set()
    for seed in range(60):
        for name in ("a", "b"):
            pieces.write(name, name.encode() * 9)
        kind = damage(tmp_path, random.Random(seed))  # noqa: S311
        whole = all(pieces.find(name) == name.encode() * 9 for name in ("a", "b"))
        assert not whole or kind == "swapped"  # a piece may be swapped with itself
        kinds.add(kind)
    assert kinds == {"emptied", "cut", "altered", "removed", "swapped"}
    assert damage(tmp_path / "nothing", random.Random(0)) == ""  # noqa: S311
    assert wrong_files({"a": b"1", "b": b"2", "d": b"4"}, {"a": b"1", "b": b"3", "c": b"4"}) == ["b", "c", "d"]


def test_without_a_compiler_nothing_is_compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in SOURCES:
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    monkeypatch.setattr("shutil.which", lambda _command: None)
    assert compile_kernel(tmp_path) is None
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(SOURCES)


def test_a_source_that_does_not_compile_is_left_out(tmp_path: Path) -> None:
    for name in SOURCES:
        (tmp_path / name).write_text("this is no C")
    assert compile_kernel(tmp_path) is None
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(SOURCES)


def test_the_compiled_file_has_the_name_that_the_package_looks_for() -> None:
    assert library_name() == file_name()
    assert SOURCES == library.SOURCES
