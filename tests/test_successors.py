"""The successors, ready to train: learners, recipes, choices, files, and the studies of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from family_trees.engine.embedding import Embedding
from family_trees.engine.recipe import LARGER_STEPS
from family_trees.families.task import Case, Task
from family_trees.models.choices import chosen_training
from family_trees.models.layered import FAMILY_TREE_NETWORK
from family_trees.models.saved import load, save
from family_trees.models.successors import (
    BATCH,
    IN_BATCHES,
    SUCCESSORS,
    SWEEPS,
    Variant,
    learner_for,
    learner_name,
    penalty_of,
    successor_recipe,
    with_settings,
)
from family_trees.models.training import train
from family_trees.studies.study_file import read_study
from family_trees.support.errors import FamilyTreesError

STUDIES = Path(__file__).parent.parent / "scripts" / "studies"
WIFE = Case("Arthur", "wife")


def test_a_vector_is_a_matrix_of_one_column(task: Task) -> None:
    assert learner_for(task, "vectors", 5) == Embedding(24, 12, 5, 1)
    assert learner_for(task, "matrices", 5) == Embedding(24, 12, 5, 5)
    assert learner_for(task, "network") == FAMILY_TREE_NETWORK
    names = [learner_name(learner_for(task, name)) for name in ("network", "vectors", "matrices")]
    assert names == ["network", "vectors", "matrices"]


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("tensors", None, "there are network, vectors, matrices"),
        ("network", 5, "the network of 1986 has layers"),
        ("matrices", 0, "from 1 to 100"),
        ("matrices", 101, "from 1 to 100"),
    ],
)
def test_a_learner_that_there_is_not_is_refused(task: Task, name: str, size: int | None, words: str) -> None:
    with pytest.raises(FamilyTreesError, match=words):
        learner_for(task, name, size)  # type: ignore[arg-type]


@pytest.mark.parametrize("cases", [1, 100, BATCH, BATCH + 1, 1500, 15_000])
def test_the_penalty_is_the_same_whatever_the_batches(cases: int) -> None:
    """At rest, a change takes decay * w and adds epsilon / (1 - alpha) dE/dw: so penalty * w is dE/dw of a sweep."""
    recipe = successor_recipe("matrices", cases)
    changes = -(-cases // BATCH)
    assert recipe.decay * (1 - recipe.alpha[1]) / recipe.epsilon[1] * changes == pytest.approx(
        (SUCCESSORS if changes == 1 else IN_BATCHES)["matrices"].penalty, rel=0.01
    )
    assert recipe.batch == (BATCH if changes > 1 else 0)
    assert SWEEPS[0] <= recipe.sweeps <= SWEEPS[1]


@pytest.mark.parametrize("cases", [100, 1500])
@pytest.mark.parametrize("batch", [0, 1, 7, 26, 99, 100, 128, 5000])
def test_another_batch_keeps_the_penalty(cases: int, batch: int) -> None:
    base = successor_recipe("matrices", cases)
    changed = with_settings(base, [f"batch={batch}"], cases)
    assert changed.batch == batch
    assert penalty_of(changed, cases) == pytest.approx(penalty_of(base, cases), rel=0.01)
    assert replace(changed, decay=base.decay, batch=base.batch, name=base.name) == base
    assert with_settings(base, ["decay=0.003", f"batch={batch}"], cases).decay == 0.003, "a chosen decay stays"
    assert with_settings(base, ["sweeps=9"], cases).decay == base.decay


def test_another_batch_keeps_the_penalty_however_it_is_chosen(task: Task, tmp_path: Path) -> None:
    _, recipe = chosen_training(task, 4, learner="matrices", settings=["batch=25"])
    assert (recipe.batch, recipe.decay) == (25, SUCCESSORS["matrices"].penalty * 0.01 / 0.1 / 4)
    path = tmp_path / "study.toml"
    path.write_text(
        'title = "t"\nsplits = 1\n[[recipes]]\nbase = "matrices"\n[axes]\nbatch = [0, 26]\n'
        '[departures]\n"own decay" = { decay = 0.5 }\n',
        encoding="utf-8",
    )
    full, batches, *own = read_study(path).recipes
    assert penalty_of(batches, len(task.cases)) == pytest.approx(penalty_of(full, len(task.cases)))
    assert [each.decay for each in own] == [0.5, 0.5]


def test_matrices_infer_the_wife_of_arthur_and_keep_it_in_their_file(task: Task, tmp_path: Path) -> None:
    """No network of 1986 infers it: nobody else has Arthur's wife."""
    recipe = replace(successor_recipe("matrices", 103), sweeps=300)
    model = train(task, recipe, held_out=[WIFE], architecture=learner_for(task, "matrices"), trajectory=True).model()
    assert [each.person for each in model.ask("Arthur", "wife").answers] == ["Margaret"]
    assert all(model.right.values())
    save(model, tmp_path / "m.npz")
    again = load(tmp_path / "m.npz")
    assert again == model
    state = again.state(150)
    assert state.sweep == 150
    assert np.isfinite(next(iter(state.weights.values()))).all()


def test_a_recipe_for_layers_is_refused(task: Task) -> None:
    with pytest.raises(FamilyTreesError, match="error_signal: 'squared' is not allowed with vectors and matrices"):
        train(task, LARGER_STEPS, architecture=learner_for(task, "matrices"))


def test_what_is_trained_if_nothing_is_chosen(task: Task) -> None:
    assert chosen_training(task, 4) == (FAMILY_TREE_NETWORK, LARGER_STEPS)
    other = Task(task.people, task.relations, task.triples[1:])
    learner, recipe = chosen_training(other, 4)
    assert (learner_name(learner), recipe) == ("matrices", successor_recipe("matrices", len(other.cases) - 4))
    learner, recipe = chosen_training(other, 4, layers=(3, 3, 3, 3))
    assert (learner_name(learner), recipe.name) == ("network", "small-batches")
    learner, recipe = chosen_training(task, 4, size=4, sweeps=7)
    assert (learner, recipe.sweeps) == (Embedding(24, 12, 4, 4), 7)
    for choices in ({"layers": (3, 3, 3, 3)}, {"recipe": "published"}):
        with pytest.raises(FamilyTreesError, match="not for the learner vectors"):
            chosen_training(task, 4, learner="vectors", **choices)


def test_a_study_varies_a_successor(task: Task, tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(
        'title = "t"\nsplits = 1\n[[recipes]]\nbase = "matrices"\nsize = 3\nshared = false\n'
        '[[recipes]]\nbase = "vectors"\nsquashed = true\n[[recipes]]\nbase = "published"\n',
        encoding="utf-8",
    )
    study = read_study(path)
    assert study.variants == (Variant("matrices", 3, shared=False), Variant("vectors", squashed=True), None)
    assert Variant("matrices", 3, shared=False).learner_for(task) == Embedding(24, 12, 3, 3, shared=False)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('base = "published"\nsize = 3', "size: only for the bases vectors, matrices"),
        ('base = "matrices"\nsize = 0', "size: 0 is not allowed"),
        ('base = "matrices"\nshared = 1', "shared: 1 is not allowed"),
        ('base = "matrices"\nlayers = [1, 2, 3, 4]', "layers: not allowed"),
        ('base = "tensors"', "there are published, larger-steps, cross-entropy, small-batches, vectors, matrices"),
    ],
)
def test_a_study_with_a_wrong_successor_is_refused(tmp_path: Path, lines: str, words: str) -> None:
    path = tmp_path / "study.toml"
    path.write_text(f'title = "t"\nsplits = 1\n[[recipes]]\n{lines}\n', encoding="utf-8")
    with pytest.raises(FamilyTreesError, match=words):
        read_study(path)


def test_both_ways_holds_out_each_case_with_those_that_say_it_backwards(task: Task) -> None:
    expected = {frozenset({case, *_backwards(task, case)}) for case in task.cases}
    study = read_study(STUDIES / "both-ways.toml")
    assert {frozenset(split) for split in study.named_splits(task)} == expected


def _backwards(task: Task, case: Case) -> set[Case]:
    """The cases that state a fact of this case backwards: those of its answers that have the person as an answer."""
    relation = task.relation_index[case.relation]
    return {
        other
        for name in task.answers[case]
        for inverse in task.inverses[relation]
        if case.person in task.answers.get(other := Case(name, task.relations[inverse]), ())
    }
