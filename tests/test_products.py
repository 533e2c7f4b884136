"""What matrices mean: which relations compose by the facts, and whether products do, in planted and trained models."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from successor_models import successor

from family_trees.analysis.composition import SELF, Question, compositions
from family_trees.analysis.products import naming, ranking, returns
from family_trees.engine.embedding import PERSON, RELATION, Embedding
from family_trees.families.readers.triples import task_of_triples
from family_trees.families.task import Task
from family_trees.models.model import Model
from family_trees.models.saved import load
from family_trees.models.successors import LearnerName, successor_recipe
from family_trees.models.training import train
from family_trees.support.errors import FamilyTreesError
from family_trees.views.codes_text import analysis_json, products_text

PLACES = 7


def ring() -> Model:
    """People on a ring, and relations that lead 1, 2 and -1 places on. Their matrices are rotations by just as much."""
    steps = {"next": 1, "second": 2, "before": -1}
    names = [f"p{k}" for k in range(PLACES)]
    rows = [(names[k], word, names[(k + step) % PLACES]) for k in range(PLACES) for word, step in steps.items()]
    task = task_of_triples(rows)
    recipe = replace(successor_recipe("vectors", 21), sweeps=1, first_phase=1)
    model = train(task, recipe, held_out=0, architecture=Embedding(PLACES, 3, 2, 1)).model(0)

    def angle(places: int) -> float:
        return 2 * np.pi * places / PLACES

    people = np.array([[np.cos(angle(int(name[1:]))), np.sin(angle(int(name[1:])))] for name in task.people])
    relations = np.array(
        [[np.cos(a), -np.sin(a), np.sin(a), np.cos(a)] for a in (angle(steps[word]) for word in task.relations)]
    )
    return replace(model, weights={PERSON: people[None], RELATION: relations[None]})


def test_what_composes_follows_from_the_facts(task: Task) -> None:
    found = {(each.first, each.second): each for each in compositions(task)}
    for first, second, result in (
        ("mother", "brother", "uncle"),
        ("father", "wife", "mother"),
        ("wife", "husband", SELF),
        ("father", "mother", ""),  # grandmother
        ("father", "son", ""),  # oneself or a brother
        ("uncle", "wife", "aunt"),
    ):
        assert found[first, second].result == result, (first, second)
    assert ("husband", "husband") not in found
    assert str(found["mother", "brother"]) == "brother of mother = uncle"
    assert found["father", "mother"].questions[0] == Question("Colin", "father", "mother", ("Christine",))
    assert len([each for each in found.values() if each.result]) == 40


def test_planted_rotations_compose_and_lead_back() -> None:
    model = ring()
    found = compositions(model.task)
    assert {str(each) for each in found if each.result} == {
        "next of next = second",
        f"before of next = {SELF}",
        f"next of before = {SELF}",
        "before of second = next",
        "second of before = next",
    }
    measured = ranking(model, [question for each in found for question in each.questions])
    assert measured.right.all()
    assert measured.rank.tolist() == [1.0] * 9 * PLACES
    assert measured.right_by_chance < 0.6
    assert measured.rank_by_chance > 1.5
    named = naming(model, found)
    assert (named.right, len(named.named)) == (5, 5)
    assert named.right_by_chance < 0.7
    back = {(each.relation, each.inverse): each for each in returns(model)}
    assert {*back} == {("next", "before"), ("before", "next")}
    assert back["next", "before"][2:5] == pytest.approx((PLACES, 1.0, 1.0))
    assert back["next", "before"].growth == pytest.approx(1)
    assert back["next", "before"].cosine_by_chance < 0.9


def test_ranks_with_several_answers_count_only_people_who_are_none() -> None:
    model = ring()
    by_place = sorted(model.task.people)
    wrong = Question(by_place[0], "next", "next", (by_place[1], by_place[3]))  # the product leads to place 2
    measured = ranking(model, [wrong])
    assert measured.right.tolist() == [False]
    assert measured.rank.tolist() == [2.0]  # for both, only the person at place 2 is nearer


@pytest.mark.parametrize("name", ["vectors", "matrices"])
def test_the_relations_of_trained_models_compose(name: LearnerName) -> None:
    model = successor(name)
    found = compositions(model.task)
    measured = ranking(model, [question for each in found if each.result for question in each.questions])
    assert measured.share > 0.7 > measured.chance_level
    assert measured.rank.mean() < 3 < measured.rank_by_chance
    assert naming(model, found).right > 25
    assert "Relations compose." in products_text(model)[0]
    row = next(row["composition"] for row in analysis_json(model, 0.5) if "composition" in row)
    assert isinstance(row, dict)
    assert row["right"] == round(measured.share, 4)


def test_the_relations_of_an_untrained_model_do_not() -> None:
    model = successor("matrices")
    rng = np.random.default_rng(0)
    blank = replace(model, weights={c: rng.normal(size=w.shape) for c, w in model.weights.items()}, trajectory=None)
    texts = products_text(blank)
    assert texts[0].startswith("Relations do not compose")
    assert "do not lead back" in texts[2]


def test_what_has_no_matrices_and_what_has_no_compositions() -> None:
    with pytest.raises(FamilyTreesError, match="relations of a layered network are no matrices"):
        returns(load())
    lonely = task_of_triples([("a", "near", "b"), ("c", "far", "d")])
    recipe = replace(successor_recipe("vectors", 2), sweeps=1, first_phase=1)
    model = train(lonely, recipe, held_out=0, architecture=Embedding(4, 2, 2, 1)).model(0)
    assert compositions(lonely) == ()
    assert products_text(model) == []
    for measure in (lambda: ranking(model, []), lambda: naming(model, ())):
        with pytest.raises(ValueError, match="no "):
            measure()
