"""What a user imports: a dozen names, short reprs, `==` that works, and a notebook that uses all of it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import family_trees as ft
from family_trees.engine.recipe import DEFAULT
from family_trees.face import LeftOutWarning
from family_trees.models.model import Model
from family_trees.models.saved import load
from family_trees.models.successors import successor_recipe
from family_trees.models.training import Trained
from family_trees.support.content import same_content

NOTEBOOK = Path(__file__).with_name("notebook.ipynb")


def test_every_name_of_the_face_is_there() -> None:
    for name in ft.__all__:
        assert getattr(ft, name) is not None
    assert dir(ft) == sorted(ft.__all__)
    with pytest.raises(AttributeError, match=r"no attribute 'nothing'; it has .*FamilyTreesError"):
        ft.nothing  # noqa: B018
    with pytest.raises(AttributeError, match="did you mean"):
        ft.tran  # noqa: B018


@pytest.mark.parametrize("room", ["engine", "analysis", "studies", "figures"])
def test_every_name_of_a_room_is_there(room: str) -> None:
    module = getattr(ft, room)
    for name in module.__all__:
        assert getattr(module, name) is not None, name


def test_the_face_is_there_at_once() -> None:
    """Neither NumPy nor anything heavier is imported before it is used."""
    code = "import sys, family_trees; print({'numpy', 'pandas', 'matplotlib'} & {*sys.modules})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_training_takes_the_name_of_a_recipe(monkeypatch: pytest.MonkeyPatch, task: ft.Task) -> None:
    asked: list[tuple[ft.Recipe, object]] = []

    def watched(_task: ft.Task, recipe: ft.Recipe, **how: object) -> None:
        asked.append((recipe, how["held_out"]))

    monkeypatch.setattr("family_trees.face.train_networks", watched)
    ft.train(task)
    ft.train(task, "published", held_out=0)
    ft.train(ft.read_triples([("a", "r", "b"), ("b", "r", "a")]))
    assert asked == [(DEFAULT, 4), (ft.RECIPES["published"], 0), (successor_recipe("matrices", 2), 0)]
    with pytest.raises(ft.FamilyTreesError, match="did you mean published"):
        ft.train(task, "publishd")


def test_reprs_fit_on_three_lines(trained: Trained, model: Model) -> None:
    of_model = (model, model.curve, model.cases, model.recipe, model.architecture, model.task, load().trajectory)
    for value in (trained, *of_model, model.ask("Colin", "aunt"), model.state(25, changes=False)):
        assert len(repr(value)) <= 3 * 120, value
        assert repr(value).count("\n") <= 2


def test_models_are_equal_by_what_they_hold(model: Model, trained: Trained) -> None:
    assert trained.model(1) == model
    assert trained.model(0) != model
    assert model != "a model"
    changed = {connection: w + (connection.above == "answer") for connection, w in model.weights.items()}
    assert replace(model, weights=changed, trajectory=None) != model
    assert replace(trained, seed=6) != trained


def test_same_content() -> None:
    nan = np.array([1.0, np.nan])
    assert same_content({"a": [nan, (1, "x")]}, {"a": [nan.copy(), (1, "x")]})
    assert not same_content({"a": nan}, {"b": nan})
    assert not same_content(nan, nan.astype(np.float32))
    assert not same_content((1,), [1])
    assert not same_content((1, 2), (1,))


def test_notebooks_show_tables_in_which_names_are_only_text(model: Model, task: ft.Task) -> None:
    for value in (model, task, model.ask("Colin", "aunt")):
        assert value._repr_html_().startswith("<table><caption>")
    hostile = ft.Task(("<b>$x$", "b"), ("r",), (ft.read_triples([("<b>$x$", "r", "b")]).triples[0],))
    html = hostile._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;$x$" in html
    assert 'class="tex2jax_ignore"' in html


def test_triples_are_read_from_rows_tables_and_files(tmp_path: Path) -> None:
    rows = [("Ann", "likes", "Bob"), ("Bob", "likes", "Ann"), ("Ann", "likes", "Bob")]
    with pytest.warns(LeftOutWarning, match=r"rows: left out: 1 fact said twice \(line 3\)"):
        expected = ft.read_triples(rows)
    rows.pop()
    assert repr(expected) == "Task(2 entities, 1 relation, 2 facts, 2 cases)"
    assert ft.read_triples(pd.DataFrame(rows)) == expected
    path = tmp_path / "likes.csv"
    path.write_text("Ann,likes,Bob\nBob,likes,Ann\n")
    assert ft.read_triples(path) == expected
    assert ft.read_triples(str(path)) == expected
    for bad, told in (([("a", "b")], "row 1"), ([("a", "r", "b"), ("a", "", "b")], "row 2"), ([], "no facts")):
        with pytest.raises(ft.FamilyTreesError, match=told):
            ft.read_triples(bad)


def test_what_is_left_out_of_a_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("kind,person,sex,other,parent2\nperson,Ann,f,,\nperson,Bo,,,\nperson,Cy,m,,\nchild,Cy,,Ann,Bo\n")
    with pytest.warns(LeftOutWarning, match=r"mine.csv: left out: 1 fact about a person of unknown sex"):
        task = ft.read_tree(path)
    assert len(task.triples) == 3


@pytest.mark.slow
def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(ft.__file__).parents[1]))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    kinds = {kind for output in shown for kind in output.get("data", {})}
    assert {"text/html", "image/png"} <= kinds
    assert any("<progress" in str(output.get("data", {}).get("text/html", "")) for output in shown)
    assert not [output for output in shown if output["output_type"] == "error"]
