from __future__ import annotations

import math

import numpy as np

from family_trees.analysis import GROUPINGS, separates
from family_trees.families import RELATIONS, load_families

PEOPLE = [person.name for person in load_families().people]
NATIONALITY = GROUPINGS["person"][0].members(PEOPLE)


def test_groups() -> None:
    assert NATIONALITY.tolist() == [True] * 12 + [False] * 12
    assert GROUPINGS["person"][1].members(["Colin", "Charlotte", "Gina"]).tolist() == [True, False, False]
    assert GROUPINGS["relation"][0].members(RELATIONS).tolist() == [True, False] * 6


def test_planted_structure_is_found_and_shuffled_structure_is_not() -> None:
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(50, 24, 6))
    weights[:, :, 3] = np.where(NATIONALITY, 1.5, -0.1) + rng.uniform(0, 1, (50, 24))
    weights[0, :, 3] *= -1
    found = separates(weights, NATIONALITY)
    assert found.shape == (50, 6)
    assert found[:, 3].all()
    assert not found[:, [0, 1, 2, 4, 5]].any()
    assert not separates(rng.permuted(weights, axis=1), NATIONALITY).any()


def test_one_exception_is_enough() -> None:
    weights = np.where(NATIONALITY, 1.0, -1.0)[:, None]
    assert separates(weights, NATIONALITY).tolist() == [True]
    weights[5] = -2
    assert separates(weights, NATIONALITY).tolist() == [False]


def test_no_groups_nothing_told() -> None:
    assert not separates(np.ones((2, 24, 6)), np.zeros(24, dtype=bool)).any()


def test_chance_in_the_docstring() -> None:
    assert f"2 in {math.comb(24, 12):,} orders" in (separates.__doc__ or "")
