from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from family_trees.engine.evaluation import right
from family_trees.families.of_1986 import family_trees_task
from family_trees.families.people import Triple
from family_trees.families.readers.triples import task_of_triples
from family_trees.families.task import Case, Task
from family_trees.support.errors import FamilyTreesError

TASK = family_trees_task()


def test_local_codes() -> None:
    inputs, desired = TASK.inputs(), TASK.desired()
    assert inputs["person"].shape == (104, 24)
    assert inputs["relation"].shape == (104, 12)
    assert desired.shape == (104, 24)
    for codes in inputs.values():
        assert set(np.unique(codes)) == {0, 1}
        assert np.all(codes.sum(axis=1) == 1)
    assert desired.sum() == 112
    for row, case in enumerate(TASK.cases):
        assert TASK.people[int(inputs["person"][row].argmax())] == case.person
        assert TASK.relations[int(inputs["relation"][row].argmax())] == case.relation
        on = {TASK.people[k] for k in np.flatnonzero(desired[row])}
        assert on == {t.person2 for t in TASK.triples if (t.person1, t.relation) == case}


@given(st.integers(0, 103), st.integers(0, 2**64 - 1))
def test_drawn_split(count: int, seed: int) -> None:
    """A larger split of a network holds its smaller ones."""
    drawn = TASK.draw_held_out(count, seed, 3)
    assert len(set(drawn)) == len(drawn) == count
    assert list(drawn) == sorted(drawn, key=TASK.cases.index)
    assert TASK.training_mask(drawn).sum() == 104 - count
    assert drawn == TASK.draw_held_out(count, seed, 3)
    assert set(TASK.draw_held_out(count // 2, seed, 3)) <= set(drawn)


def test_every_case_is_as_likely_to_be_held_out() -> None:
    draws = 2600
    counts = dict.fromkeys(TASK.cases, 0)
    for number in range(draws):
        for case in TASK.draw_held_out(4, 1, number):
            counts[case] += 1
    expected = draws * 4 / 104
    chi_squared = sum((n - expected) ** 2 / expected for n in counts.values())
    assert 60 < chi_squared < 160  # 103 degrees of freedom: 0.1% on either side


@pytest.mark.parametrize("count", [-1, 104, 1000])
def test_too_many_or_too_few_held_out(count: int) -> None:
    with pytest.raises(FamilyTreesError, match=rf"{count} is not allowed; give 0 to 103"):
        TASK.draw_held_out(count, 0, 0)


@pytest.mark.parametrize("text", ["Colin aunt", "colin AUNT", " COLIN has-aunt ", "Colin Has-Aunt"])
def test_spellings_of_a_case(text: str) -> None:
    assert TASK.find_case(text) == Case("Colin", "aunt")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Coln aunt", "unknown person 'Coln'; did you mean Colin"),
        ("Colin ant", "unknown relation 'ant'; did you mean aunt"),
        ("Colin cousin-in-law-of", "unknown relation 'cousin-in-law-of'; family-trees facts lists them"),
        ("Colin", "give a person and a relation"),
        ("", "give a person and a relation"),
        ("Colin husband", "not in the task; the relations that Colin has: father, mother, sister, uncle, aunt"),
    ],
)
def test_cases_that_are_not_there(text: str, message: str) -> None:
    with pytest.raises(FamilyTreesError, match=message):
        TASK.find_case(text)


def test_named_split() -> None:
    assert TASK.find_cases(["Sophia uncle", "Colin aunt"]) == (Case("Colin", "aunt"), Case("Sophia", "uncle"))
    with pytest.raises(FamilyTreesError, match="'Colin aunt' is named twice"):
        TASK.find_cases(["Colin aunt", "colin has-aunt"])
    with pytest.raises(FamilyTreesError, match="104 is not allowed"):
        TASK.find_cases(map(str, TASK.cases))


def test_right_is_strict() -> None:
    """The right units above 0.5, every other unit below 0.5; 0.5 itself is neither."""
    desired = np.array([[1.0, 0, 1]])
    assert right(np.array([[0.51, 0.49, 0.9]]), desired).tolist() == [True]
    for wrong in ([0.51, 0.51, 0.9], [0.51, 0.49, 0.49], [0.5, 0.1, 0.9], [0.9, 0.5, 0.9]):
        assert right(np.array([wrong]), desired).tolist() == [False]
    assert right(np.zeros((3, 2, 1, 3)), desired).shape == (3, 2, 1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Task(("a", "a"), ("r",), ()),
        lambda: Task(("a", "b"), ("r", "r"), ()),
        lambda: Task(("a", "b"), ("r",), (Triple("a", "r", "c"),)),
        lambda: Task(("a", "b"), ("r",), (Triple("a", "s", "b"),)),
    ],
)
def test_task_that_does_not_hold_together(make: object) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match="unit"):
        make()


def test_a_name_that_cannot_be_printed_is_refused_with_its_row() -> None:
    with pytest.raises(FamilyTreesError, match=r"row 2: .* cannot be printed in a line"):
        task_of_triples([("Ann", "mother", "Bo"), ("Ann\u202e", "mother", "Bo")])
