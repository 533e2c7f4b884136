"""The tab "Successor" of the page: matrices that learn beside the network, as the command line trains them."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from test_explorer import data_in, page_file, shipped  # noqa: F401 - fixtures
from visiting import Visit, browser, browser_only, found_by, too_small  # noqa: F401 - a fixture

from family_trees.cli import cli
from family_trees.families.task import Case, Task
from family_trees.models.model import Model
from family_trees.models.successors import learner_for, successor_recipe
from family_trees.models.training import train
from family_trees.views.explorer.page import WORKER_MODULES, explorer_page, joined_modules

# ruff: noqa: F811 - fixtures of other files

ARTHUR = "tab=successor&sweep=1500&person=Arthur&relation=wife&out=2-1"  # Arthur wife
TIMES = "\N{MULTIPLICATION SIGN}"
DONE = "familyTrees.now.sweep === 1500 && familyTrees.successor().done"


def matrices(task: Task, number: int = 0, held_out: int | tuple[Case, ...] = 4, seed: int = 0) -> Model:
    recipe = successor_recipe("matrices", 100)
    architecture = learner_for(task, "matrices")
    return train(task, recipe, seed=seed, first=number, held_out=held_out, architecture=architecture).model()


def test_the_data_have_a_recipe_for_every_number_of_cases(shipped: str) -> None:
    successor = data_in(shipped)["successor"]
    for cases in (1, 100, 128, 129, 1000, 1400):
        recipe = successor["recipes"][-(-cases // successor["batch"]) - 1]
        assert recipe == json.loads(json.dumps(asdict(successor_recipe("matrices", cases))))


@browser_only
@pytest.mark.parametrize(
    ("fragment", "number", "seed", "held_out"),
    [
        ("#tab=successor&sweep=1500&network=0", 0, 0, 4),
        (f"#{ARTHUR}&network=3&seed=5", 3, 5, (Case("Arthur", "wife"),)),
    ],
)
def test_the_fingerprint_is_that_of_the_command_line(
    browser: Any,
    page_file: Path,
    task: Task,
    fragment: str,
    number: int,
    seed: int,
    held_out: int | tuple[Case, ...],
    tmp_path: Path,
) -> None:
    with Visit(browser, page_file, fragment) as visit:
        visit.page.wait_for_function(DONE)
        found = visit.page.inner_text("#successor-fingerprint")
        command = shlex.split(visit.page.inner_text("#successor-command"))
        assert visit.sound()
    assert found == matrices(task, number, held_out, seed).fingerprint
    told = CliRunner().invoke(cli, [*command[1:], "--out", str(tmp_path / "matrices.npz")])
    assert re.findall(r"fingerprint +(\w+)", told.stdout) == [found]


@browser_only
def test_the_network_is_wrong_about_arthur_and_the_successor_says_margaret(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, f"#{ARTHUR}&network=0") as visit:
        page = visit.page
        page.wait_for_function(DONE)
        rows = page.locator(".beside tbody tr")
        assert rows.nth(1).inner_text().split("\t")[1:] == ["103 of 103", "103 of 103"]
        assert rows.nth(2).inner_text().split("\t")[1:] == ["0 of 1", "1 of 1"]
        question, network, successor = rows.nth(3).inner_text().split("\t")
        assert question == "Arthur's wife?"
        assert network.endswith("✗")
        assert successor == "Margaret ✓"
        names = page.locator(".matrices figcaption").all_inner_texts()
        assert names == ["wife", "Arthur", "product", "Margaret"]
        assert (
            page.locator(".matrices canvas").nth(1).get_attribute("aria-label")
            == f"Matrix of 6 {TIMES} 6 numbers: Arthur"
        )
        page.locator(".person", has_text="Colin").click()
        page.locator("#relations button", has_text="aunt").click()
        assert rows.nth(3).inner_text().split("\t")[2] == "Margaret, Jennifer ✓"
        page.locator(".chips button").first.click()
        assert rows.nth(3).inner_text().split("\t")[0] == "Arthur's wife?"
        assert visit.sound()


@browser_only
def test_where_no_worker_is_allowed_the_page_trains_the_same_matrices(
    browser: Any, page_file: Path, task: Task
) -> None:
    forbidden = "window.Worker = class { constructor() { throw new Error('forbidden'); } };"
    with Visit(browser, page_file, f"#{ARTHUR}&network=0", before=forbidden) as visit:
        visit.page.wait_for_function(DONE)
        found = visit.page.inner_text("#successor-fingerprint")
        assert found == matrices(task, 0, (Case("Arthur", "wife"),)).fingerprint
        assert visit.sound()


@browser_only
def test_both_train_side_by_side_and_go_back_to_the_same_matrices(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, "#tab=successor&speed=3&network=0") as visit:
        page = visit.page
        first = page.inner_text("#successor-fingerprint")
        page.click("#successor-train")
        page.wait_for_function(DONE)
        last = page.inner_text("#successor-fingerprint")
        visit.at(0)
        assert page.inner_text("#successor-fingerprint") == first != last
        visit.at(1200)  # their own last sweep is 1000
        assert page.inner_text("#successor-fingerprint") == last
        page.evaluate("familyTrees.dispatch({type: 'network', number: 1})")
        assert page.evaluate("familyTrees.successor().sweep") == 0
        assert visit.sound()


@browser_only
def test_batches_are_trained_to_the_last_bit(browser: Any, page_file: Path, task: Task) -> None:
    recipe = replace(successor_recipe("matrices", 100), batch=16, sweeps=30)
    trained = train(task, recipe, seed=2, first=7, held_out=5, architecture=learner_for(task, "matrices", 3))
    held = {*trained.held_out[0]}
    out = [k for k, case in enumerate(task.cases) if case in held]
    body = """({ recipe, cases, out }) => {
      const hot = (size, places) => Float64Array.from({ length: size }, (_, k) => Number(places.includes(k)));
      const all = cases.map(([person, relation, answers], k) => ({ heldOut: out.includes(k), desired: hot(24, answers),
        inputs: { person: hot(24, [person]), relation: hot(12, [relation]) } }));
      const trainer = makeTrainer(makeMatrices(24, 12, 3), recipe, all, { seed: 2, number: 7 });
      return trainer.trainTo(recipe.sweeps).fingerprint();
    }"""
    with Visit(browser, page_file) as visit:
        program = f"(given) => {{ {joined_modules(WORKER_MODULES)}\nreturn ({body})(given); }}"
        cases = visit.page.evaluate("familyTrees.data.cases")
        given = {"recipe": asdict(recipe), "cases": cases, "out": out}
        assert visit.page.evaluate(program, given) == trained.fingerprints[0]


@browser_only
@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_tab_is_accessible(browser: Any, page_file: Path, lang: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for dark in (False, True):
        fragment = f"#tour=8&{ARTHUR}&network=0&lang={lang}"
        with Visit(browser, page_file, fragment, width=width, dark=dark) as visit:
            visit.page.wait_for_function(DONE)
            visit.page.evaluate("familyTrees.dispatch({type: 'set', patch: {section: 'tabs'}})")
            assert visit.page.is_visible("#successor-train")
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
            assert too_small(visit.page) == []
            assert found_by(Axe(), visit.page) == []
            assert visit.sound()


def test_a_page_of_a_part_of_a_family_has_no_successor(task: Task) -> None:
    from family_trees.views.explorer.page_data import people_on_page

    model = train(task, replace(successor_recipe("matrices", 100), sweeps=0, error_signal="squared")).model()
    page = explorer_page(model, people_on_page(model, "Colin", 5))
    assert data_in(page)["successor"] is None
