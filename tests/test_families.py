"""The trees against the paper: counts, definitions, and the isomorphism of the two families."""

from __future__ import annotations

import csv

from family_trees.families.of_1986 import load_families
from family_trees.families.people import Triple
from family_trees.families.relations import RELATIONS, derive_triples
from family_trees.support.data import data_file

FAMILIES = load_families()
TRIPLES = derive_triples(FAMILIES)


def relatives(person: str, relation: str) -> set[str]:
    return {triple.person2 for triple in TRIPLES if triple[:2] == (person, relation)}


def test_counts_of_the_paper() -> None:
    cases = {triple[:2] for triple in TRIPLES}
    with_two = {case for case in cases if len(relatives(*case)) == 2}
    assert len(FAMILIES.people) == 24
    assert len(RELATIONS) == 12
    assert len(TRIPLES) == len(set(TRIPLES)) == 112
    assert len(cases) == 104
    grandchildren = ("Colin", "Charlotte", "Alfonso", "Sophia")
    assert with_two == {(child, relation) for child in grandchildren for relation in ("uncle", "aunt")}
    assert all(len(relatives(*case)) == 1 for case in cases - with_two)


def test_triples_are_those_of_the_csv() -> None:
    with data_file("triples.csv").open(encoding="utf-8", newline="") as file:
        rows = [Triple(**row) for row in csv.DictReader(file)]
    assert tuple(rows) == TRIPLES


def test_isomorphism() -> None:
    """Renaming the English to the Italians maps one half of the triples onto the other, exactly."""
    to = {person.name: person.equivalent for person in FAMILIES.people}
    english = {person.name for person in FAMILIES.people if person.nationality == "English"}
    one = {triple for triple in TRIPLES if triple.person1 in english}
    other = set(TRIPLES) - one
    assert len(one) == len(other) == 56
    assert {Triple(to[a], relation, to[b]) for a, relation, b in one} == other
    assert all(to[to[name]] == name for name in to)


def test_relations_as_the_paper_has_them() -> None:
    assert relatives("Colin", "uncle") == {"Arthur", "Charles"}
    assert relatives("Colin", "aunt") == {"Margaret", "Jennifer"}
    assert relatives("Colin", "father") == {"James"}
    assert relatives("Charlotte", "brother") == {"Colin"}
    assert relatives("Arthur", "sister") == {"Victoria"}
    assert relatives("Margaret", "nephew") == {"Colin"}
    assert relatives("Charles", "niece") == {"Charlotte"}
    assert relatives("Victoria", "husband") == {"James"}
    assert relatives("Christine", "son") == {"James"}
    assert not relatives("Margaret", "father")
    assert not relatives("Colin", "wife")


def test_inverse_relations() -> None:
    inverse = {
        ("husband",): ("wife",),
        ("wife",): ("husband",),
        ("son", "daughter"): ("father", "mother"),
        ("father", "mother"): ("son", "daughter"),
        ("brother", "sister"): ("brother", "sister"),
        ("nephew", "niece"): ("uncle", "aunt"),
        ("uncle", "aunt"): ("nephew", "niece"),
    }
    back = {relation: others for relations, others in inverse.items() for relation in relations}
    assert set(back) == set(RELATIONS)
    for a, relation, b in TRIPLES:
        assert a != b
        assert any(a in relatives(b, other) for other in back[relation])


def test_sex_chooses_the_word() -> None:
    sexes = {person.name: person.sex for person in FAMILIES.people}
    male = RELATIONS[::2]
    assert all((triple.relation in male) == (sexes[triple.person2] == "male") for triple in TRIPLES)


def test_column_order_of_figure_4() -> None:
    names = [person.name for person in FAMILIES.people]
    printed = "Christopher Andrew Arthur James Charles Colin Penelope Christine Victoria Jennifer Margaret Charlotte"
    assert " ".join(names[:12]) == printed
    assert names[12:] == [person.equivalent for person in FAMILIES.people[:12]]
