"""How well facts are found: on scores made by hand, on trained networks, in Python and on the command line."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pandas as pd
import pytest
from countries import FACTS
from numpy.typing import NDArray
from test_cli import Run, run  # noqa: F401 - a fixture

import family_trees as ft
from family_trees.analysis import link_prediction
from family_trees.analysis.link_prediction import facts_for, folds_of, predict_links
from family_trees.engine.recipe import SMALL_BATCHES
from family_trees.face import LeftOutWarning
from family_trees.families.people import Triple
from family_trees.families.readers.triples import task_of_triples
from family_trees.families.task import Case, Task
from family_trees.models.model import Activity, Answer, Model
from family_trees.models.saved import save
from family_trees.views.link_prediction_text import (
    MEASURES,
    link_prediction_json,
    link_prediction_rows,
    link_prediction_text,
)


@dataclass(frozen=True)
class Scored:
    """What is asked of a model, with scores given by hand: `scores[relation]` is (heads, tails)."""

    task: Task
    scores: dict[str, NDArray[np.float64]]
    held_out: tuple[Case, ...] = ()

    @property
    def architecture(self) -> SimpleNamespace:
        return SimpleNamespace(output=SimpleNamespace(name="answer"))

    def activities(self, *cases: Case) -> dict[str, NDArray[np.float64]]:
        rows = [self.scores[case.relation][self.task.person_index[case.person]] for case in cases]
        return {"answer": np.array(rows)[None]}

    def ask(self, person: str, relation: str) -> Answer:
        row = self.scores[relation][self.task.person_index[person]]
        ranking = tuple(Activity(self.task.people[k], float(row[k])) for k in np.argsort(-row))
        return Answer(Case(person, relation), ranking, held_out=False, facts=())


TASK = task_of_triples([("a", "r", "b"), ("a", "r", "c"), ("b", "r", "c"), ("d", "s", "a")])
SCORES = {
    "r": np.array(
        # tails b, c, a, d: the order of TASK.people is a, b, c, d
        [[0.6, 0.9, 0.7, 0.8], [0.1, 0.2, 0.4, 0.4], [0.0, 0.0, 0.9, 0.0], [0.0, 0.0, 0.3, 0.0]]
    ),
    "s": np.zeros((4, 4)),
}


def scored(held_out: tuple[Case, ...] = ()) -> Model:
    return cast("Model", Scored(TASK, SCORES, held_out))


def test_ranks_by_hand() -> None:
    found = predict_links(scored(), TASK.triples)
    assert TASK.people == ("a", "b", "c", "d")
    # a r ?: a 0.6, b 0.9, c 0.7, d 0.8; b and c are right. b r ?: c ties with d. d s ?: all tie.
    assert found.tail_ranks.tolist() == [1.0, 2.0, 1.5, 2.5]
    # ? r b: a 0.9 comes first. ? r c: a 0.7, b 0.4, c 0.9, d 0.3; a and b are right. ? s a: all tie.
    assert found.head_ranks.tolist() == [1.0, 2.0, 2.0, 2.5]
    right = dict(zip(found.cases, zip(found.right_by_rank, found.right_by_threshold, strict=True), strict=True))
    assert right == {Case("a", "r"): (False, False), Case("b", "r"): (False, False), Case("d", "s"): (False, False)}
    assert found.measures("tail").mean_rank.value == 7 / 4
    assert found.measures("head", "s").mrr.value == 1 / 2.5
    assert found.measures(relation="r").facts == 3
    with pytest.raises(ft.FamilyTreesError, match="no fact of the relation 'q'"):
        found.measures(relation="q")


def test_right_by_rank_and_by_threshold_differ() -> None:
    facts = [Triple("c", "r", "c")]
    found = predict_links(scored(), facts)
    assert (found.right_by_rank.tolist(), found.right_by_threshold.tolist()) == ([True], [True])
    low = Scored(TASK, {**SCORES, "r": SCORES["r"] / 2})
    found = predict_links(cast("Model", low), facts)
    assert (found.right_by_rank.tolist(), found.right_by_threshold.tolist()) == ([True], [False])


def test_known_answers_are_taken_out_whatever_is_asked_for() -> None:
    """Of two right answers, the one that is asked for has the rank that it has without the other."""
    alone = predict_links(scored(), [Triple("a", "r", "c")])
    assert alone.tail_ranks.tolist() == [2.0]  # b is known, a and d are not; d is above
    new = predict_links(scored(), [Triple("a", "r", "d")])
    assert new.tail_ranks.tolist() == [1.0]


def test_facts_of_held_out_cases_are_the_default() -> None:
    found = predict_links(scored((Case("a", "r"),)))
    assert found.facts == TASK.triples[:2]
    assert found.cases == (Case("a", "r"),)
    with pytest.raises(ft.FamilyTreesError, match="held no case out"):
        predict_links(scored())
    with pytest.raises(ft.FamilyTreesError, match="no fact to ask for"):
        predict_links(scored(), [])


def test_parts_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = predict_links(scored(), TASK.triples)
    monkeypatch.setattr(link_prediction, "MAX_SCORES", 1)
    monkeypatch.setattr(link_prediction, "part_size", lambda _: 1)
    assert predict_links(scored(), TASK.triples) == whole


def test_names_of_test_facts_are_found_whatever_their_capitals() -> None:
    model = scored((Case("b", "r"),))
    wanted = facts_for(
        model, [Triple("A", "R", "B"), Triple("b", "r", "C"), Triple("a", "r", "z"), Triple("a", "q", "b")]
    )
    assert wanted.facts == (Triple("a", "r", "b"), Triple("b", "r", "c"))
    assert wanted.unknown == (Triple("a", "r", "z"), Triple("a", "q", "b"))
    assert wanted.trained == (Triple("a", "r", "b"),)


def test_the_model_that_ships_is_measured() -> None:
    model = ft.load()
    found = ft.evaluate(model)
    assert len(found.cases) == 4
    assert {(fact.person1, fact.relation) for fact in found.facts} == {*model.held_out}
    assert found.right_by_threshold.tolist() == [model.right[case] for case in found.cases]
    assert len(repr(found)) < 240
    assert found._repr_html_().startswith("<table><caption>LinkPrediction(")
    trained = ft.evaluate(model, model.task)
    assert len(trained.facts) == 112
    assert trained.measures("tail").mrr.value > 0.9
    assert dict(zip(trained.cases, map(bool, trained.right_by_threshold), strict=True)) == model.right


def test_folds_hold_out_each_case_once() -> None:
    task = ft.family_trees_task()
    folds = folds_of(task, 5, 1)
    assert sorted(case for fold in folds for case in fold) == sorted(task.cases)
    assert {len(fold) for fold in folds} == {20, 21}
    assert folds == folds_of(task, 5, 1)
    assert folds != folds_of(task, 5, 2)
    for number in (0, 1, 105):
        with pytest.raises(ft.FamilyTreesError, match=f"folds: {number} is not allowed; give 2 to 104"):
            folds_of(task, number, 0)


def test_folds_ask_each_network_for_what_it_was_not_told() -> None:
    task = ft.read_triples(FACTS)
    recipe = replace(SMALL_BATCHES, name="short", sweeps=20)
    found = ft.evaluate(task, folds=3, recipe=recipe)
    assert sorted(found.facts) == sorted(task.triples)
    assert found == ft.evaluate(task, folds=3, recipe=recipe)
    first = folds_of(task, 3, 0)[1]
    alone = ft.evaluate(ft.train(task, recipe, held_out=first, first=1).model())
    place = found.facts.index(alone.facts[0])
    assert found.tail_ranks[place] == alone.tail_ranks[0]


def test_python_says_what_goes_with_what() -> None:
    task, model = ft.read_triples(FACTS), ft.load()
    with pytest.raises(ft.FamilyTreesError, match="by folds, such as folds=5"):
        ft.evaluate(task)
    with pytest.raises(ft.FamilyTreesError, match="a model is trained already"):
        ft.evaluate(model, folds=5)
    with pytest.raises(ft.FamilyTreesError, match=r"is no model; ft.load"):
        ft.evaluate("c.npz")  # type: ignore[arg-type]
    facts = pd.DataFrame([("Colin", "aunt", "Jennifer"), ("Colin", "aunt", "Zoe")])
    with pytest.warns(LeftOutWarning, match="left out: 1 fact with a name that the network does not know"):
        assert len(ft.evaluate(model, facts).facts) == 1


@pytest.fixture
def countries(tmp_path: Path) -> Path:
    """A network of the countries, hardly trained, with a file of all facts beside it."""
    task = ft.read_triples(FACTS)
    save(ft.train(task, replace(SMALL_BATCHES, sweeps=30), held_out=5).model(), tmp_path / "c.npz")
    lines = ["Subject\tPredicate\tObject", *("\t".join(fact) for fact in FACTS), "PERU\tcapital\tAtlantis"]
    (tmp_path / "test.tsv").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def test_on_the_command_line(run: Run, countries: Path) -> None:  # noqa: F811
    ran = run("evaluate", "--model", "c.npz")
    assert (ran.status, ran.err) == (0, "")
    for told in ("5 cases, ranked among 21 entities", "MRR", "hits@10", "mean rank", "cases right by rank: "):
        assert told in ran.out
    assert "has-" not in ran.out
    assert "person" not in ran.out
    ran = run("evaluate", "--model", "c.npz", "--test", "test.tsv", "--json")
    told = json.loads(ran.out)
    assert told["facts"] == sum(each["both"]["facts"] for each in told["by_relation"].values()) == 64
    assert [*told["overall"]] == ["both", "tail", "head"]
    *_, left_out, trained = ran.err.splitlines()
    assert left_out == (
        "left out: 1 fact of test.tsv with a name that the network does not know, such as 'Peru capital Atlantis'"
    )
    assert "of the 64 facts of test.tsv, such as 'Argentina " in trained
    rows = [*csv.DictReader(io.StringIO(run("evaluate", "--model", "c.npz", "--csv").out))]
    assert [row["direction"] for row in rows[:3]] == ["both", "tail", "head"]
    assert {row["relation"] for row in rows} >= {"all"}
    for row in rows:
        for key in MEASURES:
            assert float(row[key]) >= 0
            if row[f"{key}_low"]:
                assert float(row[f"{key}_low"]) <= float(row[key]) <= float(row[f"{key}_high"])
    ran = run("evaluate", "--triples", "test.tsv", "--folds", "3", "--sweeps", "5")
    assert "65 facts in 48 cases" in ran.out
    (countries / "none.tsv").write_text("Utopia\tcapital\tAmaurot\n")
    ran = run("evaluate", "--model", "c.npz", "--test", "none.tsv")
    assert (ran.status, ran.err.splitlines()[-1]) == (
        1,
        "Error: none.tsv: no fact of this file has only names that the network knows",
    )
    save(ft.train(ft.read_triples(FACTS), replace(SMALL_BATCHES, sweeps=1), held_out=0).model(), countries / "all.npz")
    assert "held no case out of its training; give --test FILE" in run("evaluate", "--model", "all.npz").err
    for words, said in (
        ("--folds 5 --model c.npz", "--folds and --model: give one of them"),
        ("--folds 5 --test test.tsv", "--folds and --test: give one of them"),
        ("--tree test.tsv", "--tree goes with --folds"),
        ("--model c.npz --sweeps 5", "--sweeps goes with --folds"),
        ("--folds 500 --triples test.tsv", "folds: 500 is not allowed; give 2 to 48"),
        ("--folds 1", "'--folds'"),
        ("--csv --json", "--csv and --json: give one of them"),
    ):
        ran = run("evaluate", *words.split())
        assert ran.status in (1, 2)
        assert said in ran.err, words


def test_the_text_names_the_relations_with_most_facts() -> None:
    rows = [(f"e{k}", f"r{min(k, 30)}", f"e{k + 1}") for k in range(40)]
    task = task_of_triples(rows)
    model = cast("Model", Scored(task, {name: np.eye(len(task.people), k=1) for name in task.relations}))
    found = predict_links(model, task.triples)
    text = link_prediction_text(found)
    assert "  and 7 more relations: --csv has all" in text
    assert text.splitlines()[10].split()[:2] == ["r30", "10"]
    assert "MRR        1.000 (0.912 to 1.000)" in text, "a bootstrap would have no width"
    assert "by threshold: 40 of 40" in text
    assert len(link_prediction_rows(found)) == 3 * (1 + len(task.relations))
    assert link_prediction_json(found)["by_relation"]["r0"]["both"]["mrr_low"] is None
