"""The readers of families: files that are damaged, in other encodings, from spreadsheets, or of any size."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest
from fuzz_readers import SHARES, check_tree, input_of, lines_of, try_kind
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from made_up_inputs import GEDCOM_OF_1986, tree_kinds
from test_genealogy import HEAD, SAMPLES, family, gedcom, person

from family_trees.families.of_1986 import load_families
from family_trees.families.people import Families, Person, Triple
from family_trees.families.readers.gedcom import to_gedcom
from family_trees.families.readers.records import MAX_FILE_BYTES, Tally, as_utf_8, numbered_lines
from family_trees.families.readers.tree import Reading, left_out_lines, read_tree
from family_trees.families.relations import derive_facts, facts_upper_bound
from family_trees.families.task import Case, Task
from family_trees.support.errors import FamilyTreesError

COUPLE = person("A", "Jürgen /Bôle/", "M") + person("B", "Zoë", "F") + family("F", "HUSB A", "WIFE B")
ENCODINGS = {
    "UTF-8 with a mark": ("UTF-8", "utf-8-sig"),
    "UTF-16 LE": ("UNICODE", "utf-16-le"),
    "UTF-16 BE": ("UNICODE", "utf-16-be"),
    "UTF-16 with a mark": ("UTF-16", "utf-16"),
    "ANSI": ("ANSI", "cp1252"),
    "ANSEL": ("ANSEL", "gedcom"),
    "IBM": ("IBMPC", "cp437"),
    "UTF-8 that says ANSEL": ("ANSEL", "utf-8"),
    "Windows that says UTF-8": ("UTF-8", "cp1252"),
    "Windows that says ASCII": ("ASCII", "cp1252"),
    "of another planet": ("KLINGON", "utf-8"),
}


def written(tmp_path: Path, content: str | bytes, name: str = "family") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(tmp_path: Path, records: str) -> Reading:
    return read_tree(gedcom(tmp_path, records))


def facts(found: Reading) -> set[str]:
    return {" ".join(triple) for triple in found.triples}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("which", ENCODINGS)
def test_every_encoding_and_end_of_line(tmp_path: Path, which: str, end: str) -> None:
    import ged4py  # noqa: F401 - it brings ANSEL

    name, codec = ENCODINGS[which]
    text = (HEAD.replace("UTF-8", name) + COUPLE + "0 TRLR\n").replace("\n", end)
    found = read_tree(written(tmp_path, text.encode(codec)))
    assert found.people == ("Jürgen Bôle", "Zoë")
    wrong = {"line not in UTF-8, read as well as possible": (2, 6)} if which.startswith("Windows") else {}
    assert found.left_out == wrong


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples stand beside the repository, and not here")
@pytest.mark.parametrize("which", ENCODINGS)
@pytest.mark.parametrize("name", ["bronte", "shakespeare", "bach", "bourbon"])
def test_samples_in_every_encoding(tmp_path: Path, name: str, which: str) -> None:
    import ged4py  # noqa: F401

    said, codec = ENCODINGS[which]
    original = SAMPLES / f"{name}.ged"
    text = original.read_text(encoding="utf-8-sig").replace("1 CHAR UTF-8", f"1 CHAR {said}")
    found, expected = read_tree(written(tmp_path, text.encode(codec, "replace"))), read_tree(original)
    assert len(found.triples) == len(expected.triples)
    if codec.startswith("utf"):
        assert found == expected


def test_bytes_that_mean_nothing_cost_their_line_alone(tmp_path: Path) -> None:
    raw = (HEAD + person("C", "Cléo", "F") + COUPLE + family("F2", "WIFE B", "CHIL C") + "0 TRLR\n").encode()
    found = read_tree(written(tmp_path, raw.replace("é".encode(), b"\xe9\x81")))
    assert found.people[1:] == ("Jürgen Bôle", "Zoë")
    assert found.people[0].startswith("Clé")
    assert left_out_lines(found.left_out) == ["1 line not in UTF-8, read as well as possible (line 6)"]


DAMAGE = {
    "text that goes on": ("1 NAME Bob", "1 NAME Bob\nwho was tall\nand thin", "line unlike GEDCOM", (2, 10)),
    "a jump of levels": ("1 NAME Bob", "1 NAME Bob\n4 DATE 1700\n3 PLAC Rome", "line more than a level below", (1, 10)),
    "CONC at the top": ("1 NAME Bob", "0 CONC Bob\n1 NAME Bob", "CONC or CONT out of place", (1, 9)),
    "CONT after a level": ("1 NAME Bob", "1 NAME Bob\n3 CONT x", "CONC or CONT out of place", (1, 10)),
    "a megabyte": ("1 NAME Bob", "1 NAME Bob\n1 NOTE " + "x" * 1_000_000, "", None),
    "a megabyte of name": ("1 NAME Bob", "1 NAME Bob" + " " * 1_000_000, "line longer than 10,000 bytes", (1, 9)),
    "the same key": ("0 @B@ INDI", "0 @A@ INDI\n1 NAME Eve\n1 SEX M\n0 @B@ INDI", "record whose key", (1, 8)),
    "no key": ("0 @B@ INDI", "0 INDI\n1 NAME Eve\n0 @B@ INDI", "record without a key", (1, 8)),
    "a broken key": ("0 @B@ INDI", "0 @B INDI\n1 NAME Eve\n0 @B@ INDI", "line unlike GEDCOM", (1, 8)),
    "a name for a key": ("1 WIFE @A@", "1 WIFE Ann\n1 WIFE @A@", "reference that cannot be read", (1, 13)),
    "nobody there": ("1 WIFE @A@", "1 CHIL @Z@\n1 WIFE @A@", "reference to people who are not", (1, 13)),
    "three partners": ("1 WIFE @A@", "1 WIFE @A@\n1 HUSB @C@", "partner beyond two in one family", (1, 14)),
    "their own child": ("1 WIFE @A@", "1 WIFE @A@\n1 CHIL @A@", "person said to be their own child", (1, 14)),
    "no head": (HEAD, "", "opening line (0 HEAD)", (1, 1)),
    "letters of the wrong case": ("1 NAME Bob", "1 name Bob", "", None),
    "blanks before": ("1 NAME Bob", "   1  NAME Bob\n\n\n", "", None),
}


@pytest.mark.parametrize("which", DAMAGE)
def test_a_damaged_file_is_read_as_far_as_it_is_usable(tmp_path: Path, which: str) -> None:
    old, new, reason, expected = DAMAGE[which]
    text = HEAD + person("A", "Ann", "F") + person("B", "Bob", "M") + family("F", "HUSB B", "WIFE A")
    text += person("C", "Cy", "M") + person("D", "Di", "F") + family("G", "HUSB C", "WIFE D") + "0 TRLR\n"
    assert text.count(old) == 1
    found = read_tree(written(tmp_path, text.replace(old, new)))
    assert facts(found) == {"Ann husband Bob", "Bob wife Ann", "Cy wife Di", "Di husband Cy"}
    counted = {told: left for told, left in found.left_out.items() if told != "person without a fact"}
    assert [*counted.values()] == ([] if expected is None else [expected])
    assert all(told.startswith(reason) for told in counted)


def test_what_stands_below_a_spoiled_line_does_not_go_to_the_one_above(tmp_path: Path) -> None:
    text = HEAD + person("A", "Ann", "F") + "0 @B INDI\n1 NAME Bob\n1 FAMS @F@\n" + person("C", "Cy", "M")
    found = read_tree(written(tmp_path, text + family("F", "HUSB C", "WIFE A") + "0 TRLR\n"))
    assert facts(found) == {"Ann husband Cy", "Cy wife Ann"}


def test_names_go_on_in_the_next_line(tmp_path: Path) -> None:
    records = person("A", "Jo", "M", "").replace("1 NAME Jo\n", "1 NAME Jo\n2 CONC hann\n2 CONT /Bach/\n")
    assert (
        read(tmp_path, records + person("B", "Eva", "F") + family("F", "HUSB A", "WIFE B")).people[0] == "Johann Bach"
    )


def test_gedcom_7(tmp_path: Path) -> None:
    records = (
        person("A", "Ann", "F") + person("B", "Bob", "M") + person("X1", "Cy", "X")
        + family("F1", "HUSB VOID", "WIFE A", "CHIL B", "CHIL VOID") + family("F2", "HUSB B", "WIFE X1")
    )  # fmt: skip
    path = written(tmp_path, "\ufeff0 HEAD\n1 GEDC\n2 VERS 7.0\n" + records + "0 TRLR\n")
    assert facts(found := read_tree(path)) == {"Ann son Bob", "Bob mother Ann", "Cy husband Bob"}
    assert [*found.left_out] == ["fact about a person of unknown sex, which chooses the word"]


def test_families_are_what_they_say_and_what_their_people_say(tmp_path: Path) -> None:
    people = (
        person("C", "Cy", "M", "1 FAMC @F@\n1 FAMC @F@\n") + person("D", "Di", "F")
        + person("A", "Ann", "F", "1 FAMS @F@\n")
        + person("B", "Bob", "M", "1 FAMS @F@\n1 FAMS @G@\n") + person("E", "Eve", "F", "1 FAMC @G@\n")
    )  # fmt: skip
    found = read(tmp_path, people + family("F", "HUSB B", "CHIL D"))
    expected = {
        *("Cy mother Ann", "Cy father Bob", "Cy sister Di", "Cy sister Eve", "Di mother Ann", "Di father Bob"),
        *("Di brother Cy", "Di sister Eve", "Eve father Bob", "Eve brother Cy", "Eve sister Di", "Ann husband Bob"),
        *("Bob wife Ann", "Ann son Cy", "Ann daughter Di", "Bob son Cy", "Bob daughter Di", "Bob daughter Eve"),
    }
    assert facts(found) == expected
    assert [*found.left_out] == ["family without a record, known from its members alone"]


def test_couples_of_one_sex_and_children_of_two_families(tmp_path: Path) -> None:
    people = person("A", "Ann", "F") + person("B", "Bea", "F") + person("C", "Cy", "M") + person("D", "Di", "F")
    found = read(tmp_path, people + family("F", "WIFE A", "WIFE B", "CHIL C") + family("G", "WIFE D", "CHIL C"))
    assert {"Ann wife Bea", "Bea wife Ann", "Cy mother Ann", "Cy mother Bea", "Cy mother Di"} <= facts(found)
    assert not any(triple.relation == "wife" and "Di" in triple for triple in found.triples)


def test_nothing_in_a_name_steers_the_terminal(tmp_path: Path) -> None:
    records = person("A", "A\x1b[2Jn\u202en\x00 \x07", "F") + person("B", "B\u0308ob" + "x" * 5000, "M")
    found = read(tmp_path, records + family("F", "WIFE A", "HUSB B"))
    assert found.people[0] == "A [2Jn n"
    assert (len(found.people[1]), found.people[1][-1]) == (100, "…")
    found = read_tree(written(tmp_path, "A\x1b[2J,f\x9briend,B\x07\n", "triples"))
    assert all(word.isprintable() for triple in found.triples for word in triple)


def test_names_that_differ_only_in_the_case_of_letters_are_the_same(tmp_path: Path) -> None:
    found = read_tree(written(tmp_path, "Ann,aunt,Bo\nANN,Aunt,Son\nann,son,BO\nSon,son,Bo\nAnn,has-AUNT,ann\n"))
    assert found.people == ("Ann", "Bo", "Son")
    assert found.relations == ("aunt", "son")
    assert left_out_lines(found.left_out) == [
        "3 spellings of a name in other capitals, such as ANN for Ann (the first is line 2)",
        "1 person related to themselves (line 5)",
    ]
    task = Task(found.people, found.relations, found.triples)
    assert task.find_person("aNN") == "Ann"
    assert task.find_person("son") == "Son"
    assert task.find_case("son son") == Case("Son", "son")
    assert task.find_case("ANN has-aunt") == Case("Ann", "aunt")


def test_relations_and_people_of_several_words() -> None:
    people = ("Ann", "Ann best", "Bo Lee", "John (1850-1910)", "John (1850-1910) #2")
    triples = [
        Triple("Ann", "best friend", "Bo Lee"),
        Triple("Bo Lee", "friend", "Ann"),
        Triple("Ann best", "boss", "Ann"),
    ]
    triples += [Triple("John (1850-1910)", "works for", "Ann"), Triple("John (1850-1910) #2", "works for", "Ann")]
    task = Task(people, ("friend", "best friend", "boss", "works for"), tuple(triples))
    for case in task.cases:
        assert task.find_case(str(case)) == task.find_case(str(case).upper()) == case
    assert task.find_case("lee has-friend") == Case("Bo Lee", "friend")
    assert task.find_person("john (1850-1910)") == "John (1850-1910)"
    with pytest.raises(FamilyTreesError, match=r"may be John \(1850-1910\), John \(1850-1910\) #2; give more"):
        task.find_person("john")
    with pytest.raises(FamilyTreesError, match="unknown relation 'work'"):
        task.find_case("Ann work")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_as_spreadsheets_write_them(tmp_path: Path, delimiter: str) -> None:
    text = (
        '\ufeffKind,Person,SEX,Other,Parent 2,Born,Notes\r\n# a, comment, "\r\n,,,,,,\r\n'
        'PERSON,"Lee; Ann\nMary",F,,,1850,\r\n'
        'person,Bob,M,,,,"said ""no"""\r\nperson,Cy,m,,,,\r\nmarriage,Bob,,Lee; Ann Mary,,,\r\nchild,Cy,,,Bob,,\r\n'
        "child,Cy,,Zed,,,\r\nmarriage,Bob,,Bob,,,\r\n"
    )
    if delimiter != ",":
        text = (
            text.replace(";", "|").replace(",", delimiter).replace("|", ";").replace("Lee; Ann Mary", '"Lee; Ann Mary"')
        )
    found = read_tree(written(tmp_path, text))
    assert found.people == ("Lee; Ann Mary", "Bob", "Cy")
    assert len(found.triples) == 4
    assert found.left_out == {
        "reference to people who are not in the file": (1, 10),
        "person married to themselves": (1, 11),
    }


def test_triples_with_semicolons_and_in_windows_letters(tmp_path: Path) -> None:
    found = read_tree(
        written(tmp_path, ';;;;\n"Person 1";Relation;Person 2;;\nLee, Zoë;Friend;Bo;;\nBo;friend;Cy\n'.encode("cp1252"))
    )
    assert found.triples == (Triple("Lee, Zoë", "Friend", "Bo"), Triple("Bo", "Friend", "Cy"))


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "link")
    for path, message in (
        (tmp_path / "pipe", "this is a device or a pipe; give the path of a family file"),
        (Path("/dev/zero"), "this is a device or a pipe; give the path of a family file"),
        (tmp_path, "this is a directory; give the path of a family file"),
        (tmp_path / "link", "cannot read"),
        (tmp_path / "none", "cannot read: No such file or directory"),
        (Path("\0"), "no path of a file"),
    ):
        with pytest.raises(FamilyTreesError, match=message):
            read_tree(path)


def test_two_gigabytes_are_not_read(tmp_path: Path) -> None:
    with (tmp_path / "large.ged").open("wb") as file:
        file.truncate(2_000_000_000)
    tracemalloc.start()
    with pytest.raises(
        FamilyTreesError, match=f"2,000,000,000 bytes; a family file may have at most {MAX_FILE_BYTES:,}"
    ):
        read_tree(tmp_path / "large.ged")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_too_many_facts_are_refused_before_they_are_derived(tmp_path: Path) -> None:
    count = 5000
    records = person("P", "Pa", "M") + "".join(person(f"C{k}", "Kid", "M") for k in range(count))
    records += "0 @F@ FAM\n1 HUSB @P@\n" + "".join(f"1 CHIL @C{k}@\n" for k in range(count))
    with pytest.raises(FamilyTreesError, match=r"ged, line 5: Pa has 5,000 children and 0 partners; up to 25,"):
        read(tmp_path, records)


def test_people_of_one_name_are_numbered_in_linear_steps(tmp_path: Path) -> None:
    records = "".join(person(f"I{k}", "Jo", "MF"[k % 2]) for k in range(4000))
    records += "".join(family(f"F{k}", f"HUSB I{k}", f"WIFE I{k + 1}") for k in range(0, 4000, 2))
    found = read(tmp_path, records)
    assert found.people == tuple(f"Jo #{k + 1}" for k in range(4000))


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_there_are_never_more_facts_than_foretold(data: st.DataObject) -> None:
    names = [f"P{k}" for k in range(data.draw(st.integers(2, 12)))]
    later = st.integers(0, len(names) - 2).flatmap(lambda k: st.tuples(st.integers(k + 1, len(names) - 1), st.just(k)))
    pairs = data.draw(st.lists(later, max_size=20, unique=True))
    couples = data.draw(st.lists(later, max_size=20, unique=True))
    families = Families(
        tuple(Person(name, "male") for name in names),
        tuple((names[one], names[other]) for one, other in couples),
        tuple((names[child], names[parent]) for child, parent in pairs),
    )
    assert len(derive_facts(families).triples) <= facts_upper_bound(families)


@given(st.lists(st.tuples(st.text("ab \x0b\x1c\x85"), st.sampled_from(["\n", "\r\n", "\r"]))))
def test_lines_are_numbered_however_they_end(parts: list[tuple[str, str]]) -> None:
    raw = "".join(line + end for line, end in parts).encode()
    assert [line for _, line in numbered_lines(raw)] == raw.splitlines()
    assert [number for number, _ in numbered_lines(raw)] == list(range(1, len(raw.splitlines()) + 1))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff")))
def test_utf_16_is_known_by_its_mark(text: str) -> None:
    assert as_utf_8(text.encode("utf-16")).decode() == text
    assert as_utf_8(text.encode("utf-8-sig")).decode() == text


def test_what_was_left_out_is_told_in_words() -> None:
    tally = Tally()
    for reason, line in (("line unlike GEDCOM", 17), ("line unlike GEDCOM", 9), ("person without a fact", None)):
        tally.add(reason, line)
    tally.add("fact said twice", 3)
    tally.add("fact said thrice", 3, times=0)
    assert left_out_lines(tally) == [
        "2 lines unlike GEDCOM (the first is line 9)",
        "1 person without a fact",
        "1 fact said twice (line 3)",
    ]


@pytest.mark.parametrize("kind", SHARES)
def test_made_up_inputs_hold_together_or_are_refused(tmp_path: Path, kind: str) -> None:
    """`python scripts/fuzz_readers.py` does this with a hundred thousand inputs."""
    tried = try_kind(kind, 60, seed=6, samples=None, crashes=tmp_path / "crashes")
    assert (tried.failed, tried.read + tried.refused) == (0, 60)
    assert not (tmp_path / "crashes").exists()
    share = SHARES[kind]
    assert 0 < share < 1
    if "grammar" in kind:
        assert tried.read > 30
    assert lines_of([tried])[1].startswith(kind)


def test_an_input_of_the_fuzzer_can_be_made_again() -> None:
    for kind, make in tree_kinds([GEDCOM_OF_1986]).items():
        several = [input_of(kind, number, 3, make) for number in range(20)]
        assert several == [input_of(kind, number, 3, make) for number in range(20)]
        assert len({*several}) > 10


def test_the_fuzzer_knows_more_than_a_thousand_people(tmp_path: Path) -> None:
    rows = "".join(f"Person {k},friend,Person {k + 1}\n" for k in range(1200))
    found = check_tree(written(tmp_path, rows))
    assert found is not None
    assert len(found.people) == 1201


def test_the_fuzzer_keeps_what_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fuzz_readers.check_tree", lambda path: {}[path])
    tried = try_kind("random bytes", 2, seed=0, samples=None, crashes=tmp_path / "crashes")
    assert (tried.failed, tried.read, tried.refused) == (2, 0, 0)
    assert [path.name for path in sorted((tmp_path / "crashes").iterdir())] == ["random-bytes-0-0", "random-bytes-0-1"]


KEYS = st.integers(0, 5)
NOISE = st.one_of(
    st.builds("0 @{}{}@ {}".format, st.sampled_from("IF"), KEYS, st.sampled_from(["INDI", "FAM"])),
    st.builds("1 NAME {}".format, st.text(max_size=8)),
    st.builds("{} {} {}".format, st.integers(0, 4), st.sampled_from(["BIRT", "DATE", "CONC"]), st.text(max_size=8)),
    st.text(max_size=20),
)


@st.composite
def gedcoms(draw: st.DrawFn) -> bytes:
    """People and families of few keys, with some lines between theirs that make no sense."""
    in_family = st.builds("1 {} @F{}@".format, st.sampled_from(["FAMS", "FAMC"]), KEYS)
    in_record = st.builds("1 {} @I{}@".format, st.sampled_from(["HUSB", "WIFE", "CHIL"]), KEYS)
    lines = ["0 HEAD"]
    for key in range(draw(KEYS)):
        lines += [f"0 @I{key}@ INDI", f"1 NAME {draw(st.text(max_size=3))}", f"1 SEX {draw(st.sampled_from('MFX'))}"]
        lines += draw(st.lists(in_family, max_size=2))
    for key in range(draw(KEYS)):
        lines += [f"0 @F{key}@ FAM", *draw(st.lists(in_record, max_size=4))]
    for noise in draw(st.lists(NOISE, max_size=6)):
        lines.insert(draw(st.integers(0, len(lines))), noise)
    return "\n".join(lines).encode("utf-8", "replace")


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=300), gedcoms()))
@example(b"0 HEAD\n1 CHAR \x00")
@example(b"0 HEAD\r0 @A1@ INDI\r1 NAME \xff\r0 TRLR")
@example(to_gedcom(load_families()).encode("utf-16-be"))
def test_anything_at_all_is_read_or_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    check_tree(written(tmp_path, content))
