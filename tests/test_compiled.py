"""The compiled engine computes the bytes of the readable one, with every width of vectors that this processor has."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nets import NETS, UNROLLED, random_cases, random_weights
from numpy.testing import assert_array_equal

import family_trees.engine.cases
from family_trees.cli import main
from family_trees.engine.arrays import Array
from family_trees.engine.cases import Cases, Orders, part_size
from family_trees.engine.compiled import library
from family_trees.engine.compiled.library import ENGINE_VARIABLE, LEVELS, compiled_library
from family_trees.engine.compiled.program import Program, compiled_answers
from family_trees.engine.descent import State, descend, diverged, initial_state
from family_trees.engine.evaluation import CRITERIA, Evaluation, evaluate
from family_trees.engine.fingerprint import differing_weight
from family_trees.engine.network import BIAS, Architecture, Layer, Weights, forward, select_networks
from family_trees.engine.onehot import OneHot
from family_trees.engine.recipe import PUBLISHED, RECIPES, HiddenKind, Recipe
from family_trees.engine.units import ErrorSignal, UnitKind
from family_trees.families.task import Task
from family_trees.models.iterative import unrolled
from family_trees.models.layered import FAMILY_TREE_NETWORK, family_network
from family_trees.models.preparing import Prepared, prepare
from family_trees.models.randomness import case_orders, initial_weights
from family_trees.models.training import train
from family_trees.support.content import same_content
from family_trees.support.errors import FamilyTreesError

FOUND = compiled_library()
THERE = LEVELS[: 1 + int(FOUND[0].widest_level())] if FOUND else ()
"""The engines of this machine, beside NumPy."""

MOST_BYTES = 8 << 20
"""That of kernel.c."""

compiled = pytest.mark.skipif(not FOUND, reason="the engine is not compiled: python scripts/build_kernel.py does it")
each_level = pytest.mark.parametrize("level", THERE)


@contextmanager
def engine(name: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ENGINE_VARIABLE, name)
        yield


@dataclass(frozen=True)
class Training:
    """A training that an engine can do, from a state on."""

    network: Architecture
    recipe: Recipe
    start: State
    cases: Cases
    orders: Orders | None = None

    def states(self, name: str, looks: list[int]) -> list[State]:
        with engine(name), np.errstate(all="ignore"):
            return list(descend(self.network, self.recipe, self.start, self.cases, self.orders, looks))

    def program(self) -> Program | None:
        """What the compiled engine is given; None where it does not do this training."""
        return Program.of(
            self.network,
            self.cases,
            signal=self.recipe.error_signal,
            margin=self.recipe.margin,
            averaged=self.recipe.averaged,
            batch=self.recipe.batch,
            orders=self.orders,
        )


def difference(training: Training, *levels: str) -> str | None:
    """The first weight, in the first sweep, that another engine than NumPy gets otherwise, in words.

    The networks run through the training sweep by sweep, and once more in two pieces.
    """
    first, last = training.start.sweep + 1, training.recipe.sweeps
    expected = training.states("numpy", [*range(first, last + 1)])
    for level in levels:
        for looks in ([*range(first, last + 1)], [(first + last) // 2, last]):
            for state in training.states(level, looks):
                if found := differing_state(expected[state.sweep - first], state):
                    return f"{level}, sweep {state.sweep}, {found}"
    return None


def differing_state(one: State, other: State) -> str | None:
    """The first weight in which two states differ, in words. What comes after a divergence is nothing to compare."""
    sound = np.flatnonzero(~diverged(one.weights))
    if not np.array_equal(sound, np.flatnonzero(~diverged(other.weights))):
        return "other networks diverged"
    for what in ("weights", "change"):
        found = differing_weight(*(select_networks(getattr(each, what), sound) for each in (one, other)))
        if found:
            return f"{what} of {found}"
    return None


# -- any network, any recipe, any cases

UNITS = st.integers(1, 20)
HIDDEN: st.SearchStrategy[UnitKind] = st.sampled_from(get_args(HiddenKind))


@st.composite
def layered(draw: st.DrawFn) -> Architecture:
    """Layers that see any lower ones in any order, with or without biases; some copy the weights of others."""
    layers = [Layer(f"in {k}", draw(UNITS)) for k in range(draw(st.integers(1, 3)))]
    for k in range(draw(st.integers(1, 5))):
        lower = [BIAS, *(layer.name for layer in layers)]
        units = {BIAS: 1} | {layer.name: layer.units for layer in layers}
        originals = [layer for layer in layers if layer.sees and layer.copies is None]
        if originals and draw(st.integers(0, 3)) == 0:
            original = draw(st.sampled_from(originals))
            sees: list[str] = []
            for role in original.sees:
                fit = [name for name in lower if units[name] == units[role] and name not in sees]
                # A lower layer is there for every role: that of the original, unless it is taken.
                sees.append(draw(st.sampled_from(fit)) if fit else "")
            if "" not in sees:
                layers.append(Layer(f"c {k}", original.units, tuple(sees), original.name, draw(HIDDEN)))
                continue
        seen = draw(st.lists(st.sampled_from(lower), min_size=1, max_size=4, unique=True))
        layers.append(Layer(f"c {k}", draw(UNITS), tuple(seen), kind=draw(HIDDEN)))
        if draw(st.integers(0, 5)) == 0:
            layers.append(Layer(f"late {k}", draw(UNITS)))
    *lower_layers, top = layers
    if not top.sees:
        top = Layer("top", draw(UNITS), (draw(st.sampled_from([layer.name for layer in layers])), BIAS))
        lower_layers = layers
    return Architecture((*lower_layers, replace(top, kind=draw(HIDDEN | st.just("softmax")))))


ARCHITECTURES = layered() | st.builds(unrolled, st.integers(1, 4), st.integers(1, 3), st.integers(1, 7))


@st.composite
def recipes(draw: st.DrawFn, start: int) -> Recipe:
    signal: ErrorSignal = draw(st.sampled_from(get_args(ErrorSignal)))
    return Recipe(
        name="any",
        sweeps=start + draw(st.integers(1, 6)),
        epsilon=(draw(st.sampled_from([0.01, 0.3, 1])), draw(st.sampled_from([0.02, 0.5]))),
        alpha=(draw(st.sampled_from([0, 0.5])), draw(st.sampled_from([0.0, 0.9]))),
        first_phase=draw(st.integers(0, 5)),
        decay=draw(st.sampled_from([0, 0.002, 0.1])),
        margin=0 if signal == "softmax" else draw(st.sampled_from([0, 0.1, 0.2])),
        error_signal=signal,
        batch=draw(st.sampled_from([0, 0, 1, 3, 8, 20])),
        averaged=draw(st.booleans()),
        fan_in=draw(st.booleans()),
        decay_from=draw(st.integers(1, 6)),
        decay_biases=draw(st.booleans()),
    )


def some_codes(draw: st.DrawFn, count: int, units: int, rng: np.random.Generator) -> Array | OneHot:
    """Inputs: any numbers, zeros and ones, or one unit on in each case, as an array or as indices."""
    on = rng.integers(0, units, count)
    match draw(st.sampled_from(["any", "sparse", "one-hot", "indices"])):
        case "any":
            return rng.normal(size=(count, units))
        case "sparse":
            return rng.integers(0, 2, (count, units)).astype(float)
        case "one-hot":
            return np.eye(units)[on]
        case _:
            return OneHot.of([(k,) for k in on.tolist()], units)


@st.composite
def trainings(draw: st.DrawFn) -> Training:
    network = draw(ARCHITECTURES)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count, networks, start = draw(st.integers(1, 40)), draw(st.integers(1, 4)), draw(st.sampled_from([0, 3]))
    inputs = {layer.name: some_codes(draw, count, layer.units, rng) for layer in network.inputs}
    answers = rng.random((count, network.output.units)) < 0.4
    desired: Array | OneHot = answers.astype(float)
    if draw(st.booleans()):
        desired = OneHot.of([np.flatnonzero(row).tolist() for row in answers], network.output.units)
    training_cases = draw(st.integers(1, count))
    mask = np.array([rng.permutation(count) < training_cases for _ in range(networks)]).astype(float)
    weights = initial_weights(network, draw(st.sampled_from([0.3, 2.0])), 1, range(networks))
    change = {c: 0.01 * w for c, w in weights.items()} if start else initial_state(weights).change
    orders = case_orders(1, range(networks), mask)
    return Training(network, draw(recipes(start)), State(start, weights, change), Cases(inputs, desired, mask), orders)


@compiled
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(trainings())
def test_any_training_gives_the_same_bytes(training: Training) -> None:
    assert difference(training, *THERE) is None


@compiled
@settings(max_examples=60)
@given(trainings())
def test_any_network_answers_with_the_same_bytes(training: Training) -> None:
    weights, inputs = training.start.weights, training.cases.inputs
    expected = forward(training.network, weights, inputs)[training.network.output.name]
    for level in THERE:
        with engine(level):
            assert_array_equal(training.network.answers(weights, inputs), expected, err_msg=level)


@compiled
@settings(max_examples=60)
@given(trainings())
def test_any_network_is_evaluated_with_the_same_bytes(training: Training) -> None:
    """Equation 3 and the three criteria."""

    def found(name: str) -> Evaluation:
        with engine(name):
            return evaluate(training.network, training.start.weights, training.cases, criteria=tuple(CRITERIA))

    expected = found("numpy")
    for level in THERE:
        assert same_content(found(level), expected), level


# -- the networks of the paper


def family_training(task: Task, recipe: Recipe, networks: int = 1) -> Prepared:
    splits = [task.draw_held_out(4, 0, k) for k in range(networks)]
    return prepare(task, recipe, seed=0, numbers=range(networks), splits=splits, architecture=FAMILY_TREE_NETWORK)


def as_training(prepared: Prepared) -> Training:
    assert isinstance(prepared.architecture, Architecture)
    return Training(prepared.architecture, prepared.recipe, prepared.state, prepared.cases, prepared.orders)


@compiled
@each_level
@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_that_ships_gives_the_same_bytes(task: Task, name: str, level: str) -> None:
    recipe = replace(RECIPES[name], sweeps=25)
    training = as_training(family_training(task, recipe, 2))
    assert training.program() is not None
    assert difference(training, level) is None


@compiled
@each_level
@pytest.mark.parametrize("name", NETS)
def test_a_net_of_the_tests_gives_the_same_bytes(name: str, level: str) -> None:
    net = NETS[name]
    start = initial_state(random_weights(net, 3, seed=2))
    training = Training(net, replace(PUBLISHED, sweeps=22), start, random_cases(net, 3, seed=1, count=21))
    assert training.program() is not None
    assert difference(training, level) is None


@compiled
def test_blocks_of_any_size_give_the_same_networks(task: Task) -> None:
    """Networks that are trained together are those that are trained in blocks, with batches too."""
    for changed in (["sweeps=3"], ["sweeps=3", "batch=10"]):
        prepared = family_training(task, PUBLISHED.with_settings(changed), 33)
        *_, together = prepared.descend([3])
        for size in (1, 7, 16, 32):
            blocks = [prepared.block(first, size) for first in range(0, 33, size)]
            ends = [list(block.descend([3]))[-1].weights for block in blocks]
            weights = {c: np.concatenate([each[c] for each in ends]) for c in together.weights}
            assert differing_weight(together.weights, weights) is None


@compiled
@each_level
def test_a_training_of_many_calls_gives_the_same_bytes(task: Task, level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call takes about a second at most, so that an interruption is noticed. Here it takes a sweep or two."""
    from family_trees.engine.compiled import program

    monkeypatch.setattr(program, "MOST_WORK", 1)
    monkeypatch.setattr(program, "MOST_ORDERS", 2 * 104)
    for changed in (["sweeps=5"], ["sweeps=5", "batch=30"]):
        assert difference(as_training(family_training(task, PUBLISHED.with_settings(changed))), level) is None


def large_training(people: int, cases: int, batch: int = 0) -> Training:
    """A family of thousands, whose cases do not all fit into memory at once."""
    network = family_network(people, 12)
    rng = np.random.default_rng(0)

    def codes(units: int) -> OneHot:
        return OneHot.of([(k,) for k in rng.integers(0, units, cases).tolist()], units)

    mask = np.array([rng.permutation(cases) < cases - 20 for _ in range(2)]).astype(float)
    answers = OneHot.of([rng.choice(people, k % 4, replace=False).tolist() for k in range(cases)], people)
    start = initial_state(initial_weights(network, 0.3, 0, range(2)))
    recipe = replace(PUBLISHED, sweeps=2, batch=batch)
    inputs = {"person": codes(people), "relation": codes(12)}
    return Training(network, recipe, start, Cases(inputs, answers, mask), case_orders(0, range(2), mask))


@compiled
@pytest.mark.parametrize("batch", [0, 175])
def test_cases_that_do_not_fit_into_one_part_give_the_same_bytes(batch: int) -> None:
    """Activities of at most 160 cases of this network fit into memory in kernel.c; more are taken 80 at a time."""
    training = large_training(3000, 200, batch)
    units = sum(layer.units for layer in training.network.layers if layer.sees)
    assert MOST_BYTES // (2 * 64 * units) * 8 == 160
    assert part_size(3000) == 80
    assert training.program() is not None
    assert difference(training, *THERE) is None


@compiled
def test_layers_of_many_units_give_the_same_bytes() -> None:
    """The weights to 512 units change together in kernel.c; here are some more units, and then a few."""
    training = large_training(1100, 70, batch=20)
    assert training.program() is not None
    assert difference(training, *THERE) is None


@compiled
def test_dense_layers_over_parts_of_the_cases_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights with one use and with several, over parts of 40 cases in NumPy and of at most 40 in kernel.c."""
    layers = (Layer("a", 7000), Layer("b", 2, ("a", BIAS)), Layer("c", 2, ("a",)), Layer("y", 3, ("b", "c")))
    for net in (Architecture(layers), unrolled(140, 1, 50)):
        monkeypatch.setattr(family_trees.engine.cases, "MAX_PART_VALUES", 40 * net.output.units)
        assert MOST_BYTES // (2 * 64 * sum(layer.units for layer in net.layers)) * 8 < 80
        cases = random_cases(net, 2, seed=1, count=81)
        training = Training(net, replace(PUBLISHED, sweeps=1), initial_state(random_weights(net, 2, 3, 0.2)), cases)
        assert training.program() is not None
        assert difference(training, *THERE) is None


def test_networks_that_diverge_do_so_in_the_same_sweep(task: Task) -> None:
    recipe = PUBLISHED.with_settings(["sweeps=40", "epsilon=1e200", "units=relu"])
    messages = set()
    for name in ("numpy", *THERE):
        with engine(name), pytest.raises(FamilyTreesError, match="diverged: numbers are not finite") as raised:
            train(task, recipe, networks=2)
        messages.add(str(raised.value))
    assert len(messages) == 1


# -- where the engine steps aside


def xor_training(**changed: Any) -> Training:
    net = NETS["XOR"]
    cases = replace(random_cases(net, 2, seed=1), **changed)
    return Training(net, replace(PUBLISHED, sweeps=3), initial_state(random_weights(net, 2, seed=2)), cases)


def of_each_network(cases: Cases) -> Mapping[str, Array]:
    return {name: np.stack([x, x + 1]) for name, x in cases.inputs.items() if isinstance(x, np.ndarray)}


@compiled
def test_what_the_engine_does_not_do_numpy_does() -> None:
    """Inputs that differ between networks; desired activities between 0 and 1; shared weights from one-hot inputs."""
    usual = xor_training()
    assert usual.program() is not None
    own_inputs = xor_training(inputs=of_each_network(usual.cases))
    half = xor_training(desired=np.full((7, 1), 0.5))
    own_desired = xor_training(desired=np.stack([usual.cases.d, 1 - usual.cases.d]))
    cases = random_cases(UNROLLED, 2, seed=1)
    codes = {name: OneHot.of([(k % 2,) for k in range(7)], 2) for name in ("x1", "x2", "x3")}
    shared = Training(
        UNROLLED,
        usual.recipe,
        initial_state(random_weights(UNROLLED, 2, seed=2)),
        replace(cases, inputs={**cases.inputs, **codes}),
    )
    for training in (own_inputs, half, own_desired, shared):
        assert training.program() is None
        assert difference(training, *THERE) is None
    for training in (own_inputs, shared):
        assert compiled_answers(training.network, training.start.weights, training.cases.inputs) is None
    dense = {name: x.to_dense() if isinstance(x, OneHot) else x for name, x in shared.cases.inputs.items()}
    spelled_out = replace(shared, cases=replace(shared.cases, inputs=dense))
    assert spelled_out.program() is not None
    *_, one = shared.states("numpy", [3])
    *_, other = spelled_out.states("numpy", [3])
    assert differing_weight(one.weights, other.weights) is None


@compiled
def test_the_arrays_that_are_given_stay_as_they_are() -> None:
    training = xor_training()
    before: Weights = {c: w.copy() for c, w in training.start.weights.items()}
    training.states(THERE[-1], [3])
    assert differing_weight(before, training.start.weights) is None
    assert not any(change.any() for change in training.start.change.values())


@compiled
def test_batches_need_an_order() -> None:
    training = replace(xor_training(), recipe=replace(PUBLISHED, sweeps=1, batch=2))
    with pytest.raises(ValueError, match="order"):
        training.states(THERE[-1], [1])


# -- which engine is chosen


def test_numpy_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENGINE_VARIABLE, "numpy")
    assert compiled_library() is None
    assert xor_training().program() is None


@compiled
@each_level
def test_a_level_can_be_chosen(level: str) -> None:
    with engine(level):
        found = compiled_library()
    assert found is not None
    assert LEVELS[found[1]] == level


@compiled
def test_the_widest_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENGINE_VARIABLE, raising=False)
    found = compiled_library()
    assert found is not None
    assert LEVELS[found[1]] == THERE[-1]


def test_an_engine_that_is_none_gives_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(ENGINE_VARIABLE, "fast")
    monkeypatch.setattr(sys, "argv", ["family-trees", "train", "--set", "sweeps=1"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code != 0
    line, *more = capsys.readouterr().err.strip().splitlines()
    assert line.endswith(f"{ENGINE_VARIABLE}: 'fast' is no engine; give one of numpy, plain, avx2, avx512")
    assert more == []


def test_an_engine_that_is_not_there_gives_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "_loaded", lambda path: None)  # noqa: ARG005
    assert compiled_library() is None
    monkeypatch.setenv(ENGINE_VARIABLE, "avx2")
    with pytest.raises(FamilyTreesError, match="avx2 is not there"):
        compiled_library()


@compiled
def test_a_level_that_the_processor_lacks_gives_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Narrow:
        def widest_level(self) -> int:
            return 0

    monkeypatch.setattr(library, "_loaded", lambda path: Narrow())  # noqa: ARG005
    monkeypatch.setenv(ENGINE_VARIABLE, "avx512")
    with pytest.raises(FamilyTreesError, match="this processor has no avx512; give plain"):
        compiled_library()


def test_a_compiled_file_of_other_sources_is_not_used(tmp_path: Path) -> None:
    """Nor one that cannot be loaded."""
    assert library._loaded(tmp_path / "missing.so") is None
    (tmp_path / "broken.so").write_bytes(b"no library")
    assert library._loaded(tmp_path / "broken.so") is None
    if FOUND:
        folder = Path(library.__file__).parent
        for changed in library.SOURCES:
            copy = tmp_path / changed.replace(".", "_")
            copy.mkdir()
            for name in (*library.SOURCES, library.file_name()):
                (copy / name).write_bytes((folder / name).read_bytes())
            with (copy / changed).open("a", encoding="utf-8") as file:
                file.write("\n")
            assert library._loaded(copy / library.file_name()) is None
