"""Reading families of one's own: the samples, messy files by hand, and anything at all."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from family_trees.families.of_1986 import family_trees_task, load_families
from family_trees.families.people import Families, Person, Triple
from family_trees.families.readers.gedcom import to_gedcom
from family_trees.families.readers.records import MAX_FILE_BYTES
from family_trees.families.readers.tree import read_tree
from family_trees.families.relations import derive_facts
from family_trees.families.task import Task
from family_trees.models.layered import FAMILY_TREE_NETWORK, family_network
from family_trees.models.saved import load
from family_trees.support.errors import FamilyTreesError
from family_trees.support.spreadsheets import safe_for_spreadsheets

HEAD = "0 HEAD\n1 GEDC\n2 VERS 5.5.1\n1 CHAR UTF-8\n"
BESIDE = Path(__file__).parent.parent.parent / "shared" / "gedcom"
SAMPLES = Path(os.environ.get("FAMILY_TREES_SAMPLES", BESIDE))


def gedcom(tmp_path: Path, records: str, encoding: str = "utf-8", head: str = HEAD) -> Path:
    path = tmp_path / "family.ged"
    path.write_bytes((head + records + "0 TRLR\n").encode(encoding))
    return path


def person(key: str, name: str, sex: str = "U", more: str = "") -> str:
    return f"0 @{key}@ INDI\n1 NAME {name}\n1 SEX {sex}\n{more}"


def family(key: str, *members: str) -> str:
    """Members as "HUSB I1"."""
    return f"0 @{key}@ FAM\n" + "".join(f"1 {member.split()[0]} @{member.split()[1]}@\n" for member in members)


def test_the_trees_of_1986_written_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "1986.ged"
    path.write_text(to_gedcom(load_families()), encoding="utf-8")
    found = read_tree(path)
    assert set(found.triples) == set(family_trees_task().triples)
    assert len(found.triples) == 112
    assert found.people == family_trees_task().people
    assert not found.left_out


def test_the_triples_of_1986_read_back(tmp_path: Path) -> None:
    lines = [",".join(Triple._fields), *(",".join(triple) for triple in family_trees_task().triples)]
    for delimiter in (",", "\t"):
        path = tmp_path / "triples.csv"
        path.write_text("\n".join(lines).replace(",", delimiter), encoding="utf-8")
        found = read_tree(path)
        assert found.triples == family_trees_task().triples
        assert set(found.relations) == set(family_trees_task().relations)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples stand beside the repository, and not here")
@pytest.mark.parametrize(
    ("name", "people", "facts"),
    [("bronte", 14, 88), ("shakespeare", 31, 267), ("bach", 33, 278), ("bourbon", 294, 2878)],
)
def test_samples(name: str, people: int, facts: int) -> None:
    found = read_tree(SAMPLES / f"{name}.ged")
    assert (len(found.people), len(found.triples)) == (people, facts)
    Task(found.people, found.relations, found.triples)
    if name == "bronte":
        assert Triple("Charlotte Brontë", "sister", "Emily Jane Brontë") in found.triples
        assert Triple("Charlotte Brontë", "father", "Patrick Brontë") in found.triples
    if name == "bourbon":
        assert found.left_out["fact about a person of unknown sex, which chooses the word"].times == 260


def test_half_siblings_several_marriages_and_cousins_who_marry(tmp_path: Path) -> None:
    records = (
        person("A", "Ann", "F") + person("B", "Bob", "M") + person("C", "Cy", "M") + person("D", "Dee", "F")
        + person("E", "Eve", "F") + person("F", "Flo", "F") + person("G", "Gus", "M")
        + family("F1", "HUSB B", "WIFE A", "CHIL D") + family("F2", "HUSB C", "WIFE A", "CHIL E")
        + family("F3", "WIFE D", "CHIL F") + family("F4", "WIFE E", "CHIL G") + family("F5", "HUSB G", "WIFE F")
    )  # fmt: skip
    triples = set(read_tree(gedcom(tmp_path, records)).triples)
    for told in (
        "Dee sister Eve", "Ann husband Bob", "Ann husband Cy", "Flo aunt Eve", "Gus aunt Dee", "Flo husband Gus",
        "Dee nephew Gus", "Eve niece Flo", "Dee father Bob",
    ):  # fmt: skip
        assert Triple(*told.split()) in triples
    assert Triple("Dee", "father", "Cy") not in triples
    assert not any(triple.person1 == triple.person2 for triple in triples)


def test_equal_names_get_labels_of_their_own(tmp_path: Path) -> None:
    born = "1 BIRT\n2 DATE ABT 1640\n"
    records = (
        person("A", "Johann /Bach/", "M", born) + person("B", "Johann /Bach/", "M", "1 BIRT\n2 DATE 3 MAY 1671\n")
        + person("C", "Johann /Bach/", "M") + person("D", "Johann /Bach/", "M") + person("E", "Maria", "F")
        + family("F1", "HUSB A", "WIFE E", "CHIL B", "CHIL C", "CHIL D")
    )  # fmt: skip
    found = read_tree(gedcom(tmp_path, records))
    assert found.people == ("Johann Bach (1640-)", "Johann Bach (1671-)", "Johann Bach #1", "Johann Bach #2", "Maria")
    task = Task(found.people, found.relations, found.triples)
    assert task.find_person("mar") == "Maria"
    assert task.find_person("(1671") == "Johann Bach (1671-)"
    with pytest.raises(FamilyTreesError, match=r"may be Johann Bach \(1640-\), .*give more of the name"):
        task.find_person("johann")
    two = person("A", "Kim", "M", born) + person("B", "kim", "M") + person("C", "민수", "F")
    found = read_tree(gedcom(tmp_path, two + family("F1", "HUSB A", "WIFE C", "CHIL B")))
    assert found.people == ("Kim (1640-)", "kim #1", "민수")
    task = Task(found.people, found.relations, found.triples)
    with pytest.raises(FamilyTreesError, match=r"may be Kim \(1640-\), kim #1"):
        task.find_person("Kim")
    assert task.find_person("수") == "민수"


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    records = (
        person("A", "Ann", "F") + person("B", "Bo") + person("C", "Cy", "M") + person("D", "Dan", "M")
        + family("F1", "HUSB B", "WIFE A", "CHIL C", "CHIL X9") + family("F2", "CHIL D")
    )  # fmt: skip
    found = read_tree(gedcom(tmp_path, records))
    assert found.left_out == {
        "reference to people who are not in the file": (1, 21),
        "child of families without parents": (1, 23),
        "fact about a person of unknown sex, which chooses the word": (2, 8),  # Bo as a partner, and as a parent
        "person without a fact": (1, 14),
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    name = {"latin-1": "ANSI", "utf-16": "UNICODE"}.get(encoding, "UTF-8")
    head = HEAD.replace("UTF-8", name)
    records = person("A", "Jürgen", "M") + person("B", "Zoë", "F") + family("F1", "HUSB A", "WIFE B")
    found = read_tree(gedcom(tmp_path, records, encoding, head))
    assert found.people == ("Jürgen", "Zoë")


def test_ansel(tmp_path: Path) -> None:
    records = person("A", "Ju:rgen", "M") + person("B", "Zoe", "F") + family("F1", "HUSB A", "WIFE B")
    raw = (HEAD.replace("UTF-8", "ANSEL") + records + "0 TRLR\n").encode().replace(b"u:r", b"\xe8ur")
    (tmp_path / "ansel.ged").write_bytes(raw)
    assert read_tree(tmp_path / "ansel.ged").people[0] in ("Jürgen", "Ju\u0308rgen")


def test_our_csv(tmp_path: Path) -> None:
    path = tmp_path / "family.csv"
    path.write_text(
        "kind,person,sex,other,parent2\n# a comment\nperson,Ann,f\nperson,Bob,m\nperson,Cy,male\nmarriage,Bob,,Ann\n"
        "child,Cy,,Ann,Bob\n",
        encoding="utf-8",
    )
    assert {" ".join(triple) for triple in read_tree(path).triples} == {
        *("Ann husband Bob", "Bob wife Ann", "Ann son Cy", "Bob son Cy", "Cy father Bob", "Cy mother Ann"),
    }


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "this file is empty"),
        (b"\n \n", "this file is empty"),
        (b"# nothing\n", "holds nothing but comments"),
        (b"hello world\n", "line 1: not a triple"),
        (b"Ann,aunt,Bea\nAnn,aunt\n", "line 2: not a triple"),
        (b"\x00\x01\x02\x03", "this is not a text file"),
        (b"Ann,aunt,Ann\n", "this file gives no fact"),
        (b"kind,person,sex,other\nperson,Ann,f\nperson,Ann,f\n", "line 3: 'Ann' is there twice"),
        (b"kind,person,gender,other\nperson,Ann,f\n", "line 1: the column sex, with m or f, is missing"),
        (b"Name,Father,Mother\nCy,Bob,Ann\n", "line 1: this looks like the head of a table, 'Name,Father,Mother'"),
        (b"kind,person,sex,other\nfriend,Ann,f\n", "line 2: give a person, marriage or child as kind"),
        (b"kind,person,sex,other\nmarriage,Ann\n", "line 2: a marriage needs another person"),
        (b"a,b," + b"c" * 200_000 + b"\n", "line 1: longer than 100,000 bytes"),
        (HEAD.encode(), "holds no people"),
        ((HEAD + "0 TRLR\n").encode(), "holds no people"),
        ((HEAD + "0 @I1@ INDI\n1 NAME A\n1 SEX F\n0 TRLR\n").encode(), "this file gives no fact"),
        ((HEAD + "0 @I1@ INDI\nxx yy\n0 TRLR\n").encode(), "left out: 1 line unlike GEDCOM (line 6)"),
        (b"\0" * 1000, "this is not a text file"),
        (b"person,sex\nAnn,f\n", "line 1: this looks like the head of our CSV, but the column kind is missing"),
        (b"kind,person,person\n", "line 1: the column person is there twice"),
        (b"kind,person,sex\nperson,Lee, Ann,f\n", "line 2: 4 cells, but 3 columns; put a cell in quotation marks"),
        (b'Ann,aunt,Bea\n\nAnn,aunt,"Bea\nCy,aunt,Bea\n', "line 3: a cell that begins with a quotation mark"),
        (b'Ann,aunt,"Bea" Lee\n', "line 1: a cell that begins with a quotation mark"),
        (
            b"kind,person,sex,other\nchild,Ann,,Bo\nperson,Ann\nperson,Ann\n",
            "line 4: 'Ann' is there twice, first in line 3",
        ),
    ],
)
def test_bad_files_get_one_line(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "bad"
    path.write_bytes(content)
    with pytest.raises(FamilyTreesError) as problem:
        read_tree(path)
    assert told in str(problem.value)
    assert str(problem.value).startswith(str(path))
    assert "\n" not in str(problem.value)


def test_a_line_of_descent_of_any_length(tmp_path: Path) -> None:
    count = 3000
    records = "".join(person(f"I{k}", f"P{k}", "M") for k in range(count))
    records += "".join(family(f"F{k}", f"HUSB I{k}", f"CHIL I{k + 1}") for k in range(count - 1))
    assert len(read_tree(gedcom(tmp_path, records)).triples) == 2 * (count - 1)


def test_a_file_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    records = person("A", "Ann", "F") + person("B", "Bob", "M") + family("F1", "HUSB B", "WIFE A")
    path = tmp_path / "cut.ged"
    path.write_text(HEAD + records, encoding="utf-8")
    found = read_tree(path)
    assert len(found.triples) == 2
    assert found.left_out == {"closing line (0 TRLR), as if the file were cut off": (1, 13)}


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.ged"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(FamilyTreesError, match=r"100,000,001 bytes; a family file may have at most 100,000,000"):
        read_tree(path)


def test_facts_about_people_of_unknown_sex_are_counted() -> None:
    families = Families((Person("A", "female"), Person("B", None)), (("B", "A"),), ())
    found = derive_facts(families)
    assert found.triples == (Triple("B", "wife", "A"),)
    assert found.of_unknown_sex == 1  # that A has B, as what?


def test_formulas_in_names_are_made_harmless(tmp_path: Path) -> None:
    path = tmp_path / "triples.csv"
    path.write_text("=1+1,friend,@cmd\n", encoding="utf-8")
    command = [sys.executable, "-m", "family_trees", "facts", "--tree", str(path), "--csv"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[1] == "'=1+1,friend,'@cmd"
    for safe in ("Ann", "Ann-Bea", "a=b", "Ann; Bea"):
        assert safe_for_spreadsheets(safe) == safe
    for formula in ("=1+1", " =1+1", "\t@x", "\x00+1", "\u200b-1", "\uff1d1", "\tAnn", "Ann;=1+1", "Ann\r\n=1"):
        assert not re.search(r"(^|[;\t\r\n])\s*[=+@\uff1d-]", safe_for_spreadsheets(formula)), formula
        assert safe_for_spreadsheets(formula).replace("'", "") == formula


def test_on_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "1986.ged"
    path.write_text(to_gedcom(load_families()), encoding="utf-8")

    def facts(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "family_trees", "facts", "--tree", str(path), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert "112  facts, in 104 cases, of 24 people" in facts().stdout
    command = [sys.executable, "-m", "family_trees", "facts", "--gedcom"]
    assert subprocess.run(command, capture_output=True, check=True).stdout.decode() == to_gedcom(load_families())
    assert "give it without --tree" in facts("--gedcom").stderr
    assert "Colin has-aunt Jennifer, Margaret" in facts("--person", "colin", "--relation", "aunt").stdout
    assert len(json.loads(facts("--json").stdout)) == 112
    path.write_text(path.read_text(encoding="utf-8").replace("0 TRLR", "0 @I1@ INDI\nTRLR"), encoding="utf-8")
    told = facts("--person", "colin").stderr.splitlines()
    last = len(path.read_text(encoding="utf-8").splitlines())
    assert told[0] == f"left out: 1 record whose key (@...@) another one has (line {last - 1})"
    failed = facts("--person", "chris")
    assert failed.returncode == 1
    assert "may be Christopher, Christine" in failed.stderr


def test_the_trees_of_1986_as_gedcom_train_the_network_of_1986(tmp_path: Path) -> None:
    (tmp_path / "1986.ged").write_text(to_gedcom(load_families()), encoding="utf-8")

    def trained(*words: str) -> str:
        command = [sys.executable, "-m", "family_trees", "train", "--sweeps", "30", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    trained("--out", "one.npz")
    trained("--tree", "1986.ged", "--recipe", "larger-steps", "--out", "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    trained("--tree", "1986.ged", "--layers", "3,4,5,2", "--out", "three.npz")
    assert [layer.units for layer in load(tmp_path / "three.npz").architecture.layers] == [24, 12, 3, 4, 5, 2, 24]


def test_a_family_with_any_relations_is_trained_asked_and_looked_into(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("Ann,best friend,Bo\nBo,best friend,Cy\nCy,rival,Ann\n", encoding="utf-8")

    def ran(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "family_trees", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ran("train", "--tree", "own.csv", "--sweeps", "300", "--held-out", "1", "--out", "own.npz").returncode == 0
    assert "Bo best friend: " in ran("query", "bo", "best friend", "--model", "own.npz").stdout
    for words in (["analyse"], ["figures"], ["explain", "Ann", "best friend"]):
        after = ran(*words, "--model", "own.npz")
        assert (after.returncode, "Traceback" in after.stderr) == (0, False), after.stderr
    assert "this is for networks of 1986, and this model is of matrices" in ran("explore", "--model", "own.npz").stderr
    failed = ran("train", "--tree", "own.csv", "--held-out", "3")
    assert failed.returncode == 1
    assert "give 0 to 2" in failed.stderr
    assert "give four whole numbers" in ran("train", "--layers", "6,6").stderr


def test_the_network_grows_with_the_square_root_of_the_people() -> None:
    assert family_network(24, 12) == FAMILY_TREE_NETWORK
    sizes = [[layer.units for layer in family_network(people, 12).layers[2:6]] for people in (2, 200, 3000)]
    assert sizes == [[6, 6, 12, 6], [17, 6, 34, 17], [67, 6, 134, 67]]


def test_a_model_is_held_against_a_file_as_it_is_now(tmp_path: Path) -> None:
    lines = to_triples(load_families())
    (tmp_path / "then.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "now.csv").write_text(
        "\n".join(line for line in lines if line != "Colin,aunt,Margaret"), encoding="utf-8"
    )
    (tmp_path / "other.csv").write_text("\n".join([*lines, "Colin,aunt,Zoe"]), encoding="utf-8")

    def ran(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "family_trees", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    told = ran("train", "--tree", "then.csv", "--learner", "network", "--out", "own.npz")
    assert told.returncode == 0, told.stderr
    for words in ("small-batches", "surest predictions", "least likely", "held-out cases right", "95% interval"):
        assert words in told.stdout
    for name, facts in (("then.csv", ["Jennifer", "Margaret"]), ("now.csv", ["Jennifer"])):
        answer = ran("query", "Colin", "aunt", "--model", "own.npz", "--tree", name)
        assert ("The facts have changed since the training" in answer.stdout) == (name == "now.csv")
        answer = ran("query", "Colin", "aunt", "--model", "own.npz", "--tree", name, "--json")
        assert sorted(json.loads(answer.stdout)["facts"]) == facts
    failed = ran("query", "Colin", "aunt", "--model", "own.npz", "--tree", "other.csv")
    assert (failed.returncode, failed.stderr.count("\n")) == (1, 1)
    assert "has somebody that own.npz was not trained on, 'Zoe'" in failed.stderr
    failed = ran("query", "Colin", "aunt", "--tree", "now.csv")
    assert failed.returncode == 2
    assert "give --model, too" in failed.stderr
    for command in (["figures", "--out", "drawn"], ["explore"]):
        assert ran(*command, "--model", "own.npz", "--tree", "then.csv").returncode == 0
        failed = ran(*command, "--model", "own.npz", "--tree", "now.csv")
        assert "its facts are not those that own.npz was trained on" in failed.stderr
    listed = ran("check", "--model", "own.npz", "--tree", "now.csv", "--top", "300").stdout
    assert "Colin" in listed
    assert not re.search(r"Colin +has-aunt Margaret", listed)


def test_what_is_read_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("\n".join(to_triples(load_families())), encoding="utf-8")
    before = path.read_bytes()

    def failed(*words: str) -> str:
        command = [sys.executable, "-m", "family_trees", *words]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ran.returncode == 1
        return ran.stderr

    assert "this file is an input" in failed(
        "train", "--tree", "own.csv", "--sweeps", "1", "--out", "../" + tmp_path.name + "/own.csv"
    )
    subprocess.run(
        [sys.executable, "-m", "family_trees", "train", "--tree", "own.csv", "--sweeps", "1", "--out", "own.npz"],
        cwd=tmp_path, capture_output=True, check=True,
    )  # fmt: skip
    for out in ("own.csv", "own.npz"):
        assert "this file is an input" in failed("explore", "--model", "own.npz", "--tree", "own.csv", "--out", out)
    assert path.read_bytes() == before


def to_triples(families: Families) -> list[str]:
    return [",".join(triple) for triple in derive_facts(families).triples]


def test_a_study_of_a_family_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("a,next,b\nb,next,c\nc,next,d\nd,next,a\n", encoding="utf-8")
    (tmp_path / "study.toml").write_text(
        'title = "own"\nseeds = 3\nheld_out = [["a next"], ["c next"]]\ncheckpoints = [0]\n[[recipes]]\nsweeps = 5\n'
        '[[recipes]]\nname = "batches"\nsweeps = 5\nbatch = 2\n',
        encoding="utf-8",
    )

    def ran(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "family_trees", "study", "study.toml", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    own = ("--tree", "own.csv", "--workers", "1", "--out", "found")
    done = ran(*own, "--layers", "2,2,3,2")
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(tmp_path / "found" / "networks.csv")
    assert len(table) == 2 * 2 * 3 * 2
    assert set(table["training_cases"]) == {3}
    cases = pd.read_csv(tmp_path / "found" / "cases.csv")
    assert {*zip(cases["split"], cases["person"], cases["relation"], strict=True)} == {
        (0, "a", "next"),
        (1, "c", "next"),
    }
    assert "this study is finished" in ran(*own, "--layers", "2,2,3,2").stdout
    assert "holds another study" in ran(*own).stderr  # of other layers
    (tmp_path / "own.csv").write_text("a,next,b\nb,next,c\nc,next,d\nd,next,b\n", encoding="utf-8")
    assert "holds another study" in ran(*own, "--layers", "2,2,3,2").stderr  # of other facts
    assert "held_out" in ran().stderr  # the cases are not those of 1986


def test_sexes_that_are_not_understood_are_told(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("kind,person,sex,other\nperson,Ann,F\nperson,Bob,männlich\nmarriage,Bob,,Ann\n", encoding="utf-8")
    found = read_tree(path)
    assert found.triples == (Triple("Bob", "wife", "Ann"),)
    assert found.left_out["sex that is not understood; write m or f"] == (1, 3)
