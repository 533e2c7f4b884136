"""Equations 1 to 9 of vectors and matrices with their numbers: against finite differences, by hand, and as text."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from successor_models import successor

from family_trees.analysis.explain.case import explain_case
from family_trees.analysis.explain.moment import UnitPlace
from family_trees.analysis.explain.steps import Step
from family_trees.analysis.explain.successor import backward_steps, error_step, forward_steps, weight_steps
from family_trees.analysis.explain.successor_moment import SuccessorMoment, moment_of_successor
from family_trees.analysis.explain.text import as_markdown, as_text
from family_trees.engine.embedding import PERSON, RELATION, Embedding
from family_trees.engine.network import Weights
from family_trees.engine.recipe import PUBLISHED
from family_trees.families.readers.triples import task_of_triples
from family_trees.families.task import Case
from family_trees.models.model import Model
from family_trees.models.saved import save
from family_trees.models.successors import LearnerName
from family_trees.models.training import train
from family_trees.support.errors import FamilyTreesError

COLIN_AUNT = Case("Colin", "aunt")
BOTH = pytest.mark.parametrize("name", ["vectors", "matrices"])


def at(name: LearnerName, sweep: int | None = 300) -> SuccessorMoment:
    return moment_of_successor(successor(name), COLIN_AUNT, sweep, changes=True)


def adds_up(step: Step) -> bool:
    return not step.terms or sum(term.value for term in step.terms) == pytest.approx(step.value, rel=1e-9, abs=1e-15)


def error_of(model: Model, weights: Weights, case: Case) -> float:
    """Equation 4 for one case, from the squared distances as both papers have it, and in no other way."""
    learner, task = model.architecture, model.task
    assert isinstance(learner, Embedding)
    people = weights[PERSON][0].reshape(-1, learner.rows, learner.columns)
    relation = weights[RELATION][0, task.relation_index[case.relation]].reshape(learner.rows, learner.rows)
    distances = np.sum((relation @ people[task.person_index[case.person]] - people) ** 2, axis=(1, 2))
    log_p = -distances - np.log(np.sum(np.exp(-distances)))
    return -float(np.mean([log_p[task.person_index[name]] for name in task.answers[case]]))


@BOTH
def test_the_gradient_shown_is_that_of_finite_differences(name: LearnerName) -> None:
    model, found = successor(name), at(name)
    people, relations = model.task.person_index, model.task.relation_index
    assert found.objective == pytest.approx(error_of(model, found.state.weights, COLIN_AUNT), rel=1e-9)
    for layer, names in (("person", ("Colin", "Jennifer", "Pierro")), ("relation", ("aunt", "uncle"))):
        for owner in names:
            below = UnitPlace(layer, (people if layer == "person" else relations)[owner])
            for number in (0, 7):
                above = UnitPlace(f"{layer} code", number)
                connection, place = found.weight(below, above)
                ends = []
                for step in (1e-6, -1e-6):
                    moved = {c: w.copy() for c, w in found.state.weights.items()}
                    moved[connection][place] += step
                    ends.append(error_of(model, moved, COLIN_AUNT))
                shown = next(step for step in weight_steps(found, below, above) if step.formula.endswith("this case"))
                assert adds_up(shown)
                assert shown.value == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-8)


@BOTH
def test_every_step_adds_up(name: LearnerName) -> None:
    found = at(name)
    for layer in found.learner.layers:
        for k in range(layer.units):
            unit = UnitPlace(layer.name, k)
            steps = [*forward_steps(found, unit), *backward_steps(found, unit)]
            assert all(adds_up(step) for step in steps if isinstance(step, Step)), unit
    assert adds_up(error_step(found))
    assert found.p.sum() == pytest.approx(1)
    assert found.dE_dx.sum() == pytest.approx(0, abs=1e-12)


@BOTH
def test_the_weight_change_is_that_of_training(name: LearnerName) -> None:
    model, found = successor(name), at(name)
    below, above = UnitPlace("person", 5), UnitPlace("person code", 4)
    *_, change, after = weight_steps(found, below, above)
    assert change.equation == "Nature 8, 9"
    assert adds_up(change)
    assert adds_up(after)
    before, then = (model.state(t).weights[PERSON][0, 5, 4] for t in (300, 301))
    assert found.state.weights[PERSON][0, 5, 4] == before
    assert after.value == then != before


def test_a_tiny_model_by_hand() -> None:
    """Two people as vectors of one number, one relation: every number of the equations can be worked out on paper."""
    task = task_of_triples([("a", "likes", "b")])
    learner = Embedding(people=2, relations=1, rows=1, columns=1)
    recipe = replace(PUBLISHED, name="hand", sweeps=1, error_signal="softmax", margin=0.0, decay=0.0)
    model = train(task, recipe, held_out=0, architecture=learner).model(0)
    by_hand = replace(model, weights={PERSON: np.array([[[1.0], [2.0]]]), RELATION: np.array([[[3.0]]])})
    found = moment_of_successor(by_hand, Case("a", "likes"), None, changes=False)
    assert found.product.item() == 3  # R A = 3 x 1
    assert found.x.tolist() == [2 * 3 * 1 - 1, 2 * 3 * 2 - 4]  # 5 and 8
    p = 1 / (1 + np.exp(3))  # the probability of a: the distances are 4 and 1
    assert found.p == pytest.approx([p, 1 - p])
    assert found.objective == pytest.approx(-np.log(1 - p))
    assert found.dE_dx == pytest.approx([p, -p])
    assert found.dE_dproduct.item() == pytest.approx(2 * (p * 1 - p * 2))
    assert found.dE_dcandidate.reshape(-1) == pytest.approx([2 * p * (3 - 1), 2 * -p * (3 - 2)])
    assert found.dE_drelation.item() == pytest.approx(-2 * p * 1)
    assert found.dE_dperson.item() == pytest.approx(-2 * p * 3)
    assert found.case_gradient[PERSON].reshape(-1) == pytest.approx([4 * p - 6 * p, -2 * p])


@BOTH
def test_as_text_and_as_markdown(name: LearnerName) -> None:
    model = successor(name)
    text = as_text(explain_case(model, COLIN_AUNT))
    assert "Above 0.5: " in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 80
    assert "(4)  E = - sum_j t_j ln P_j" in text
    numbers = set()
    for unit in ("answer Jennifer", "product 3", "person code 2", "relation code 2", "person Colin"):
        written = as_markdown(explain_case(model, COLIN_AUNT, unit=unit, sweep=100))
        numbers |= {n for n in "12345689" if rf"\tag{{{n}}}" in written}
        assert written.count("$$") % 2 == 0
    assert numbers == {*"12345689"}
    weight = as_markdown(explain_case(model, COLIN_AUNT, weight=("person Jennifer", "person code 2")))
    assert r"\tag{7}" in weight
    assert r"\tag{Nature 8, 9}" in weight


def test_what_does_not_apply_is_said_in_one_line() -> None:
    model = successor("matrices")
    for words, told in (
        ({"unit": "bias"}, "have no bias"),
        (
            {"unit": "central 3"},
            "such as 'answer Christopher'; layers: person, relation, person code, relation code, product",
        ),
        ({"unit": "central 3"}, "product, answer$"),
        ({"weight": ("relation aunt", "product 2")}, "'person Colin' 'person code 1' or 'relation aunt'"),
        ({"weight": ("bias", "product 2")}, "have no bias"),
    ):
        with pytest.raises(FamilyTreesError, match=told):
            explain_case(model, COLIN_AUNT, **words)
    assert isinstance(model.architecture, Embedding)
    variant = replace(model, architecture=replace(model.architecture, squashed=True))
    with pytest.raises(FamilyTreesError, match="only for comparison"):
        explain_case(variant, COLIN_AUNT)


def test_a_question_without_an_answer_is_explained_forward_alone() -> None:
    model, question = successor("vectors"), Case("Colin", "husband")
    for unit in (None, "answer Arthur", "product 2"):
        text = " ".join(as_text(explain_case(model, question, unit=unit)).split())
        assert "The facts hold no answer" in text
        assert "nan" not in text
        assert "dE/d" not in text
    with pytest.raises(FamilyTreesError, match="Colin has no husband"):
        explain_case(model, question, weight=("person Colin", "person code 1"))


def test_batches_are_explained_too() -> None:
    model = successor("vectors")
    recipe = replace(model.recipe, name="batches", sweeps=2, batch=10, first_phase=1)
    trained = train(model.task, recipe, seed=2, architecture=model.architecture, trajectory=True).model(0)
    text = as_text(explain_case(trained, COLIN_AUNT, weight=("person Colin", "person code 1"), sweep=1))
    assert "after every 10 cases" in text


def test_a_wrong_gradient_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    model = successor("vectors")
    monkeypatch.setattr(Embedding, "gradient", lambda _, weights, *__: {c: 1.1 * w for c, w in weights.items()})
    with pytest.raises(AssertionError, match="another gradient of person code"):
        moment_of_successor(model, COLIN_AUNT, None, changes=False)


def test_on_the_command_line(tmp_path: Path) -> None:
    save(successor("matrices"), tmp_path / "m.npz")
    command = [sys.executable, "-m", "family_trees", "explain", "Colin", "aunt", "--model", str(tmp_path / "m.npz")]
    ran = subprocess.run([*command, "--unit", "answer Jennifer"], capture_output=True, text=True, check=True)
    assert "(2)  x_j = 2 Z . V_j - |V_j|^2" in ran.stdout
