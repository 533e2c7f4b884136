"""What whole codes tell: planted structure is found, no rotation changes it, and the closed form is leaving out."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from successor_models import successor

from family_trees.analysis.readout import (
    PENALTY,
    SQUARED,
    Rotation,
    readouts,
    rotation,
    rotation_between_trees,
    share_told,
)
from family_trees.engine.embedding import PERSON, RELATION, Embedding
from family_trees.families.readers.triples import task_of_triples
from family_trees.families.task import Task
from family_trees.models.model import Model
from family_trees.models.saved import load, save
from family_trees.models.successors import LearnerName, learner_for, successor_recipe
from family_trees.models.training import train
from family_trees.views.codes_text import analysis_json, analysis_text, rotation_text

BOTH = pytest.mark.parametrize("name", ["vectors", "matrices"])


def by_leaving_out(codes: NDArray[np.float64], groups: NDArray[np.int64], blocks: NDArray[np.int64]) -> float:
    """The same share as `share_told`, by fitting again for each block."""
    y = (groups[:, None] == np.unique(groups)).astype(float)
    x = codes - codes.mean(axis=0)
    penalty = PENALTY * np.sum(x**2) / len(x)
    right = []
    for block in blocks:
        others = np.setdiff1d(np.arange(len(x)), block)
        middle, mean = x[others].mean(axis=0), y[others].mean(axis=0)
        inside = x[others] - middle
        slopes = np.linalg.solve(inside.T @ inside + penalty * np.eye(x.shape[1]), inside.T @ (y[others] - mean))
        told = ((x[block] - middle) @ slopes + mean).argmax(axis=1)
        right += [*(told == y[block].argmax(axis=1))]
    return float(np.mean(right))


@pytest.mark.parametrize("size", [1, 2])
def test_the_closed_form_is_fitting_again(size: int) -> None:
    rng = np.random.default_rng(1)
    codes, blocks = rng.normal(size=(24, 5)), rng.permutation(24).reshape(-1, size)
    groups = np.array([rng.permutation(np.arange(24) % 3), (codes[:, 2] > 0).astype(int)])
    found = share_told(codes, groups, blocks)
    assert found.tolist() == [by_leaving_out(codes, each, blocks) for each in groups]
    assert found[1] > 0.75  # planted along one axis
    assert found[0] < 0.7


def turned(model: Model) -> Model:
    """The same model with all codes rotated: A becomes Q A S, and R becomes Q R Q^T."""
    learner = model.architecture
    assert isinstance(learner, Embedding)
    rng = np.random.default_rng(2)
    q, s = (np.linalg.qr(rng.normal(size=(n, n)))[0] for n in (learner.rows, learner.columns))
    people = q @ model.weights[PERSON][0].reshape(-1, learner.rows, learner.columns) @ s
    relations = q @ model.weights[RELATION][0].reshape(-1, learner.rows, learner.rows) @ q.T
    weights = {PERSON: people.reshape(1, len(people), -1), RELATION: relations.reshape(1, len(relations), -1)}
    return replace(model, weights=weights, trajectory=None)


@BOTH
def test_a_rotation_changes_every_number_and_no_measure(name: LearnerName) -> None:
    model, other = successor(name), turned(successor(name))
    assert np.mean(np.abs(model.weights[PERSON] - other.weights[PERSON])) > 0.1
    one, same = (each.activities()["answer"] for each in (model, other))
    assert same == pytest.approx(one, abs=1e-9)
    found, again = (readouts(each.weights, each.task, each.architecture) for each in (model, other))
    assert [(a.code, a.distinction, a.share, a.chance_level) for a in found] == [
        (b.code, b.distinction, b.share, b.chance_level) for b in again
    ]
    first, second = (rotation_between_trees(each.weights, each.task, each.architecture) for each in (model, other))
    assert first is not None
    assert second == pytest.approx(first, rel=1e-6)


def test_a_planted_rotation_is_found() -> None:
    rng = np.random.default_rng(3)
    one = rng.normal(size=(5, 4, 4))
    s = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    assert rotation(one, one @ s) == pytest.approx(s)


def test_the_trees_of_a_trained_model_of_matrices_are_one_rotation_apart() -> None:
    model = successor("matrices")
    found = rotation_between_trees(model.weights, model.task, model.architecture)
    assert found is not None
    assert (found.pairs, found.met) == (12, 1.0)
    assert found.met_by_chance < 0.3
    assert found.distance < 0.2 < 1 < found.unturned
    untrained = {c: np.random.default_rng(4).normal(size=w.shape) for c, w in model.weights.items()}
    nothing = rotation_between_trees(untrained, model.task, model.architecture)
    assert nothing is not None
    assert nothing.met < 0.5


@BOTH
def test_the_rows_and_their_words(name: LearnerName) -> None:
    model = successor(name)
    assert {each.code for each in readouts(model.weights, model.task, model.architecture)} == {
        "person code",
        SQUARED,
        "relation code",
    }
    text = analysis_text(model, 0.5)
    for words in ("Single numbers mean", "1986's person code", "The single numbers:", "number 12"):
        assert words in text
    assert "penultimate" not in text
    assert "unit" not in text
    rows = analysis_json(model, 0.5)
    assert [row["layer"] for row in rows[:4]] == ["person code", SQUARED, "relation code", "person code"]
    assert all({"layer", "unit", "encodes"} <= {*row} for row in rows)
    json.dumps(rows)


def test_the_conclusion_stands_under_its_condition() -> None:
    learner = successor("matrices").architecture
    assert isinstance(learner, Embedding)
    assert rotation_text(Rotation(12, 1.0, 0.1, 0.1, 1.4), learner).startswith("One rotation takes each")
    assert rotation_text(Rotation(12, 0.5, 0.1, 0.8, 1.4), learner).startswith("No one rotation")


def test_other_facts_have_no_trees_of_1986() -> None:
    rows = [("ann", "mother", "eve"), ("eve", "daughter", "ann"), ("ann", "brother", "bob"), ("bob", "mother", "eve")]
    task: Task = task_of_triples(rows)
    recipe = replace(successor_recipe("matrices", 4), sweeps=5, first_phase=1)
    model = train(task, recipe, held_out=0, architecture=learner_for(task, "matrices", 2)).model(0)
    assert rotation_between_trees(model.weights, task, model.architecture) is None
    text = analysis_text(model, 0.5)
    assert "1986" not in text
    assert "rotation takes" not in text
    neutral = task_of_triples([("a", "near", "b"), ("b", "near", "c")])
    other = train(neutral, recipe, held_out=0, architecture=learner_for(neutral, "matrices", 2)).model(0)
    assert "person code, relation code: nothing is known of the names" in analysis_text(other, 0.5)


def test_a_layered_network_is_analysed_as_before(tmp_path: Path) -> None:
    assert analysis_text(load(), 0.5).startswith("person code: share of the variance of a unit's weights")
    save(successor("vectors"), tmp_path / "v.npz")
    command = [sys.executable, "-m", "family_trees", "analyse", "--model", str(tmp_path / "v.npz")]
    assert "A person is a vector of 12 numbers" in subprocess.run(command, capture_output=True, text=True).stdout
