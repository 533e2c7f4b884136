"""Local codes that are kept as places compute what the arrays of zeros and ones would."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import family_trees.engine.cases
from family_trees.engine.arithmetic import PARTIAL_SUMS, add_case_codes, add_case_products, add_products, in_eights
from family_trees.engine.cases import Cases
from family_trees.engine.compiled.library import ENGINE_VARIABLE
from family_trees.engine.descent import descend, initial_state
from family_trees.engine.evaluation import evaluate
from family_trees.engine.learning import gradient
from family_trees.engine.onehot import OneHot
from family_trees.engine.recipe import PUBLISHED
from family_trees.families.of_1986 import family_trees_task
from family_trees.families.task import cases_for
from family_trees.models.layered import family_network
from family_trees.models.randomness import case_orders, initial_weights
from family_trees.models.training import train

sets_of_units = st.integers(1, 9).flatmap(
    lambda units: st.tuples(st.lists(st.lists(st.integers(0, units - 1), unique=True), max_size=8), st.just(units))
)


def dense(on: list[list[int]], units: int) -> np.ndarray:
    rows = np.zeros((len(on), units))
    for row, places in zip(rows, on, strict=True):
        row[places] = 1
    return rows


@given(sets_of_units, st.data())
def test_codes_are_spelled_out_whole_in_part_and_at_some_places(
    case: tuple[list[list[int]], int], data: st.DataObject
) -> None:
    on, units = case
    codes, rows = OneHot.of(on, units), dense(*case)
    assert codes.shape == rows.shape
    assert_array_equal(codes.to_dense(), rows)
    first, last = sorted(data.draw(st.tuples(st.integers(0, len(on)), st.integers(0, len(on)))))
    assert_array_equal(codes[first:last].to_dense(), rows[first:last])
    if on:
        places = np.array(data.draw(st.lists(st.integers(0, len(on) - 1), min_size=4, max_size=4))).reshape(2, 2)
        assert_array_equal(codes.to_dense(places), rows[places])


@given(sets_of_units, st.integers(1, 3))
def test_sums_are_those_of_the_arrays_to_the_last_bit(case: tuple[list[list[int]], int], networks: int) -> None:
    on, units = case
    rng = np.random.default_rng(0)
    single = [places[:1] for places in on if places]
    codes, rows = OneHot.of(single, units), dense(single, units)
    w = rng.normal(size=(networks, units, 3))
    expected = np.zeros((networks, len(single), 3))
    add_products(expected, rows, w)
    assert_array_equal(codes @ w, expected)
    dE_dx = rng.normal(size=(networks, len(single), 3))
    of_codes, of_rows = np.ones((2, units, 3, networks, PARTIAL_SUMS))
    add_case_codes(of_codes, in_eights(codes.indices[None, :, None]), in_eights(dE_dx))
    add_case_products(of_rows, in_eights(np.stack([rows] * networks)), in_eights(dE_dx))
    assert_array_equal(of_codes, of_rows)


def test_only_single_units_are_an_input() -> None:
    with pytest.raises(ValueError, match="one unit"):
        OneHot.of([[0, 1]], 2) @ np.ones((2, 1))


@pytest.mark.parametrize("part", [1, 24 * 7, 24 * 50, 24 * 104])
def test_the_gradient_over_parts_of_the_cases_is_that_over_all(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last bit: parts are cut where eight partial sums begin anew."""
    task, network = family_trees_task(), family_network(24, 12)
    counted = (np.random.default_rng(1).random((3, 104)) < 0.8).astype(float)
    spelled_out = Cases(task.inputs(), task.desired(), counted)
    weights = initial_weights(network, 1.0, 0, range(3))
    expected, errors = gradient(network, weights, spelled_out), evaluate(network, weights, spelled_out)
    monkeypatch.setattr(family_trees.engine.cases, "MAX_PART_VALUES", part)
    cases = Cases(task.input_codes(), task.desired_codes(), counted)
    assert sum(p.desired.shape[0] for p in cases.parts()) == 104
    found, found_errors = gradient(network, weights, cases), evaluate(network, weights, cases)
    for connection, dE_dw in expected.items():
        assert_array_equal(found[connection], dE_dw)
    assert_array_equal(found_errors.objective, errors.objective)
    assert_array_equal(found_errors.right, errors.right)


@pytest.mark.parametrize("networks", [1, 2])
def test_batches_of_places_are_those_of_arrays(networks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENGINE_VARIABLE, "numpy")
    task, network = family_trees_task(), family_network(24, 12)
    recipe = PUBLISHED.with_settings(["sweeps=3", "batch=30"])
    weights = initial_weights(network, 1.0, 0, range(networks))
    counted = np.ones((networks, 104))
    orders = case_orders(0, range(networks), counted)
    ends = []
    for inputs, desired in ((task.inputs(), task.desired()), (task.input_codes(), task.desired_codes())):
        *_, end = descend(network, recipe, initial_state(weights), Cases({**inputs}, desired, counted), orders)
        ends.append(end.weights)
    for connection, w in ends[0].items():
        assert_array_equal(ends[1][connection], w)


def test_networks_with_inputs_of_their_own_are_cut_along_the_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, desired = np.arange(66.0).reshape(2, 11, 3), np.arange(44.0).reshape(2, 11, 2)
    monkeypatch.setattr(family_trees.engine.cases, "MAX_PART_VALUES", 2 * 8)
    first, second = Cases({"x": inputs}, desired, np.ones((2, 11))).parts()
    assert_array_equal(first.inputs["x"], inputs[:, :8])
    assert_array_equal(second.desired, desired[:, 8:])


@pytest.mark.parametrize("engine", ["numpy", ""])
def test_no_array_of_cases_times_people_is_made(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is spelled out in a training is a part of the cases."""
    largest = 0
    spell_out = OneHot.to_dense

    def watched(codes: OneHot, cases: np.ndarray | None = None) -> np.ndarray:
        nonlocal largest
        rows = spell_out(codes, cases)
        largest = max(largest, rows.size)
        return rows

    monkeypatch.setenv(ENGINE_VARIABLE, engine)
    monkeypatch.setattr(OneHot, "to_dense", watched)
    monkeypatch.setattr(family_trees.engine.cases, "MAX_PART_VALUES", 24 * 10)
    train(family_trees_task(), PUBLISHED.with_settings(["sweeps=2"]))
    train(family_trees_task(), PUBLISHED.with_settings(["sweeps=2", "batch=10"]))
    assert largest <= 24 * 10
    assert largest > 0 or engine != "numpy"
    assert cases_for(family_trees_task(), [()]).training_mask.shape == (1, 104)
