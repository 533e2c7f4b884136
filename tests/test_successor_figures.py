"""Figures of vectors and matrices: what is drawn is what was measured, and a title concludes only what is true."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_up import SMITHS, task_of
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.text import Text
from successor_models import successor

from family_trees.analysis.composition import compositions
from family_trees.analysis.own_axes import matrices_of
from family_trees.analysis.products import ranking
from family_trees.engine.embedding import PERSON, RELATION, Embedding
from family_trees.families.of_1986 import load_families
from family_trees.families.readers.triples import task_of_triples
from family_trees.families.task import Case
from family_trees.models.model import Model
from family_trees.models.saved import load
from family_trees.models.successors import LearnerName, learner_for, successor_recipe
from family_trees.models.training import train
from family_trees.support.errors import FamilyTreesError
from family_trees.views.figures.activities import draw_activities
from family_trees.views.figures.composition import draw_composition
from family_trees.views.figures.matrices import draw_people_as_matrices, draw_product, draw_relations_as_matrices
from family_trees.views.figures.of_model import draw
from family_trees.views.figures.turned import draw_turned_people
from family_trees.views.figures.view import paper_view, view_of
from family_trees.views.figures.weights import draw_weights

BOTH = pytest.mark.parametrize("name", ["vectors", "matrices"])


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text()]


def untrained(name: LearnerName) -> Model:
    model, rng = successor(name), np.random.default_rng(5)
    return replace(model, weights={c: rng.normal(size=w.shape) for c, w in model.weights.items()}, trajectory=None)


def mirrored(name: LearnerName) -> Model:
    """A model in which each Italian has the numbers of the English equivalent; those of vectors with the other sign."""
    model = successor(name)
    if name == "matrices":
        return model  # training finds one rotation between the trees by itself; of vectors it does so at times
    people, index = model.weights[PERSON].copy(), model.task.person_index
    for person in load_families().people:
        if person.nationality == "Italian":
            people[0, index[person.name]] = -people[0, index[str(person.equivalent)]]
    return replace(model, weights=model.weights | {PERSON: people}, trajectory=None)


def made_up_model() -> Model:
    task = task_of(SMITHS)
    recipe = replace(successor_recipe("matrices", len(task.cases)), sweeps=60, first_phase=5)
    return train(task, recipe, held_out=0, architecture=learner_for(task, "matrices")).model(0)


@BOTH
def test_own_axes_give_the_same_answers(name: LearnerName) -> None:
    model = mirrored(name)
    found = matrices_of(model)
    people, relations = len(found.people), len(found.relations)
    weights = {PERSON: found.people.reshape(1, people, -1), RELATION: found.relations.reshape(1, relations, -1)}
    same = replace(model, weights=weights, trajectory=None)
    assert same.activities()["answer"] == pytest.approx(model.activities()["answer"], abs=1e-9)
    sizes = np.sum(found.people**2, axis=(0, 2))
    assert sizes.tolist() == sorted(sizes, reverse=True)
    assert found.turned is not None
    english = found.people[: people // 2]
    assert np.linalg.norm(found.turned[people // 2 :] - english) < 0.3 * np.linalg.norm(english)


@BOTH
def test_the_third_tree_is_the_italian_one_turned(name: LearnerName) -> None:
    figure = draw_people_as_matrices(mirrored(name))
    what = {"vectors": "sign", "matrices": "rotation"}[name]
    written = texts(figure)
    assert f"One {what} turns the Italian family into the English one" in written
    assert f"Italian family, turned by one {what}" in written
    assert written.count("Colin") == 1
    assert written.count("Alfonso") == 2
    squares = [each for each in figure.findobj(PatchCollection) if isinstance(each, PatchCollection)]
    assert len(squares) == 36
    assert any(text.startswith(f"No one {what}") for text in texts(draw_people_as_matrices(untrained(name))))


def test_every_relation_is_drawn() -> None:
    figure = draw_relations_as_matrices(successor("matrices"))
    assert {*successor("matrices").task.relations} <= {*texts(figure)}


def test_the_product_stands_beside_the_nearest_people() -> None:
    model = successor("matrices")
    written = texts(draw_product(model, Case("Colin", "aunt")))
    answer = model.ask("Colin", "aunt")
    assert written[-2].startswith("Colin has-aunt ? ") or any(text.startswith("Colin has-aunt ?") for text in written)
    assert all(each.person in written for each in answer.answers)
    assert sum("an answer" in text for text in written) == len(answer.answers)


def test_the_table_has_a_cell_for_each_pair_of_relations() -> None:
    model = successor("matrices")
    figure = draw_composition(model)
    found = compositions(model.task)
    image = figure.axes[0].get_images()[0].get_array()
    assert image is not None
    values = np.ma.filled(image, np.nan)
    assert np.sum(np.isfinite(values)) == len(found)
    measured = ranking(model, [question for each in found for question in each.questions])
    mother, brother = (model.task.relation_index[name] for name in ("mother", "brother"))
    of_pair = [
        right
        for question, right in zip(measured.questions, measured.right, strict=True)
        if question[1:3] == ("mother", "brother")
    ]
    assert values[mother, brother] == np.mean(of_pair)
    written = texts(figure)
    assert written.count("uncle") >= 2
    assert any(text.startswith("The product of two matrices finds") for text in written)
    assert any("does not find" in text for text in texts(draw_composition(untrained("matrices"))))


@BOTH
def test_the_map_before_and_after(name: LearnerName) -> None:
    figure = draw_turned_people(mirrored(name))
    what = {"vectors": "sign", "matrices": "rotation"}[name]
    assert f"One {what} brings every Italian to the English equivalent" in texts(figure)
    assert f"No one {what} brings the Italians to their English equivalents" in texts(
        draw_turned_people(untrained(name))
    )
    with pytest.raises(FamilyTreesError, match="not those of 1986"):
        draw_turned_people(made_up_model(), paper_view())


def test_all_figures_of_a_model(tmp_path: Path) -> None:
    names = draw(successor("matrices"), tmp_path)
    assert {name.removesuffix(".png") for name in names} == {
        *("fig2-trees", "fig3-product", "fig4-people", "fig4-relations", "composition", "people-turned"),
        *("learning-curves", "similarity"),
    }
    assert view_of(successor("matrices")).has_paper_layout


def test_all_figures_of_other_people(tmp_path: Path) -> None:
    names = draw(made_up_model(), tmp_path, "svg")
    assert {"fig2-trees.svg", "fig4-people.svg", "people.svg"} <= {*names}
    lonely = task_of_triples([("a", "near", "b"), ("c", "far", "d")])
    recipe = replace(successor_recipe("vectors", 2), sweeps=3, first_phase=1)
    model = train(lonely, recipe, held_out=0, architecture=Embedding(4, 2, 3, 1)).model(0)
    (tmp_path / "lonely").mkdir()
    assert "composition.png" not in draw(model, tmp_path / "lonely")
    with pytest.raises(FamilyTreesError, match="no two relations"):
        draw_composition(model)


def test_figures_of_units_and_of_matrices_are_not_mixed() -> None:
    model = successor("matrices")
    with pytest.raises(FamilyTreesError, match="this figure is of units in layers"):
        draw_activities(model, Case("Colin", "aunt"))
    with pytest.raises(FamilyTreesError, match="this figure is of units in layers"):
        draw_weights(model, "person")
    with pytest.raises(FamilyTreesError, match="a layered network has no matrices"):
        draw_relations_as_matrices(load())
