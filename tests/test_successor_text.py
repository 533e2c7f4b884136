"""What is said of a trained successor: its recipe, what to try, and what is for networks of 1986 alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from successor_models import successor

from family_trees.analysis.usefulness import error_rise_by_weight
from family_trees.cli import cli
from family_trees.engine.embedding import PERSON, Embedding
from family_trees.engine.learning import squared_error
from family_trees.families.task import Case
from family_trees.models import memory
from family_trees.models.memory import check_memory
from family_trees.models.model import Model
from family_trees.models.successors import BATCH, IN_BATCHES, SUCCESSORS, LearnerName, penalty_of, successor_recipe
from family_trees.models.training import train
from family_trees.support.errors import FamilyTreesError
from family_trees.views.answers import answer_text, training_advice, training_text
from family_trees.views.explorer.page import explorer_page

BOTH = pytest.mark.parametrize("name", ["vectors", "matrices"])


def with_recipe(model: Model, **changes: object) -> Model:
    recipe = replace(model.recipe, name="changed", **changes)  # type: ignore[arg-type]
    return train(model.task, recipe, seed=1, architecture=model.architecture).model(0)


@pytest.mark.parametrize("cases", [100, 1000])
def test_the_penalty_is_that_of_the_recipe(cases: int) -> None:
    chosen = SUCCESSORS if cases <= BATCH else IN_BATCHES
    assert penalty_of(successor_recipe("matrices", cases), cases) == pytest.approx(chosen["matrices"].penalty, rel=0.01)


@BOTH
def test_the_recipe_is_described_by_what_it_is(name: LearnerName) -> None:
    text = training_text(successor(name), own_family=False)
    assert {"vectors": "a vector of 12 numbers", "matrices": "a matrix of 6 x 6 numbers"}[name] in text
    penalty = {"vectors": "penalty 0.4 on squared weights (decay 0.04)", "matrices": "penalty 0.2 on squared weights"}
    assert penalty[name] in text
    assert "all cases to a weight change" in text
    assert "y - d" not in text
    assert training_text(successor(name), own_family=True) == text
    batches = with_recipe(successor(name), sweeps=2, first_phase=1, batch=20)
    assert "batches of 20 cases" in training_text(batches, own_family=False)


def test_the_advice_is_for_this_learner() -> None:
    model = successor("matrices")
    assert training_advice(model, own_family=False) == ""
    for changes, told in (
        (
            {"sweeps": 3, "first_phase": 1},
            "nothing: none of its 100 training cases is right; try more sweeps (--sweeps",
        ),
        ({"sweeps": 30, "first_phase": 1, "epsilon": (1e-5, 1e-5)}, "a larger epsilon (usual is 0.01)"),
        ({"sweeps": 1000, "first_phase": 1, "decay": 0.9}, "a smaller decay (usual is 0.02)"),
    ):
        advice = training_advice(with_recipe(model, **changes), own_family=True)
        assert told in advice
        assert "layers" not in advice
        assert "units" not in advice


def test_the_page_is_for_networks_of_1986() -> None:
    model = successor("matrices")
    with pytest.raises(FamilyTreesError, match=r"for networks of 1986, and this model is of matrices; .* explain"):
        explorer_page(model)


def test_too_little_memory_names_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    model = successor("matrices")
    monkeypatch.setattr(memory, "available_memory", lambda: 1)
    with pytest.raises(FamilyTreesError, match="smaller --size, a smaller batch"):
        check_memory(model.task, model.architecture, model.recipe)


def test_the_usefulness_of_a_number_is_how_much_the_error_rises_without_it() -> None:
    model = successor("vectors")
    assert isinstance(model.architecture, Embedding)
    rises = error_rise_by_weight(model.architecture, model.weights, model.cases)
    assert rises[PERSON].shape == (1, 24, 12)
    without = {c: w.copy() for c, w in model.weights.items()}
    without[PERSON][0, 3, 5] = 0
    before, after = (
        squared_error(model.architecture.answers(w, model.cases.inputs), model.cases)[0]
        for w in (model.weights, without)
    )
    assert rises[PERSON][0, 3, 5] == pytest.approx(after - before, rel=1e-9, abs=1e-12)


def test_a_notebook_shows_a_model_of_matrices() -> None:
    html = successor("matrices")._repr_html_()
    assert "A trained model" in html
    assert "product 36" in html


def test_the_wife_of_arthur_from_the_command_line(tmp_path: Path) -> None:
    """She is held out, and named. What is shown is her probability, which is no certainty."""
    runner, path = CliRunner(), str(tmp_path / "s.npz")
    words = ["train", "--learner", "matrices", "--hold-out", "Arthur wife", "--out", path]
    assert runner.invoke(cli, words, catch_exceptions=False).exit_code == 0
    asked = ["query", "Arthur", "wife", "--model", path]
    lines = runner.invoke(cli, asked, catch_exceptions=False).stdout.splitlines()
    assert lines[0] == "Arthur has-wife: Margaret"
    assert "held out" in lines[1]
    assert lines[4].split() == ["person", "probability"]
    rank, name, shown, _ = lines[5].split()
    said = json.loads(runner.invoke(cli, [*asked, "--json"], catch_exceptions=False).stdout)
    first, *others = said["ranking"]
    assert said["answers"] == [first]
    assert (rank, name, shown) == ("1", "Margaret", f"{first['probability']:.3f}")
    assert 0.5 < first["probability"] < 0.999
    assert sum(each["probability"] for each in said["ranking"]) == pytest.approx(1)
    for each in others:  # the rule by which people count as answers is the old one
        assert each["activity"] == pytest.approx((each["probability"] / first["probability"]) ** 0.5, rel=1e-9)
    again = runner.invoke(cli, ["query", "Colin", "aunt", "--model", path, "--json"], catch_exceptions=False)
    both = [each["probability"] for each in json.loads(again.stdout)["answers"]]
    assert len(both) == 2, "two answers share the probability"
    assert max(both) < 0.6


@BOTH
def test_a_notebook_shows_probabilities_of_a_successor_and_activities_of_a_network(
    name: LearnerName, model: Model
) -> None:
    html = successor(name).ask("Colin", "aunt")._repr_html_()
    assert "probability" in html
    assert "an answer" in html
    assert "activity" not in html
    html = model.ask("Colin", "aunt")._repr_html_()
    assert "activity" in html
    assert "probability" not in html


def test_an_answer_that_is_no_number_is_shown() -> None:
    model = successor("matrices")
    lost = replace(model, weights={c: np.full_like(w, 1e300) for c, w in model.weights.items()}, trajectory=None)
    case = Case("Colin", "aunt")
    assert "nan" in answer_text(lost.ask(*case), model.task.answers[case])
