"""The engine of the page, in Node and in Chromium: the arithmetic of ARITHMETIC.md, to the last bit.

It is held to `plain_arithmetic.py`, the second reading of that page. Both run the very text that the page holds.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, get_args

import plain_arithmetic as plain
import pytest
from benchmark_page import main as benchmark_page
from click.testing import CliRunner
from made_up import SMITHS, task_of
from nets import SKIPPING, SYMMETRY, UNROLLED, XOR
from plain_arithmetic import PlainCase

from family_trees.engine.network import Architecture
from family_trees.engine.recipe import DEFAULT, PUBLISHED, SMALL_BATCHES, HiddenKind, Recipe
from family_trees.families.of_1986 import family_trees_task
from family_trees.models.layered import FAMILY_TREE_NETWORK, family_network
from family_trees.models.model import Model
from family_trees.models.training import train
from family_trees.views.explorer.page import ENGINE_MODULES, PAGE_MODULES, WORKER_MODULES, joined_modules

FOLDER = Path(__file__).parents[1] / "family_trees" / "views" / "explorer"
NODE = shutil.which("node")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

Run = Callable[[str, object], Any]
"""Runs a JavaScript function of one argument after the modules of the engine, and gives what it returns."""


def loaded(text: str) -> Any:
    """JSON as JavaScript writes it: large whole numbers are doubles, and stand without a point."""
    return json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < 16 else float(digits))


def in_node(function: str, argument: object) -> Any:
    text = json.dumps(json.dumps(argument))
    program = f"{joined_modules(ENGINE_MODULES)}\nconsole.log(JSON.stringify(({function})(JSON.parse({text}))));"
    assert NODE is not None
    done = subprocess.run(
        [NODE, "--input-type=module", "-"], input=program, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return loaded(done.stdout)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        found = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(
    params=[
        pytest.param("node", marks=pytest.mark.skipif(NODE is None, reason="no Node here")),
        pytest.param("chromium", marks=pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")),
    ]
)
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    if request.param == "node":
        yield in_node
        return
    with request.getfixturevalue("browser").new_page() as page:

        def in_chromium(function: str, argument: object) -> Any:
            body = f"{joined_modules(ENGINE_MODULES)}\nreturn JSON.stringify(({function})(JSON.parse(text)));"
            return loaded(page.evaluate(f"(text) => {{{body}}}", json.dumps(argument)))

        yield in_chromium


# -- the modules


def test_the_modules_stand_in_the_order_of_their_imports_and_share_no_names() -> None:
    defined: dict[str, set[str]] = {}
    for name in (*WORKER_MODULES, *PAGE_MODULES):
        text = (FOLDER / name).read_text(encoding="utf-8")
        for names, module in re.findall(r'^import \{ (.+) \} from "\./(.+)";$', text, re.MULTILINE):
            assert {*names.split(", ")} <= defined[module], (name, module)
        own = re.findall(r"^(?:export )?(?:const|let|function|async function|class) ([\w$]+)", text, re.MULTILINE)
        own += re.findall(r"^const \w+ = [^,;(]+, (\w+) = ", text, re.MULTILINE)
        assert not {*own} & {each for others in defined.values() for each in others}, name
        defined[name] = {*own}
    assert {path.name for path in FOLDER.glob("*.js")} == {*defined}
    joined = joined_modules((*WORKER_MODULES, *PAGE_MODULES))
    assert not re.search(r"^\s*(import|export)\b", joined, re.MULTILINE)


def test_no_file_of_the_page_is_long() -> None:
    lines = {
        path.name: len(path.read_text(encoding="utf-8").splitlines())
        for path in FOLDER.iterdir()
        if path.is_file() and path.suffix != ".json"  # words and numbers have a line each
    }
    assert {name: count for name, count in lines.items() if count > 400} == {}


def test_the_engine_uses_nothing_that_browsers_may_round_differently() -> None:
    for name in ENGINE_MODULES:
        text = (FOLDER / name).read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400
        of_math = {*re.findall(r"\bMath\.(\w+)", text)} - {"abs", "ceil", "floor", "imul", "max"}
        assert of_math <= ({"log"} if name == "engine.js" else set()), name
        assert not re.search(r"\beval\(|\bFunction\(|WebAssembly|\*\*=", text), name


# -- random numbers


def test_philox_gives_the_published_vectors(run: Run) -> None:
    asked = [
        *(([0] * 4, [0] * 2), ([2**32 - 1] * 4, [2**32 - 1] * 2)),
        ([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0]),
    ]
    found = run("(asked) => asked.map(([counter, key]) => philox(counter, key))", asked)
    assert [" ".join(f"{word:08x}" for word in words) for words in found] == [
        "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
        "408f276d 41c83b0e a20bc7c6 6d5451fd",
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ]


SEEDS = [(0, 0), (0, 17), (1, 2**32 - 1), (2**53 + 1, 3), (2**64 - 1, 5)]
"""Seeds and numbers of networks."""


def test_weights_splits_and_orders_are_those_of_the_specification(run: Run) -> None:
    ranges = (3.0, 0.25, 1e-3, 2.0, 1000.0)
    layers = [asdict(layer) for layer in FAMILY_TREE_NETWORK.layers]
    found = run(
        """({ seeds, layers, ranges, places }) => seeds.map(([seed, number]) => ({
             weights: firstWeights(makeNetwork(layers), ranges, seed, number).map((w) => [...w]),
             split: [...drawSplit(104, 11, seed, number)],
             orders: [1, 1000000].map((sweep) => [...drawOrder(places, seed, number, sweep)]),
           }))""",
        {
            "seeds": [(str(seed), number) for seed, number in SEEDS],
            "layers": layers,
            "ranges": ranges,
            "places": [*range(0, 100, 2)],
        },
    )
    by_layer = dict(zip([layer.name for layer in FAMILY_TREE_NETWORK.computed], ranges, strict=True))
    for (seed, number), one in zip(SEEDS, found, strict=True):
        w = plain.first_weights(FAMILY_TREE_NETWORK, by_layer, seed, number)
        assert one["weights"] == flat(w)
        assert one["split"] == sorted(plain.held_out_places(104, 11, seed, number))
        assert one["orders"] == [plain.case_order(range(0, 100, 2), seed, number, sweep) for sweep in (1, 1_000_000)]


@pytest.mark.parametrize(("seed", "number"), [(-1, 0), (2**64, 0), (0, -1), (0, 2**32), (0, 0.5)])
def test_seeds_that_do_not_exist_are_refused(run: Run, seed: int, number: float) -> None:
    function = "([seed, number]) => { try { uniforms(seed, number, 0, 0, 2); } catch (e) { return e.message; } }"
    assert "give a whole number" in run(function, [str(seed), number])


# -- units


def test_the_exponential_function_and_every_unit(run: Run) -> None:
    draw = random.Random(0)  # noqa: S311
    xs = [draw.uniform(-reach, reach) for reach in (1e-9, 1, 30, 720) for _ in range(500)]
    xs += [0.0, -0.0, 708.0, -708.0, math.nextafter(708, 0), 709.0, -709.0, 1e308, -1e308, 5e-324, 0.5 * math.log(2)]
    kinds = get_args(HiddenKind)
    found = run(
        """({ xs, kinds }) => ({
             exp: xs.map(exp),
             units: kinds.map((kind) => {
               const x = Float64Array.from(xs), y = new Float64Array(x.length), back = new Float64Array(x.length);
               activate(kind, x, y);
               throughUnits(kind, new Float64Array(x.length).fill(1), y, back);
               return [[...y], [...back], [...y].map((each) => slopeOf(kind, each))];
             }),
           })""",
        {"xs": xs, "kinds": kinds},
    )
    assert found["exp"] == [plain.exp(x) for x in xs]
    for kind, (y, back, slopes) in zip(kinds, found["units"], strict=True):
        assert y == [plain.activity(kind, x) for x in xs], kind
        assert back == slopes == [plain.slope(kind, each) for each in y], kind


# -- training


def flat(w: plain.Parameters) -> list[list[float]]:
    """The weights of each connection, in order."""
    return [[each for row in rows for each in row] for rows in w.values()]


def of_1986(number: int, held_out: int = 4) -> list[PlainCase]:
    """The cases of the two trees, with the split of a network of seed 0."""
    task = family_trees_task()
    out = plain.held_out_places(len(task.cases), held_out, 0, number)
    inputs = {layer: rows.tolist() for layer, rows in task.inputs().items()}
    return [
        PlainCase({layer: rows[k] for layer, rows in inputs.items()}, desired, k not in out)
        for k, desired in enumerate(task.desired().tolist())
    ]


def random_cases(network: Architecture, count: int) -> list[PlainCase]:
    """Dense inputs, some of them 0; every fifth case is held out."""
    draw = random.Random(network.output.units)  # noqa: S311
    return [
        PlainCase(
            {
                layer.name: [draw.choice((0.0, 1.0, draw.uniform(-1, 1))) for _ in range(layer.units)]
                for layer in network.inputs
            },
            [float(draw.random() < 0.5) for _ in range(network.output.units)],
            k % 5 != 3,
        )
        for k in range(count)
    ]


TRAINERS = """({ layers, recipe, cases, sweeps, numbers }) => numbers.map((number) => {
  const trainer = makeTrainer(makeNetwork(layers), recipe, cases, { seed: 0, number }).trainTo(sweeps);
  return { weights: trainer.weights.map((w) => [...w]), fingerprint: trainer.fingerprint() };
})"""


def trained_in_page(
    run: Run, network: Architecture, recipe: Recipe, cases: Sequence[PlainCase], sweeps: int, numbers: Sequence[int]
) -> list[Mapping[str, Any]]:
    setting = {
        "layers": [asdict(layer) for layer in network.layers],
        "recipe": asdict(recipe),
        "cases": [{"inputs": c.inputs, "desired": c.desired, "heldOut": not c.is_training_case} for c in cases],
    }
    found: list[Mapping[str, Any]] = run(TRAINERS, setting | {"sweeps": sweeps, "numbers": numbers})
    return found


def ranges_of(network: Architecture, recipe: Recipe) -> dict[str, float]:
    assert isinstance(recipe.initial_range, float)
    return {layer.name: recipe.initial_range for layer in network.computed}


RECIPES = {
    "larger steps": DEFAULT,
    "printed": PUBLISHED,
    "cross-entropy": replace(DEFAULT, error_signal="cross-entropy", epsilon=(0.01, 0.02)),
    "softmax": replace(DEFAULT, error_signal="softmax", margin=0.0, units="elu"),
    "small batches": SMALL_BATCHES,
    "single cases": replace(DEFAULT, batch=1, averaged=True, margin=0.1),
    "batches": replace(DEFAULT, batch=9, averaged=True, fan_in=True, decay_biases=False, epsilon=(1.0, 2.0)),
    "no biases": replace(DEFAULT, biases=False, units="tanh", initial_range=0.5, decay_from=2, first_phase=1),
    "relu": replace(DEFAULT, units="relu", initial_range=0.5, decay_from=3, averaged=True),
    "leaky-relu": replace(DEFAULT, units="leaky-relu", fan_in=True, first_phase=0),
    "tanh": replace(DEFAULT, units="tanh", error_signal="cross-entropy", margin=0.0, decay_biases=False),
}


@pytest.fixture(scope="module", params=list(RECIPES))
def in_1986(request: pytest.FixtureRequest) -> tuple[Architecture, Recipe, list[PlainCase], plain.Parameters]:
    """Three sweeps of the network of 1986, number 17 of seed 0, as the second reading trains it."""
    recipe = RECIPES[request.param]
    network, cases = recipe.apply_to(FAMILY_TREE_NETWORK), of_1986(17)
    first = plain.first_weights(network, ranges_of(network, recipe), 0, 17)
    return network, recipe, cases, plain.train(network, recipe, cases, first, sweeps=3, number=17)


def test_the_network_of_1986_is_trained_to_the_last_bit(
    run: Run, in_1986: tuple[Architecture, Recipe, list[PlainCase], plain.Parameters]
) -> None:
    network, recipe, cases, w = in_1986
    (found,) = trained_in_page(run, network, recipe, cases, 3, [17])
    assert found["weights"] == flat(w)
    assert found["fingerprint"] == plain.fingerprint(w)


TWO_ANSWERS = Architecture((*UNROLLED.layers[:-1], replace(UNROLLED.output, units=2)))
"""The unrolled net with two output units: softmax means nothing for one."""

NETWORKS = {"XOR": XOR, "symmetry": SYMMETRY, "skipping": SKIPPING, "unrolled": TWO_ANSWERS}
"""Dense inputs; layers that see several layers, or that nothing sees; and layers that share weights."""


@pytest.fixture(scope="module", params=["larger steps", "softmax", "batches", "no biases", "relu"])
def recipe_of_others(request: pytest.FixtureRequest) -> Recipe:
    return replace(RECIPES[request.param], initial_range=1.0, epsilon=(0.05, 0.02))


@pytest.fixture(scope="module", params=list(NETWORKS))
def other(
    request: pytest.FixtureRequest, recipe_of_others: Recipe
) -> tuple[Architecture, Recipe, list[PlainCase], list[plain.Parameters]]:
    """Fifteen sweeps of two networks, as the second reading trains them."""
    recipe, network = recipe_of_others, recipe_of_others.apply_to(NETWORKS[request.param])
    cases, trained = random_cases(network, 21), []
    for number in (0, 3):
        first = plain.first_weights(network, ranges_of(network, recipe), 0, number)
        trained.append(plain.train(network, recipe, cases, first, sweeps=15, number=number))
    return network, recipe, cases, trained


def test_other_networks_are_trained_to_the_last_bit(
    run: Run, other: tuple[Architecture, Recipe, list[PlainCase], list[plain.Parameters]]
) -> None:
    network, recipe, cases, trained = other
    found = trained_in_page(run, network, recipe, cases, 15, [0, 3])
    for one, w in zip(found, trained, strict=True):
        assert one["weights"] == flat(w)
        assert one["fingerprint"] == plain.fingerprint(w)


def cases_of(model: Model) -> list[PlainCase]:
    """The cases of a model, with its split."""
    inputs = {layer: rows.tolist() for layer, rows in model.task.inputs().items()}
    return [
        PlainCase({layer: rows[k] for layer, rows in inputs.items()}, desired, case not in model.held_out)
        for k, (case, desired) in enumerate(zip(model.task.cases, model.task.desired().tolist(), strict=True))
    ]


@pytest.mark.parametrize(
    ("recipe", "sweeps"), [(DEFAULT, 1500), *((RECIPES[name], 100) for name in ("softmax", "small batches", "batches"))]
)
def test_network_17_is_that_of_the_package(run: Run, recipe: Recipe, sweeps: int) -> None:
    model = train(family_trees_task(), replace(recipe, sweeps=sweeps), first=17, held_out=4).model(0)
    (found,) = trained_in_page(run, model.network, model.recipe, cases_of(model), sweeps, [17])
    assert found["fingerprint"] == model.fingerprint


def test_a_network_of_another_family_is_that_of_the_package(run: Run) -> None:
    task = task_of(SMITHS)
    network = family_network(len(task.people), len(task.relations))
    model = train(task, replace(SMALL_BATCHES, sweeps=30), architecture=network, first=5, held_out=3).model(0)
    (found,) = trained_in_page(run, model.network, model.recipe, cases_of(model), 30, [5])
    assert found["fingerprint"] == model.fingerprint


def test_what_the_page_shows_is_what_trains(run: Run) -> None:
    """The passes, the gradient, E and one change of one weight, by the functions that the page calls."""
    network, recipe, cases = SKIPPING, replace(DEFAULT, averaged=True, fan_in=True), random_cases(SKIPPING, 21)
    w = plain.first_weights(network, ranges_of(network, recipe), 0, 1)
    found = run(
        """({ layers, recipe, cases, w }) => {
             const net = makeNetwork(layers), weights = w.map((each) => Float64Array.from(each));
             const rows = (of) => Object.fromEntries(Object.entries(of).map(([name, numbers]) => [name, [...numbers]]));
             const sums = gradient(net, weights, cases, recipe), n = cases.filter((each) => !each.heldOut).length;
             const after = net.connections.map((c, k) => Array.from(weights[k], (each, i) =>
               weightChange(net, recipe, c, each, sums[k][i], 0, 1, n).after));
             return { after, sums: sums.map((each) => [...each]), E: wholeError(net, weights, cases, recipe),
               passes: cases.map(({ inputs, desired }) => {
                 const { x, y, dEdx } = bothPasses(net, weights, inputs, desired, recipe);
                 return [rows(x), rows(y), rows(dEdx), rows(forward(net, weights, inputs).y)];
               }) };
           }""",
        {
            "layers": [asdict(layer) for layer in network.layers],
            "recipe": asdict(recipe),
            "cases": [{"inputs": c.inputs, "desired": c.desired, "heldOut": not c.is_training_case} for c in cases],
            "w": flat(w),
        },
    )
    for case, (x, y, dE_dx, y_again) in zip(cases, found["passes"], strict=True):
        expected_x, expected_y = plain.forward(network, w, case.inputs)
        assert (x, y) == (expected_x, expected_y)
        assert y_again == y
        assert dE_dx == plain.backward(network, w, y, replace(case, is_training_case=True), recipe)
    assert found["E"] == plain.squared_error(network, w, cases)
    assert found["sums"] == flat(plain.gradient(network, w, cases, recipe))
    assert found["after"] == flat(plain.train(network, recipe, cases, w, sweeps=1))


def test_a_training_goes_on_where_another_stopped(run: Run) -> None:
    recipe, cases = replace(RECIPES["batches"], initial_range=1.0), random_cases(SYMMETRY, 21)
    once, twice = run(
        """({ layers, recipe, cases }) => {
             const net = makeNetwork(layers), whole = makeTrainer(net, recipe, cases, { number: 4 }).trainTo(9);
             const first = makeTrainer(net, recipe, cases, { number: 4 }).trainTo(5);
             const rest = makeTrainer(net, recipe, cases, { ...first, number: 4 }).trainTo(9);
             return [whole.fingerprint(), rest.fingerprint()];
           }""",
        {
            "layers": [asdict(layer) for layer in SYMMETRY.layers],
            "recipe": asdict(recipe),
            "cases": [{"inputs": c.inputs, "desired": c.desired} for c in cases],
        },
    )
    assert once == twice


def test_networks_that_cannot_be_are_refused(run: Run) -> None:
    x, y = {"name": "x", "units": 2, "sees": []}, {"name": "y", "units": 2, "sees": ["x"], "kind": "logistic"}
    bad = [
        [x, y | {"kind": "cubic"}],
        [x, y | {"sees": ["z"]}],
        [x, y | {"copies": "x"}],
        [x, y | {"kind": "softmax"}, {"name": "z", "units": 1, "sees": ["y"], "kind": "logistic"}],
    ]
    function = "(bad) => bad.map((layers) => { try { makeNetwork(layers); } catch (e) { return e.message; } })"
    found = run(function, bad)
    for message, expected in zip(found, ("of kind cubic", "no lower layer", "cannot copy x", "softmax"), strict=True):
        assert expected in message


# -- the fingerprint


def test_the_fingerprint_is_sha_256(run: Run) -> None:
    texts = [bytes((7 * k + length) % 256 for k in range(length)) for length in (0, 1, 55, 56, 63, 64, 65, 119, 1000)]
    found = run("(texts) => texts.map((each) => sha256(Uint8Array.from(each)))", [list(text) for text in texts])
    assert found == [hashlib.sha256(text).hexdigest() for text in texts]
    positive, negative = run("(w) => [fingerprint(w), fingerprint([[-0], w[1]])]", [[0.0], [1.5, -2.0]])
    assert positive == negative == plain.fingerprint({("a", "b"): [[-0.0]], ("b", "c"): [[1.5, -2.0]]})


@pytest.mark.skipif(NODE is None, reason="no Node here")
def test_the_benchmark_says_whether_the_weights_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark_page.in_chromium", lambda *_: ("1", '{"fingerprint": "another", "micros": [7, 5]}'))
    monkeypatch.setattr("benchmark_page.shutil.which", lambda name: NODE if name == "node" else name)
    done = CliRunner().invoke(benchmark_page, ["--sweeps", "3", "--repeats", "1"], catch_exceptions=False)
    *_, in_node, in_chromium = done.output.splitlines()
    assert in_node.startswith("Node v")
    assert in_node.endswith("  those of the package")
    assert in_chromium.split() == ["Chromium", "1", "7", "5", "OTHERS", "than", "the", "package's"]
