"""What a user chooses, from texts to values; a network against facts that have changed; parts of facts and claims."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from family_trees.engine.recipe import CROSS_ENTROPY, DEFAULT, SMALL_BATCHES
from family_trees.families.of_1986 import family_trees_task
from family_trees.families.people import Triple
from family_trees.families.selection import select_facts
from family_trees.families.task import Case, Task
from family_trees.models import symmetry
from family_trees.models.against_file import check_facts, check_names, judged_by
from family_trees.models.choices import chosen_recipe, chosen_split, parse_layers
from family_trees.models.model import Model
from family_trees.models.symmetry_solution import solution_to_draw
from family_trees.studies.paper.again import committed_claims
from family_trees.studies.paper.claims import CLAIMS
from family_trees.studies.paper.jobs import FULL_SIZE, QUICK_SIZE, scaled_size
from family_trees.studies.paper.reproduction import ReproductionProgress
from family_trees.studies.paper.sizes import chosen_size, seconds_left, time_words, usual_directory
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import check_not_an_input
from family_trees.support.spreadsheets import csv_text


def test_the_recipe_chosen() -> None:
    assert chosen_recipe(None) is DEFAULT
    assert chosen_recipe(None, own_family=True) is SMALL_BATCHES
    assert chosen_recipe("cross-entropy", own_family=True) is CROSS_ENTROPY
    changed = chosen_recipe(None, ("decay=0", "sweeps=7"), sweeps=9)
    assert (changed.decay, changed.sweeps, changed.epsilon) == (0, 9, DEFAULT.epsilon)
    with pytest.raises(FamilyTreesError, match="sweeps: -1 is not allowed"):
        chosen_recipe(None, sweeps=-1)


def test_layers_are_four_whole_numbers() -> None:
    assert parse_layers("6, 6,12,6") == (6, 6, 12, 6)
    for text in ("", "6,6,12", "6,6,12,6,1", "6,6,0,6", "6,6,10001,6", "6,6,-1,6", "a,b,c,d", "6,6,1.5,6"):
        with pytest.raises(FamilyTreesError, match="give four whole numbers, such as 6,6,12,6"):
            parse_layers(text)


def test_the_cases_to_hold_out() -> None:
    task = family_trees_task()
    assert chosen_split(task) == 4
    assert chosen_split(task, number=0) == 0
    assert chosen_split(task, ("sophia uncle", "Colin has-aunt")) == (Case("Colin", "aunt"), Case("Sophia", "uncle"))


def test_a_part_of_the_facts() -> None:
    task = family_trees_task()
    assert select_facts(task) == task
    assert len(select_facts(task, relation="has-AUNT").triples) == 8
    colins = select_facts(task, "colin", "aunt")
    assert (colins.people, colins.relations) == (task.people, task.relations)
    assert dict(colins.answers) == {Case("Colin", "aunt"): ("Jennifer", "Margaret")}
    with pytest.raises(FamilyTreesError, match="did you mean Colin"):
        select_facts(task, "Coln")


def test_a_network_against_facts_that_have_changed(model: Model) -> None:
    task = model.task
    fewer = Task(task.people, task.relations, task.triples[1:])
    shuffled = Task(task.people[::-1], task.relations, task.triples[::-1])
    place, tree = Path("m.npz"), Path("t.csv")
    for facts in (task, fewer, shuffled):
        check_names(model, place, facts, tree)
    check_facts(model, place, shuffled, tree)
    with pytest.raises(FamilyTreesError, match=r"t\.csv: its facts are not those that m\.npz was trained on"):
        check_facts(model, place, fewer, tree)
    for facts, told in (
        (Task(("Colin", "Zoe"), ("aunt",), (Triple("Colin", "aunt", "Zoe"),)), "somebody .* 'Zoe'"),
        (Task(("Colin", "Arthur"), ("boss",), (Triple("Colin", "boss", "Arthur"),)), "a relation .* 'boss'"),
    ):
        with pytest.raises(FamilyTreesError, match=told):
            check_names(model, place, facts, tree)
    one, relation, _ = task.triples[0]
    answer = model.ask(one, relation)
    assert answer.facts
    assert judged_by(answer, task) == answer
    assert judged_by(answer, fewer) == replace(answer, facts=fewer.answers.get(answer.case, ()))


def test_the_size_of_a_reproduction() -> None:
    assert chosen_size() == QUICK_SIZE
    assert chosen_size(full=True, seed=3) == replace(FULL_SIZE, seed=3)
    assert chosen_size(networks=200, seed=1) == scaled_size(200, 1)
    assert (usual_directory(full=True), usual_directory(full=False)) == (Path("results"), Path("results/quick"))


def test_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []

    def seconds(*arguments: object) -> float:
        asked.append(arguments)
        return 400.0

    monkeypatch.setattr("family_trees.studies.paper.sizes.estimated_seconds", seconds)
    assert seconds_left(QUICK_SIZE, ReproductionProgress(30.0, 40.0, "units", ("units",)), workers=2) == 100
    assert asked == [(QUICK_SIZE, 2, ("units",))]
    assert [time_words(each) for each in (0.4, 99.4, 100, 900)] == [
        "0 seconds",
        "99 seconds",
        "2 minutes",
        "15 minutes",
    ]


def test_claims_that_come_with_the_package_are_those_of_the_code() -> None:
    assert [row.id for row in committed_claims()] == [claim.id for claim in CLAIMS]
    assert [row.id for row in committed_claims(["f3", "S1"])] == ["S1", "F3"]
    with pytest.raises(FamilyTreesError, match=r"no claim 'F7'; there are S1, S2, F1, F2, F3, F4, F5, F6, I1, L1"):
        committed_claims(["F1", "f7"])


def test_the_solution_to_draw_is_one_that_solves() -> None:
    run = symmetry.train_small_networks(symmetry.symmetry_task(), networks=2, sweeps=1)
    with pytest.raises(FamilyTreesError, match="no network has learned the task"):
        solution_to_draw(run)
    solved = replace(run, cases_right=np.array([[0], [64]]))
    drawn = solution_to_draw(solved)
    for connection, weights in run.weights.items():
        np.testing.assert_array_equal(drawn[connection], weights[1:])


def test_what_is_read_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "a")
    check_not_an_input(tmp_path / "a", None, tmp_path / "b")
    for read in (tmp_path / "a", tmp_path / "link", tmp_path / "c" / ".." / "a"):
        with pytest.raises(FamilyTreesError, match="this file is an input"):
            check_not_an_input(tmp_path / "a", tmp_path / "b", read)


def test_a_table_holds_no_formula() -> None:
    assert csv_text(("a", "b"), [("x", 1.5), ('=1+1, "2"', True)]) == 'a,b\nx,1.5\n"\'=1+1, ""2""",True\n'
