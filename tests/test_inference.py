"""What makes a fact hard: twins, and what they predict."""

from __future__ import annotations

import tomllib
from collections import Counter
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest

from family_trees.analysis.twins import predicted_shares, twin_sets, twins, with_twins_left
from family_trees.families.task import Case, Task


def test_twins_by_hand(task: Task) -> None:
    of_case = twins(task)
    assert of_case[Case("Colin", "father")] == (Case("Charlotte", "father"),)
    assert of_case[Case("Colin", "aunt")] == (Case("Charlotte", "aunt"),)
    assert of_case[Case("Arthur", "wife")] == ()
    assert of_case[Case("Colin", "sister")] == ()
    # Colin's uncles and aunts share their only nephew.
    assert {case.person for case in of_case[Case("Charles", "nephew")]} == {"Arthur", "Jennifer", "Margaret"}
    assert Counter(len(others) for others in of_case.values()) == {0: 32, 1: 56, 3: 16}


def control_sets(task: Task) -> tuple[tuple[Case, ...], ...]:
    """As many sets of as many cases of the same relations, each case with at least one twin that is not in its set.

    Half of each twin set goes with half of the next one of the same relation, round in a circle.
    """
    found: list[tuple[Case, ...]] = []
    for relation in task.relations:
        sets = [each for each in twin_sets(task) if each[0].relation == relation]
        for one, next_one in zip(sets, sets[1:] + sets[:1], strict=True):
            half = len(one) // 2
            found.append(tuple(sorted((*one[half:], *next_one[:half]), key=task.cases.index)))
    return tuple(found)


def test_twin_sets_hold_all_twins_once_and_controls_the_same_cases_apart(task: Task) -> None:
    sets, controls = twin_sets(task), control_sets(task)
    assert len(sets) == 28 + 4
    every = [case for each in sets for case in each]
    assert sorted(every) == sorted(case for case, others in twins(task).items() if others)
    assert sorted(case for each in controls for case in each) == sorted(every)
    assert [len(each) for each in sets] == [len(each) for each in controls]
    for each in controls:
        assert len({case.relation for case in each}) == 1
        assert all(set(twins(task)[case]) - set(each) for case in each)
    for each in sets:
        assert all(b in twins(task)[a] for a, b in combinations(each, 2))


def test_the_study_of_twins_holds_them_out(task: Task) -> None:
    text = (Path(__file__).parents[1] / "scripts/studies/twins.toml").read_text(encoding="utf-8")
    written = [tuple(map(task.find_case, split)) for split in tomllib.loads(text)["held_out"]]
    assert written == [*twin_sets(task), *control_sets(task)]


CASES = pd.DataFrame(
    [
        ("r", 2, 0, 0, "Colin", "father", 1),
        ("r", 2, 0, 0, "Charlotte", "father", 0),
        ("r", 2, 1, 1, "Colin", "father", 1),
        ("r", 2, 1, 1, "Arthur", "wife", 0),
    ],
    columns=["recipe", "held_out_cases", "split", "network", "person", "relation", "right"],
)


def test_twins_left_to_learn_from(task: Task) -> None:
    assert with_twins_left(CASES, task)["twins_left"].tolist() == [0, 0, 1, 0]


def test_predicted_shares_by_hand(task: Task) -> None:
    """Split 0 holds out both of a pair of twins, which are then expected to do as a case without any, Arthur's wife."""
    alone = pd.DataFrame(
        [("Colin", "father", 0.8), ("Charlotte", "father", 0.6), ("Arthur", "wife", 0.1)],
        columns=["person", "relation", "right"],
    )
    found = predicted_shares(CASES, alone, task)
    assert found["predicted"].tolist() == pytest.approx([0.1, 0.45])
    assert found["measured"].tolist() == pytest.approx([0.5, 0.5])
    assert found["networks"].tolist() == [1, 1]
