"""The symmetry task of Nature, fig. 1: the task, the printed run in small, and the form of solutions by hand."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from family_trees.engine.evaluation import right
from family_trees.engine.network import BIAS, Connection, forward
from family_trees.models.symmetry import (
    PRINTED_RECIPE,
    check_small_memory,
    least_wrong,
    most_right_without_hidden_units,
    one_hidden_layer,
    solution_form,
    symmetry_task,
    train_small_networks,
    vectors_turned_on,
    xor_task,
)
from family_trees.support.errors import FamilyTreesError
from family_trees.views.figures.iterative import draw_iterative
from family_trees.views.figures.symmetry import draw_symmetry

PAPER = np.array([1.0, -2, 4, -4, 2, -1])
OTHER = np.array([2.0, 3, -4, 4, -3, -2]) / 2


def solution(scale: float = 3.0) -> dict[Connection, np.ndarray]:
    """The network of fig. 1: mirrored weights 1 : 2 : 4, hidden units sign-flipped copies, negative biases."""
    hidden = scale * np.stack([PAPER, -PAPER], axis=-1)[None]
    return {
        Connection("input", "hidden"): hidden,
        Connection(BIAS, "hidden"): np.full((1, 1, 2), -scale / 2),
        Connection("hidden", "output"): np.full((1, 2, 1), -20.0),
        Connection(BIAS, "output"): np.full((1, 1, 1), 8.0),
    }


def test_eight_of_64_vectors_are_symmetric() -> None:
    task = symmetry_task()
    assert task.inputs.shape == (64, 6)
    assert task.desired.sum() == 8
    assert task.desired[task.inputs.tolist().index([1, 0, 1, 1, 0, 1])] == 1
    assert task.desired[task.inputs.tolist().index([1, 0, 1, 0, 0, 1])] == 0


def test_the_solution_of_the_paper_solves_the_task_and_has_its_form() -> None:
    task = symmetry_task()
    weights = solution()
    y = forward(one_hidden_layer(task), weights, {"input": task.inputs})["output"]
    assert right(y, task.desired).all()
    found = solution_form(weights)
    assert found.mirrored[0] == pytest.approx([0, 0])
    assert found.ratios[0] == pytest.approx(np.array([[1, 2, 4], [1, 2, 4]]))
    assert found.opposite[0] == pytest.approx(-1)
    assert found.as_in_the_paper.tolist() == [True]


@pytest.mark.parametrize(
    ("connection", "change"),
    [
        (Connection("input", "hidden"), lambda w: w * np.array([1, 1, 1, 1.5, 1, 1])[:, None]),
        (Connection("input", "hidden"), lambda w: w * np.array([2, 1, 1, 1, 1, 2])[:, None]),
        (Connection("input", "hidden"), lambda w: w[..., :1].repeat(2, axis=-1)),
        (Connection(BIAS, "hidden"), lambda w: -w),
        (Connection(BIAS, "output"), lambda w: -w),
    ],
)
def test_another_form_is_told_apart(connection: Connection, change) -> None:  # type: ignore[no-untyped-def]
    weights = solution()
    assert not solution_form(weights | {connection: change(weights[connection])}).as_in_the_paper.any()


def test_the_printed_run_in_small() -> None:
    found = train_small_networks(symmetry_task(), networks=20, sweeps=3000)
    assert (PRINTED_RECIPE.epsilon, PRINTED_RECIPE.alpha, PRINTED_RECIPE.initial_range) == ((0.1, 0.1), (0.9, 0.9), 0.3)
    assert found.cases_right.shape == (20, len(found.sweep))
    assert 1425 in found.sweep
    assert 0 < found.solved.sum() < 20
    solved = {connection: w[found.solved] for connection, w in found.weights.items()}
    assert np.median(solution_form(solved).ratios, axis=(0, 1)) == pytest.approx([1, 2, 4], rel=0.05)
    assert np.array_equal(np.isfinite(found.sweeps_to_solve), (found.cases_right == 64).any(axis=1))
    on = vectors_turned_on(found)
    assert (on[found.solved] == 8).all()
    assert (found.cases_right[on == 0, -1] == 56).all()


def test_without_a_hidden_layer_neither_task_is_learned() -> None:
    for task, most in ((symmetry_task(), most_right_without_hidden_units()), (xor_task(), 3)):
        found = train_small_networks(task, networks=10, hidden=0, sweeps=500)
        assert found.cases_right.max() <= most
    assert train_small_networks(xor_task(), networks=10, sweeps=3000, seed=1).solved.any()


def test_how_much_can_be_right_without_a_hidden_layer() -> None:
    """The bound, for two bits against all linear units, for six against one that reaches it."""
    weights = np.array(list(product(np.linspace(-2, 2, 9), repeat=3)))  # two bits and a bias
    x = np.hstack([symmetry_task(2).inputs, np.ones((4, 1))])
    on = weights @ x.T > 0
    assert (on == (symmetry_task(2).desired[:, 0] > 0)).sum(axis=1).max() == most_right_without_hidden_units(2) == 3
    six = symmetry_task()
    one_vector_alone = six.inputs @ np.full(6, -1.0) + 0.5 > 0
    assert (one_vector_alone == (six.desired[:, 0] > 0)).sum() == most_right_without_hidden_units() == 57
    assert most_right_without_hidden_units(4) == 13


def test_no_unit_is_better_than_the_bound_for_the_vectors_that_it_is_on_for() -> None:
    """Four and six bits, against random units, among them many that are on for few symmetric vectors or for all."""
    rng = np.random.default_rng(0)
    for bits in (4, 6):
        task = symmetry_task(bits)
        symmetric = task.desired[:, 0] > 0
        halves = [tuple(map(int, vector[: bits // 2])) for vector in task.inputs[symmetric]]
        weights = rng.normal(size=(60_000, bits)) * rng.choice([0.1, 1, 3], size=(60_000, bits))
        weights[::3, bits // 2 :] = -weights[::3, : bits // 2][:, ::-1] + 0.1 * rng.normal(size=(20_000, bits // 2))
        on = weights @ task.inputs.T + rng.normal(size=(60_000, 1)) > 0
        bounds: dict[tuple[bool, ...], int] = {}
        for is_on, wrong in zip(on[:, symmetric].tolist(), (on != symmetric).sum(axis=1), strict=True):
            key = tuple(is_on)
            if key not in bounds:
                bounds[key] = least_wrong([half for half, yes in zip(halves, key, strict=True) if yes], bits // 2)
            assert wrong >= bounds[key]
        assert len(bounds) > 10


@pytest.mark.parametrize(
    ("weights", "bias", "on"),
    [
        ((-1, -1, -1, -1, -1, -1), 0.5, [(0, 0, 0)]),
        ((4, -10, -10, -10, -10, -4), 1.0, [(0, 0, 0), (1, 0, 0)]),  # 100000 is on, too, and 57 are right
    ],
)
def test_the_bound_is_reached(weights: tuple[float, ...], bias: float, on: list[tuple[int, ...]]) -> None:
    task = symmetry_task()
    is_on = task.inputs @ np.array(weights) + bias > 0
    symmetric = task.desired[:, 0] > 0
    assert [tuple(map(int, vector[:3])) for vector in task.inputs[is_on & symmetric]] == on
    assert (is_on != symmetric).sum() == least_wrong(on) == 7


def test_one_or_the_other_ratio() -> None:
    paper, other = solution(), solution()
    other[Connection("input", "hidden")] = 3.0 * np.stack([OTHER, -OTHER], axis=-1)[None]
    task = symmetry_task()
    for weights, expected in ((paper, (True, False)), (other, (False, True))):
        y = forward(one_hidden_layer(task), weights, {"input": task.inputs})["output"]
        assert right(y, task.desired).all()
        found = solution_form(weights)
        assert (found.as_in_the_paper[0], found.in_ratio_2_3_4[0]) == expected


def test_going_on_from_weights() -> None:
    whole = train_small_networks(symmetry_task(), replace(PRINTED_RECIPE, alpha=(0.0, 0.0)), networks=2, sweeps=200)
    half = train_small_networks(symmetry_task(), replace(PRINTED_RECIPE, alpha=(0.0, 0.0)), networks=2, sweeps=100)
    rest = train_small_networks(
        symmetry_task(), replace(PRINTED_RECIPE, alpha=(0.0, 0.0)), networks=2, sweeps=100, start=half.weights
    )
    for connection, w in whole.weights.items():
        assert rest.weights[connection] == pytest.approx(w)


def test_the_hidden_units_are_those_of_the_recipe() -> None:
    run = train_small_networks(
        xor_task(), replace(PRINTED_RECIPE, name="t", units="tanh"), networks=3, sweeps=50, seed=1
    )
    assert [layer.kind for layer in run.architecture.layers] == ["logistic", "tanh", "logistic"]
    logistic = train_small_networks(xor_task(), networks=3, sweeps=50, seed=1)
    assert not np.allclose(run.squared_error, logistic.squared_error)


def test_networks_do_not_depend_on_how_many_there_are() -> None:
    alone, more = (train_small_networks(symmetry_task(), networks=n, sweeps=200) for n in (2, 5))
    for connection, w in alone.weights.items():
        assert np.array_equal(w, more.weights[connection][:2])
    later = train_small_networks(symmetry_task(), networks=2, first=3, sweeps=200)
    for connection, w in later.weights.items():
        assert np.array_equal(w, more.weights[connection][3:])


def test_on_the_command_line(tmp_path: Path) -> None:
    def lines(*words: str) -> list[str]:
        command = [sys.executable, "-m", "family_trees", "symmetry", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.splitlines()

    told = lines("--networks", "8", "--sweeps", "2500", "--figure", "fig1.png")
    assert told[0].startswith("symmetry: ")
    assert "1 : 2 : 4 in the paper" in " ".join(told)
    assert (tmp_path / "fig1.png").stat().st_size > 10_000
    assert lines("--networks", "4", "--hidden", "0", "--sweeps", "200")[0].startswith("symmetry: 0 of 4 networks")
    assert lines("--networks", "4", "--sweeps", "50", "--xor")[0].startswith("XOR: 0 of 4 networks")


def test_without_a_solution_the_summary_is_printed_all_the_same(tmp_path: Path) -> None:
    words = ["symmetry", "--networks", "2", "--sweeps", "3", "--figure", "fig1.png"]
    command = [sys.executable, "-m", "family_trees", *words]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stdout.startswith("symmetry: 0 of 2 networks")
    assert ran.stderr.splitlines()[-1].startswith("Error: no network has learned the task")


def test_memory_is_estimated_before_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("family_trees.models.symmetry.available_memory", lambda: 10**9)
    check_small_memory(symmetry_task(), 100, 2, 5000)
    with pytest.raises(
        FamilyTreesError, match=r"1,000,000 networks with 2 hidden units and 5,000 sweeps would take about"
    ):
        check_small_memory(symmetry_task(), 1_000_000, 2, 5000)


def test_figure_1_has_every_weight_and_bias() -> None:
    (axes,) = draw_symmetry(solution()).axes
    written = [text.get_text() for text in axes.texts]
    assert written.count("12.0") == written.count("-12.0") == 2
    assert written.count("-20.0") == 2
    assert "8.0" in written


def test_figure_5_names_the_weights_once_a_step() -> None:
    (axes,) = draw_iterative(steps=3).axes
    assert sum(text.get_text() == "w1" for text in axes.texts) == 1 + 3
