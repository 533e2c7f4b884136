"""The page to look inside a network: what is in the file, and, in a real browser, what it shows and does."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from fuzz_page import try_data, try_links, with_made_up_data
from made_up import SMITHS, task_of

from family_trees.analysis.explain.case import moment_of_model
from family_trees.analysis.explain.moment import UnitPlace
from family_trees.analysis.explain.paths import error_paths
from family_trees.analysis.explain.steps import backward_steps, forward_steps, weight_steps
from family_trees.engine.cases import Cases
from family_trees.engine.descent import State
from family_trees.engine.learning import gradient
from family_trees.engine.network import BIAS, Architecture, Layer, forward
from family_trees.engine.recipe import DEFAULT, HiddenKind, find_recipe
from family_trees.engine.units import UnitKind
from family_trees.families.people import Triple
from family_trees.families.task import Case, Task
from family_trees.models.layered import family_network
from family_trees.models.model import Model
from family_trees.models.saved import load
from family_trees.models.training import train
from family_trees.support.errors import FamilyTreesError
from family_trees.views.explorer.page import LANGUAGES, explorer_page, page_data, page_snapshots, people_on_page

ROOT = Path(__file__).parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if os.environ.get("FAMILY_TREES_BROWSER") == "required" and CHROMIUM is None:
    raise RuntimeError("FAMILY_TREES_BROWSER says that the pages must be tested, and there is no Chromium")
browser_only = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package 'chromium' has one")
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
FRIEND = "friend&<foe>"


@pytest.fixture(scope="module")
def shipped() -> str:
    return explorer_page(load(), page_snapshots(load()))


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
    outside = re.sub(r"http://www\.w3\.org/2000/svg", "", shipped)
    assert not re.search(r"https?://|src=|href=\"(?!#)|@import|url\(|fetch\(|import\(", outside)
    assert not re.search(r"^(import|export) ", shipped, re.MULTILINE)


def test_the_snapshots_are_those_that_fit_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = load().trajectory
    assert recorded is not None
    assert [state.sweep for state in page_snapshots(load())] == recorded.sweeps.tolist()
    monkeypatch.setattr(
        "family_trees.views.explorer.page.SNAPSHOT_BYTES", 10 * 13_440
    )  # bytes: a moment of this network takes 13,440
    some = page_snapshots(load())
    assert (some[0].sweep, some[-1].sweep, len(some)) == (0, 1500, 10)
    assert {state.sweep for state in some} <= {*recorded.sweeps.tolist()}
    monkeypatch.setattr("family_trees.views.explorer.page.SNAPSHOT_BYTES", 1)
    assert [state.sweep for state in page_snapshots(load())] == [0, 1500]


def test_the_last_snapshot_is_the_model(shipped: str) -> None:
    model, data = load(), data_in(shipped)
    last = data["snapshots"][-1]
    assert (last["sweep"], last["right"]) == (1500, 100)
    assert last["squaredError"] == pytest.approx(model.curve.squared_error[0, -1])
    assert len(data["cases"]) == 104
    assert [data["people"][k] for k in data["equivalents"][:2]] == ["Roberto", "Pierro"]
    encodes = data["encodes"]["person code"]
    assert encodes["shares"][-1][1][encodes["distinctions"].index("nationality")] > 0.5


def test_a_model_without_a_course_of_learning_shows_the_last_network_alone(model: Model) -> None:
    found = page_snapshots(model)
    assert [state.sweep for state in found] == [25]
    data = data_in(explorer_page(model, found))
    assert data["changes"] is None
    assert len(data["snapshots"]) == 1


@pytest.mark.committed
def test_the_committed_page_is_that_of_the_shipped_model(shipped: str) -> None:
    """All weights and changes bit by bit; what is computed from them may be rounded otherwise on another processor."""
    committed = (ROOT / "results" / "explorer.html").read_text(encoding="utf-8")

    def without_data(page: str) -> str:
        return re.sub(r'(id="data">).*?(</script>)', r"\1\2", page, flags=re.DOTALL)

    assert without_data(committed) == without_data(shipped)
    one, other = data_in(committed), data_in(shipped)
    told, encodes = ([data.pop(key) for data in (one, other)] for key in ("snapshots", "encodes"))
    assert one == other
    assert [s.pop("squaredError") for s in told[0]] == pytest.approx([s.pop("squaredError") for s in told[1]], rel=1e-9)
    assert told[0] == told[1]
    assert [(layer, of["distinctions"]) for layer, of in encodes[0].items()] == [
        (layer, of["distinctions"]) for layer, of in encodes[1].items()
    ]
    for layer, of in encodes[0].items():
        for key in ("shares", "chance"):
            np.testing.assert_allclose(of[key], encodes[1][layer][key], rtol=0, atol=1.01e-4)  # to four decimals


def test_both_languages_have_every_text_and_the_page_uses_no_other() -> None:
    english, korean = (TEXTS[language] for language in LANGUAGES)
    assert english.keys() == {key for key in korean if not key.startswith("name:")}
    for key, text in english.items():
        assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", korean[key])), key
    program = "".join(
        (ROOT / "family_trees" / "views" / "explorer" / name).read_text("utf-8") for name in ("app.js", "page.html")
    )
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
    page = explorer_page(model, page_snapshots(model))
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
    data = data_in(explorer_page(model, page_snapshots(model, part), part))
    assert [data["people"][k] for k in data["part"]] == list(part.people)
    assert (data["around"], data["bits"], data["heavy"]) == ("Kit", 32, False)
    assert data["people"][data["cases"][data["first"]][0]] == "Kit"
    assert len(data["people"]) == 14
    (tree,) = data["trees"]
    assert {k for k, _, _ in tree["places"]} == {*data["part"]}
    assert all(0 <= value <= 100 for _, x, y in tree["places"] for value in (x, y))
    assert {*data["encodes"]} == {"person code", "relation code", "penultimate"}
    whole = data_in(explorer_page(model, page_snapshots(model)))
    assert whole.keys() == data_in(explorer_page(load(), page_snapshots(load()))).keys()


def test_a_network_too_large_for_a_page_is_refused_beforehand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("family_trees.views.explorer.page.LARGEST_PAGE", 10_000)
    with pytest.raises(FamilyTreesError, match=r"^the page would take 0 MB, more than the 0 MB"):
        page_snapshots(own_model())


# -- in a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        found = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


class Visit:
    """A page in the browser, and what went wrong or was asked for while it was open."""

    def __init__(self, browser: Any, path: Path, fragment: str = "", width: int = 1600, dark: bool = False) -> None:
        scheme = "dark" if dark else "light"
        self.context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.page = self.context.new_page()
        self.problems: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.problems.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda problem: self.problems.append(str(problem)))
        self.page.on("dialog", self.dialog)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(f"{path.as_uri()}{fragment}")

    def dialog(self, dialog: Any) -> None:
        self.problems.append(dialog.message)
        dialog.dismiss()

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def sound(self) -> bool:
        return not self.problems and all(url.startswith("file:") for url in self.requests) and len(self.requests) == 1


@browser_only
def test_the_page_computes_what_python_computes(browser: Any, page_file: Path, task: Task) -> None:
    """The forward pass for all 104 cases, and gradients of some snapshots and of every case, to the last bit."""
    model = load()
    states = page_snapshots(model)
    with Visit(browser, page_file) as visit:
        y = forward(model.network, model.weights, task.inputs())["answer"][0]
        for k, case in enumerate(task.cases):
            person, relation = task.people.index(case.person), task.relations.index(case.relation)
            shown = visit.page.evaluate(f"familyTrees.answers({person}, {relation})")
            assert shown == y[k].tolist()
        cases = Cases(task.inputs(), task.desired(), task.training_mask(model.held_out)[None])
        for snap in (0, 7, 20, len(states) - 1):
            recipe = model.recipe
            dE_dw = gradient(model.network, states[snap].weights, cases, recipe.error_signal, recipe.margin)
            shown = visit.page.evaluate(f"familyTrees.gradient({snap})")
            for own, expected in zip(shown, dE_dw.values(), strict=True):
                assert own == np.ravel(expected).tolist()
        for k, case in enumerate(task.cases):  # the backward pass of every case alone
            one = Cases(task.inputs([case]), task.desired()[k : k + 1], np.ones((1, 1)))
            recipe = model.recipe
            dE_dw = gradient(model.network, model.weights, one, recipe.error_signal, recipe.margin)
            person, relation = task.people.index(case.person), task.relations.index(case.relation)
            shown = visit.page.evaluate(f"familyTrees.backward({person}, {relation})")
            for own, expected in zip(shown, dE_dw.values(), strict=True):
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
    states = page_snapshots(model)
    path = tmp_path / "other.html"
    path.write_text(explorer_page(model, states), encoding="utf-8")
    at = moment_of_model(model, Case("Colin", "aunt"), None, changes=True)
    weights = [
        (UnitPlace("person", 5), UnitPlace("person code", 2)),
        (UnitPlace("central", 1), UnitPlace("penultimate", 4)),
    ]
    if model.recipe.biases:
        weights.append((UnitPlace("bias", 0), UnitPlace("central", 3)))
    with Visit(browser, path, "#person=Colin&relation=aunt&unit=answer.9") as visit:
        text = visit.page.inner_text("#equations")
        assert ("(4, 5)" in text) == (model.recipe.error_signal != "squared")
        y = forward(model.network, model.weights, task.inputs())["answer"][0]
        for k in (0, 5, 50):
            case = task.cases[k]
            where = (task.people.index(case.person), task.relations.index(case.relation))
            shown = visit.page.evaluate(f"familyTrees.answers({where[0]}, {where[1]})")
            assert shown == y[k].tolist()
        cases = Cases(task.inputs(), task.desired(), task.training_mask(model.held_out)[None])
        dE_dw = gradient(model.network, states[-1].weights, cases, model.recipe.error_signal, model.recipe.margin)
        shown = visit.page.evaluate(f"familyTrees.gradient({len(states) - 1})")
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
    path.write_text(explorer_page(model, page_snapshots(model)), encoding="utf-8")
    with Visit(browser, path) as visit:
        assert visit.page.inner_text("#fingerprint") == f"fingerprint {model.fingerprint[:12]}"
        assert visit.page.get_attribute("#fingerprint", "title") == model.fingerprint
        assert visit.page.inner_text("#fingerprint-whole") == model.fingerprint
        assert "computed by this page" in visit.page.inner_text("#fingerprint-help")
        assert f"Network 17 of seed {seed}" in visit.page.inner_text("#about")
        assert visit.page.evaluate("familyTrees.numbers().fingerprint") == model.fingerprint
        assert visit.page.evaluate("familyTrees.trainedAgain()") == model.fingerprint
        visit.page.select_option("#language", "ko")
        assert visit.page.inner_text("#fingerprint") == f"지문 {model.fingerprint[:12]}"
        assert visit.sound()


@browser_only
def test_a_page_of_rounded_weights_has_its_fingerprint_from_the_model(browser: Any, tmp_path: Path) -> None:
    model = own_model()
    part, path = people_on_page(model, "Kit", 6), tmp_path / "page.html"
    path.write_text(explorer_page(model, page_snapshots(model, part), part), encoding="utf-8")
    with Visit(browser, path) as visit:
        assert visit.page.inner_text("#fingerprint-whole") == model.fingerprint
        assert "with fewer digits" in visit.page.inner_text("#fingerprint-help")
        assert visit.page.evaluate("familyTrees.trainedAgain()") == model.fingerprint
        assert visit.sound()


@browser_only
def test_paths_multiply_and_add_up_to_the_derivative(browser: Any, page_file: Path) -> None:
    at = moment_of_model(load(), Case("Colin", "aunt"), None, changes=False)
    with Visit(browser, page_file, "#person=Colin&relation=aunt") as visit:
        for layer, k in (("central", 3), ("person code", 5)):
            ways = visit.page.evaluate(f"familyTrees.paths({json.dumps(layer)}, {k})")
            for way in ways:
                assert np.prod([value for _, value in way["factors"]]) == pytest.approx(way["value"])
            assert sum(way["value"] for way in ways) == pytest.approx(
                at.case_derivatives.dE_dx[layer][0, 0, k], abs=1e-12
            )


@browser_only
def test_what_a_unit_encodes_and_since_when(browser: Any, page_file: Path, shipped: str) -> None:
    data = data_in(shipped)
    with Visit(browser, page_file) as visit:
        for layer in ("person code", "relation code", "penultimate"):
            of = data["encodes"][layer]
            for unit in range(6):
                told = visit.page.evaluate(f"familyTrees.told([{json.dumps(layer)}, {unit}])")
                for each in told:
                    d = of["distinctions"].index(each["name"])
                    shares = [moment[unit][d] for moment in of["shares"]]
                    assert each["share"] == shares[-1]
                    on = [
                        share >= 0.5 and share > chance[d] for share, chance in zip(shares, of["chance"], strict=True)
                    ]
                    assert bool(each["since"]) == on[-1]
                    if on[-1] and not all(on):
                        last_off = max(k for k, yes in enumerate(on) if not yes)
                        sweeps = [data["snapshots"][k]["sweep"] for k in (last_off, last_off + 1)]
                        assert each["since"] == f"since a sweep between {sweeps[0]} and {sweeps[1]}"
        visit.page.hover('[data-key="person code.1"]')
        assert "encodes: nationality (57%, since a sweep between" in visit.page.inner_text("#details")
        assert "person code 2" in visit.page.inner_text("#weights")
        visit.page.hover('[data-key="central.2"]')
        assert "not measured" in visit.page.inner_text("#details")


@browser_only
def test_the_equivalent_question_stands_beside(browser: Any, page_file: Path) -> None:
    model = load()
    with Visit(browser, page_file, "#person=Colin&relation=uncle") as visit:
        text = visit.page.inner_text("#equivalents")
        for person in ("Colin", "Alfonso"):
            asked = model.ask(person, "uncle")
            assert f"{person} has-uncle ?" in text
            for each in asked.ranking[:4]:
                assert f"{each.person} {each.activity:.3f}" in text


@browser_only
def test_questions_by_click_and_by_keyboard(browser: Any, page_file: Path) -> None:
    model = load()
    cases = model.task.cases[::11]
    assert len(cases) == 10
    with Visit(browser, page_file) as visit:
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
            assert answer.startswith(f"{case.person} has-{case.relation} ? ")
            named = ", ".join(f"{each.person} ({each.activity:.2f})" for each in asked.answers) or "nobody is above 0.5"
            assert f"? {named}. " in answer
            assert ("This is right." in answer) == asked.right
            assert ("held-out" in answer) == asked.held_out
        assert visit.sound()


@browser_only
def test_arrow_keys_lead_through_the_network(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file) as visit:
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
        assert "central 6" in visit.page.inner_text("#equations")
        assert visit.page.evaluate("document.activeElement.dataset.key") == "central.5"
        visit.page.locator(".person", has_text="Colin").focus()
        for key, where in (("ArrowUp", "Victoria"), ("ArrowUp", "Penelope"), ("ArrowLeft", "Christopher")):
            visit.page.keyboard.press(key)
            assert visit.page.evaluate("document.activeElement.innerText").startswith(where)
        assert visit.sound()


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
    with Visit(browser, page_file, "#person=Colin&relation=aunt&weight=0.5.5") as visit:
        lines = visit.page.locator("#equations .equation > p:first-child").all_inner_texts()
        shown = [found for line in lines if (found := re.match(r"\((.+?)\) .* = (-?[\d.e-]+)\s+—", line))]
        values = [(found.group(1), float(found.group(2))) for found in shown if found.group(1) != "4"]
        assert [number for number, _ in values] == [number for number, _ in expected]
        assert [value for _, value in values] == pytest.approx([value for _, value in expected], rel=1e-4)
        paths = error_paths(at, below, above, 1).path_count
        assert f"path by path ({paths})" in visit.page.inner_text("#equations")
        assert visit.page.locator("#net-picture polyline").count() == 1
        kept = visit.page.evaluate("familyTrees.numbers()")
        for layer, numbers in at.case_derivatives.dE_dx.items():
            assert kept["dE_dx"][layer] == numbers[0, 0].tolist()
        for k, (connection, w) in enumerate(at.state.weights.items()):
            assert kept["connections"][k] == list(connection)
            assert kept["weights"][k] == np.ravel(w).tolist()
            assert kept["dE_dw"][k] == np.ravel(at.case_gradient[connection]).tolist()


@browser_only
def test_the_slider_moves_everything(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, "#person=Colin&relation=aunt&unit=person+code.1") as visit:
        assert "100 of 100 training cases right" in visit.page.inner_text("#error")
        assert "since a sweep between" in visit.page.inner_text("#details")
        visit.page.locator("#slider").focus()
        visit.page.keyboard.press("Home")
        assert visit.page.inner_text("#sweep") == "Sweep 0"
        assert "; 0 of 100 training cases right" in visit.page.inner_text("#error")
        assert "This is wrong" in visit.page.inner_text("#answer")
        assert "encodes nothing known" in visit.page.inner_text("#details")
        visit.page.click("#play")
        visit.page.wait_for_function("familyTrees.view.snap > 1")
        visit.page.click("#play")
        visit.page.click("#rewind")
        assert visit.page.inner_text("#sweep") == "Sweep 0"
        visit.page.locator("#slider").focus()
        visit.page.keyboard.press("End")
        visit.page.click("#play")  # from the last sweep it starts over
        visit.page.wait_for_function("familyTrees.view.snap < 5")
        assert visit.sound()


@browser_only
def test_a_lesion_breaks_cases_and_reset_mends_them(browser: Any, page_file: Path) -> None:
    model = load()
    with Visit(browser, page_file, "#person=Colin&relation=aunt&unit=central.1") as visit:
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
        assert told.startswith(f"central 2 is off. {len(expected)} cases break")
        equations = visit.page.inner_text("#equations")
        assert "held at 0" in equations
        assert "nothing goes back through it" in equations
        visit.page.locator("#broken button").first.click()
        assert visit.page.inner_text("#answer").split(" ?")[0].replace("has-", "") in expected
        visit.page.click("#reset")
        assert "Nothing is changed" in visit.page.inner_text("#broken")
    with Visit(browser, page_file, "#person=Colin&relation=aunt&weight=2.1.3") as visit:  # person code 2 -> central 4
        visit.page.click("#flip")
        connection = list(model.architecture.connections)[2]
        w = model.weights[connection].copy()
        w[0, 1, 3] *= -1
        after = replace(model, weights=model.weights | {connection: w}, trajectory=None)
        expected = {str(case) for case in model.task.cases if model.right[case] and not after.right[case]}
        assert {text.strip() for text in visit.page.locator("#broken button").all_inner_texts()} == expected
        assert "hypothetical" in visit.page.inner_text("#equations")
        assert visit.sound()


@browser_only
def test_a_link_restores_the_view(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, "#person=Sophia&relation=uncle&unit=central.4&off=penultimate.0&lang=ko") as visit:
        visit.page.locator("#slider").focus()
        visit.page.keyboard.press("PageDown")
        fragment = visit.page.evaluate("location.hash")
        shown = [visit.page.inner_text(part) for part in ("#answer", "#details", "#broken", "#sweep")]
        assert visit.sound()
    with Visit(browser, page_file, fragment) as again:
        assert [again.page.inner_text(part) for part in ("#answer", "#details", "#broken", "#sweep")] == shown
        assert again.page.get_attribute("html", "lang") == "ko"
        assert "사람을 고르고" in again.page.inner_text("header")
        assert again.page.locator("#relations button").first.inner_text() == "남편"
    with Visit(
        browser,
        page_file,
        "#person=Nobody&relation=aunt&sweep=7&unit=central.99&weight=99.1.2&off=answer.1&off=%3Cb%3E&off=central.03&lang=constructor",
    ) as odd:
        assert odd.page.inner_text("#answer").startswith("Colin has-aunt ?")
        assert odd.sound()


@browser_only
def test_numbers_and_picture_can_be_kept(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, "#person=Colin&relation=aunt&unit=central.4") as visit:
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
                assert "Colin has-aunt ?" in text
        assert not visit.problems


@pytest.mark.parametrize("width", [992, 1024, 1040, 1280, 1440, 1520, 1920])
@browser_only
def test_the_whole_network_is_seen_on_computers(browser: Any, page_file: Path, width: int) -> None:
    """No unit is cut off at the widths of usual screens, nor where the page gets a column more."""
    with Visit(browser, page_file, width=width) as visit:
        assert visit.page.evaluate("(box => box.scrollWidth <= box.clientWidth)(document.getElementById('net-box'))")


@browser_only
@pytest.mark.parametrize("width", [360, 800, 1600])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_overflows_and_a_checker_finds_nothing(browser: Any, page_file: Path, width: int, dark: bool) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with Visit(browser, page_file, "#person=Colin&relation=aunt&weight=0.5.5&off=central.2", width, dark) as visit:
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        assert Axe().run(visit.page).response["violations"] == []
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
    path.write_text(explorer_page(model, page_snapshots(model)), encoding="utf-8")
    with Visit(browser, path) as visit:
        names = [text.rstrip(" ✓✗○•") for text in visit.page.locator(".person .name").all_text_contents()]
        assert names == list(HOSTILE)
        visit.page.locator(".person").nth(2).click()
        visit.page.locator('[data-key="code <1>.1"]').click()
        assert not visit.problems
        assert "code <1> 2" in visit.page.inner_text("#equations")
        assert not visit.page.is_visible("#same-question")  # nobody has an equivalent
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
    broken.write_text(re.sub(r'("weights":"[^"]{1000})[^"]*"', r'\1"', text, count=1), encoding="utf-8")
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
    [("people", {"length": 10**9}), ("trees", 7), ("cases", [[0, 0, 5]]), ("snapshots", [{}]), ("curve", None)],
)
def test_data_of_the_wrong_kind_are_told(
    browser: Any, page_file: Path, tmp_path: Path, key: str, value: object
) -> None:
    text = page_file.read_text(encoding="utf-8")
    data = json.dumps(data_in(text) | {key: value}).replace("<", "\\u003c")
    head, tail = re.split(r'(?<=id="data">).*?(?=</script>)', text, maxsplit=1, flags=re.DOTALL)
    assert try_data(browser, tmp_path / "page.html", head + data + tail) == ("refused", "")


@browser_only
def test_without_snapshots_it_says_how_to_get_them(browser: Any, model: Model, tmp_path: Path) -> None:
    path = tmp_path / "one.html"
    path.write_text(explorer_page(model, [State(25, model.weights, {})]), encoding="utf-8")
    with Visit(browser, path) as visit:
        assert "family-trees train" in visit.page.inner_text("#no-snapshots")
        assert visit.page.is_disabled("#slider")
        assert visit.sound()


@browser_only
def test_without_its_last_changes_it_says_so(browser: Any, model: Model, tmp_path: Path) -> None:
    path = tmp_path / "one.html"
    path.write_text(explorer_page(model, [State(25, model.weights, {})]), encoding="utf-8")
    with Visit(browser, path, "#person=Colin&relation=aunt&weight=0.5.5") as visit:
        text = visit.page.inner_text("#equations")
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
        explorer_page(replace(model, architecture=network), [State(25, model.weights, {})])


def test_weights_that_are_too_large_are_refused(model: Model) -> None:
    huge = {connection: w * 1e300 for connection, w in model.weights.items()}
    with np.errstate(all="ignore"), pytest.raises(FamilyTreesError, match="so large"):
        explorer_page(replace(model, weights=huge), [State(25, {c: w * 1e9 for c, w in huge.items()}, {})])


def test_page_data_names_what_it_holds(model: Model) -> None:
    data = page_data(model, [State(25, model.weights, {})])
    assert data["layers"][0] == {"name": "person", "units": 24, "sees": (), "copies": None, "kind": "logistic"}
    assert json.dumps(data)


@browser_only
@pytest.mark.parametrize("heavy", [False, True])
def test_a_part_of_a_family_on_the_page(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, heavy: bool
) -> None:
    if heavy:
        monkeypatch.setattr("family_trees.views.explorer.page.SLOW_SUM_PRODUCTS", 0)
    model = own_model()
    part = people_on_page(model, "Kit", 6)
    (tmp_path / "part.html").write_text(explorer_page(model, page_snapshots(model, part), part), "utf-8")
    with Visit(browser, tmp_path / "part.html") as visit:
        page = visit.page
        assert "6 of 14 people are shown, around Kit" in page.inner_text("#about")
        assert page.inner_text("#h-trees") == "The family"
        assert not page.is_visible("#same-question")
        names = {text.split(" ")[0] for text in page.locator("#trees-box .name").all_inner_texts()}
        assert {*part.people} <= names < {*model.task.people}
        shown = page.locator('#net-picture [data-key^="answer."]').count()
        assert len(part.people) <= shown == page.locator('#net-picture [data-key^="person."]').count() < 14
        y = page.evaluate('familyTrees.answers(familyTrees.data.people.indexOf("Ira"), 4)')
        expected = dict(model.ask("Ira", model.task.relations[4]).ranking)
        assert y == pytest.approx([expected[name] for name in model.task.people], abs=1e-5)
        page.locator('[data-key="person code.2"]').click()
        page.locator("#weights .cell").first.click()
        assert ("the sum over all training cases would take too long" in page.inner_text("#equations")) == heavy
        assert page.inner_text("#equations").count("summed over the") == (0 if heavy else 2)
        assert visit.sound()


def test_the_page_has_the_formulas_of_all_kinds_of_units() -> None:
    """The names in EQUATION_2 and SLOPES of the page are those of the units that the engine knows."""
    script = (ROOT / "family_trees" / "views" / "explorer" / "app.js").read_text(encoding="utf-8")

    def names(table: str) -> set[str]:
        found = re.search(rf"^const {table} = \{{(.*?)\}};", script, re.MULTILINE | re.DOTALL)
        assert found is not None
        return set(re.findall(r'"?([a-z-]+)"?: "', found[1]))

    assert names("EQUATION_2") == set(get_args(UnitKind))
    assert names("SLOPES") == set(get_args(HiddenKind))
