"""Families on the page: one of one's own, untrained; edits, from which facts and network follow; and model files."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from made_up import SMITHS, random_families, task_of
from test_explorer import data_in, page_file, shipped  # noqa: F401 - fixtures
from visiting import Visit, browser, browser_only, found_by, too_small  # noqa: F401 - a fixture

from family_trees.analysis.distinctions import distinctions
from family_trees.engine.recipe import DEFAULT, SMALL_BATCHES
from family_trees.families.people import Families, Triple
from family_trees.families.readers.tree import read_tree
from family_trees.families.relations import RELATIONS, derive_triples
from family_trees.families.task import Case, Task
from family_trees.models.layered import family_network
from family_trees.models.saved import load, save
from family_trees.models.training import train, usual_held_out
from family_trees.support.data import data_file
from family_trees.support.errors import FamilyTreesError
from family_trees.views.explorer.page import explorer_page
from family_trees.views.explorer.page_data import untrained_model

# ruff: noqa: F811 - fixtures of other files

SEX_SIGNS = {"male": "m", "female": "f", None: ""}


def csv_of(families: Families) -> str:
    """A family as our CSV."""
    rows = ["kind,person,sex,other,parent2,born,died"]
    rows += [f"person,{person.name},{SEX_SIGNS[person.sex]},,,," for person in families.people]
    rows += [f"marriage,{one},,{other},,," for one, other in families.marriages]
    rows += [f"child,{child},,{','.join((*parents, '')[:2])},," for child, *parents in families.births]
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def family_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a family of 14, as the command writes it."""
    folder = tmp_path_factory.mktemp("family")
    (folder / "smiths.csv").write_text(csv_of(SMITHS), encoding="utf-8")
    command = [sys.executable, "-m", "family_trees", "explore", "--tree", "smiths.csv", "--out", "page.html"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "page.html"


def own_network(task: Task, **changes: Any) -> Any:
    """Network 0 of seed 0 of a family, as `train --tree` makes it."""
    network = family_network(len(task.people), len(task.relations))
    recipe = replace(SMALL_BATCHES, **changes)
    return train(task, recipe, architecture=network, held_out=usual_held_out(task)).model(0)


@browser_only
def test_a_family_of_14_is_trained_in_the_page_as_on_the_command_line(browser: Any, family_page: Path) -> None:
    data = data_in(family_page.read_text(encoding="utf-8"))
    task = read_tree(family_page.parent / "smiths.csv").task()
    assert (data["fingerprint"], data["recorded"], data["recipe"]["name"]) == ("", None, "small-batches")
    with Visit(browser, family_page) as visit:
        assert visit.page.inner_text("#sweep") == "Sweep 0"
        assert not visit.page.is_visible("#tour-start")
        assert not visit.page.is_visible("#tab-window")
        visit.at(1000)
        assert visit.page.evaluate("familyTrees.fingerprint()") == own_network(task).fingerprint
        visit.tab("keep")
        assert visit.page.inner_text("#command") == "family-trees train --tree FILE --recipe small-batches"
        for tab in visit.page.locator("#tabs button:not([hidden])").all():
            tab.click()
        assert visit.sound()


def test_a_family_that_is_too_large_is_told_what_to_do() -> None:
    people = tuple(f"P{k}" for k in range(61))
    facts = tuple(Triple(one, "knows", other) for one, other in pairwise(people))
    with pytest.raises(FamilyTreesError, match=r"61 people, and the page trains 60 at most; 'family-trees train"):
        untrained_model(Task(people, ("knows",), facts))


def as_edited(families: Families) -> dict[str, Any]:
    """A family as the page holds it."""
    place = {person.name: k for k, person in enumerate(families.people)}
    return {
        "people": [person.name for person in families.people],
        "sexes": [person.sex for person in families.people],
        "marriages": [[place[one], place[other]] for one, other in families.marriages],
        "births": [[place[name] for name in birth] for birth in families.births],
    }


@browser_only
def test_facts_of_a_family_follow_as_in_python(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file) as visit:

        @settings(max_examples=60)
        @given(random_families(16))
        def check(families: Families) -> None:
            triples = derive_triples(families)
            named = {name for one, _, other in triples for name in (one, other)}
            people = tuple(person.name for person in families.people if person.name in named)
            known = {relation for _, relation, _ in triples}
            task = Task(people, tuple(word for word in RELATIONS if word in known), triples)
            found = visit.page.evaluate("(family) => familyTrees.facts(family)", as_edited(families))
            assert found["people"] == list(task.people)
            assert found["relations"] == list(task.relations)
            assert found["cases"] == [
                [task.person_index[c.person], task.relation_index[c.relation], [task.person_index[a] for a in answers]]
                for c, answers in task.answers.items()
            ]
            if task.relations:
                layers = family_network(len(task.people), len(task.relations)).layers
                assert [each["units"] for each in found["layers"]] == [layer.units for layer in layers]

        check()
        for families in (SMITHS,):
            task = task_of(families)
            found = visit.page.evaluate("(family) => familyTrees.facts(family)", as_edited(families))
            for group, names in (("person", task.people), ("relation", tuple(found["relations"]))):
                expected = distinctions(group, Task(task.people, tuple(found["relations"]), task.triples))
                assert [each["name"] for each in found["groups"][group]] == [each.name for each in expected]
                for own, each in zip(found["groups"][group], expected, strict=True):
                    assert partition(own["groups"]) == partition(each.group_numbers(names).tolist()), each.name


def partition(numbers: list[int]) -> list[int]:
    """Numbers of groups, counted in the order in which they first come; -1 stays."""
    known = list(dict.fromkeys(n for n in numbers if n >= 0))
    return [known.index(n) if n >= 0 else -1 for n in numbers]


@browser_only
def test_edits_change_facts_and_network_as_the_command_line_has_them(
    browser: Any, page_file: Path, tmp_path: Path
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with Visit(browser, page_file, "#tab=family&person=Colin&relation=aunt&network=2") as visit:
        page = visit.page

        def fill(field: str, text: str) -> None:
            page.fill(field, text)
            page.keyboard.press("Enter")

        fill("#edit-name", "Charlotte")
        assert page.inner_text("#edit-problem") == "Somebody has this name already."
        fill("#edit-name", "Col")
        assert page.inner_text("#answer").startswith("Col's ")
        fill("#edit-spouse", "Zoe, the <b>second</b>")
        page.locator(".person", has_text="Col").first.click()
        page.select_option("#edit-parent", label="Zoe, the <b>second</b>")
        fill("#edit-child", "Ned")
        assert len(page.evaluate("familyTrees.task.people")) == 26
        page.locator(".person", has_text="Ned").click()
        page.locator("#relations button", has_text="aunt").click()
        assert "Charlotte" in page.inner_text("#answer")
        page.locator(".person", has_text="Sophia").click()
        page.click("#edit-remove")
        assert "Sophia" not in page.inner_text("#trees-box")
        with page.expect_download() as download:
            page.click("#edit-save")
        path = tmp_path / download.value.suggested_filename
        path.write_bytes(Path(download.value.path()).read_bytes())
        task = read_tree(path).task()
        assert list(task.people) == page.evaluate("familyTrees.task.people")
        network = family_network(len(task.people), len(task.relations))
        recipe = replace(DEFAULT, sweeps=60)
        model = train(task, recipe, architecture=network, first=2, held_out=usual_held_out(task)).model(0)
        visit.at(60)
        assert page.evaluate("familyTrees.fingerprint()") == model.fingerprint
        visit.tab("keep")
        assert "--tree family.csv --recipe larger-steps --sweeps 60 --network 2" in page.inner_text("#command")
        link = page.evaluate("familyTrees.hash()")
        visit.tab("family")
        assert found_by(Axe(), page) == []
        assert too_small(page) == []
        page.click("#edit-undo")
        assert len(page.evaluate("familyTrees.task.people")) == 24
        assert visit.sound()
    with Visit(browser, page_file, link) as again:
        again.shown(60)
        assert again.page.evaluate("familyTrees.fingerprint()") == model.fingerprint
        assert again.sound()


@browser_only
@pytest.mark.parametrize(
    "text",
    [
        *("x", "[]", '[["A","B"],"mf",[[0,1]],[]]', '[["A","A","B"],"mff",[[0,1]],[[2,0,1]]]'),
        *('[["A","B","C"],"mff",[[0,1]],[[2,0,1],[0,2]]]', '[["A","B","C"],"mff",[[0,9]],[[2,0,1]]]'),
    ],
)
def test_a_family_that_cannot_be_is_passed_over(browser: Any, page_file: Path, text: str) -> None:
    with Visit(browser, page_file) as visit:
        visit.page.evaluate(f"location.hash = '#' + new URLSearchParams({{ family: {text!r} }})")
        visit.page.wait_for_timeout(50)
        assert len(visit.page.evaluate("familyTrees.task.people")) == 24
        assert visit.sound()


@browser_only
def test_two_who_cannot_marry(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, "#tab=family&person=Colin&relation=aunt") as visit:
        for name in ("Christopher", "Victoria"):
            visit.page.select_option("#edit-old", label=name)
            visit.page.click('[data-key="editMarryOld"]')
            assert visit.page.inner_text("#edit-problem").startswith("These two cannot marry")
        visit.page.select_option("#edit-old", label="Sophia")
        visit.page.click('[data-key="editMarryOld"]')
        assert visit.page.inner_text("#edit-problem") == ""
        visit.page.locator("#relations button", has_text="wife").click()
        assert "Sophia" in visit.page.inner_text("#answer")
        assert visit.sound()


# -- model files


@browser_only
@pytest.mark.parametrize(
    "link", ["sweep=37", "sweep=0", "sweep=60&recipe=cross-entropy&network=3&seed=18446744073709551615"]
)
def test_a_network_of_the_page_is_a_model_of_the_package(
    browser: Any, page_file: Path, tmp_path: Path, link: str
) -> None:
    with Visit(browser, page_file, f"#tab=keep&{link}") as visit:
        visit.shown(int(link.split("sweep=")[1].split("&")[0]))
        with visit.page.expect_download() as download:
            visit.page.click("#save-model")
        fingerprint = visit.page.evaluate("familyTrees.fingerprint()")
        answers = visit.page.evaluate("familyTrees.answers(5, 11)")
        path = tmp_path / download.value.suggested_filename
        path.write_bytes(Path(download.value.path()).read_bytes())
    model = load(path)
    assert model.fingerprint == fingerprint
    asked = dict(model.ask("Colin", "aunt").ranking)
    assert [asked[name] for name in model.task.people] == answers
    again = train(
        model.task, model.recipe, seed=model.seed, first=model.number, held_out=model.held_out, trajectory=True
    ).model(0)
    assert again.fingerprint == fingerprint
    assert model.trajectory is not None
    assert again.curve.squared_error[0, -1] == pytest.approx(model.curve.squared_error[0, -1], rel=1e-9)
    assert again.curve.training_right[0, -1] == model.curve.training_right[0, -1]


@browser_only
def test_models_of_the_command_line_open_in_the_page(
    browser: Any, page_file: Path, family_page: Path, tmp_path: Path
) -> None:
    save(own_network(task_of(SMITHS), sweeps=40), tmp_path / "smiths.npz")
    save(replace(load(), arithmetic=None), tmp_path / "old.npz")
    (tmp_path / "no.npz").write_bytes(b"PK" + bytes(100))
    (tmp_path / "cut.npz").write_bytes((tmp_path / "smiths.npz").read_bytes()[:9000])
    with Visit(browser, page_file, "#tab=keep&lang=ko") as visit:
        page = visit.page
        for name in ("no.npz", "cut.npz"):
            page.set_input_files("#open-model", tmp_path / name)
            page.wait_for_function("document.getElementById('kept').textContent.includes('열 수 없습니다')")
            assert len(page.evaluate("familyTrees.task.people")) == 24
        page.set_input_files("#open-model", tmp_path / "smiths.npz")
        page.wait_for_function("familyTrees.task.people.length === 14")
        assert page.get_attribute("html", "lang") == "ko"
        visit.at(40)
        assert page.evaluate("familyTrees.fingerprint()") == load(tmp_path / "smiths.npz").fingerprint
        assert page.locator(".person").count() == 14
        assert visit.sound()
    with Visit(browser, family_page, "#tab=keep") as visit:
        visit.page.set_input_files(
            "#open-model", tmp_path / "old.npz"
        )  # of an earlier arithmetic: its moments are shown
        visit.page.wait_for_function("familyTrees.task.people.length === 24")
        visit.at(1500)
        assert visit.page.evaluate("familyTrees.fingerprint()") == load().fingerprint
        visit.page.set_input_files("#open-model", data_file("model.npz"))
        visit.page.wait_for_function("familyTrees.session.lab.exact && familyTrees.task.people.length === 24")
        visit.at(1500)
        visit.tab("keep")
        assert "equal to that of the model file" in visit.page.inner_text("#fingerprint-help")
        assert visit.sound()


@browser_only
def test_equations_are_copied_as_latex(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, "#person=Colin&relation=aunt&unit=central.1&tab=equations") as visit:
        visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
        visit.page.click('[data-key="latex"]')
        text = visit.page.evaluate("navigator.clipboard.readText()")
        assert "\\tag{1}" in text
        assert "x_{j} = \\sum_{i} y_{i} w_{ji} = " in text
        assert text.count("\\[") == text.count("\\]") == visit.page.locator("#panel .equation").count()


def test_a_page_of_an_untrained_family_has_no_fingerprint() -> None:
    model = untrained_model(task_of(SMITHS))
    data = data_in(explorer_page(model, untrained=True))
    assert data["fingerprint"] == ""
    assert data["tree"] is True
    assert data["heldOut"] == [k for k, case in enumerate(model.task.cases) if case in model.held_out]
    assert Case("Kit", "father") in model.task.answers
