"""Loops of descent, and brothers and sisters whose parents have no record."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_genealogy import HEAD, family, gedcom, person

from family_trees.families.people import Families, Person
from family_trees.families.readers.descent import without_loops
from family_trees.families.readers.gedcom import to_gedcom
from family_trees.families.readers.records import Birth, Tally
from family_trees.families.readers.tree import Reading, left_out_lines, read_tree
from family_trees.families.relations import derive_facts, facts_upper_bound
from family_trees.support.errors import FamilyTreesError


def facts(found: Reading) -> set[str]:
    return {" ".join(triple) for triple in found.triples}


def table(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "family.csv"
    path.write_text("\n".join(["kind,person,sex,other,parent2", *rows]), encoding="utf-8")
    return path


# -- loops of descent


def test_the_links_of_a_loop_are_left_out_and_the_rest_is_read(tmp_path: Path) -> None:
    records = (
        person("A", "Ann", "F") + person("B", "Bob", "M") + person("C", "Cy", "M") + person("D", "Di", "F")
        + family("F1", "WIFE A", "CHIL B", "CHIL C") + family("F2", "HUSB B", "CHIL A")
        + family("F3", "WIFE D", "CHIL A")
    )  # fmt: skip
    found = read_tree(gedcom(tmp_path, records))
    assert facts(found) == {"Cy mother Ann", "Ann son Cy", "Ann mother Di", "Di daughter Ann"}
    assert left_out_lines(found.left_out) == [
        "2 links of a loop of descent, Bob <- Ann <- Bob (the first is line 19)",
        "1 person without a fact (line 8)",
    ]


def test_a_table_may_hold_a_loop_too(tmp_path: Path) -> None:
    people = ("person,Ann,f", "person,Bob,m", "person,Cy,m", "person,Ed,m")
    found = read_tree(table(tmp_path, *people, "child,Ann,,Bob", "child,Bob,,Ann", "child,Cy,,Bob,Ann", "child,Ed,,Ed"))
    assert facts(found) == {"Cy father Bob", "Cy mother Ann", "Bob son Cy", "Ann son Cy"}
    assert left_out_lines(found.left_out)[:2] == [
        "1 person said to be their own child (line 9)",
        "2 links of a loop of descent, Ann <- Bob <- Ann (the first is line 6)",
    ]


def births_of(links: Iterable[tuple[int, int]]) -> list[Birth]:
    return [Birth(f"P{child}", (f"P{parent}",), line) for line, (child, parent) in enumerate(links, start=1)]


LABELS = {f"P{k}": f"Name {k}" for k in range(30_000)}


def test_several_loops_long_loops_and_people_who_are_their_own_parents() -> None:
    left_out = Tally()
    pairs = [(1, 2), (2, 1), (3, 3), (4, 5), (5, 6), (6, 7), (7, 4), (8, 9), (9, 8), (10, 11), (11, 10), (2, 12)]
    assert without_loops(births_of(pairs), LABELS, left_out) == [Birth("P2", ("P12",), 12)]
    assert left_out_lines(left_out) == [
        "2 links of a loop of descent, Name 1 <- Name 2 <- Name 1 (the first is line 1)",
        "1 link of a loop of descent, Name 3 <- Name 3 (line 3)",
        "4 links of a loop of descent, Name 4 <- Name 5 <- Name 6 <- ... <- Name 4 (4 people) (the first is line 4)",
        "4 links of further loops of descent (the first is line 8)",
    ]
    left_out = Tally()
    ring = [(k, (k + 1) % 30_000) for k in range(30_000)]
    assert without_loops(births_of(ring), LABELS, left_out) == []
    assert "30,000 links" in left_out_lines(left_out)[0]
    assert without_loops(births_of(ring[:-1]), LABELS, Tally()) == births_of(ring[:-1])


def test_a_shortest_loop_is_named_and_long_names_are_cut() -> None:
    left_out = Tally()
    links = [(1, 2), (2, 3), (3, 4), (4, 1), (2, 1)]
    without_loops(births_of(links), LABELS | {"P1": "x" * 100}, left_out)
    (line,) = left_out_lines(left_out)
    cut = "x" * 29 + "…"
    assert line == f"5 links of a loop of descent, {cut} <- Name 2 <- {cut} (the first is line 1)"


def ancestors(parents: Mapping[str, Iterable[str]], key: str) -> set[str]:
    found, near = set(), [*parents.get(key, ())]
    while near:
        each = near.pop()
        if each not in found:
            found.add(each)
            near += parents.get(each, ())
    return found


def links_of(births: Iterable[Birth]) -> set[tuple[str, str]]:
    return {(birth.child, parent) for birth in births for parent in birth.parents}


def parents_of(births: Iterable[Birth]) -> dict[str, set[str]]:
    parents: dict[str, set[str]] = {}
    for child, parent in links_of(births):
        parents.setdefault(child, set()).add(parent)
    return parents


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.builds(
            Birth,
            st.integers(0, 7).map("P{}".format),
            st.lists(st.integers(0, 7).map("P{}".format), min_size=1, max_size=3, unique=True).map(tuple),
            st.integers(1, 99),
        ),
        max_size=14,
    ),
    st.randoms(use_true_random=False),
)
def test_exactly_the_links_on_loops_are_left_out(births: list[Birth], shuffle: random.Random) -> None:
    """Afterwards nobody is their own ancestor, all other links stay, and the order of the file makes no difference."""
    before, left_out = parents_of(births), Tally()
    kept = without_loops(births, LABELS, left_out)
    after = parents_of(kept)
    assert not any(key in ancestors(after, key) for key in LABELS if key in after)
    gone = links_of(births) - links_of(kept)
    assert gone == {(c, p) for c, p in links_of(births) if c == p or c in ancestors(before, p)}
    assert sum(left.times for left in left_out.values()) == len(gone)
    if not gone:
        assert kept == births
    moved = [*births]
    shuffle.shuffle(moved)
    assert links_of(without_loops(moved, LABELS, Tally())) == links_of(kept)


# -- parents without a record

SISTERS = person("C", "Cy", "M") + person("D", "Di", "F") + person("E", "Eve", "F")


@pytest.mark.parametrize("partners", [["HUSB Z"], ["WIFE Z"], ["HUSB Y", "WIFE Z"], ["HUSB VOID"]])
def test_children_of_parents_without_a_record_are_brothers_and_sisters(tmp_path: Path, partners: list[str]) -> None:
    records = SISTERS + person("K", "Kit", "M") + person("H", "Hal", "M")
    records += family("F", *partners, "CHIL C", "CHIL D") + family("G", "HUSB H", "WIFE D", "CHIL K")
    found = read_tree(gedcom(tmp_path, records))
    assert {"Cy sister Di", "Di brother Cy", "Cy nephew Kit", "Kit uncle Cy", "Hal nephew Kit"} & facts(found) == {
        *("Cy sister Di", "Di brother Cy", "Cy nephew Kit", "Kit uncle Cy")
    }
    assert not {"Cy", "Di"} & {triple.person1 for triple in found.triples if triple.relation in ("father", "mother")}
    said = [told for told in left_out_lines(found.left_out) if "not in the file" in told]
    assert len(said) == (partners != ["HUSB VOID"])
    assert not any("without parents" in told for told in found.left_out)


def test_a_missing_parent_makes_no_relatives_beyond_one_family_record(tmp_path: Path) -> None:
    records = SISTERS + person("A", "Ann", "F")
    alone = (
        family("F", "HUSB Z", "CHIL C") + family("G", "HUSB Z", "WIFE A", "CHIL D") + family("H", "CHIL E", "CHIL C")
    )
    found = read_tree(gedcom(tmp_path, records + alone))
    assert facts(found) == {"Di mother Ann", "Ann daughter Di"}
    assert found.left_out["child of families without parents"].times == 3


def test_children_in_a_table_whose_parents_have_no_row(tmp_path: Path) -> None:
    people = ("person,Cy,m", "person,Di,f", "person,Eve,f", "person,Flo,f", "person,Gus,m")
    births = ("child,Cy,,Zed,Yve", "child,Di,,Yve,Zed", "child,Eve,,Zed", "child,Flo,,unknown", "child,Gus,,Unknown")
    found = read_tree(table(tmp_path, *people, *births))
    assert facts(found) == {"Cy sister Di", "Di brother Cy"}
    assert found.left_out["reference to people who are not in the file"] == (7, 7)


def test_groups_are_written_read_and_foretold(tmp_path: Path) -> None:
    people = tuple(Person(name, "male") for name in ("A", "B", "C", "D"))
    families = Families(people, (), (("D", "A"),), (("A", "B", "C"),))
    derived = derive_facts(families).triples
    assert len(derived) == 6 + 2 + 4
    assert len(derived) <= facts_upper_bound(families)
    path = tmp_path / "written.ged"
    path.write_text(to_gedcom(families), encoding="utf-8")
    assert {*read_tree(path).triples} == {*derived}


def test_too_large_a_group_is_refused(tmp_path: Path) -> None:
    records = "".join(person(f"C{k}", "Kid", "M") for k in range(5000))
    path = gedcom(tmp_path, records + family("F", "HUSB Z", *(f"CHIL C{k}" for k in range(5000))))
    assert path.read_text(encoding="utf-8").startswith(HEAD)
    with pytest.raises(FamilyTreesError, match=r"line 5: Kid #1 has 0 children and 0 partners and 4,999 brothers"):
        read_tree(path)
