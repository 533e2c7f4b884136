"""Relations of one's own: triples from files, tables and lists; neutral words; and bad input, which is told."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from countries import FACTS
from hypothesis import given
from hypothesis import strategies as st
from test_cli import Run, run  # noqa: F401 - a fixture

import family_trees as ft
from family_trees.engine.recipe import SMALL_BATCHES
from family_trees.face import LeftOutWarning
from family_trees.families.gaps import relations_of_one_fact, without_training_fact
from family_trees.families.people import Triple
from family_trees.families.readers.tree import left_out_lines, read_tree
from family_trees.families.readers.triples import columns_of, columns_of_table, task_of_triples
from family_trees.families.task import Case
from family_trees.models.saved import load, save
from family_trees.models.training import SECOND_LONG_SWEEP, expected_seconds
from family_trees.views.answers import long_training_text

LIMA = Triple("Peru", "capital", "Lima")

HEADS = [
    "head,relation,tail",
    "subject,predicate,object",
    "source,relation,target",
    "Head,Relation,Tail",
    "SUBJECT,PREDICATE,OBJECT",
    " Source , Relation , Target ",
    "person1,relation,person2",
    "Person 1,relation,Person 2",
    "head entity,relation,tail entity",
    "source_id,label,target_id",
    "from,type,to",
    "subject,verb,object",
    "country,relation,value",
    "Wer,Predicate,Wem",
    "h,r,t",
    "S,P,O",
    '"head","relation","tail"',
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("head", HEADS)
def test_a_head_is_no_fact(tmp_path: Path, head: str, delimiter: str) -> None:
    path = tmp_path / "facts"
    path.write_text(f"{head}\nPeru,capital,Lima\n".replace(",", delimiter), encoding="utf-8")
    found = read_tree(path)
    assert found.triples == (LIMA,)
    (told,) = left_out_lines(found.left_out)
    assert told.startswith("1 line that names the columns, ")
    assert told.endswith(", and is no fact (line 1)")


@pytest.mark.parametrize("first", ["head,part of,body", "a,r,b", "source,flows to,Source Lake", "person,is a,animal"])
def test_a_fact_is_no_head(tmp_path: Path, first: str) -> None:
    path = tmp_path / "facts.csv"
    path.write_text(f"{first}\nPeru,capital,Lima\n", encoding="utf-8")
    assert read_tree(path).triples == (Triple(*first.split(",")), LIMA)


def test_a_relation_called_relation_is_no_head(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    path.write_text("Ann,relation,Bo\nPeru,capital,Lima\nBo,relation,Cy\n", encoding="utf-8")
    assert len(read_tree(path).triples) == 3


def test_a_head_says_the_order_of_the_columns_and_may_come_again(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    path.write_text("relation,tail,head\ncapital,Lima,Peru\nrelation,tail,head\nin,Andes,Lima\n", encoding="utf-8")
    found = read_tree(path)
    assert found.triples == (LIMA, Triple("Lima", "in", "Andes"))
    assert "2 lines that name" in left_out_lines(found.left_out)[0].replace("that names", "that name")


@given(st.lists(st.sampled_from(["head", "relation", "tail", "Peru", "type", "from", "to"]), min_size=3, max_size=3))
def test_a_head_has_each_column_once(cells: list[str]) -> None:
    places = columns_of(cells)
    assert places is None or sorted(places) == [0, 1, 2]


def test_lists_and_tables_have_heads_too() -> None:
    with pytest.warns(LeftOutWarning, match=r"rows: left out: 1 line that names the columns, head,relation,tail"):
        assert ft.read_triples([("head", "relation", "tail"), LIMA]).triples == (LIMA,)
    table = pd.DataFrame({"year": [1535], "Object": ["Lima"], "Subject": ["Peru"], "predicate": ["capital"]})
    assert ft.read_triples(table).triples == (LIMA,)
    assert ft.read_triples(table[["Subject", "predicate", "Object"]]).triples == (LIMA,)
    assert ft.read_triples(pd.DataFrame([LIMA])).triples == (LIMA,)
    assert ft.read_triples(pd.DataFrame({"head": [7], "relation": ["next"], "tail": [8]})).people == ("7", "8")
    with pytest.raises(ft.FamilyTreesError, match=r"a table with 4 columns, .*; give three: head, relation, tail"):
        ft.read_triples(pd.DataFrame([(*LIMA, 1535)]))
    with pytest.raises(ft.FamilyTreesError, match=r"row 2: .* is not a fact"):
        ft.read_triples(pd.DataFrame([LIMA, ("Peru", "capital", None)]))
    assert columns_of_table(["x", "y", "z"]) == [0, 1, 2]


@pytest.mark.parametrize("bad", ["Peru", 7, ("Peru", "capital", True), ("Peru", "capital", 1.5), ("Peru", "capital")])
def test_what_is_no_row_is_named(bad: object) -> None:
    with pytest.raises(ft.FamilyTreesError, match=r"row 1: .* is not a fact; give three texts: head, relation, tail"):
        task_of_triples([bad])  # type: ignore[list-item]


def test_other_relations_keep_their_names_and_may_hold_of_one_entity(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    path.write_text("cell,has-part,cell\ncell,part,organ\n", encoding="utf-8")
    found = read_tree(path)
    assert found.relations == ("has-part", "part")
    assert len(found.triples) == 2
    assert found.task().find_relation("HAS-part") == "has-part"
    path.write_text("Ann,has-Aunt,Bea\nBea,HUSBAND,Cy\n", encoding="utf-8")
    assert read_tree(path).relations == ("aunt", "husband")


def test_a_task_knows_whether_it_is_about_people() -> None:
    family, countries = ft.family_trees_task(), ft.read_triples(FACTS)
    assert family.is_of_people
    assert not countries.is_of_people
    assert not ft.read_triples([("Ann", "aunt", "Bea"), ("Ann", "rival", "Bea")]).is_of_people
    assert "24 people" in repr(family)
    assert repr(countries) == "Task(21 entities, 5 relations, 64 facts, 48 cases)"


def test_errors_name_what_the_task_has() -> None:
    task = ft.read_triples(FACTS)
    for text, told in (
        ("Xyzzy", "unknown entity 'Xyzzy'; there are 21 entities: Argentina, Buenos Aires, .*, and 13 more$"),
        ("Per", "did you mean"),
        ("capital", "'capital' is a relation; give the entity first, then the relation: Argentina capital"),
    ):
        if text == "Per":
            assert task.find_person(text) == "Peru"
            continue
        with pytest.raises(ft.FamilyTreesError, match=told):
            task.find_person(text)
    with pytest.raises(
        ft.FamilyTreesError, match=r"unknown relation 'wife'; there are 5 relations: capital, capital of"
    ):
        task.find_relation("wife")
    with pytest.raises(ft.FamilyTreesError, match="give an entity and a relation, such as 'Argentina capital'"):
        task.find_case("Peru")
    one = ft.read_triples([LIMA])
    with pytest.raises(ft.FamilyTreesError, match=r"there is 1 relation: capital$"):
        one.find_relation("wife")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """`countries.tsv`, with a head."""
    lines = ["Head\tRelation\tTail", *("\t".join(fact) for fact in FACTS)]
    (tmp_path / "countries.tsv").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def test_words_are_neutral_on_the_command_line(run: Run, folder: Path) -> None:  # noqa: F811
    ran = run("train", "--triples", "countries.tsv", "--sweeps", "100", "--out", "c.npz")
    assert ran.status == 0
    assert "left out: 1 line that names the columns, Head,Relation,Tail, and is no fact (line 1)" in ran.err
    told = [ran.out, ran.err]
    for words in (
        "query Peru capital -m c.npz",
        "query Peru capital-of -m c.npz",
        "query Lima capital -m c.npz",
        "query Xyzzy capital -m c.npz",
        "check -m c.npz",
        "check -m c.npz --csv",
        "check -m c.npz --triples countries.tsv --json",
        "evaluate -m c.npz",
        "facts --triples countries.tsv",
        "facts --triples countries.tsv --person peru",
        "facts --model c.npz --csv",
        "facts --model c.npz --json",
    ):
        ran = run(*words.split())
        assert ran.status == ("Xyzzy" in words or "capital-of" in words), ran.err
        told += [ran.out, ran.err]
    for text in told:
        for word in ("person", "people", "nobody", "somebody", "has-", "trees say", "Colin", "relatives"):
            assert word not in text, text
    assert "Peru capital: " in told[2]
    assert "The facts hold no answer to Lima capital, so this was never trained." in told[6]
    for words in ("explain Peru capital", "explain Lima capital --unit", "explain Lima capital"):
        ran = run(*words.split(), *(["answer Lima"] if "--unit" in words else []), "--model", "c.npz")
        assert ran.status == 0
        assert ran.out.startswith(" ".join(words.split()[1:3]) + " ? - after sweep 100")
        assert "trees" not in ran.out
    assert next(csv.reader(io.StringIO(run("facts", "--model", "c.npz", "--csv").out))) == ["head", "relation", "tail"]
    answer = json.loads(run("query", "Peru", "capital", "--model", "c.npz", "--json").out)
    assert answer["entity"] == "Peru"
    assert {*answer["ranking"][0]} == {"entity", "activity", "probability"}
    model = load(folder / "c.npz")
    for shown in (repr(model.ask("Peru", "capital")), model.ask("Peru", "capital")._repr_html_(), model._repr_html_()):
        assert "has-" not in shown
        assert "person<" not in shown


def test_facts_of_a_model_or_of_a_file(run: Run, folder: Path) -> None:  # noqa: F811
    save(ft.train(ft.read_triples(FACTS), replace(SMALL_BATCHES, sweeps=1)).model(), folder / "c.npz")
    of_model, of_file = run("facts", "--model", "c.npz").out, run("facts", "--tree", "countries.tsv").out
    assert of_model == of_file
    assert of_model.splitlines()[-1] == "     64  facts, in 48 cases, of 21 entities"
    ran = run("facts", "--model", "c.npz", "--tree", "countries.tsv")
    assert "--tree and --model: give one of them" in ran.err


def test_what_stays_unlearned_is_told_and_the_advice_helps(run: Run, folder: Path) -> None:  # noqa: ARG001, F811
    """A network of the default size does not learn all of 64 facts of countries; one of the advised size does."""
    of_1986 = ("--learner", "network", "--out", "c.npz")
    ran = run("train", "--triples", "countries.tsv", "--network", "6", *of_1986)
    advice = ran.err.splitlines()[-3]
    assert "training cases right 23 of 46" in ran.out
    assert advice == (
        "this network has not learned 23 of its 46 training cases; try larger layers (--layers 12,6,24,12) or more "
        "sweeps (--sweeps 5000)"
    )
    for words in ("--layers 12,6,24,12", "--sweeps 5000"):
        ran = run("train", "--triples", "countries.tsv", "--network", "3", *of_1986, *words.split())
        assert "training cases right 46 of 46" in ran.out
        assert "try" not in ran.err
    ran = run("train", "--triples", "countries.tsv", "--network", "3", "--out", "c.npz")
    assert "training cases right 46 of 46" in ran.out, "matrices, the default for own relations, learn them all"


def test_gaps_in_the_facts_are_counted(run: Run, tmp_path: Path) -> None:  # noqa: F811
    rows = [*FACTS, ("Lima", "founded by", "Pizarro"), ("Paris", "on the", "Seine")]
    (tmp_path / "facts.csv").write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    ran = run("train", "--triples", "facts.csv", "--hold-out", "Lima founded by", "--sweeps", "2", "--out", "c.npz")
    assert "note: 2 relations with a single fact, from which nothing can be inferred: founded by, on the" in ran.err
    assert "note: 1 entity without a training fact, as all are held out; nothing can be learned: Pizarro" in ran.err, (
        ran.err
    )
    assert "note: 1 entity without a training fact" in run("evaluate", "--model", "c.npz").err
    task = ft.read_triples(rows)
    assert relations_of_one_fact(task) == ["founded by", "on the"]
    assert without_training_fact(task, [Case("Lima", "founded by"), Case("Peru", "capital")]) == ["Pizarro"]
    assert without_training_fact(task, []) == []
    assert relations_of_one_fact(ft.family_trees_task()) == []


def test_one_entity_in_other_capitals_is_one_entity(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    path.write_text("Peru,capital,Lima\nperu,in,Andes\nLIMA,in,PERU\nPERU,in,andes\n", encoding="utf-8")
    found = read_tree(path)
    assert found.people == ("Peru", "Lima", "Andes")
    assert left_out_lines(found.left_out) == [
        "4 spellings of a name in other capitals, such as peru for Peru (the first is line 2)",
        "1 fact said twice (line 4)",
    ]
    with pytest.warns(LeftOutWarning, match="such as peru for Peru"):
        assert ft.read_triples([("Peru", "in", "Andes"), ("peru", "capital", "Lima")]).people == (
            "Peru",
            "Andes",
            "Lima",
        )


def test_a_hundred_thousand_triples(run: Run, tmp_path: Path) -> None:  # noqa: F811
    rows = [f"e{k % 397}\tr{k % 25}\te{(7 * k + k // 397) % 397}" for k in range(100_000)]
    (tmp_path / "many.tsv").write_text("\n".join(rows), encoding="utf-8")
    ran = run("facts", "--triples", "many.tsv")
    assert ran.out.splitlines()[-1].endswith("facts, in 9,925 cases, of 397 entities")
    task = ft.read_tree(tmp_path / "many.tsv")
    assert len(task.triples) == len({*rows})
    assert expected_seconds(task, SMALL_BATCHES) == 1000 * 9925 * 397 / SECOND_LONG_SWEEP
    assert long_training_text(task, SMALL_BATCHES, 7300) == (
        "9,925 cases of 397 entities, 1,000 sweeps: this takes about 2 hours; fewer --sweeps, or a part of the facts, "
        "take less"
    )


def test_a_long_training_is_told_beforehand(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001, F811
    monkeypatch.setattr("family_trees.cli.train.LONG", 0.0)
    ran = run("train", "--triples", "countries.tsv", "--sweeps", "2", "--out", "c.npz")
    assert ran.err.splitlines()[1].startswith("note: 48 cases of 21 entities, 2 sweeps: this takes about 1 hour; ")


def test_the_model_of_1986_says_how_to_ask_another(run: Run) -> None:  # noqa: F811
    ran = run("query", "Peru", "capital")
    told = "unknown person 'Peru'; did you mean Pierro? (this is the network of 1986; --model asks one of your own)"
    assert ran.err == f"Error: {told}\n"


def test_no_answer_is_proposed_that_answers_the_relation_nowhere() -> None:
    """Paris is no language, and is proposed as none, whatever the network says."""
    task = ft.read_triples(FACTS)
    model = ft.train(task, replace(SMALL_BATCHES, sweeps=50), held_out=0).model()
    tails = {(fact.relation, fact.person2) for fact in task.triples}
    proposed = [each.fact for each in ft.analysis.missing_facts(model, 1000)]
    assert len(proposed) > 20
    assert {(fact.relation, fact.person2) for fact in proposed} <= tails
    assert not {*proposed} & {*task.triples}


def test_what_is_in_a_country_is_not_its_capital() -> None:
    """Half of what is located in something is its capital: too little for the one to be the reverse of the other."""
    task = ft.read_triples(FACTS)
    names = {
        name: [task.relations[k] for k in places] for name, places in zip(task.relations, task.inverses, strict=True)
    }
    assert names["neighbour"] == ["neighbour"]
    assert names["capital of"] == ["capital"]
    assert names["located in"] == []
    assert names["capital"] == ["capital of", "located in"]
