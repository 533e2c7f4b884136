from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from family_trees.engine.recipe import DEFAULT
from family_trees.families.task import Task
from family_trees.models.training import Trained, train
from family_trees.studies.measured_recipes import summarise_recipe
from family_trees.studies.training_tables import curve_table, network_table


@pytest.fixture(scope="module")
def made(trained: Trained) -> Trained:
    """Three networks whose curves are made up."""
    return replace(
        trained,
        curve=replace(
            trained.curve,
            sweep=np.array([0, 10, 20]),
            squared_error=np.array([[9.0, 5.0, 1.0], [9.0, 8.0, 7.0], [9.0, 1.0, 0.5]]),
            training_right=np.array([[0, 100, 100], [0, 40, 91], [0, 99, 100]]),
            held_out_right=np.array([[0, 1, 4], [0, 0, 1], [0, 2, 2]]),
        ),
    )


def test_summary(made: Trained) -> None:
    summary = summarise_recipe(made)
    assert (summary.networks, summary.networks_learned, summary.seed) == (3, 2, 5)
    assert summary.share_learned == pytest.approx(2 / 3)
    assert summary.mean_training_right == pytest.approx(97)
    assert 91 <= summary.mean_training_right_low < 97 < summary.mean_training_right_high <= 100
    assert (summary.training_cases, summary.held_out_cases) == (100, 4)
    assert summary.mean_held_out_right == pytest.approx(7 / 3)
    assert 1 <= summary.mean_held_out_right_low < 7 / 3 < summary.mean_held_out_right_high <= 4
    assert "2 of 3 networks learn all 100 training cases" in summary.text()


def test_a_row_a_network(made: Trained) -> None:
    table = network_table(made, made)
    assert len(table) == 6
    rows = table.iloc[:3]
    assert rows["network"].tolist() == [0, 1, 2]
    assert rows["squared_error"].tolist() == [1, 7, 0.5]
    assert rows["training_right"].tolist() == [100, 91, 100]
    assert rows["held_out_right"].tolist() == [4, 1, 2]
    assert rows["first_sweep_all_training_right"].fillna(-1).tolist() == [10, -1, 20]
    assert [row.split("; ") for row in rows["held_out"]] == [[str(c) for c in cases] for cases in made.held_out]


def test_a_row_a_network_and_point(made: Trained) -> None:
    table = curve_table(made)
    assert len(table) == 9
    one = table[table["network"] == 2]
    assert one["sweep"].tolist() == [0, 10, 20]
    assert one["training_right"].tolist() == [0, 99, 100]
    assert one["held_out_right"].tolist() == [0, 2, 2]


def test_what_the_table_says_is_what_the_networks_do(task: Task) -> None:
    trained = train(task, replace(DEFAULT, name="half", sweeps=700), networks=2, held_out=52)
    table = network_table(trained)
    assert table["held_out_right"].tolist() == trained.curve.held_out_right[:, -1].tolist()
    assert table["training_cases"].tolist() == [52, 52]
