"""The figures of any tree are read back from their drawing, and drawn on the command line."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from made_up import SMITHS, random_families, task_of
from matplotlib.patches import Circle
from test_figures import overlapping, squares, texts
from test_kinship import ANIMALS

from family_trees.engine.network import Architecture, Connection
from family_trees.engine.recipe import DEFAULT
from family_trees.families.drawing import drawing_of
from family_trees.families.kinship import ShownPeople
from family_trees.families.of_1986 import PAGE_FIELD, trees_of_1986
from family_trees.families.pedigree import pedigree
from family_trees.families.people import Families, Triple
from family_trees.families.task import Case, Task
from family_trees.models.layered import family_network
from family_trees.models.model import Model
from family_trees.models.saved import load, save
from family_trees.models.training import train
from family_trees.support.errors import FamilyTreesError
from family_trees.views.figures.activities import draw_activities
from family_trees.views.figures.codes import draw_people, draw_similarity, person_codes, similarity_matrices
from family_trees.views.figures.layout import LONGEST_NAME, short_name
from family_trees.views.figures.of_model import draw
from family_trees.views.figures.style import fonts_for, save_figure
from family_trees.views.figures.trees import draw_trees
from family_trees.views.figures.units import draw_usefulness
from family_trees.views.figures.view import (
    View,
    check_paper_layers,
    is_paper_network,
    paper_view,
    pedigree_view,
    view_of,
)
from family_trees.views.figures.weights import draw_weights


def model_of(task: Task, sizes: tuple[int, int, int, int] | None = None) -> Model:
    network = family_network(len(task.people), len(task.relations), sizes)
    return train(task, replace(DEFAULT, sweeps=20), architecture=network, held_out=1).model(0)


@pytest.fixture(scope="module")
def smiths() -> Model:
    return model_of(task_of(SMITHS), (16, 6, 30, 14))


def test_figure_2_has_everybody_once(smiths: Model) -> None:
    figure = draw_trees(view_of(smiths))
    assert sorted(texts(figure)) == sorted(smiths.task.people)
    assert not overlapping(figure)


@settings(max_examples=15, deadline=None)
@given(random_families(most=16))
def test_any_pedigree_can_be_drawn(families: Families) -> None:
    people = tuple(person.name for person in families.people)
    figure = draw_trees(View(ShownPeople(people, len(people)), (), (), (drawing_of(pedigree(families)),)))
    assert sorted(texts(figure)) == sorted(people)
    assert not overlapping(figure)


def test_figure_3_area_is_activity(smiths: Model) -> None:
    shown = view_of(smiths, "Kit", 4)
    assert {*shown.people} == {"Kit", "Gus", "Joy", "Hua"}
    case = Case("Ira", "father")  # neither of them is shown
    figure = draw_activities(smiths, case, shown)
    y = smiths.activities(case)
    of_answers = dict(zip(smiths.task.people, y["answer"][0, 0], strict=True))
    said = {name for name, value in of_answers.items() if value > 0.5}
    beyond = [name for name in dict.fromkeys(["Ira", "Eli", *said]) if name not in shown.people][:6]
    hidden = np.concatenate([y[name].ravel() for name in ("person code", "relation code", "central", "penultimate")])
    expected = [of_answers[name] for name in (*shown.people, *beyond)]
    drawn = [area for _, area, _ in squares(figure)]
    start = len(expected)  # the input stands before
    np.testing.assert_allclose(drawn[start : 2 * start], 0.94**2 * np.array(expected), atol=1e-12)
    np.testing.assert_allclose(drawn[2 * start + 12 :], 0.94**2 * hidden, atol=1e-12)
    assert len([dot for dot in figure.findobj(Circle) if isinstance(dot, Circle)]) == 1
    assert {"Ira has-father ?", "not in this part", "generation 2", "person\ncode\n16 units"} <= {*texts(figure)}
    assert not overlapping(figure)


@pytest.mark.parametrize("group", ["person", "relation"])
def test_figure_4_has_a_column_a_unit(smiths: Model, group: Literal["person", "relation"]) -> None:
    figure = draw_weights(smiths, group, view_of(smiths, "Kit", 6))
    weights = smiths.weights[Connection(group, f"{group} code")][0]
    names = 6 if group == "person" else 12
    drawn = squares(figure)
    assert len(drawn) == names * weights.shape[1]
    shown = (
        weights
        if group == "relation"
        else weights[[smiths.task.person_index[n] for n in texts(figure)[3:] if n in smiths.task.person_index]]
    )
    assert sum(area for _, area, _ in drawn) == pytest.approx(0.94**2 * np.abs(shown).sum() / np.abs(shown).max())
    units = [text.split(":")[0] for text in texts(figure) if text.startswith("unit ")]
    assert sorted(units) == sorted(f"unit {k + 1}" for k in range(weights.shape[1]))
    assert not overlapping(figure)


def test_the_part_is_named(smiths: Model) -> None:
    shown = view_of(smiths, "Kit", 6)
    for figure in (
        draw_trees(shown),
        draw_activities(smiths, smiths.task.cases[0], shown),
        draw_weights(smiths, "person", shown),
        draw_people(person_codes(smiths, shown), shown),
        draw_similarity({"": similarity_matrices(smiths, shown)}, shown),
    ):
        assert any("6 of 14 people, around Kit" in text for text in texts(figure))


def test_long_names_are_cut_but_for_what_tells_them_apart() -> None:
    assert short_name("Charlotte") == "Charlotte"
    for end in ("(1661-1711)", "#12"):
        name = f"Marie-Antoinette Josèphe Jeanne de Habsbourg-Lorraine {end}"
        assert len(short_name(name)) <= LONGEST_NAME
        assert short_name(name).endswith(f"\u2026 {end}")


def test_the_network_of_the_paper_is_drawn_as_in_the_paper(tmp_path: Path) -> None:
    model = load()
    assert is_paper_network(model)
    draw(model, tmp_path)
    save_figure(draw_weights(model, "person"), tmp_path / "expected.png")
    assert (tmp_path / "fig4-people.png").read_bytes() == (tmp_path / "expected.png").read_bytes()
    assert not is_paper_network(model_of(model.task, (8, 6, 12, 6)))


def test_other_layers_are_refused_in_one_line(model: Model) -> None:
    *_, last = model.architecture.layers
    other = Architecture((model.architecture.layers[0], replace(last, sees=("person",))))
    with pytest.raises(FamilyTreesError, match=r"not person, answer$"):
        check_paper_layers(replace(model, architecture=other))


def test_letters_that_no_font_has_are_told_of_in_one_line(tmp_path: Path) -> None:
    names = ("\ue0f0\ue0f1", "Kim", "Lee")  # letters for private use: no font need have them
    task = Task(names, ("father",), (Triple(names[1], "father", names[0]), Triple(names[2], "father", names[0])))
    assert fonts_for(["Zoë", "Łukasz"]) == (["DejaVu Sans"], "")
    assert set(fonts_for(names)[1]) <= {*names[0]}
    save(model_of(task), tmp_path / "model.npz")
    drawn = run("figures", "--model", str(tmp_path / "model.npz"), "--out", str(tmp_path / "drawn"))
    assert drawn.returncode == 0
    assert drawn.stderr.count("\n") <= 1
    assert "Glyph" not in drawn.stderr


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "family_trees", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_on_the_command_line(smiths: Model, tmp_path: Path) -> None:
    save(smiths, tmp_path / "mine.npz")
    words = ("figures", "--model", str(tmp_path / "mine.npz"), "--format", "svg", "--out", str(tmp_path / "drawn"))
    assert run(*words, "--around", "kit", "--people", "6").returncode == 0
    assert len([*(tmp_path / "drawn").iterdir()]) == 7
    tree = (tmp_path / "drawn" / "fig2-trees.svg").read_text(encoding="utf-8")
    assert "6 of 14 people, around Kit" in tree
    assert ">Zeb<" not in tree
    assert "Kit has-" in (tmp_path / "drawn" / "fig3-activities.svg").read_text(encoding="utf-8")
    page = tmp_path / "kit.html"
    explored = run(
        "explore", "--model", str(tmp_path / "mine.npz"), "--around", "kit", "--people", "6", "--out", str(page)
    )
    assert explored.returncode == 0
    assert '"around":"Kit"' in page.read_text(encoding="utf-8")
    unknown = run(*words, "--around", "Kitt")
    assert (unknown.returncode, unknown.stderr) == (1, "Error: unknown person 'Kitt'; did you mean Kit?\n")


def test_facts_of_any_relations_on_the_command_line(tmp_path: Path) -> None:
    save(model_of(ANIMALS), tmp_path / "animals.npz")
    drawn = run("figures", "--model", str(tmp_path / "animals.npz"), "--out", str(tmp_path / "drawn"))
    assert drawn.returncode == 0
    assert drawn.stderr.count("\n") == 1
    assert drawn.stderr.startswith("no figure 2: the facts name no parents")
    assert len([*(tmp_path / "drawn").iterdir()]) == 6
    analysed = run("analyse", "--model", str(tmp_path / "animals.npz"))
    assert (analysed.returncode, analysed.stdout.count("\n")) == (0, 1)


HOSTILE = ("Bill $\\frac{$ Gates", "A $x$ B", "half \ud83d of a pair", "C \\$ _D^")
"""Names that matplotlib would read as formulas, not all of them valid; and one that no encoding can write."""


def hostile_task() -> Task:
    return Task(HOSTILE, ("father", "of $"), tuple(Triple(name, "father", HOSTILE[0]) for name in HOSTILE[1:]))


@pytest.mark.parametrize("form", ["svg", "png"])
def test_names_are_written_as_they_are(tmp_path: Path, form: Literal["svg", "png"]) -> None:
    drawn = draw(model_of(hostile_task()), tmp_path, form)
    assert "fig2-trees." + form in drawn
    if form == "svg":
        of_people = (tmp_path / "fig4-people.svg").read_text(encoding="utf-8")
        for name in (*HOSTILE[:2], "half \ufffd of a pair", HOSTILE[3]):
            assert f">{name}</text>" in of_people


def test_hostile_names_on_the_command_line(tmp_path: Path) -> None:
    facts = tmp_path / "facts.csv"
    facts.write_text("".join(f"{name},father,Bill $\\frac{{$ Gates\n" for name in ("Jennifer", "Rory")), "utf-8")
    trained = run("train", "--tree", str(facts), "--sweeps", "5", "--out", str(tmp_path / "gates.npz"))
    assert trained.returncode == 0, trained.stderr
    drawn = run("figures", "--model", str(tmp_path / "gates.npz"), "--out", str(tmp_path / "drawn"))
    assert (drawn.returncode, drawn.stderr) == (0, "")
    with np.load(tmp_path / "gates.npz") as file:  # JSON in a file that others wrote may hold half a pair
        about = file["about"].tobytes().replace(b"Rory", b"\\ud83d")
        np.savez(tmp_path / "half.npz", **{**file, "about": np.frombuffer(about, dtype=np.uint8)})
    drawn = run("figures", "--model", str(tmp_path / "half.npz"), "--out", str(tmp_path / "drawn"))
    assert drawn.returncode == 1
    assert drawn.stderr.count("\n") == 1
    assert r"'\ud83d' holds '\ud83d', which cannot be printed in a line" in drawn.stderr


def test_numbers_of_axes_may_be_formulas() -> None:
    figure = draw_usefulness(np.array([1.0, 2.0]), np.array([0.0, 30.0]), {"$a$ network": np.array([0.5])})
    figure.draw_without_rendering()
    rises, _ = figure.axes
    assert all(tick.get_parse_math() for tick in rises.get_yticklabels())
    assert not figure.legends[0].get_texts()[0].get_parse_math()


def test_the_paper_and_a_pedigree_are_two_values_of_one_view(smiths: Model) -> None:
    papers, own = paper_view(), view_of(smiths)
    assert [row.label for row in papers.rows] == ["English", "Italian"]
    assert papers.equivalents[0] == ("Christopher", "Roberto")
    assert papers.has_paper_layout
    assert len(papers.drawings) == 2
    assert [row.label for row in own.rows] == ["generation 1", "generation 2", "generation 3"]
    assert not own.has_paper_layout
    assert {*own.drawings[0].places} == {*own.people} == {*smiths.task.people}
    assert view_of(load()) == papers
    assert not view_of(load(), "Colin").has_paper_layout
    assert not pedigree_view(ANIMALS, ShownPeople(ANIMALS.people, 4)).drawings


def test_no_tree_no_figure_2() -> None:
    with pytest.raises(ValueError, match="no tree to draw"):
        draw_trees(pedigree_view(ANIMALS, ShownPeople(ANIMALS.people, 4)))


def test_the_trees_of_1986_are_the_same_in_the_figure_and_on_the_page() -> None:
    for figure, page in zip(trees_of_1986(), trees_of_1986(PAGE_FIELD), strict=True):
        assert (figure.title, [*figure.places]) == (page.title, [*page.places])
        assert len(figure.lines) == len(page.lines)
        orders = [
            [name for _, name in sorted((place[::-1], name) for name, place in tree.places.items())]
            for tree in (figure, page)
        ]
        assert orders[0] == orders[1]
