from __future__ import annotations

import tracemalloc
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from conftest import SHORT

from family_trees.engine import cases
from family_trees.engine.compiled.library import ENGINE_VARIABLE
from family_trees.engine.evaluation import right
from family_trees.engine.fingerprint import fingerprints
from family_trees.engine.network import BIAS, Connection, forward
from family_trees.engine.recipe import CROSS_ENTROPY, DEFAULT, PUBLISHED, Recipe
from family_trees.families.people import Triple
from family_trees.families.task import Case, Task
from family_trees.models import memory, training
from family_trees.models.layered import FAMILY_TREE_NETWORK, family_network
from family_trees.models.memory import check_memory
from family_trees.models.preparing import prepare
from family_trees.models.randomness import initial_weights
from family_trees.models.training import Trained, TrainingProgress, train
from family_trees.support.errors import FamilyTreesError
from family_trees.support.machine import available_memory


def same(one: Trained, other: Trained, places: slice = slice(None)) -> bool:
    return (
        all(np.array_equal(one.weights[connection], w[places]) for connection, w in other.weights.items())
        and one.held_out == other.held_out[places]
        and np.array_equal(one.curve.squared_error, other.curve.squared_error[places])
    )


def test_same_seed_same_networks_whatever_the_blocks(task: Task, trained: Trained) -> None:
    for block in (1, 2, 3, 8):
        assert same(train(task, SHORT, seed=5, networks=3, block=block), trained)


def test_network_k_does_not_depend_on_the_others(task: Task, trained: Trained) -> None:
    assert same(train(task, SHORT, seed=5, first=2), trained, slice(2, 3))


def test_another_seed_or_number_is_another_network(task: Task, trained: Trained) -> None:
    other = train(task, SHORT, seed=6, networks=3)
    assert not same(other, trained)
    assert len({held_out for each in (other, trained) for held_out in each.held_out}) == 6


def test_named_cases_are_held_out_of_all(task: Task) -> None:
    named = (Case("Colin", "aunt"), Case("Sophia", "uncle"))
    trained = train(task, SHORT, networks=2, held_out=named)
    assert trained.held_out == (named, named)
    assert trained.training_cases.tolist() == [102, 102]


def test_recipes_share_splits_and_first_weights_of_a_seed(task: Task) -> None:
    none = replace(SHORT, sweeps=0)
    wide, narrow = (train(task, replace(none, initial_range=reach), seed=3, networks=2) for reach in (2.0, 0.5))
    assert wide.held_out == narrow.held_out
    for connection, w in wide.weights.items():
        np.testing.assert_array_equal(w, 4 * narrow.weights[connection])


def test_initial_weights_are_uniform_in_the_range() -> None:
    drawn = initial_weights(FAMILY_TREE_NETWORK, 0.3, 1, range(50))
    values = np.concatenate([w.ravel() for w in drawn.values()])
    assert -0.3 <= values.min() < -0.299
    assert 0.299 < values.max() <= 0.3
    assert values.mean() == pytest.approx(0, abs=0.005)
    assert values.std() == pytest.approx(0.3 / np.sqrt(3), rel=0.01)


def test_curve_is_what_the_weights_do(task: Task) -> None:
    """So many held-out cases, and sweeps, that some of them are right and some are wrong."""
    trained = train(task, replace(DEFAULT, name="long", sweeps=1505), networks=2, held_out=20)
    assert trained.curve.sweep.tolist() == [*range(0, 1505, 10), 1505]
    y = forward(FAMILY_TREE_NETWORK, trained.weights, task.inputs())["answer"]
    d = task.desired()
    for place, held_out in enumerate(trained.held_out):
        counted = np.array([case not in held_out for case in task.cases])
        assert trained.curve.squared_error[place, -1] == pytest.approx(0.5 * ((y[place] - d)[counted] ** 2).sum())
        is_right = right(y[place], d)
        assert 0 < is_right[~counted].sum() < 20 < is_right[counted].sum()
        assert trained.curve.training_right[place, -1] == is_right[counted].sum()
        assert trained.curve.held_out_right[place, -1] == is_right[~counted].sum()


def test_learned_and_best_look_at_training_cases_alone(trained: Trained) -> None:
    curve = replace(
        trained.curve,
        squared_error=np.array([[9.0], [1.0], [5.0]]),
        training_right=np.array([[100], [99], [100]]),
        held_out_right=np.array([[4], [0], [4]]),
    )
    ended = replace(trained, curve=curve)
    assert ended.best == 1
    assert ended.learned.tolist() == [True, False, True]


def test_progress_adds_up(task: Task) -> None:
    seen: list[TrainingProgress] = []
    train(task, SHORT, networks=5, block=2, report=seen.append)
    assert sum(progress.steps for progress in seen) == 5 * 25
    assert {progress.sweep for progress in seen} == {0, 10, 20, 25}


@pytest.mark.parametrize("seed", [0, 3])
def test_divergence_names_sweep_recipe_seed_and_network(task: Task, seed: int) -> None:
    recipe = replace(PUBLISHED, name="wild", epsilon=(0.005, 1e308), initial_range=3.0, sweeps=60)
    with pytest.raises(FamilyTreesError, match=rf"after sweep 2[1-9] \(recipe 'wild', seed {seed}, network 7\)"):
        train(task, recipe, seed=seed, first=7, every=50)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"networks": 0}, "networks: 0 is not allowed"),
        ({"every": 0}, "every: 0 is not allowed"),
        ({"block": 0}, "block: 0 is not allowed"),
        ({"seed": -1}, "seed: -1 is not allowed"),
        ({"first": -1}, "network number: -1 is not allowed"),
        ({"held_out": 104}, "104 is not allowed; give 0 to 103"),
        ({"held_out": [Case("Colin", "aunt")] * 2}, "named twice"),
        ({"held_out": [Case("Colin", "wife")]}, "not in the task"),
    ],
)
def test_arguments_out_of_range(task: Task, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(FamilyTreesError, match=message):
        train(task, SHORT, **arguments)


def test_the_default_recipe_learns_and_published_does_not(task: Task) -> None:
    """The finding of the project, in small: all 1500 sweeps of four networks each."""
    ends = {recipe.name: train(task, recipe, networks=4) for recipe in (PUBLISHED, DEFAULT, CROSS_ENTROPY)}
    right_at_end = {name: trained.curve.training_right[:, -1].mean() for name, trained in ends.items()}
    assert right_at_end["published"] == 0
    assert right_at_end["larger-steps"] > 80
    assert right_at_end["cross-entropy"] > 80


BATCHES = replace(DEFAULT, name="batches", sweeps=4, batch=7)


def test_batches_do_not_depend_on_blocks_and_repeat(task: Task) -> None:
    together = train(task, BATCHES, seed=2, networks=3)
    assert same(train(task, BATCHES, seed=2, networks=3, block=2), together)
    assert same(train(task, BATCHES, seed=2, first=1), together, slice(1, 2))


def test_a_batch_of_all_cases_is_the_sweep_of_the_paper(task: Task) -> None:
    """Up to rounding, for the cases are added in another order."""
    few = replace(DEFAULT, name="few", sweeps=3)
    whole, batch = (train(task, recipe, networks=2) for recipe in (few, replace(few, batch=100)))
    for connection, w in whole.weights.items():
        np.testing.assert_allclose(batch.weights[connection], w, rtol=1e-9)


def test_a_batch_changes_the_weights_as_often_as_it_should(task: Task) -> None:
    """Without gradient to speak of, what is left of a weight counts the changes by their decay."""
    still = replace(PUBLISHED, name="still", epsilon=(1e-300, 1e-300), sweeps=2, initial_range=1.0)
    for batch, changes in ((0, 1), (1, 100), (30, 4), (100, 1), (1000, 1)):
        before = train(task, replace(still, sweeps=0)).weights
        after = train(task, replace(still, batch=batch)).weights
        for connection, w in before.items():
            np.testing.assert_allclose(after[connection], w * 0.998 ** (2 * changes), rtol=1e-12)


@pytest.mark.parametrize(
    ("recipe", "kept"),
    [
        (replace(PUBLISHED, decay_from=3), {"weights": 2, "biases": 2}),
        (replace(PUBLISHED, decay_biases=False), {"weights": 4, "biases": 0}),
        (replace(PUBLISHED, decay=0.0), {"weights": 0, "biases": 0}),
    ],
)
def test_what_decays_and_since_when(task: Task, recipe: Recipe, kept: dict[str, int]) -> None:
    still = replace(recipe, epsilon=(1e-300, 1e-300), sweeps=4)
    before, after = (train(task, each).weights for each in (replace(still, sweeps=0), still))
    for connection, w in before.items():
        decays = kept["biases" if connection.below == BIAS else "weights"]
        np.testing.assert_allclose(after[connection], w * 0.998**decays, rtol=1e-12)


def test_no_biases(task: Task) -> None:
    trained = train(task, replace(DEFAULT, name="none", sweeps=2, biases=False))
    assert not [connection for connection in trained.weights if connection.below == BIAS]


def test_a_range_for_each_layer(task: Task) -> None:
    flat = train(task, replace(PUBLISHED, sweeps=0, initial_range=1.0)).weights
    steep = train(task, replace(PUBLISHED, sweeps=0, initial_range=(1.0, 2.0, 3.0, 4.0, 5.0))).weights
    for layer, factor in (("person code", 1), ("relation code", 2), ("central", 3), ("penultimate", 4), ("answer", 5)):
        for connection in (each for each in flat if each.above == layer):
            np.testing.assert_allclose(steep[connection], factor * flat[connection])
    with pytest.raises(FamilyTreesError, match="2 numbers; give one, or 5: person code, relation code"):
        train(task, replace(PUBLISHED, initial_range=(1.0, 2.0)))


def test_average_and_fan_in_are_smaller_steps(task: Task) -> None:
    """One sweep from rest: the change of a weight is epsilon dE/dw, over 100 cases, or over the units seen."""
    one = replace(PUBLISHED, sweeps=1, decay=0.0, initial_range=1.0)
    start = train(task, replace(one, sweeps=0)).weights
    step, averaged, by_fan_in = (
        {c: w - start[c] for c, w in train(task, recipe).weights.items()}
        for recipe in (one, replace(one, averaged=True), replace(one, fan_in=True))
    )
    seen = {"person code": 25, "relation code": 13, "central": 13, "penultimate": 13, "answer": 7}
    for connection, change in step.items():
        np.testing.assert_allclose(averaged[connection], change / 100, atol=1e-15)
        np.testing.assert_allclose(by_fan_in[connection], change / seen[connection.above], atol=1e-15)
    assert np.abs(step[Connection("penultimate", "answer")]).max() > 1e-3


@pytest.mark.parametrize("units", ["tanh", "relu", "leaky-relu", "elu"])
def test_other_units_are_kept_with_the_model_and_train_again(task: Task, units: Any) -> None:
    recipe = replace(PUBLISHED, name=units, units=units, sweeps=3, error_signal="softmax", margin=0.0)
    trained = train(task, recipe, networks=2)
    kinds = [layer.kind for layer in trained.architecture.computed]
    assert kinds == [units] * 4 + ["softmax"]
    assert same(train(task, recipe, networks=2, architecture=trained.architecture), trained)


def test_snapshots_are_the_weights_of_their_sweep(task: Task) -> None:
    recipe = replace(DEFAULT, sweeps=30)
    trained = train(task, recipe, networks=3, snapshots=(0, 12, 30), block=2)
    assert list(trained.snapshots) == [0, 12, 30]
    earlier = train(task, replace(recipe, sweeps=12), networks=3)
    for connection, w in trained.weights.items():
        assert np.array_equal(trained.snapshots[30][connection], w)
        assert np.array_equal(trained.snapshots[12][connection], earlier.weights[connection])
    assert not earlier.snapshots


def chain(people: int) -> Task:
    """People who each have a next one."""
    names = tuple(f"P{k}" for k in range(people))
    return Task(names, ("next",), tuple(Triple(a, "next", b) for a, b in pairwise(names)))


@pytest.mark.parametrize(
    ("people", "sizes", "batch"),
    [(24, None, 0), (1000, (40, 6, 80, 40), 0), (1000, (40, 6, 80, 40), 20), (300, (9, 9, 9, 9), 200)],
)
def test_a_training_takes_no_more_memory_than_estimated(
    people: int, sizes: tuple[int, int, int, int] | None, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With NumPy: the memory of the compiled engine is not traced."""
    monkeypatch.setenv(ENGINE_VARIABLE, "numpy")
    monkeypatch.setattr(training, "keep_freed_memory", lambda: None)
    monkeypatch.setattr(cases, "MAX_PART_VALUES", 2**16)
    task, recipe = chain(people), replace(PUBLISHED, sweeps=2, batch=batch)
    network = family_network(people, 1, sizes)
    estimate = memory.memory_needed(task, network, recipe)
    assert task.cases
    tracemalloc.start()
    try:
        train(task, recipe, architecture=network)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < estimate + 1_500_000
    assert people == 24 or estimate < 4 * peak


def test_a_training_that_would_not_fit_is_refused_beforehand(monkeypatch: pytest.MonkeyPatch) -> None:
    task, network = chain(200), family_network(200, 1, (10_000,) * 4)
    monkeypatch.setattr(memory, "available_memory", lambda: 15_000_000_000)
    check_memory(task, family_network(200, 1), PUBLISHED)
    with pytest.raises(
        FamilyTreesError, match=r"200 entities, with 10,000 units .* take about 24\.\d GB .* 15\.0 GB are free;"
    ):
        check_memory(task, network, PUBLISHED)


def test_what_the_machine_has() -> None:
    assert available_memory() > 500_000_000


def test_progress_is_told_more_often_where_a_sweep_takes_long(task: Task) -> None:
    assert training.usual_step(task, PUBLISHED) == 10
    assert training.usual_step(task, replace(PUBLISHED, sweeps=20_000)) == 20
    assert training.usual_step(chain(4600), PUBLISHED) == 2
    assert training.usual_step(chain(4600), replace(PUBLISHED, sweeps=900)) == 1


def test_the_usual_share_is_held_out(task: Task) -> None:
    assert training.usual_held_out(task) == 4
    assert [training.usual_held_out(chain(people)) for people in (2, 27, 261)] == [0, 1, 10]


def test_networks_beside_each_other_may_hold_out_different_numbers(task: Task) -> None:
    splits = [task.draw_held_out(2, 0, 0), task.draw_held_out(4, 0, 1)]
    how = {"seed": 0, "numbers": (0, 1), "splits": splits, "architecture": FAMILY_TREE_NETWORK}
    (last,) = prepare(task, SHORT, **how).descend((SHORT.sweeps,))  # type: ignore[arg-type]
    alone = train(task, SHORT, first=1)
    assert fingerprints(last.weights)[1] == alone.fingerprints[0]
