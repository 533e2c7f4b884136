"""The layout of a pedigree: what must hold of any families, and the small ones that can be checked by hand."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from made_up import SMITHS, random_families

from family_trees.families.of_1986 import load_families
from family_trees.families.pedigree import couples, pedigree, sibships
from family_trees.families.people import Families, Person


@settings(max_examples=60, deadline=None)
@given(random_families())
def test_any_families_are_laid_out(families: Families) -> None:
    found = pedigree(families)
    placed = [name for row in found.rows for name in row]
    assert sorted(placed) == sorted(person.name for person in families.people) == sorted(found.x)
    for row in found.rows:
        assert all(found.x[right] - found.x[left] > 1 - 1e-9 for left, right in pairwise(row))
    for child, *parents in families.births:
        assert all(found.row[child] > found.row[parent] for parent in parents)
    partners = [name for couple in couples(families) for name in couple]
    for one, other in couples(families):
        if found.row[one] == found.row[other] and partners.count(one) == partners.count(other) == 1:
            assert abs(abs(found.x[one] - found.x[other]) - 1) < 1e-9
    assert found == pedigree(families)


def test_the_trees_of_1986_need_no_crossing() -> None:
    found = pedigree(load_families())
    assert [len(row) for row in found.rows] == [8, 12, 4]
    english = {person.name for person in load_families().people if person.nationality == "English"}
    for row in found.rows:
        assert len({name in english for name in row[: len(row) // 2]}) == 1
    for parents, children in sibships(load_families()).items():
        middle = sum(found.x[name] for name in parents) / 2
        assert min(found.x[name] for name in children) <= middle + 1
        assert max(found.x[name] for name in children) >= middle - 1


def test_who_married_twice_stands_between() -> None:
    found = pedigree(SMITHS)
    row = next(row for row in found.rows if "Gus" in row)
    assert {row[row.index("Gus") - 1], row[row.index("Gus") + 1]} == {"Hua", "Joy"}
    assert found.row["Yan"] == found.row["Ira"] - 1 == 1


def test_cousins_who_marry() -> None:
    people = tuple(Person(name, None) for name in ("A", "B", "C", "D", "E", "F", "G", "H", "I"))
    births = (("C", "A", "B"), ("D", "A", "B"), ("G", "C", "E"), ("H", "D", "F"), ("I", "G", "H"))
    found = pedigree(Families(people, (("A", "B"), ("C", "E"), ("D", "F"), ("G", "H")), births))
    assert [sorted(row) for row in found.rows] == [["A", "B"], ["C", "D", "E", "F"], ["G", "H"], ["I"]]
    assert abs(found.x["G"] - found.x["H"]) == 1


def test_nobody_has_no_pedigree() -> None:
    assert pedigree(Families((), (), ())).rows == ()
