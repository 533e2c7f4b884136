"""Fifty hostile names in every command and on every page: no script runs, nothing is requested, nothing breaks."""

# ruff: noqa: F811 - fixtures of another file
from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hostile_names import HOSTILE_NAMES
from test_explorer import data_in
from visiting import Visit, browser, browser_only  # noqa: F401 - a fixture

from family_trees.cli import cli
from family_trees.engine.recipe import DEFAULT
from family_trees.families.people import Triple
from family_trees.families.readers.tree import read_tree
from family_trees.families.task import Task
from family_trees.models.model import Model
from family_trees.models.saved import load
from family_trees.models.training import train
from family_trees.support.spreadsheets import safe_for_spreadsheets
from family_trees.views.explorer.page import explorer_page
from family_trees.views.explorer.page_data import people_on_page


def run(*words: str | Path) -> Result:
    """A command that must not fail, and that prints nothing but readable lines."""
    done = CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert all(line.isprintable() for line in re.split("[\r\n]", done.output)), words
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with `family.csv`, in which all 50 are one family, and with `family.npz`, trained on it."""
    path = tmp_path_factory.mktemp("hostile")
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["kind", "person", "sex", "other", "parent2"])
    rows.writerows(["person", name, "mf"[k % 2]] for k, name in enumerate(HOSTILE_NAMES))
    rows.writerows(["marriage", HOSTILE_NAMES[k], "", HOSTILE_NAMES[k + 1]] for k in range(0, 50, 2))
    rows.writerows(
        ["child", HOSTILE_NAMES[k], "", *HOSTILE_NAMES[2 * (k // 4) : 2 * (k // 4) + 2]] for k in range(4, 50)
    )
    (path / "family.csv").write_text(text.getvalue(), encoding="utf-8")
    run("train", "--tree", path / "family.csv", "--learner", "network", "--sweeps", "2", "--out", path / "family.npz")
    yield path
    assert {each.name for each in path.iterdir()} <= {"family.csv", "family.npz", "drawn", "page.html"}


def test_there_are_fifty_and_all_are_read(folder: Path) -> None:
    assert len({*HOSTILE_NAMES}) == 50
    people = read_tree(folder / "family.csv").people
    assert len(people) == 50
    assert all(name.isprintable() for name in people)


def test_every_person_is_found_and_asked(folder: Path) -> None:
    model = load(folder / "family.npz")
    for name in model.task.people:
        assert model.task.find_person(name) == name
    for case in model.task.cases[::9]:
        assert model.task.find_case(str(case)) == case
        asked = json.loads(run("query", "--model", folder / "family.npz", "--json", "--", *case).stdout)
        assert (asked["person"], asked["relation"]) == tuple(case)
        assert case.person in run("query", "--model", folder / "family.npz", "--", *case).stdout


@pytest.mark.parametrize("place", range(0, 50, 7))
def test_explained(folder: Path, place: int) -> None:
    model = load(folder / "family.npz")
    case = next(case for case in model.task.cases if case.person == model.task.people[place])
    for form in ([], ["--markdown"]):
        told = run("explain", "--model", folder / "family.npz", *form, "--", *case).stdout
        assert "nan" not in told.split()


def test_checked_and_analysed(folder: Path) -> None:
    where = ("--model", folder / "family.npz")
    assert "least likely" in run("check", *where, "--tree", folder / "family.csv", "--top", "400").stdout
    table = run("check", *where, "--csv", "--top", "400").stdout
    for row in csv.reader(io.StringIO(table)):
        assert all(safe_for_spreadsheets(cell) == cell for cell in row if cell[:1] != "'")
    assert json.loads(run("analyse", *where, "--json").stdout)
    run("analyse", *where)
    run("facts", "--tree", folder / "family.csv")


@pytest.fixture(scope="module")
def drawings(folder: Path) -> list[Path]:
    """The figures as SVG."""
    out = folder / "drawn"
    run("figures", "--model", folder / "family.npz", "--out", out, "--format", "svg", "--people", "60")
    return sorted(out.glob("*.svg"))


@pytest.mark.parametrize("form", ["png", "pdf"])
def test_drawn(folder: Path, form: str) -> None:
    run("figures", "--model", folder / "family.npz", "--out", folder / "drawn", "--format", form, "--people", "60")
    assert len([*(folder / "drawn").glob(f"*.{form}")]) > 4


def test_drawings_hold_nothing_that_runs(drawings: list[Path]) -> None:
    assert len(drawings) > 4
    for path in drawings:
        root = ElementTree.parse(path).getroot()  # noqa: S314 - our own file
        for element in root.iter():
            assert element.tag.rpartition("}")[2] not in ("script", "iframe", "foreignObject", "a")
            for key, value in element.attrib.items():
                name = key.rpartition("}")[2]
                assert not name.startswith("on")
                assert name != "href" or value.startswith(("#", "data:image/png;base64,"))


def raw_model() -> Model:
    """A network whose people have the 50 names as they are, without a reader that cleans them."""
    names = HOSTILE_NAMES
    facts = [Triple(names[k], names[(k + 7) % 50], names[(k + 1) % 50]) for k in range(50)]
    recipe = replace(DEFAULT, sweeps=2)
    return train(Task(names, names, tuple(facts)), recipe, held_out=1, trajectory=True).model(0)


@pytest.fixture(scope="module")
def pages(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The page of the trained family, and the page of the names as they are."""
    run("explore", "--model", folder / "family.npz", "--out", folder / "page.html", "--people", "60")
    model = raw_model()
    raw = tmp_path_factory.mktemp("raw") / "raw.html"
    part = people_on_page(model, most=60)
    raw.write_text(explorer_page(model, part), encoding="utf-8")
    return [folder / "page.html", raw]


@pytest.mark.parametrize("which", [0, 1])
def test_the_page_holds_the_names_as_data(pages: list[Path], which: int) -> None:
    text = pages[which].read_text(encoding="utf-8")
    assert text.count("<script") == text.count("</script>") == 3
    assert len(data_in(text)["people"]) == 50


VISIT_EVERYBODY = """async () => {
  const { data } = familyTrees, wrong = [];
  for (const [k, name] of data.people.entries()) {
    const [, relation] = data.cases.find(([person]) => person === k);
    const person = document.querySelectorAll(".person")[k];
    for (const kind of ["mouseover", "focus", "click"]) person.dispatchEvent(new Event(kind, { bubbles: true }));
    const parts = { person: name, relation: data.relations[relation], unit: `answer.${k}`, off: name, lang: name };
    location.hash = `#${new URLSearchParams(parts)}`;
    await new Promise((done) => setTimeout(done));
    const { view } = familyTrees;
    if (view.person !== k || view.relation !== relation || view.off.size || view.lang !== "en") wrong.push(name);
    if (!document.getElementById("answer").textContent.startsWith(name)) wrong.push(name);
    if (k % 10 === 0) for (const get of ["csv", "numbers", "picture"]) if (!familyTrees[get]()) wrong.push(name);
  }
  return wrong;
}"""
"""Click everybody, then ask for them in a link."""


@browser_only
@pytest.mark.parametrize("which", [0, 1])
def test_in_a_browser_nothing_runs_and_nothing_is_asked_for(browser: Any, pages: list[Path], which: int) -> None:
    with Visit(browser, pages[which]) as visit:
        assert visit.page.locator(".person").count() == 50
        assert visit.page.evaluate(VISIT_EVERYBODY) == []
        assert visit.page.evaluate("window.ran") is None
        assert visit.page.locator("script").count() == 3
        assert visit.page.locator("img, iframe, link[rel=stylesheet], a[href^=javascript]").count() == 0
        picture = visit.page.evaluate("familyTrees.picture()")
        assert ElementTree.fromstring(picture).tag.endswith("svg")  # noqa: S314
        assert visit.sound()


@browser_only
def test_drawings_in_a_browser(browser: Any, drawings: list[Path]) -> None:
    for path in drawings:
        with Visit(browser, path) as visit:
            assert visit.page.evaluate("window.ran") is None
            assert visit.sound()
