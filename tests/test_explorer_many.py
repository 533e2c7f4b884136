"""Many networks on the page: twenty at once, and the map of the window."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_explorer import data_in, page_file, shipped  # noqa: F401 - fixtures
from visiting import Visit, browser, browser_only  # noqa: F401 - a fixture
from write_window import TARGET, window

from family_trees.engine.recipe import DEFAULT
from family_trees.families.task import Task
from family_trees.models.training import train

# ruff: noqa: F811 - fixtures of other files


@browser_only
def test_twenty_networks_are_those_of_the_package(browser: Any, page_file: Path, task: Task) -> None:
    trained = train(task, replace(DEFAULT, sweeps=100), networks=20, held_out=4)
    with Visit(browser, page_file, "#sweeps=100&tab=twenty") as visit:
        page = visit.page
        page.click("#twenty-start")
        page.wait_for_function("familyTrees.twenty().filter((each) => each?.sweep === 100).length === 20")
        found = page.evaluate("familyTrees.twenty().map(({ count, heldCount }) => [count, heldCount])")
        curve = trained.curve
        assert found == [
            [int(right), int(held)]
            for right, held in zip(curve.training_right[:, -1], curve.held_out_right[:, -1], strict=True)
        ]
        page.wait_for_function("document.querySelectorAll('.tile:not([hidden])').length === 20")
        label = page.get_attribute(".tile:nth-child(8)", "aria-label")
        assert label == f"Network 7: {found[7][0]} of 100 training cases right, {found[7][1]} of 4 held out"
        assert "of 20 networks have all their training cases right" in page.inner_text("#twenty-sum")
        page.click(".tile:nth-child(8)")
        assert page.input_value("#number") == "7"
        visit.at(100)
        assert page.evaluate("familyTrees.fingerprint()") == trained.model(7).fingerprint
        assert visit.sound()


@browser_only
def test_a_link_starts_the_twenty(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, "#sweeps=20&tab=twenty&twenty=1&recipe=published") as visit:
        visit.page.wait_for_function("familyTrees.twenty().filter(Boolean).length === 20")
        visit.page.wait_for_function("document.getElementById('twenty-sum').textContent.startsWith('0 of 20')")
        visit.page.select_option("#recipe", "larger-steps")  # another recipe: another twenty
        visit.page.wait_for_function("document.getElementById('twenty-sum').textContent.includes('Sweep')")
        assert visit.sound()


@browser_only
@pytest.mark.parametrize(
    ("link", "where"),
    [
        ("recipe=published", "It lies below the window"),
        ("recipe=larger-steps", "It lies in the window"),
        ("recipe=published&epsilon=0.3&range=4", "It lies above the window"),
        ("recipe=published&epsilon=0.9", "It lies outside of this map"),
        ("recipe=cross-entropy", "It lies in the window"),
        ("decay=0", "others: decay"),
    ],
)
def test_the_map_says_where_the_recipe_stands(browser: Any, page_file: Path, link: str, where: str) -> None:
    with Visit(browser, page_file, f"#tab=window&{link}") as visit:
        assert where in visit.page.inner_text(".w-here")
        cells = visit.page.locator(".w-cell")
        assert cells.count() == 120
        cells.first.focus()
        visit.page.keyboard.press("Enter")
        assert visit.page.evaluate("familyTrees.view.recipe.initial_range") == 0.3
        assert visit.page.evaluate("familyTrees.view.recipe.epsilon[1]") == 0.001
        assert visit.sound()


@pytest.mark.committed
def test_the_map_is_that_of_the_studies(shipped: str) -> None:
    assert json.loads(TARGET.read_text(encoding="utf-8")) == window()
    assert data_in(shipped)["window"] == window()
