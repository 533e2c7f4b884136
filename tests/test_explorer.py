"""The page that trains a network and shows its inside: what is in the file, and, in a real browser, what it does."""

# ruff: noqa: F811 - fixtures of another file
from __future__ import annotations

import base64
import json
import random
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from fuzz_page import try_data, try_links, with_made_up_data
from made_up import SMITHS, task_of
from visiting import Visit, browser, browser_only, found_by, too_small  # noqa: F401 - a fixture

from family_trees.analysis.encoding import unit_table
from family_trees.analysis.explain.case import moment_of_model
from family_trees.analysis.explain.moment import UnitPlace
from family_trees.analysis.explain.paths import error_paths
from family_trees.analysis.explain.steps import backward_steps, forward_steps, weight_steps
from family_trees.engine.cases import Cases
from family_trees.engine.learning import gradient
from family_trees.engine.network import BIAS, Architecture, Layer, Weights, forward
from family_trees.engine.recipe import (
    CROSS_ENTROPY,
    DEFAULT,
    PUBLISHED,
    SMALL_BATCHES,
    HiddenKind,
    Recipe,
    find_recipe,
)
from family_trees.engine.units import UnitKind
from family_trees.families.people import Triple
from family_trees.families.task import Case, Task
from family_trees.models.layered import family_network
from family_trees.models.model import Model
from family_trees.models.saved import load
from family_trees.models.training import train
from family_trees.support.errors import FamilyTreesError
from family_trees.views.explorer.page import LANGUAGES, PAGE_MODULES, explorer_page
from family_trees.views.explorer.page_data import page_data, page_snapshots, people_on_page, trains_in_page

ROOT = Path(__file__).parent.parent
TEXTS = {
    language: json.loads(
        (ROOT / "family_trees" / "views" / "explorer" / f"texts.{language}.json").read_text(encoding="utf-8")
    )
    for language in LANGUAGES
}
HOSTILE = (
    'O"Hara',
    "<b>Bo</b>",
    "</script><script>alert(1)</script>",
    "Jürgen",
    "지은",
    "ליאור",
    "=1+1",
    "a'b",
    "&amp;",
    "x\u2028y",
)
PARTICLES = {"topic", "subject", "object", "to", "toNew"}
"""Values of texts that Korean alone has: the forms of its particles."""
FRIEND = "friend&<foe>"
MINUS = "\N{MINUS SIGN}"


@pytest.fixture(scope="module")
def shipped() -> str:
    return explorer_page(load())


@pytest.fixture(scope="module")
def page_file(shipped: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("explorer") / "explorer.html"
    path.write_text(shipped, encoding="utf-8")
    return path


def data_in(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found.group(1))
    return data


# -- the file


def test_one_file_that_asks_nobody(shipped: str) -> None:
    assert len(shipped.encode()) < 1_500_000
    outside = re.sub(
        r"http://www\.w3\.org/2000/svg|<a href=\"[^\"]+\"", "", shipped
    )  # links ask for nothing themselves
    assert not re.search(r"https?://|src=|href=\"(?!#)|@import|url\(|fetch\(|import\(", outside)
    assert not re.search(r"^(import|export) ", shipped, re.MULTILINE)


def test_the_snapshots_are_those_that_fit_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = load().trajectory
    assert recorded is not None
    assert [state.sweep for state in page_snapshots(load())] == recorded.sweeps.tolist()
    monkeypatch.setattr(
        "family_trees.views.explorer.page_data.SNAPSHOT_BYTES", 10 * 13_440
    )  # bytes: a moment of this network takes 13,440
    some = page_snapshots(load())
    assert (some[0].sweep, some[-1].sweep, len(some)) == (0, 1500, 10)
    assert {state.sweep for state in some} <= {*recorded.sweeps.tolist()}
    monkeypatch.setattr("family_trees.views.explorer.page_data.SNAPSHOT_BYTES", 1)
    assert [state.sweep for state in page_snapshots(load())] == [0, 1500]


def recorded_weights(data: dict[str, Any]) -> np.ndarray:
    """The weights of the moments that a page holds, (moments, weights)."""
    recorded = data["recorded"]
    numbers = np.frombuffer(base64.b64decode(recorded["weights"]), f"<f{recorded['bits'] // 8}")
    return numbers.reshape(len(recorded["sweeps"]), -1)


def all_weights(weights: Weights) -> list[float]:
    return [float(each) for w in weights.values() for each in np.ravel(w)]


def test_a_page_that_trains_holds_no_weights(shipped: str) -> None:
    model, data = load(), data_in(shipped)
    assert trains_in_page(model)
    assert data["recorded"] is None
    assert data["fingerprint"] == model.fingerprint
    assert (data["network"], data["seed"], data["recipe"]["name"]) == (14, 0, "larger-steps")
    assert len(data["cases"]) == 104
    assert [data["people"][k] for k in data["equivalents"][:2]] == ["Roberto", "Pierro"]
    assert [each["name"] for each in data["groups"]["person"]] == ["nationality", "generation", "branch", "sex"]
    assert {*data["recipes"]} == {"published", "larger-steps", "cross-entropy", "small-batches"}
    assert len(data["families"]["births"]) == 12


def test_moments_are_held_where_the_page_cannot_train() -> None:
    model = load()
    other = replace(model, arithmetic=None)  # made by an earlier version
    assert not trains_in_page(other)
    data = data_in(explorer_page(other))
    assert data["recorded"]["sweeps"] == [state.sweep for state in page_snapshots(model)]
    assert recorded_weights(data)[-1].tolist() == all_weights(model.weights)


def test_a_model_without_a_course_of_learning_shows_the_last_network_alone(model: Model) -> None:
    assert [state.sweep for state in page_snapshots(model)] == [25]
    data = data_in(explorer_page(model, recorded=True))
    assert data["recorded"]["changes"] is None
    assert data["recorded"]["sweeps"] == [25]


@pytest.mark.committed
def test_the_committed_page_is_that_of_the_shipped_model(shipped: str) -> None:
    assert (ROOT / "results" / "explorer.html").read_text(encoding="utf-8") == shipped


def test_both_languages_have_every_text_and_the_page_uses_no_other() -> None:
    english, korean = (TEXTS[language] for language in LANGUAGES)
    assert english.keys() == {key for key in korean if not key.startswith("name:")}
    for key, text in english.items():
        values = {*re.findall(r"\{(\w+)\}", korean[key])} - PARTICLES
        assert {*re.findall(r"\{(\w+)\}", text)} == values, key
    folder = ROOT / "family_trees" / "views" / "explorer"
    program = "".join((folder / name).read_text("utf-8") for name in (*PAGE_MODULES, "page.html"))
    used = {*re.findall(r'\bt\("([^"]+)"', program), *re.findall(r'data-(?:t|label)="([a-zA-Z0-9]+)"', program)}
    assert used <= english.keys()


def hostile_task() -> Task:
    return Task(HOSTILE, (FRIEND, "other"), tuple(Triple(a, FRIEND, b) for a, b in pairwise(HOSTILE)))


def hostile_model() -> Model:
    network = Architecture(
        (
            Layer("person", len(HOSTILE)),
            Layer("relation", 2),
            Layer("code <1>", 3, ("person", "relation", BIAS)),
            Layer("answer", len(HOSTILE), ("code <1>", BIAS)),
        )
    )
    recipe = replace(DEFAULT, name="<i>short</i>", sweeps=30)
    return train(hostile_task(), recipe, architecture=network, held_out=1, trajectory=True).model(0)


def test_names_cannot_end_the_data() -> None:
    model = hostile_model()
    page = explorer_page(model)
    assert page.count("<script") == page.count("</script>") == 3
    assert data_in(page)["people"] == list(HOSTILE)
    assert data_in(page)["trees"] is None


def own_model(**changes: Any) -> Model:
    """A network of a made-up family."""
    task = task_of(SMITHS)
    network = family_network(len(task.people), len(task.relations), (7, 6, 12, 14))
    recipe = replace(DEFAULT, sweeps=30, **changes)
    return train(task, recipe, architecture=network, held_out=3, trajectory=True).model(0)


def test_a_page_of_a_part_holds_the_whole_network_and_says_so() -> None:
    model = own_model()
    part = people_on_page(model, "Kit", 6)
    data = data_in(explorer_page(model, part))
    assert [data["people"][k] for k in data["part"]] == list(part.people)
    assert (data["around"], data["recorded"]["bits"], data["heavy"]) == ("Kit", 32, False)
    assert data["people"][data["cases"][data["first"]][0]] == "Kit"
    assert len(data["people"]) == 14
    (tree,) = data["trees"]
    assert {k for k, _, _ in tree["places"]} == {*data["part"]}
    assert all(0 <= value <= 100 for _, x, y in tree["places"] for value in (x, y))
    assert data_in(explorer_page(model)).keys() == data_in(explorer_page(load())).keys()


def test_a_network_too_large_for_a_page_is_refused_beforehand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("family_trees.views.explorer.page_data.LARGEST_PAGE", 10_000)
    with pytest.raises(FamilyTreesError, match=r"^the page would take 0 MB, more than the 0 MB"):
        page_snapshots(own_model())


# -- in a browser


@browser_only
def test_the_page_computes_what_python_computes(browser: Any, page_file: Path, task: Task) -> None:
    """Weights of some sweeps, answers to all 104 cases, and gradients of every case, to the last bit."""
    model = load()
    states = page_snapshots(model)
    cases = Cases(task.inputs(), task.desired(), task.training_mask(model.held_out)[None])
    recipe = model.recipe
    with Visit(browser, page_file, "#person=Colin&relation=aunt&sweep=1500") as visit:
        visit.shown(1500)
        y = forward(model.network, model.weights, task.inputs())["answer"][0]
        for k, case in enumerate(task.cases):
            one = Cases(task.inputs([case]), task.desired()[k : k + 1], np.ones((1, 1)))
            dE_dw = gradient(model.network, model.weights, one, recipe.error_signal, recipe.margin)
            person, relation = task.people.index(case.person), task.relations.index(case.relation)
            assert visit.page.evaluate(f"familyTrees.answers({person}, {relation})") == y[k].tolist()
            shown = visit.page.evaluate(f"familyTrees.backward({person}, {relation})")
            for own, expected in zip(shown, dE_dw.values(), strict=True):
                assert own == np.ravel(expected).tolist()
        for state in (states[0], states[7], states[20], states[-1]):  # back in time, and to the end again
            visit.at(state.sweep)
            shown = visit.page.evaluate(f"familyTrees.weights({state.sweep})")
            assert [each for w in shown for each in w] == all_weights(state.weights)
            dE_dw = gradient(model.network, state.weights, cases, recipe.error_signal, recipe.margin)
            for own, expected in zip(visit.page.evaluate("familyTrees.gradient()"), dE_dw.values(), strict=True):
                assert own == np.ravel(expected).tolist()
        assert visit.sound()


@browser_only
@pytest.mark.parametrize(
    "change",
    [
        {"units": "tanh"},
        {"units": "leaky-relu", "averaged": True, "epsilon": (0.5, 0.5)},
        {"units": "elu", "fan_in": True},
        {"error_signal": "softmax", "margin": 0.0},
        {"error_signal": "cross-entropy", "decay_biases": False},
        {"biases": False, "decay_from": 100},
    ],
)
def test_other_recipes_too(browser: Any, task: Task, tmp_path: Path, change: dict[str, Any]) -> None:
    model = train(task, replace(DEFAULT, name="other", sweeps=6, **change), seed=2, trajectory=True).model(0)
    path = tmp_path / "other.html"
    path.write_text(explorer_page(model), encoding="utf-8")
    at = moment_of_model(model, Case("Colin", "aunt"), None, changes=True)
    weights = [
        (UnitPlace("person", 5), UnitPlace("person code", 2)),
        (UnitPlace("central", 1), UnitPlace("penultimate", 4)),
    ]
    if model.recipe.biases:
        weights.append((UnitPlace("bias", 0), UnitPlace("central", 3)))
    with Visit(browser, path, "#person=Colin&relation=aunt&sweep=6&unit=answer.9&tab=equations") as visit:
        visit.shown(6)
        assert visit.page.evaluate("familyTrees.fingerprint()") == model.fingerprint
        text = visit.page.inner_text("#panel")
        assert ("(4, 5)" in text) == (model.recipe.error_signal != "squared")
        y = forward(model.network, model.weights, task.inputs())["answer"][0]
        for k in (0, 5, 50):
            case = task.cases[k]
            where = (task.people.index(case.person), task.relations.index(case.relation))
            shown = visit.page.evaluate(f"familyTrees.answers({where[0]}, {where[1]})")
            assert shown == y[k].tolist()
        cases = Cases(task.inputs(), task.desired(), task.training_mask(model.held_out)[None])
        dE_dw = gradient(model.network, model.weights, cases, model.recipe.error_signal, model.recipe.margin)
        shown = visit.page.evaluate("familyTrees.gradient()")
        for own, expected in zip(shown, dE_dw.values(), strict=True):
            assert own == np.ravel(expected).tolist()
        for below, above in weights:
            place = list(model.architecture.connections).index(at.connection(below, above))
            step = visit.page.evaluate(f"familyTrees.step({place}, {below.place}, {above.place})")
            *_, summed, change_of_weight, after = weight_steps(at, below, above)
            assert (step["sum"], step["delta"]) == (summed.value, change_of_weight.value)
            assert step["after"] == after.value
        assert visit.sound()


@browser_only
@pytest.mark.parametrize("name", ["larger-steps", "small-batches"])
def test_the_page_shows_the_fingerprint_and_can_train_to_it(
    browser: Any, task: Task, tmp_path: Path, name: str
) -> None:
    """From seed and number alone, the page draws and trains the network that Python trained."""
    seed = 2**64 - 17  # too large for the numbers of JavaScript
    model = train(task, replace(find_recipe(name), sweeps=25), seed=seed, first=17, held_out=4).model(0)
    path = tmp_path / "page.html"
    path.write_text(explorer_page(model), encoding="utf-8")
    with Visit(browser, path, "#sweep=25&tab=keep") as visit:
        visit.shown(25)
        visit.page.wait_for_function(
            "document.getElementById('fingerprint-help').textContent.includes('equal to that')"
        )
        assert visit.page.inner_text("#fingerprint-whole") == model.fingerprint
        assert f"Network 17 of seed {seed}" in visit.page.inner_text("#about")
        assert visit.page.evaluate("familyTrees.numbers().fingerprint") == model.fingerprint
        assert visit.page.evaluate("familyTrees.trainedAgain()") == model.fingerprint
        visit.page.select_option("#language", "ko")
        assert "모델 파일의 지문과 같습니다" in visit.page.inner_text("#fingerprint-help")
        assert visit.sound()


@browser_only
def test_a_page_of_rounded_weights_has_its_fingerprint_from_the_model(browser: Any, tmp_path: Path) -> None:
    model = own_model()
    part, path = people_on_page(model, "Kit", 6), tmp_path / "page.html"
    path.write_text(explorer_page(model, part), encoding="utf-8")
    with Visit(browser, path, "#tab=keep&sweep=30") as visit:
        assert visit.page.inner_text("#fingerprint-whole") == model.fingerprint
        assert "with fewer digits" in visit.page.inner_text("#fingerprint-help")
        assert visit.page.evaluate("familyTrees.trainedAgain()") == model.fingerprint
        assert visit.sound()


@browser_only
def test_paths_multiply_and_add_up_to_the_derivative(browser: Any, page_file: Path) -> None:
    at = moment_of_model(load(), Case("Colin", "aunt"), None, changes=False)
    with Visit(browser, page_file, "#person=Colin&relation=aunt&sweep=1500") as visit:
        visit.shown(1500)
        for layer, k in (("central", 3), ("person code", 5)):
            ways = visit.page.evaluate(f"familyTrees.paths({json.dumps(layer)}, {k})")
            for way in ways:
                assert np.prod([value for _, value in way["factors"]]) == pytest.approx(way["value"])
            assert sum(way["value"] for way in ways) == pytest.approx(
                at.case_derivatives.dE_dx[layer][0, 0, k], abs=1e-12
            )


@browser_only
def test_what_a_unit_encodes_and_since_when(browser: Any, page_file: Path) -> None:
    """As `analyse` says it, for all units that see or name people and relations."""
    model = load()
    table = unit_table(model.weights, model.task, [14])
    with Visit(browser, page_file, "#sweep=1500") as visit:
        visit.shown(1500)
        for layer, unit in {*zip(table["layer"], table["unit"], strict=True)}:
            told = visit.page.evaluate(f"familyTrees.told({json.dumps(layer)}, {unit - 1})")
            rows = table[(table["layer"] == layer) & (table["unit"] == unit)]
            shares = dict(zip(rows["distinction"], rows["weights"], strict=True))
            assert {each["name"]: each["share"] for each in told} == pytest.approx(shares)
            for each in told:
                assert (each["since"] is not None) == (each["share"] >= 0.5)
        since = next(each["since"] for each in visit.page.evaluate("familyTrees.told('person code', 1)"))
        for sweep, encodes in ((since, True), (since - 5, False)):  # the moments are five sweeps apart
            visit.at(sweep)
            told = visit.page.evaluate("familyTrees.told('person code', 1)")
            assert (told[0]["name"] == "nationality" and told[0]["share"] >= 0.5) is encodes
        visit.at(1500)
        visit.page.hover('[data-key="person code.1"]')
        assert "Encodes nationality (57%) since sweep" in visit.page.inner_text("#details")
        visit.page.hover('[data-key="central.2"]')
        assert "not measured" in visit.page.inner_text("#details")
        assert "2 nationality 57%" in visit.page.inner_text("#figure")
        visit.page.click("#figure button:nth-child(2)")
        assert "Encodes nationality" in visit.page.inner_text("#panel .m-words")


@browser_only
def test_questions_by_click_and_by_keyboard(browser: Any, page_file: Path) -> None:
    model = load()
    cases = model.task.cases[::11]
    assert len(cases) == 10
    with Visit(browser, page_file, "#sweep=1500") as visit:
        visit.shown(1500)
        for k, case in enumerate(cases):
            person = visit.page.locator(".person", has_text=re.compile(rf"^{case.person}\b"))
            relation = visit.page.locator("#relations button", has_text=re.compile(rf"^{case.relation}\b"))
            for button in (person, relation):
                if k % 2:
                    button.click()
                else:
                    button.focus()
                    visit.page.keyboard.press("Enter")
            answer = visit.page.inner_text("#answer")
            asked = model.ask(*case)
            assert answer.startswith(f"{case.person}'s {case.relation}? ")
            named = ", ".join(f"{each.person} ({each.activity:.2f})" for each in asked.answers) or "nobody is above 0.5"
            assert f"? {named}. " in answer
            assert visit.page.inner_text("#said").startswith(f"{case.person}'s {case.relation}?")
            assert ("This is right." in answer) == asked.right
            assert ("held-out" in answer) == asked.held_out
        assert visit.sound()


@browser_only
def test_arrow_keys_lead_through_the_network(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, "#tab=equations") as visit:
        start = visit.page.locator('[data-key="penultimate.2"]')
        start.focus()
        for key, where in (
            *(("ArrowRight", "penultimate.3"), ("ArrowDown", "central.6"), ("ArrowLeft", "central.5")),
            *(("Home", "answer.0"), ("End", "person.23")),
        ):
            visit.page.keyboard.press(key)
            assert visit.page.evaluate("document.activeElement.dataset.key") == where
        visit.page.locator('[data-key="central.5"]').focus()
        visit.page.keyboard.press("Enter")
        assert "central 6" in visit.page.inner_text("#panel")
        assert visit.page.evaluate("document.activeElement.dataset.key") == "central.5"
        visit.page.locator(".person", has_text="Colin").focus()
        for key, where in (("ArrowUp", "Victoria"), ("ArrowUp", "Penelope"), ("ArrowLeft", "Christopher")):
            visit.page.keyboard.press(key)
            assert visit.page.evaluate("document.activeElement.innerText").startswith(where)
        assert visit.sound()


def short_number(value: float) -> str:
    """A number as the page writes it: three digits."""
    if value and abs(value) < 1e-3:
        digits, exponent = f"{value:.2e}".split("e")
        return f"{digits}e{int(exponent):+d}".replace("-", MINUS)
    return f"{float(f'{value:.3g}'):.6g}".replace("-", MINUS)


@browser_only
def test_equations_are_those_of_explain(browser: Any, page_file: Path) -> None:
    """Number by number, in the order of the page; the page adds equation 4 of the output units, and E of all cases."""
    at = moment_of_model(load(), Case("Colin", "aunt"), 1500, changes=True)
    below, above = UnitPlace("person", 5), UnitPlace("person code", 5)
    one, two, seven, five = (*forward_steps(at, above), *backward_steps(at, above))
    expected = [
        *(("1", one.value), ("2", two.value), ("3", at.objective), ("3", at.whole_objective)),
        *(("7", seven.value), ("5", five.value)),
        *((step.equation, step.value) for step in weight_steps(at, below, above)[:3]),
    ]
    with Visit(browser, page_file, "#person=Colin&relation=aunt&weight=0.5.5&tab=equations&sweep=1500") as visit:
        visit.shown(1500)
        nodes = visit.page.locator("#panel .equation")
        shown = nodes.evaluate_all("all => all.map((each) => [each.dataset.number, each.dataset.value])")
        values = [(number, float(value)) for number, value in shown if number not in ("4", "") and value != "null"]
        assert [number for number, _ in values] == [number for number, _ in expected]
        assert [value for _, value in values] == pytest.approx([value for _, value in expected])
        for number, value in values:
            line = nodes.filter(has_text=f"({number})").all_inner_texts()
            assert any(f"= {short_number(value)} " in text for text in line), (number, value, line)
        assert "-" not in visit.page.inner_text("#panel")  # minus signs are true ones
        paths = error_paths(at, below, above, 1).path_count
        assert f"path by path ({paths})" in visit.page.inner_text("#panel")
        kept = visit.page.evaluate("familyTrees.numbers()")
        for layer, numbers in at.case_derivatives.dE_dx.items():
            assert kept["dE_dx"][layer] == numbers[0, 0].tolist()
        for k, (connection, w) in enumerate(at.state.weights.items()):
            assert kept["connections"][k] == list(connection)
            assert kept["weights"][k] == np.ravel(w).tolist()
            assert kept["dE_dw"][k] == np.ravel(at.case_gradient[connection]).tolist()


@browser_only
def test_the_page_opens_before_training_with_a_question(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file) as visit:
        assert visit.page.inner_text("#sweep") == "Sweep 0"
        assert visit.page.inner_text("#answer").startswith("Colin's aunt?")
        assert visit.page.inner_text("#train") == "▶ Train"
        assert visit.page.locator(".dots i.new").count() == 104
        assert visit.page.evaluate("location.hash") == "#person=Colin&relation=aunt&sweep=0"
        assert visit.sound()


@browser_only
def test_training_turns_cases_green_and_everything_follows(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file) as visit:
        page = visit.page
        page.select_option("#speed", "3")
        page.click("#train")
        visit.shown(1500)
        assert page.inner_text("#counts") == "100 of 100 training cases right · 1 of 4 held out"
        assert page.locator(".dots i.right").count() == 101
        assert page.inner_text("#train") == "▶ Again"
        assert page.is_disabled("#one")
        assert page.evaluate("familyTrees.fingerprint()") == load().fingerprint
        assert "This is right" in page.inner_text("#answer")
        page.locator("#slider").focus()
        page.keyboard.press("Home")
        assert page.inner_text("#sweep") == "Sweep 0"
        assert page.inner_text("#counts").startswith("0 of 100")
        assert "This is wrong" in page.inner_text("#answer")
        page.keyboard.press("ArrowRight")
        assert page.inner_text("#sweep") == "Sweep 1"
        page.click("#one")
        assert page.inner_text("#sweep") == "Sweep 2"
        page.click("#rewind")
        page.select_option("#speed", "0")
        page.click("#train")
        visit.page.wait_for_function("familyTrees.now.sweep > 0")
        page.click("#train")
        assert page.inner_text("#train") == "▶ Go on"
        assert not page.evaluate("familyTrees.view.playing")
        assert visit.sound()


@browser_only
@pytest.mark.parametrize(
    "before",
    [
        "window.Worker = class { constructor() { throw new Error('forbidden'); } };",
        "window.Worker = class { constructor() { setTimeout(() => this.onerror(), 20); } postMessage() {} };",
    ],
)
def test_where_no_worker_is_allowed_the_page_trains_itself(browser: Any, page_file: Path, before: str) -> None:
    with Visit(browser, page_file, "#sweep=120", before=before) as visit:
        visit.shown(120)
        model = train(load().task, replace(DEFAULT, sweeps=120), first=14, held_out=4).model(0)
        assert visit.page.evaluate("familyTrees.fingerprint()") == model.fingerprint
        assert visit.sound()


@browser_only
def test_rewinding_gives_the_same_bytes(browser: Any, page_file: Path) -> None:
    """Whether a sweep is reached by steps, by training, or from later ones."""
    with Visit(browser, page_file) as visit:
        for _ in range(12):
            visit.page.click("#one")
        stepped = visit.page.evaluate("familyTrees.fingerprint()")
        visit.at(400)
        visit.at(12)
        assert visit.page.evaluate("familyTrees.fingerprint()") == stepped
        visit.at(397)
        late = visit.page.evaluate("familyTrees.fingerprint()")
        visit.page.click("#next-network")
        visit.page.fill("#number", "14")
        visit.page.keyboard.press("Enter")
        visit.at(397)
        assert visit.page.evaluate("familyTrees.fingerprint()") == late
    model = train(load().task, replace(DEFAULT, sweeps=12), first=14, held_out=4).model(0)
    assert stepped == model.fingerprint


@browser_only
@pytest.mark.parametrize(
    ("link", "recipe", "number", "hold_out"),
    [
        ("network=17", DEFAULT, 17, 4),
        ("network=3&recipe=published&sweep=60", replace(PUBLISHED, sweeps=60), 3, 4),
        ("network=17&recipe=cross-entropy&held=2&sweep=80", replace(CROSS_ENTROPY, sweeps=80), 17, 2),
        ("network=5&seed=9&recipe=small-batches&sweep=30", replace(SMALL_BATCHES, sweeps=30), 5, 4),
        (
            "epsilon=0.05&range=2.5&decay=0.001&margin=0.1&alpha=0.85&out=5-11.10-11&sweep=90",
            replace(
                DEFAULT, sweeps=90, epsilon=(0.025, 0.05), initial_range=2.5, decay=0.001, margin=0.1, alpha=(0.5, 0.85)
            ),
            14,
            (Case("Colin", "aunt"), Case("Jennifer", "aunt")),
        ),
    ],
)
def test_networks_chosen_in_the_page_are_those_of_the_command_line(
    browser: Any, page_file: Path, link: str, recipe: Recipe, number: int, hold_out: Any
) -> None:
    task = load().task
    if isinstance(hold_out, tuple):
        places = link.split("out=")[1].split("&")[0].split(".")
        hold_out = tuple(
            Case(task.people[int(p)], task.relations[int(r)]) for p, r in (each.split("-") for each in places)
        )
        hold_out = tuple(case for case in hold_out if case in task.answers)
    seed = 9 if "seed=9" in link else 0
    model = train(task, recipe, seed=seed, first=number, held_out=hold_out).model(0)
    with Visit(browser, page_file, f"#{link}&tab=keep{'' if 'sweep' in link else '&sweep=1500'}") as visit:
        visit.shown(recipe.sweeps)
        assert visit.page.evaluate("familyTrees.fingerprint()") == model.fingerprint
        assert visit.page.inner_text("#fingerprint-whole") == model.fingerprint
        command = visit.page.inner_text("#command")
        assert f"--network {number}" in command
        assert ("--seed 9" in command) == (seed == 9)
        assert f"--recipe {recipe.name}" in command
        assert visit.sound()


@browser_only
def test_the_recipe_and_held_out_facts_are_chosen_on_the_page(browser: Any, page_file: Path, task: Task) -> None:
    with Visit(browser, page_file) as visit:
        page = visit.page
        page.select_option("#recipe", "published")
        page.click("#numbers summary")
        page.locator("#set-epsilon").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Escape")
        page.click("#hold")
        assert "Train on this fact again" in page.inner_text("#hold")
        command = visit.tab("keep").locator("#command").inner_text()
        page.evaluate("familyTrees.dispatch({type: 'sweep', sweep: 10})")
        ran = page.inner_text("#command")
        assert "--recipe published --set epsilon=" in command
        first, second = re.findall(r"epsilon=([\d.e-]+),([\d.e-]+)", ran)[0]
        held = tuple(task.find_case(each) for each in re.findall(r"--hold-out '(.+?)'", ran))
        assert Case("Colin", "aunt") in held
        assert len(held) == 5
        recipe = replace(PUBLISHED, epsilon=(float(first), float(second)), sweeps=10)
        model = train(task, recipe, first=14, held_out=held).model(0)
        assert page.evaluate("familyTrees.fingerprint()") == model.fingerprint
        facts = visit.tab("facts")
        assert facts.locator("button.held").count() == 5
        facts.locator('[aria-label="Sophia uncle"]').click()
        assert facts.locator("button.held").count() == 6
        assert "Facts with the same answer: Alfonso uncle." in facts.inner_text()
        assert page.locator(".dots i.held").count() == 6
        assert visit.sound()


@browser_only
def test_a_lesion_breaks_cases_and_reset_mends_them(browser: Any, page_file: Path) -> None:
    model = load()
    with Visit(browser, page_file, "#person=Colin&relation=aunt&unit=central.1&tab=whatif&sweep=1500") as visit:
        visit.shown(1500)
        visit.page.click("#off")
        told = visit.page.inner_text("#broken")
        broken = {text.strip() for text in visit.page.locator("#broken button").all_inner_texts()}
        weights = {connection: w.copy() for connection, w in model.weights.items()}
        for connection, w in weights.items():
            if connection.below == "central":
                w[0, 1] = 0
        after = replace(model, weights=weights, trajectory=None)
        expected = {str(case) for case in model.task.cases if model.right[case] and not after.right[case]}
        assert broken == expected
        assert told.startswith(f"central 2 is off. {len(expected)} of {sum(model.right.values())} cases break;")
        visit.page.locator("#broken button").first.click()
        assert visit.page.inner_text("#answer").split("?")[0].replace("'s", "") in expected
        equations = visit.tab("equations").inner_text()
        assert "held at 0" in equations
        assert "nothing goes back through it" in equations
        visit.tab("whatif")
        visit.page.click("#reset")
        assert "Nothing is changed" in visit.page.inner_text("#broken")
        visit.page.select_option("#swap-one", "5")
        visit.page.select_option("#swap-other", "0")
        weights = {connection: w.copy() for connection, w in model.weights.items()}
        for connection, w in weights.items():
            if connection.below == "person":
                w[0, [5, 0]] = w[0, [0, 5]]
        after = replace(model, weights=weights, trajectory=None)
        expected = {str(case) for case in model.task.cases if model.right[case] and not after.right[case]}
        assert {text.strip() for text in visit.page.locator("#broken button").all_inner_texts()} == expected
    with Visit(browser, page_file, "#person=Colin&relation=aunt&weight=2.1.3&tab=whatif&sweep=1500") as visit:
        visit.shown(1500)  # the weight is that from person code 2 to central 4
        visit.page.click("#flip")
        connection = list(model.architecture.connections)[2]
        w = model.weights[connection].copy()
        w[0, 1, 3] *= -1
        after = replace(model, weights=model.weights | {connection: w}, trajectory=None)
        expected = {str(case) for case in model.task.cases if model.right[case] and not after.right[case]}
        assert {text.strip() for text in visit.page.locator("#broken button").all_inner_texts()} == expected
        assert "hypothetical" in visit.tab("equations").inner_text()
        assert visit.sound()


@browser_only
def test_a_link_restores_the_view(browser: Any, page_file: Path) -> None:
    link = "#person=Sophia&relation=uncle&unit=central.4&off=penultimate.0&lang=ko&tab=whatif&sweep=700"
    parts = ("#answer", "#details", "#broken", "#sweep", "#counts")
    with Visit(browser, page_file, link) as visit:
        visit.shown(700)
        visit.page.locator("#slider").focus()
        visit.page.keyboard.press("ArrowLeft")
        visit.page.wait_for_function("location.hash.includes('sweep=699')")
        fragment = visit.page.evaluate("location.hash")
        shown = [visit.page.inner_text(part) for part in parts]
        assert visit.sound()
    with Visit(browser, page_file, fragment) as again:
        again.shown(699)
        assert [again.page.inner_text(part) for part in parts] == shown
        assert again.page.get_attribute("html", "lang") == "ko"
        assert "사람을 고르고" in again.page.inner_text("#ask-help")
        assert again.page.locator("#relations button").first.inner_text() == "남편"
        assert "Sophia의 삼촌·외삼촌·고모부·이모부는 누구?" in again.page.inner_text("#answer")
    with Visit(
        browser,
        page_file,
        "#person=Nobody&relation=aunt&sweep=-7&unit=central.99&weight=99.1.2&off=answer.1&off=%3Cb%3E&off=central.03"
        "&lang=constructor&recipe=constructor&epsilon=-1&range=0&sweeps=1e9&network=1.5&seed=x&out=1-1.99-99&tab=no&swap=1.1",
    ) as odd:
        assert odd.page.inner_text("#answer").startswith("Colin's aunt?")
        assert odd.sound()


@browser_only
def test_a_link_of_the_page_as_it_was_still_opens(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, "#person=Colin&relation=aunt&sweep=1500&unit=person+code.1&weight=0.5.5") as visit:
        visit.shown(1500)
        assert "person code" in visit.page.inner_text("#details")
        assert visit.page.evaluate("familyTrees.view.weight") == ["0", 5, 5]
        assert visit.sound()


@browser_only
def test_uncles_and_aunts_have_their_korean_names(browser: Any, page_file: Path) -> None:
    """Which word it is depends on the side of the family, and on blood or marriage."""
    with Visit(browser, page_file, "#person=Colin&relation=aunt&lang=ko&sweep=1500") as visit:
        visit.shown(1500)
        text = visit.page.inner_text("#answer")
        assert "Colin의 고모·이모·숙모·외숙모는 누구?" in text
        assert "Jennifer [고모]" in text
        assert "Margaret [외숙모]" in text
        visit.page.locator("#relations button", has_text="삼촌").click()
        text = visit.page.inner_text("#answer")
        assert "Arthur [외삼촌]" in text
        assert "Charles [고모부]" in text


@browser_only
def test_one_question_goes_up_and_its_error_back(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, "#person=Colin&relation=aunt&sweep=100") as visit:
        visit.shown(100)
        captions = []
        for step in range(10):
            visit.page.click("#pass-next")
            captions.append(visit.page.inner_text("#pass-caption"))
            assert f"{step + 1} of 10" in visit.page.inner_text("#pass-next")
        assert "(equations 1, 2)" in captions[1]
        assert "(equations 3, 4, 5)" in captions[5]
        assert "(equations 7, 5)" in captions[6]
        assert "(equations 6, 8, 9)" in captions[9]
        assert len({*captions}) == 10
        visit.page.click("#pass-next")
        assert not visit.page.is_visible("#pass-caption")
        assert visit.sound()


@browser_only
def test_numbers_and_picture_can_be_kept(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, "#person=Colin&relation=aunt&unit=central.4&tab=keep") as visit:
        for button, name in (("#json", "view.json"), ("#csv", "view.csv"), ("#picture", "view.svg")):
            with visit.page.expect_download() as download:
                visit.page.click(button)
            assert download.value.suggested_filename == name
            text = Path(download.value.path()).read_text(encoding="utf-8")
            if name == "view.json":
                assert json.loads(text)["question"] == ["Colin", "aunt"]
                assert len(json.loads(text)["activity"]["central"]) == 12
            elif name == "view.csv":
                assert len(text.splitlines()) == 1 + 90 + sum(w.size for w in load().weights.values())
            else:
                assert text.startswith("<svg")
                assert "Colin's aunt?" in text
        assert not visit.problems


@pytest.mark.parametrize("width", [992, 1024, 1040, 1280, 1440, 1520, 1920])
@browser_only
def test_the_whole_network_is_seen_on_computers(browser: Any, page_file: Path, width: int) -> None:
    """No unit is cut off at the widths of usual screens, nor where the page gets a column more."""
    with Visit(browser, page_file, width=width) as visit:
        assert visit.page.evaluate("(box => box.scrollWidth <= box.clientWidth)(document.getElementById('net-box'))")


@browser_only
@pytest.mark.parametrize("width", [360, 800, 1280, 1600])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_overflows_and_a_checker_finds_nothing(browser: Any, page_file: Path, width: int, dark: bool) -> None:
    from axe_playwright_python.sync_playwright import Axe

    link = f"#person=Colin&relation=aunt&weight=0.5.5&off=central.2&sweep=200&lang={'ko' if dark else 'en'}"
    with Visit(browser, page_file, link, width, dark) as visit:
        visit.shown(200)
        sections = visit.page.locator("#sections button")
        for k in range(sections.count() if width < 500 else 1):
            if width < 500:
                sections.nth(k).click()
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
            assert found_by(Axe(), visit.page) == []
        if width < 500:
            sections.nth(3).click()
        for tab in visit.page.locator("#tabs button:not([hidden])").all():
            tab.click()
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
            assert too_small(visit.page) == []
            if width in (360, 1280):  # other widths show the same elements in other places
                assert found_by(Axe(), visit.page) == []
        assert visit.sound()


@browser_only
@pytest.mark.committed
@pytest.mark.slow
def test_the_report_overflows_nowhere_and_a_checker_finds_nothing(browser: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for width in (360, 800, 1280):
        with Visit(browser, ROOT / "results" / "report.html", width=width) as visit:
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
            assert Axe().run(visit.page).response["violations"] == []
            assert visit.sound()


@browser_only
def test_hostile_names_show_as_they_are_and_run_nothing(browser: Any, tmp_path: Path) -> None:
    model = hostile_model()
    path = tmp_path / "hostile.html"
    path.write_text(explorer_page(model), encoding="utf-8")
    with Visit(browser, path, "#tab=equations&sweep=30") as visit:
        visit.shown(30)
        names = [text.rstrip(" ✓✗○•") for text in visit.page.locator(".person .name").all_text_contents()]
        assert names == list(HOSTILE)
        visit.page.locator(".person").nth(2).click()
        visit.page.locator('[data-key="code <1>.1"]').click()
        assert not visit.problems
        assert "code <1> 2" in visit.page.inner_text("#panel")
        for tab in visit.page.locator("#tabs button:not([hidden])").all():
            tab.click()
        assert visit.problems == []
        assert "'=1+1" in visit.page.evaluate("familyTrees.csv()") or "=1+1" not in visit.page.evaluate(
            "familyTrees.csv()"
        ).split(",")
        assert visit.sound()


@browser_only
@pytest.mark.parametrize("kept", [0.5, 0.97])
def test_a_page_that_was_cut_off_says_so(browser: Any, page_file: Path, tmp_path: Path, kept: float) -> None:
    text = page_file.read_text(encoding="utf-8")
    cut = tmp_path / "cut.html"
    cut.write_text(text[: int(kept * len(text))], encoding="utf-8")
    with Visit(browser, cut) as visit:
        assert visit.page.locator("#failure").is_visible()
        assert "family-trees explore" in visit.page.inner_text("#failure")


@browser_only
def test_data_that_cannot_be_read_are_told(browser: Any, page_file: Path, tmp_path: Path) -> None:
    text = page_file.read_text(encoding="utf-8")
    broken = tmp_path / "broken.html"
    moments = explorer_page(load(), recorded=True)
    assert len(moments) > len(text)
    broken.write_text(re.sub(r'("weights":"[^"]{1000})[^"]*"', r'\1"', moments, count=1), encoding="utf-8")
    with Visit(browser, broken) as visit:
        assert "cannot be read" in visit.page.inner_text("#failure")


@browser_only
def test_made_up_links_and_data_are_shown_or_refused(browser: Any, page_file: Path, tmp_path: Path) -> None:
    """`python scripts/fuzz_page.py` does this with thousands."""
    draw = random.Random(2)  # noqa: S311
    assert try_links(browser, page_file, 100, draw) == []
    sound = page_file.read_text(encoding="utf-8")
    ends = [try_data(browser, tmp_path / "page.html", with_made_up_data(draw, sound)) for _ in range(12)]
    assert [problem for _, problem in ends if problem] == []
    assert "refused" in dict(ends)


@browser_only
@pytest.mark.parametrize(
    ("key", "value"),
    [("people", {"length": 10**9}), ("trees", 7), ("cases", [[0, 0, 5]]), ("recorded", {}), ("recipe", None)],
)
def test_data_of_the_wrong_kind_are_told(
    browser: Any, page_file: Path, tmp_path: Path, key: str, value: object
) -> None:
    text = page_file.read_text(encoding="utf-8")
    data = json.dumps(data_in(text) | {key: value}).replace("<", "\\u003c")
    head, tail = re.split(r'(?<=id="data">).*?(?=</script>)', text, maxsplit=1, flags=re.DOTALL)
    assert try_data(browser, tmp_path / "page.html", head + data + tail) == ("refused", "")


@browser_only
def test_a_page_of_recorded_moments_plays_them(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "recorded.html"
    path.write_text(explorer_page(load(), recorded=True), encoding="utf-8")
    with Visit(browser, path) as visit:
        visit.page.select_option("#speed", "3")
        visit.page.click("#train")
        visit.shown(1500)
        assert visit.page.evaluate("familyTrees.fingerprint()") == load().fingerprint
        visit.page.evaluate("familyTrees.dispatch({type: 'sweep', sweep: 1499})")
        assert visit.page.evaluate("familyTrees.now.sweep") == page_snapshots(load())[-2].sweep
        visit.page.click("#rewind")
        visit.page.click("#one")
        assert visit.page.inner_text("#sweep") == f"Sweep {page_snapshots(load())[1].sweep}"
        assert visit.page.inner_text("#counts").startswith(f"{load().curve.training_right[0, 1]} of 100")
        assert visit.sound()


@browser_only
def test_without_its_last_changes_it_says_so(browser: Any, model: Model, tmp_path: Path) -> None:
    path = tmp_path / "one.html"
    path.write_text(explorer_page(model, recorded=True), encoding="utf-8")
    with Visit(browser, path, "#person=Colin&relation=aunt&weight=0.5.5&tab=equations") as visit:
        text = visit.page.inner_text("#panel")
        assert "need the last change of the weight" in text
        assert "(8, 9)" not in text


def test_layers_that_share_weights_are_refused(model: Model) -> None:
    first, *rest = model.architecture.layers
    copied = [
        replace(layer, copies="person code") if layer.name == "relation code" else layer for layer in (first, *rest)
    ]
    network = object.__new__(Architecture)
    object.__setattr__(network, "layers", tuple(copied))
    with pytest.raises(FamilyTreesError, match="'relation code' shares its weights"):
        explorer_page(replace(model, architecture=network))


@browser_only
def test_weights_that_are_too_large_are_shown_as_they_are(browser: Any, model: Model, tmp_path: Path) -> None:
    huge = {connection: w * 1e300 for connection, w in model.weights.items()}
    path = tmp_path / "huge.html"
    path.write_text(explorer_page(replace(model, weights=huge), recorded=True), encoding="utf-8")
    with Visit(browser, path) as visit:
        for tab in visit.page.locator("#tabs button:not([hidden])").all():
            tab.click()
        assert visit.sound()


def test_page_data_names_what_it_holds(model: Model) -> None:
    data = page_data(model)
    assert data["layers"][0] == {"name": "person", "units": 24, "sees": (), "copies": None, "kind": "logistic"}
    assert json.dumps(data)


@browser_only
@pytest.mark.parametrize("heavy", [False, True])
def test_a_part_of_a_family_on_the_page(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, heavy: bool
) -> None:
    if heavy:
        monkeypatch.setattr("family_trees.views.explorer.page_data.SLOW_SUM_PRODUCTS", 0)
    model = own_model()
    part = people_on_page(model, "Kit", 6)
    (tmp_path / "part.html").write_text(explorer_page(model, part), "utf-8")
    with Visit(browser, tmp_path / "part.html", "#sweep=30&tab=equations") as visit:
        page = visit.page
        assert "6 of 14 people are shown, around Kit" in page.inner_text("#about")
        assert page.inner_text("#h-trees") == "The family"
        names = {text.split(" ")[0] for text in page.locator("#trees-box .name").all_inner_texts()}
        assert {*part.people} <= names < {*model.task.people}
        shown = page.locator('#net-picture [data-key^="answer."]').count()
        assert len(part.people) <= shown == page.locator('#net-picture [data-key^="person."]').count() < 14
        y = page.evaluate('familyTrees.answers(familyTrees.data.people.indexOf("Ira"), 4)')
        expected = dict(model.ask("Ira", model.task.relations[4]).ranking)
        assert y == pytest.approx([expected[name] for name in model.task.people], abs=1e-5)
        page.locator('[data-key="person code.2"]').click()
        page.locator('#panel [data-key="weight"]').select_option(index=1)
        assert ("the sum over all training cases would take too long" in page.inner_text("#panel")) == heavy
        assert page.inner_text("#panel").count("summed over the") == (0 if heavy else 2)
        assert visit.sound()


def test_the_page_has_the_formulas_of_all_kinds_of_units() -> None:
    """The names in EQUATION_2 and SLOPES of the page are those of the units that the engine can train."""
    script = (ROOT / "family_trees" / "views" / "explorer" / "formulas.js").read_text(encoding="utf-8")

    def names(table: str) -> set[str]:
        found = re.search(rf"^export const {table} = \{{(.*?)\}};", script, re.MULTILINE | re.DOTALL)
        assert found is not None
        return set(re.findall(r'"?([a-z-]+)"?: "', found[1]))

    assert names("EQUATION_2") == {*get_args(UnitKind)} - {"threshold"}
    assert names("SLOPES") == set(get_args(HiddenKind))


@browser_only
def test_a_network_whose_weights_vanished_means_nothing(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, "#recipe=published&sweep=1500&tab=meaning") as visit:
        visit.shown(1500)
        assert visit.page.evaluate("familyTrees.now.moment.right.reduce((a, b) => a + b, 0)") == 0
        assert visit.page.locator("#figure .named").count() == 0
        assert "have vanished" in visit.page.inner_text("#panel .m-words")


@browser_only
def test_held_out_cases_that_are_wrong_are_marked(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, "#tab=whatif&sweep=1500") as visit:
        visit.shown(1500)
        assert "Cases that it has wrong (3)" in visit.page.inner_text("#broken")
        assert all(text.endswith("(held out)") for text in visit.page.locator("#broken button").all_inner_texts())


@browser_only
@pytest.mark.parametrize("width", [390, 1280])
def test_the_table_of_facts_fits_or_shows_the_fact_that_is_asked(browser: Any, page_file: Path, width: int) -> None:
    with Visit(browser, page_file, "#tab=facts", width=width) as visit:
        if width < 700:
            visit.page.click("[data-section-of=tabs]")
        edges = (
            "(name) => { const { left, right } = document.querySelector(name).getBoundingClientRect(); "
            "return [left, right]; }"
        )
        left, right = visit.page.evaluate(edges, ".facts")
        for name in (".facts th:last-child", ".facts [aria-current]"):
            at = visit.page.evaluate(edges, name)
            assert left <= at[0] <= at[1] <= right + 0.5
        assert visit.page.locator(".facts.goes-on").count() == 0


@browser_only
def test_a_person_in_bold_is_no_wider(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, "#sweep=0") as visit:
        wide = "[...document.querySelectorAll('.person')].map((each) => each.offsetWidth)"
        before = visit.page.evaluate(wide)
        visit.at(1500)
        assert visit.page.locator(".person.good").count() == 2
        assert visit.page.evaluate(wide) == before
